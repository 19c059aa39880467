"""Chapter 05, where ∂J/∂W is used: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib import activations
from course_lib.exercises import Exercise, Prediction, diagnosis
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import flatten, slope, values
from course_lib.exercises.descent import (
    J,
    critical,
    cross_entropy,
    delta_softmax,
    flat_gradient,
    guesses,
    guesses_with_zeros,
    minibatches,
    order_does_not_matter,
    places,
    scores,
    softmax,
    starts,
    step,
    steps_down,
    tables,
    train,
    trainings,
    update,
)  # fmt: skip
from course_lib.exercises.points import as_network
from course_lib.exercises.training import judge_minibatches, judge_start, judge_trained, judged
from course_lib.exercises.verdict import Verdict
from course_lib.reference import backward

# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------

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


def reference_train(W, b, X, Y, *, epochs, rate, batch, rng):
    return train(W, b, X, Y, epochs=epochs, rate=rate, batch=batch, rng=np.random.default_rng(rng.seed))


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
}  # fmt: skip

WRONG_SOFTMAX = {
    "summed over the examples":     lambda z: softmax(z.T).T,
    "summed over everything":       lambda z: softmax(z.reshape(-1, 1)).reshape(z.shape),
    "sigmoid in place of softmax":  activations.sigmoid,
    "exponential forgotten":        lambda z: z / z.sum(axis=0, keepdims=True),
    "only the exponential":         lambda z: np.exp(z - z.max(axis=0, keepdims=True)),
    "logarithm of the softmax":     activations.log_softmax,
    "the largest in place of softmax": lambda z: (z == z.max(axis=0, keepdims=True)) * 1.0,
}  # fmt: skip

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
}  # fmt: skip

# A number that keeps the logarithm from 0, in all sizes and forms in use.
FLOORED = [
    ("ε inside the logarithm", lambda y, Y, eps=eps, floor=floor: -np.sum(Y * np.log(floor(y, eps))) / Y.shape[1])
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
    "answer turned round":          lambda *at, tol: largest(arrays(*at)) > tol,
    "always True":                  lambda *at, tol: True,
    "always False":                 lambda *at, tol: False,
}  # fmt: skip


# Verdicts of its own. ---------------------------------------------------------------------------------------------------------

EXACT_ENDS = values(reference_train, returns=("W", "b", "history"), wrong=WRONG_TRAIN, rounding=1e-9)


def judge_training(calls, responses) -> Verdict:
    """First the trainings whose end is known exactly: they name the mistake. Then the judge measures the others."""
    pairs = list(zip(calls, responses, strict=True))
    exact = [pair for pair in pairs if order_does_not_matter(pair[0])]
    measured = [pair for pair in pairs if not order_does_not_matter(pair[0])]
    verdict = EXACT_ENDS(*map(list, zip(*exact, strict=True)))
    return verdict and judged(judge_trained)(*map(list, zip(*measured, strict=True)))


def name_critical_mistake(calls, expected, got):
    """The bank, and what the gradient is at the first place where the answer differs."""
    name, _ = diagnosis.match(calls, expected, got, WRONG_CRITICAL, lambda value: flatten(value, ("critical",)))
    call = next(c for c, want, have in zip(calls, expected, got, strict=True) if want["critical"] != have["critical"])
    shown = ", ".join(f"{label} {np.abs(array).max():.3g}" for label, array in gradients(*call.args).items())
    here = f"The largest entries of the gradient here: {shown}"
    return name, f"{here}; tol is {call.kwargs['tol']:.3g}, J is {J(*call.args):.3g}."


EXERCISES = [
    Exercise(
        "initial_weights", 1, starts, judged(judge_start),
        hints=(
            "Shape: W[l] is (sizes[l], sizes[l−1]), b[l] is (sizes[l], 1), for l = 1 … len(sizes) − 1.",
            "Formula: z sums n_in products, so its spread is √n_in times that of W. Divide the normal numbers by √n_in, and z keeps a spread of about 1.",
            "Skeleton: `W = {l: rng.normal(size=(…, …)) / np.sqrt(…) for l in range(1, len(sizes))}`, b the same with `np.zeros`.",
        ),
        prediction=Prediction(
            "All weights start at 0. After one step of descent, do the 30 hidden units differ from each other?",
            "No, and never afterwards: all get the same δ and the same inputs. 30 equal units are one unit. Random numbers break the tie.",
        ),
    ),
    exercise(
        "update", 1, steps_down, update, returns=("W", "b"), wrong=WRONG_UPDATE,
        hints=(
            "Shape: two new dicts with the keys of W and b; each array keeps its shape.",
            "Formula: W[l] ← W[l] − rate · ∂J/∂W[l], b[l] ← b[l] − rate · ∂J/∂b[l]. The minus walks downhill.",
            "Skeleton: `return {l: W[l] - … for l in W}, {l: … for l in b}`. `W[l] -= …` would change the caller's arrays.",
        ),
        prediction=Prediction(
            "∂J/∂W_ij = +0.3. Must W_ij grow or shrink for J to fall?",
            "Shrink. The derivative says what J does when W_ij grows; descent goes the other way.",
        ),
    ),
    Exercise(
        "minibatches", 2, tables, judged(judge_minibatches),
        hints=(
            "Shape: pairs (X_batch, Y_batch): (n₀, size) and (n_L, size). The last pair may hold fewer columns.",
            "Formula: one random order of 0 … m − 1, cut every `size` places. The same cut picks the columns of X and of Y.",
            "Skeleton: `order = rng.permutation(X.shape[…])`, then `for start in range(0, …, size):`, `cut = order[start : …]`, `yield X[:, cut], Y[…]`.",
        ),
        prediction=Prediction(
            "100 examples, minibatches of 32. How many steps are one epoch, and how large is the last minibatch?",
            "4 steps: 32, 32, 32 and 4. Dropping the last would hide 4 examples in every epoch.",
        ),
    ),
    Exercise(
        "train", 3, trainings, judge_training, needs=("update", "minibatches"),
        hints=(
            "Shape: W and b like those that came in; history is a list of `epochs` numbers.",
            "Formula: for each epoch, for each minibatch: dW, db = backward(…) of that minibatch, then update. After the epoch: J on all of X, whose ŷ is `forward(W, b, X)[1][len(W)]`.",
            "Skeleton: `for epoch in range(epochs):`, in it `for X_batch, Y_batch in minibatches(…):`, in it two lines; then `history.append(cost(…, Y))`. Return all three.",
        ),
        prediction=Prediction(
            "1,437 digits, minibatches of 16, 30 epochs: how many steps down does the training take?",
            "90 in each epoch (the last minibatch holds 13), 2,700 in all. Each costs one pass forward and one back.",
        ),
    ),
    exercise(
        "softmax", 1, scores, softmax, wrong=WRONG_SOFTMAX, quiet=True,
        hints=(
            "Shape: like z. Each column is one example and sums to 1.",
            "Formula: e^z / Σ e^z, column by column. Numerator and denominator may be divided by e^c: z − c gives the same. Which c of each column keeps every exponent ≤ 0?",
            "Skeleton: `e = np.exp(z - z.max(axis=…, keepdims=True))`, `return e / e.sum(…)`.",
        ),
        prediction=Prediction(
            "You add 100 to every z of a column. What does its softmax do?",
            "Nothing: e¹⁰⁰ cancels. So you may subtract the largest z, and nothing can overflow.",
        ),
    ),
    exercise(
        "cross_entropy", 1, guesses_with_zeros, cross_entropy, wrong=[*WRONG_CROSS_ENTROPY.items(), *FLOORED], quiet=True,
        hints=(
            "Shape: one number, for (n_L, m) and (n_L, m). m is the number of columns.",
            "Formula: J = −1/m · Σ y · log ŷ, the natural logarithm. Where y is 0 the term is 0, so its logarithm need not be taken at all.",
            "Skeleton: `right = Y > 0`, then `return -np.sum(Y[…] * np.log(y_hat[…])) / …`.",
        ),
        prediction=Prediction(
            "Ten classes, and the network gives each ŷ = 0.1. What is J?",
            "log 10 ≈ 2.30, whatever the targets. It is the number to expect before training; a much larger one says that the start is wrong.",
        ),
    ),
    exercise(
        "delta_softmax", 2, guesses, delta_softmax, wrong=WRONG_DELTA_SOFTMAX,
        slopes=lambda y_hat, Y: {"delta_softmax": slope(lambda z: cross_entropy(softmax(z), Y), np.log(y_hat))},
        hints=(
            "Shape: like y_hat. It carries the 1/m of J.",
            "Formula: J = −1/m Σ y (z − log Σ e^z). Differentiate by one z_k: −y_k from the first part, +ŷ_k from the second.",
            "Skeleton: `return (… - …) / Y.shape[1]`. No σ′: the logarithm in J has undone the exponential.",
        ),
        prediction=Prediction(
            "The network is sure and wrong: ŷ = 0.999 where 0 is wanted. Is this δ large or small?",
            "Large: almost 1/m. With the squared cost it was 0.001 of that. This is why classifiers are trained with cross-entropy.",
        ),
    ),
    Exercise(
        "critical", 1, places, values(critical, returns=("critical",), diagnose=name_critical_mistake),
        hints=(
            "Shape: one True or False for the whole network.",
            "Formula: the largest |entry| of all ∂J/∂W[l] and all ∂J/∂b[l] is at most tol.",
            "Skeleton: `dW, db = backward(…)`, then `return all(np.abs(g).max() <= … for g in [*dW.values(), *…])`, as a bool.",
        ),
        prediction=Prediction(
            "XOR, and all weights and biases 0. Is ∇J = 0 there? Is it a minimum?",
            "∇J is exactly 0, and it is no minimum: the errors of the four examples cancel. Descent that starts there stays there.",
        ),
    ),
]  # fmt: skip
