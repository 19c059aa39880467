"""A network, its forward pass and its cost: the notation of the course as code.

>>> net = Network.random([3, 5, 2], seed=0)
>>> trace = forward(net, np.ones((3, 4)))
>>> trace.z[2].shape, trace.y_hat is trace.a[2]
((2, 4), True)
>>> float(cost(net, np.ones((3, 4)), trace.y_hat))
0.0

Observations are columns. z[l] = W[l] a[l−1] + b[l], a[l] = σ(z[l]), layers l = 1…L, a[0] = X, ŷ = a[L].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_lib.activations import ACTIVATIONS, SOFTMAX, log_softmax, softmax


@dataclass(frozen=True, eq=False)
class Network:
    """Weights, biases and activations, each a dict keyed by layer number 1…L.

    W[l] has shape (n_l, n_{l−1}), b[l] has shape (n_l, 1); everything is kept as float64 (complex stays complex, for
    a complex step in a weight). `activations[l]` is "sigmoid", "tanh", "relu" or "identity"; the last may be "softmax".
    Arrays that are float64 already are not copied. Raises ValueError that names the layer, the shape and what is wanted.
    """

    W: dict
    b: dict
    activations: dict

    def __post_init__(self):
        layers = list(range(1, len(self.W) + 1))
        for name in ("W", "b", "activations"):
            given = getattr(self, name)
            if not isinstance(given, dict) or not layers or sorted(given, key=str) != sorted(layers, key=str):
                keys = list(given) if isinstance(given, dict) else type(given).__name__
                raise ValueError(
                    f"{name}: layers {keys}, wanted a dict with the keys 1…L = {layers or [1]}, one per layer"
                )
        W = {l: _numbers(self.W[l], f"W[{l}]", ndim=2) for l in layers}
        b = {l: _numbers(self.b[l], f"b[{l}]") for l in layers}
        for l in layers:
            _check_layer(l, W, b, self.activations[l], last=l == len(layers))
        for name, value in (("W", W), ("b", b), ("activations", {l: self.activations[l] for l in layers})):
            object.__setattr__(self, name, value)

    @classmethod
    def random(cls, sizes, activation="sigmoid", output="sigmoid", seed=0, scale=1.0):
        """A network with layer sizes n₀ … n_L; W[l] ~ scale · N(0, 1/n_{l−1}), b[l] ~ N(0, ¼): biases are not zero."""
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes: {list(sizes)}, wanted n₀ … n_L: at least two layer sizes, each at least 1")
        rng, layers = np.random.default_rng(seed), range(1, len(sizes))
        W = {l: scale * rng.standard_normal((sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in layers}
        b = {l: 0.5 * rng.standard_normal((sizes[l], 1)) for l in layers}
        return cls(W, b, dict.fromkeys(layers, activation) | {len(sizes) - 1: output})

    @property
    def L(self):
        """The number of layers."""
        return len(self.W)

    @property
    def sizes(self):
        """Layer sizes [n₀, …, n_L]."""
        return [self.W[1].shape[1]] + [self.W[l].shape[0] for l in self.W]

    @property
    def is_softmax(self):
        """True if the output is softmax; the cost is then cross-entropy."""
        return self.activations[self.L] == SOFTMAX


@dataclass(frozen=True, eq=False)
class Trace:
    """What a forward pass computed: z[l] for l = 1…L and a[l] for l = 0…L, arrays of shape (n_l, m)."""

    z: dict
    a: dict

    @property
    def y_hat(self):
        """The output ŷ = a[L], shape (n_L, m)."""
        return self.a[len(self.z)]


def forward(net, X):
    """z and a of every layer, as a `Trace`. X (n₀, m): one column per observation; m = 0 gives empty arrays.

    Whole numbers and any memory order are taken; complex X passes through, for a complex step.
    Raises ValueError if X has another shape or is not finite.
    """
    z, a = {}, {0: inputs(net, X)}
    for l in net.W:
        z[l] = net.W[l] @ a[l - 1]
        z[l] = z[l] + net.b[l] if np.iscomplexobj(net.b[l]) else np.add(z[l], net.b[l], out=z[l])
        a[l] = softmax(z[l]) if net.activations[l] == SOFTMAX else ACTIVATIONS[net.activations[l]].value(z[l])
    return Trace(z, a)


def cost(net, X, Y):
    """J, one number. Y (n_L, m).

    J = 1/(2m) Σ ‖ŷ − y‖², or −1/m Σ y·log ŷ when the output is softmax; then the columns of Y are distributions.
    Raises ValueError for a wrong shape, a number that is not finite, or m = 0.
    """
    trace = forward(net, X)
    Y = targets(net, trace.a[0], Y)
    return example_costs(net, trace.z[net.L], trace.y_hat, Y).sum() / Y.shape[1]


def example_costs(net, z, y_hat, Y):
    """Each example's own cost, shape (m,), from the last layer's z and a: J is their mean."""
    if net.is_softmax:
        return -(Y * log_softmax(z)).sum(axis=0)
    return 0.5 * ((y_hat - Y) ** 2).sum(axis=0)


def inputs(net, X):
    """X as float64 of shape (n₀, m), or ValueError."""
    X, n = _numbers(X, "X"), net.W[1].shape[1]
    if X.ndim != 2 or X.shape[0] != n:
        hint = "; observations are columns, so transpose it once" if X.shape[1:] == (n,) else ""
        hint = hint or ("; one observation is a column: X.reshape(-1, 1)" if X.shape == (n,) else "")
        raise ValueError(f"X: shape {X.shape}, wanted ({n}, m): n₀ = {n} rows, the columns of W[1]{hint}")
    return X


def targets(net, X, Y):
    """Y as float64 of shape (n_L, m) with m ≥ 1, or ValueError; for softmax each column must be a distribution."""
    wanted = (net.W[net.L].shape[0], X.shape[1])
    Y = _numbers(Y, "Y")
    if Y.shape != wanted:
        hint = "; observations are columns, so transpose it once" if Y.shape == wanted[::-1] else ""
        raise ValueError(f"Y: shape {Y.shape}, wanted {wanted} = (n_L, m), like the output of layer {net.L}{hint}")
    if wanted[1] == 0:
        raise ValueError(f"X: shape {X.shape}: no observations; J is a mean over observations, so give at least one")
    if net.is_softmax and (np.min(Y.real) < 0 or np.max(np.abs(Y.sum(axis=0) - 1)) > 1e-6):
        raise ValueError("Y: the output is softmax, so every column of Y must be a distribution: not negative, sum 1")
    return Y


def _numbers(array, name, ndim=None):
    """An array as float64 (or complex128), finite, or ValueError that says where."""
    array = np.asarray(array)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name}: dtype {array.dtype}, wanted numbers")
    array = array.astype(complex if array.dtype.kind == "c" else float, copy=False)
    if ndim not in (None, array.ndim):
        raise ValueError(f"{name}: shape {array.shape}, wanted {ndim} dimensions")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: {array[where]} at {list(where)}, wanted finite numbers")
    return array


def _check_layer(l, W, b, activation, last):
    if W[l].size == 0:
        raise ValueError(f"W[{l}]: shape {W[l].shape}, wanted at least one row and one column")
    if l > 1 and W[l].shape[1] != W[l - 1].shape[0]:
        raise ValueError(
            f"W[{l}]: shape {W[l].shape}, wanted ({W[l].shape[0]}, {W[l - 1].shape[0]}): "
            f"as many columns as layer {l - 1} has units, the rows of W[{l - 1}]"
        )
    if b[l].shape != (W[l].shape[0], 1):
        raise ValueError(
            f"b[{l}]: shape {b[l].shape}, wanted {(W[l].shape[0], 1)}: a column, one number per row of W[{l}]"
        )
    if activation == SOFTMAX and not last:
        raise ValueError(
            f"activations[{l}]: softmax, wanted one of {list(ACTIVATIONS)}: softmax is for the last layer only"
        )
    if activation != SOFTMAX and activation not in ACTIVATIONS:
        raise ValueError(f"activations[{l}]: {activation!r}, wanted one of {[*ACTIVATIONS, SOFTMAX]}")
