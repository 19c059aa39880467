"""Judging an attack without a single right value, because its start is random. The judge measures what came back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from course_lib import attacks
from course_lib.data import digits, one_hot
from course_lib.exercises.behaviour import naming
from course_lib.exercises.compare import Wrong, at, flatten, parts, side_effects, values
from course_lib.exercises.points import as_network
from course_lib.exercises.training import Fault, judged
from course_lib.exercises.verdict import Verdict
from course_lib.network import Network, cost
from course_lib.reference import backward
from course_lib.respond import made

LOPSIDED = 0.25  # mean of a random start over ε: 8 standard deviations for the 360 numbers that are judged


def trained(rng, sizes, X, Y, epochs, rate=3.0, batch=10, start=None):
    """(W, b) of a sigmoid network after plain gradient descent, from random weights or from `start`; 0.05 s for 500 digits."""
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in range(1, len(sizes))}
    W, b = start or (W, {l: np.zeros((sizes[l], 1)) for l in W})
    for _ in range(epochs):
        for chosen in np.array_split(rng.permutation(X.shape[1]), max(1, X.shape[1] // batch)):
            g = backward(Network(W, b, dict.fromkeys(W, "sigmoid")), X[:, chosen], Y[:, chosen])
            W, b = {l: W[l] - rate * g.W[l] for l in W}, {l: b[l] - rate * g.b[l] for l in b}
    return W, b


def small_digit_net(rng):
    """(W, b, test digits) of a 64-16-10 net that reads about 95 % of the test digits."""
    train, test = digits().split()
    rows = rng.choice(len(train.labels), 400, replace=False)
    W, b = trained(rng, (64, 16, 10), train.images[rows].T, one_hot(train.labels[rows]), epochs=15)
    return W, b, test


def telling(verify: Callable, tell: Callable) -> Callable:
    """`verify`, whose evidence begins with tell(call, value) of the first call: what the answer achieved, in numbers."""

    @functools.wraps(verify)
    def told(calls, responses) -> Verdict:
        verdict = verify(calls, responses)
        if not verdict:
            return verdict
        return replace(verdict, evidence=f"{tell(calls[0], responses[0].value)}; {verdict.evidence.partition('; ')[2]}")

    return told


def defined(verify: Callable) -> Callable:
    """`verify`, which does not trust a right value that numpy calls undefined: `where` leaves gaps, and memory fills them."""

    @functools.wraps(verify)
    def told(calls, responses) -> Verdict:
        for call, response in zip(calls, responses, strict=True):
            if gaps := [text for text in response.warned if "'where' used without 'out'" in text]:
                return judged(functools.partial(undefined, gaps[0], call))(calls, responses)
        return verify(calls, responses)

    return told


def undefined(text, call, calls, responses):
    raise Fault("where without out", f"numpy warned: {text}", call)


def rise(call, X_adv) -> str:
    """How the cost changed, and how far any pixel moved."""
    gradient, X, Y, eps, *_ = call.args
    net = as_network(**gradient.parameters)
    before, after = cost(net, X, Y), cost(net, X_adv, Y)
    return f"J goes from {before:.4f} to {after:.4f} at ε = {eps:g}, and the pixel without a gradient stays"


def nearness(call, X_adv) -> str:
    """The largest distance before and after a projection."""
    far, X, eps = call.args
    largest = lambda A, order: np.linalg.norm(A - X, order, axis=0).max()
    return f"ε = {eps:g}; the furthest image was {largest(far, np.inf):.3f} away in ℓ∞ and {largest(far, 2):.3f} in ℓ2, now {largest(X_adv, np.inf):.3f} and {largest(X_adv, 2):.3f}"


def judge_pgd(right: Callable, wrong) -> Callable:
    """Without a generator one value is right; with one the start must be random, inside, and repeat with its seed."""
    by_value = telling(naming(values(right, returns=("X_adv",), wrong=wrong), wrong), rise)

    @functools.wraps(by_value)
    def verify(calls, responses) -> Verdict:
        started = [len(call.args) > 6 for call in calls]
        split = lambda items, wanted: [item for item, flag in zip(items, started, strict=True) if flag == wanted]
        verdict = by_value(split(calls, False), split(responses, False))
        if not verdict and not verdict.mistake:
            verdict = judged(starts_at_X)(split(calls, False), split(responses, False)) and verdict
        if not verdict:
            return verdict
        return judged(functools.partial(random_start, verdict.evidence))(split(calls, True), split(responses, True))

    return verify


def starts_at_X(calls, responses) -> str:
    """Without rng and without a step, X itself comes back; a Fault only for what looks like noise."""
    for call, response in zip(calls, responses, strict=True):
        _, X, _, _, _, steps = call.args
        value = response.value
        if steps == 0 and isinstance(value, np.ndarray) and value.shape == X.shape and value.dtype == float:
            moved = np.abs(value - X)
            if len(np.unique(np.round(moved, 9))) > X.size / 3:  # steps have a few sizes, noise has as many as pixels
                raise Fault("random start without rng", "without rng and with steps = 0, X should come back.", call)
    return ""


def random_start(evidence, calls, responses) -> str:
    """The calls: twice the same seed, then without a step, then so with another seed, then so for a wide batch far from the walls."""
    got = [image(call, response) for call, response in zip(calls, responses, strict=True)]
    for call, X_adv in zip(calls, got, strict=True):
        _, X, _, eps, *_ = call.args
        if np.abs(X_adv - X).max() > eps * (1 + 1e-12) or X_adv.min() < 0 or X_adv.max() > 1:
            raise Fault(
                "random start not projected", "with rng, an image left the ball around X or the box [0, 1].", call
            )
    if np.array_equal(got[2], calls[2].args[1]):
        raise Fault("rng ignored", "with rng and steps = 0 the clean X came back: the start is not random.", calls[2])
    if not np.array_equal(got[0], got[1]):
        raise Fault(
            "another generator", "the same generator gave two different results: draw from rng alone.", calls[0]
        )
    if np.array_equal(got[2], got[3]):
        raise Fault("seed fixed inside", "two generators with different seeds gave the same start.", calls[3])
    spread_evenly(calls[4], got[4])
    spread = np.abs(got[2] - calls[2].args[1]).mean() / calls[2].args[3]
    if spread < 0.2:
        raise Wrong(
            f"the random start moves by {spread:.2g} ε on average; uniform noise of ±ε moves by about 0.4 ε\n  {at(calls[2])}"
        )
    if np.abs(follow(calls[0], got[2]) - got[0]).max() > 1e-9:
        raise Wrong(f"the steps after the random start are not those of PGD from that start\n  {at(calls[0])}")
    return f"{evidence}; random starts inside ball and box, repeated by their seed"


def spread_evenly(call, start):
    """Fault if the noise leans to one side, or if several examples or pixels share it. No wall is near."""
    noise = (start - call.args[1]) / call.args[3]
    for shared, what in ((np.ptp(noise, axis=1), "all examples"), (np.ptp(noise, axis=0), "all pixels of an example")):
        if np.all(shared < 1e-9):
            raise Fault("one random start for all", f"{what} start with the same noise.", call)
    if abs(noise.mean()) > LOPSIDED:
        text = (
            f"the random start moves by {noise.mean():.2g} ε on average, with its sign; noise of ±ε moves by about 0."
        )
        raise Fault("random start to one side", text, call)


def follow(call, start):
    """PGD's steps from a given start, in the ball around the original X."""
    gradient, X, Y, eps, step, steps = call.args[:6]
    for _ in range(steps):
        start = attacks.project_linf(start + step * np.sign(made(gradient)(start, Y)), X, eps)
    return start


def image(call, response, name="X_adv", like=1):
    """The returned array, shaped like the clean image, with the usual complaints."""
    X = call.args[like]
    got = parts(call, response, flatten(np.zeros(X.shape), (name,)), (name,))[name]
    side_effects(call, response)
    return got
