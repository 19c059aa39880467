"""The bank of mistakes: what students really write, as data.

`MISTAKES` holds the words (from mistakes.toml); `NETWORK_RULES` says which local rules of `reference.backward` a mistake
replaces, one row each, so that it is known exactly which arrays it produces. Rows of the same name are ways to make
the same mistake. Rules take the pass `s` and the layer `l`, as in `reference`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from course_lib.activations import sigmoid
from course_lib.reference import RULES, Rules


@dataclass(frozen=True)
class Mistake:
    """A named mistake: what happened, a question that leads out of it, and where to read. Never the right code."""

    name: str
    explanation: str
    question: str
    read: str


class Words(dict):
    """Name → Mistake. A pair, "flipped sign and missing 1/m", is put together from its two parts."""

    def __contains__(self, name):
        return dict.__contains__(self, name) or bool(self._parts(name))

    def __missing__(self, name):
        if not (parts := self._parts(name)):
            raise KeyError(name)
        first, second = parts
        explanation = f"Two mistakes at once. {first.explanation} {second.explanation}"
        read = " · ".join(dict.fromkeys([first.read, second.read]))
        return Mistake(name, explanation, f"{first.question} {second.question}", read)

    def _parts(self, name):
        if not isinstance(name, str):
            return None
        words = name.split(" and ")
        splits = [(" and ".join(words[:k]), " and ".join(words[k:])) for k in range(1, len(words))]
        return next(
            ((self[a], self[b]) for a, b in splits if dict.__contains__(self, a) and dict.__contains__(self, b)), None
        )


def _read_words():
    words = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))
    return Words({name: Mistake(name, **row) for name, row in words.items()})


MISTAKES: Words = _read_words()


# Rules. -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """A rule that multiplies what another rule gives; so it composes with any mistake in the same place."""

    factor: object  # s → number

    def of(self, rule):
        return lambda s, *l: self.factor(s) * rule(s, *l)


def with_rules(*mistakes) -> Rules | None:
    """The local rules with one or two mistakes in them; None if both replace the same rule."""
    replaced = {}
    for mistake in sorted(mistakes, key=lambda m: any(isinstance(rule, Times) for rule in m.values())):
        for place, rule in mistake.items():
            if isinstance(rule, Times):
                replaced[place] = rule.of(replaced.get(place, getattr(RULES, place)))
            elif place in replaced:
                return None
            else:
                replaced[place] = rule
    return replace(RULES, **replaced)


def _error(s):
    return s.a[s.L] - s.Y


def _one(s, l, example):
    """δ and a of one example only."""
    return s.delta[l][:, example], s.a[l - 1][:, example]


def _only(example):
    """dW and db from one example."""

    def dW(s, l):
        delta, a = _one(s, l, example)
        return delta @ a.T

    return {"dW": dW, "db": lambda s, l: s.delta[l][:, example]}


def _input(s, l):
    """z of the layer before; for the first layer that is X."""
    return s.z[l - 1] if l > 1 else s.a[0]


def _sum(array, axis=1):
    return array.sum(axis=axis, keepdims=True)


def _mean(array, axis=1):
    return array.mean(axis=axis, keepdims=True)


def _only_layers(where, slope):
    """A wrong σ′ in all layers, in the last only, or in the hidden ones only."""
    chosen = {"all": lambda s, l: True, "output": lambda s, l: l == s.L, "hidden": lambda s, l: l < s.L}[where]
    return {"slope": lambda s, l: slope(s, l) if chosen(s, l) else RULES.slope(s, l)}


def _updated(rate):
    """W changed by its own step of descent before it carries δ back."""
    return {"da": lambda s, l: (s.W[l + 1] - rate * s.rules.dW(s, l + 1)).T @ s.delta[l + 1]}


def _weights_only(s):
    """W₁ᵀ ⋯ W_Lᵀ (ŷ − y)/m: no σ′ at all."""
    v = RULES.da_output(s)
    for l in range(s.L, 0, -1):
        v = s.W[l].T @ v
    return v


# fmt: off
# σ′ of a sigmoid, wrong. Each is made in all layers, at the output only, or in hidden layers only.
_SLOPES = {
    "σ′ of z":                              lambda s, l: s.z[l] * (1 - s.z[l]),
    "σ applied twice":                      lambda s, l: sigmoid(s.a[l]) * (1 - sigmoid(s.a[l])),
    "half of σ′":                           lambda s, l: s.a[l],
    "half of σ′: 1 − a":                    lambda s, l: 1 - s.a[l],
    "tanh's derivative on a sigmoid":       lambda s, l: 1 - s.a[l] ** 2,
    "relu mask on a sigmoid":               lambda s, l: (s.z[l] > 0) * 1.0,
    "σ′ squared":                           lambda s, l: RULES.slope(s, l) ** 2,
    "1 + a in place of 1 − a":              lambda s, l: s.a[l] * (1 + s.a[l]),
    "σ′ averaged over the batch":           lambda s, l: _mean(RULES.slope(s, l)),
    "σ′ averaged over the units":           lambda s, l: _mean(RULES.slope(s, l), axis=0),
    "σ′ of one example for all":            lambda s, l: RULES.slope(s, l)[:, :1],
    "z of another example":                 lambda s, l: np.roll(RULES.slope(s, l), 1, axis=1),
}

# name, and what it puts in place of which local rule
NETWORK_RULES = [
    ("flipped sign",                        {"da_output": Times(lambda s: -1)}),
    ("missing 1/m",                         {"da_output": Times(lambda s: s.m)}),
    ("1/m twice",                           {"da_output": Times(lambda s: 1 / s.m)}),
    ("1/m twice",                           {"dW": Times(lambda s: 1 / s.m), "db": Times(lambda s: 1 / s.m)}),
    ("1/m twice in dW",                     {"dW": Times(lambda s: 1 / s.m)}),
    ("1/m in every layer",                  {"da": Times(lambda s: 1 / s.m)}),
    ("missing 1/m in dW",                   {"dW": Times(lambda s: s.m)}),
    ("missing 1/m in db",                   {"db": Times(lambda s: s.m)}),
    ("mean over features",                  {"da_output": Times(lambda s: s.m / len(s.Y))}),
    ("mean over all entries",               {"da_output": Times(lambda s: 1 / len(s.Y))}),
    ("factor 2",                            {"da_output": Times(lambda s: 2)}),
    ("factor ½",                            {"da_output": Times(lambda s: 0.5)}),
    ("flipped sign in hidden layers",       {"da": Times(lambda s: -1)}),
    ("flipped sign in σ′",                  {"delta": Times(lambda s: -1)}),
    ("flipped sign in dW",                  {"dW": Times(lambda s: -1)}),
    ("flipped sign in db",                  {"db": Times(lambda s: -1)}),
    ("the cost in place of its derivative", {"da_output": lambda s: _error(s) ** 2 / (2 * s.m)}),
    ("absolute error",                      {"da_output": lambda s: np.abs(_error(s)) / s.m}),
    ("sign of the error",                   {"da_output": lambda s: np.sign(_error(s)) / s.m}),
    ("target forgotten",                    {"da_output": lambda s: s.a[s.L] / s.m}),
    ("output forgotten",                    {"da_output": lambda s: -s.Y / s.m}),
    ("error summed over the outputs",       {"da_output": lambda s: np.ones((len(s.Y), 1)) * _sum(_error(s), 0) / s.m}),
    ("error averaged over the batch",       {"da_output": lambda s: _mean(_error(s)) / s.m + 0 * s.Y}),
    ("z at the output",                     {"da_output": lambda s: (s.z[s.L] - s.Y) / s.m}),

    ("no σ′ at the output",                 _only_layers("output", lambda s, l: 1.0)),
    ("no σ′ in hidden layers",              _only_layers("hidden", lambda s, l: 1.0)),
    ("no σ′ anywhere",                      _only_layers("all", lambda s, l: 1.0)),
    *[(name, _only_layers(where, slope)) for name, slope in _SLOPES.items() for where in ("all", "output", "hidden")],
    ("relu of the upstream",                {"delta": lambda s, l: np.maximum(0, s.da[l])}),
    ("relu of the upstream",                {"delta": lambda s, l: np.maximum(0, s.da[l]) if l < s.L else RULES.delta(s, l)}),
    ("σ′ added",                            {"delta": lambda s, l: s.da[l] + s.rules.slope(s, l)}),
    ("absolute δ",                          {"delta": lambda s, l: np.abs(s.da[l] * s.rules.slope(s, l))}),

    ("W not transposed",                    {"da": lambda s, l: s.W[l + 1] @ s.delta[l + 1]}),
    ("wrong layer's W",                     {"da": lambda s, l: s.W[l].T @ s.delta[l + 1]}),
    ("always the last W",                   {"da": lambda s, l: s.W[s.L].T @ s.delta[l + 1]}),
    ("dW in place of W",                    {"da": lambda s, l: s.rules.dW(s, l + 1).T @ s.delta[l + 1]}),
    *[("W updated before it is used",       _updated(rate)) for rate in (1.0, 0.5, 0.1, 0.01)],
    ("σ′ before Wᵀ",                        {"da": lambda s, l: s.W[l + 1].T @ (s.delta[l + 1] * s.rules.slope(s, l + 1)),
                                                 "delta": lambda s, l: s.da[l] * (s.rules.slope(s, l) if l == s.L else 1)}),
    ("upstream from dA",                    {"da": lambda s, l: s.W[l + 1].T @ s.da[l + 1]}),
    ("upstream summed over the batch",      {"da": lambda s, l: _sum(RULES.da(s, l)) + 0 * s.a[l]}),
    ("upstream averaged over the batch",    {"da": lambda s, l: _mean(RULES.da(s, l)) + 0 * s.a[l]}),
    ("one weight for all",                  {"da": lambda s, l: _mean(s.W[l + 1], 0).T @ _sum(s.delta[l + 1], 0)}),
    ("weights forgotten on the way back",   {"da": lambda s, l: np.ones_like(s.W[l + 1]).T @ s.delta[l + 1]}),
    ("hidden layers get no gradient",       {"da": lambda s, l: 0 * s.a[l]}),

    ("a of the same layer",                 {"dW": lambda s, l: s.delta[l] @ s.a[l].T}),
    ("z of the previous layer",             {"dW": lambda s, l: s.delta[l] @ _input(s, l).T}),
    ("always X",                            {"dW": lambda s, l: s.delta[l] @ s.a[0].T}),
    ("σ′ of the input in dW",               {"dW": lambda s, l: s.delta[l] @ (s.a[l - 1] * (1 - s.a[l - 1])).T}),
    ("a of another example",                {"dW": lambda s, l: s.delta[l] @ np.roll(s.a[l - 1], 1, axis=1).T}),
    ("a forgotten in dW",                   {"dW": lambda s, l: _sum(s.delta[l]) + 0 * s.W[l]}),
    ("dW transposed",                       {"dW": lambda s, l: s.a[l - 1] @ s.delta[l].T}),
    ("outer product of means",              {"dW": lambda s, l: _mean(s.delta[l]) @ _mean(s.a[l - 1]).T}),
    ("outer product of sums",               {"dW": lambda s, l: _sum(s.delta[l]) @ _sum(s.a[l - 1]).T}),
    ("outer product of a sum and a mean",   {"dW": lambda s, l: _sum(s.delta[l]) @ _mean(s.a[l - 1]).T}),
    ("only one example",                    _only(slice(0, 1))),
    ("only one example",                    {"dW": _only(slice(0, 1))["dW"]}),
    ("only the last example",               _only(slice(-1, None))),
    ("only the last example",               {"dW": _only(slice(-1, None))["dW"]}),
    ("dA instead of dZ",                    {"dW": lambda s, l: s.da[l] @ s.a[l - 1].T}),
    ("dA instead of dZ",                    {"dW": lambda s, l: s.da[l] @ s.a[l - 1].T, "db": lambda s, l: _sum(s.da[l])}),
    ("W added to its gradient",             {"dW": lambda s, l: RULES.dW(s, l) + s.W[l]}),
    ("dW times W",                          {"dW": lambda s, l: RULES.dW(s, l) * s.W[l]}),
    ("sign of the gradient",                {"dW": lambda s, l: np.sign(RULES.dW(s, l)), "db": lambda s, l: np.sign(RULES.db(s, l))}),
    ("gradient normalised",                 {"dW": lambda s, l: RULES.dW(s, l) / np.linalg.norm(RULES.dW(s, l))}),
    ("first layer skipped",                 {"dW": lambda s, l: RULES.dW(s, l) * (l > 1), "db": lambda s, l: RULES.db(s, l) * (l > 1)}),

    ("db averaged",                         {"db": lambda s, l: _mean(s.delta[l])}),
    ("db not summed",                       {"db": lambda s, l: s.delta[l]}),
    ("db lost its axis",                    {"db": lambda s, l: s.delta[l].sum(axis=1)}),
    ("db summed over the units",            {"db": lambda s, l: _sum(s.delta[l], 0).T}),
    ("db summed over everything",           {"db": lambda s, l: s.delta[l].sum() + 0 * s.b[l]}),
    ("db of one example",                   {"db": _only(slice(0, 1))["db"]}),
    ("db of one example",                   {"db": _only(slice(-1, None))["db"]}),
    ("db times b",                          {"db": lambda s, l: _sum(s.delta[l]) * s.b[l]}),
    ("db from dA",                          {"db": lambda s, l: _sum(s.da[l])}),
    ("db from dW",                          {"db": lambda s, l: _sum(s.rules.dW(s, l))}),
    ("db from dW",                          {"db": lambda s, l: _mean(s.rules.dW(s, l))}),
    ("db of magnitudes",                    {"db": lambda s, l: _sum(np.abs(s.delta[l]))}),
    ("db zero",                             {"db": lambda s, l: 0 * s.b[l]}),

    ("flipped sign",                        {"dX": Times(lambda s: -1)}),
    ("dX not transposed",                   {"dX": lambda s: s.W[1] @ s.delta[1]}),
    ("dX stops one short",                  {"dX": lambda s: s.delta[1]}),
    ("dX stops one short",                  {"dX": lambda s: s.da[1]}),
    ("dX with σ′ at the input",             {"dX": lambda s: RULES.dX(s) * s.a[0] * (1 - s.a[0])}),
    ("dX summed over the batch",            {"dX": lambda s: _sum(RULES.dX(s)) + 0 * s.a[0]}),
    ("dX averaged over the batch",          {"dX": lambda s: _mean(RULES.dX(s)) + 0 * s.a[0]}),
    ("dX without σ′ of layer 1",            {"dX": lambda s: s.W[1].T @ s.da[1]}),
    ("dX times X",                          {"dX": lambda s: RULES.dX(s) * s.a[0]}),
    ("dX of magnitudes",                    {"dX": lambda s: np.abs(RULES.dX(s))}),
    ("dX as signs",                         {"dX": lambda s: np.sign(RULES.dX(s))}),
    ("no σ′ anywhere",                      {"dX": _weights_only}),
]
# fmt: on
