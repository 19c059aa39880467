"""The pieces of a forward pass, chapter 01: the right answers, and the wrong ones by the name of the mistake.

A mistake that can be made in several ways has a row for each. Rows that raise at most test points, or give another shape
there, run where two numbers of the shape happen to be equal: they are named by that behaviour.
"""

from __future__ import annotations

import numpy as np

from course_lib import activations
from course_lib.exercises.points import as_network
from course_lib.network import forward as network_forward

# The right answers. ----------------------------------------------------------------------------------------------------------


def sigmoid(z):
    return activations.sigmoid(np.asarray(z, float))


def layer_forward(W, b, a_prev):
    z = W @ a_prev + b
    return z, sigmoid(z)


def forward(W, b, X):
    trace = network_forward(as_network(W, b), X)
    return trace.z, trace.a


def cost(y_hat, Y):
    return np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])


def to_columns(rows):
    return rows.T


def repaired_forward(W1, b1, W2, b2, X_rows):
    return sigmoid(W2 @ sigmoid(W1 @ X_rows.T + b1) + b2).T


# How a walk through the layers goes wrong. --------------------------------------------------------------------------------------


def walk(W, b, X, given=lambda z, a: a, last=lambda z, a: a):
    """A forward pass in which `given(z, a)` is handed to the next layer, and `last` is what the output layer gives."""
    z, a, x = {}, {0: X}, X
    for layer in W:
        z[layer] = W[layer] @ x + b[layer]
        a[layer] = (last if layer == len(W) else given)(z[layer], sigmoid(z[layer]))
        x = a[layer]
    return z, a


def everywhere(activation):
    """A forward pass with another activation in all layers."""
    return lambda W, b, X: walk(W, b, X, *[lambda z, a: activation(z)] * 2)


def with_sums(collect):
    """A forward pass whose z is collect(W, b, a_prev)."""

    def wrong(W, b, X):
        z, a = {}, {0: X}
        for layer in W:
            z[layer] = collect(W[layer], b[layer], a[layer - 1])
            a[layer] = sigmoid(z[layer])
        return z, a

    return wrong


def z_handed_on(W, b, X):
    """a is right in itself, but the next layer is fed with z."""
    z, _ = walk(W, b, X, given=lambda z, a: z)
    return z, {0: X} | {layer: sigmoid(z[layer]) for layer in z}


def swapped_in_each_layer(W, b, X):
    """a[l], z[l] = layer_forward(…): what is called a, and handed on, is z."""
    z, a = z_handed_on(W, b, X)
    return {layer: a[layer] for layer in z}, {0: X} | z


def fed_with_X(W, b, X):
    layers = {layer: layer_forward(W[layer], b[layer], X) for layer in W}
    return {l: z for l, (z, _) in layers.items()}, {0: X} | {l: a for l, (_, a) in layers.items()}


def z_lost(W, b, X):
    """σ was computed inside z's own array."""
    _, a = forward(W, b, X)
    return {layer: a[layer] for layer in W}, a


def posted(W1, b1, W2, b2, X_rows):
    return sigmoid(W2 @ sigmoid(W1 @ X_rows + b1) + b2)


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------

# fmt: off
WRONG_SIGMOID = [
    ("sign of the exponent",           lambda z: sigmoid(-np.asarray(z))),
    ("|z| in place of z",              lambda z: sigmoid(np.abs(z))),
    ("maximum in place of minimum",    lambda z: 1 / (1 + np.exp(np.maximum(-np.asarray(z, float), 700)))),
    ("brackets lost",                  lambda z: 1 + np.exp(-np.asarray(z, float))),
    ("brackets lost",                  lambda z: 1 + np.exp(np.minimum(-np.asarray(z, float), 700))),
    ("σ′ in place of σ",               lambda z: sigmoid(z) * (1 - sigmoid(z))),
    ("tanh in place of σ",             lambda z: np.tanh(z)),
    ("relu in place of σ",             lambda z: np.maximum(0.0, z)),
    ("no activation",                  lambda z: np.asarray(z, float)),
    ("σ applied twice",                lambda z: sigmoid(sigmoid(z))),
]

WRONG_LAYER = [
    ("b forgotten",                    lambda W, b, a: (W @ a, sigmoid(W @ a))),
    ("b subtracted",                   lambda W, b, a: (W @ a - b, sigmoid(W @ a - b))),
    ("b added after σ",                lambda W, b, a: (W @ a, sigmoid(W @ a) + b)),
    ("z and a swapped",                lambda W, b, a: layer_forward(W, b, a)[::-1]),
    ("no activation",                  lambda W, b, a: (W @ a + b, W @ a + b)),
    ("a in place of z",                lambda W, b, a: (sigmoid(W @ a + b),) * 2),
    ("σ applied twice",                lambda W, b, a: (W @ a + b, sigmoid(sigmoid(W @ a + b)))),
    ("σ on the input",                 lambda W, b, a: layer_forward(W, b, sigmoid(a))),
    ("σ′ in place of σ",               lambda W, b, a: (W @ a + b, sigmoid(W @ a + b) * sigmoid(-(W @ a + b)))),
    ("tanh in place of σ",             lambda W, b, a: (W @ a + b, np.tanh(W @ a + b))),
    ("relu in place of σ",             lambda W, b, a: (W @ a + b, np.maximum(0, W @ a + b))),
    ("W transposed",                   lambda W, b, a: layer_forward(W.T, b, a)),
    ("W on the wrong side",            lambda W, b, a: layer_forward(a, b, W)),
    ("∘ in place of @",                lambda W, b, a: (W * a + b, sigmoid(W * a + b))),
]

