"""Verdict: what the judge says of one answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

STATES = ("passed", "partial", "failed", "blocked", "not_answered", "manual", "grader_error")
SIGNS = {
    "passed": "✓",
    "partial": "◐",
    "failed": "✗",
    "blocked": "✗",
    "not_answered": "○",
    "manual": "✎",
    "grader_error": "!",
}


@dataclass(frozen=True)
class Verdict:
    """State, score (fraction of the points, 0 … 1), evidence, name of the mistake (or None) and the message to the student.

    >>> print(Verdict("passed", 1.0, "yours 0.25, central difference 0.25", exercise="half"))
    ✓ half: yours 0.25, central difference 0.25
    """

    state: str
    score: float
    evidence: str = ""
    mistake: str | None = None
    message: str = ""
    exercise: str = ""
    error: np.ndarray | None = field(default=None, repr=False, compare=False)  # yours − right, where a picture helps

    def __post_init__(self):
        if self.state not in STATES:
            raise ValueError(f"verdict state {self.state!r}: wanted one of {', '.join(STATES)}")

    def __str__(self):
        body = "\n".join(filter(None, [self.message, self.evidence]))
        return f"{SIGNS[self.state]} {self.exercise}: {body}"

    def __bool__(self):
        return self.state == "passed"

    def _ipython_display_(self):
        """Nothing: the check has printed it, and a check cell ends with the call that returns it."""

    def of(self, exercise: str) -> Verdict:
        """The same verdict, signed with the exercise's name."""
        return replace(self, exercise=exercise)


def passed(evidence: str) -> Verdict:
    return Verdict("passed", 1.0, evidence)


def failed(message: str, mistake: str | None = None, evidence: str = "", error: np.ndarray | None = None) -> Verdict:
    return Verdict("failed", 0.0, evidence, mistake, message, error=error)


def partial(score: float, message: str, evidence: str = "", mistake: str | None = None) -> Verdict:
    """Between 0 and 1; the ends are `failed` and `passed`."""
    if score >= 1.0:
        return passed(evidence)
    return Verdict("partial" if score > 0 else "failed", max(0.0, round(score, 4)), evidence, mistake, message)
