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
CLEAR = (
    1e-2,
    1e-3,
    0.1,
)  # size of a gradient, difference, and part of its array: larger ones are seen with any tolerance
SORTED = 0.95  # of all pairs, one let through and one rejected, in which the one let through is nearer to the truth
LARGEST = 500  # weights and biases of a fixture, and entries of its X: a test point is small


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
    if any(response.raised and not claim.misshapen for claim, response in judged):
        name, explained = None, []  # what a test cannot compute says nothing of what it would compare
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
            ends = " Does every path end in `return`?" * (response.value is None)
            return f"returned {describe(response.value)}, wanted True or False.{ends}"
    return ""


# What a test does not look at → the wrong claims that it cannot see. Named if of the clear ones just these got through;
# those of a wrong shape may have been rejected for that.
BLIND = {
    "only one example tested":     lambda claim: claim.m > 1,
    "db not tested":               lambda claim: claim.wrong_dicts == {"b"},
    "dW not tested":               lambda claim: claim.wrong_dicts == {"W"},
    "only the last layer tested":  lambda claim: claim.last_layer not in claim.wrong_layers,
    "only the first layer tested": lambda claim: 1 not in claim.wrong_layers,
    "norms tested, not entries":   lambda claim: claim.same_magnitudes,
}  # fmt: skip

# How a tolerance may be meant → what it is compared with.
TOLERANCES = {
    "tolerance larger than the gradient": lambda claim: claim.largest_difference,
    "relative tolerance too large":       lambda claim: claim.error,
}  # fmt: skip


def explain(through, alarms, wrong, right) -> tuple[str, list[str]]:
    """The name of what is wrong with the test, and the lines that say it."""
    if len(through) == len(wrong):
        return "accepts everything", cause("accepts everything")
    if through and len(alarms) == len(right):
        name = "rejects right claims, accepts wrong ones"
        return name, [*let_through(through), *false_alarms(alarms, right), *cause(name)]
    if through:
        name = blindness(through, wrong) or tolerance(through, wrong)
        seen = tolerated(name, through) if name in TOLERANCES else [] if name else let_through(through)
        name = name or "accepts wrong claims"
        return name, [*seen, *false_alarms(alarms, right), *cause(name)]
    if len(alarms) == len(right):
        return "rejects everything", cause("rejects everything")
    name = unfair(alarms, right) or "rejects right claims"
    return name, [*false_alarms(alarms, right), *cause(name)]


def is_clear(claim) -> bool:
    """Wrong by so much that any test sees it that looks at the place at all, whatever its tolerance."""
    return all(np.greater((claim.size, claim.largest_difference, claim.error), CLEAR))


def blindness(through, wrong) -> str | None:
    """What the test does not look at, if the clear claims that got through tell it."""
    got_through = {id(claim) for claim in through}
    if got_through >= {id(claim) for claim in wrong if not claim.misshapen}:
        return "only shapes tested"
    missed = [claim for claim in through if is_clear(claim)]
    if not missed:
        return None
    for name, hides in BLIND.items():
        expected = [claim for claim in wrong if is_clear(claim) and hides(claim)]
        surely = {id(claim) for claim in expected if not claim.misshapen}
        if surely <= {*map(id, missed)} <= {*map(id, expected)}:
            return name
    return "shapes not tested" if all(claim.misshapen for claim in missed) else None


def tolerance(through, wrong) -> str | None:
    """Which tolerance is too large: by the measure that tells what got through from what was rejected, if one does."""
    passed = {id(claim) for claim in through}
    rejected = [claim for claim in wrong if id(claim) not in passed and not claim.misshapen]
    if not rejected:
        return None
    share = {
        name: np.mean(np.less.outer([*map(measure, through)], [*map(measure, rejected)]))
        for name, measure in TOLERANCES.items()
    }
    name = max(share, key=share.get)
    return name if share[name] > SORTED else None


