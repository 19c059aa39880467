"""Derivatives of any function from its values: central difference, complex step, Richardson's extrapolation.

>>> x = np.array([1.0, 2.0])
>>> central_difference(lambda x: np.sum(x**3), x).round(6)
array([ 3., 12.])
>>> complex_step(lambda x: np.sum(x**3), x)
array([ 3., 12.])

`f` takes an array like `x` and returns one number. `x` itself is never changed, not even for a moment.
"""

from __future__ import annotations

import warnings

import numpy as np

# Small enough that h² is lost against 1 (so nothing is truncated), a power of two (so dividing by it is exact).
COMPLEX_STEP = 2.0**-70


def central_difference(f, x, h=1e-5):
    """(f(x + h·eᵢ) − f(x − h·eᵢ)) / 2h for every entry: 2n calls, an array like `x`. Error about h² + 1e-16/h."""
    x = np.asarray(x, float)
    return _each(lambda e: (one_number(f(x + h * e)) - one_number(f(x - h * e))) / (2 * h), x)


def complex_step(f, x, h=COMPLEX_STEP):
    """Im f(x + i·h·eᵢ) / h for every entry: n calls, an array like `x`, right to the last digits.

    Only for functions that are analytic as written: abs, max, conj and .real inside `f` give silent nonsense.
    Raises TypeError if `f` does not return a complex number, so took the real part somewhere; numpy's ComplexWarning
    is raised as an error. (Squire and Trapp 1998.)
    """
    x = np.asarray(x, float)

    def slope(e):
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(f(x + 1j * h * e))
        if value.size != 1 or not np.iscomplexobj(value):
            raise TypeError(f"f returned {value.dtype} of shape {value.shape}, wanted one complex number")
        return value.item().imag / h

    return _each(slope, x)


def richardson(slope, h, levels=4, power=2):
    """The limit of slope(h) as h → 0, with an error bar: (value, error).

    `slope(h)` has errors h^power, h^(2·power), …: power 2 for a central difference, 1 for a one-sided one. Halves h
    `levels` − 1 times and extrapolates (Richardson 1911); the entry of the table with the smallest estimated error is
    kept (Ridders 1982).
    """
    above, best, smallest = [], np.nan, np.inf
    for level in range(levels):
        row = [slope(h / 2**level)]
        for order, coarse in enumerate(above, start=1):
            row.append(row[-1] + (row[-1] - coarse) / (2 ** (power * order) - 1))
            estimated = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse))
            if estimated < smallest:
                best, smallest = row[-1], estimated
        above = row
    return best, smallest


def _each(slope, x):
    """slope(eᵢ) for every unit vector eᵢ shaped like x."""
    out = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        out[i] = slope(e)
    return out


def one_number(value):
    """A number, from whatever holds one; TypeError if it does not."""
    value = np.asarray(value)
    if value.size != 1:
        raise TypeError(f"f returned shape {value.shape}, wanted one number")
    return value.item()
