"""The judge's side: every exercise is data and three pure functions (challenge, respond, verify), defined once, here.

One module per chapter (`ch03_dJ_dW.py`) holds `EXERCISES`. Notebook checks, `nbgrader validate`, the grader, the tests
and the sample class all use this one definition. Points, needs, hints and predictions live nowhere else.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from course_lib.exercises.verdict import Verdict
from course_lib.respond import respond
from course_lib.wire import Call, Raised, Response, pack, unpack


@dataclass(frozen=True)
class Prediction:
    """A question asked before the exercise: no points, never blocks, answered after the attempt."""

    question: str
    answer: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it is worth, what it builds on, how it is asked and judged.

    challenge(rng) → calls      the arguments the answer will be given, several times
    verify(calls, responses) → Verdict
    An exercise without a challenge is marked by hand.
    """

    name: str
    points: float
    challenge: Callable[[np.random.Generator], list[Call]] | None
    verify: Callable[[list[Call], list[Response]], Verdict] | None
    hints: tuple[str, ...]
    needs: tuple[str, ...] = ()
    prediction: Prediction | None = None
    names: tuple[str, ...] = ()  # of the arguments, for messages
    chapter: str = field(default="", compare=False)

    def calls(self, rng: np.random.Generator) -> list[Call]:
        """The challenge, with its first call asked once more at the end: a right answer is the same the second time."""
        calls = [replace(call, names=self.names[: len(call.args)]) for call in self.challenge(rng)]
        return [*calls, calls[0]]

    def verdict(self, calls: list[Call], responses) -> Verdict:
        """The judgement of what came back. Whatever a submission sends ends in a verdict, never in an exception."""
        if not isinstance(responses, list) or not all(map(well_formed, responses)):
            message = "the check cell sent something that is not a response"
            return Verdict("failed", 0.0, message=message, exercise=self.name)
        unsolved = [
            item.raised.lines for item in responses if item.raised and item.raised.type == "NotImplementedError"
        ]
        if unsolved and len(unsolved[0]) > 1:
            message = f"calls an answer that is not solved yet: solve that first.\n  {unsolved[0][-1]}"
            return Verdict("failed", 0.0, message=message, exercise=self.name)
        if unsolved or not responses:
            message = f"not answered yet: `{self.name}` still raises NotImplementedError."
            return Verdict("not_answered", 0.0, message=message, exercise=self.name)
        if len(responses) != len(calls):
            message = f"{len(responses)} answers came back for {len(calls)} calls"
            return Verdict("failed", 0.0, message=message, exercise=self.name)
        try:
            with np.errstate(all="ignore"):  # 1e308 times 10 is a wrong answer, not a failure of the judge
                return self.verify(calls, responses).of(self.name)
        except Exception as error:  # noqa: BLE001  ours, never the student's fault, never a zero
            message = f"the judge failed: {type(error).__name__}: {error}"
            return Verdict("grader_error", 0.0, message=message, exercise=self.name)


def well_formed(item) -> bool:
    """Whether this is a response as `respond` makes it; a forged one may hold anything."""
    texts = lambda value: isinstance(value, tuple) and all(isinstance(text, str) for text in value)
    return (
        isinstance(item, Response)
        and texts(item.changed)
        and texts(item.warned)
        and isinstance(item.seconds, int | float)
        and isinstance(item.used, tuple)
        and all(isinstance(pair, tuple) and list(map(type, pair)) == [str, int] for pair in item.used)
        and (item.raised is None or (isinstance(item.raised, Raised) and texts(item.raised.lines)))
        and (item.raised is None or texts((item.raised.type, item.raised.text)))
    )


def judge(exercise: Exercise, answer) -> Verdict:
    """Challenge, respond and verify at once, as a notebook does; the response goes through the wire as in the grader."""
    calls = notebook_calls(exercise)
    return exercise.verdict(calls, unpack(pack(respond(answer, calls))))


def notebook_calls(exercise: Exercise) -> list[Call]:
    """The test points of a notebook: the same each time, so that a second run shows the same evidence."""
    return exercise.calls(np.random.default_rng(_seed(exercise.name)))


def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


@functools.cache
def chapters() -> dict[str, tuple[Exercise, ...]]:
    """Chapter name → its exercises in the order of the notebook."""
    modules = sorted(item.name for item in pkgutil.iter_modules(__path__) if item.name.startswith("ch"))
    loaded = {name[2:]: importlib.import_module(f"{__name__}.{name}") for name in modules}
    return {name: tuple(replace(item, chapter=name) for item in module.EXERCISES) for name, module in loaded.items()}


def every() -> list[Exercise]:
    """All exercises of the course, in order."""
    return [exercise for chapter in chapters().values() for exercise in chapter]


def find(name: str) -> Exercise:
    """The exercise of that name. Raises AttributeError that names the nearest ones, TypeError if it is no name."""
    if not isinstance(name, str):
        raise TypeError(f'got {name!r}, wanted the name of an exercise in quotes, such as "half"')
    known = {exercise.name: exercise for exercise in every()}
    if name in known:
        return known[name]
    folded = {other.casefold(): other for other in known}
    near = [folded[other] for other in difflib.get_close_matches(name.casefold(), folded, n=2)] or sorted(known)[:3]
    raise AttributeError(
        f"no exercise is called {name!r}. Did you mean {' or '.join(near)}? check.all() lists them all."
    )


def relabel_blocked(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    """Of one submission: a failure whose `needs` are not all passed is `blocked`, so that the first cause is seen."""

    def relabel(name, verdict):
        missing = [need for need in find(name).needs if need in verdicts and verdicts[need].state != "passed"]
        if verdict.state != "failed" or not missing:
            return verdict
        return replace(
            verdict, state="blocked", message=f"builds on {', '.join(missing)}: mend that first.\n{verdict.message}"
        )

    return {name: relabel(name, verdict) for name, verdict in verdicts.items()}
