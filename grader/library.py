"""Lays out, as files, what a submission may see: the student library of its chapter and the worker. Nothing else is there."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
STUDENT = (
    "__init__.py",
    "check.py",
    "card.py",
    "progress.py",
    "respond.py",
    "wire.py",
    "functions.py",
    "data.py",
    "data",
    "figures",
    "widgets.py",
    "course.mplstyle",
)
NETWORK = ("activations.py", "network.py", "reference.py")  # from chapter 07 on: before, they would be the answers
NETWORK_SINCE = 7
WORKER = ("__init__.py", "frames.py", "shell.py", "walls.py", "worker.py")


def library(chapter: str) -> tuple[str, ...]:
    """The parts of course_lib that exist while a chapter is graded."""
    number = int(chapter[:2]) if chapter[:2].isdigit() else 0
    return STUDENT + (NETWORK if number >= NETWORK_SINCE else ())


def lay_out(chapter: str, folder: Path) -> None:
    """Copy the chapter's student library and the worker into `folder`, readable for everybody."""
    for package, parts in (("course_lib", library(chapter)), ("grader", WORKER)):
        (folder / package).mkdir()
        for part in parts:
            source = ROOT / package / part
            if source.is_dir():
                shutil.copytree(source, folder / package / part, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copyfile(source, folder / package / part)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
