"""The sample class: who hands in what. Made from the released notebooks, so it is as real as a class can be."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat
import numpy as np

from course_lib import exercises
from grader import release, source
from grader.samples.rows import Row, rows

MARKS = re.compile(rf"^ *({source.BEGIN}|{source.END})\n", re.MULTILINE)


@dataclass(frozen=True)
class Submission:
    """One file that a student hands in, what is planted in it, and what else is wrong with it."""

    student: str
    chapter: str
    content: bytes
    planted: tuple[Row, ...] = ()
    story: str = ""
    filename: str = field(default="")

    def write(self, submitted: Path):
        """Put the file where a student's submission belongs."""
        folder = submitted / self.student / self.chapter
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (self.filename or f"{self.chapter}.ipynb")).write_bytes(self.content)


def sample_class(notebooks: Path, chapters) -> list[Submission]:
    """Everybody's submissions to the chapters that lie, released, in the folder `notebooks`."""
    handed_in = []
    for chapter in chapters:
        released = nbformat.read(notebooks / chapter / f"{chapter}.ipynb", as_version=4)
        right = solved(chapter)
        for student, story in STORIES.items():
            if (student, chapter) != LATE:
                content = story(chapter, right, partial(filled, released))
                filename = "Untitled (1).ipynb" if story is renamed else ""
                handed_in.append(Submission(student, chapter, content, story=story.__doc__, filename=filename))
        for student, planted in zip(MISTAKEN, spread(chapter, len(MISTAKEN)), strict=True):
            answers = right | {row.exercise: row.source for row in planted}
            handed_in.append(Submission(student, chapter, filled(released, answers), planted, "mistakes"))
    return handed_in


def solved(chapter: str) -> dict[str, str]:
    """Exercise → the solution's code, without its marks."""
    cells = source.read(release.SOLUTIONS / f"{chapter}.py")
    return {cell.name: MARKS.sub("", cell.text + "\n").rstrip() for cell in cells if cell.tag == "answer"}


def filled(released, answers: dict[str, str]) -> bytes:
    """The released notebook as a student saves it, with these answers in place of the stubs."""
    notebook = nbformat.from_dict(released)
    by_id = {source.answer_id(name): code for name, code in answers.items()}
    for cell in notebook.cells:
        cell.source = by_id.get(cell.id, cell.source)
    return nbformat.writes(notebook).encode()


def spread(chapter: str, count: int) -> list[tuple[Row, ...]]:
    """Two or three mistakes for each of `count` students; as in life, a few mistakes are common and most are rare.

    None hides another: of two planted exercises neither builds on the other.
    """
    rng = np.random.default_rng(3)
    mistakes = [row for row in rows(chapter) if row.kind != "right"]
    order = rng.permutation(len(mistakes))
    common = 1 / np.arange(4, len(mistakes) + 4)
    return [
        _some(mistakes, rng.choice(order, len(order), False, common / common.sum()), 2 + i % 2) for i in range(count)
    ]


def _some(mistakes, order, count) -> tuple[Row, ...]:
    """The first `count` mistakes in that order that do not hide each other."""
    chosen = []
    for row in (mistakes[at] for at in order):
        if len(chosen) < count and all(_apart(row.exercise, other.exercise) for other in chosen):
            chosen.append(row)
    return tuple(chosen)


def _apart(one: str, other: str) -> bool:
    return one not in builds_on(other) and other not in builds_on(one)


def builds_on(name: str) -> set[str]:
    """The exercise itself, and all that it builds on."""
    return {name}.union(*(builds_on(need) for need in exercises.find(name).needs))


# One function per story: (chapter, the right answers, fill) → the bytes that are handed in. ------------------------------


def perfect(chapter, right, fill):
    """everything right"""
    return fill(right)


def different(chapter, right, fill):
    """everything right, written differently"""
    return fill(right | {row.exercise: row.source for row in rows(chapter) if row.kind == "right"})


def half_finished(chapter, right, fill):
    """the first half, then nothing"""
    return fill(dict(list(right.items())[: len(right) // 2]))


def untouched(chapter, right, fill):
    """the released notebook, as it was"""
    return fill({})


def raises(chapter, right, fill):
    """the second answer is not Python, the third divides by zero"""
    return fill(_replace(right, {1: "def {}(:", 2: "def {}(*given):\n    return 1 / 0"}))


def loops_forever(chapter, right, fill):
    """the last answer never returns"""
    return fill(_replace(right, {-1: "def {}(*given):\n    while True:\n        pass"}))


def kills_the_process(chapter, right, fill):
    """the third answer ends the process"""
    return fill(_replace(right, {2: "def {}(*given):\n    import os\n\n    os._exit(0)"}))


def cut_off(chapter, right, fill):
    """the upload broke off: half a file"""
    content = fill(right)
    return content[: len(content) // 2]


def renamed(chapter, right, fill):
    """everything right, in a file of another name"""
    return fill(right)


def mangled(chapter, right, fill):
    """one check deleted, one answer twice, one without its metadata"""
    notebook = nbformat.reads(fill(right).decode(), as_version=4)
    first, second, third = list(right)[:3]
    at = {cell.id: cell for cell in notebook.cells}
    notebook.cells.remove(at[first])
    twice = nbformat.from_dict(at[source.answer_id(second)])
    twice.id = "pasted"
    notebook.cells.insert(notebook.cells.index(at[second]), twice)
    at[source.answer_id(third)].metadata.clear()
    at[source.answer_id(third)].id = "lost"
    return nbformat.writes(notebook).encode()


def forged(chapter, right, fill):
    """no answers; the checks print what a passed check prints"""
    notebook = nbformat.reads(fill({}).decode(), as_version=4)
    for cell in notebook.cells:
        if cell.id in right:
            cell.source = f'print("✓ {cell.id}: all right")'
            cell.metadata.tags = ["skip-execution"]
    return nbformat.writes(notebook).encode()


def _replace(right, code) -> dict[str, str]:
    """The right answers, some of them (by position) replaced by code in which {} stands for the exercise."""
    names = list(right)
    return right | {names[position]: text.format(names[position]) for position, text in code.items()}


STORIES = {
    "gauss": perfect,
    "noether": perfect,
    "germain": perfect,
    "euler": different,
    "kovalevskaya": different,
    "abel": half_finished,
    "riemann": half_finished,
    "oresme": untouched,
    "descartes": raises,
    "turing": loops_forever,
    "galois": kills_the_process,
    "fermat": cut_off,
    "poincare": renamed,
    "jacobi": mangled,
    "cardano": forged,
}
LATE = ("abel", "03_dJ_dW")  # never handed in
MISTAKEN = (
    "bernoulli", "cauchy", "dirichlet", "fourier", "hypatia", "ito", "lagrange",
    "mirzakhani", "pascal", "ramanujan", "ulam", "viete", "weierstrass", "zermelo",
)  # fmt: skip
