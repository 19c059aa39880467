"""What a wrong shape, a wrong dtype or an exception tells, where it tells something.

Python and NumPy speak of core dimensions and operands; a student thinks of rows, columns and layers. None of these
sentences names a mistake: they only say what was said, in the words of the course.
"""

from __future__ import annotations

import re

import numpy as np

IN_WORDS = (
    # what Python or NumPy says, and what it means here; groups of the match go into the braces
    (
        r"matmul.*size (\d+) is different from (\d+)",
        "a matrix product whose inner numbers differ: {1} columns on its left, {0} rows on its right",
    ),
    (
        r"could not be broadcast together",
        "`+`, `-`, `*` and `/` go entry by entry and want equal shapes, or a 1 in place of a number. The matrix product is `@`",
    ),
    (
        r"KeyError: (\d+)$",
        "a dict has no entry {0}, or not yet. Layers are numbered 1 … L; of all dicts only a begins with 0",
    ),
    (
        r"matmul.*not have enough dimensions \(has 0",
        "`@` multiplies matrices, and a single number or a dict of all layers stands on one side: of W the matrix is W[l]",
    ),
    (
        r"'dict' object has no attribute|unsupported operand.*'dict'",
        "the dict of all layers stands where one array is wanted: of W that is W[l]",
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
        r"'(?:int|float|numpy.float64)' object is not (?:iterable|subscriptable)|object of type '(?:int|float)' has no len",
        "a single number came, and it has no entries to walk through",
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


def in_words(raised) -> str:
    """What an exception means, in one sentence; empty if its own words say it."""
    said = f"{raised.type}: {raised.text}"
    for pattern, meaning in IN_WORDS:
        if found := re.search(pattern, said, re.DOTALL):
            return f"In words: {meaning.format(*found.groups())}"
    return ""


def shape_advice(got, want) -> str:
    """What a wrong shape tells."""
    if want == ():
        return ": one number; `.item()` takes it out of an array" if np.prod(got, dtype=int) == 1 else ": one number"
    if got == ():
        return ": one number came for all entries together. Was it summed, or averaged, over everything?"
    if got == want[::-1]:
        return ": it is transposed"
    if len(got) < len(want) and np.prod(got, dtype=int) == np.prod(want, dtype=int):
        if got == tuple(n for n in want if n != 1):
            return ": an axis was lost, and (n,) against (n, 1) broadcasts silently to (n, n). Look at keepdims"
        return ": all entries stand in one row, the axes are gone"
    if len(got) == len(want) + 1 and want in (got[1:], got[:-1]):
        return ": one array for each example is left; should they be added up?"
    if len(got) == len(want) == 2 and got == (want[0], want[0]) and want[1] == 1:
        return ": (n,) against (n, 1) broadcasts silently to (n, n). Which of the two is a column?"
    if len(got) == len(want) == 2 and got[0] == want[0] and want[1] == 1:
        return ": one column per example is left; should it be summed over the examples?"
    if len(got) == len(want) == 2 and got == (want[0], 1):
        return ": one column for all examples together; here each example keeps its own"
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
