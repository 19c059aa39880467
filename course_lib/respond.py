"""The student's side of a check: call the answer with each of the judge's arguments and note what came back.

Knows nothing of what is right. It runs in the same process as the student's code, so nothing that it reports can raise a
mark: the judge computes the verdict from the returned arrays alone. It imports nothing of the judge's side.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import sys
import time
import traceback
import warnings
from pathlib import Path

import numpy as np

from course_lib.wire import Call, Function, Raised, Response, Rng

FUNCTIONS = {}  # name → factory(**parameters) → callable: every function that a challenge may hand to an answer
MAX_DRAWN = 10_000  # items drawn out of a generator that an answer returned
HERE = str(Path(__file__).parent)


def function(factory):
    """Register `factory(**parameters) → callable` under its name, for `Function(name, parameters)` in a challenge."""
    FUNCTIONS[factory.__name__] = factory
    return factory


def made(named: Function):
    """The callable that a challenge names. The functions of the student library are imported when first asked for."""
    if named.name not in FUNCTIONS:
        importlib.import_module("course_lib.functions")
    return FUNCTIONS[named.name](**_fresh(named.parameters))


def respond(answer, calls: list[Call]) -> list[Response]:
    """What `answer` returns, raises, warns of and changes in its inputs, for each call; stops at an unsolved stub."""
    responses = []
    for call in calls:
        responses.append(_respond(answer, call))
        if responses[-1].raised and responses[-1].raised.type == "NotImplementedError":
            break
    return responses


def _respond(answer, call: Call) -> Response:
    args, kwargs = _fresh(call.args), _fresh(call.kwargs)
    inputs = dict(zip(_names(answer, len(args)), args, strict=True)) | kwargs
    before = {name: _fresh(value) for name, value in inputs.items()}
    watched = [value for value in inputs.values() if isinstance(value, _Watched)]
    changed = lambda: tuple(name for name, value in inputs.items() if not same(value, before[name]))
    for function_ in watched:
        function_.changed = changed
    value = raised = None
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            value = answer(*args, **kwargs)
            if inspect.isgenerator(value):
                value = list(itertools.islice(value, MAX_DRAWN))
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a student's code raises
            raised = Raised(type(error).__name__, str(error)[:2000], student_lines(error))
        seconds = time.perf_counter() - start
    return Response(
        value=value,
        raised=raised,
        changed=tuple(dict.fromkeys(itertools.chain(changed(), *(function_.seen for function_ in watched)))),
        warned=tuple(dict.fromkeys(f"{w.category.__name__}: {w.message}"[:300] for w in caught))[:5],
        used=tuple((name, item.count) for name, item in inputs.items() if isinstance(item, _Watched)),
        seconds=seconds,
    )


class _Watched:
    """A callable argument that counts its calls and looks, at each of them, whether an input stands modified."""

    def __init__(self, name: str, call):
        self.__name__, self.call, self.count, self.seen, self.changed = name, call, 0, [], tuple

    def __call__(self, *args, **kwargs):
        self.count += 1
        if self.count <= 100:  # looking costs more than calling; a modified input shows in the first calls
            self.seen += self.changed()
        return self.call(*args, **kwargs)


def _fresh(value):
    """A deep copy of arguments, memory order kept; generators start anew, functions are looked up by name."""
    match value:
        case np.ndarray():
            return value.copy(order="K")
        case Rng(seed):
            return np.random.default_rng(seed)
        case Function(name):
            return _Watched(name, made(value))
        case dict():
            return {key: _fresh(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(_fresh(item) for item in value)
        case _:
            return value


def same(value, other) -> bool:
    """Whether two arguments are equal bit by bit (NaN equals NaN; functions and generators are not compared)."""
    match value:
        case np.ndarray():
            return (
                isinstance(other, np.ndarray)
                and (value.dtype, value.shape) == (other.dtype, other.shape)
                and np.array_equal(value, other, equal_nan=value.dtype.kind in "fc")
            )
        case dict():
            return value.keys() == other.keys() and all(same(item, other[key]) for key, item in value.items())
        case list() | tuple():
            return len(value) == len(other) and all(map(same, value, other))
        case float() | int() | str() | None:
            return value == other or repr(value) == repr(other)  # NaN is itself here
        case _:
            return True


def _names(answer, count: int) -> list[str]:
    """Names of the first arguments of `answer`, for messages."""
    try:
        names = list(inspect.signature(answer).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"argument {i + 1}" for i in range(len(names), count)])[:count]


def student_lines(error: BaseException) -> tuple[str, ...]:
    """The traceback cut to the student's own lines: what they wrote, not what numpy or this package did."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = (HERE, sys.prefix, sys.base_prefix, "<frozen")
    own = [frame for frame in frames if not frame.filename.startswith(outside)]
    return tuple(f"line {frame.lineno} in {frame.name}: {frame.line}" for frame in own[-4:])
