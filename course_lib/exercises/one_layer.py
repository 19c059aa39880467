"""The pieces of a backward pass, chapter 03: the right answers, and the wrong ones by the name of the mistake.

A mistake that can be made in several ways has a row for each. Some rows give another shape, or raise unless a layer is
square: they are named by that behaviour.
"""

from __future__ import annotations

import itertools

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logit(a):
    return np.log(a) - np.log1p(-a)


# The right answers: one line each, as in the formula. ---------------------------------------------------------------------


def sigmoid_prime(a):
    return a * (1 - a)


def dJ_da(y_hat, Y):
    return (y_hat - Y) / Y.shape[1]


def delta_output(y_hat, Y):
    return dJ_da(y_hat, Y) * sigmoid_prime(y_hat)


def delta_hidden(W_next, delta_next, a):
    return W_next.T @ delta_next * sigmoid_prime(a)


def dJ_dW(delta, a_prev):
    return delta @ a_prev.T


def dJ_db(delta):
    return delta.sum(axis=1, keepdims=True)


def _products(sizes):
    return [n * n_prev for n_prev, n in itertools.pairwise(sizes)]


def multiplications(sizes, m):
    products = _products(sizes)
    one_pass = m * sum(products)
    parameters = sum(products) + sum(sizes[1:])
    return {
        "forward": one_pass,
        "backward": one_pass + m * sum(products[1:]),
        "finite_differences": 2 * parameters * one_pass,
    }


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------


def _counted(key, count):
    """`multiplications` with one entry counted otherwise: count(sizes, m, right)."""

    def wrong(sizes, m):
        right = multiplications(sizes, m)
        return right | {key: count(sizes, m, right)}

    return wrong


# fmt: off
WRONG_SIGMOID_PRIME = [
    ("flipped sign in σ′",                 lambda a: -a * (1 - a)),
    ("half of σ′",                         lambda a: a),
    ("half of σ′: 1 − a",                  lambda a: 1 - a),
    ("tanh's derivative on a sigmoid",     lambda a: 1 - a**2),
    ("σ applied twice",                    lambda a: sigmoid(a) * (1 - sigmoid(a))),
    ("relu mask on a sigmoid",             lambda a: (a > 0) * 1.0),
    ("σ in place of σ′",                   lambda a: sigmoid(a)),
    ("σ′ of z",                            lambda a: logit(a) * (1 - logit(a))),
    ("1 + a in place of 1 − a",            lambda a: a * (1 + a)),
    ("@ in place of ∘",                    lambda a: a @ (1 - a)),
]

WRONG_DJ_DA = [
    ("flipped sign",                       lambda y, Y: (Y - y) / Y.shape[1]),
    ("missing 1/m",                        lambda y, Y: y - Y),
    ("flipped sign and missing 1/m",       lambda y, Y: Y - y),
    ("mean over features",                 lambda y, Y: (y - Y) / Y.shape[0]),
    ("mean over all entries",              lambda y, Y: (y - Y) / Y.size),
    ("factor 2",                           lambda y, Y: 2 * (y - Y) / Y.shape[1]),
    ("factor ½",                           lambda y, Y: (y - Y) / (2 * Y.shape[1])),
    ("1/m twice",                          lambda y, Y: (y - Y) / Y.shape[1] ** 2),
    ("σ′ too early",                       lambda y, Y: (y - Y) * y * (1 - y) / Y.shape[1]),
    ("the cost in place of its derivative", lambda y, Y: (y - Y) ** 2 / (2 * Y.shape[1])),
    ("the cost in place of its derivative", lambda y, Y: (y - Y) ** 2 / Y.shape[1]),
    ("absolute error",                     lambda y, Y: np.abs(y - Y) / Y.shape[1]),
    ("sign of the error",                  lambda y, Y: np.sign(y - Y) / Y.shape[1]),
]

