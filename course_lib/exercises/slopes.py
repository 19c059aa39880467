"""Measuring a derivative and comparing two: the right answers of chapter 02, and the wrong ones by the name of the mistake."""

from __future__ import annotations

import numpy as np

from course_lib import differences
from course_lib.respond import made

# The right answers. ----------------------------------------------------------------------------------------------------------


def central_difference(f, x, h=1e-5):
    return differences.central_difference(made(f), x, h)


def directional_derivative(f, x, v, h=1e-5):
    return (made(f)(x + h * v) - made(f)(x - h * v)) / (2 * h)


def complex_step(f, x, h=1e-30):
    return differences.complex_step(made(f), x, h)


def relative_error(a, n):
    a, n = np.asarray(a, float), np.asarray(n, float)
    size = np.abs(a) + np.abs(n)
    errors = np.divide(np.abs(a - n), size, out=np.zeros(size.shape), where=size != 0)
    return float(np.max(np.where(np.isnan(errors), np.inf, errors)))


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------


def entrywise(quotient, default=1e-5):
    """A wrong difference: quotient(f, x, step, h) for each unit step, in an array like x."""

    def wrong(f, x, h=default):
        out, call = np.empty(x.shape), made(f)
        for i in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[i] = 1.0
            out[i] = quotient(call, x, step, h)
        return out

    return wrong


def one_unit_vector(quotient, default=1e-5):
    """A wrong difference in which the ones of the entries before are still in the step."""

    def wrong(f, x, h=default):
        out, call, step = np.empty(x.shape), made(f), np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            step[i] = 1.0
            out[i] = quotient(call, x, step, h)
        return out

    return wrong


def after_one_turn(way):
    """A loop that ends in its first turn: the other entries stay 0."""
    return lambda f, x, **how: np.where(np.arange(x.size).reshape(x.shape) == 0, way(f, x, **how), 0.0)


def step_not_undone(f, x, h=1e-5):
    """The entry moved last stays where it is while the next one moves."""
    moved, out, call = x.copy(), np.empty(x.shape), made(f)
    for i in np.ndindex(x.shape):
        moved[i] += h
        up = call(moved)
        moved[i] -= 2 * h
        out[i] = (up - call(moved)) / (2 * h)
    return out


def one_entry_given(f, x, h=1e-5):
    """f is called with a single number in place of the whole array."""
    call = made(f)
    return np.reshape([(call(entry + h) - call(entry - h)) / (2 * h) for entry in x.ravel()], x.shape)


def central(f, x, e, h):
    return (f(x + h * e) - f(x - h * e)) / (2 * h)


def imaginary(f, x, e, h):
    return np.imag(f(x + 1j * h * e)) / h


WRONG_CENTRAL = [
    ("forward difference",        entrywise(lambda f, x, e, h: (f(x + h * e) - f(x)) / h)),
    ("backward difference",       entrywise(lambda f, x, e, h: (f(x) - f(x - h * e)) / h)),
    ("divided by h, not 2h",      entrywise(lambda f, x, e, h: 2 * central(f, x, e, h))),
    ("brackets around 2h forgotten", lambda f, x, h=1e-5: central_difference(f, x, h) * h**2),
    ("half a step to each side",  entrywise(lambda f, x, e, h: central(f, x, e, h / 2))),
    ("h ignored",                 lambda f, x, h=1e-5: central_difference(f, x)),
    ("a step of 1",               entrywise(lambda f, x, e, h: central(f, x, e, 1) / h)),
    ("a step of 1",               entrywise(lambda f, x, e, h: central(f, x, e, 1))),
    ("all entries moved at once", entrywise(lambda f, x, e, h: central(f, x, 1, h))),
    ("unit vector made once",     one_unit_vector(central)),
    ("only the first entry measured", after_one_turn(central_difference)),
    ("step not undone",           step_not_undone),
    ("step in the other direction", lambda f, x, h=1e-5: -central_difference(f, x, h)),
    ("one entry given to f",      one_entry_given),
]  # fmt: skip

WRONG_DIRECTIONAL = [
    ("forward difference",        lambda f, x, v, h=1e-5: (made(f)(x + h * v) - made(f)(x)) / h),
    ("backward difference",       lambda f, x, v, h=1e-5: (made(f)(x) - made(f)(x - h * v)) / h),
    ("divided by h, not 2h",      lambda f, x, v, h=1e-5: 2 * directional_derivative(f, x, v, h)),
    ("brackets around 2h forgotten", lambda f, x, v, h=1e-5: directional_derivative(f, x, v, h) * h**2),
    ("a step of 1",               lambda f, x, v, h=1e-5: directional_derivative(f, x, v, 1.0) / h),
    ("a step of 1",               lambda f, x, v, h=1e-5: directional_derivative(f, x, v, 1.0)),
    ("direction made a unit vector", lambda f, x, v, h=1e-5: directional_derivative(f, x, v / np.linalg.norm(v), h)),
    ("divided by the length of v",   lambda f, x, v, h=1e-5: directional_derivative(f, x, v, h) / np.linalg.norm(v)),
    ("direction left out",        lambda f, x, v, h=1e-5: directional_derivative(f, x, np.ones(v.shape), h)),
    ("h ignored",                 lambda f, x, v, h=1e-5: directional_derivative(f, x, v)),
    ("step in the other direction", lambda f, x, v, h=1e-5: -directional_derivative(f, x, v, h)),
]  # fmt: skip

