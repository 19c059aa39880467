"""From a folder of submissions to tasks: which file counts, what was refused, and what is not there."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course_lib import exercises
from grader.repair import MAX_BYTES, Refused

SHADOWING = ("course_lib", "grader", "numpy", "matplotlib", "IPython", "sitecustomize", "usercustomize")
SECRET = "gradebook.secret"
NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$")  # some browsers save a notebook as text


@dataclass(frozen=True)
class Found:
    """A student's submission of one chapter: its bytes, or why it has none; `notes` say what was left out."""

    student: str
    assignment: str
    submission: bytes = b""
    refused: str = ""
    notes: tuple[str, ...] = ()
    timestamp: datetime | None = None


def chapters(submitted: Path) -> list[str]:
    """The chapters of the course that anybody has handed in."""
    names = {
        entry.name for student in students(submitted) for entry in os.scandir(submitted / student) if entry.is_dir()
    }
    return [name for name in exercises.chapters() if name in names]


def students(submitted: Path) -> list[str]:
    """The students who have a folder."""
    if not submitted.is_dir():
        return []
    return sorted(
        entry.name for entry in os.scandir(submitted) if entry.is_dir(follow_symlinks=False) and entry.name[0] != "."
    )


def find(submitted: Path, student: str, assignment: str) -> Found | None:
    """What a student handed in of a chapter; None if there is nothing."""
    folder = submitted / student / assignment
    return look(folder, student, assignment) if os.path.lexists(folder) else None


def look(folder: Path, student: str, assignment: str) -> Found:
    """What lies in the folder of one submission."""
    try:
        notes, notebooks = _sorted_out(folder)
        path, more = _chosen(notebooks, assignment)
        data = _read(path)
    except Refused as error:
        return Found(student, assignment, refused=str(error))
    return Found(student, assignment, data, "", (*notes, *more), _timestamp(folder))


def _sorted_out(folder) -> tuple[list[str], list[Path]]:
    """Everything in a submission's folder that is not a plain notebook is left out; what could deceive is said."""
    if folder.is_symlink():
        raise Refused("the folder is a link to another place. Hand in the files themselves.")
    notes, notebooks, others = [], [], []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.removesuffix(".py") in SHADOWING:
            notes.append(f"`{entry.name}` has the name of a module of the course and was left out")
        elif NOTEBOOK.search(entry.name) and entry.is_symlink():
            notes.append(f"`{entry.name}` is a link to another file and was left out")
        elif NOTEBOOK.search(entry.name) and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            notebooks.append(Path(entry.path))
        else:
            others.append(entry.name)
    if not notebooks:
        raise Refused(_none(notes, others))
    return notes, notebooks


def _none(notes, others) -> str:
    """Why there is no notebook, in words that tell its owner what to do."""
    if any("link" in note for note in notes):
        return "the notebook is a link to another file. Hand in the file itself."
    there = [name for name in others if name != "timestamp.txt"][:3]
    instead = f", but {', '.join(f'`{name}`' for name in there)}. Hand in the notebook itself" if there else ""
    return f"the folder holds no notebook (.ipynb){instead}."


def _chosen(notebooks, assignment) -> tuple[Path, list[str]]:
    """The notebook with the chapter's name; else the only one; else the one that was written last."""
    named = [path for path in notebooks if path.stem == assignment]
    if named:
        others = [f"`{path.name}`" for path in notebooks if path != named[0]][:3]
        return named[0], [f"{', '.join(others)} left out, since `{named[0].name}` is there"] if others else []
    last = max(notebooks, key=lambda path: (path.stat().st_mtime, path.name))
    note = f"the notebook was called `{last.name}` in place of `{assignment}.ipynb`"
    if len(notebooks) > 1:
        note += f"; of {len(notebooks)} the one saved last counts"
    return last, [note]


def _read(path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(f"the file could not be opened ({error.strerror}). Hand it in again.") from None
    with os.fdopen(handle, "rb") as file:
        return file.read(MAX_BYTES + 1)


def _timestamp(folder) -> datetime | None:
    """nbgrader's own file beside the notebook says when it was handed in (UTC)."""
    from nbgrader.utils import parse_utc

    try:
        return parse_utc((folder / "timestamp.txt").read_text().strip())
    except (OSError, ValueError):
        return None


def secret(course: Path) -> bytes:
    """The course's secret, made on first use; it never enters a worker."""
    path = course / SECRET
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32).encode())
    except FileExistsError:
        pass
    return path.read_bytes()


def seeds(key: bytes, student: str, assignment: str) -> dict[str, int]:
    """A seed for each exercise of a submission, and one for the student's own random numbers under the name ""."""
    names = ["", *(exercise.name for exercise in exercises.chapters().get(assignment, ()))]
    return {name: _seed(key, student, assignment, name) for name in names}


def _seed(key, *parts) -> int:
    return int.from_bytes(hmac.digest(key, "\0".join(parts).encode(), hashlib.sha256)[:8], "big")
