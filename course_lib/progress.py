"""What a student has done: one small readable JSON file beside the notebook, and the table drawn from it.

It survives a kernel restart and never leaves the machine. The course as a whole is the files of its chapters' folders.
"""

from __future__ import annotations

import contextlib
import html
import json
from pathlib import Path

FILE = "progress.json"


def read(folder: Path | None = None) -> dict:
    """Exercise → {"state", "hints", "prediction"}; empty if nothing is noted yet or the file cannot be read."""
    try:
        notes = json.loads(((folder or Path.cwd()) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) and all(isinstance(entry, dict) for entry in notes.values()) else {}


def write(name: str, **entry):
    """Add to what is noted of one exercise."""
    notes = read()
    notes[name] = notes.get(name, {}) | entry
    with contextlib.suppress(OSError):  # a folder that cannot be written to: nothing is kept, nothing else changes
        Path(FILE).write_text(json.dumps(notes, indent=1, ensure_ascii=False), encoding="utf-8")


def remember(name: str, state: str):
    """Keep the best state: an experiment after passing does not take the tick away."""
    if read().get(name, {}).get("state") != "passed":
        write(name, state=state)


def attempted(name: str) -> bool:
    """Whether a check has judged an answer to that exercise; a stub that raises NotImplementedError is none."""
    return read().get(name, {}).get("state", "not_answered") != "not_answered"


class Progress:
    """The exercises of the chapter in whose folder the notebook runs, and a line for each other chapter."""

    def __init__(self, chapters: dict):
        here = Path.cwd()
        self.here = here.name if here.name in chapters else None
        root = here.parent if self.here else here
        self.chapters = {name: (exercises, read(root / name)) for name, exercises in chapters.items()}

    def rows(self) -> list[tuple[str, str, float]]:
        """(exercise, state, points) of this chapter."""
        exercises, notes = self.chapters.get(self.here, ((), {}))
        return [(item.name, _state(notes, item.name), item.points) for item in exercises]

    def done(self, chapter: str) -> tuple[float, float]:
        """Points passed and points in all."""
        exercises, notes = self.chapters[chapter]
        return sum(e.points for e in exercises if _state(notes, e.name) == "passed"), sum(e.points for e in exercises)

    def __repr__(self):
        lines = [f"{_sign(state)} {name:22} {state:13} {points:g}" for name, state, points in self.rows()]
        for chapter in self.chapters:
            done, points = self.done(chapter)
            filled = round(10 * done / points) if points else 0
            lines.append(
                f"{'▸' if chapter == self.here else ' '} {chapter:18} {'■' * filled}{'·' * (10 - filled)} {done:g} of {points:g} points"
            )
        return "\n".join(lines)

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td>{_sign(state)}</td>{_left(f'<code>{html.escape(name)}</code>')}<td>{state}</td><td>{points:g}</td></tr>"
            for name, state, points in self.rows()
        )
        head = "<tr><th></th><th style='text-align:left'>exercise</th><th>state</th><th>points</th></tr>"
        return (
            (f"<table>{head}{rows}</table>" if rows else "")
            + "<table>"
            + "".join(map(self._bar, self.chapters))
            + "</table>"
        )

    def _bar(self, chapter: str) -> str:
        done, points = self.done(chapter)
        name = f"<b>{chapter}</b>" if chapter == self.here else chapter
        bar = f'<progress value="{done:g}" max="{points:g}" aria-label="{chapter}: {done:g} of {points:g} points"></progress>'
        return f"<tr>{_left(name)}<td>{bar}</td><td>{done:g} of {points:g} points</td></tr>"


def _left(text: str) -> str:
    """A cell of names: JupyterLab sets tables to the right, as if all were numbers."""
    return f'<td style="text-align:left">{text}</td>'


def _state(notes: dict, name: str) -> str:
    return str(notes.get(name, {}).get("state", "not tried")).replace("_", " ")


def _sign(state: str) -> str:
    return {"passed": "✓", "not tried": "·"}.get(state, "○")
