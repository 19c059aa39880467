"""What a wrong shape, a wrong dtype or an exception tells, where it tells something.

Python and NumPy speak of core dimensions and operands; a student thinks of rows, columns and layers. None of these
sentences names a mistake: they only say what was said, in the words of the course.
"""

from __future__ import annotations

import re

import numpy as np

IN_WORDS = (
    # what Python or NumPy says, then the student's last line; and what it means here. Groups of the match go into the braces
    (
        r"matmul.*size (\d+) is different from 1\)",
        "a matrix product with one column on its left and {0} rows on its right. np.diag makes a matrix only of a flat array, such as .ravel() gives; of a column it takes the one entry on the diagonal",
    ),
    (
        r"matmul.*size (\d+) is different from 64\)",
        "a matrix product with 64 columns on its left, {0} rows on its right. If the 64 are the pixels of a digit, a network of the notebook stands in this line; the check brings its own, of other sizes",
    ),
    (
        r"matmul.*size (\d+) is different from (\d+)",
        "a matrix product whose inner numbers differ: {1} columns on its left, {0} rows on its right",
    ),
    (
        r"shapes \(\d+,(\d+)\) and \((\d+),\d+\) not aligned",
        "a matrix product whose inner numbers differ: {0} columns on its left, {1} rows on its right",
    ),
    (
        r"non-broadcastable output",
        "`+=` and its like cannot change a shape, and the array on the left has another one than what is added to it",
    ),
    (
        r"Generator' object has no attribute",
        "a generator draws with its own functions: rng.normal(size=…), rng.uniform(size=…), rng.integers(…)",
    ),
    (
        r"RecursionError",
        "the function calls itself, and never ends. Was another one meant?",
    ),
    (
        r"could not be broadcast together with shapes \(2,\)|could not be broadcast together with shapes .* \(2,\)",
        "entry by entry, shapes must be equal. (2,) is a flat array, which lies as a row ([:, None] stands it upright), or a pair, such as the (z, a) of forward: then take it apart first",
    ),
    (
        r"could not be broadcast together with shapes (?:.* )?\((\d+),\)",
        "entry by entry, shapes must be equal, or a 1 stands in place of a number. A flat array of {0} lies as a row; [:, None] stands it upright",
    ),
    (
        r"could not be broadcast together",
        "`+`, `-`, `*` and `/` go entry by entry and want equal shapes, or a 1 in place of a number. The matrix product is `@`",
    ),
    (
        r"KeyError: .*\n.*\+=",
        "`+=` adds to what stands there, and at first nothing does. Begin with zeros, before the loop",
    ),
    (
        r"KeyError: -",
        "a dict has no places to count from the end. The last layer is L = len(W)",
    ),
    (
        r"KeyError: (\d+)\n",
        "a dict has no entry {0}, or not yet. Layers are numbered 1 … L; of all dicts only a begins with 0",
    ),
    (
        r"matmul.*not have enough dimensions \(has 0",
        "`@` multiplies matrices, and a single number or a dict of all layers stands on one side: of W the matrix is W[l]",
    ),
    (
        r"'dict' object has no attribute '(?:add|append)'",
        "`{{}}` is an empty dict; an empty set is written `set()`, an empty list `[]`",
    ),
    (
        r"'dict' object has no attribute|(?:unsupported operand|bad operand|does not support argument).*\bdict\b",
        "the dict of all layers stands where one array is wanted: of W that is W[l]",
    ),
    (
        r"inhomogeneous shape",
        "arrays of different shapes came together where one is wanted. A function that returns several is taken apart: one name for each, left of `=`",
    ),
    (
        r"'(?:function|_Watched)' (?:and|object)|and '(?:function|_Watched)'",
        "a function stands where its result is wanted: the brackets () with its arguments are missing",
    ),
    (
        r"takes (?:from )?\d.*positional argument.* given\n$|missing \d+ required positional.*\n$",
        "the check calls your function with the arguments of the first line as it was given; leave that line as it is",
    ),
    (
        r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given",
        "arguments that it takes: {0}; that came: {1}. What a function takes stands in the docstring; one that was handed to you need not take the same as one of that name in the notebook",
    ),
    (
        r"used as indices must be of integer|only integers, slices",
        "what stands in square brackets is no whole number. Labels are; one-hot targets, ε and means are not",
    ),
    (
        r"truth value of an array",
        "`if` wants one answer, and an array gives one for each entry. np.where, np.minimum and np.maximum choose entry by entry",
    ),
    (
        r"(only|Only).*arrays can be converted to Python scalars",
        "`float`, `int` and all of `math` take one number; NumPy's own functions, such as np.exp, take arrays",
    ),
    (
        r"'(?:int|float|numpy.float64)' object is not (?:iterable|subscriptable)|object of type '(?:int|float)' has no len|of unsized object",
        "a single number came, and it has no entries to walk through",
    ),
    (
        r"'(?:int|float|tuple|list)' object has no attribute '(?:shape|size|ndim|T|astype|sum|copy|ravel|reshape)'",
        "only an array has that. np.asarray makes one of a number or a list; a tuple of sizes is a shape already",
    ),
    (
        r"'set' object has no attribute",
        "a set takes a new member with .add",
    ),
    (
        r"unsupported operand.* @: 'tuple'",
        "`@` multiplies matrices. A shape is a pair of numbers: compare these",
    ),
    (
        r"bitwise_xor|unsupported operand type.*\^",
        "`^` is no power in Python. Powers are written `**`",
    ),
    (
        r"Integers to negative integer powers",
        "10 is a whole number, and its negative powers are not. 10.0 is a float, and has them",
    ),
    (
        r"float\(\) argument must be .* not 'complex'",
        "an array of floats takes no complex number. Multiply it by 1j, or make it with dtype=complex",
    ),
    (
        r"'str' object is not callable\nline",
        "a name stands where a function is wanted. Walking through a dict gives its keys; `.items()` gives keys and values",
    ),
    (
        r"object is not callable\n$",
        "the check was given something that is no function. It wants the function itself, by its name",
    ),
    (
        r"object is not callable\n",
        "brackets () stand behind something that is no function. Entries are taken with [], and `.T` and `.shape` need neither",
    ),
    (
        r"unexpected keyword argument '(\w+)'",
        "no argument there is called {0}. Is it spelled like that?",
    ),
    (
        r"axis \d+ is out of bounds",
        "axis 0 runs down the rows, axis 1 along the columns; a matrix has no others",
    ),
    (
        r"tuple index out of range",
        "a tuple has fewer places. The shape of a flat array holds one number; what a function returns is taken apart by `z, a = …`",
    ),
    (
        r"list index out of range",
        "places of a list are counted from 0, so a list of n items ends at n − 1",
    ),
    (
        r"cannot reshape array of size (\d+)",
        "a reshape keeps the number of entries, here {0}. Take its sizes from the argument's shape: the check has arrays of other sizes, too",
    ),
    (
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        "axis {1} has {2} places, and place {0} was asked for. Axis 0 counts the rows, axis 1 the columns",
    ),
    (
        r"(?:not enough|too many) values to unpack \(expected (\d+)",
        "{0} names stand left of `=` or after `for`, and another number of values came. A list of pairs wants a loop",
    ),
    (
        r"NameError: name '(\w+)' is not defined",
        "nothing is called {0} yet. Is it spelled like that, and has its cell been run since the kernel started?",
    ),
)

