"""Judging how one measures: a relative error, the step of a difference, rules that accept or reject gradients.

Nothing is known beforehand. A step is judged by the error that it gives, a rule by what it says of gradients that are
right and of gradients that are wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from course_lib.exercises.advice import in_words
from course_lib.exercises.compare import at, cause, describe
from course_lib.exercises.verdict import Verdict, failed, passed
from course_lib.respond import made
from course_lib.wire import Call, Response


def trouble(response: Response) -> str:
    """An exception or a changed input, in words; empty if there is neither."""
    if response.raised:
        raised = response.raised
        said = [f"raised {raised.type}: {raised.text}", in_words(raised), *raised.lines]
        return "\n  ".join(filter(None, said))
    if response.changed:
        return f"changed its input {', '.join(map(str, response.changed))} in place. The caller still needs it."
    return ""


# Numbers that may be infinite. ------------------------------------------------------------------------------------------------


def judge_numbers(right: Callable, wrong: list[tuple[str, Callable]]) -> Callable:
    """A `verify` for answers that are one number, inf included: small arguments are shown in full. `wrong`: (mistake, function)."""

    def verify(calls: list[Call], responses: list[Response]) -> Verdict:
        wanted = [right(*call.args) for call in calls]
        got = [number(response.value) for response in responses]
        for n, (call, response, want, have) in enumerate(zip(calls, responses, wanted, got, strict=True)):
            if complaint := trouble(response):
                return failed(f"{complaint}\n  {at(call)}")
            if have is None:
                return failed(f"returned {describe(response.value)}, wanted one number\n  {at(call)}")
            if not equal(have, want):
                name = named(wrong, calls, got, first=n)
                lines = [f"yours {have:.10g}, wanted {want:.10g}", *map(shown, ("a", "n"), call.args)]
                return failed("\n".join(lines + cause(name)), name)
        return passed(f"{len(calls)} pairs right; for a flipped sign yours says {got[1]:g}")

    verify.planted = wrong
    return verify


def number(value) -> float | None:
    """The value as a float, NaN and inf included; None if it is not one real number."""
    if (
        isinstance(value, bool | str)
        or not isinstance(value, int | float | np.generic | np.ndarray)
        or np.ndim(value) != 0
    ):
        return None
    return float(value) if np.asarray(value).dtype.kind in "iuf" else None


def equal(have: float, want: float) -> bool:
    """Equal but for rounding; inf equals inf, NaN equals NaN."""
    return (math.isnan(have) and math.isnan(want)) or math.isclose(have, want, rel_tol=1e-12)


def named(wrong, calls, got, first) -> str | None:
    """The one mistake that gives the number at the first wrong call, and every finite number at the others."""

    def gives(rule) -> bool:
        pairs = [
            (call, have) for n, (call, have) in enumerate(zip(calls, got, strict=True)) if n == first or _finite(have)
        ]
        with np.errstate(all="ignore"):
            return all(equal(have, rule(*call.args)) for call, have in pairs)

    names = list(dict.fromkeys(name for name, rule in wrong if gives(rule)))
    return names[0] if len(names) == 1 else None


def _finite(have) -> bool:
    return have is not None and math.isfinite(have)


def shown(name, value) -> str:
    return f"  {name} = {np.array2string(np.asarray(value), separator=', ', prefix='      ')}"


# The bottom of the V. ---------------------------------------------------------------------------------------------------------

DECADES = 10.0 ** -np.arange(1, 13)
NEAR = 10  # times the error at the bottom, which is rough: rounding is lucky or not


def judge_best_step(calls: list[Call], responses: list[Response]) -> Verdict:
    """Passed if at each call the error with the returned step is near the smallest that any step gives."""
    got = [number(response.value) for response in responses]
    for call, response, h in zip(calls, responses, got, strict=True):
        complaint = trouble(response) or no_step(response.value, h) or off_the_bottom(call, h)
        if complaint and (name := misunderstood(calls, got)):
            values = ", ".join(f"{h:.3g} for {formula(call)}" for call, h in zip(calls[:-1], got, strict=False))
            return failed("\n".join([f"returned {values}", *cause(name)]), name)
        if complaint:
            return failed(f"{complaint}\n  at f(x) = {formula(call)}, x = {call.args[1]:.4g}")
    steps = ", ".join(f"{h:.0e} for {formula(call)}" for call, h in zip(calls[:-1], got, strict=False))
    return passed(f"{len(calls) - 1} functions, each at the bottom of its V: {steps}")


def formula(call: Call) -> str:
    """The wave of a call as one writes it: `sin(1000·x)`."""
    rate, level = call.args[0].parameters["rate"], call.args[0].parameters.get("level")
    return f"{f'{level:,.0f} + ' if level else ''}sin({'' if rate == 1 else f'{rate:g}·'}x)"


def no_step(value, h) -> str:
    return f"returned {describe(value)}, wanted one step h > 0" if h is None or not 0 < h < np.inf else ""


def off_the_bottom(call: Call, h: float) -> str:
    """On which arm of the V the step h lies, and how high; empty if it lies at the bottom."""
    f, x, df = made(call.args[0]), *call.args[1:]
    lowest, bottom = min((typical_error(f, x, df, step), step) for step in DECADES)
    luckiest = min(error(f, x, df, step) for step in DECADES)
    if typical_error(f, x, df, h) <= NEAR * lowest or error(f, x, df, h) <= luckiest:
        return ""
    arm = (
        "long: the curve bends within it"
        if h > bottom
        else "short: f(x + h) and f(x − h) agree in nearly all digits, and the rest is rounding"
    )
    return f"with h = {h:.0e} the central difference is off by {error(f, x, df, h):.1e}; a better step gives {lowest:.1e}. Yours is too {arm}."


def best_of(measure: Callable) -> Callable:
    """(f, x, df) → the power of ten with the smallest measure(f, x, df, h)."""
    return lambda f, x, df: float(DECADES[np.argmin([measure(made(f), x, df, h) for h in DECADES])])


def place_of_best(f, x, df) -> int:
    return int(np.argmin([error(made(f), x, df, h) for h in DECADES]))


WRONG_STEPS = [
    ("abs forgotten",                best_of(lambda f, x, df, h: signed(f, x, df, h))),
    ("abs forgotten",                best_of(lambda f, x, df, h: -signed(f, x, df, h))),
    ("the worst in place of the best", best_of(lambda f, x, df, h: -error(f, x, df, h))),
    ("index in place of the step",   place_of_best),
    ("exponent in place of the step", lambda f, x, df: -1 - place_of_best(f, x, df)),
    ("exponent in place of the step", lambda f, x, df: 1 + place_of_best(f, x, df)),
    ("error in place of the step",   lambda f, x, df: min(error(made(f), x, df, h) for h in DECADES)),
    ("the last step tried",          lambda f, x, df: float(DECADES[-1])),
    ("true slope not subtracted",    best_of(lambda f, x, df, h: error(f, x, 0, h))),
    ("forward difference",           best_of(lambda f, x, df, h: abs((f(x + h) - f(x)) / h - df))),
    ("divided by h, not 2h",         best_of(lambda f, x, df, h: abs((f(x + h) - f(x - h)) / h - df))),
    ("brackets around 2h forgotten", best_of(lambda f, x, df, h: abs((f(x + h) - f(x - h)) / 2 * h - df))),
]  # fmt: skip
judge_best_step.planted = WRONG_STEPS


def misunderstood(calls: list[Call], got: list) -> str | None:
    """The one mistake that gives all these numbers, or None."""
    pairs = list(zip(calls, got, strict=True))
    gives = lambda rule: all(
        have is not None and math.isclose(have, rule(*call.args), rel_tol=1e-6) for call, have in pairs
    )
    names = {name for name, rule in WRONG_STEPS if gives(rule)}
    return names.pop() if len(names) == 1 else None


def signed(f, x, df, h) -> float:
    return float((f(x + h) - f(x - h)) / (2 * h)) - df


def error(f, x, df, h) -> float:
    return abs(signed(f, x, df, h))


def typical_error(f, x, df, h) -> float:
    """The mean over steps near h: a single one may be right by luck."""
    return float(np.mean([error(f, x, df, h * factor) for factor in np.linspace(0.7, 1.4, 9)]))


# Rules of gradient checking. --------------------------------------------------------------------------------------------------

EXAMPLE = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
SIZES = (1.0, 1e5, 1e-5)


def right_gradients():
    """What it is, the analytic and the numeric gradient: right ones, of all sizes."""
    for size in SIZES:
        n = size * EXAMPLE
        yield f"of size {size:g}, equal to the numeric one in every digit", n, n
        yield f"of size {size:g}, right to 9 digits", n * (1 + 1e-9), n
        yield f"of size {size:g}, with a 0 where the numeric one has a 0", n * [1, 0, 1], n * [1, 0, 1]
        yield f"of size {size:g}, one column", n[:, :1], n[:, :1]
    yield "that is 0 everywhere", np.zeros((2, 3)), np.zeros((2, 3))


def wrong_gradients():
    """The same for wrong ones."""
    one_entry, last_column = np.ones((2, 3)), np.array([1.0, 1.0, 2.0])
    one_entry[1, 1] = 1.01
    for size in SIZES:
        n = size * EXAMPLE
        yield f"of size {size:g} with its sign flipped", -n, n
        yield f"of size {size:g}, twice as large as it should be", 2 * n, n
        yield f"of size {size:g} in which one entry is off by 1 %", n * one_entry, n
        yield f"of size {size:g} in which only the last column is wrong", n * last_column, n
        yield f"of size {size:g} in which two columns are exchanged", n[:, [1, 0, 2]], n
        yield f"that is 0 where {size:g} is right", 0 * n, n
        yield "that is NaN", np.full((2, 3), np.nan), n
        yield "of shape (2,) where (2, 1) is right, with the right numbers in it", n[:, 0], n[:, :1]


def misjudged(accepts: Callable) -> str:
    """The first gradient about which a rule is wrong; empty if the rule is trustworthy."""
    for what, analytic, numeric in wrong_gradients():
        if accepts(analytic, numeric):
            return f"it accepts a wrong gradient: one {what}"
    for what, analytic, numeric in right_gradients():
        if not accepts(analytic, numeric):
            return f"it rejects a right gradient: one {what}"
    return ""


def judge_rules(calls: list[Call], responses: list[Response]) -> Verdict:
    """Passed if each set holds exactly the rules that make no mistake."""
    for position, (call, response) in enumerate(zip(calls, responses, strict=True), 1):
        faults = {name: misjudged(made(rule)) for name, rule in call.args[0].items()}
        if (
            complaint := trouble(response)
            or no_set_of_names(response.value, faults)
            or wrongly_sorted(response.value, faults)
        ):
            return failed(f"{complaint}\n  in set {position} of {len(calls)}, {{{', '.join(faults)}}}")
    rules = sum(len(call.args[0]) for call in calls)
    return passed(
        f"{rules} rules sorted right; for example {next(f'{name!r} is out because {fault}' for name, fault in faults.items() if fault)}"
    )


def no_set_of_names(value, faults) -> str:
    if isinstance(value, dict) and not value:
        return "returned an empty dict: Python writes the empty set as `set()`, because `{}` is a dict"
    if not isinstance(value, set):
        return f"returned {describe(value)}, wanted a set of names"
    strange = [name for name in value if name not in faults]
    if any(not isinstance(name, str) for name in strange):
        return "returned a set of rules, wanted their names: the keys of the dict"
    return f"returned the name {min(strange)!r}, which is none of those given" if strange else ""


def wrongly_sorted(value, faults) -> str:
    """The first rule that was kept or dropped wrongly, with the evidence."""
    for name, fault in faults.items():
        if name in value and fault:
            return f"you keep {name!r}, but {fault}. Does your collection hold such a pair?"
        if name not in value and not fault:
            return (
                f"you drop {name!r}, which accepts no wrong gradient and rejects no right one. Is one of your right pairs wrong? "
                "Right means right to 8 digits in each entry, zeros exactly, and the same shape. Or is one of your wrong pairs right? "
                "Wrong means off by 1 % at least somewhere, of another shape, or NaN."
            )
    return ""
