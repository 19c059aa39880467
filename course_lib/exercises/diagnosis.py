"""Why an answer is wrong: the mistake that gives exactly the arrays that came back, or no name at all.

A wrong name is worse than none. So a mistake is named only if it reproduces the answer to 1e-10 at every test point
while the right answer does not, and only if no other mistake does. What is not recognised is still described: at which
layer the error enters, and by which constant factor it differs, if it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from course_lib.exercises.mistakes import NETWORK_RULES, with_rules
from course_lib.network import Network, forward
from course_lib.reference import RULES, Pass

EXACT = 1e-10  # of the array's largest entry: a mistake is named only if it gives these very numbers


@dataclass(frozen=True)
class Diagnosis:
    """What is known: `names` (none, one, or two made together), and what is wrong first, ("delta", 2) or ("dW and db", 3).

    Unpacks into (name or None, text), which is what a check says.
    """

    names: tuple[str, ...] = ()
    first_wrong: tuple[str, int | None] | None = None
    text: str = ""

    @property
    def name(self):
        """The mistake's name, a pair joined by “and”, or None."""
        return " and ".join(self.names) or None

    def __iter__(self):
        return iter((self.name, self.text))


# Whole networks. ------------------------------------------------------------------------------------------------------------


def name_network_mistake(points, claims) -> Diagnosis:
    """The mistake in a backward pass that gives exactly these claims.

    points: (W, b, X, Y) of sigmoid networks, or (Network, X, Y); claims, for each point: {"dW": {l: array}, "db": …},
    also "delta", and "dX" for ∂J/∂X; each as `reference.backward` gives it, with J's 1/m.
    """
    passes = [_Point(*_network(point), _keyed(claim)) for point, claim in zip(points, claims, strict=True)]
    if all(point.agrees(RULES) for point in passes):
        return Diagnosis()
    passes.sort(key=lambda point: point.size)
    alone = [(name, mistake) for name, mistake in NETWORK_RULES if _agrees(passes, with_rules(mistake))]
    found = {(name,) for name, _ in alone}
    if any(np.any(array) for point in passes for array in point.claim.values()):  # many pairs give 0 everywhere
        found = found or {names for names, rules in _pairs_that_may_fit(passes[0]) if _agrees(passes, rules)}
    where = _first_wrong(passes)
    if alone and where[0] == "δ or sums":
        in_the_sums = [mistake.keys() <= {"dW", "db"} for _, mistake in alone]
        if all(in_the_sums) or not any(in_the_sums):  # else one mistake can be made at either place
            where = "dW and db" if all(in_the_sums) else "delta", where[1]
    return Diagnosis(
        min(found) if len(found) == 1 else (), where, " ".join(filter(None, [_place(where, passes), _ratio(passes)]))
    )


def _pairs_that_may_fit(point):
    """Both names and the local rules of the pairs of mistakes that are not ruled out by the last layer at this point.

    A mistake that changes nothing there is silent: then the other one must fit there alone. Only two loud ones have
    to be tried together.
    """
    L, alone = point.net.L, [with_rules(mistake) for _, mistake in NETWORK_RULES]
    silent = [point.agrees(rules, to=point.right, lowest=L) for rules in alone]
    fits = [point.agrees(rules, lowest=L) for rules in alone]
    for names, rules, i, j in _pairs():
        if fits[j] if silent[i] else fits[i] if silent[j] else True:
            yield names, rules


@cache
def _pairs():
    """Names, local rules and row numbers of all pairs of mistakes that can be made together."""
    rows = [(i, j, *NETWORK_RULES[i], *NETWORK_RULES[j]) for i, j in combinations(range(len(NETWORK_RULES)), 2)]
    pairs = [(tuple(sorted([a, b])), with_rules(x, y), i, j) for i, j, a, x, b, y in rows if a != b]
    return [pair for pair in pairs if pair[1]]


def _agrees(passes, rules) -> bool:
    return all(point.agrees(rules) for point in passes)


