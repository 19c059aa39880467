"""Chapter 05, where ∂J/∂W is used: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Exercise, Prediction, diagnosis
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import flatten, slope, values
from course_lib.exercises.descent import (
    J,
    critical,
    cross_entropy,
    delta_softmax,
    guesses,
    guesses_with_zeros,
    order_can_be_found,
    order_does_not_matter,
    places,
    scores,
    softmax,
    starts,
    steps_down,
    tables,
    train,
    trainings,
    update,
)  # fmt: skip
from course_lib.exercises.trained import judge_histories, judge_orders, judge_trained
from course_lib.exercises.training import judge_minibatches, judge_start, judged
from course_lib.exercises.verdict import Verdict
from course_lib.exercises.wrong_training import (
    FLOORED,
    HARD_CODED,
    WRONG_CRITICAL,
    WRONG_CROSS_ENTROPY,
    WRONG_DELTA_SOFTMAX,
    WRONG_LOGARITHMS,
    WRONG_SOFTMAX,
    WRONG_SUMS,
    WRONG_TRAIN,
    WRONG_UPDATE,
    gradients,
)  # fmt: skip

# Verdicts of its own. ---------------------------------------------------------------------------------------------------------


def reference_train(W, b, X, Y, *, epochs, rate, batch, rng):
    return train(W, b, X, Y, epochs=epochs, rate=rate, batch=batch, rng=np.random.default_rng(rng.seed))


EXACT_ENDS = values(
    reference_train, returns=("W", "b", "history"), wrong=[*WRONG_TRAIN.items(), *HARD_CODED], rounding=1e-9
)


def judge_training(calls, responses) -> Verdict:
    """First the trainings whose end is known exactly: they name the mistake. Then those whose order the judge can find, and
    those that it can only measure."""

    def those(pick):
        return map(list, zip(*[pair for pair in zip(calls, responses, strict=True) if pick(pair[0])], strict=True))

    return (
        judged(judge_histories)(calls, responses)
        and exact_ends(*those(order_does_not_matter))
        and judged(judge_orders)(*those(order_can_be_found))
        and judged(judge_trained)(*those(lambda call: not order_does_not_matter(call) and not order_can_be_found(call)))
    )


def exact_ends(calls, responses) -> Verdict:
    """Right weights and history, or the name of the mistake; a history that does not belong to its weights has one too."""
    verdict = EXACT_ENDS(calls, responses)
    if verdict or verdict.mistake:
        return verdict
    measured = judged(judge_trained)(calls, responses)
    return measured if measured.mistake else verdict


judge_training.planted = EXACT_ENDS.planted


def name_critical_mistake(calls, expected, got):
    """The bank, and what the gradient is at the first place where the answer differs."""
    name, _ = diagnosis.match(calls, expected, got, WRONG_CRITICAL, lambda value: flatten(value, ("critical",)))
    call = next(c for c, want, have in zip(calls, expected, got, strict=True) if want["critical"] != have["critical"])
    shown = ", ".join(f"{label} {np.abs(array).max():.3g}" for label, array in gradients(*call.args).items())
    here = f"The largest entries of the gradient here: {shown}"
    return name, f"{here}; tol is {call.kwargs['tol']:.3g}, J is {J(*call.args):.3g}."


EXERCISES = [
    Exercise(
        "initial_weights", 1, starts, judged(judge_start), names=("sizes", "rng"),
        hints=(
            "Shape: W[l] is (sizes[l], sizes[l−1]), b[l] is (sizes[l], 1), for l = 1 … len(sizes) − 1.",
            "Formula: z sums n_in products, so its spread is √n_in times that of W. Divide the normal numbers by √n_in, and z keeps a spread of about 1.",
            "Skeleton: `W = {l: rng.normal(size=(…, …)) / np.sqrt(…) for l in range(1, len(sizes))}`, b the same with `np.zeros`.",
        ),
        prediction=Prediction(
            "All weights and biases of a network 64-30-10 are 0. How large is ∂J/∂W of its first layer?",
            "Exactly 0: δ[1] comes back through W[2], and that is 0. The second layer has a slope, but the same one for all 30 hidden neurons, since all of them say ½. Random numbers break the tie.",
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
        "minibatches", 2, tables, judged(judge_minibatches), names=("X", "Y", "size", "rng"),
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
        "train", 3, trainings, judge_training, needs=("update", "minibatches"), names=("W", "b", "X", "Y"),
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
        "softmax", 1, scores, softmax, wrong=[*WRONG_SOFTMAX.items(), *WRONG_SUMS], quiet=True,
        hints=(
            "Shape: like z. Each column is one example and sums to 1.",
            "Formula: e^z / Σ e^z, column by column. Numerator and denominator may be divided by e^c: z − c gives the same. Which c of each column keeps every exponent ≤ 0?",
            "Skeleton: `e = np.exp(z - z.max(axis=…, keepdims=True))`, `return e / e.sum(axis=…, keepdims=True)`.",
        ),
        prediction=Prediction(
            "You add 100 to every z of a column. What does its softmax do?",
            "Nothing: e¹⁰⁰ cancels. So you may subtract the largest z, and nothing can overflow.",
        ),
    ),
    exercise(
        "cross_entropy", 1, guesses_with_zeros, cross_entropy, wrong=[*WRONG_CROSS_ENTROPY.items(), *WRONG_LOGARITHMS, *FLOORED], quiet=True,
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
        "critical", 1, places, values(critical, returns=("critical",), wrong=WRONG_CRITICAL, diagnose=name_critical_mistake), names=("W", "b", "X", "Y"),
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
