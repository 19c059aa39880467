"""Chapter 05: the wrong answers by the name of the mistake."""

from __future__ import annotations

import numpy as np

from course_lib import activations
from course_lib.exercises.descent import J, cross_entropy, flat_gradient, minibatches, softmax, step, update
from course_lib.exercises.points import as_network
from course_lib.reference import backward

WRONG_UPDATE = {
    "ascends in training":          lambda W, b, dW, db, rate: update(W, b, dW, db, -rate),
    "rate forgotten":               lambda W, b, dW, db, rate: update(W, b, dW, db, 1.0),
    "b not updated":                lambda W, b, dW, db, rate: (update(W, b, dW, db, rate)[0], b),
    "W not updated":                lambda W, b, dW, db, rate: (W, update(W, b, dW, db, rate)[1]),
    "never updated":                lambda W, b, dW, db, rate: (W, b),
    "only the last layer updated":  lambda W, b, dW, db, rate: only_layer(len(W), W, b, dW, db, rate),
    "only the first layer updated": lambda W, b, dW, db, rate: only_layer(1, W, b, dW, db, rate),
    "the step in place of the new weights": lambda W, b, dW, db, rate: update(dict.fromkeys(W, 0), dict.fromkeys(b, 0), dW, db, rate),
}  # fmt: skip


def only_layer(layer, W, b, dW, db, rate):
    new = update(W, b, dW, db, rate)
    return {**W, layer: new[0][layer]}, {**b, layer: new[1][layer]}


def otherwise(
    rate_used=lambda rate, batch: rate,
    batches=lambda cuts, X, Y: cuts,
    one_step=step,
    note="after",
):
    """`train` with one part replaced: how a training goes wrong."""

    def run(W, b, X, Y, *, epochs, rate, batch, rng):
        rng, history = np.random.default_rng(0), []  # the order does not matter where this is compared
        for _ in range(epochs):
            before = J(W, b, X, Y)
            for X_batch, Y_batch in batches(minibatches(X, Y, batch, rng), X, Y):
                W, b = one_step(W, b, X_batch, Y_batch, rate_used(rate, X_batch.shape[1]))
            history.append(before if note == "before" else J(W, b, X, Y))
        return W, b, history

    return run


def used_up(W, b, X, Y, *, epochs, rate, batch, rng):
    """The minibatches are made once, as a generator: from the second epoch on there are none left."""
    W, b, history = otherwise()(W, b, X, Y, epochs=1, rate=rate, batch=batch, rng=rng)
    return W, b, history * epochs


def from_the_start(W, b, X, Y, *, epochs, rate, batch, rng):
    """Each step is taken from the weights that came in; the last one is returned."""
    *_, (X_batch, Y_batch) = minibatches(X, Y, batch, np.random.default_rng(0))
    W, b = step(W, b, X_batch, Y_batch, rate)
    return W, b, [J(W, b, X, Y)] * epochs


WRONG_TRAIN = {
    "ascends in training":          otherwise(rate_used=lambda rate, m: -rate),
    "rate divided by the batch":    otherwise(rate_used=lambda rate, m: rate / m),
    "rate times the batch":         otherwise(rate_used=lambda rate, m: rate * m),
    "one step per epoch":           otherwise(batches=lambda cuts, X, Y: [(X, Y)]),
    "last minibatch dropped":       otherwise(batches=lambda cuts, X, Y: [cut for cut in cuts if cut[0].shape == cuts[0][0].shape]),
    "b not updated":                otherwise(one_step=lambda W, b, X, Y, rate: (step(W, b, X, Y, rate)[0], b)),
    "W not updated":                otherwise(one_step=lambda W, b, X, Y, rate: (W, step(W, b, X, Y, rate)[1])),
    "history before the epoch":     otherwise(note="before"),
    "never updated":                otherwise(rate_used=lambda rate, m: 0.0),
    "minibatches used up":          used_up,
    "each step from the start":     from_the_start,
    "all examples in each step":    otherwise(batches=lambda cuts, X, Y: [(X, Y)] * len(cuts)),
}  # fmt: skip

# A number in the code where `batch` should stand: any of those in use.
HARD_CODED = [
    ("batch not used", otherwise(batches=lambda cuts, X, Y, size=size: minibatches(X, Y, size, np.random.default_rng(0))))
    for size in (8, 10, 16, 20, 25, 30, 32, 50, 64, 100, 128)
]  # fmt: skip

