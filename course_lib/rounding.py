"""How far two right gradients can differ: a running error analysis of the forward and the backward pass.

Beside every number computed we carry a bound on what rounding has done to it, whichever right way it was written
(Higham 2002, *Accuracy and Stability of Numerical Algorithms*, chapter 3). Nothing is tuned. A sum of n products is
off by at most γₙ = n·u times the sum of their magnitudes; errors pass through σ by its slope. Sums over paths through
the network are taken in magnitudes, so the bound holds for backpropagation, for a complex step and for products of
Jacobians alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.activations import ACTIVATIONS, SOFTMAX
from course_lib.network import example_costs
from course_lib.reference import Gradient, error

# Rounding of a few operations that may be written in several ways: exp, the 1/m, a − a² for a(1 − a).
FEW = 8
# What underflow may lose; no gradient that matters is this small.
TINY = 1e-270

# How fast σ′ changes with a: the derivative of a(1 − a), and of 1 − a².
_BEND = {
    "sigmoid": lambda a: np.abs(1.0 - 2.0 * a),
    "tanh": lambda a: 2.0 * np.abs(a),
}


@dataclass(frozen=True)
class Bounds:
    """Bounds on rounding: of J, of every derivative; and whether some relu may stand on either side of its kink."""

    cost: float
    gradient: Gradient
    ties: bool


def bounds(net, trace, Y, unit=2.0**-53, ties=False) -> Bounds:
    """The bounds for arithmetic with the given unit roundoff (2⁻⁵³ for float64, 2⁻²⁴ for float32).

    With `ties`, a relu whose z is within its bound of 0 counts as having any slope from 0 to 1.
    """
    size = {l: np.abs(w) for l, w in net.W.items()}
    Ez, Ea, tied = _forward(net, trace, size, unit)
    m, L = Y.shape[1], net.L
    off = Ea[L] + FEW * unit * (np.abs(trace.y_hat) + np.abs(Y))
    E, P = off / m, np.abs(error(net, trace.y_hat, Y)) / m
    J = (np.abs(example_costs(net, trace.z[L], trace.y_hat, Y)) * (Y.size + FEW) * unit).sum() / m
    J += (Y * 2 * Ez[L].max(axis=0)).sum() / m if net.is_softmax else ((P + E) * off).sum()
    W, b, delta = {}, {}, {}
    for l in range(L, 0, -1):
        slope, Es = _slope(net, trace, Ea, tied if ties else {}, l, unit)
        E = slope * E + (P + E) * Es + FEW * unit * P * slope + TINY
        P = P * slope
        delta[l] = E
        summed = E + (m + FEW) * unit * P
        W[l] = summed @ (np.abs(trace.a[l - 1]) + Ea[l - 1]).T
        if l > 1:  # X itself is exact
            W[l] += P @ Ea[l - 1].T
        b[l] = summed.sum(axis=1, keepdims=True)
        E, P = size[l].T @ (E + (len(size[l]) + FEW) * unit * P), size[l].T @ P
    return Bounds(J, Gradient(W, b, delta, E), any(t.any() for t in tied.values()))


def _forward(net, trace, size, unit):
    """Bounds on z and a of every layer, and the relus that may stand on either side of their kink; size[l] is |W[l]|."""
    Ez, Ea, tied = {}, {0: np.zeros_like(trace.a[0])}, {}
    for l, kind in net.activations.items():
        z, a = trace.z[l], trace.a[l]
        summed = (net.W[l].shape[1] + FEW) * unit
        Ez[l] = size[l] @ (summed * np.abs(trace.a[l - 1]) + Ea[l - 1]) + summed * np.abs(net.b[l])
        if kind == SOFTMAX:
            # exp(z − max) and exp(z − log Σ) lose what the subtraction rounds: u·|z|.
            lost = 2 * Ez[l].max(axis=0) + unit * (len(z) + FEW + 4 * np.abs(z).max(axis=0))
            Ea[l] = a * np.expm1(np.minimum(lost, 1.0))
        elif kind == "relu":
            tied[l] = np.abs(z) <= 2 * Ez[l]
            Ea[l] = Ez[l] * (z > -Ez[l])
        elif kind == "identity":
            Ea[l] = Ez[l]
        else:
            # |σ″| ≤ 2σ′, so over a distance e the slope grows by e²ᵉ at most.
            grown = ACTIVATIONS[kind].slope(z, a) * Ez[l] * np.exp(np.minimum(2 * Ez[l], 50.0))
            Ea[l] = np.minimum(grown, 2.0) + FEW * unit
    return Ez, Ea, tied


def _slope(net, trace, Ea, tied, l, unit):
    """σ′ of layer l and a bound on its error."""
    kind, z, a = net.activations[l], trace.z[l], trace.a[l]
    if kind == SOFTMAX:
        return 1.0, 0.0
    bent = Ea[l] * (_BEND[kind](a) + Ea[l]) + FEW * unit if kind in _BEND else 0.0
    return ACTIVATIONS[kind].slope(z, a), bent + tied.get(l, 0.0)
