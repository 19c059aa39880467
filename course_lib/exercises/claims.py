"""Claims about a gradient: what right and wrong implementations of `backward` say at a point, and what kind of wrong it is.

A claim is (dW, db) at a point (W, b, X, Y). Whether it is right is always computed from the two, never remembered, so
no label has to travel with it.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from course_lib.exercises.points import as_network, cache, sigmoid_net
from course_lib.exercises.whole_pass import RAISING_BACKWARD
from course_lib.reference import backward

ROUNDED = 1e-13  # a wrong way that is right at a point, by accident, differs there by less than this part of an array
RIGHT = 1e-10  # and what differs by less than this is not wrong: of right ways the roughest is off by 1e-12
WRONG = 1e-3  # and above this one a wrong claim is wrong enough for any fair test


# Implementations. -------------------------------------------------------------------------------------------------------------


def wrong_claim(way, point):
    """What a wrong implementation says at this point, or None where it cannot even be computed."""
    try:
        with np.errstate(all="ignore"):
            return way(*point)
    except (ValueError, KeyError, IndexError):
        return None


def textbook(W, b, X, Y, slope=lambda a: a * (1 - a), outer=lambda delta, a: delta @ a.T, late=False):
    """Backpropagation with its parts written in one way or another; `late` divides by m at the end."""
    a, m = cache(W, b, X), X.shape[1]
    delta, dW, db = (a[len(W)] - Y) * slope(a[len(W)]) / (1 if late else m), {}, {}
    for l in range(len(W), 0, -1):
        dW[l], db[l] = outer(delta, a[l - 1]), np.sum(delta, axis=1, keepdims=True)
        delta = W[l].T @ delta * slope(a[l - 1])
    return tuple({l: array / (m if late else 1) for l, array in arrays.items()} for arrays in (dW, db))


def in_rows(W, b, X, Y):
    """Observations in rows inside, as most libraries have it; transposed at the end."""
    a = {l: array.T for l, array in cache(W, b, X).items()}
    delta, dW, db = (a[len(W)] - Y.T) * a[len(W)] * (1 - a[len(W)]) / len(X.T), {}, {}
    for l in range(len(W), 0, -1):
        dW[l], db[l] = (a[l - 1].T @ delta).T, delta.sum(axis=0)[:, None]
        delta = delta @ W[l] * a[l - 1] * (1 - a[l - 1])
    return dW, db


def one_by_one(W, b, X, Y):
    """Example by example, added up and divided at the end."""
    parts = [textbook(W, b, X[:, [j]], Y[:, [j]]) for j in range(X.shape[1])]
    return tuple({l: sum(part[k][l] for part in parts) / len(parts) for l in W} for k in (0, 1))


def in_fortran_order(W, b, X, Y):
    return tuple({l: np.asfortranarray(array) for l, array in arrays.items()} for arrays in textbook(W, b, X, Y))


def from_the_first_layer(W, b, X, Y):
    """The dicts are filled from layer 1 up: their order says nothing."""
    return tuple({l: arrays[l] for l in sorted(arrays)} for arrays in textbook(W, b, X, Y))


def with_biases(change):
    """The right way back, but with other biases on the way forward: change(l, L) is the factor of b[l]."""
    return lambda W, b, X, Y: textbook(W, {l: change(l, len(W)) * b[l] for l in b}, X, Y)


def looping_over_outputs(W, b, X, Y):
    """A loop over the units of each layer that always runs to the number of outputs."""
    outputs = len(Y)
    if any(len(w) < outputs for w in W.values()):
        raise IndexError("a layer has fewer units than the loop has turns")
    return tuple(
        {l: array * (np.arange(len(array)) < outputs)[:, None] for l, array in arrays.items()}
        for arrays in textbook(W, b, X, Y)
    )


def divided_by_inputs(W, b, X, Y):
    """1/n₀ in place of 1/m: the wrong axis of X was counted."""
    return tuple({l: array * X.shape[1] / X.shape[0] for l, array in arrays.items()} for arrays in textbook(W, b, X, Y))


# All mistakes of the bank that touch dW or db, and careless ones around it, as (name, function); what can be done in several
# ways is here several times.
WRONG_WAYS = [
    *RAISING_BACKWARD,
    ("b forgotten on the way forward", with_biases(lambda l, L: 0)),
    ("b forgotten on the way forward", with_biases(lambda l, L: float(l < L))),
    ("b subtracted on the way forward", with_biases(lambda l, L: -1)),
    ("width of the last layer taken for all", looping_over_outputs),
    ("inputs counted, not examples", divided_by_inputs),
]

RIGHT_WAYS = [
    textbook,
    lambda W, b, X, Y: textbook(W, b, X, Y, slope=lambda a: a - a**2),
    lambda W, b, X, Y: textbook(W, b, X, Y, slope=lambda a: 0.25 - (a - 0.5) ** 2),
    lambda W, b, X, Y: textbook(W, b, X, Y, outer=lambda delta, a: np.einsum("im,jm->ij", delta, a)),
    lambda W, b, X, Y: textbook(W, b, X, Y, outer=lambda delta, a: (a @ delta.T).T),
    lambda W, b, X, Y: textbook(W, b, X, Y, late=True),
    in_rows,
    one_by_one,
    in_fortran_order,
    from_the_first_layer,
]


# Right numbers in wrong places or with wrong signs: a norm, a sum of squares, a mean of magnitudes does not see any of these.
TWISTS = [
    lambda g: -g,
    lambda g: np.abs(g),
    lambda g: g[::-1],
    lambda g: g[:, ::-1],
    lambda g: np.roll(g, 1, axis=0),
    lambda g: np.roll(g, 1, axis=1),
    lambda g: g.T.reshape(g.shape),
    lambda g: g * (-1.0) ** np.arange(len(g))[:, None],
    lambda g: g * np.where(np.arange(g.size).reshape(g.shape) == np.abs(g).argmax(), -1, 1),
]


def twisted(twist, place, point):
    """The truth with one of its dicts twisted, in one of its layers or in all: place is (0 or 1, "first", "last" or "all")."""
    grown, (which, where) = textbook(*point), place
    layers = {"first": [1], "last": [len(point[0])], "all": list(point[0])}[where]
    return tuple(
        {l: twist(a) if k == which and l in layers else a for l, a in arrays.items()} for k, arrays in enumerate(grown)
    )


FAINT = (0.002, 0.01, 0.05)  # by which part one entry is off, in claims that only a fine test rejects


def faint(part, place, point):
    """The truth, but for the largest entry of the arrays at that place: off by that part."""
    return twisted(lambda g: g * (1 + part * (np.arange(g.size).reshape(g.shape) == np.abs(g).argmax())), place, point)


# Points. ----------------------------------------------------------------------------------------------------------------------


def test_points(rng):
    """Eight: all widths different; one example; one layer; all square; large gradients; small ones; and twice tiny ones."""
    W, b, X, Y = sigmoid_net(rng, [3, 4, 2], 5)
    near = cache(W, b, X)[2] + 1e-3 * rng.choice([-1, 1], Y.shape)
    return [
        sigmoid_net(rng, [4, 5, 3, 2], 6),
        sigmoid_net(rng, [3, 4, 2], 1),
        sigmoid_net(rng, [4, 3], 5),
        sigmoid_net(rng, [3, 3, 3, 3], 3),
        sigmoid_net(rng, [2, 4, 3], 4, scale=3.0),
        (W, b, X, near),
        tiny_gradients(rng, [3, 5, 4, 2], 6),
        tiny_gradients(rng, [4, 3, 2], 5),
    ]


def tiny_gradients(rng, sizes, m):
    """A point whose gradients are near 1e-9. J is as small, so a central difference measures them as well as any others."""
    W, b, X, Y = sigmoid_net(rng, sizes, m)
    L = len(W)
    b[L] -= np.mean(W[L] @ cache(W, b, X)[L - 1] + b[L], axis=1, keepdims=True) + 10  # outputs near σ(−10) = 5e-5
    return W, b, X, cache(W, b, X)[L] * rng.uniform(0, 3, Y.shape)


def drawn_claims(rng, from_bank=24, from_twists=18, points_each=3) -> list[tuple]:
    """(dW, db, W, b, X, Y) of that many wrong implementations and of all the right ways, each at several points, shuffled.

    A wrong implementation is wrong at one of its points at least; where it happens to be right, it is right.
    """
    points = test_points(rng)
    places = [(twist, (k, where)) for twist in TWISTS for k in (0, 1) for where in ("first", "last", "all")]
    makers = [lambda point, way=way: wrong_claim(way, point) for way in varied_ways(rng, points[0])[:from_bank]]
    makers += [lambda point, i=i: twisted(*places[i], point) for i in rng.permutation(len(places))[:from_twists]]
    makers += [lambda point, i=i, part=part: faint(part, places[2 * i][1], point) for i, part in enumerate(FAINT)]
    claims = [claim for maker in makers for claim in _clear(maker, points, points_each, rng)]
    claims += [(*way(*points[i]), *points[i]) for way in RIGHT_WAYS for i in rng.permutation(len(points))[:points_each]]
    return [claims[i] for i in rng.permutation(len(claims))]


def varied_ways(rng, point) -> list:
    """The bank in random order, kind by kind in turn, so that the first few are of every kind."""
    groups = {}
    for i in rng.permutation(len(WRONG_WAYS)):
        way = WRONG_WAYS[i][1]
        claim = wrong_claim(way, point)
        groups.setdefault(claim and kind(Claim.at(*claim, *point)), []).append(way)
    return [way for turn in itertools.zip_longest(*groups.values()) for way in turn if way is not None]


def _clear(maker, points, count, rng):
    """Claims of one wrong implementation at `count` points, first where it is wrong; without doubtful cases and crashes."""
    made = [(maker(points[i]), points[i]) for i in rng.permutation(len(points))]
    claims = [(*claim, *point) for claim, point in made if claim is not None]
    errors = [Claim.at(*claim).error for claim in claims]
    wrong = [claim for claim, error in zip(claims, errors, strict=True) if error > WRONG]
    right = [claim for claim, error in zip(claims, errors, strict=True) if error <= ROUNDED]
    return (wrong[: count - 1] + right + wrong[count - 1 :])[:count]


# What is wrong with a claim. --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """A claim beside the truth; both as {("W", l): array, ("b", l): array}."""

    claimed: dict
    truth: dict
    m: int
    point: bytes  # of X: the same for all claims at one point

    @classmethod
    def at(cls, dW, db, W, b, X, Y):
        g = backward(as_network(W, b), X, Y)
        return cls(_keyed(dW, db), _keyed(g.W, g.b), X.shape[1], X.tobytes())

    @functools.cached_property
    def misshapen(self) -> bool:
        return {k: np.shape(a) for k, a in self.claimed.items()} != {k: a.shape for k, a in self.truth.items()}

    @functools.cached_property
    def errors(self) -> dict:
        """Largest error of each array, relative to its largest entry; inf for one that is missing or has the wrong shape."""
        fits = {k: k in self.claimed and np.shape(self.claimed[k]) == right.shape for k, right in self.truth.items()}
        return {k: _relative(self.claimed[k], right) if fits[k] else np.inf for k, right in self.truth.items()}

    @property
    def error(self) -> float:
        return np.inf if self.misshapen else max(self.errors.values())

    @property
    def size(self) -> float:
        """The largest entry of the true gradient."""
        return max(np.max(np.abs(right)) for right in self.truth.values())

    @functools.cached_property
    def largest_difference(self) -> float:
        """Not relative to anything."""
        return (
            np.inf
            if self.misshapen
            else max(np.max(np.abs(self.claimed[k] - right)) for k, right in self.truth.items())
        )

    @property
    def is_right(self) -> bool:
        return self.error <= RIGHT

    @property
    def factor(self) -> float:
        """c if the claim is c times the truth in every entry, else NaN."""
        c, t = (np.concatenate([np.ravel(array[k]) for k in self.truth]) for array in (self.claimed, self.truth))
        quotient = (c @ t) / (t @ t)
        return quotient if np.max(np.abs(c - quotient * t)) <= RIGHT * np.max(np.abs(c), initial=0.0) else np.nan

    @functools.cached_property
    def same_magnitudes(self) -> bool:
        """Whether each array holds the right magnitudes, somewhere and in whatever shape."""
        if {k: np.size(a) for k, a in self.claimed.items()} != {k: a.size for k, a in self.truth.items()}:
            return False
        pairs = [
            (np.sort(np.abs(self.claimed[k]), axis=None), np.sort(np.abs(t), axis=None)) for k, t in self.truth.items()
        ]
        return all(_relative(*pair) <= RIGHT for pair in pairs)

    @property
    def wrong_arrays(self) -> set:
        return {k for k, error in self.errors.items() if error > RIGHT}

    @property
    def wrong_dicts(self) -> set:
        return {name for name, _ in self.wrong_arrays}

    @property
    def wrong_layers(self) -> set:
        return {l for _, l in self.wrong_arrays}

    @property
    def last_layer(self) -> int:
        return max(l for _, l in self.truth)


def _keyed(dW, db):
    return {("W", l): array for l, array in dW.items()} | {("b", l): array for l, array in db.items()}


def _relative(claimed, right) -> float:
    off, size = np.max(np.abs(claimed - right), initial=0.0), np.max(np.abs(right), initial=0.0)
    return float(off / size) if size else float(np.inf if off else 0.0)


# Kind → (whether a claim is of it, how a test lets it through). The first that fits.
KINDS = {
    "arrays of the wrong shape": (
        lambda c: c.misshapen,
        "numpy broadcasts (n,) against (n, 1) without a word. What do you compare before the numbers?",
    ),
    "the right numbers with the wrong sign": (
        lambda c: c.factor < 0,
        "norms, squares and absolute values do not see a sign.",
    ),
    "a constant factor, such as m, 1/m or 2": (
        lambda c: c.factor > 0,
        "a test of directions, of signs, or one that divides by the claim's own size does not see it. With m = 1 a factor of m is no mistake.",
    ),
    "the right numbers in the wrong places or with some wrong signs": (
        lambda c: c.same_magnitudes,
        "norms, sums of squares and means do not see it. Compare entry by entry.",
    ),
    "dW right, db wrong": (
        lambda c: c.wrong_dicts == {"b"},
        "a test that looks at the weights only does not see it.",
    ),
    "db right, dW wrong": (
        lambda c: c.wrong_dicts == {"W"},
        "a test that looks at the biases only does not see it.",
    ),
    "the last layer right, an earlier one wrong": (
        lambda c: c.last_layer not in c.wrong_layers,
        "a test that looks at the last layer only does not see it, and it is there that mistakes on the way back show.",
    ),
    "every array wrong": (
        lambda c: len(c.wrong_arrays) == len(c.truth),
        "whatever array you look at, it shows; so look at how you compare.",
    ),
    "the last layer wrong, all others right": (
        lambda c: c.wrong_layers == {c.last_layer},
        "a test that looks at the first layer only does not see it.",
    ),
    "several arrays wrong": (
        lambda c: True,
        "each array by itself, entry by entry.",
    ),
}


def kind(claim: Claim) -> str:
    return next(name for name, (fits, _) in KINDS.items() if fits(claim))
