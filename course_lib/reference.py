"""Right derivatives: ∂J/∂W, ∂J/∂b, ∂J/∂z and ∂J/∂X by backpropagation; ∂Y/∂X whole and in products.

>>> net = Network.random([3, 5, 2], seed=0)
>>> g = backward(net, np.ones((3, 4)), np.zeros((2, 4)))
>>> g.W[1].shape, g.b[2].shape, g.delta[1].shape, g.X.shape
((5, 3), (2, 1), (5, 4), (3, 4))
>>> jacobian(net, np.ones((3, 4))).shape
(4, 2, 3)

The pass is written once. Its local rules are data: the bank of mistakes replaces one at a time and so knows
exactly what each mistake produces. (Rumelhart, Hinton and Williams 1986; Nielsen 2015, chapter 2.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.activations import ACTIVATIONS, SOFTMAX
from course_lib.network import Network, Trace, forward, targets


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradient of J, every array shaped like what it belongs to; W, b, delta are dicts 1…L, delta[l] = ∂J/∂z[l]."""

    W: dict
    b: dict
    delta: dict
    X: np.ndarray


class Pass:
    """One backward pass under way: what the local rules may look at. m is the number that J divides by."""

    def __init__(self, net, trace, Y, m, rules):
        self.net, self.Y, self.m, self.rules = net, Y, m, rules
        self.W, self.b, self.L, self.z, self.a = net.W, net.b, net.L, trace.z, trace.a
        self.da, self.delta, self.dW, self.db = {}, {}, {}, {}

    def step(self, l):
        """∂J/∂a and ∂J/∂z of layer l, from those of the layer above."""
        self.da[l] = self.rules.da_output(self) if l == self.L else self.rules.da(self, l)
        self.delta[l] = self.rules.delta(self, l)

    def descend(self):
        """All layers from the output down to the first."""
        for l in range(self.L, 0, -1):
            self.step(l)
        return self


@dataclass(frozen=True)
class Rules:
    """The local rules of backpropagation. Each takes the pass `s`, all but the first and last also the layer `l`."""

    da_output: Callable  # ∂J/∂a[L]; for softmax with cross-entropy ∂J/∂z[L], with a slope of 1
    slope: Callable  # σ′(z[l])
    da: Callable  # ∂J/∂a[l], from the layer above
    delta: Callable  # ∂J/∂z[l]
    dW: Callable
    db: Callable
    dX: Callable


def _slope(s, l):
    kind = s.net.activations[l]
    return np.ones_like(s.a[l]) if kind == SOFTMAX else ACTIVATIONS[kind].slope(s.z[l], s.a[l])


def error(net, y_hat, Y):
    """ŷ − y, and for softmax ∂/∂z of cross-entropy, which is the same number without its cancellation.

    ŷₖ − yₖ = Σⱼ≠ₖ (ŷₖyⱼ − yₖŷⱼ) because both sum to 1: all digits survive where ŷ is close to y = 1.
    """
    if not net.is_softmax:
        return y_hat - Y
    others = 1.0 - np.eye(len(Y))
    return y_hat * (others @ Y) - Y * (others @ y_hat)


# fmt: off
RULES = Rules(
    da_output = lambda s:    error(s.net, s.a[s.L], s.Y) / s.m,
    slope     = _slope,
    da        = lambda s, l: s.W[l + 1].T @ s.delta[l + 1],
    delta     = lambda s, l: s.da[l] * s.rules.slope(s, l),
    dW        = lambda s, l: s.delta[l] @ s.a[l - 1].T,
    db        = lambda s, l: s.delta[l].sum(axis=1, keepdims=True),
    dX        = lambda s:    s.W[1].T @ s.delta[1],
)
# fmt: on


def backward(net: Network, X, Y, rules: Rules = RULES) -> Gradient:
    """The gradient of J = cost(net, X, Y) with respect to W, b, z and X; all carry J's 1/m.

    X (n₀, m), Y (n_L, m). `rules` are the local rules; replace one to see what a mistake does.
    Raises ValueError as `cost` does.
    """
    trace = forward(net, X)
    Y = targets(net, trace.a[0], Y)
    s = Pass(net, trace, Y, Y.shape[1], rules).descend()
    for l in net.W:
        s.dW[l], s.db[l] = rules.dW(s, l), rules.db(s, l)
    return Gradient(s.dW, s.db, {l: s.delta[l] for l in net.W}, rules.dX(s))


def input_gradient(net: Network, X, Y) -> np.ndarray:
    """∂/∂x of each example's *own* cost, shape as X: m times `backward(net, X, Y).X`."""
    trace = forward(net, X)
    s = Pass(net, trace, targets(net, trace.a[0], Y), 1, RULES).descend()
    return RULES.dX(s)


def jacobian(net: Network, X) -> np.ndarray:
    """∂ŷ/∂x of every observation, shape (m, n_L, n₀): D_L W_L ⋯ D_1 W_1 with D_l = diag(σ′(z_l)), each left of its W."""
    trace = forward(net, X)
    product = _output_slope(net, trace) @ net.W[net.L]
    for l in range(net.L - 1, 0, -1):
        slope = ACTIVATIONS[net.activations[l]].slope(trace.z[l], trace.a[l])
        product = (product * slope.T[:, None, :]) @ net.W[l]
    return product


def jvp(net: Network, X, V) -> np.ndarray:
    """Jacobian times vector, (∂ŷ/∂x) v for each column: X, V (n₀, m) → (n_L, m). The Jacobian is never formed."""
    trace = forward(net, X)
    v = _like(V, trace.a[0], "V", "X")
    for l in net.W:
        v = _times_slope(net, trace, l, net.W[l] @ v)
    return v


def vjp(net: Network, X, U) -> np.ndarray:
    """Vector times Jacobian, (∂ŷ/∂x)ᵀ u for each column: X (n₀, m), U (n_L, m) → (n₀, m). The Jacobian is never formed."""
    trace = forward(net, X)
    u = _like(U, trace.y_hat, "U", "the output")
    for l in range(net.L, 0, -1):
        u = net.W[l].T @ _times_slope(net, trace, l, u)
    return u


def _times_slope(net, trace, l, v):
    """D v, column by column; D is symmetric, so jvp and vjp share it. Softmax: ŷₖ Σⱼ ŷⱼ (vₖ − vⱼ)."""
    if net.activations[l] == SOFTMAX:
        return trace.a[l] * (v - (trace.a[l] * v).sum(axis=0, keepdims=True))
    return v * ACTIVATIONS[net.activations[l]].slope(trace.z[l], trace.a[l])


def _output_slope(net, trace: Trace):
    """D_L for every observation, shape (m, n_L, n_L); softmax: diag(ŷ) − ŷŷᵀ, its diagonal ŷₖ Σⱼ≠ₖ ŷⱼ."""
    unit = np.eye(len(trace.y_hat))
    if not net.is_softmax:
        return unit * ACTIVATIONS[net.activations[net.L]].slope(trace.z[net.L], trace.y_hat).T[:, None, :]
    y, others = trace.y_hat.T, ((1.0 - unit) @ trace.y_hat).T
    return unit * (y * others)[:, None, :] - (1.0 - unit) * y[:, :, None] * y[:, None, :]


def _like(array, other, name, whose):
    array = np.asarray(array, float)
    if array.shape != other.shape or not np.isfinite(array).all():
        raise ValueError(f"{name}: shape {array.shape}, wanted {other.shape}, like {whose}, and finite numbers")
    return array
