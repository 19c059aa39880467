"""Compare what an answer returned with what is right, and say the first thing that is wrong in the order that helps.

Order: exception → structure and shape → dtype, NaN → inputs changed → value (worst entry beside a central
difference) → the cause, if a known mistake gives exactly this array → where to read. Never the right code.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.exercises import diagnosis
from course_lib.exercises.advice import SEVERAL, dtype_advice, in_words, kind_advice, shape_advice
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.verdict import Verdict, failed, passed
from course_lib.wire import Call, Function, Opaque, Response, Rng

ROUNDING = (
    1e-12  # of the array's largest entry: a right float64 answer errs by some 1e-15 here, a central difference by 1e-10
)
FINITE_DIFFERENCE = 1e-4  # below this and above ROUNDING an error looks like finite differences or float32
DTYPES = {
    "f": "float32",
    "i": "whole-number buffer",
    "u": "whole-number buffer",
}  # what a dtype other than float64 is counted as
SLOW = 3.0  # s for one call with 1e5 weights: loops over units need below 0.5 s, 2e5 forward passes above 10 s


class Wrong(Exception):
    """The first thing that is wrong; its text is for the student, the name of the mistake (or None) for the report."""

    def __init__(self, text, mistake=None):
        super().__init__(text)
        self.mistake = mistake


def values(
    right: Callable,
    *,
    returns=None,
    slopes=None,
    wrong=None,
    diagnose=None,
    quiet=False,
    analytic=False,
    rounding=ROUNDING,
):
    """A `verify` for answers that are numbers, arrays, tuples of them, or dicts by layer.

    right(*args) → the right answer
    returns        names of the parts: ("dW", "db"); None: the exercise's own name
    slopes(*args) → {label: index → float}: central difference of every part that is a derivative, entry by entry
    wrong          {mistake: function(*args) → the answer that this mistake gives}
    diagnose(calls, expected, got) → (mistake or None, text): in place of `wrong`, for whole networks
    quiet          a RuntimeWarning fails the check
    analytic       finite differences are refused, by precision and by the time of one large call
    """

    def verify(calls: list[Call], responses: list[Response]) -> Verdict:
        expected = [flatten(right(*call.args, **call.kwargs), returns) for call in calls]
        try:
            got = well_formed(calls, responses, expected, returns)
        except Wrong as first:
            return failed(str(first), first.mistake)
        place = first_difference(expected, got, rounding)
        if place is not None:
            explain = diagnose or (
                lambda *answers: diagnosis.match(*answers, wrong or {}, lambda value: flatten(value, returns))
            )
            return value_is_wrong(calls, expected, got, place, slopes, explain, analytic)
        if quiet and (overflow := warned(calls, responses)):
            return failed(*overflow)
        if analytic and (slowest := max(response.seconds for response in responses)) > SLOW:
            return failed(too_slow(slowest), "finite differences")
        return passed(evidence(calls, expected, got, slopes))

    verify.planted = list(wrong.items() if isinstance(wrong, dict) else wrong or ())
    return verify


def well_formed(calls, responses, expected, returns) -> list[dict]:
    """The returned arrays of every call. Raises Wrong for the first that has a wrong form, then for changed inputs."""
    got = [parts(*each, returns) for each in zip(calls, responses, expected, strict=True)]
    for call, response in zip(calls, responses, strict=True):
        side_effects(call, response)
    return got


def flatten(value, returns=None) -> dict[str, np.ndarray]:
    """{"dW[1]": array, …} for a right answer: tuples by the names in `returns`, dicts by their keys."""
    if isinstance(value, tuple):
        named = zip(returns, value, strict=True)
        return {label: array for name, part in named for label, array in flatten(part, (name,)).items()}
    name = returns[0] if returns else ""
    if isinstance(value, dict):
        return {f"{name}[{key}]": np.asarray(item) for key, item in value.items()}
    return {name: np.asarray(value)}


def parts(call, response, want, returns) -> dict[str, np.ndarray]:
    """The returned arrays by label. Raises Wrong for an exception, a wrong structure, shape or dtype, or NaN."""
    no_exception(call, response)
    try:
        got = structure(response.value, want, returns)
        return {label: array_like(label, got[label], want[label]) for label in want}
    except Wrong as first:
        warned = "".join(f"\n  numpy warned: {text}" for text in response.warned[:1])
        raise Wrong(f"{first}{warned}\n  {at(call)}", first.mistake) from None


def no_exception(call, response):
    """Raise Wrong with what the answer raised: its own words, what they mean, and the student's lines."""
    if raised := response.raised:
        said = [f"raised {raised.type}: {raised.text}", in_words(raised), *raised.lines, at(call)]
        raise Wrong("\n  ".join(filter(None, said)))