def tolerated(name, through) -> list[str]:
    """What got through because of a tolerance, and how large it was beside the gradient."""
    off, count = max(map(TOLERANCES[name], through)), f"{len(through)} claim{'s' if len(through) > 1 else ''}"
    bugs = "; ".join(f"{name} ({times})" for name, times in Counter(map(kind, through)).most_common(3))
    if name == "relative tolerance too large":
        how = f"off by up to {off:.1%} of the largest entry of an array. Right claims are right to 10 digits at least"
    else:
        sizes = sorted(claim.size for claim in through)
        how = (
            f"off by up to {off:.0e}, at points where the largest entry is {sizes[0]:.0e} to {sizes[-1]:.0e}. "
            "A tolerance larger than the entries accepts any number of their size, 0 and the wrong sign included"
        )
    return [f"  Got through: {count}, {how}.", f"  They are: {bugs}."]


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


def unfair(alarms, right) -> str | None:
    """Why a test rejects right claims, where two claims at one point tell it: they differ by rounding, or in form only."""
    rejected = {id(claim) for claim in alarms}
    pairs = [
        (one, other)
        for one in alarms
        for other in right
        if id(other) not in rejected and other.point == one.point and one.m == other.m
    ]
    if not pairs:
        return None
    return "form tested, not numbers" if any(same_numbers(*pair) for pair in pairs) else "tolerance below rounding"


def same_numbers(one, other) -> bool:
    return all(np.array_equal(one.claimed[key], other.claimed[key]) for key in one.truth)


def false_alarms(alarms, right) -> list[str]:
    """How many right claims were rejected, and what may be the reason."""
    if not alarms:
        return []
    sizes = [claim.size for claim in alarms]
    lines = [
        f"  {len(alarms)} right claims were rejected, with gradients of size {min(sizes):.0e} to {max(sizes):.0e}. They are right to 11 digits at least."
    ]
    if not unfair(alarms, right) and len(alarms) < len(right):
        points = [len({claim.point for claim in claims}) for claims in (alarms, right)]
        lines.append(
            f"  At {points[0]} of {points[1]} points every right claim was rejected, at the others none: there your measurement is off by more than your tolerance."
        )
    if all(map(_several, alarms)) and not all(map(_several, right)):
        lines.append("  All of these have more than one example.")
    if not any(map(_several, alarms)):
        lines.append(
            "  All of these have one example. A claim counts, not who made it: a forgotten 1/m is no mistake at m = 1."
        )
    return lines


def _several(claim) -> bool:
    return claim.m > 1


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
    count = len(hidden[worst])
    lines = [
        f"{shown}; {count} agree{'s' if count == 1 else ''} with the truth there{', such as' if count > 4 else ''}: {', '.join(kinds[:4])}.",
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
    "saturated": (
        lambda W, b, X, Y, a: any(np.median(a[l] * (1 - a[l])) < 1e-3 for l in W),
        "most σ′ of a layer are nearly 0, so hardly anything goes back through it, right or wrong. The weights are too large, or the biases",
    ),
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
    "a single output": (
        lambda W, b, X, Y, a: len(Y) == 1,
        "a sum or a mean over the outputs is that output",
    ),
    "examples hardly told apart": (
        lambda W, b, X, Y, a: X.shape[1] > 1 and any(np.max(np.ptp(a[l], axis=1)) < 0.05 for l in W),
        "after some layer all examples have nearly the same a, so one stands for all. The weights are too small",
    ),
    "biases 0": (
        lambda W, b, X, Y, a: any(not np.any(c) for c in b.values()),
        "code that forgets b on the way forward is right there",
    ),
    "equal widths": (
        lambda W, b, X, Y, a: len(W) > 1 and len({len(w) for w in W.values()}) == 1,
        "code that takes the width of one layer for that of another is right there, and a product in the wrong order does not crash",
    ),
    "as many inputs as examples": (
        lambda W, b, X, Y, a: X.shape[0] == X.shape[1] > 1,
        "1/m and 1/n₀ are the same number",
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
    found = found[:1] if found and found[0][0] == "saturated" else found  # the others follow from it
    found = [reason for reason in found if reason[0] != "examples hardly told apart"] or found  # it is seldom to blame
    return [f"  {name}: {why}." for name, why in found] or [
        "  Make the point more ordinary: no two numbers in it should be equal by accident."
    ]
