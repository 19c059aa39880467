"""Judging tests that a student wrote: `accepts`, by its verdicts on claims, and `fixture`, by the mistakes that show there.

Which claims are right is computed here, from the claims themselves.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from course_lib.exercises.claims import KINDS, WRONG_WAYS, Claim, kind, wrong_claim
from course_lib.exercises.compare import cause, describe
from course_lib.exercises.measures import trouble
from course_lib.exercises.points import as_network, cache
from course_lib.exercises.verdict import Verdict, failed, partial
from course_lib.network import targets
from course_lib.respond import same
from course_lib.wire import Call, Response

SEEN = 1e-6  # of an array's largest entry: any fair test sees a difference of this size
LARGEST = 5000  # weights and biases of a fixture, and entries of its X: a test point is small


# accepts. ---------------------------------------------------------------------------------------------------------------------


def judge_accepts(calls: list[Call], responses: list[Response]) -> Verdict:
    """Score = share of the wrong claims that are rejected − share of the right claims that are."""
    if complaint := no_verdicts(responses):
        return failed(complaint)
    claims = [Claim.at(*call.args) for call in calls]
    judged = list(zip(claims, responses, strict=True))
    wrong = [pair for pair in judged if not pair[0].is_right]
    right = [pair for pair in judged if pair[0].is_right]
    through = [claim for claim, response in wrong if response.raised or response.value]
    alarms = [claim for claim, response in right if response.raised or not response.value]
    score = (len(wrong) - len(through)) / len(wrong) - len(alarms) / len(right)
    tally = (
        f"{len(wrong) - len(through)} of {len(wrong)} wrong claims rejected, {len(alarms)} of {len(right)} right claims "
        f"rejected by mistake: kills − false alarms = {score:.0%}"
    )
    name, explained = explain(through, alarms, [claim for claim, _ in wrong], [claim for claim, _ in right])
    message = [tally, *explained, *raised(judged)]
    return partial(score, "\n".join(message), tally if score == 1 else "", name)


def no_verdicts(responses) -> str:
    """What is wrong with the form of the answers; empty if each is True or False (or an exception, which is counted)."""
    if responses[0].raised and all(response.raised for response in responses):
        return trouble(responses[0])
    for response in responses:
        if response.changed:
            return trouble(response)
        if not response.raised and not isinstance(response.value, bool | np.bool_):
            return f"returned {describe(response.value)}, wanted True or False"
    return ""


# What is wrong with a test → does all that it let through, out of all wrong claims, show it? The first that fits.
PATTERNS = {
    "accepts everything":         lambda through, wrong: len(through) == len(wrong),
    "only shapes tested":         lambda through, wrong: _number(through, _shapely) == _number(wrong, _shapely),
    "only one example tested":    lambda through, wrong: _number(through, _several) == _number(wrong, _several),
    "shapes not tested":          lambda through, wrong: all(claim.misshapen for claim in through),
    "db not tested":              lambda through, wrong: all(claim.wrong_dicts == {"b"} for claim in through),
    "dW not tested":              lambda through, wrong: all(claim.wrong_dicts == {"W"} for claim in through),
    "only the last layer tested": lambda through, wrong: all(claim.last_layer not in claim.wrong_layers for claim in through),
    "only the first layer tested": lambda through, wrong: all(1 not in claim.wrong_layers for claim in through),
    "norms tested, not entries":  lambda through, wrong: all(claim.same_magnitudes for claim in through),
    "tolerance larger than the gradient": lambda through, wrong: max(map(_difference, through)) < np.median([*map(_difference, wrong)]),
}  # fmt: skip


def _number(claims, holds) -> int:
    return sum(map(holds, claims))


def _shapely(claim) -> bool:
    return not claim.misshapen


def _several(claim) -> bool:
    return claim.m > 1


def _difference(claim) -> float:
    return claim.largest_difference


def explain(through, alarms, wrong, right) -> tuple[str, list[str]]:
    """The name of what is wrong with the test, and the lines that say it."""
    if not through:
        name = "rejects everything" if len(alarms) == len(right) else "rejects right claims"
        return name, [*cause(name), *(false_alarms(alarms, right) if name == "rejects right claims" else [])]
    name = next((name for name, holds in PATTERNS.items() if holds(through, wrong)), "accepts wrong claims")
    return name, [*cause(name), *(let_through(through) if name not in PATTERNS else []), *false_alarms(alarms, right)]


def raised(judged) -> list[str]:
    """Exceptions count against the test: they neither reject a wrong claim nor accept a right one."""
    stopped = [(claim, response) for claim, response in judged if response.raised]
    if not stopped:
        return []
    claim, response = next((pair for pair in stopped if pair[0].misshapen), stopped[0])
    where = "a claim of the wrong shape" if claim.misshapen else "a claim of the right shape"
    return [
        f"  At {len(stopped)} claims it raised an exception, which is no answer: {response.raised.type}: {response.raised.text} (at {where}).",
        *(f"    {line}" for line in response.raised.lines),
    ]


def let_through(through) -> list[str]:
    """The commonest kinds of wrong claims that got through, and how such a test misses them."""
    return [
        f"  Got through: {name} ({count} times): {KINDS[name][1]}"
        for name, count in Counter(map(kind, through)).most_common(3)
    ]


def false_alarms(alarms, right) -> list[str]:
    """How many right claims were rejected, and what may be the reason."""
    if not alarms:
        return []
    sizes = [claim.size for claim in alarms]
    lines = [
        f"  {len(alarms)} right claims were rejected, with gradients of size {min(sizes):.0e} to {max(sizes):.0e}. They are right to the last digits."
    ]
    if all(map(_several, alarms)) and not all(map(_several, right)):
        lines.append("  All of these have more than one example.")
    if not any(map(_several, alarms)):
        lines.append(
            "  All of these have one example. A claim counts, not who made it: a forgotten 1/m is no mistake at m = 1."
        )
    return lines


# fixture. ---------------------------------------------------------------------------------------------------------------------


def judge_fixture(calls: list[Call], responses: list[Response]) -> Verdict:
    """Score = share of the bank's wrong implementations whose claim at this point differs visibly from the truth."""
    for response in responses:
        if complaint := trouble(response) or no_point(response.value):
            return failed(complaint)
    if not same(responses[0].value, responses[-1].value):
        return failed(
            "called twice with the same rng it gave two different points. Draw everything from the rng that is given."
        )
    hidden = [hidden_at(response.value) for response in responses]
    share, worst = max((len(names) / len(WRONG_WAYS), number) for number, names in enumerate(hidden))
    shown = f"{len(WRONG_WAYS) - len(hidden[worst])} of {len(WRONG_WAYS)} wrong implementations show at your point"
    kinds = list(dict.fromkeys(hidden[worst]))
    name = "a fixture that hides bugs"
    lines = [
        f"{shown}; {len(hidden[worst])} agree with the truth there, such as: {', '.join(kinds[:4])}.",
        *why_hidden(responses[worst].value),
        *cause(name),
    ]
    return partial(1 - share, "\n".join(lines), shown if not share else "", name)


