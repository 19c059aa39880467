"""Chapter 02, derivatives you can trust: the judge's side of its exercises."""

from __future__ import annotations

import functools

import numpy as np

from course_lib.exercises import Exercise, Prediction
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import values
from course_lib.exercises.measures import judge_best_step, judge_numbers, judge_rules
from course_lib.exercises.refusals import refusing
from course_lib.exercises.slopes import (
    WRONG_CENTRAL,
    WRONG_COMPLEX,
    WRONG_DIRECTIONAL,
    WRONG_RELATIVE,
    central_difference,
    complex_step,
    directional_derivative,
    relative_error,
)
from course_lib.exercises.verdict import failed
from course_lib.functions import RULES
from course_lib.wire import Call, Function

# Test points. ----------------------------------------------------------------------------------------------------------------


def random_cubic(rng, shape):
    """A cubic and a point of that shape: slopes and bends of both signs, not small."""
    slope, bend = rng.uniform(1, 2, (2, *shape)) * rng.choice([-1.0, 1.0], (2, *shape))
    return Function("cubic", {"slope": slope, "bend": bend}), np.asarray(rng.normal(size=shape))


def random_neuron(rng, shape):
    return Function("neuron", {"w": rng.normal(size=shape), "y": 0.3}), rng.normal(size=shape)


def functions_and_steps(rng):
    """With a long step each formula has an error of its own and is recognised by it; a right one is exactly as wrong as the judge's."""
    f, x = random_cubic(rng, (2, 3))
    return [
        Call((f, x), {"h": 0.1}),
        Call(random_neuron(rng, (4,))),
        Call(random_cubic(rng, ()), {"h": 0.01}),
        Call(random_cubic(rng, (2, 1, 3)), {"h": 0.05}),
        Call((f, np.asfortranarray(x)), {"h": 0.1}),
        Call(random_neuron(rng, (3, 1)), {"h": 0.1}),
    ]


def functions_and_directions(rng):
    """Directions that are not of length 1. Along whole numbers a step of one period does not see the ripple, a shorter one does."""
    arguments = [random_cubic(rng, (2, 3)), random_neuron(rng, (4,)), random_cubic(rng, (5,))]
    calls = [Call((f, x, 2 * rng.normal(size=x.shape))) for f, x in arguments]
    rippled = (Function("rippled", {"period": 0.1}), rng.normal(size=3), np.array([2.0, -1.0, 3.0]))
    return [*calls, Call(rippled, {"h": 0.1})]


def analytic_functions(rng):
    return [
        Call(random_cubic(rng, (2, 3))),
        Call(random_neuron(rng, (4,))),
        Call(random_cubic(rng, ())),
        Call((Function("wave", {"rate": 30.0, "level": -10.0}), rng.normal(size=(3, 1))), {"h": 1e-20}),
    ]


def pairs_of_gradients(rng):
    """Tiny entries, sign, ordinary, zeros, NaN, single numbers; then pairs of different shapes, which must be refused."""
    a = rng.normal(size=(2, 3))
    off = a.copy()
    off[1, 2] *= 1.01
    pairs = [
        (np.array([1e-12, 3.0]), np.array([2e-12, 3.0])),
        (a, -a),
        (a, off),
        (np.array([0.0, 2.0, -1.0]), np.array([0.0, 1.0, -1.0])),
        (np.zeros(3), np.zeros(3)),
        (np.array([1.0, np.nan]), np.array([1.0, 2.0])),
        (np.array([2.0, 1.0]), np.array([np.nan, 1.0])),
        (np.array([5.0, 0.0]), np.array([5.0, 1e-20])),
        (2.0, 1.0),
    ]
    different = [(a[0], a[:1].T), (a[:1], a), (a, a.T), (a[:1, :1], a[0, :1])]
    return [Call(pair) for pair in [*pairs, *different]]


def shapes_differ(a, n):
    return np.shape(a) != np.shape(n)