SEVERAL = ": several things came where one is wanted. A function that returns two is taken apart: `z, a = …`"


def in_words(raised) -> str:
    """What an exception means, in one sentence; empty if its own words say it."""
    said = f"{raised.type}: {raised.text}\n{''.join(raised.lines[-1:])}"
    for pattern, meaning in IN_WORDS:
        if found := re.search(pattern, said, re.DOTALL):
            return f"In words: {meaning.format(*found.groups())}"
    return ""


def shape_advice(got, want) -> str:
    """What a wrong shape tells."""
    if want == ():
        one = ": one number; `.item()` takes it out of an array"
        return (
            one
            if np.prod(got, dtype=int) == 1
            else ": one number. np.sum adds up all entries, Python's own sum only the rows"
        )
    if got == ():
        return ": one number came for all entries together. Was it summed, or averaged, over everything?"
    if got == want[::-1]:
        return ": it is transposed"
    if len(got) < len(want) and np.prod(got, dtype=int) == np.prod(want, dtype=int):
        if got == tuple(n for n in want if n != 1):
            return ": an axis was lost, and (n,) against (n, 1) broadcasts silently to (n, n). Look at keepdims, or at an index"
        return ": all entries stand in one row, the axes are gone"
    if len(got) == len(want) + 1 and want in (got[1:], got[:-1]):
        return ": one array for each example is left; should they be added up?"
    if len(got) == len(want) == 2 and got == (want[0], want[0]) and want[1] == 1:
        return ": (n,) against (n, 1) broadcasts silently to (n, n). Which of the two is a column?"
    if len(got) == len(want) == 2 and got[0] == want[0] and want[1] == 1:
        return f": {got[1]} columns in place of one. Was the sum over the examples left out, or an array of that shape added?"
    if len(got) == len(want) == 2 and got == (want[0], 1):
        return f": one column came for {want[1]}. Was something summed, or averaged, that should stay apart?"
    if len(got) < len(want):
        return ": an axis is gone. A sum takes one away, an index does, and so does np.diag of a matrix"
    return ""


def dtype_advice(dtype) -> str:
    """Where a dtype other than float64 comes from."""
    if dtype == np.float32:
        return ": float32 keeps 7 digits only. Where did it come in?"
    if dtype.kind == "c":
        return ": an imaginary part came in, from a complex step or from the root of a negative number"
    return ": an integer buffer cuts every value that is written into it"


def kind_advice(kind) -> str:
    """What an object that is no array tells: a function or method that was named and not called."""
    return ": it was named and not called; its brackets () are missing" if re.search("function|method", kind) else ""
