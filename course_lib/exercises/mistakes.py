"""The bank of mistakes: what students really write, by name, with the question that leads out of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A named mistake: what happened, a question that leads out of it, and where to read. Never the right code."""

    name: str
    explanation: str
    question: str
    read: str


MISTAKES: dict[str, Mistake] = {}
