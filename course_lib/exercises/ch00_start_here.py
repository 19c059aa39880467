"""Chapter 00, how a check speaks: the judge's side of its one exercise."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Prediction
from course_lib.exercises.build import exercise
from course_lib.wire import Call


def half(x):
    return x / 2


def numbers(rng):
    """A small array first (its index says something), then single numbers, odd whole ones too, and Fortran order."""
    return [
        Call((rng.uniform(1, 9, size=3).round(1),)),
        Call((0.5,)),
        Call((7,)),
        Call((-3,)),
        Call((np.asfortranarray(rng.normal(size=(2, 3))),)),
    ]


EXERCISES = [
    exercise(
        "half", 1, numbers, half,
        wrong={
            "doubled":                 lambda x: 2 * x,
            "unchanged":               lambda x: x + 0.0,
            "whole-number division":   lambda x: np.asarray(x // 2, float),
            "square root":             lambda x: np.sqrt(np.abs(x)),
            "flipped sign":            lambda x: -x / 2,
        },
        hints=(
            "Shape: the same as x. A number gives a number, an array gives an array; no loop is needed.",
            "Formula: x/2.",
            "Skeleton: `return x … 2`. One slash divides; two slashes divide and cut to a whole number.",
        ),
        prediction=Prediction("What is half of 3: 1, 1.5 or 2?", "1.5. Python's `/` gives it, also for whole numbers; `//` gives 1."),
    ),
]  # fmt: skip
