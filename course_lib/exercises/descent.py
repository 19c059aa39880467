"""Training a network: right answers of chapter 05, and test points at which wrong ones cannot hide."""

from __future__ import annotations

import numpy as np

from course_lib import activations
from course_lib.data import digits, one_hot
from course_lib.exercises.points import as_network, fortran, networks, sigmoid_net
from course_lib.network import cost, forward
from course_lib.reference import backward
from course_lib.wire import Call, Rng

# The right answers. ----------------------------------------------------------------------------------------------------------


def initial_weights(sizes, rng):
    layers = range(1, len(sizes))
    W = {layer: rng.normal(size=(sizes[layer], sizes[layer - 1])) / np.sqrt(sizes[layer - 1]) for layer in layers}
    return W, {layer: np.zeros((sizes[layer], 1)) for layer in layers}


def update(W, b, dW, db, rate):
    return {layer: W[layer] - rate * dW[layer] for layer in W}, {layer: b[layer] - rate * db[layer] for layer in b}


def minibatches(X, Y, size, rng):
    order = rng.permutation(X.shape[1])
    cuts = [order[start : start + size] for start in range(0, len(order), size)]
    return [(X[:, cut], Y[:, cut]) for cut in cuts]


def train(W, b, X, Y, *, epochs, rate, batch, rng):
    history = []
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches(X, Y, batch, rng):
            W, b = step(W, b, X_batch, Y_batch, rate)
        history.append(J(W, b, X, Y))
    return W, b, history


def softmax(z):
    return activations.softmax(np.asarray(z, float))


def cross_entropy(y_hat, Y):
    return -np.sum(Y * np.log(np.where(Y > 0, y_hat, 1.0))) / Y.shape[1]


def delta_softmax(y_hat, Y):
    return (y_hat - Y) / Y.shape[1]


def critical(W, b, X, Y, tol):
    return bool(np.max(np.abs(flat_gradient(W, b, X, Y))) <= tol)


def step(W, b, X, Y, rate):
    g = backward(as_network(W, b), X, Y)
    return update(W, b, g.W, g.b, rate)


def J(W, b, X, Y):
    return float(cost(as_network(W, b), X, Y))


def flat_gradient(W, b, X, Y):
    g = backward(as_network(W, b), X, Y)
    return np.concatenate([array.ravel() for array in [*g.W.values(), *g.b.values()]])


# Test points. ----------------------------------------------------------------------------------------------------------------


def starts(rng):
    """Wide and narrow layers, so that 1/√n_in, 1/√n_out and a fixed spread cannot be mistaken for each other."""
    first, second, third = (int(seed) for seed in rng.integers(2**31, size=3))
    return [
        Call((sizes, Rng(seed)))
        for sizes, seed in [([900, 100, 16], first), ([900, 100, 16], second), ([64, 30, 10], third), ([3, 2], third)]
    ]


def steps_down(rng):
    calls = []
    for (W, b, X, Y), rate in zip(networks(rng), (0.5, 3.0, 0.01, 1.0, 0.2), strict=True):
        g = backward(as_network(W, b), X, Y)
        calls.append(Call((W, b, g.W, g.b, rate)))
    return calls


def tables(rng):
    """m that `size` does not divide, m that it does, one batch larger than m, batches of one; the first once more with another seed."""
    calls = []
    for n, m, size in [(8, 23, 5), (3, 24, 8), (2, 7, 10), (4, 9, 1)]:
        X, Y, seed = rng.normal(size=(n, m)), rng.uniform(size=(n - 1, m)), int(rng.integers(2**31))
        calls.append(Call((X, Y, size, Rng(seed))))
    X, Y, size, seed = calls[0].args
    return [*calls, Call((*fortran(X, Y), size, Rng(seed.seed + 1)))]


def trainings(rng):
    """Two of few examples, in which the judge can find the order of each epoch; three whose end is exact whatever the
    order (one batch; one example many times); two whose end is measured. The first comes once more at the end."""
    few, whole = sigmoid_net(rng, [3, 4, 2], 3), sigmoid_net(rng, [4, 5, 3], 6)
    over, deep = sigmoid_net(rng, [3, 4, 4, 2], 7), sigmoid_net(rng, [3, 6, 4, 2], 30)
    W, b, X, Y = sigmoid_net(rng, [3, 4, 2], 1)
    alike = (W, b, np.repeat(X, 150, axis=1), np.repeat(Y, 150, axis=1))
    shown, _ = digits().split()
    read = (*initial_weights([64, 30, 10], rng), shown.images.T.copy(), one_hot(shown.labels))

    def ask(point, epochs, rate, batch):
        return Call(point, {"epochs": epochs, "rate": rate, "batch": batch, "rng": Rng(int(rng.integers(2**31)))})

    return [
        ask(few, 10, 1.0, 1),
        ask(few, 10, 1.0, 1),
        ask(whole, 3, 2.0, 6),
        ask(alike, 2, 0.5, 7),
        ask(over, 2, 1.0, 50),
        ask(deep, 20, 0.5, 8),
        ask(read, 30, 3.0, 16),
    ]


