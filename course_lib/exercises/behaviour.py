"""Name a mistake by its behaviour: the arrays it gives, of whatever shape, and the test points at which it cannot be computed.

A product in the wrong order raises where the layers have different widths and is silently wrong where they are equal. An
answer that raises at the same points and gives the same numbers at the others makes that mistake.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from course_lib.exercises.compare import cause
from course_lib.exercises.diagnosis import EXACT
from course_lib.wire import Call, Response


def naming(verify: Callable, wrong) -> Callable:
    """`verify`, which also names the one mistake of `wrong` whose behaviour is the answer's at every call.

    wrong: {name: function(*args) → answer}, or (name, function) pairs when a mistake can be made in several ways.
    They stay readable as `.planted`: a check that lets one of them through is refused by `release --check`.
    """
    rows = list(wrong.items() if isinstance(wrong, dict) else wrong)

    @functools.wraps(verify)
    def named(calls: list[Call], responses: list[Response]):
        verdict = verify(calls, responses)
        if verdict or verdict.mistake:
            return verdict
        pairs = list(zip(calls, responses, strict=True))
        if not any(computed(response) for _, response in pairs):
            return verdict
        names = {name for name, rule in rows if all(behaves_like(rule, *pair) for pair in pairs)}
        if len(names) != 1:
            return verdict
        (name,) = names
        said = verdict.message.removesuffix("\n".join(["", *cause(None)]))  # its cause is known after all
        return replace(verdict, mistake=name, message="\n".join([said, *cause(name)]))

    named.planted = rows
    return named


def computed(response: Response) -> bool:
    return response.raised is None and response.value is not None


def behaves_like(rule, call: Call, response: Response) -> bool:
    """Whether the mistake and the answer both raise here, or both give the same arrays."""
    try:
        with np.errstate(all="ignore"):
            value = rule(*call.args, **call.kwargs)
            produced = arrays(value)
    except Exception:  # noqa: BLE001 — this mistake cannot be computed here
        return not computed(response)
    if isinstance(value, tuple) != isinstance(response.value, tuple):  # {"z": …, "a": …} is in no order
        return False
    try:
        return computed(response) and same(produced, arrays(response.value))
    except (TypeError, ValueError):  # the answer holds something that is no array
        return False


def arrays(value) -> list[np.ndarray]:
    """The arrays of an answer: of a tuple, of a dict in the order of its keys, or the one that it is."""
    match value:
        case tuple():
            return [array for item in value for array in arrays(item)]
        case dict():
            return [array for key in sorted(value, key=str) for array in arrays(value[key])]
        case _ if np.iscomplexobj(value):
            raise TypeError("no mistake of a list gives complex numbers")
        case _:
            return [np.asarray(value, float)]


def same(produced, got) -> bool:
    if [array.shape for array in produced] != [array.shape for array in got]:
        return False
    return all(
        np.allclose(b, a, rtol=0, atol=EXACT * np.max(np.abs(a[np.isfinite(a)]), initial=1e-300), equal_nan=True)
        for a, b in zip(produced, got, strict=True)
    )