def no_point(value) -> str:
    """Why the value is no test point; empty if it is one."""
    if not isinstance(value, tuple) or len(value) != 4:
        return f"returned {describe(value)}, wanted a tuple (W, b, X, Y)"
    W, b, X, Y = value
    if not isinstance(W, dict) or not isinstance(b, dict):
        return f"W is {describe(W)} and b is {describe(b)}, wanted dicts keyed by layer 1 … L"
    try:
        targets(as_network(W, b), cache(W, b, X)[0], Y)
    except ValueError as error:
        return f"this is no network with its data: {error}"
    size = sum(np.size(array) for array in [*W.values(), *b.values(), X])
    return f"{size} numbers in W, b and X: a test point is small; wanted at most {LARGEST}" if size > LARGEST else ""


def hidden_at(point) -> list[str]:
    """The mistakes whose claims cannot be told from the truth at this point. One that cannot be computed there is told."""
    claims = [(name, wrong_claim(way, point)) for name, way in WRONG_WAYS]
    return [name for name, claim in claims if claim is not None and Claim.at(*claim, *point).error < SEEN]


# Property of a test point → what it hides, and why. Several may hold.
REASONS = {
    "m = 1": (
        lambda W, b, X, Y, a: X.shape[1] == 1,
        "with one example a sum, a mean, the first and the last are the same, and 1/m is 1",
    ),
    "Y equals the output": (
        lambda W, b, X, Y, a: np.allclose(a[len(W)], Y, rtol=0, atol=1e-9),
        "the gradient is 0, and so is every wrong factor of it",
    ),
    "one layer": (
        lambda W, b, X, Y, a: len(W) == 1,
        "nothing is ever carried back, so no mistake on the way back can happen",
    ),
    "two layers": (
        lambda W, b, X, Y, a: len(W) == 2,
        "the only W on the way back is also the last one: a middle is missing",
    ),
    "weights 0": (
        lambda W, b, X, Y, a: any(not np.any(W[l]) for l in list(W)[1:]),
        "δ dies at such a layer, and below it everything is 0, right or wrong",
    ),
    "symmetric weights": (
        lambda W, b, X, Y, a: any(w.shape[0] == w.shape[1] > 1 and np.allclose(w, w.T) for w in W.values()),
        "W and its transpose are the same",
    ),
    "as many outputs as examples": (
        lambda W, b, X, Y, a: Y.shape[0] == Y.shape[1] > 1,
        "1/m and 1/n_L are the same number",
    ),
    "all errors of one sign": (
        lambda W, b, X, Y, a: np.all(a[len(W)] > Y) or np.all(a[len(W)] < Y),
        "absolute values and ramps (relu) change nothing, or only a sign",
    ),
    "all units alike": (
        lambda W, b, X, Y, a: any(len(a[l]) > 1 and np.allclose(a[l], a[l][:1]) for l in W),
        "exchanging units, or averaging over them, changes nothing",
    ),
    "all examples alike": (
        lambda W, b, X, Y, a: X.shape[1] > 1 and np.allclose(X, X[:, :1]),
        "it is one example, written m times",
    ),
    "X equals 0": (
        lambda W, b, X, Y, a: not np.any(X),
        "∂J/∂W[1] is 0, whatever δ is",
    ),
}


def why_hidden(point) -> list[str]:
    """What about this point hides mistakes."""
    W, b, X, Y = point
    found = [(name, why) for name, (holds, why) in REASONS.items() if holds(W, b, X, Y, cache(W, b, X))]
    return [f"  {name}: {why}." for name, why in found] or [
        "  Make the point more ordinary: no two numbers in it should be equal by accident."
    ]