WRONG_SOFTMAX = {
    "summed over the examples":     lambda z: softmax(z.T).T,
    "summed over everything":       lambda z: softmax(z.reshape(-1, 1)).reshape(z.shape),
    "sigmoid in place of softmax":  activations.sigmoid,
    "exponential forgotten":        lambda z: z / z.sum(axis=0, keepdims=True),
    "only the exponential":         lambda z: np.exp(z - z.max(axis=0, keepdims=True)),
    "logarithm of the softmax":     activations.log_softmax,
    "the largest in place of softmax": lambda z: (z == z.max(axis=0, keepdims=True)) * 1.0,
    "exponent not shifted":         lambda z: np.exp(z) / np.exp(z).sum(axis=0),
    "shifted by the largest of all": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=0),
}  # fmt: skip


def shifted(z):
    """e^z, where each column's largest z was taken off first."""
    return np.exp(z - z.max(axis=0))


def by_rows(z):
    """e^z, where each row's largest z was taken off first."""
    return np.exp(z - z.max(axis=1, keepdims=True))


# An exponent kept below e^709 by force, as in the σ of the first chapter, at any of the numbers in use.
CUT_OFF = [
    ("exponent cut off", lambda z, limit=limit, keep=keep: np.exp(keep(z, limit)) / np.exp(keep(z, limit)).sum(axis=0))
    for limit in (20, 50, 100, 200, 300, 500, 600, 700, 709)
    for keep in (np.minimum, lambda z, limit: np.clip(z, -limit, limit))
]

# The same mistakes in other words: what is taken off before the exponential no longer cancels.
WRONG_SUMS = [
    ("summed over everything",       lambda z: shifted(z) / shifted(z).sum()),
    ("summed over everything",       lambda z: np.exp(z) / np.exp(z).sum()),
    ("summed over the examples",     lambda z: shifted(z) / shifted(z).sum(axis=1, keepdims=True)),
    ("summed over the examples",     lambda z: shifted(z) / shifted(z).sum(axis=1)),
    ("summed over the examples",     lambda z: by_rows(z) / by_rows(z).sum(axis=1)),
    ("summed over the examples",     lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)),
    ("only the exponential",         np.exp),
    ("shifted by the largest of a row", lambda z: by_rows(z) / by_rows(z).sum(axis=0)),
    *CUT_OFF,
]  # fmt: skip

WRONG_CROSS_ENTROPY = {
    "flipped sign":                 lambda y, Y: -cross_entropy(y, Y),
    "missing 1/m":                  lambda y, Y: cross_entropy(y, Y) * Y.shape[1],
    "mean over all entries":        lambda y, Y: cross_entropy(y, Y) / Y.shape[0],
    "mean over features":           lambda y, Y: cross_entropy(y, Y) * Y.shape[1] / Y.shape[0],
    "logarithm to base 2":          lambda y, Y: cross_entropy(y, Y) / np.log(2),
    "logarithm to base 10":         lambda y, Y: cross_entropy(y, Y) / np.log(10),
    "factor ½":                     lambda y, Y: cross_entropy(y, Y) / 2,
    "cross-entropy of sigmoids":    lambda y, Y: cross_entropy(y, Y) + cross_entropy(1 - y, 1 - Y),
    "squared cost in place of cross-entropy": lambda y, Y: np.sum((y - Y) ** 2) / (2 * Y.shape[1]),
    "y left out of the sum":        lambda y, Y: -np.sum(np.log(y)) / Y.shape[1],
    "targets taken for one-hot":    lambda y, Y: -np.sum(np.log(y[Y == 1])) / Y.shape[1],
    "mean over the terms":          lambda y, Y: -np.mean(Y[Y > 0] * np.log(y[Y > 0])),
    "0 · log 0":                    lambda y, Y: -np.sum(Y * np.log(y)) / Y.shape[1],
}  # fmt: skip

# The same mistakes in other words.
WRONG_LOGARITHMS = [
    ("y left out of the sum",        lambda y, Y: -np.sum(np.log(y[Y > 0])) / Y.shape[1]),
    ("targets taken for one-hot",    lambda y, Y: -np.mean(np.log(y[Y.argmax(axis=0), np.arange(Y.shape[1])]))),
    ("0 · log 0",                    lambda y, Y: -np.sum(Y * np.log(y))),
    ("0 · log 0",                    lambda y, Y: np.sum(Y * np.log(y)) / Y.shape[1]),
]  # fmt: skip