def broadcast_story(a, n):
    try:
        return f"numpy would spread them to {np.broadcast_shapes(np.shape(a), np.shape(n))} and compare entries that do not belong together."
    except ValueError:
        return "They cannot even be subtracted. Compare the shapes before anything else, and say both in the message."


def waves(rng):
    """Functions whose V stands at different steps: fast, slow, and one that loses its digits to a large constant.

    Two rise and two fall, so that a truncation error has either sign: who forgets abs is told from who takes the worst.
    """
    parameters = [{"rate": 1.0}, {"rate": 1000.0}, {"rate": 0.01}, {"rate": 1.0, "level": 1e6}]
    turned = rng.uniform(0.4, 1.0, len(parameters)) + np.array([0, np.pi, 0, np.pi])
    points = turned / [p["rate"] for p in parameters]
    return [
        Call((Function("wave", p), float(x), float(p["rate"] * np.cos(p["rate"] * x))))
        for p, x in zip(parameters, points, strict=True)
    ]


def sets_of_rules(rng):
    """Six rules each time, as in use or mended, under names that say nothing; each comes in both forms. Last, all as in use."""
    half = rng.permutation([True, True, True, False, False, False])
    choices = [half, ~half, rng.permutation([True, False, False, False, False, False]), np.zeros(6, bool)]
    calls = []
    for mended in choices:
        chosen = [Function("rule", {"name": name, "mended": bool(m)}) for name, m in zip(RULES, mended, strict=True)]
        calls.append(
            Call(({f"rule {letter}": chosen[i] for letter, i in zip("ABCDEF", rng.permutation(6), strict=True)},))
        )
    return calls


# What is asked. ---------------------------------------------------------------------------------------------------------------


def two_calls_each(verify):
    """`verify`, and then f must have been called 2n times for an x of n entries."""

    @functools.wraps(verify)
    def both(calls, responses):
        verdict = verify(calls, responses)
        for call, response in zip(calls, responses, strict=True) if verdict else ():
            count, wanted = sum(n for _, n in response.used), 2 * call.args[1].size
            if count != wanted:
                return failed(
                    f"the values are right, but f was called {count} times for {call.args[1].size} entries; 2 each are enough: {wanted}."
                )
        return verdict

    return both


