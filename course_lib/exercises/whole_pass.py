"""A whole backward pass, (W, b, X, Y) → (dW, db): what is right, where it is asked, and how its mistakes are named."""

from __future__ import annotations

from course_lib.exercises import diagnosis
from course_lib.exercises.compare import slope
from course_lib.exercises.mistakes import NETWORK_RULES, with_rules
from course_lib.exercises.points import as_network, large_network, networks
from course_lib.network import cost
from course_lib.reference import RULES
from course_lib.reference import backward as reference_backward
from course_lib.wire import Call


def backward(W, b, X, Y, rules=RULES):
    g = reference_backward(as_network(W, b), X, Y, rules)
    return g.W, g.b


def whole_networks(rng):
    return [*map(Call, networks(rng)), Call(large_network(rng))]


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