WRONG_DELTA_OUTPUT = [
    ("flipped sign",                       lambda y, Y: -delta_output(y, Y)),
    ("missing 1/m",                        lambda y, Y: delta_output(y, Y) * Y.shape[1]),
    ("flipped sign and missing 1/m",       lambda y, Y: -delta_output(y, Y) * Y.shape[1]),
    ("mean over features",                 lambda y, Y: delta_output(y, Y) * Y.shape[1] / Y.shape[0]),
    ("factor 2",                           lambda y, Y: 2 * delta_output(y, Y)),
    ("factor ½",                           lambda y, Y: delta_output(y, Y) / 2),
    ("1/m twice",                          lambda y, Y: delta_output(y, Y) / Y.shape[1]),
    ("no σ′ at the output",                lambda y, Y: dJ_da(y, Y)),
    ("half of σ′",                         lambda y, Y: dJ_da(y, Y) * y),
    ("half of σ′: 1 − a",                  lambda y, Y: dJ_da(y, Y) * (1 - y)),
    ("tanh's derivative on a sigmoid",     lambda y, Y: dJ_da(y, Y) * (1 - y**2)),
    ("σ applied twice",                    lambda y, Y: dJ_da(y, Y) * sigmoid_prime(sigmoid(y))),
    ("σ′ averaged over the batch",         lambda y, Y: dJ_da(y, Y) * sigmoid_prime(y).mean(axis=1, keepdims=True)),
    ("relu of the upstream",               lambda y, Y: np.maximum(0, dJ_da(y, Y))),
    ("missing 1/m and no σ′ at the output", lambda y, Y: y - Y),
    ("flipped sign and no σ′ at the output", lambda y, Y: -dJ_da(y, Y)),
    ("σ′ of the target",                   lambda y, Y: dJ_da(y, Y) * sigmoid_prime(Y)),
    ("σ′ added",                           lambda y, Y: dJ_da(y, Y) + sigmoid_prime(y)),
    ("@ in place of ∘",                    lambda y, Y: dJ_da(y, Y) @ sigmoid_prime(y)),
]

WRONG_DELTA_HIDDEN = [
    ("flipped sign",                       lambda W, d, a: -delta_hidden(W, d, a)),
    ("1/m twice",                          lambda W, d, a: delta_hidden(W, d, a) / a.shape[1]),
    ("missing 1/m",                        lambda W, d, a: delta_hidden(W, d, a) * a.shape[1]),
    ("no σ′ in hidden layers",             lambda W, d, a: W.T @ d),
    ("half of σ′",                         lambda W, d, a: W.T @ d * a),
    ("half of σ′: 1 − a",                  lambda W, d, a: W.T @ d * (1 - a)),
    ("tanh's derivative on a sigmoid",     lambda W, d, a: W.T @ d * (1 - a**2)),
    ("σ applied twice",                    lambda W, d, a: W.T @ d * sigmoid_prime(sigmoid(a))),
    ("σ′ of z",                            lambda W, d, a: W.T @ d * logit(a) * (1 - logit(a))),
    ("σ′ averaged over the batch",         lambda W, d, a: W.T @ d * sigmoid_prime(a).mean(axis=1, keepdims=True)),
    ("relu of the upstream",               lambda W, d, a: np.maximum(0, W.T @ d)),
    ("σ′ added",                           lambda W, d, a: W.T @ d + sigmoid_prime(a)),
    ("W not transposed",                   lambda W, d, a: W @ d * sigmoid_prime(a)),
    ("σ′ before Wᵀ",                       lambda W, d, a: W.T @ (d * sigmoid_prime(a))),
    ("plain product of factors",           lambda W, d, a: d @ W * sigmoid_prime(a)),
    ("∘ in place of @",                    lambda W, d, a: W.T * d * sigmoid_prime(a)),
    ("@ in place of ∘",                    lambda W, d, a: W.T @ d @ sigmoid_prime(a)),
]

