"""Judging a training: the judge measures the weights that came back, and finds the order in which examples were shown."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from course_lib.data import digits
from course_lib.exercises.compare import Wrong, at, flatten, parts, side_effects
from course_lib.exercises.descent import J, step
from course_lib.exercises.training import Fault
from course_lib.network import Network, cost, forward

READS = 0.95  # of the unseen digits; seeds give 0.964 … 0.986
SAME = 1e-9  # relative: a cost or a weight against the judge's


# What came back. -------------------------------------------------------------------------------------------------------------


def judge_histories(calls, responses) -> str:
    """One number per epoch: a Fault for a history of another length, where the length says why."""
    for call, response in zip(calls, responses, strict=True):
        history = response.value[-1] if isinstance(response.value, tuple) and len(response.value) == 3 else None
        length = len(history) if isinstance(history, list) or np.ndim(history) == 1 else None
        epochs, steps = call.kwargs["epochs"], -(-call.args[2].shape[1] // call.kwargs["batch"])
        why = {
            epochs * steps: "history per minibatch",
            epochs + 1: "history before the first epoch",
            1: "returned after the first epoch",
        }
        if length != epochs and length in why:
            numbers = f"{length} number{'s' * (length > 1)}"
            text = f"history has {numbers} after {epochs} epochs of {steps} minibatches, wanted {epochs}: one number per epoch."
            raise Fault(why[length], text, call)
    return "one number per epoch"


def returned(call, response):
    """The trained network and its history. Raises Wrong where something else came back, or a history that is not true."""
    W = call.args[0]
    wanted = flatten((*call.args[:2], [0.0] * call.kwargs["epochs"]), ("W", "b", "history"))
    got = parts(call, response, wanted, ("W", "b", "history"))
    side_effects(call, response)
    trained = sigmoid_network(*({layer: got[f"{name}[{layer}]"] for layer in W} for name in ("W", "b")))
    last = float(cost(trained, *call.args[2:]))
    if abs(got["history"][-1] - last) > SAME * last:
        text = f"history ends with {got['history'][-1]:.6g}; with your final weights J on all of X is {last:.6g}."
        raise Fault("history is not the cost", text, call)
    return trained, got["history"]


def sigmoid_network(W, b) -> Network:
    return Network(W, b, dict.fromkeys(W, "sigmoid"))


# In which order the examples were shown. -------------------------------------------------------------------------------------


def judge_orders(calls, responses) -> str:
    """All examples in each epoch, in an order that rng alone decides and that changes from epoch to epoch.

    calls: one training with two generators, and with the first one again
    """
    first, other, again = (orders(call, response) for call, response in zip(calls, responses, strict=True))
    if first != again:
        raise Fault("another generator", "the same generator gave two different trainings.", calls[0])
    shown = f"The examples came in the order {', '.join(map(str, first[0]))}"
    if len({*first}) == len({*other}) == 1:
        in_all = f"{shown} in each of the {len(first)} epochs"
        if first == other and first[0] != tuple(range(len(first[0]))):
            raise Fault("a new generator in each epoch", f"{in_all}, whichever generator was given.", calls[1])
        raise Fault("one order for all epochs", f"{in_all}.", calls[0])
    if first == other:
        text = f"{shown}, then {', '.join(map(str, first[1]))} and so on, whichever generator was given."
        raise Fault("seed fixed inside", text, calls[1])
    return "the order of the examples is new in each epoch"


def orders(call, response) -> list[tuple]:
    """The order of the examples in each epoch: the one that leads to the J of the history. Raises Wrong if none does.

    The nearest order is the one: in 4,000 epochs tried no two orders came nearer than 5e-10, and a right J errs by 1e-15.
    """
    trained, history = returned(call, response)
    W, b, X, Y = call.args
    found, m, rate = [], X.shape[1], call.kwargs["rate"]
    one_by_one = {order: [(X[:, [k]], Y[:, [k]]) for k in order] for order in permutations(range(m))}
    for epoch, noted in enumerate(history, 1):
        ends = {order: epoch_from(W, b, rate, batches) for order, batches in one_by_one.items()}
        order = min(ends, key=lambda order: abs(J(*ends[order], X, Y) - noted))
        if not_the_same(noted, J(*ends[order], X, Y)):
            raise unexplained(call, epoch, noted, J(*epoch_from(W, b, rate, [(X, Y)] * m), X, Y))
        found.append(order)
        W, b = ends[order]
    if any(not_the_same(trained.W[layer], W[layer]) or not_the_same(trained.b[layer], b[layer]) for layer in W):
        raise Wrong(f"history is right, but the weights are not those that belong to it\n  {at(call)}")
    return found


def epoch_from(W, b, rate, batches):
    for X_batch, Y_batch in batches:
        W, b = step(W, b, X_batch, Y_batch, rate)
    return W, b


def not_the_same(have, want) -> bool:
    return bool(np.max(np.abs(have - want)) > SAME * np.max(np.abs(want)))


def unexplained(call, epoch, noted, all_at_once) -> Wrong:
    m = call.args[2].shape[1]
    text = f"J after epoch {epoch} is {noted:.6g}; {m} steps, one for each example, lead there in no order."
    if not_the_same(noted, all_at_once):
        return Wrong(f"{text}\n  {at(call)}")
    return Fault("all examples in each step", text, call)


# What the trained weights are worth. -----------------------------------------------------------------------------------------


def judge_trained(calls, responses) -> str:
    """The judge's own measurement of handed-in weights: does J fall, is the history true, and are unseen digits read?"""
    evidence = ""
    for call, response in zip(calls, responses, strict=True):
        (W, b, X, Y), (trained, history) = call.args, returned(call, response)
        first, last = J(W, b, X, Y), history[-1]
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
