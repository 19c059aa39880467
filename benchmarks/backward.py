"""The reference gradient against autodiff libraries, with the bare matrix products beside it as the limit.

    pip install -c constraints.txt -e '.[bench]'
    python -m benchmarks.backward

Every candidate computes ∂J/∂W, ∂J/∂b and ∂J/∂X of the same sigmoid network in float64 on one thread; they are compared
before they are timed. micrograd has no sigmoid, so it differentiates a relu network of the same size.
"""

from __future__ import annotations

from benchmarks.timing import best_of, human, machine, table  # first: it sets the number of threads

import autograd.numpy as anp  # isort: skip
import jax
import numpy as np
import torch
from autograd import value_and_grad
from micrograd.engine import Value

from course_lib.network import Network
from course_lib.reference import backward

SIZES = ([64, 30, 10], [784, 30, 10], [784, 512, 512, 10])
BATCHES = (1, 32, 1024)

torch.set_num_threads(1)
jax.config.update("jax_enable_x64", True)


def products(net, X, Y):
    """The matrix products of one forward and one backward pass and nothing else, as numpy does them."""
    a = {0: X} | {l: np.ones((len(net.W[l]), X.shape[1])) for l in net.W}

    def run():
        for l in net.W:
            net.W[l] @ a[l - 1]
        for l in reversed(net.W):
            a[l] @ a[l - 1].T
            net.W[l].T @ a[l]

    return run


def ours(net, X, Y):
    return lambda: backward(net, X, Y)


def by_torch(net, X, Y):
    W, b = ({l: torch.tensor(v, requires_grad=True) for l, v in part.items()} for part in (net.W, net.b))
    x, y = torch.tensor(X, requires_grad=True), torch.tensor(Y)
    leaves = [*W.values(), *b.values(), x]

    def run():
        a = x
        for l in W:
            a = torch.sigmoid(W[l] @ a + b[l])
        return torch.autograd.grad(((a - y) ** 2).sum() / (2 * y.shape[1]), leaves)

    return run


def by_jax(net, X, Y):
    def J(W, b, a):
        for l in W:
            a = jax.nn.sigmoid(W[l] @ a + b[l])
        return ((a - Y) ** 2).sum() / (2 * Y.shape[1])

    gradient = jax.jit(jax.grad(J, argnums=(0, 1, 2)))
    leaves = jax.tree.map(jax.numpy.asarray, (net.W, net.b, X))
    return lambda: jax.block_until_ready(gradient(*leaves))


def by_autograd(net, X, Y):
    def J(leaves):
        W, b, a = leaves
        for l in W:
            a = 1 / (1 + anp.exp(-(anp.dot(W[l], a) + b[l])))
        return anp.sum((a - Y) ** 2) / (2 * Y.shape[1])

    return lambda: value_and_grad(J)((net.W, net.b, X))[1]


def by_micrograd(net, X, Y):
    """One number at a time, as micrograd works; only for the smallest cell."""
    W, b = ([[[Value(v) for v in row] for row in part[l]] for l in net.W] for part in (net.W, net.b))

    def run():
        total = Value(0.0)
        for i in range(X.shape[1]):
            x = [Value(v) for v in X[:, i]]
            for w, c in zip(W, b, strict=True):
                x = [
                    sum((p * q for p, q in zip(row, x, strict=True)), bias[0]).relu()
                    for row, bias in zip(w, c, strict=True)
                ]
            total = total + sum(((p - q) ** 2 for p, q in zip(x, Y[:, i], strict=True)), Value(0.0))
        (total * (1 / (2 * X.shape[1]))).backward()

    return run


PEERS = {
    "matrix products": products,
    "course_lib": ours,
    "torch eager": by_torch,
    "jax compiled": by_jax,
    "autograd": by_autograd,
}


def agree(net, X, Y):
    """Largest distance of a peer's ∂J/∂W from ours, relative to its norm."""
    g = backward(net, X, Y)
    theirs = [by_torch(net, X, Y)(), by_jax(net, X, Y)()[0].values(), by_autograd(net, X, Y)()[0].values()]
    pairs = [(np.asarray(w), g.W[l]) for peer in theirs for w, l in zip(peer, g.W, strict=False)]
    return max(np.linalg.norm(w - ours) / np.linalg.norm(ours) for w, ours in pairs)


def cell(sizes, m):
    """One row of the table: times, and ratios to ours."""
    rng = np.random.default_rng(0)
    net, X, Y = Network.random(sizes), rng.random((sizes[0], m)), rng.random((sizes[-1], m))
    assert agree(net, X, Y) < 1e-12, "the candidates do not compute the same gradient"
    candidates = {name: make(net, X, Y) for name, make in PEERS.items()}
    if sizes == [64, 30, 10] and m == 1:
        candidates["micrograd"] = by_micrograd(net, X, Y)
    best = best_of(candidates, seconds=4.0 if m < 1024 else 15.0)
    ours = best["course_lib"]
    shown = [
        f"{human(best[name])} ({best[name] / ours:.2g} ×)" if name in best else "—"
        for name in [*PEERS, "micrograd"]
        if name != "course_lib"
    ]
    return ["-".join(map(str, sizes)), m, human(ours), *shown]


def main():
    rows = [cell(sizes, m) for sizes in SIZES for m in BATCHES]
    others = [name for name in [*PEERS, "micrograd"] if name != "course_lib"]
    print(table(["network", "batch", "course_lib", *others], rows))
    print(f"\nIn brackets: times course_lib's. {machine('numpy', 'torch', 'jax', 'autograd', 'micrograd')}")


if __name__ == "__main__":
    main()