WRONG_DJ_DW = [
    ("flipped sign",                       lambda d, a: -d @ a.T),
    ("1/m twice",                          lambda d, a: d @ a.T / d.shape[1]),
    ("missing 1/m",                        lambda d, a: d @ a.T * d.shape[1]),
    ("outer product of means",             lambda d, a: d.mean(1, keepdims=True) @ a.mean(1, keepdims=True).T),
    ("outer product of sums",              lambda d, a: d.sum(1, keepdims=True) @ a.sum(1, keepdims=True).T),
    ("outer product of a sum and a mean",  lambda d, a: d.sum(1, keepdims=True) @ a.mean(1, keepdims=True).T),
    ("only one example",                   lambda d, a: d[:, :1] @ a[:, :1].T),
    ("only the last example",              lambda d, a: d[:, -1:] @ a[:, -1:].T),
    ("dW transposed",                      lambda d, a: a @ d.T),
    ("plain product of factors",           lambda d, a: d @ a),
    ("∘ in place of the outer product",    lambda d, a: d * a),
    ("first example skipped",              lambda d, a: d[:, 1:] @ a[:, 1:].T),
    ("reshape in place of transpose",      lambda d, a: d @ a.reshape(a.shape[::-1])),
    ("σ′ of the input in dW",              lambda d, a: d @ sigmoid_prime(a).T),
    ("np.outer of whole matrices",         lambda d, a: np.outer(d, a)),
    ("one dW for each example",            lambda d, a: np.einsum("ik,jk->kij", d, a)),
    ("one dW for each example",            lambda d, a: np.einsum("ik,jk->ijk", d, a)),
]

WRONG_DJ_DB = [
    ("flipped sign",                       lambda d: -dJ_db(d)),
    ("db averaged",                        lambda d: d.mean(axis=1, keepdims=True)),
    ("only one example",                   lambda d: d[:, :1]),
    ("only the last example",              lambda d: d[:, -1:]),
    ("db summed over everything",          lambda d: np.full((len(d), 1), d.sum())),
    ("db zero",                            lambda d: np.zeros((len(d), 1))),
    ("db of magnitudes",                   lambda d: np.abs(d).sum(axis=1, keepdims=True)),
    ("db lost its axis",                   lambda d: d.sum(axis=1)),
    ("db not summed",                      lambda d: d),
    ("db summed over the units",           lambda d: d.sum(axis=0, keepdims=True)),
    ("db summed over everything",          lambda d: d.sum()),
    ("db summed over everything",          lambda d: d.sum(keepdims=True)),
    ("db summed over the units",           lambda d: d.sum(axis=0)),
    ("db summed over the units",           lambda d: d.sum(axis=0, keepdims=True).T),
    ("transposed",                         lambda d: dJ_db(d).T),
]

WRONG_MULTIPLICATIONS = [
    ("∂J/∂X counted too",                  _counted("backward", lambda sizes, m, right: 2 * right["forward"])),
    ("Wᵀδ forgotten",                      _counted("backward", lambda sizes, m, right: right["forward"])),
    ("∂J/∂W forgotten",                    _counted("backward", lambda sizes, m, right: m * sum(_products(sizes)[1:]))),
    ("Wᵀδ of the last layer left out",     _counted("backward", lambda sizes, m, right: right["forward"] + m * sum(_products(sizes)[:-1]))),
    ("additions of b counted",             _counted("forward", lambda sizes, m, right: right["forward"] + m * sum(sizes[1:]))),
    ("one forward pass per parameter",     _counted("finite_differences", lambda sizes, m, right: right["finite_differences"] // 2)),
    ("m left out",                         lambda sizes, m: multiplications(sizes, 1)),
    ("forward pass counted again",         _counted("backward", lambda sizes, m, right: right["backward"] + right["forward"])),
    ("biases of the inputs",               _counted("finite_differences", lambda sizes, m, right: right["finite_differences"] + 2 * sizes[0] * right["forward"])),
    ("biases forgotten",                   _counted("finite_differences", lambda sizes, m, right: 2 * right["forward"] ** 2 // m)),
]
# fmt: on