WRONG_COMPLEX = [
    ("real step",                 entrywise(lambda f, x, e, h: (f(x + h * e) - f(x)) / h, 1e-30)),
    ("real part",                 entrywise(lambda f, x, e, h: np.real(f(x + 1j * h * e)) / h, 1e-30)),
    ("magnitude in place of the imaginary part", entrywise(lambda f, x, e, h: np.abs(f(x + 1j * h * e)) / h, 1e-30)),
    ("not divided by h",          lambda f, x, h=1e-30: h * complex_step(f, x, h)),
    ("divided by 2h, not h",      lambda f, x, h=1e-30: complex_step(f, x, h) / 2),
    ("a step of 1",               entrywise(lambda f, x, e, h: imaginary(f, x, e, 1) / h, 1e-30)),
    ("a step of 1",               entrywise(lambda f, x, e, h: imaginary(f, x, e, 1), 1e-30)),
    ("all entries moved at once", entrywise(lambda f, x, e, h: imaginary(f, x, 1, h), 1e-30)),
    ("unit vector made once",     one_unit_vector(imaginary, 1e-30)),
    ("only the first entry measured", after_one_turn(complex_step)),
    ("step in the other direction", lambda f, x, h=1e-30: -complex_step(f, x, h)),
    ("difference in place of the complex step", lambda f, x, h=1e-30: central_difference(f, x)),
]  # fmt: skip


def quotients(a, n, size=None, floor=0.0, zero=np.nan):
    """|a − n| / size entry by entry; `zero` stands where both are 0, by default what numpy makes of 0/0."""
    a, n = np.asarray(a), np.asarray(n)
    errors = np.abs(a - n) / ((np.abs(a) + np.abs(n) if size is None else size) + floor)
    return np.where(np.isnan(errors) & (a == 0) & (n == 0), zero, errors)


def worst(errors):
    """The largest of some errors, 0/0 as 0 and NaN in a gradient as inf."""
    return lambda a, n: float(
        np.inf if np.isnan(np.sum(a) + np.sum(n)) else np.max(np.nan_to_num(errors(a, n), nan=0.0))
    )


def left_out(pick, errors):
    """As np.nanmax and np.nanmean have it: every NaN is passed over; NaN if there is nothing else."""
    errors = np.ravel(errors)
    return float(pick(errors[~np.isnan(errors)])) if not np.isnan(errors).all() else np.nan


FLOORS = [10.0**-k for k in range(5, 17)] + [2.0**-52]  # what people add to a denominator

WRONG_RELATIVE = [
    ("0/0 left to numpy",           lambda a, n: float(np.max(quotients(a, n)))),
    ("0/0 taken for NaN in a gradient", lambda a, n: float(np.max(np.nan_to_num(quotients(a, n), nan=np.inf)))),
    ("NaN counted as 0",            lambda a, n: float(np.max(np.nan_to_num(quotients(a, n), nan=0.0)))),
    ("NaN left out",                lambda a, n: left_out(np.max, quotients(a, n))),
    ("NaN passed on",               lambda a, n: np.nan if np.isnan(np.sum(a) + np.sum(n)) else relative_error(a, n)),
    ("difference not divided",      worst(lambda a, n: quotients(a, n, size=1.0))),
    ("divided by the larger one",   worst(lambda a, n: quotients(a, n, size=np.maximum(np.abs(a), np.abs(n))))),
    ("divided by the numeric one",  worst(lambda a, n: quotients(a, n, size=np.abs(n)))),
    ("magnitude of the sum",        worst(lambda a, n: quotients(a, n, size=np.abs(np.add(a, n))))),
    ("magnitude of the sum",        worst(lambda a, n: quotients(a, n, size=np.where(np.add(a, n) == 0, 1, np.abs(np.add(a, n)))))),
    ("sign of the difference kept", worst(lambda a, n: quotients(a, n) * np.sign(np.subtract(a, n)))),
    ("factor 2",                    worst(lambda a, n: 2 * quotients(a, n))),
    ("sum in place of the worst",   worst(lambda a, n: np.sum(np.nan_to_num(quotients(a, n), nan=0.0)))),
    ("mean in place of the worst",  worst(lambda a, n: np.mean(np.nan_to_num(quotients(a, n), nan=0.0)))),
    *[("mean in place of the worst", lambda a, n, zero=zero: left_out(np.mean, quotients(a, n, zero=zero))) for zero in (0.0, np.nan)],
    ("norms in place of entries",   worst(lambda a, n: np.linalg.norm(np.subtract(a, n)) / (np.linalg.norm(a) + np.linalg.norm(n)))),
    *[("floor in the denominator", worst(lambda a, n, floor=floor: quotients(a, n, floor=floor))) for floor in FLOORS],
]  # fmt: skip