WRONG_FORWARD = [
    ("z handed to the next layer",     z_handed_on),
    ("no activation in hidden layers", lambda W, b, X: walk(W, b, X, given=lambda z, a: z)),
    ("no σ at the output",             lambda W, b, X: walk(W, b, X, last=lambda z, a: z)),
    ("no activation",                  everywhere(lambda z: z)),
    ("σ applied twice",                everywhere(lambda z: sigmoid(sigmoid(z)))),
    ("tanh in place of σ",             everywhere(np.tanh)),
    ("relu in place of σ",             everywhere(lambda z: np.maximum(0, z))),
    ("b forgotten",                    with_sums(lambda W, b, a: W @ a)),
    ("b subtracted",                   with_sums(lambda W, b, a: W @ a - b)),
    ("σ on the input",                 lambda W, b, X: (forward(W, b, sigmoid(X))[0], forward(W, b, sigmoid(X))[1] | {0: X})),
    ("σ on the input",                 lambda W, b, X: forward(W, b, sigmoid(X))),
    ("a in place of z",                z_lost),
    ("z and a swapped",                lambda W, b, X: forward(W, b, X)[::-1]),
    ("z and a swapped",                swapped_in_each_layer),
    ("every layer fed with X",         fed_with_X),
    ("W transposed",                   with_sums(lambda W, b, a: W.T @ a + b)),
    ("W on the wrong side",            with_sums(lambda W, b, a: a @ W + b)),
    ("∘ in place of @",                with_sums(lambda W, b, a: W * a + b)),
]

WRONG_COST = [
    ("J without 1/m",                  lambda y, Y: cost(y, Y) * Y.shape[1]),
    ("J without ½",                    lambda y, Y: cost(y, Y) * 2),
    ("J without ½ and 1/m",            lambda y, Y: np.sum((y - Y) ** 2)),
    ("brackets lost",                  lambda y, Y: np.sum((y - Y) ** 2) / 2 * Y.shape[1]),
    ("mean over all entries",          lambda y, Y: np.mean((y - Y) ** 2) / 2),
    ("mean square, no ½",              lambda y, Y: np.mean((y - Y) ** 2)),
    ("mean over features",             lambda y, Y: np.sum((y - Y) ** 2) / (2 * Y.shape[0])),
    ("norm not squared",               lambda y, Y: np.sqrt(np.sum((y - Y) ** 2)) / (2 * Y.shape[1])),
    ("norm not squared",               lambda y, Y: np.sum(np.linalg.norm(y - Y, axis=0)) / (2 * Y.shape[1])),
    ("square of the sum",              lambda y, Y: np.sum(y - Y) ** 2 / (2 * Y.shape[1])),
    ("no square",                      lambda y, Y: np.sum(y - Y) / (2 * Y.shape[1])),
    ("absolute values",                lambda y, Y: np.sum(np.abs(y - Y)) / (2 * Y.shape[1])),
    ("only the last example",          lambda y, Y: np.sum((y - Y)[:, -1] ** 2) / 2),
    ("another cost: cross-entropy",    lambda y, Y: -np.sum(Y * np.log(y)) / Y.shape[1]),
    ("another cost: cross-entropy",    lambda y, Y: -np.sum(Y * np.log(y) + (1 - Y) * np.log1p(-y)) / Y.shape[1]),
]

WRONG_COLUMNS = [
    ("reshape in place of transpose",  lambda rows: rows.reshape(rows.shape[::-1])),
    ("turned, not transposed",         lambda rows: np.rot90(rows)),
    ("turned the other way",           lambda rows: np.rot90(rows, -1)),
    ("transposed",                     lambda rows: rows),
]

WRONG_REPAIR = [
    ("orientation guessed from the shape", lambda W1, b1, W2, b2, X: repaired_forward(W1, b1, W2, b2, X.T if len(X) == W1.shape[1] else X)),
    ("reshape in place of transpose",      lambda W1, b1, W2, b2, X: repaired_forward(W1, b1, W2, b2, X.reshape(X.shape[::-1]).T)),
    ("reshape in place of transpose",      lambda W1, b1, W2, b2, X: repaired_forward(W1, b1, W2, b2, X).T.reshape(len(X), -1)),
    ("no σ at the output",                 lambda W1, b1, W2, b2, X: (W2 @ sigmoid(W1 @ X.T + b1) + b2).T),
    ("no activation in hidden layers",     lambda W1, b1, W2, b2, X: sigmoid(W2 @ (W1 @ X.T + b1) + b2).T),
    ("b forgotten",                        lambda W1, b1, W2, b2, X: repaired_forward(W1, 0 * b1, W2, 0 * b2, X)),
    ("rows taken for columns",             posted),
    ("rows taken for columns",             lambda W1, b1, W2, b2, X: posted(W1, b1, W2, b2, X).T),
    ("transposed",                         lambda W1, b1, W2, b2, X: repaired_forward(W1, b1, W2, b2, X).T),
    ("a column added to rows",             lambda W1, b1, W2, b2, X: sigmoid(sigmoid(X @ W1.T + b1) @ W2.T + b2)),
    ("W not turned for rows",              lambda W1, b1, W2, b2, X: sigmoid(sigmoid(X @ W1 + b1.T) @ W2 + b2.T)),
]
# fmt: on