def order_does_not_matter(call) -> bool:
    """One minibatch holds everything, or all examples are the same: the final weights are exact to rounding."""
    X = call.args[2]
    return call.kwargs["batch"] >= X.shape[1] or bool((X[:, :1] == X).all())


def order_can_be_found(call) -> bool:
    """So few examples, one by one, that all orders of an epoch can be tried."""
    return call.kwargs["batch"] == 1 and call.args[2].shape[1] <= 3


def scores(rng):
    """z of all kinds: columns on very different levels, e¹⁰⁰⁰ beyond any float, one column, square, Fortran order."""
    z = rng.normal(scale=2, size=(4, 6))
    levels = np.array([[1000.0, -1000.0, 3.0], [999.0, -1001.0, 1.0], [-1000.0, -999.0, 2.0]])
    return [
        Call((array,))
        for array in (z, rng.normal(size=(3, 1)), rng.normal(size=(3, 3)), levels, np.asfortranarray(z), 20 * z.T)
    ]


def guesses(rng):
    """(ŷ, Y) with ŷ from a softmax: one-hot targets, targets that are distributions, one example, one that is confidently wrong."""
    calls = []
    for n, m in [(4, 6), (3, 1), (3, 3), (5, 4)]:
        Y = one_hot(rng.integers(n, size=m), n)
        calls.append(Call((softmax(rng.normal(scale=2, size=(n, m))), Y)))
    soft = softmax(rng.normal(size=(4, 5)))
    wrong = softmax(np.array([[0.0, 1.0], [32.0, 2.0], [-1.0, 0.5]]))  # ŷ = 1e-14 where 1 is wanted
    return [
        *calls,
        Call((softmax(rng.normal(size=(4, 5))), soft)),
        Call((wrong, one_hot([0, 2], 3))),
        Call(fortran(*calls[0].args)),
    ]


def guesses_with_zeros(rng):
    """As `guesses`, and one ŷ that is exactly 0 where 0 is wanted: 0 · log 0 counts as 0."""
    sure = softmax(np.array([[900.0, 1.0], [0.0, 2.0], [1.0, -900.0]]))
    return [*guesses(rng), Call((sure, one_hot([0, 1], 3)))]


XOR = (np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]]))


def zero(*sizes):
    W, b = initial_weights(sizes, np.random.default_rng(0))
    return {layer: 0 * W[layer] for layer in W}, b


def places(rng):
    """Critical and not: saddle, minimum, plateau, symmetric start, and points where one array alone is above the tolerance."""
    W, b, X, Y = sigmoid_net(rng, [4, 3], 5)
    W_deep, b_deep, X_deep, Y_deep = sigmoid_net(rng, [3, 4, 2], 6)
    thin, wide = (
        {**W_deep, 2: 1e-3 * W_deep[2]},
        ({1: np.ones((4, 2)), 2: np.array([[60.0, -60.0, 60.0, -60.0]])}, zero(2, 4, 1)[1]),
    )
    middle = (
        {1: np.zeros((1, 1))},
        {1: np.array([[np.log(0.4 / 0.6)]])},
    )  # ŷ = 0.4 half-way between 0.2 and 0.6: a minimum with J > 0
    stuck = (
        {1: 30 * np.ones((1, 2))},
        {1: np.array([[30.0]])},
    )  # ŷ = 1 to 13 digits where 0 is wanted: J = ½, and no slope
    points = [
        (*zero(2, 2, 1), *XOR, 1e-12),
        (*zero(6, 4, 3), rng.uniform(size=(6, 8)), one_hot([0, 1, 1, 2, 1, 0, 0, 1], 3), 1e-6),
        (W, b, X, forward(as_network(W, b), X).y_hat, 1e-12),
        (*middle, np.array([[1.0, -1.0]]), np.array([[0.2, 0.6]]), 1e-12),
        (*stuck, np.ones((2, 3)), np.zeros((1, 3)), 1e-6),
        (W, b, 1e-3 * X, np.full_like(Y, 0.9), 1e-3),
        (W, b, 30 * X, Y, 0.2),
        (thin, b_deep, X_deep, Y_deep, 2e-3),
        (*wide, np.array([[0.1, -0.2, 0.2], [0.3, 0.1, -0.4]]), np.array([[0.45, 0.52, 0.55]]), 0.02),
        (*zero(2, 2, 1), *XOR, 0.0),  # every entry is exactly 0, and that is at most 0
    ]
    exact = [(W, b, X, Y, factor * np.max(np.abs(flat_gradient(W, b, X, Y)))) for factor in (0.999, 1.001)]
    return [
        Call(point, {"tol": tol})
        for *point, tol in [*points, *exact, (W_deep, b_deep, X_deep, np.zeros_like(Y_deep), 1e-4)]
    ]
