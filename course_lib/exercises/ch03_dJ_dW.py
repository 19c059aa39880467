"""Chapter 03, from one neuron to L layers: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Prediction
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import slope
from course_lib.exercises.one_layer import (
    WRONG_DELTA_HIDDEN,
    WRONG_DELTA_OUTPUT,
    WRONG_DJ_DA,
    WRONG_DJ_DB,
    WRONG_DJ_DW,
    WRONG_MULTIPLICATIONS,
    WRONG_SIGMOID_PRIME,
    delta_hidden,
    delta_output,
    dJ_da,
    dJ_db,
    dJ_dW,
    logit,
    multiplications,
    sigmoid,
    sigmoid_prime,
)
from course_lib.exercises.points import as_network, cache, fortran, networks, sigmoid_net
from course_lib.exercises.whole_pass import (
    BOOK_KEEPING,
    RAISING_BACKWARD,
    backward,
    name_network_mistake,
    through_network,
    whole_networks,
)
from course_lib.network import forward as network_forward
from course_lib.reference import backward as reference_backward
from course_lib.wire import Call

# What each is the derivative of: the function that the central difference goes through. --------------------------------------


def half_mean_square(y_hat, Y):
    return np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])


# Test points. ----------------------------------------------------------------------------------------------------------------


def outputs_and_targets(rng):
    """(ŷ, Y) of real networks: one near saturation, one with n = m, one in Fortran order."""
    nets = [*networks(rng), sigmoid_net(rng, [2, 3], 3)]
    pairs = [(network_forward(as_network(W, b), X).y_hat, Y) for W, b, X, Y in nets]
    return [Call(pair) for pair in [*pairs, fortran(*pairs[0])]]


def activations(rng):
    nets = [*networks(rng)[:3], sigmoid_net(rng, [2, 3], 3)]
    return [Call((a,)) for W, b, X, _ in nets for a in list(cache(W, b, X).values())[1:]]


def hidden_layers(rng):
    calls = []
    for W, b, X, Y in [*networks(rng), sigmoid_net(rng, [3, 4, 4, 2], 4)]:
        delta = reference_backward(as_network(W, b), X, Y).delta
        a = cache(W, b, X)
        calls += [Call((W[layer + 1], delta[layer + 1], a[layer])) for layer in list(W)[:-1]]
    return [*calls, Call(fortran(*calls[0].args))]


def deltas_and_inputs(rng):
    calls = []
    for W, b, X, Y in [*networks(rng), sigmoid_net(rng, [3, 3, 2], 3)]:  # the last: m = n, where wrong products run
        delta, a = reference_backward(as_network(W, b), X, Y).delta, cache(W, b, X)
        calls += [Call((delta[layer], a[layer - 1])) for layer in W]
    return [*calls, Call(fortran(*calls[0].args))]


def only_deltas(rng):
    return [Call(call.args[:1]) for call in deltas_and_inputs(rng)]


def sizes_and_batches(rng):
    """Two networks of the lessons, and two with widths all different."""
    drawn = [(rng.permutation(np.arange(2, 12))[:count].tolist(), int(rng.integers(2, 30))) for count in (2, 5)]
    return [Call((sizes, m)) for sizes, m in [([784, 30, 10], 1), ([64, 30, 10], 32), *drawn]]


EXERCISES = [
    exercise(
        "sigmoid_prime", 1, activations, sigmoid_prime,
        slopes=lambda a: {"sigmoid_prime": slope(lambda z: sigmoid(z).sum(), logit(a))},
        wrong=WRONG_SIGMOID_PRIME,
        hints=(
            "Shape: the same as a, entry by entry. Nothing is summed, nothing is a matrix product.",
            "Formula: with a = σ(z), the derivative σ′(z) needs only a. You found it on paper above: a product of two factors.",
            "Skeleton: `return a * (… - …)`. At a = ½ the slope is largest: ¼. Try it there.",
        ),
        prediction=Prediction("Where is σ′ largest, and how large is it there?", "At z = 0, where a = ½: σ′ = ¼. Each layer shrinks δ at least fourfold (times its weights)."),
    ),
    exercise(
        "dJ_da", 1, outputs_and_targets, dJ_da,
        slopes=lambda y_hat, Y: {"dJ_da": slope(lambda y: half_mean_square(y, Y), y_hat)},
        wrong=WRONG_DJ_DA,
        hints=(
            "Shape: like y_hat, one column per example. m is the number of columns.",
            "Formula: J = 1/(2m) Σ(ŷ − y)². Differentiate one square: the 2 cancels, the inner derivative of (ŷ − y) by ŷ is +1.",
            "Skeleton: `m = Y.shape[1]`, then `return (… - …) / m`. If ŷ is too large, J must rise with ŷ: which sign is that?",
        ),
        prediction=Prediction("If ŷ is larger than y, is ∂J/∂ŷ positive or negative?", "Positive: raising ŷ further makes the error, and J, larger. So it is ŷ − y."),
    ),
    exercise(
        "delta_output", 1, outputs_and_targets, delta_output,
        slopes=lambda y_hat, Y: {"delta_output": slope(lambda z: half_mean_square(sigmoid(z), Y), logit(y_hat))},
        wrong=WRONG_DELTA_OUTPUT, needs=("sigmoid_prime", "dJ_da"),
        hints=(
            "Shape: like y_hat. z and ŷ have the same shape, and each z moves only its own ŷ.",
            "Formula: chain rule through one neuron: ∂J/∂z = ∂J/∂ŷ · σ′(z), entry by entry (∘).",
            "Skeleton: `return dJ_da(…, …) * sigmoid_prime(…)`: you have written both already.",
        ),
        prediction=Prediction("An output neuron says 0.999 where 0 is wanted. Is its δ large or small?", "Small: σ′ = 0.999 · 0.001. A saturated neuron hardly learns, however wrong it is. Chapter 05 comes back to this."),
    ),
    exercise(
        "delta_hidden", 2, hidden_layers, delta_hidden,
        slopes=lambda W, delta, a: {"delta_hidden": slope(lambda z: (delta * (W @ sigmoid(z))).sum(), logit(a))},
        wrong=WRONG_DELTA_HIDDEN, needs=("sigmoid_prime",),
        hints=(
            "Shape: like a, (n_l, m). W_next is (n_next, n_l) and delta_next (n_next, m): only one product of the two fits.",
            "Formula: a neuron sends its a along all its outgoing weights, so ∂J/∂a sums the δ that come back along them; then σ′, entry by entry.",
            "Skeleton: `return (W_next.… @ …) * sigmoid_prime(…)`: first the matrix product, then ∘.",
        ),
        prediction=Prediction("All weights that leave one hidden neuron are 0. How large is its δ?", "0, however wrong the network is: J does not feel that neuron. Its column of W_next is 0, so its row of W_nextᵀδ is 0, too."),
    ),
    exercise(
        "dJ_dW", 2, deltas_and_inputs, dJ_dW,
        slopes=lambda delta, a_prev: {"dJ_dW": slope(lambda W: (delta * (W @ a_prev)).sum(), np.zeros((len(delta), len(a_prev))))},
        wrong=WRONG_DJ_DW,
        hints=(
            "Shape: that of W, (n_l, n_prev). delta is (n_l, m), a_prev (n_prev, m): the m has to vanish in a sum.",
            "Formula: z_i = Σ_j W_ij a_j, so ∂J/∂W_ij = Σ over the examples of δ_i a_j: one outer product per example, added up.",
            "Skeleton: `return … @ ….T`. The 1/m is in δ already.",
        ),
        prediction=Prediction("delta is (5, 32), a_prev is (7, 32). What shape has ∂J/∂W?", "(5, 7), the shape of W. The 32 examples are summed inside the product."),
    ),
    exercise(
        "dJ_db", 1, only_deltas, dJ_db,
        slopes=lambda delta: {"dJ_db": slope(lambda b: (delta * b).sum(), np.zeros((len(delta), 1)))},
        wrong=WRONG_DJ_DB,
        hints=(
            "Shape: that of b, (n_l, 1): two axes, not (n_l,).",
            "Formula: the same b is added for each example, so each example's δ counts: sum over the columns.",
            "Skeleton: `return delta.sum(axis=…, keepdims=…)`.",
        ),
        prediction=Prediction("delta is 1 everywhere, for 3 neurons and 5 examples. What is ∂J/∂b?", "A column of three 5s, shape (3, 1): the examples of each neuron add up. No mean: the 1/m of J is in δ already."),
    ),
    exercise(
        "backward", 4, whole_networks, backward,
        returns=("dW", "db"), slopes=through_network, diagnose=name_network_mistake, analytic=True, raising=RAISING_BACKWARD + BOOK_KEEPING,
        needs=("delta_output", "delta_hidden", "dJ_dW", "dJ_db"),
        hints=(
            "Shape: dW[l] like W[l], db[l] like b[l], for l = 1 … L. L is len(W); it can be 1.",
            "Formula: δ[L] from the output; dW[l] = δ[l] a[l−1]ᵀ and db[l] = Σ δ[l]; δ[l] = W[l+1]ᵀ δ[l+1] ∘ σ′. All z and a come from one forward pass.",
            "Skeleton: `z, a = forward(W, b, X)`, `delta = {L: delta_output(a[L], Y)}`, `for l in range(L - 1, 0, -1): delta[l] = …`; then dW and db, each a dict over l.",
        ),
        prediction=Prediction("Three layers: which of W[1], W[2] and W[3] does the way back not need?", "W[1]. δ[2] comes through W[3], δ[1] through W[2], and there it ends: W[1]ᵀδ[1] would be ∂J/∂X."),
    ),
    exercise(
        "multiplications", 1, sizes_and_batches, multiplications, wrong=WRONG_MULTIPLICATIONS,
        hints=(
            'Shape: a dict with the keys "forward", "backward" and "finite_differences", each one whole number.',
            "Formula: a product of (n, k) with (k, m) takes n·k·m multiplications. Back: one product for each dW, and one Wᵀδ for each layer but the first.",
            "Skeleton: list `sizes[l] * sizes[l-1]` for each layer; P is their sum plus all the biases; finite differences run 2P forward passes.",
        ),
        prediction=Prediction("How much dearer is one pass back than one pass forward?", "Less than twice. Finite differences cost 2P passes: 47,720 for 784-30-10."),
    ),
]  # fmt: skip
