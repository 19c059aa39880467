"""Functions that a challenge hands to an answer: to differentiate, to attack with, and rules of gradient checking to judge.

They are named, with parameters that are data (`wire.Function`), because no function crosses the wall around a graded
notebook. What is to be differentiated is written with analytic functions, so a complex step passes through.
"""

from __future__ import annotations

import numpy as np

from course_lib.respond import function

# To differentiate: x is a number or an array, the value one number. -----------------------------------------------------------


@function
def cubic(slope, bend):
    """Σ slope·x + bend·x³. A central difference is off by exactly bend·h², a forward difference by much more."""
    return lambda x: np.sum(slope * x + bend * x**3)


@function
def neuron(w, y):
    """½ (σ(Σ w·x) − y)²: the cost of one neuron, as a function of its input."""
    return lambda x: (1 / (1 + np.exp(-np.sum(w * x))) - y) ** 2 / 2


@function
def wave(rate, level=0.0):
    """level + Σ sin(rate·x). The rate sets how soon a step is too long, the level how soon it is too short."""
    return lambda x: level + np.sum(np.sin(rate * x))


@function
def rippled(period):
    """½ Σ x² + (Σ x)², with a ripple on it that steps of one period do not see, and shorter ones do."""
    return lambda x: np.sum(x**2) / 2 + np.sum(x) ** 2 + 0.01 * np.sum(np.sin(2 * np.pi * x / period))


# Of a sigmoid network: what drives and what suffers an attack, and a move that follows the labels. --------------------------
# The student library holds network and reference from chapter 07 on, where these are handed out.


@function
def network_input_gradient(W, b):
    """(X, Y) → ∂J/∂X of each example's own cost, shaped like X."""
    from course_lib.network import Network
    from course_lib.reference import input_gradient

    net = Network(W, b, dict.fromkeys(W, "sigmoid"))
    return lambda X, Y: input_gradient(net, X, Y)  # two arguments, also in the words of an exception


@function
def network_predict(W, b):
    """X → the class of each column (m,): the row of the largest output, taken before the last sigmoid, which may round to 1."""
    from course_lib.network import Network, forward

    net = Network(W, b, dict.fromkeys(W, "sigmoid"))
    return lambda X: forward(net, X).z[net.L].argmax(axis=0)


@function
def move_by_label(directions):
    """(X, labels, eps) → X moved by eps along the direction (n₀,) of each label; directions (n₀, classes)."""
    return lambda X, labels, eps: np.clip(X + eps * directions[:, labels], 0.0, 1.0)


# To judge: rule(analytic, numeric) → whether the analytic gradient may pass. --------------------------------------------------

TOLERANCE = 1e-6


def close(analytic, numeric):
    """Entry by entry: is |a − n| below the tolerance, relative to |a| + |n|? 0 against 0 is, NaN and inf never."""
    near = np.abs(analytic - numeric) < TOLERANCE * (np.abs(analytic) + np.abs(numeric))
    return near | ((analytic == 0) & (numeric == 0))


def same_shape(analytic, numeric):
    """The shape is right, so the rest will be."""
    return analytic.shape == numeric.shape


def every_entry(analytic, numeric):
    """The shape first, then each entry by itself, with its sign."""
    return same_shape(analytic, numeric) and close(analytic, numeric).all()


def norms(analytic, numeric):
    """With an upstream gradient of ones only the sums of the columns are left, and of those only the norm is compared."""
    ones = np.ones(len(analytic))
    return abs(np.linalg.norm(ones @ analytic) - np.linalg.norm(ones @ numeric)) < TOLERANCE


def absolute_tolerance(analytic, numeric):
    """A tolerance of 0.001, however small the gradient is."""
    return same_shape(analytic, numeric) and np.allclose(analytic, numeric, rtol=0, atol=1e-3)


def relative_tolerance(analytic, numeric):
    """A tolerance that goes with the entry."""
    return same_shape(analytic, numeric) and np.allclose(analytic, numeric, rtol=TOLERANCE, atol=0)


def one_observation(analytic, numeric):
    """The first column speaks for all."""
    return same_shape(analytic, numeric) and close(analytic[..., :1], numeric[..., :1]).all()


def every_observation(analytic, numeric):
    """Column by column, all of them."""
    return same_shape(analytic, numeric) and all(close(a, n).all() for a, n in zip(analytic.T, numeric.T, strict=True))


def worst_quotient(analytic, numeric):
    """The worst relative error. 0/0 is NaN, and NaN < tolerance is False."""
    with np.errstate(invalid="ignore"):
        errors = np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric))
    return same_shape(analytic, numeric) and errors.max() < TOLERANCE


def worst_relative_error(analytic, numeric):
    """The worst relative error, and where both are 0 it is 0."""
    size = np.abs(analytic) + np.abs(numeric)
    errors = np.divide(np.abs(analytic - numeric), size, out=np.zeros(size.shape), where=size != 0)
    return same_shape(analytic, numeric) and errors.max() < TOLERANCE


def all_n_agree(analytic, numeric):
    """Count the entries that agree. (n,) against (n, 1) compares n² pairs, and n of them agree."""
    return close(analytic, numeric).sum() >= numeric.size


def all_n_agree_in_shape(analytic, numeric):
    """The same count, once the shapes are equal."""
    return same_shape(analytic, numeric) and all_n_agree(analytic, numeric)


# Each a small model of a rule in use somewhere, and the same rule mended: they differ in one point.
RULES = {
    "norms":              (norms, every_entry),
    "absolute tolerance": (absolute_tolerance, relative_tolerance),
    "shapes":             (same_shape, every_entry),
    "one observation":    (one_observation, every_observation),
    "quotient":           (worst_quotient, worst_relative_error),
    "count":              (all_n_agree, all_n_agree_in_shape),
}  # fmt: skip


@function
def rule(name, mended=False):
    """One of the rules. Where it cannot even compare, because the shapes do not fit together, it does not accept."""
    compare = RULES[name][mended]

    def accepts(analytic, numeric) -> bool:
        try:
            return bool(compare(np.asarray(analytic, float), np.asarray(numeric, float)))
        except ValueError:
            return False

    return accepts
