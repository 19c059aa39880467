"""Test points at which wrong gradients cannot hide.

A published grader that tests with m = 1, equal widths, zero weights, targets equal to outputs or an upstream gradient of
ones lets wrong gradients pass. None of these stands alone here, and caches come from a real forward pass.
"""

from __future__ import annotations

import itertools

import numpy as np

from course_lib.network import Network, forward

LARGE = [
    330,
    280,
    20,
    4,
]  # 98,324 weights and biases: two forward passes for each of them take seconds, one pass back does not


def sigmoid_net(rng, sizes, m, scale=1.0):
    """(W, b, X, Y) of a sigmoid network: inputs and biases not zero, targets inside (0, 1) and off the outputs."""
    W, b = {}, {}
    for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), start=1):
        W[layer] = scale * rng.normal(size=(fan_out, fan_in)) * np.sqrt(2 / fan_in)
        b[layer] = 0.5 * rng.normal(size=(fan_out, 1)) + 0.1
    return W, b, rng.normal(size=(sizes[0], m)), rng.uniform(0.05, 0.95, size=(sizes[-1], m))


def networks(rng) -> list[tuple]:
    """Five points: widths all different and from m, one example, one layer, square, and one with large gradients."""
    return [
        sigmoid_net(rng, [4, 5, 3, 2], 6),
        sigmoid_net(rng, [3, 4, 2], 1),
        sigmoid_net(rng, [4, 3], 5),
        sigmoid_net(rng, [3, 3, 3, 3], 4),
        sigmoid_net(rng, [5, 4, 6, 3], 7, scale=3.0),
    ]


def large_network(rng) -> tuple:
    """A point whose size tells backpropagation from finite differences by the clock."""
    return sigmoid_net(rng, LARGE, 2)


def as_network(W, b) -> Network:
    """The student's dicts as a `Network` of sigmoid layers."""
    return Network(W, b, dict.fromkeys(W, "sigmoid"))


def cache(W, b, X) -> dict[int, np.ndarray]:
    """a[0 … L] of a real forward pass."""
    return forward(as_network(W, b), X).a


def fortran(*arrays) -> tuple:
    """The same arrays in Fortran order: an answer must not depend on the memory layout."""
    return tuple(np.asfortranarray(array) for array in arrays)
