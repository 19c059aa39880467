"""`check`: what a notebook talks to. `check.dJ_dW(dJ_dW)` judges an answer and says why it is wrong.

In a notebook a check challenges, responds and verifies at once. In the grader the judge puts the challenge into
`check.given` for as long as the check's own cell runs, so that nothing can be computed in advance; the very same cell
then only emits the response, and the verdict is made elsewhere.
"""

from __future__ import annotations

import os

from course_lib import progress
from course_lib.respond import respond
from course_lib.wire import MIME, pack


class Failed(AssertionError):
    """A check was not passed; `.verdict` says everything."""

    def __init__(self, verdict):
        super().__init__(str(verdict))
        self.verdict = verdict

    def _render_traceback_(self):
        """IPython shows this in place of our stack: the diagnosis, or a line under the card that holds it."""
        return [f"{self.verdict.exercise} is not passed yet; the reason stands above." if _has_cards() else str(self)]


class Check:
    """The checks of the course as attributes, each named like its exercise."""

    Failed = Failed

    def __init__(self):
        self.given = None  # while graded: exercise → calls, of the check whose cell runs; else None

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if self.given is None:
            _judges_side().find(name)  # a misspelt name is said at once
        return lambda *answer: self._judge(name, *answer)

    def __dir__(self):
        return [*super().__dir__(), *(() if self.given is not None else [e.name for e in _judges_side().every()])]

    def _judge(self, name, *answers):
        if len(answers) != 1:
            raise TypeError(
                f"check.{name} got {len(answers)} arguments, wanted one, your function without brackets of its own: check.{name}({name})"
            )
        (answer,) = answers
        if self.given is not None:
            return _emit(name, answer, self.given[name]) if name in self.given else None
        judges = _judges_side()
        exercise = judges.find(name)
        verdict = judges.judge(exercise, answer)
        tried_before = progress.attempted(name)
        progress.remember(name, verdict.state)
        if verdict or _has_cards():
            news = verdict or not tried_before  # between the first attempt and the last it would only be repeated
            _show(verdict, _answered(exercise) if news else [])
        if not verdict:
            raise Failed(verdict)
        return verdict

    def predict(self, name, answer=...):
        """Note your prediction for an exercise. No points; it is answered after your first attempt at the check."""
        if self.given is not None:
            return
        exercise = _judges_side().find(name)
        if exercise.prediction is None:
            raise ValueError(f"the exercise {name!r} asks for no prediction")
        if str(answer) in ("None", "", "Ellipsis"):  # not `in (None, "", ...)`: an array may be predicted, too
            print(f"{exercise.prediction.question}\nWrite what you expect in place of the dots; nobody marks it.")
            return
        progress.write(name, prediction=str(answer))
        later = ["Noted. The answer comes with your first attempt at the check."]
        print(*(_answered(exercise) or later), sep="\n")

    def hint(self, name):
        """Show the next hint of an exercise: shape, formula, skeleton; after the third, the first again."""
        if self.given is not None or _nobody_reads():
            return
        hints = _judges_side().find(name).hints
        shown = progress.read().get(name, {}).get("hints", 0)
        print(f"Hint {shown % len(hints) + 1} of {len(hints)}: {hints[shown % len(hints)]}")
        progress.write(name, hints=shown + 1)

    def all(self):
        """All exercises of the course, in order."""
        return _judges_side().every()

    def progress(self):
        """How far you are: the exercises of this chapter, and the chapters of the course."""
        if self.given is not None:
            return None
        return progress.Progress(_judges_side().chapters())


def _judges_side():
    from course_lib import exercises

    return exercises


def _emit(name, answer, calls):
    """Send the response out of the sandbox as a display; what it is worth is decided elsewhere."""
    from IPython.display import display

    display({MIME: {"exercise": name} | pack(respond(answer, calls))}, raw=True)


def _answered(exercise) -> list[str]:
    """Your prediction beside the answer, if you made one and have tried the exercise."""
    noted = progress.read().get(exercise.name, {}).get("prediction")
    if exercise.prediction is None or noted is None or not progress.attempted(exercise.name):
        return []
    return [f"You predicted: {noted}", f"The answer: {exercise.prediction.answer}"]


def _nobody_reads() -> bool:
    """Whether nbgrader runs the notebook (Validate does, in a kernel of its own) and collects the plain error text only."""
    return "NBGRADER_EXECUTION" in os.environ


def _has_cards() -> bool:
    """Whether a reader sees cards."""
    from course_lib.card import in_notebook

    return in_notebook() and not _nobody_reads()


def _show(verdict, more):
    from course_lib.card import Card, show

    show(Card(verdict, more))


check = Check()
