"""A whole backward pass, (W, b, X, Y) → (dW, db): what is right, where it is asked, and how its mistakes are named."""

from __future__ import annotations

from course_lib.exercises import diagnosis
from course_lib.exercises.compare import slope
from course_lib.exercises.mistakes import NETWORK_RULES, with_rules
from course_lib.exercises.points import as_network, cache, large_network, networks, sigmoid_net
from course_lib.network import cost
from course_lib.reference import RULES
from course_lib.reference import backward as reference_backward
from course_lib.wire import Call


def backward(W, b, X, Y, rules=RULES):
    g = reference_backward(as_network(W, b), X, Y, rules)
    return g.W, g.b


def whole_networks(rng):
    """The last but one: n = m in every layer, where products in any order run."""
    return [*map(Call, networks(rng)), Call(sigmoid_net(rng, [3, 3, 3], 3)), Call(large_network(rng))]


def through_network(W, b, X, Y):
    """index → central difference of J, for every W[l] and b[l]."""

    def J_of(name, layer):
        def J(array):
            given = {"dW": W, "db": b} | {name: {**{"dW": W, "db": b}[name], layer: array}}
            net = as_network(given["dW"], given["db"])
            return cost(net, X, Y)

        return J

    pairs = [("dW", W), ("db", b)]
    return {
        f"{name}[{layer}]": slope(J_of(name, layer), array) for name, arrays in pairs for layer, array in arrays.items()
    }


def with_mistake(mistake):
    """`backward` with some local rules replaced."""
    return lambda W, b, X, Y: backward(W, b, X, Y, with_rules(mistake))


def _slope_of(step):
    """σ′ of the layer `step` further up in place of the layer's own, in hidden layers."""
    return {"delta": lambda s, l: s.da[l] * (s.a[l + step] * (1 - s.a[l + step]) if l < s.L else RULES.slope(s, l))}


def two_layers(W, b, X, Y):
    """The pencil run, whatever L is."""
    a = cache(W, b, X)
    delta = {2: (a[2] - Y) / Y.shape[1] * a[2] * (1 - a[2])}
    delta[1] = W[2].T @ delta[2] * a[1] * (1 - a[1])
    return {l: delta[l] @ a[l - 1].T for l in (1, 2)}, {l: delta[l].sum(axis=1, keepdims=True) for l in (1, 2)}


# fmt: off
# Mistakes in the book-keeping of a whole pass, beside the rules of the bank: they raise or have another shape in most networks.
BOOK_KEEPING = [
    ("σ′ of another layer",         with_mistake(_slope_of(-1))),
    ("σ′ of another layer",         with_mistake(_slope_of(+1))),
    ("a overwritten by σ′",         with_mistake({"dW": lambda s, l: s.delta[l] @ (RULES.slope(s, l - 1) if l > 1 else s.a[0]).T})),
    ("@ in place of ∘",             with_mistake({"delta": lambda s, l: s.da[l] @ s.rules.slope(s, l)})),
    ("@ in place of ∘",             with_mistake({"delta": lambda s, l: s.da[l] @ s.rules.slope(s, l) if l < s.L else RULES.delta(s, l)})),
    ("∘ in place of @",             with_mistake({"da": lambda s, l: s.W[l + 1].T * s.delta[l + 1]})),
    ("plain product of factors",    with_mistake({"dW": lambda s, l: s.delta[l] @ s.a[l - 1]})),
    ("db summed over the units",    with_mistake({"db": lambda s, l: s.delta[l].sum(axis=0, keepdims=True)})),
    ("db summed over the units",    with_mistake({"db": lambda s, l: s.delta[l].sum(axis=0)})),
    ("db summed over everything",   with_mistake({"db": lambda s, l: s.delta[l].sum()})),
    ("db summed over everything",   with_mistake({"db": lambda s, l: s.delta[l].sum(keepdims=True)})),
    ("dW and db swapped",           lambda W, b, X, Y: backward(W, b, X, Y)[::-1]),
    ("written for two layers",      two_layers),
]
# fmt: on

RAISING_BACKWARD = [(name, with_mistake(mistake)) for name, mistake in NETWORK_RULES if "dX" not in mistake]


def name_network_mistake(calls, expected, got):
    """Which mistake in a whole backward pass gives exactly these arrays; large networks are left out, they say no more."""
    small = [number for number, call in enumerate(calls) if sum(w.size for w in call.args[0].values()) < 1000]
    points = [calls[number].args for number in small]
    claims = [by_layer(got[number]) for number in small]
    return diagnosis.name_network_mistake(points, claims)


def by_layer(flat):
    """{"dW[1]": …} → {"dW": {1: …}, "db": {1: …}}."""
    split = [(label.partition("["), array) for label, array in flat.items()]
    return {
        name: {int(layer[:-1]): array for (part, _, layer), array in split if part == name} for name in ("dW", "db")
    }
