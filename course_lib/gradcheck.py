"""A gradient check that is never wrong: is this claimed gradient the derivative of the network's cost?

>>> from course_lib.network import Network
>>> from course_lib.reference import backward
>>> net, X, Y = Network.random([3, 5, 2], seed=0), np.ones((3, 4)), np.zeros((2, 4))
>>> g = backward(net, X, Y)
>>> check_gradient(net, X, Y, g).verdict
'agrees'
>>> check_gradient(net, X, Y, W={1: g.W[1], 2: -g.W[2]}).first_wrong.label
'dJ_dW[2]'

The derivative comes from the *forward* pass alone, by a complex step unit by unit: z = W a + b is affine, so ∂J/∂z of
one unit needs one partial forward pass, and ∂J/∂W = δ aᵀ needs no more. One real central difference along a random
direction certifies it. The tolerance is a bound on rounding (`rounding`), so there are three answers: agrees,
disagrees, and inconclusive where rounding could hide a mistake.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from course_lib.activations import ACTIVATIONS, SOFTMAX, softmax
from course_lib.blackbox import check_function
from course_lib.differences import COMPLEX_STEP, central_difference, complex_step, richardson
from course_lib.network import Network, cost, example_costs, forward, targets
from course_lib.reference import Gradient
from course_lib.report import DISAGREES, INCONCLUSIVE, GradientReport, compare
from course_lib.rounding import bounds

__all__ = [
    "GradientReport", "central_difference", "check_function", "check_gradient", "complex_step", "numerical_gradient"
]  # fmt: skip

# Complex entries in one stack of perturbed passes: 16 MB.
_STACK = 2**20
# Added to every z of a relu, this moves exact zeros off the kink and nothing else: it is lost against any other number.
_NUDGE = 1e-300


def check_gradient(net, X, Y, claimed=None, *, W=None, b=None, X_grad=None, delta=None, direction=None):
    """Is the claim the gradient of J = cost(net, X, Y)? Returns a `GradientReport`; print it.

    `claimed` has dicts .W, .b, .delta and an array .X, as `backward` returns them; or give some of `W`, `b`, `delta`
    (dicts by layer, any layers) and `X_grad` alone. Claims in float32 are held to float32's precision.
    `direction`, with some of .W, .b, .X, adds a row for the slope of J along it.
    Raises ValueError for X or Y that do not fit, layers that do not exist, or if nothing is claimed.
    """
    given = SimpleNamespace(W=W, b=b, delta=delta, X=X_grad)
    claims = _arrays(net, claimed) | _arrays(net, given)
    if not claims:
        raise ValueError("check_gradient: nothing is claimed; give a gradient, or some of W=, b=, delta=, X_grad=")
    trace, Y = _point(net, X, Y)
    unit = {key: _unit_roundoff(array) for key, array in claims.items()}
    limits = {u: _limits(net, trace, Y, u) for u in {*unit.values()}}
    loosest = limits[max(limits)]
    ties = loosest.tight is not loosest.loose
    sides = [_arrays(net, _numerical(net, trace, Y, nudge)) for nudge in ((0.0, _NUDGE) if ties else (0.0,))]
    judged = []
    for numerical in sides:
        rows = [compare(*key, claims[key], numerical[key], *limits[unit[key]].of(key)) for key in claims]
        if direction is not None:
            rows.append(_along(_arrays(net, direction), claims, numerical, loosest))
        judged.append(rows)
    # At exact ties either convention for relu′(0) is right, as long as it is one: take the side of the claim.
    rows = min(judged, key=lambda rows: [[r.verdict for r in rows].count(v) for v in (DISAGREES, INCONCLUSIVE)])
    certified, evidence = (None, "") if ties else _certificate(net, trace, Y, sides[0], loosest)
    if certified is None:
        certified, evidence = _jittered_certificate(net, trace, Y)
    return GradientReport(rows, "complex step unit by unit, h = 2⁻⁷⁰", certified, evidence)


def numerical_gradient(net, X, Y) -> Gradient:
    """Every partial derivative of J by complex steps: one partial forward pass per unit, no backward pass anywhere."""
    return _numerical(net, *_point(net, X, Y), nudge=0.0)


def _numerical(net, trace, Y, nudge):
    delta = {l: _delta(net, trace, Y, l, nudge) / Y.shape[1] for l in net.W}
    W = {l: delta[l] @ trace.a[l - 1].T for l in delta}
    b = {l: delta[l].sum(axis=1, keepdims=True) for l in delta}
    return Gradient(W, b, delta, net.W[1].T @ delta[1])


def _delta(net, trace, Y, l, nudge):
    """∂(each example's own cost)/∂z[l], shape (n_l, m)."""
    n, m = trace.z[l].shape
    out = np.empty((n, m))
    together = max(1, _STACK // (m * max(net.sizes[l:])))
    for first in range(0, n, together):
        units = np.arange(first, min(first + together, n))
        costs = _costs_after_a_step(net, trace, np.tile(Y, len(units)), l, units, nudge)
        out[units] = costs.imag.reshape(len(units), m) / COMPLEX_STEP
    return out


def _costs_after_a_step(net, trace, Y, l, units, nudge):
    """Each example's cost after a step i·h in z of one unit of layer l: stacked copies of the batch, a unit each."""
    stack = np.repeat((trace.z if l == net.L else trace.a)[l][:, None, :], len(units), axis=1).astype(complex)
    own = (units, units - units[0])
    stepped = trace.z[l][units] + 1j * COMPLEX_STEP
    # A step in one unit moves that unit's a and no other; in the last layer a softmax moves them all.
    stack[own] = stepped if l == net.L else _activation(net, l, stepped, nudge)
    z = a = stack.reshape(len(stack), -1)
    if l == net.L:
        a = _activation(net, l, z, nudge)
    for k in range(l + 1, net.L + 1):
        z = net.W[k] @ a + net.b[k]
        a = _activation(net, k, z, nudge)
    return example_costs(net, z, a, Y)


def _activation(net, l, z, nudge):
    kind = net.activations[l]
    return softmax(z) if kind == SOFTMAX else ACTIVATIONS[kind].value(z + nudge if kind == "relu" else z)


class _Limits(NamedTuple):
    """What claim and complex step may differ by, by array; `loose` where a relu may stand on either side of its kink."""

    tight: dict
    loose: dict
    cost: float

    def of(self, key):
        return self.tight[key], self.loose[key]


def _limits(net, trace, Y, unit):
    unit = unit + 2.0**-53
    tight = bounds(net, trace, Y, unit)
    arrays = _arrays(net, tight.gradient)
    loose = _arrays(net, bounds(net, trace, Y, unit, ties=True).gradient) if tight.ties else arrays
    return _Limits(arrays, loose, tight.cost)


def _along(direction, claims, numerical, limits):
    """The row for the slope along a direction: Σ direction · gradient."""
    if missing := [k for k in direction if k not in claims]:
        raise ValueError(f"direction: has {missing}, which the claim has not")
    claimed, value = (sum(np.vdot(v, g[k]) for k, v in direction.items()) for g in (claims, numerical))
    allowed = (sum(np.vdot(np.abs(v), t[k]) for k, v in direction.items()) for t in (limits.tight, limits.loose))
    return compare("slope", None, claimed, value, *allowed)


def _certificate(net, trace, Y, numerical, limits):
    """(certified, evidence): a real central difference, by `cost` alone, along a random direction through W, b and X.

    It shares only the forward pass with the complex step, so a fault in the check itself would show.
    """
    point = _arrays(net, SimpleNamespace(W=net.W, b=net.b, X=trace.a[0]))
    rng = np.random.default_rng(0)
    along = {key: (rng.random(v.shape) - 0.5) * (np.max(np.abs(v)) or 1.0) for key, v in point.items()}

    def at(t):
        moved = {key: v + t * along[key] for key, v in point.items()}
        W, b = ({l: moved[name, l] for l in net.W} for name in "Wb")
        return Network(W, b, net.activations), moved["X", None]

    slope = sum(np.vdot(v, numerical[key]) for key, v in along.items())
    rounding = sum(np.vdot(np.abs(v), limits.tight[key]) for key, v in along.items())
    found = []
    for value, error in _slopes_by_cost(at, Y, noise=32 * limits.cost, has_relu="relu" in net.activations.values()):
        found.append((error + rounding, value, bool(abs(value - slope) <= error + rounding)))
        if found[-1][2] and error <= 1e-4 * abs(value):
            break
    if not found:
        return None, "not certified: a relu stands too close to its kink for a central difference"
    # An error bar is an estimate, and now and then one is too short: the two surest must both contradict.
    error, value, certified = max(sorted(found)[:2], key=lambda one: one[2])
    return certified, f"along a random direction: {slope:.10g}, by central difference {value:.10g} ± {error:.1e}"


def _slopes_by_cost(at, Y, noise, has_relu):
    """(slope, error) of J along the line `at` for smaller and smaller steps across which no relu meets its kink."""
    for h in 2.0 ** -np.array([8, 13, 18, 23, 28]):
        if not has_relu or np.array_equal(_relus_on(*at(h)), _relus_on(*at(-h))):
            value, error = richardson(lambda h: (cost(*at(h), Y) - cost(*at(-h), Y)) / (2 * h), h, levels=2)
            yield value, 4 * error + noise / h


def _relus_on(net, X):
    """Which relus pass something on, as one array."""
    z = forward(net, X).z
    return np.concatenate([z[l].ravel() > 0 for l, kind in net.activations.items() if kind == "relu"])


def _jittered_certificate(net, trace, Y):
    """The certificate beside the ties: at a kink there is no slope to compare with."""
    rng = np.random.default_rng(1)
    b = {l: v + 1e-2 * rng.standard_normal(v.shape) for l, v in net.b.items()}
    net = Network(net.W, b, net.activations)
    trace = forward(net, trace.a[0])
    return _certificate(net, trace, Y, _arrays(net, _numerical(net, trace, Y, 0.0)), _limits(net, trace, Y, 2.0**-53))


def _point(net, X, Y):
    trace = forward(net, X)
    return trace, targets(net, trace.a[0], Y)


def _arrays(net, gradient):
    """(name, layer) → array of whatever a gradient holds, in the order in which backpropagation computes it."""
    parts = {name: getattr(gradient, name, None) or {} for name in ("delta", "W", "b")}
    for name, part in parts.items():
        if strange := set(part) - set(net.W):
            raise ValueError(f"{name}: layers {sorted(strange, key=str)} do not exist, wanted some of {list(net.W)}")
    arrays = {(name, l): parts[name][l] for l in range(net.L, 0, -1) for name in parts if l in parts[name]}
    X = getattr(gradient, "X", None)
    return arrays if X is None else arrays | {("X", None): X}


def _unit_roundoff(array):
    """2⁻⁵³ for float64, 2⁻²⁴ for float32: what one rounding may cost in the claim's own precision."""
    dtype = np.asarray(array).dtype
    return float(np.finfo(dtype).eps) / 2 if dtype.kind == "f" and dtype.itemsize < 8 else 2.0**-53
