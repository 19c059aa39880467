"""Judging what has no single right value: random starts and minibatches. The judge measures what came back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from course_lib.exercises.compare import Wrong, at, cause, describe, flatten, no_exception, parts, side_effects
from course_lib.exercises.verdict import Verdict, failed, passed
from course_lib.wire import Call, Response

NEAR_ZERO = 0.1  # of b: less is accepted, since it moves z by next to nothing
SPREADS = (0.4, 2.0)  # accepted √n_in · spread: uniform on ±1/√n gives 0.58, He's normal 1.41, Glorot's 0.8 … 1.4


class Fault(Wrong):
    """What is wrong, with the name of the mistake and what is known of it."""

    def __init__(self, mistake: str, text: str, call: Call):
        super().__init__("\n".join([text, f"  {at(call)}", *cause(mistake)]), mistake)


def judged(judge: Callable[[list[Call], list[Response]], str]) -> Callable:
    """A `verify` from `judge(calls, responses) → evidence`, which raises Wrong (or Fault) for the first thing that is wrong."""

    def verify(calls, responses) -> Verdict:
        try:
            return passed(judge(calls, responses))
        except Wrong as first:
            return failed(str(first), first.mistake)

    return verify


def same_seed_same_answer(calls, answers, what):
    """The last call repeats the first; the second is the first with another seed. Both must show in the answers."""
    equal = lambda one, other: all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    if not equal(answers[0], answers[-1]):
        raise Fault("another generator", f"the same generator gave two different {what}.", calls[0])
    return equal


# Random starts. --------------------------------------------------------------------------------------------------------------


def judge_start(calls, responses) -> str:
    """W and b of the right shapes, drawn from rng, no two neurons alike, spread about 1/√n_in."""
    answers = []
    for call, response in zip(calls, responses, strict=True):
        sizes = call.args[0]
        empty = [{layer: np.zeros((sizes[layer], n)) for layer in range(1, len(sizes))} for n in (1, 1)]
        empty[0] = {layer: np.zeros((sizes[layer], sizes[layer - 1])) for layer in range(1, len(sizes))}
        got = parts(call, response, flatten(tuple(empty), ("W", "b")), ("W", "b"))
        side_effects(call, response)
        start_layers(call, sizes, got)
        answers.append(list(got.values()))
    equal = same_seed_same_answer(calls, answers, "starts")
    if equal(answers[0], answers[1]):
        raise Fault("seed fixed inside", "two generators with different seeds gave the same start.", calls[1])
    spread = np.std(answers[0][0]) * np.sqrt(calls[0].args[0][0])
    return f"{len(calls)} starts of the right shapes; spread of W[1] at 900 inputs is {spread:.2f}/√900; no two neurons alike"


def start_layers(call, sizes, got):
    """Raise a Fault for the first layer whose neurons are alike, whose weights are of one sign or badly scaled, or whose b is not 0."""
    large = []  # enough numbers to speak of their spread
    for layer in range(1, len(sizes)):
        W, n_in, n_out = got[f"W[{layer}]"], sizes[layer - 1], sizes[layer]
        if n_out > 1 and (W[:1] == W).all():
            text = f"W[{layer}]: its {n_out} rows are all the same, so its neurons are one neuron {n_out} times over."
            raise Fault("all neurons alike", text, call)
        if W.size >= 200:
            large.append((layer, float(np.mean(W)), float(np.std(W)), n_in, n_out))
    for layer, mean, spread, n_in, _ in large:
        if abs(mean) > 0.5 * spread:
            raise Fault("weights of one sign", f"W[{layer}]: its mean is {mean:.3g}, wanted about 0.", call)
        if not SPREADS[0] <= spread * np.sqrt(n_in) <= SPREADS[1]:
            text = f"W[{layer}]: its spread is {spread:.3g}, and 1/√{n_in} = {1 / np.sqrt(n_in):.3g}."
            raise Fault(wrong_scale(large), text, call)
    for layer in range(1, len(sizes)):
        if (largest := np.abs(got[f"b[{layer}]"]).max()) > NEAR_ZERO:
            raise Fault("b not zero", f"b[{layer}]: its entries go up to {largest:.3g}, wanted zeros.", call)


def wrong_scale(layers) -> str:
    """The mistake that gives all these spreads. Uniform numbers on ±1 have spread 0.58, normal ones 1, He's 1.41."""
    scales = {
        "divided by n in place of √n": lambda n_in, n_out: 1 / n_in,
        "multiplied by √n": lambda n_in, n_out: np.sqrt(n_in),
        "scaled by the outputs": lambda n_in, n_out: 1 / np.sqrt(n_out),
    }
    for name, scale in scales.items():
        if all(0.5 < spread / scale(n_in, n_out) < 1.5 for *_, spread, n_in, n_out in layers):
            return name
    return "spread not scaled"


# Minibatches. ----------------------------------------------------------------------------------------------------------------


