"""The right derivatives, against HIPS autograd (an independent program) and against differences."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd import jacobian as autograd_jacobian

from benchmarks.networks import hostile, ordinary
from course_lib.differences import central_difference
from course_lib.network import Network, cost, forward, targets
from course_lib.reference import RULES, backward, input_gradient, jacobian, jvp, vjp
from course_lib.rounding import bounds

VALUES = {
    "sigmoid": lambda z: 0.5 * (1 + anp.tanh(z / 2)),
    "tanh": anp.tanh,
    "relu": lambda z: z * (z > 0),
    "identity": lambda z: z,
}


def outputs(kinds, W, b, X):
    """(z[L], ŷ) in autograd's numpy."""
    a = X
    for l in sorted(W):
        z = anp.dot(W[l], a) + b[l]
        e = z - anp.max(z, axis=0, keepdims=True)
        a = VALUES[kinds[l]](z) if kinds[l] != "softmax" else anp.exp(e) / anp.sum(anp.exp(e), axis=0, keepdims=True)
    return z, a


def J(kinds, W, b, X, Y):
    z, y_hat = outputs(kinds, W, b, X)
    if kinds[len(W)] != "softmax":
        return anp.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])
    z = z - anp.max(z, axis=0, keepdims=True)
    return -anp.sum(Y * (z - anp.log(anp.sum(anp.exp(z), axis=0, keepdims=True)))) / Y.shape[1]


def by_autograd(net, X, Y):
    """{(name, layer): ∂J} by autograd."""
    with np.errstate(over="ignore"):  # autograd squares cosh(z)
        W, b, X_ = (grad(lambda *p: J(net.activations, *p, Y), k)(net.W, net.b, X) for k in range(3))
    return {("W", l): W[l] for l in W} | {("b", l): b[l] for l in b} | {("X", None): X_}


def arrays(g):
    return {("W", l): g.W[l] for l in g.W} | {("b", l): g.b[l] for l in g.b} | {("X", None): g.X}


def test_agrees_with_autograd_on_ordinary_networks(rng):
    for _ in range(150):
        net, X, Y = ordinary(rng)
        ours, theirs = arrays(backward(net, X, Y)), by_autograd(net, X, Y)
        for key, g in theirs.items():
            assert np.linalg.norm(ours[key] - g) <= 1e-13 * np.linalg.norm(g), (key, net.activations)


def test_agrees_with_autograd_within_the_rounding_bound_everywhere(rng):
    for _ in range(300):
        net, X, Y = hostile(rng)
        allowed = bounds(net, forward(net, X), targets(net, X, Y))
        if allowed.ties:
            continue  # at a kink autograd and we may choose different slopes; both are right
        ours, theirs, within = arrays(backward(net, X, Y)), by_autograd(net, X, Y), arrays(allowed.gradient)
        for key, g in theirs.items():
            assert np.all(np.abs(ours[key] - g) <= 2 * within[key]), (key, net.activations)


@pytest.mark.parametrize("kind", [*VALUES, "softmax"])
def test_jacobian_agrees_with_autograd(kind, rng):
    net = Network.random([4, 5, 3], activation="tanh", output=kind, seed=2)
    X = rng.normal(size=(4, 6))
    J = jacobian(net, X)
    assert J.shape == (6, 3, 4)
    for i in range(6):
        theirs = autograd_jacobian(lambda x: outputs(net.activations, net.W, net.b, x)[1])(X[:, [i]])[:, 0, :, 0]
        np.testing.assert_allclose(J[i], theirs, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", [*VALUES, "softmax"])
def test_backward_agrees_with_central_differences(kind, rng):
    net = Network.random([3, 4, 2], activation="sigmoid", output=kind, seed=3)
    X, Y = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(2), 4).T
    g = backward(net, X, Y)
    np.testing.assert_allclose(g.X, central_difference(lambda X: cost(net, X, Y), X), atol=1e-9)
    for l in net.W:
        J_of_W = lambda w, l=l: cost(Network(net.W | {l: w}, net.b, net.activations), X, Y)
        J_of_b = lambda v, l=l: cost(Network(net.W, net.b | {l: v}, net.activations), X, Y)
        np.testing.assert_allclose(g.W[l], central_difference(J_of_W, net.W[l]), atol=1e-9)
        np.testing.assert_allclose(g.b[l], central_difference(J_of_b, net.b[l]), atol=1e-9)
        # δ is what b would get if each example had a b of its own.
        np.testing.assert_allclose(g.delta[l].sum(axis=1, keepdims=True), g.b[l], rtol=1e-14)


def test_shapes_follow_what_they_belong_to(rng):
    net = Network.random([3, 5, 2])
    for m in (1, 4):
        X = rng.normal(size=(3, m))
        g = backward(net, X, rng.normal(size=(2, m)))
        assert {l: v.shape for l, v in g.W.items()} == {l: v.shape for l, v in net.W.items()}
        assert {l: v.shape for l, v in g.b.items()} == {l: v.shape for l, v in net.b.items()}
        assert {l: v.shape for l, v in g.delta.items()} == {1: (5, m), 2: (2, m)}
        assert g.X.shape == X.shape


def test_no_observations():
    net, none = Network.random([3, 5, 2]), np.empty((3, 0))
    assert jacobian(net, none).shape == (0, 2, 3)
    assert jvp(net, none, none).shape == (2, 0)
    assert vjp(net, none, np.empty((2, 0))).shape == (3, 0)
    for gradient in (backward, input_gradient):
        with pytest.raises(ValueError, match="no observations"):
            gradient(net, none, np.empty((2, 0)))


def test_vectors_that_do_not_fit_are_refused(rng):
    net, X = Network.random([3, 5, 2]), rng.normal(size=(3, 4))
    with pytest.raises(ValueError, match=r"V: shape \(3,\), wanted \(3, 4\), like X"):
        jvp(net, X, np.ones(3))
    with pytest.raises(ValueError, match=r"U: shape \(3, 4\), wanted \(2, 4\), like the output"):
        vjp(net, X, np.ones((3, 4)))


def test_memory_order_and_inputs(rng):
    net = Network.random([3, 5, 2])
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    before = X.copy(), Y.copy(), net.W[1].copy()
    g, h = backward(net, X, Y), backward(net, np.asfortranarray(X), np.asfortranarray(Y))
    assert all(map(np.array_equal, before, (X, Y, net.W[1])))
    np.testing.assert_allclose(h.W[1], g.W[1], rtol=1e-14)


def test_a_replaced_rule_replaces_the_gradient(rng):
    from dataclasses import replace

    net, X, Y = Network.random([3, 5, 2]), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    g = backward(net, X, Y)
    wrong = backward(net, X, Y, replace(RULES, da_output=lambda s: -RULES.da_output(s)))
    assert all(np.array_equal(wrong.W[l], -g.W[l]) for l in net.W)
    assert np.array_equal(wrong.X, -g.X)
