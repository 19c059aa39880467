"""A gradient check for any function of one array: a student's own forward pass, for instance.

>>> x = np.array([1.0, -2.0])
>>> check_function(lambda x: np.sum(x**2), x, 2 * x).verdict
'agrees'
>>> check_function(lambda x: np.sum(np.abs(x)), np.zeros(2), np.array([0.3, 2.0])).first_wrong.index
(1,)

It tells "your backward pass does not match your forward pass" from "your forward pass is wrong": the first shows here,
the second only against the reference.
"""

from __future__ import annotations

import warnings

import numpy as np

from course_lib.differences import complex_step, one_number, richardson
from course_lib.report import GradientReport, compare

# A right claim in float64 is this close to the derivative, in units of the largest entry: f is unknown, so no bound is.
PRECISION = 1e-10
# What the rounding inside a well-written f may cost, in units of its value: some 30 ulp.
NOISE = 2.0**-48
# First steps of the extrapolation, in units of x: large for quiet functions, small for rapid ones or kinks close by.
STEPS = (2.0**-5, 2.0**-11, 2.0**-17)
LEVELS = 5


def check_function(f, x, claimed):
    """Is `claimed` the gradient of f at x? f takes an array like x and returns one number; returns a `GradientReport`.

    By complex step where f allows it and a real central difference certifies it; else by extrapolated differences
    with an error bar. At a kink every slope between the two one-sided ones is right.
    Raises TypeError if f returns more than one number, and whatever f raises for a real x.
    """
    x = np.asarray(x, float)
    along = np.random.default_rng(0).standard_normal(x.shape)
    numerical, f = _by_complex_step(f, x), lambda v, f=f: one_number(f(v))
    low, high, error = _slopes(f, x, along)
    if numerical is not None:
        slope, tolerance = np.vdot(along, numerical), PRECISION * np.abs(numerical).max(initial=0.0)
        if low - error <= slope + tolerance and slope - tolerance <= high + error:
            row = compare("gradient", None, claimed, numerical, *2 * [np.full(x.shape, 2 * tolerance)])
            evidence = (
                f"along a random direction: {slope:.10g}, by central difference {(low + high) / 2:.10g} ± {error:.1e}"
            )
            return GradientReport([row], "complex step, h = 2⁻⁷⁰", True, evidence)
    low, high, error = _gradients(f, x)
    between = np.clip(claimed, low, high) if np.shape(claimed) == x.shape else low
    row = compare("gradient", None, claimed, between, error, error)
    return GradientReport([row], "extrapolated differences", None, f"error bar at most {error.max(initial=0.0):.1e}")


def _by_complex_step(f, x):
    """The gradient by complex step, or None where f cannot take complex numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            gradient = complex_step(f, x)
    except Exception:  # noqa: BLE001 — whatever f says to complex numbers, it means: not this way
        return None
    return gradient if np.isfinite(gradient).all() else None


def _gradients(f, x):
    """Lowest and highest slope, and the error bar, for every entry of x."""
    out = np.empty((3, *x.shape))
    for i in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[i] = 1.0
        out[(slice(None), *i)] = _slopes(f, x, unit)
    return out


def _slopes(f, x, along):
    """Slopes of f at x along a direction: (lowest, highest, error). Lowest = highest unless there is a kink."""
    here, scale = f(x), max(1.0, np.abs(x[along != 0]).max(initial=0.0))

    def extrapolated(slope, h, power):
        value, error = richardson(slope, h * scale, LEVELS, power)
        return value, 4 * error + NOISE * abs(here) / (h * scale) * 2**LEVELS

    def one_sided(sign):
        slope = lambda h: (f(x + sign * h * along) - here) / (sign * h)
        return min((extrapolated(slope, h, 1) for h in STEPS), key=lambda pair: pair[1])

    def central(h):
        return (f(x + h * along) - f(x - h * along)) / (2 * h)

    (right, right_error), (left, left_error) = one_sided(1), one_sided(-1)
    if abs(right - left) > right_error + left_error:
        return min(left, right), max(left, right), max(left_error, right_error)
    value, error = min((extrapolated(central, h, 2) for h in STEPS), key=lambda pair: pair[1])
    return value, value, error
