"""The shape puzzle of chapter 01: which of the products W X, X W, W Xᵀ and X Wᵀ exist. Its answers are sets."""

from __future__ import annotations

import numpy as np

from course_lib.exercises.compare import cause, describe
from course_lib.exercises.measures import trouble
from course_lib.exercises.verdict import failed, passed
from course_lib.wire import Call

# Product → (its first factor's shape, its second factor's shape); it exists if the two inner numbers are equal.
PRODUCTS = {
    "WX":  lambda W, X: (W, X),
    "XW":  lambda W, X: (X, W),
    "WXt": lambda W, X: (W, X[::-1]),
    "XWt": lambda W, X: (X, W[::-1]),
}  # fmt: skip


def possible(W_shape, X_shape):
    pairs = {name: factors(W_shape, X_shape) for name, factors in PRODUCTS.items()}
    return {name for name, (left, right) in pairs.items() if left[1] == right[0]}


def shape_pairs(rng):
    """Every case of the puzzle: none, each alone, two, three, and all four where everything is square."""
    p, q, r, s = (int(n) for n in rng.permutation(np.arange(2, 10))[:4])
    pairs = [
        ((p, q), (q, r)), ((p, q), (r, p)), ((p, q), (r, q)), ((p, q), (r, s)), ((p, q), (q, p)),
        ((p, q), (q, q)), ((p, p), (q, p)), ((p, q), (p, p)), ((p, p), (p, q)), ((p, p), (p, p)), ((1, p), (p, 1)), ((p, q), (p, q)),
    ]  # fmt: skip
    return [Call(pair) for pair in pairs]


WRONG_POSSIBLE = {
    "outer numbers compared":         lambda W, X: {name for name, of in PRODUCTS.items() if of(W, X)[0][0] == of(W, X)[1][1]},
    "shapes compared entry by entry": lambda W, X: {name for name, of in PRODUCTS.items() if of(W, X)[0] == of(W, X)[1]},
    "only W X and X W":               lambda W, X: possible(W, X) & {"WX", "XW"},
}  # fmt: skip


def judge_products(calls, responses):
    for call, response in zip(calls, responses, strict=True):
        complaint = no_set_of_products(response) or product_that_is_wrong(response.value, *call.args)
        if complaint:
            names = [name for name, wrong in WRONG_POSSIBLE.items() if _gives(wrong, calls, responses)]
            words = cause(names[0]) if names else []
            return failed("\n".join([f"possible{call.args}: {complaint}", *words]), names[0] if names else None)
    return passed(f"{len(calls)} pairs of shapes right; possible{calls[0].args} = {sorted(responses[0].value)}")


def no_set_of_products(response):
    """What is wrong with the form of an answer; empty if it is a set of known names."""
    value = response.value
    if complaint := trouble(response):
        return complaint
    if isinstance(value, dict) and not value:
        return "returned an empty dict: Python writes the empty set as `set()`, because `{}` is a dict"
    if not isinstance(value, set):
        return f'returned {describe(value)}, wanted a set such as {{"WX", "XWt"}}'
    strange = [item for item in value if item not in PRODUCTS]
    letters = ". set() and .update() take a text apart into its letters; .add does not" * (
        strange[:1] in (["W"], ["X"], ["t"])
    )
    return f"holds {strange[0]!r}, wanted only names from {', '.join(PRODUCTS)}{letters}" if strange else ""


def product_that_is_wrong(value, W_shape, X_shape):
    """The first product that is missing or should not be there, with its two shapes; empty if there is none."""
    for name, factors in PRODUCTS.items():
        left, right = factors(W_shape, X_shape)
        if (name in value) != (left[1] == right[0]):
            verdict = f"{name!r} is missing" if left[1] == right[0] else f"{name!r} is no product that exists"
            return f"{verdict}: {left} @ {right} has the inner numbers {left[1]} and {right[0]}"
    return ""


def _gives(wrong, calls, responses):
    return all(
        isinstance(response.value, set) and response.value == wrong(*call.args)
        for call, response in zip(calls, responses, strict=True)
    )