def structure(value, want, returns):
    """The answer's parts by label, or Wrong that says how the answer should be built."""
    labels = list(want)
    if value is None:
        raise Wrong("returned None. Does every path end in `return`?")
    if returns and len(returns) > 1:
        if not isinstance(value, tuple) or len(value) != len(returns):
            raise Wrong(
                f"returned {describe(value)}, wanted a tuple ({', '.join(returns)}){missing(value, labels, returns)}"
            )
        groups = dict(zip(returns, value, strict=True))
    else:
        groups = {returns[0] if returns else "": value}
    flat = {}
    for name, item in groups.items():
        keys = [label.removeprefix(name)[1:-1] for label in labels if label.startswith(f"{name}[")]
        if not keys:
            flat[name] = item
        elif not isinstance(item, dict) or sorted(map(str, item)) != sorted(keys):
            raise Wrong(f"{name or 'the answer'} is {describe(item)}, wanted a dict with keys {', '.join(keys)}")
        else:
            flat |= {f"{name}[{key}]": entry for key, entry in item.items()}
    return flat


def missing(value, labels, returns) -> str:
    """Which parts did not come, as far as that can be seen: dicts by layer and arrays are told apart."""
    got, gone = value if isinstance(value, tuple | list) else (value,), []
    for by_layer in (True, False):
        names = [name for name in returns if (name not in labels) == by_layer]
        came = sum(isinstance(item, dict) == by_layer for item in got)
        if came < len(names):
            gone.append(f"one of {', '.join(names)}" if came else ", ".join(names))
    if isinstance(value, list) and len(value) == len(returns):
        return f". `return {', '.join(returns)}`, without brackets, makes one"
    return f": {' and '.join(gone)} did not come" if gone and len(got) < len(returns) else ""


def array_like(label, value, want) -> np.ndarray:
    """The part as an array of the wanted shape and of finite float64. Python numbers count as float64."""
    label = label or "the answer"
    if isinstance(value, Opaque | str | dict | set) or value is None:
        advice = kind_advice(value.type) if isinstance(value, Opaque) else ""
        raise Wrong(f"{label} is {describe(value)}, wanted an array of shape {want.shape}{advice}")
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong(f"{label} is a ragged list, wanted an array of shape {want.shape}") from None
    if array.dtype.kind not in "biufc":
        raise Wrong(f"{label} is {describe(value)}, wanted an array of shape {want.shape}")
    if array.shape != want.shape == () and want.dtype.kind == "b":
        raise Wrong(f"{label} is {describe(value)}, wanted True or False")
    if array.shape != want.shape:
        advice = SEVERAL if isinstance(value, tuple) else shape_advice(array.shape, want.shape)
        raise Wrong(f"{label} has shape {array.shape}, wanted {want.shape}{advice}")
    if want.dtype.kind == "b":
        if array.dtype.kind != "b":
            raise Wrong(f"{label} is {describe(value)}, wanted True or False")
        return array
    if want.dtype.kind == "f" and array.dtype != np.float64 and not (array.dtype.kind in "iu" and array.ndim == 0):
        cut = array.dtype.kind in "iu" and not np.array_equal(array, np.trunc(want))  # a count is no buffer
        advice, name = ("", None) if cut else (dtype_advice(array.dtype), DTYPES.get(array.dtype.kind))
        raise Wrong(f"{label} has dtype {array.dtype}, wanted float64{advice}", name)
    if array.dtype.kind == "c":
        raise Wrong(f"{label} has dtype {array.dtype}, wanted whole numbers")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise Wrong(
            f"{label}{list(where) if where else ''} is {array[where]}: {np.sum(~np.isfinite(array))} of {array.size} entries are not finite"
        )
    return array