def one_sided(y, Y, floored):
    return -np.sum(Y * np.log(floored(y))) / Y.shape[1]


def two_sided(y, Y, floored):
    """The cross-entropy of separate yes-or-no outputs."""
    return one_sided(y, Y, floored) + one_sided(1 - y, 1 - Y, floored)


def two_sided_of_floored(y, Y, floored):
    """As two_sided, of a ŷ that was kept from 0 and 1 before."""
    return two_sided(floored(y), Y, floored=lambda share: share)


# A number that keeps the logarithm from 0, in all sizes and forms in use.
FLOORED = [
    (name, lambda y, Y, cost=cost, eps=eps, floor=floor: cost(y, Y, lambda share: floor(share, eps)))
    for name, cost in (
        ("ε inside the logarithm", one_sided),
        ("cross-entropy of sigmoids", two_sided),
        ("cross-entropy of sigmoids", two_sided_of_floored),
    )
    for eps in (1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
    for floor in (np.add, np.maximum, lambda y, eps: np.clip(y, eps, 1 - eps))
]

WRONG_DELTA_SOFTMAX = {
    "flipped sign":                 lambda y, Y: (Y - y) / Y.shape[1],
    "missing 1/m":                  lambda y, Y: y - Y,
    "flipped sign and missing 1/m": lambda y, Y: Y - y,
    "mean over features":           lambda y, Y: (y - Y) / Y.shape[0],
    "mean over all entries":        lambda y, Y: (y - Y) / Y.size,
    "1/m twice":                    lambda y, Y: (y - Y) / Y.shape[1] ** 2,
    "factor 2":                     lambda y, Y: 2 * (y - Y) / Y.shape[1],
    "σ′ at a softmax output":       lambda y, Y: (y - Y) * y * (1 - y) / Y.shape[1],
    "∂J/∂ŷ in place of δ":          lambda y, Y: -Y / y / Y.shape[1],
    "only its own ŷ":               lambda y, Y: -Y * (1 - y) / Y.shape[1],
}  # fmt: skip


def gradients(W, b, X, Y):
    """{"dW[1]": array, "db[1]": array, "dW[2]": …}."""
    g = backward(as_network(W, b), X, Y)
    return {f"{name}[{layer}]": part[layer] for layer in W for name, part in (("dW", g.W), ("db", g.b))}


def arrays(*at):
    """∂J/∂W[1], ∂J/∂b[1], ∂J/∂W[2], …"""
    return list(gradients(*at).values())


def largest(some):
    return max(np.abs(array).max() for array in some)


WRONG_CRITICAL = {
    "biases left out":              lambda *at, tol: largest(arrays(*at)[::2]) <= tol,
    "weights left out":             lambda *at, tol: largest(arrays(*at)[1::2]) <= tol,
    "only the first layer":         lambda *at, tol: largest(arrays(*at)[:2]) <= tol,
    "only the last layer":          lambda *at, tol: largest(arrays(*at)[-2:]) <= tol,
    "no absolute value":            lambda *at, tol: max(array.max() for array in arrays(*at)) <= tol,
    "any in place of all":          lambda *at, tol: any(largest([array]) <= tol for array in arrays(*at)),
    "sum in place of the largest":  lambda *at, tol: abs(flat_gradient(*at).sum()) <= tol,
    "mean in place of the largest": lambda *at, tol: np.abs(flat_gradient(*at)).mean() <= tol,
    "norm in place of the largest": lambda *at, tol: np.linalg.norm(flat_gradient(*at)) <= tol,
    "the cost in place of its gradient": lambda *at, tol: J(*at) <= tol,
    "exactly zero":                 lambda *at, tol: largest(arrays(*at)) == 0,
    "below in place of at most":    lambda *at, tol: largest(arrays(*at)) < tol,
    "the weights in place of the gradient": lambda W, b, X, Y, tol: largest(W.values()) <= tol,
    "answer turned round":          lambda *at, tol: largest(arrays(*at)) > tol,
    "always True":                  lambda *at, tol: True,
    "always False":                 lambda *at, tol: False,
}  # fmt: skip