class _Point:
    """One test point: the network, its forward pass, and what is claimed there."""

    def __init__(self, net, X, Y, claim):
        self.net, self.trace, self.Y, self.claim = net, forward(net, X), np.asarray(Y, float), claim
        self.size = sum(w.size for w in net.W.values()) * self.Y.shape[1]
        self.right = dict(_run(self, RULES))

    def agrees(self, rules, to=None, lowest=1) -> bool:
        """True if these local rules give what is claimed, down to layer `lowest`. Stops at the first array that differs."""
        to = to or self.claim
        try:
            with np.errstate(all="ignore"):
                return all(same(to[key], array) for key, array in _run(self, rules, lowest))
        except (ValueError, IndexError):  # shapes do not fit: code with this mistake cannot run here
            return False

    def is_wrong(self, key) -> bool:
        return key in self.claim and not same(self.claim[key], self.right[key])


def _run(point, rules, lowest=1):
    """(key, array) for each claimed array down to layer `lowest`, in the order in which the pass computes them."""
    s = Pass(point.net, point.trace, point.Y, point.Y.shape[1], rules)
    for l in range(s.L, lowest - 1, -1):
        s.step(l)
        s.dW[l], s.db[l] = rules.dW(s, l), rules.db(s, l)
        for name in ("delta", "dW", "db"):
            if (name, l) in point.claim:
                yield (name, l), getattr(s, name)[l]
    if ("dX", None) in point.claim and lowest == 1:
        yield ("dX", None), rules.dX(s)


def _network(point):
    """(network, X, Y) from (W, b, X, Y), which means sigmoid everywhere."""
    if len(point) == 3:
        return point
    W, b, X, Y = point
    return Network(W, b, dict.fromkeys(W, "sigmoid")), X, Y


def _keyed(claim):
    """{(name, layer): array}."""
    return {
        (name, l): np.asarray(array)
        for name, part in claim.items()
        for l, array in (part.items() if isinstance(part, dict) else [(None, part)])
    }


# Where the error enters, and by how much. -----------------------------------------------------------------------------------


def _first_wrong(passes):
    """The first wrong array in the order of backpropagation: ("delta", l) also where only dW and db are claimed.

    If both dW[l] and db[l] are wrong, and so is all that is computed from δ[l] below, then δ[l] may be, or both are made
    wrongly from it; if only one of them is, or if a lower layer is right, then δ[l] was right and the line that makes dW
    or db is not.
    """
    wrong = {key for point in passes for key in point.claim if point.is_wrong(key)}
    if not wrong:
        return None
    layers = [l for _, l in wrong if l is not None]
    if not layers:
        return "dX", None
    l = max(layers)
    here = [name for name in ("delta", "dW", "db") if (name, l) in wrong]
    below = {key for point in passes for key in point.claim if (key[1] or 0) < l}
    if here == ["dW", "db"] and not any(_right_everywhere(passes, key) for key in below):
        return "δ or sums", l
    return here[0], l


def _right_everywhere(passes, key):
    return not any(point.is_wrong(key) for point in passes)


def _place(where, passes):
    """The first wrong array in words."""
    if where is None:
        return ""
    name, l = where
    if name == "dX":
        return (
            "All layers are right; the error enters in the last step, from δ[1] to ∂J/∂X."
            if len(passes[0].claim) > 1
            else ""
        )
    last = max(point.net.L for point in passes)
    above = f"Layers above {l} are right; the" if l < last else "The"
    if name == "delta":
        return f"{above} error enters at layer {l}, in δ[{l}]: everything made from it is wrong."
    if name == "δ or sums":
        return f"{above} error enters at layer {l}: in δ[{l}], or where both dW[{l}] and db[{l}] are made from it."
    if name == "dW and db":
        return f"{above} error enters at layer {l}, where dW[{l}] and db[{l}] are made from δ[{l}]: δ[{l}] itself is right."
    return f"{above} error enters at layer {l}, in {name}[{l}] itself: δ[{l}] is right."


def _ratio(passes):
    """Said if everything claimed is one constant times what is right."""
    pairs = [(point.claim[key], point.right[key]) for point in passes for key in point.claim]
    factors = [constant_factor(*pair) for pair in pairs]
    return say_factor(factors)