def side_effects(call, response):
    """Raise Wrong if inputs were modified."""
    if response.changed:
        names = ", ".join(map(str, response.changed))
        text = f"changed its input {names} in place. The caller still needs it: compute a new array instead"
        dicts = {name for name, value in zip(call.names, call.args, strict=False) if isinstance(value, dict)}
        if dicts & set(response.changed):
            text += (
                ". Put new arrays into a new dict: dict(W) alone copies no arrays, and `W[l] -= …` changes the old ones"
            )
        raise Wrong("\n".join([text, f"  {at(call)}", *cause("inputs changed")]), "inputs changed")


def warned(calls, responses) -> tuple[str, str] | None:
    """(message, mistake) for the first RuntimeWarning of an answer whose values are right."""
    for call, response in zip(calls, responses, strict=True):
        for text in response.warned:
            if text.startswith("RuntimeWarning"):
                name = "log of 0" if "in log" in text else "overflow in exp"
                say = f"warned: {text}. The formula is right on paper; find a form in which this cannot happen"
                return "\n".join([say, f"  {at(call)}", *cause(name)]), name
    return None


def first_difference(expected, got, rounding):
    """(call, label) of the first array that is wrong, or None."""
    for number, (want, have) in enumerate(zip(expected, got, strict=True)):
        for label in want:
            if error_of(want[label], have[label]) > rounding:
                return number, label
    return None


def error_of(want, have) -> float:
    """Largest difference, relative to the largest right entry (exact zeros must be met exactly)."""
    if not want.size:
        return 0.0
    scale = np.max(np.abs(want))
    worst = np.max(np.abs(have - want)) if want.dtype.kind != "b" else float(np.any(have != want))
    return float(worst / scale) if scale > 0 else float(np.inf if worst > 0 else 0.0)


def value_is_wrong(calls, expected, got, place, slopes, explain, analytic) -> Verdict:
    number, label = place
    call, want, have = calls[number], expected[number][label], got[number][label]
    worst = max(error_of(e[key], g[key]) for e, g in zip(expected, got, strict=True) for key in e)
    lines = [f"{label or 'the value'} is wrong at test point {number + 1} of {len(calls)}.", f"  {at(call)}"]
    lines.append("  Worst entry " + beside(call, label, want, have, slopes, worst_index(want, have)))
    if ROUNDING < worst < FINITE_DIFFERENCE:
        known, _ = explain(calls, expected, got)
        name = known or imprecise(got, analytic or slopes)
        text = f"Right to about {-np.log10(worst):.0f} digits of 16."
    else:
        name, text = explain(calls, expected, got)
    if text:
        lines.append(f"  {text}")
    lines += cause(name)
    return failed("\n".join(lines), name, error=have - want if want.dtype.kind != "b" else None)


def imprecise(got, derivative) -> str | None:
    """The name of a mistake that costs digits: every number fits into 32 bits, or the derivative is a difference quotient."""
    if all(np.array_equal(array, array.astype(np.float32)) for have in got for array in have.values()):
        return "float32"
    return "finite differences" if derivative else None


def cause(name) -> list[str]:
    """What a mistake of that name is, the question that leads out of it, and where to read; or that none is known."""
    if name not in MISTAKES:
        return [
            "  The cause is none that this check knows by name. Compare your code with the formula factor by factor."
        ]
    mistake = MISTAKES[name]
    return [
        f"  Cause: {name}. {mistake.explanation}",
        f"  Ask yourself: {mistake.question}",
        f"  Read again: {mistake.read}",
    ]


