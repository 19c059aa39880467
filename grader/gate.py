"""`python -m grader release --check`: is there a chapter that would teach or mark something wrong?

The mutation gate tries to fool each check: with every mistake that is planted in the exercise's module or in
`samples/`, with lazy answers, and with the right answer made wrong. One that gets through is a fault; so is a check with
too few planted mistakes, a right answer that is refused, a stub that is not taken for one, and a line of a solution that
the students would get.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
import warnings
from pathlib import Path

import nbformat
import numpy as np

from course_lib import exercises
from course_lib.exercises.behaviour import behaves_like
from course_lib.respond import respond
from grader import release, source
from grader.samples.rows import chapters as sampled
from grader.samples.rows import rows

ENOUGH = 3  # planted mistakes that a check must have refused before it counts as tried; lazy answers do not count
# Judged by what an answer does, not by its arrays: no table of theirs holds whole wrong answers. Those stand in these tests.
ELSEWHERE = {
    "trustworthy": "test_ch02",
    "name_the_bug": "test_ch04",
    "accepts": "test_ch04",
    "fixture": "test_ch04",
    "initial_weights": "test_ch05",
    "minibatches": "test_ch05",
    "right_when": "test_ch06",
    "deepfool": "test_ch07",
    "adversarial_train": "test_ch08",
    "hardened": "test_ch08",
}


def check(chapters) -> list[str]:
    """Faults of these chapters, of all if none is named: first of their sources, then of what a release would hold."""
    found = []
    for chapter in release.wanted(chapters):
        try:
            instructor = source.notebook(release.SOLUTIONS / f"{chapter}.py", exercises.chapters().get(chapter, ()))
        except source.SourceError as error:
            found.append(str(error))
            continue
        found += faults(chapter, _released(chapter), solved(instructor))
    return found


def _released(chapter):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(release.ROOT / "nbgrader_config.py", folder)
        [path] = release.release(Path(folder), [chapter])
        return nbformat.read(path, as_version=4)


def faults(chapter: str, notebook, namespace: dict) -> list[str]:
    """What is wrong with a chapter, one line each. `namespace` is what the solved notebook leaves behind."""
    found = leaks(chapter, notebook)
    for exercise in exercises.chapters()[chapter]:
        if exercise.challenge:
            found += [f"{chapter}: {exercise.name}: {text}" for text in _tried(chapter, exercise, namespace)]
    return found


def solved(notebook) -> dict:
    """Run a solved notebook without its checks, in a folder of its own. → its namespace."""
    namespace = {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a lesson may show one
        with open("printed", "w", encoding="utf-8") as printed, contextlib.redirect_stdout(printed):
            for cell in notebook.cells:
                if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
                    exec(compile(cell.source, cell.id, "exec"), namespace)  # noqa: S102 (our own source)
    return namespace


def _tried(chapter, exercise, namespace):
    """Every answer that is judged wrongly."""
    right = namespace[exercise.name]
    if _state(exercise, right) != "passed":
        yield "the check refuses the solution itself"
        return
    if _state(exercise, _stub) != "not_answered":
        yield "the stub is not taken for an unsolved exercise"
    for name, answer in _variants(chapter, exercise, namespace, ("right",)):
        if _state(exercise, answer) != "passed":
            yield f"the check refuses a right answer ({name})"
    planted = [*_variants(chapter, exercise, namespace, ("wrong", "fails")), *_planted(exercise, right)]
    passed = [name for name, answer in [*planted, *_lazy(right)] if _state(exercise, answer) == "passed"]
    for name in passed:
        yield f"the check lets a wrong answer through ({name})"
    count = len({name for name, _ in planted})
    if count < ENOUGH and exercise.name not in ELSEWHERE:
        yield f"nobody has tried to fool the check: {count} mistakes are planted, wanted {ENOUGH}"


def _state(exercise, answer) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return exercises.judge(exercise, answer).state


def _stub(*given, **named):
    raise NotImplementedError


def _variants(chapter, exercise, namespace, kinds):
    """Answers from `samples/`, each among the right answers to everything else."""
    for row in rows(chapter) if chapter in sampled() else ():
        if row.exercise == exercise.name and row.kind in kinds:
            own = dict(namespace)
            exec(row.source, own)  # noqa: S102 (our own source)
            yield f"samples: {row.name}", own[row.exercise]


def _planted(exercise, right):
    """The mistakes that its module knows by name. One that is right to rounding at every test point is no mistake there:
    1e-16 inside a logarithm."""
    planted = getattr(exercise.verify, "planted", ())
    calls = exercises.notebook_calls(exercise) if planted else []
    pairs = list(zip(calls, respond(right, calls), strict=True))
    for name, rule in planted:
        if not all(behaves_like(rule, *pair) for pair in pairs):
            yield f"planted: {name}", rule


def _lazy(right):
    """Answers that take no thought, and the right one spoiled."""
    yield from LAZY.items()
    for name, spoil in SPOILED.items():
        yield name, _spoiled(right, spoil)


LAZY = {
    "always None": lambda *given, **named: None,
    "always 0": lambda *given, **named: 0.0,
    "always True": lambda *given, **named: True,
    "always nothing": lambda *given, **named: {},
    "the first argument": lambda *given, **named: given[0] if given else None,
}
SPOILED = {
    "the right answer as text": lambda value: None if isinstance(value, str) else str(value),
    "the right answer, NaN": lambda value: _each(value, lambda array: array * np.nan),
    "the right answer, one axis more": lambda value: _each(value, lambda array: array[None]),
}


def _spoiled(right, spoil):
    @functools.wraps(right)
    def answer(*given, **named):
        return spoil(right(*given, **named))

    return answer


def _each(value, change):
    """The same tuple or dict with every array of numbers in it changed."""
    match value:
        case tuple() | list():
            return type(value)(_each(item, change) for item in value)
        case dict():
            return {key: _each(item, change) for key, item in value.items()}
        case set() | str() | None:
            return None
        case _:
            return change(np.asarray(value, float))


# What students get must not say the answer. ----------------------------------------------------------------------------------


def leaks(chapter: str, released) -> list[str]:
    """Lines of a solution that got out, unless a lesson says them itself; and answers of which nothing is left to find."""
    cells = source.read(release.SOLUTIONS / f"{chapter}.py")
    hints = [hint for exercise in exercises.chapters()[chapter] for hint in exercise.hints]
    taught = _lines([cell.text for cell in cells if cell.tag != "answer"] + hints)
    shown = _lines([cell.source for cell in released.cells])
    found = []
    for name, secret in secrets(cells).items():
        out = [line for line in secret if any(line in other for other in shown)]
        told = [line for line in out if not any(line in other for other in taught)]
        found += [f"{chapter}: {name}: a line of the solution is released: {line}" for line in told]
        if len(out) == len(secret):
            found.append(f"{chapter}: {name}: lessons and hints say all of the solution")
    return found


def secrets(cells) -> dict[str, list[str]]:
    """Exercise → the lines between its solution's marks, but for those too short to tell anything."""
    found = {}
    for cell in cells:
        inside = False
        for line in cell.text.splitlines():
            if "SOLUTION" in line:
                inside = "BEGIN" in line
            elif inside and len(line.strip()) >= 12:
                found.setdefault(cell.name, []).append(" ".join(line.split()))
    return found


def _lines(texts):
    return [" ".join(line.split()) for text in texts for line in text.splitlines()]