def constant_factor(have, want):
    """c with have = c · want, to EXACT; None if there is none; 1 where both are 0."""
    have, want = np.asarray(have, float), np.asarray(want, float)
    if have.shape != want.shape:
        return None
    if not np.any(want):
        return None if np.any(have) else 1.0
    unit = want / np.max(np.abs(want))  # its squares do not underflow
    with np.errstate(all="ignore"):
        c = float(np.vdot(unit, have) / np.vdot(unit, want))
        return c if np.isfinite(c) and same(have, c * want) else None


def say_factor(factors) -> str:
    """One sentence if all factors are the same and not 1."""
    if None in factors or not factors or abs(factors[0] - 1) < EXACT or np.ptp(factors) > EXACT * abs(factors[0]):
        return ""
    return f"Every entry is {factors[0]:.6g} times what it should be." if factors[0] else "Every entry is 0."


def same(have, want) -> bool:
    """Equal to EXACT of the larger of the two largest entries, and of the same shape."""
    have, want = np.asarray(have) * 1.0, np.asarray(want) * 1.0  # True and False have no difference
    if have.shape != want.shape:
        return False
    # Below 1e-300 numbers differ by how an overflow was avoided: σ(−1000) is 0 or 1e-308.
    scale = max(np.max(np.abs(want), initial=1e-290), np.max(np.abs(have), initial=1e-290))
    return bool(np.max(np.abs(have - want), initial=0.0) <= EXACT * scale)


# Any other exercise. -----------------------------------------------------------------------------------------------------------


def match(calls, expected, got, wrong, parts) -> Diagnosis:
    """The one mistake of `wrong` that gives `got` at every call.

    calls, expected, got: per call its arguments, and {label: array} of the right and of the student's answer.
    wrong: {name: function(*args) → answer}, or (name, function) pairs when a mistake can be made in several ways;
    `parts` turns an answer into {label: array}. A mistake that cannot be computed at a call is not the one.
    """
    if _all_same(expected, got):
        return Diagnosis()
    rows = wrong.items() if isinstance(wrong, dict) else wrong
    with np.errstate(all="ignore"):
        names = {name for name, rule in rows if _gives(rule, calls, got, parts)}
    factors = [
        constant_factor(have[label], want[label]) for want, have in zip(expected, got, strict=True) for label in want
    ]
    names = names or {name for name, holds in _algebra(calls, expected, got) if holds}
    return Diagnosis(tuple(names) if len(names) == 1 else (), None, say_factor(factors))


def _gives(rule, calls, got, parts) -> bool:
    for call, have in zip(calls, got, strict=True):
        try:
            produced = parts(rule(*call.args, **call.kwargs))
        except Exception:  # noqa: BLE001 — whatever a wrong rule meets at this point, it did not give the answer
            return False
        if produced.keys() != have.keys() or not all(same(have[key], produced[key]) for key in have):
            return False
    return True


def _algebra(calls, expected, got):
    """(name, holds) for what can be seen without knowing the exercise: constant factors and a transpose."""

    def scaled(factor):
        return _all_same(
            [{label: factor(call) * want[label] for label in want} for call, want in zip(calls, expected, strict=True)],
            got,
        )

    yield "flipped sign", scaled(lambda call: -1.0)
    yield "factor 2", scaled(lambda call: 2.0)
    yield "factor ½", scaled(lambda call: 0.5)
    yield "missing 1/m", scaled(_examples)
    yield "1/m twice", scaled(lambda call: 1 / max(_examples(call), 1))
    yield "transposed", _all_same([{label: want[label].T for label in want} for want in expected], got)


def _examples(call):
    """m: the columns of the last argument that is a matrix."""
    matrices = [arg for arg in call.args if isinstance(arg, np.ndarray) and arg.ndim == 2]
    return matrices[-1].shape[1] if matrices else 1


def _all_same(expected, got) -> bool:
    return all(same(have[label], want[label]) for want, have in zip(expected, got, strict=True) for label in want)
