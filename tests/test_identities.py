"""Exact identities that every right set of derivatives fulfils, whatever the network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.networks import hostile, ordinary
from course_lib.network import Network, cost, forward
from course_lib.reference import backward, input_gradient, jacobian, jvp, vjp

seeds = st.integers(0, 2**32 - 1)


def close(a, b, rtol=1e-12):
    """Equal on the scale of the array."""
    return np.max(np.abs(a - b), initial=0.0) <= rtol * max(np.max(np.abs(a), initial=0.0), 1e-280)


@given(seeds)
def test_adjoint(seed):
    """⟨u, Jv⟩ = ⟨Jᵀu, v⟩, example by example, and both equal the Jacobian's own product."""
    rng = np.random.default_rng(seed)
    net, X, Y = hostile(rng)
    u, v = rng.normal(size=Y.shape), rng.normal(size=X.shape)
    Jv, uJ, J = jvp(net, X, v), vjp(net, X, u), jacobian(net, X)
    size = np.einsum("mi,mij,mj->m", np.abs(u.T), np.abs(J), np.abs(v.T)) + np.abs(u * Jv).sum(axis=0) + 1e-280
    assert np.all(np.abs((u * Jv).sum(axis=0) - (uJ * v).sum(axis=0)) <= 1e-10 * size)
    assert np.all(np.abs((u * Jv).sum(axis=0) - np.einsum("mi,mij,mj->m", u.T, J, v.T)) <= 1e-10 * size)


@given(seeds)
def test_input_gradient_is_per_example(seed):
    net, X, Y = ordinary(np.random.default_rng(seed))
    g = input_gradient(net, X, Y)
    assert close(g, X.shape[1] * backward(net, X, Y).X)
    alone = [input_gradient(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    assert close(g, np.hstack(alone))


@given(seeds)
def test_cost_gradient_is_vjp_of_the_error(seed):
    net, X, Y = ordinary(np.random.default_rng(seed))
    u = -Y / forward(net, X).y_hat if net.is_softmax else forward(net, X).y_hat - Y
    assert close(input_gradient(net, X, Y), vjp(net, X, u), rtol=1e-11)


@given(seeds)
def test_softmax_rows(seed):
    """A softmax's outputs sum to 1: the rows of its Jacobian sum to 0, and so does each column of δ."""
    rng = np.random.default_rng(seed)
    net = Network.random([4, 3, 5], activation="tanh", output="softmax", seed=rng, scale=2.0)
    X, Y = rng.normal(size=(4, 6)), rng.dirichlet(np.ones(5), 6).T
    J = jacobian(net, X)
    assert np.max(np.abs(J.sum(axis=1))) <= 1e-14 * np.max(np.abs(J))
    assert np.max(np.abs(backward(net, X, Y).delta[2].sum(axis=0))) <= 1e-15


def test_softmax_error_has_no_cancellation():
    """Where the network is sure and right, ŷ − y is 1e-30, not 0: the digits of the small probabilities survive."""
    net = Network({1: np.eye(3)}, {1: np.zeros((3, 1))}, {1: "softmax"})
    delta = backward(net, [[70.0], [0.0], [-5.0]], [[1.0], [0.0], [0.0]]).delta[1].ravel()
    p = np.exp([-70.0, -75.0])
    np.testing.assert_allclose(delta, [-p.sum(), *p], rtol=1e-13)


@given(seeds)
def test_relu_conservation(seed):
    """Without biases a relu network is homogeneous: ŷ = (∂ŷ/∂x) x, and ⟨W, ∂f/∂W⟩ is the same in every layer."""
    rng = np.random.default_rng(seed)
    net = Network.random([4, 6, 5, 2], activation="relu", output="identity", seed=rng)
    net = Network(net.W, {l: 0 * b for l, b in net.b.items()}, net.activations)
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    assert close(forward(net, X).y_hat, jvp(net, X, X))
    g = backward(net, X, Y)
    flow = np.array([np.vdot(net.W[l], g.W[l]) for l in net.W])
    assert np.ptp(flow) <= 1e-12 * (1 + np.max(np.abs(flow)))


@given(seeds)
def test_permuting_hidden_units_permutes_the_gradient(seed):
    rng = np.random.default_rng(seed)
    net = Network.random([3, 6, 4, 2], activation="tanh", output="sigmoid", seed=rng)
    X, Y, order = rng.normal(size=(3, 5)), rng.random((2, 5)), rng.permutation(6)
    W = {**net.W, 1: net.W[1][order], 2: net.W[2][:, order]}
    moved = Network(W, {**net.b, 1: net.b[1][order]}, net.activations)
    g, h = backward(net, X, Y), backward(moved, X, Y)
    assert close(h.W[1], g.W[1][order])
    assert close(h.W[2], g.W[2][:, order])
    assert close(h.b[1], g.b[1][order])
    assert close(h.X, g.X)


@given(seeds)
def test_flipping_the_sign_of_a_tanh_unit(seed):
    rng = np.random.default_rng(seed)
    net = Network.random([3, 5, 2], activation="tanh", output="identity", seed=rng)
    X, Y, sign = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.choice([-1.0, 1.0], size=(5, 1))
    flipped = Network({1: sign * net.W[1], 2: net.W[2] * sign.T}, {1: sign * net.b[1], 2: net.b[2]}, net.activations)
    g, h = backward(net, X, Y), backward(flipped, X, Y)
    assert close(h.W[1], sign * g.W[1])
    assert close(h.W[2], g.W[2] * sign.T)
    assert close(h.X, g.X)


@given(seeds)
def test_a_bias_is_the_weight_of_a_constant_input(seed):
    rng = np.random.default_rng(seed)
    net, X, Y = ordinary(rng)
    first = Network({**net.W, 1: np.hstack([net.W[1], net.b[1]])}, {**net.b, 1: 0 * net.b[1]}, net.activations)
    g, h = backward(net, X, Y), backward(first, np.vstack([X, np.ones(X.shape[1])]), Y)
    assert close(h.W[1][:, :-1], g.W[1])
    assert close(h.W[1][:, -1:], g.b[1])


@given(seeds)
def test_a_sigmoid_network_is_a_tanh_network(seed):
    """σ(z) = ½(1 + tanh(z/2)): the same function with other weights, so the same ∂J/∂X."""
    rng = np.random.default_rng(seed)
    net = Network.random([3, 4, 2], activation="sigmoid", output="identity", seed=rng)
    X, Y = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
    W = {1: net.W[1] / 2, 2: net.W[2] / 2}
    b = {1: net.b[1] / 2, 2: net.b[2] + net.W[2].sum(axis=1, keepdims=True) / 2}
    twin = Network(W, b, {1: "tanh", 2: "identity"})
    assert cost(net, X, Y) == pytest.approx(cost(twin, X, Y), rel=1e-13)
    g, h = backward(net, X, Y), backward(twin, X, Y)
    assert close(h.X, g.X)
    assert close(h.W[1] / 2, g.W[1])


@given(seeds)
def test_doubling_the_batch_changes_nothing(seed):
    net, X, Y = ordinary(np.random.default_rng(seed))
    g, h = backward(net, X, Y), backward(net, np.hstack([X, X]), np.hstack([Y, Y]))
    assert all(close(h.W[l], g.W[l]) and close(h.b[l], g.b[l]) for l in net.W)
