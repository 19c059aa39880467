"""Chapter 01, z, a and the forward pass: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Exercise, Prediction
from course_lib.exercises.behaviour import naming
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import values
from course_lib.exercises.forward_pass import (
    WRONG_COLUMNS,
    WRONG_COST,
    WRONG_FORWARD,
    WRONG_LAYER,
    WRONG_REPAIR,
    WRONG_SIGMOID,
    cost,
    forward,
    layer_forward,
    repaired_forward,
    sigmoid,
    to_columns,
)
from course_lib.exercises.points import fortran, networks, sigmoid_net
from course_lib.exercises.products import judge_products, shape_pairs
from course_lib.exercises.refusals import refusing
from course_lib.wire import Call

# Test points. ----------------------------------------------------------------------------------------------------------------


def pre_activations(rng):
    """Floats, whole numbers, a single number, nothing at all, and ±1000, where e¹⁰⁰⁰ overflows."""
    z = rng.normal(size=(2, 3))
    return [
        Call((2 * z,)),
        Call((0.5,)),
        Call((np.array([[-2, 0], [1, 3]]),)),
        Call((np.asfortranarray(rng.normal(scale=8, size=(3, 2, 4))),)),
        Call((np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0]),)),
        Call((np.array([-1000, 1000]),)),
        Call((np.empty((3, 0)),)),
    ]


def layers(rng):
    """Ordinary layers (widths different, m = 1, m = n, large z, Fortran order), then four b that must be refused:
    numpy adds them without a word, flat ones and rows where m = n or m = 1, one column for each observation always."""
    sizes = [(4, 3, 5), (3, 5, 1), (4, 2, 4), (3, 3, 3), (2, 6, 3), (1, 3, 4)]
    ordinary = [_layer(rng, *size) for size in sizes] + [_layer(rng, 3, 4, 6, scale=400.0)]
    flat = [(W, b[:, 0], a_prev) for W, b, a_prev in ordinary[1:3]]
    row = [(W, b.T, a_prev) for W, b, a_prev in ordinary[2:3]]
    full = [(W, np.repeat(b, a_prev.shape[1], axis=1), a_prev) for W, b, a_prev in ordinary[:1]]
    return [Call(args) for args in [*ordinary, fortran(*ordinary[0]), *flat, *row, *full]]


def _layer(rng, n, n_prev, m, scale=1.0):
    W, b, X, _ = sigmoid_net(rng, [n_prev, n], m, scale)
    return W[1], b[1], X


def b_is_no_column(W, b, a_prev):
    return b.shape != (len(W), 1)


def broadcast_story(W, b, a_prev):
    """What numpy makes of such a b."""
    shape = np.broadcast_shapes((len(W), a_prev.shape[1]), b.shape)
    if b.shape == (len(W), a_prev.shape[1]):
        return f"A b with a column for each observation is no bias: a neuron has one, {(len(W), 1)}, whatever m is."
    return (
        f"W @ a_prev has shape {(len(W), a_prev.shape[1])}, b has {b.shape}. numpy spreads b along the wrong axis, gives {shape} "
        f"and no error. Compare b.shape with {(len(W), 1)} before you add."
    )


def whole_networks(rng):
    """The last: n = m in every layer, where products in any order run."""
    return [Call((W, b, X)) for W, b, X, _ in [*networks(rng), sigmoid_net(rng, [3, 3, 3], 3)]]


def outputs_and_targets(rng):
    """(ŷ, Y) of real networks; one in Fortran order; one with whole-number targets, as labels often are."""
    pairs = [(forward(W, b, X)[1][len(W)], Y) for W, b, X, Y in networks(rng)]
    y_hat, Y = pairs[0]
    return [Call(pair) for pair in [*pairs, fortran(y_hat, Y), (y_hat, (Y > 0.5).astype(int))]]


def tables(rng):
    return [Call((rng.normal(size=shape),)) for shape in [(5, 3), (1, 4), (4, 1), (3, 3)]] + [
        Call((np.asfortranarray(rng.normal(size=(2, 6))),)),
        Call((rng.integers(0, 17, size=(3, 4)),)),
    ]


def nets_and_rows(rng):
    """Two-layer networks with observations in rows: m ≠ n first; then m = n and everything square, where nothing warns; m = 1."""
    points = [
        sigmoid_net(rng, sizes, m)
        for sizes, m in [((4, 5, 3), 6), ((4, 5, 3), 4), ((3, 3, 3), 3), ((3, 4, 2), 1), ((2, 5, 1), 7)]
    ]
    arguments = [(W[1], b[1], W[2], b[2], X.T) for W, b, X, _ in points]
    return [Call(args) for args in [*arguments, fortran(*arguments[0])]]


EXERCISES = [
    exercise(
        "sigmoid", 1, pre_activations, sigmoid, wrong=WRONG_SIGMOID, quiet=True,
        hints=(
            "Shape: the same as z, entry by entry, whatever that shape is; also for a single number. No loop.",
            "Formula: σ(z) = 1/(1 + e⁻ᶻ). e⁷¹⁰ is more than a float64 can hold: cut the exponent at 700. There σ is below 10⁻³⁰⁰ anyway.",
            "Skeleton: `z = np.asarray(z, dtype=float)`, then `return 1 / (1 + np.exp(np.minimum(…, 700)))`. What stands in the exponent, z or −z?",
        ),
        prediction=Prediction(
            "What is σ(0)? And what does numpy say to np.exp(1000)?",
            "σ(0) = ½. np.exp(1000) is inf, with a RuntimeWarning; 1/(1 + inf) is 0, which happens to be right. A good function gives no warning for a good input.",
        ),
    ),
    Exercise(
        "layer_forward", 2, layers,
        refusing(
            naming(values(layer_forward, returns=("z", "a")), WRONG_LAYER),
            b_is_no_column, broadcast_story, mistake="b of shape (n,)",
        ),
        names=("W", "b", "a_prev"),
        needs=("sigmoid",),
        hints=(
            "Shape: W (n, n_prev) times a_prev (n_prev, m) gives (n, m). b is (n, 1): numpy repeats it for each of the m columns.",
            "Formula: z = W a_prev + b, a = σ(z). Before you add, compare `b.shape` with `(W.shape[0], 1)`.",
            "Skeleton: `if b.shape != (…, 1): raise ValueError(f\"b has shape {b.shape}, wanted …\")`, then `z = W @ … + b`, then `return z, sigmoid(…)`.",
        ),
        prediction=Prediction(
            "z has shape (3, 3). You add b of shape (3,), meant as one number for each row. What happens?",
            "No error, and a wrong z: numpy lines shapes up from the right, so b[0] goes to the first column, not to the first row.",
        ),
    ),
    exercise(
        "forward", 2, whole_networks, forward, returns=("z", "a"), wrong=WRONG_FORWARD, needs=("sigmoid", "layer_forward"),
        hints=(
            "Shape: two dicts. z has the keys 1 … L, a has the keys 0 … L. z[l] and a[l] are (n_l, m). L is len(W).",
            "Formula: a[0] = X; then for l = 1 … L: z[l] = W[l] a[l−1] + b[l], a[l] = σ(z[l]).",
            "Skeleton: `z, a = {}, {0: X}`, then `for l in range(1, len(W) + 1): z[l], a[l] = layer_forward(W[l], b[l], a[…])`, then `return z, a`.",
        ),
        prediction=Prediction(
            "A network with 2 layers: how many entries has the dict z, and how many the dict a?",
            "z has 2, a has 3. The input X counts as a[0]; it is an activation that no z stands before.",
        ),
    ),
    exercise(
        "cost", 1, outputs_and_targets, cost, wrong=WRONG_COST,
        hints=(
            "Shape: y_hat and Y are both (n_L, m). One number comes out, however large they are.",
            "Formula: J = 1/(2m) · the sum of all (ŷ − y)². m is the number of columns, not of entries.",
            "Skeleton: `m = Y.shape[…]`, then `return np.sum((… - …) ** 2) / (2 * m)`.",
        ),
        prediction=Prediction(
            "Every example appears a second time in the batch. What happens to J?",
            "Nothing: the sum doubles, and so does m. That is what 1/m is for: J can be compared between batches of different size.",
        ),
    ),
    exercise(
        "to_columns", 1, tables, to_columns, wrong=WRONG_COLUMNS,
        hints=(
            "Shape: (m, n) comes in, (n, m) goes out.",
            "Formula: the transpose. Row i becomes column i, and stays together.",
            "Skeleton: `return rows.…`: one letter. `reshape` gives the shape too, but it tears the observations apart.",
        ),
        prediction=Prediction(
            "rows.T and rows.reshape(n, m) have the same shape. Do they hold the same array?",
            "No. reshape reads the numbers row after row and cuts them anew: a column would hold pieces of several observations.",
        ),
    ),
    Exercise(
        "possible", 2, shape_pairs, judge_products,
        hints=(
            'Shape: two shapes come in, such as (4, 3) and (5, 3). A set of names comes out; the empty one is written `set()`.',
            "Formula: A B exists if A has as many columns as B has rows. A transpose swaps the two numbers of a shape.",
            'Skeleton: `p, q = W_shape`, `r, s = X_shape`, `names = set()`, then `if q == r: names.add("WX")`, and three more lines like it.',
        ),
        prediction=Prediction(
            "W is (4, 4) and X is (4, 4). Which of the four products exist, and which is meant if each row of X is an observation?",
            "All four exist. Meant is W Xᵀ (or X Wᵀ, its transpose). No error message can tell you: numpy knows shapes, not meanings.",
        ),
    ),
    exercise(
        "repaired_forward", 2, nets_and_rows, repaired_forward, wrong=WRONG_REPAIR, needs=("sigmoid", "forward"),
        hints=(
            "Shape: X_rows is (m, n₀), one row for each observation, and the result is (m, n₂), again one row for each.",
            "Formula: with columns, Ŷ = σ(W₂ σ(W₁ X + b₁) + b₂). Turn the rows into columns first, and the result back at the end.",
            "Skeleton: `X = X_rows.…`, `a1 = sigmoid(W1 @ X + b1)`, `a2 = …`, `return a2.…`. Transpose always: never ask the shape whether to.",
        ),
        prediction=Prediction(
            "For how many observations m does the posted W₁X + b₁ run without an error on rows?",
            "Only for m = n₀, as many observations as inputs. Then it runs, and is wrong: that is worse than an error.",
        ),
    ),
]  # fmt: skip