def judge_minibatches(calls, responses) -> str:
    """Every column once, with its target, in batches of the asked size, in a new order."""
    answers = []
    for call, response in zip(calls, responses, strict=True):
        batches = pairs_of(call, response)
        side_effects(call, response)
        one_epoch(call, batches)
        answers.append([array for pair in batches for array in pair])
    equal = same_seed_same_answer(calls, answers, "orders")
    if equal(answers[0], answers[4]):
        raise Fault("seed fixed inside", "two generators with different seeds gave the same order.", calls[4])
    X, _, size, _ = calls[0].args
    return f"{X.shape[1]} examples in {-(-X.shape[1] // size)} minibatches of {size} or fewer, each once, with its target; {len(calls)} tables right"


def pairs_of(call, response) -> list[tuple[np.ndarray, np.ndarray]]:
    """The answer as a list of (X, Y) arrays with the right number of rows, or Wrong."""
    no_exception(call, response)
    X, Y, *_ = call.args
    if isinstance(response.value, tuple) and all(isinstance(part, np.ndarray) for part in response.value):
        raise Fault("return inside the loop", f"returned {len(response.value)} arrays, wanted a list of pairs.", call)
    if not isinstance(response.value, list | tuple) or not response.value:
        raise Wrong(
            f"returned {describe(response.value)}, wanted a list of pairs (X_batch, Y_batch), or `yield` of such pairs\n  {at(call)}"
        )
    for number, pair in enumerate(response.value):
        if (
            not isinstance(pair, list | tuple)
            or len(pair) != 2
            or not all(isinstance(part, np.ndarray) for part in pair)
        ):
            raise Wrong(
                f"minibatch {number} is {describe(pair)}, wanted a pair (X_batch, Y_batch) of arrays\n  {at(call)}"
            )
        shapes = f"minibatch {number}: X_batch {pair[0].shape} and Y_batch {pair[1].shape}"
        if any(part.ndim != 2 for part in pair):
            raise Wrong(
                f"{shapes}, wanted two axes each: an index in place of a list of indices drops an axis\n  {at(call)}"
            )
        if len(pair[0]) != len(X) or len(pair[1]) != len(Y):
            raise Fault("minibatches of rows", f"{shapes}, wanted {len(X)} and {len(Y)} rows.", call)
        if pair[0].shape[1] != pair[1].shape[1]:
            raise Wrong(f"{shapes}: not equally many examples\n  {at(call)}")
    return [tuple(pair) for pair in response.value]


def slides(order, counts) -> bool:
    """Whether each minibatch begins inside the one before it and goes on as that does: a window that moves too little."""
    cuts = np.split(order, np.cumsum(counts)[:-1])
    shifted = lambda a, b: any(np.array_equal(a[k:], b[: len(a) - k]) for k in range(1, len(a)))
    return len(cuts) > 1 and all(shifted(a, b) for a, b in pairwise(cuts))


def one_epoch(call, batches):
    """Raise a Fault unless the batches are the columns of X and Y in some new order, each once, cut every `size`."""
    X, Y, size, _ = call.args
    m, counts = X.shape[1], [batch.shape[1] for batch, _ in batches]
    X_seen, Y_seen = (np.concatenate(arrays, axis=1) for arrays in zip(*batches, strict=True))
    same = (X_seen[:, :, None] == X[:, None, :]).all(axis=0)  # (seen, m): which column is which
    if not same.any(axis=1).all():
        raise Wrong(
            f"a column of X_batch is no column of X: the examples themselves must stay as they are\n  {at(call)}"
        )
    order = same.argmax(axis=1)
    if len(set(order)) < len(order):
        raise Fault(
            "minibatches overlap" if len(set(order)) == m or slides(order, counts) else "drawn with replacement",
            f"one epoch shows {len(set(order))} of the {m} examples, some more than once.",
            call,
        )
    if len(order) in {-(-rows // size) * size for rows in (len(X), len(Y))} | {len(X), len(Y)}:
        shown = f"one epoch shows {len(order)} of the {m} examples; X has {len(X)} rows, Y has {len(Y)}."
        raise Fault("rows counted, not columns", shown, call)
    if len(batches) == 1 and m > size:
        raise Fault(
            "return inside the loop", f"one epoch is a single minibatch of {len(order)} of the {m} examples.", call
        )
    if len(order) < m:
        left = m - len(order)
        raise Fault(
            "last minibatch dropped", f"one epoch shows {len(order)} of the {m} examples; {left} never came.", call
        )
    if max(counts) > size or any(count != size for count in counts[:-1]):
        raise Wrong(f"the minibatches hold {counts} examples, wanted {size} in each but the last\n  {at(call)}")
    if not np.array_equal(Y_seen, Y[:, order]):
        raise Fault("X and Y shuffled apart", "a column of X_batch stands beside the target of another example.", call)
    if m > 8 and list(order) == list(range(m)):
        raise Fault("not shuffled", "the examples came in their old order.", call)