EXERCISES = [
    Exercise(
        "central_difference", 2, functions_and_steps,
        two_calls_each(values(central_difference, returns=("central_difference",), wrong=WRONG_CENTRAL, rounding=1e-7)),
        hints=(
            "Shape: that of x, whatever it is: one slope for each entry. `np.ndindex(x.shape)` walks through all indices, also for a single number.",
            "Formula: for each entry i, (f(x + h·eᵢ) − f(x − h·eᵢ)) / (2h). eᵢ is zero everywhere, and 1 at i.",
            ("Skeleton: `slope = np.zeros(x.shape)`, then `for i in np.ndindex(x.shape):` `e = np.zeros(x.shape)`, `e[i] = …`, "
            "`slope[i] = (f(x + …) - f(…)) / (…)`. x + h * e is a new array, so x stays as it is."),
        ),
        prediction=Prediction(
            "h goes from 0.01 to 0.001. By what factor does the error of the central difference fall? And that of the forward difference?",
            "By 100, and by 10: their errors go like h² and like h, until rounding takes over.",
        ),
        names=("f", "x"),
    ),
    exercise(
        "directional_derivative", 1, functions_and_directions, directional_derivative,
        wrong=WRONG_DIRECTIONAL, rounding=1e-6,
        hints=(
            "Shape: x and v have the same shape; one number comes out. All entries move together: no loop.",
            "Formula: (f(x + h·v) − f(x − h·v)) / (2h). v is taken as it is: twice as long a v gives twice the number.",
            "Skeleton: `return (f(x + …) - f(x - …)) / (…)`.",
        ),
        prediction=Prediction(
            "X has 64 entries. How many numbers does one secant along X2 − X1 tell you about ∂J/∂X?",
            "One: the slope along that direction, which is ⟨∂J/∂X, v⟩. The 63 other directions stay in the dark.",
        ),
    ),
    Exercise(
        "relative_error", 2, pairs_of_gradients,
        refusing(judge_numbers(relative_error, WRONG_RELATIVE), shapes_differ, broadcast_story, mistake="shapes not compared"),
        hints=(
            "Shape: two arrays of the same shape, or two numbers; one float comes out. If the shapes differ: `raise ValueError(…)` with both of them.",
            "Formula: the largest of |a − n| / (|a| + |n|). Two cases need a rule: where both are 0 the error is 0; where NaN appears it is inf.",
            ("Skeleton: `size = np.abs(a) + np.abs(n)`, `error = np.abs(a - n) / np.where(size == 0, 1, size)` (why does that mend 0/0?), "
            "`return float(np.where(np.isnan(error), …, error).max())`."),
        ),
        prediction=Prediction(
            "a = −n: the sign is flipped, everything else is right. What is the relative error?",
            "1, whatever the size: |−n − n| / 2|n|. It is the largest value there is, apart from inf.",
        ),
        names=("a", "n"),
    ),
    exercise(
        "complex_step", 1, analytic_functions, complex_step, wrong=WRONG_COMPLEX,
        hints=(
            "Shape: that of x, real numbers (float64). f is called once for each entry, with a complex array.",
            "Formula: f(x + i·h·eᵢ) = f(x) + i·h·∂f/∂xᵢ + …: the slope is the imaginary part, divided by h. Nothing is subtracted, so nothing cancels.",
            "Skeleton: as in central_difference, with `slope[i] = np.imag(f(x + 1j * …)) / …`.",
        ),
        prediction=Prediction(
            "h = 10⁻³⁰. What is x + h in float64? And what does a central difference with this h give?",
            "x + h is x, so the difference is 0. x + ih keeps h: the imaginary part is a number of its own.",
        ),
    ),
    Exercise(
        "best_step", 1, waves, judge_best_step, needs=("central_difference",),
        hints=(
            "Shape: x and df are single numbers; one step h comes out.",
            "Formula: error(h) = |(f(x + h) − f(x − h)) / 2h − df|. Try one h for each power of ten and keep the best.",
            "Skeleton: `steps = 10.0 ** -np.arange(1, 13)`, `errors = [abs(… - df) for h in steps]`, `return steps[np.argmin(…)]`.",
        ),
        prediction=Prediction(
            "A smaller h is always better: true or false?",
            "False. Below some h, f(x + h) and f(x − h) agree in nearly all their digits, and what is left is divided by 2h. For a well-scaled f the best h is near 10⁻⁵.",
        ),
    ),
    Exercise(
        "trustworthy", 2, sets_of_rules, judge_rules,
        hints=(
            "Shape: a dict comes in, name → rule. A set of names comes out, perhaps the empty one, `set()`. Each rule takes two arrays and answers True or False.",
            ("Formula: a rule is trustworthy if it says True to every right pair and False to every wrong one. So write down pairs: right ones of all sizes, with zeros and "
            "with a little noise; wrong ones by sign, by one entry, by one column, by shape, tiny ones, NaN."),
            ("Skeleton: `right = [(n, n), (0 * n, 0 * n), …]`, `wrong = [(-n, n), (1e-5 * …, 1e-5 * n), (n[:, 0], n[:, :1]), …]`, then "
            "`return {name for name, rule in checkers.items() if all(rule(a, n) for a, n in right) and not any(…)}`."),
        ),
        prediction=Prediction(
            "Six rules that are in use somewhere stand above. How many of them would you trust?",
            "None. Each can be mended by changing one thing.",
        ),
    ),
]  # fmt: skip
