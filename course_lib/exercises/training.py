"""Judging what has no single right value: random starts, minibatches, trained weights. The judge measures what came back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.data import digits
from course_lib.exercises.compare import Wrong, at, cause, describe, flatten, parts, side_effects
from course_lib.exercises.verdict import Verdict, failed, passed
from course_lib.network import Network, cost, forward
from course_lib.wire import Call, Response

SPREADS = (0.4, 2.0)  # accepted √n_in · spread: uniform on ±1/√n gives 0.58, He's normal 1.41, Glorot's 0.8 … 1.4
READS = 0.95  # of the unseen digits; seeds give 0.964 … 0.986
HISTORY = 1e-9  # the cost that a history notes, against the judge's


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
    """W and b of the right shapes, drawn from rng, no two units alike, spread about 1/√n_in."""
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
    return f"{len(calls)} starts of the right shapes; spread of W[1] at 900 inputs is {spread:.2f}/√900; no two units alike"


def start_layers(call, sizes, got):
    for layer in range(1, len(sizes)):
        W, n_in, n_out = got[f"W[{layer}]"], sizes[layer - 1], sizes[layer]
        if n_out > 1 and (W[:1] == W).all():
            raise Fault(
                "all units alike",
                f"W[{layer}]: its {n_out} rows are all the same, so its units are one unit {n_out} times over.",
                call,
            )
        if W.size < 200:
            continue  # too few numbers to speak of their spread
        spread, text = (
            float(np.std(W)),
            f"W[{layer}]: its spread is {np.std(W):.3g}, and 1/√{n_in} = {1 / np.sqrt(n_in):.3g}.",
        )
        if abs(np.mean(W)) > 0.5 * spread:
            raise Fault("weights of one sign", f"W[{layer}]: its mean is {np.mean(W):.3g}, wanted about 0.", call)
        if SPREADS[0] <= spread * np.sqrt(n_in) <= SPREADS[1]:
            continue
        by_outputs = n_in != n_out and 0.9 < spread * np.sqrt(n_out) < 1.5
        raise Fault("scaled by the outputs" if by_outputs else "spread not scaled", text, call)


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
    if response.raised:
        raise Wrong(
            "\n  ".join([f"raised {response.raised.type}: {response.raised.text}", *response.raised.lines, at(call)])
        )
    X, Y, *_ = call.args
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
            "drawn with replacement",
            f"one epoch shows {len(set(order))} of the {m} examples, some more than once.",
            call,
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


# Trained weights. ------------------------------------------------------------------------------------------------------------


def judge_trained(calls, responses) -> str:
    """The judge's own measurement of handed-in weights: does J fall, is the history true, and are unseen digits read?"""
    evidence = ""
    for call, response in zip(calls, responses, strict=True):
        W, b, X, Y = call.args
        wanted = flatten((W, b, [0.0] * call.kwargs["epochs"]), ("W", "b", "history"))
        got = parts(call, response, wanted, ("W", "b", "history"))
        side_effects(call, response)
        trained = sigmoid_network(*({layer: got[f"{name}[{layer}]"] for layer in W} for name in ("W", "b")))
        first, last = float(cost(sigmoid_network(W, b), X, Y)), float(cost(trained, X, Y))
        if abs(got["history"][-1] - last) > HISTORY * last:
            raise Fault(
                "history is not the cost",
                f"history ends with {got['history'][-1]:.6g}; with your final weights J on all of X is {last:.6g}.",
                call,
            )
        if last >= first:
            raise Wrong(
                f"J was {first:.6g} before the training and is {last:.6g} after it: it should fall\n  {at(call)}"
            )
        if len(X) == 64:
            evidence = reading(call, trained, first, last)
    return evidence


def reading(call, trained, first, last) -> str:
    """How many of the digits that no training has seen are read right; Wrong below READS."""
    _, unseen = digits().split()
    right = int(np.sum(forward(trained, unseen.images.T).y_hat.argmax(axis=0) == unseen.labels))
    share = f"{right} of {len(unseen.labels)} unseen digits read right ({right / len(unseen.labels):.3f})"
    if right < READS * len(unseen.labels):
        raise Wrong(f"{share}, wanted at least {READS}; J went from {first:.4f} to {last:.4f}\n  {at(call)}")
    return f"{share}; J went from {first:.4f} to {last:.4f} in {call.kwargs['epochs']} epochs"


def sigmoid_network(W, b) -> Network:
    return Network(W, b, dict.fromkeys(W, "sigmoid"))
