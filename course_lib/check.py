"""`check`: what a notebook talks to. `check.dJ_dW(dJ_dW)` judges an answer and says why it is wrong.

In a notebook a check challenges, responds and verifies at once. In the grader the judge has put the challenge into
`check.given` before the first cell; then the very same cell only emits the response, and the verdict is made elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path

from course_lib.respond import respond
from course_lib.wire import MIME, pack


class Failed(AssertionError):
    """A check was not passed; `.verdict` says everything."""

    def __init__(self, verdict):
        super().__init__(str(verdict))
        self.verdict = verdict

    def _render_traceback_(self):
        """IPython shows this in place of the traceback: the diagnosis, not our stack."""
        return [str(self)]


class Check:
    """The checks of the course as attributes, each named like its exercise."""

    Failed = Failed

    def __init__(self):
        self.given = None  # exercise → calls, only while graded

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if self.given is None:
            _judges_side().find(name)  # a misspelt name is said at once
        elif name not in self.given:
            raise AttributeError(f"no check is called {name!r} in this chapter")
        return lambda answer: self._judge(name, answer)

    def __dir__(self):
        return [*super().__dir__(), *(() if self.given is not None else [e.name for e in _judges_side().every()])]

    def _judge(self, name, answer):
        if self.given is not None:
            return _emit(name, answer, self.given[name])
        judges = _judges_side()
        verdict = judges.judge(judges.find(name), answer)
        _remember(name, verdict.state)
        prediction = _answered(judges.find(name))
        if not verdict:
            raise Failed(verdict)
        print("\n".join([str(verdict), *prediction]))
        return verdict

    def predict(self, name, answer):
        """Note your prediction for an exercise. No points; it is answered after your first attempt at the check."""
        if self.given is not None:
            return
        exercise = _judges_side().find(name)
        if exercise.prediction is None:
            raise ValueError(f"the exercise {name!r} asks for no prediction")
        if answer in (None, "", ...):
            print(f"{exercise.prediction.question}\nWrite what you expect in place of the dots; nobody marks it.")
            return
        _write(name, prediction=str(answer))
        attempted = _read().get(name, {}).get("state")
        print(*(_answered(exercise) if attempted else ["Noted. The answer comes with your first attempt at the check."]))

    def hint(self, name):
        """Show the next hint of an exercise: shape, formula, skeleton; after the third, the first again."""
        if self.given is not None:
            return
        hints = _judges_side().find(name).hints
        shown = _read().get(name, {}).get("hints", 0)
        print(f"Hint {shown % len(hints) + 1} of {len(hints)}: {hints[shown % len(hints)]}")
        _write(name, hints=shown + 1)

    def all(self):
        """All exercises of the course, in order."""
        return _judges_side().every()

    def progress(self):
        """The exercises of this chapter and how far you are, as a table."""
        if self.given is not None:
            return None
        return Progress(_judges_side().chapters(), _read())


class Progress:
    """State of each exercise of the chapter in whose folder the notebook runs (elsewhere: of all chapters)."""

    def __init__(self, chapters, noted):
        here = Path.cwd().name
        wanted = {here: chapters[here]} if here in chapters else chapters
        self.rows = [
            (chapter, exercise.name, noted.get(exercise.name, {}).get("state", "not tried"), exercise.points)
            for chapter, exercises in wanted.items()
            for exercise in exercises
        ]

    def __repr__(self):
        done = sum(points for *_, state, points in self.rows if state == "passed")
        total = sum(row[-1] for row in self.rows)
        lines = [f"{'✓' if row[2] == 'passed' else '·'} {row[0]:16} {row[1]:22} {row[2]:13} {row[3]:g}" for row in self.rows]
        return "\n".join([*lines, f"{done:g} of {total:g} points"])


def _judges_side():
    from course_lib import exercises

    return exercises


def _emit(name, answer, calls):
    """Send the response out of the sandbox as a display; what it is worth is decided elsewhere."""
    from IPython.display import display

    display({MIME: {"exercise": name} | pack(respond(answer, calls))}, raw=True)


def _answered(exercise) -> list[str]:
    """Your prediction beside the answer, if you made one."""
    noted = _read().get(exercise.name, {}).get("prediction")
    if exercise.prediction is None or noted is None:
        return []
    return [f"You predicted: {noted}. {exercise.prediction.answer}"]


# What a student has done is one small JSON file beside the notebook. It survives a kernel restart and never leaves the machine.
NOTES = "progress.json"


def _read() -> dict:
    try:
        return json.loads(Path(NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _write(name, **entry):
    notes = _read()
    notes[name] = notes.get(name, {}) | entry
    try:
        Path(NOTES).write_text(json.dumps(notes, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError:
        pass  # a folder that cannot be written to: progress is not kept, nothing else changes


def _remember(name, state):
    """Keep the best state: an experiment after passing does not take the tick away."""
    if _read().get(name, {}).get("state") != "passed":
        _write(name, state=state)


check = Check()
