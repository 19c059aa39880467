"""The networks on which gradient checks are tried, in the tests and in the benchmark alike: ordinary and hostile ones."""

from __future__ import annotations

import numpy as np

from course_lib.activations import ACTIVATIONS, SOFTMAX
from course_lib.network import Network, forward


def ordinary(rng):
    """(net, X, Y): 1 to 4 layers, weights of scale ½ to 3, several examples, targets of ordinary size.

    As in a network that still learns, no unit is saturated and no activation has grown beyond 10.
    """
    while True:
        net = _network(rng, depth=rng.integers(1, 5), scale=rng.uniform(0.5, 3.0), widths=(2, 7))
        X = rng.standard_normal((net.sizes[0], rng.integers(2, 7)))
        trace = forward(net, X)
        bent = [trace.z[l] for l, kind in net.activations.items() if kind not in ("relu", "identity")]
        if max(np.max(np.abs(z)) for z in [*bent, trace.a[net.L - 1] / 2, trace.y_hat / 2]) < 5:
            return net, X, _targets(rng, net, X.shape[1], size=1.0)


def hostile(rng):
    """(net, X, Y): 1 to 5 layers, weights of scale 0.1 to 30 (saturated, badly scaled), quadratic targets from 1e-6 to
    1e6, single examples, single units, and in one of four networks inputs and biases that put relus exactly on their kink.
    """
    net = _network(rng, depth=rng.integers(1, 6), scale=10 ** rng.uniform(-1, np.log10(30)), widths=(1, 7))
    X = rng.standard_normal((net.sizes[0], rng.integers(1, 7)))
    if rng.random() < 0.25:
        X[:, 0] = 0.0
        chosen = set(rng.choice(list(net.b), size=rng.integers(1, net.L + 1)))
        net = Network(net.W, {l: b * (l not in chosen) for l, b in net.b.items()}, net.activations)
    return net, X, _targets(rng, net, X.shape[1], size=10 ** rng.uniform(-6, 6))


def _network(rng, depth, scale, widths):
    sizes = rng.integers(*widths, size=depth + 1)
    net = Network.random(sizes, scale=scale, seed=rng)
    kinds = dict(zip(net.W, rng.choice(list(ACTIVATIONS), size=depth), strict=True))
    last = rng.choice([*ACTIVATIONS, SOFTMAX])
    return Network(net.W, net.b, {l: str(kind) for l, kind in (kinds | {int(depth): last}).items()})


def _targets(rng, net, m, size):
    shape = (net.sizes[-1], m)
    if not net.is_softmax:
        return size * rng.standard_normal(shape)
    if rng.random() < 0.5:
        return np.eye(shape[0])[:, rng.integers(0, shape[0], m)]
    return rng.dirichlet(np.ones(shape[0]), m).T