def worst_index(want, have) -> tuple[int, ...]:
    difference = np.abs(have - want) if want.dtype.kind != "b" else (have != want)
    return tuple(int(i) for i in np.unravel_index(np.argmax(difference), want.shape))


def beside(call, label, want, have, slopes, index) -> str:
    """`dW[2][0, 1]: yours …, central difference … (relative error …)`: the student's number beside an independent one."""
    name = f"{label or 'the value'}{list(index) if index else ''}"
    if want.dtype.kind == "b":
        return f"{name}: yours {have[index]}, wanted {want[index]}"
    yours = float(have[index])
    numeric = slopes(*call.args, **call.kwargs).get(label) if slopes else None
    other, method = (numeric(index), "central difference") if numeric else (float(want[index]), "reference")
    size = abs(yours) + abs(other)
    error = abs(yours - other) / size if size else 0.0
    return f"{name}: yours {yours:.10g}, {method} {other:.10g} (relative error {error:.1g})"


def evidence(calls, expected, got, slopes) -> str:
    """One line for a passed check: a number of the student's beside the central difference, and how much was compared."""
    number, label = max(
        ((n, key) for n, want in enumerate(expected) for key in want), key=lambda at: _interest(expected, at)
    )
    want, have = expected[number][label], got[number][label]
    numbers = sum(array.size for want_ in expected for array in want_.values())
    count = f"{numbers} number{'s' if numbers != 1 else ''} at {len(calls)} test points"
    if not want.size:
        return f"{count} right"
    index = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(want)), want.shape))
    return f"{beside(calls[number], label, want, have, slopes, index)}; {count} right"


def _interest(expected, at):
    """Prefer a small array that is not a single number, early in the challenge: its index says something."""
    size = expected[at[0]][at[1]].size
    return (1 < size < 1000, size > 0, -at[0])


def slope(f, x, h=1e-6) -> Callable:
    """index → (f(x + h eᵢ) − f(x − h eᵢ)) / 2h with h relative to xᵢ; x is an array, f returns a number."""

    def at_index(index):
        step = h * max(1.0, abs(x[index]))
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        return float((f(up) - f(down)) / (up[index] - down[index]))

    return at_index


def too_slow(seconds) -> str:
    return (
        f"the values are right, but one call with 100,000 weights took {seconds:.1f} s. That is the time of a forward pass per "
        "weight: finite differences. Backpropagation gets all weights from one pass back."
    )


def at(call) -> str:
    """The test point by its shapes: `at delta (5, 6), a_prev (4, 6)`."""
    named = [
        f"{name} {describe(value).removeprefix('array ')}" for name, value in zip(call.names, call.args, strict=False)
    ]
    unnamed = [describe(value) for value in call.args[len(named) :]]
    return "at " + (
        ", ".join([*named, *unnamed, *(f"{key}={describe(value)}" for key, value in call.kwargs.items())])
        or "its only call"
    )


def describe(value) -> str:
    """A value in few words: `array (3, 4)`, `dict {1: (3, 2), 2: (1, 3)}`."""
    match value:
        case np.ndarray():
            return f"array {value.shape}" + ("" if value.dtype == np.float64 else f" of {value.dtype}")
        case dict():
            shown = ", ".join(
                f"{key}: {getattr(item, 'shape', type(item).__name__)}" for key, item in list(value.items())[:6]
            )
            return f"dict {{{shown}}}"
        case Opaque(kind):
            return f"a {kind}"
        case Function(name, parameters):
            return f"{name}({', '.join(f'{key}={describe(item)}' for key, item in parameters.items())})"
        case bool() | int() | float() | complex() | np.generic() | None:
            return repr(value) if not isinstance(value, np.generic) else repr(value.item())
        case str():
            return repr(value[:60])
        case list() if len(value) <= 6 and all(isinstance(item, int | float) for item in value):
            return repr(value)
        case Rng(seed):
            return f"default_rng({seed})"
        case tuple():
            return f"a tuple of {len(value)}"
        case _:
            return f"a {type(value).__name__}"
