"""`python -m grader similar`: pairs of submissions whose answers are unusually alike. A hint, never a verdict.

copydetect (winnowing, as in MOSS) compares what each student wrote. What everybody was given does not count, nor what
the solution says: there are few right ways to write δ aᵀ, and finding one of them is no sign of anything.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import sys
import tempfile
from pathlib import Path

from grader import batch, collect, release, source
from grader.repair import Refused, repair

ALIKE = 0.7  # part of the shorter answer's tokens that stand in the other one too
TOKENS = 12  # in a row: about two lines; anything shorter is alike by chance
ADVICE = """\
A hint, never a verdict. Short answers are alike because they are right, a common mistake is made by many, friends explain
things to each other, and a tutor helps many in the same words. Read both, then ask each of the two to explain the own answer."""


def main(args):
    """Print the pairs, and write them to report/similar.csv."""
    course = batch.Course(args.course)
    try:
        chapters = release.wanted(args.chapters) if args.chapters else collect.chapters(course.submitted)
    except ValueError as error:
        sys.exit(str(error))
    if not chapters:
        sys.exit(f"Nothing to compare: {course.submitted} holds no chapter of this course.")
    rows = [row for chapter in chapters for row in pairs(course, chapter)]
    course.report.mkdir(exist_ok=True)
    with (course.report / "similar.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("exercise", "student", "other", "alike"), *rows])
    for exercise, student, other, alike in rows:
        print(f"{exercise}: {student} and {other}: {alike:.0%} alike")
    print(ADVICE if rows else "No two submissions are unusually alike.")


def pairs(course: batch.Course, chapter: str) -> list[tuple[str, str, str, float]]:
    """(exercise, student, other, share of the one's own code that is also the other's), exercise by exercise."""
    given, written = _answers(course.release(chapter), course.release(chapter)), {}
    for student in collect.students(course.submitted):
        found = collect.find(course.submitted, student, chapter)
        with contextlib.suppress(Refused):
            if found and not found.refused:
                written[student] = _answers(found.submission, course.release(chapter))
    solution = _solution(chapter)
    return [
        (exercise, *pair)
        for exercise in given
        for pair in _alike(
            {student: answers[exercise] for student, answers in written.items()},
            [given[exercise], solution.get(exercise, "")],
        )
    ]


def _answers(notebook: bytes, released: bytes) -> dict[str, str]:
    return {cell.name: _plain(cell.source) for cell in repair(notebook, released).cells if cell.role == "answer"}


def _solution(chapter) -> dict[str, str]:
    """From the text source; a checkout without sources does without."""
    path = release.SOLUTIONS / f"{chapter}.py"
    return (
        {cell.name: _plain(cell.text) for cell in source.read(path) if cell.tag == "answer"} if path.is_file() else {}
    )


def _plain(code) -> str:
    """Without docstrings and comments; as it is, if it is not Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _alike(written: dict[str, str], given: list[str]) -> list[tuple[str, str, float]]:
    """(student, other, share), the most alike first."""
    try:
        from copydetect import CopyDetector
    except ModuleNotFoundError:
        sys.exit(
            f"copydetect is missing. In {release.ROOT}: .venv/bin/python -m pip install -c constraints.txt copydetect"
        )
    settings = {"extensions": ["py"], "noise_t": TOKENS, "guarantee_t": TOKENS, "display_t": ALIKE, "silent": True}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        for kind, texts in (("own", written), ("given", dict(enumerate(given)))):
            for name, text in texts.items():
                path = Path(folder, kind, str(name), "answer.py")
                path.parent.mkdir(parents=True)
                path.write_text(text, encoding="utf-8")
        detector = CopyDetector([f"{folder}/own"], boilerplate_dirs=[f"{folder}/given"], **settings)
        detector.run()
        copied = detector.get_copied_code_list()
    name = lambda path: Path(path).parent.name
    found = [(*sorted((name(one), name(other))), max(a, b)) for a, b, one, other, *_ in copied]
    return sorted(found, key=lambda pair: (-pair[2], pair[:2]))
