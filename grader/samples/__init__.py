"""`python -m grader demo`: a sample class with planted mistakes, graded end to end as an instructor would.

A later chapter joins by one more file of rows in this folder.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

from grader import __main__ as command
from grader import release, sandbox
from grader.samples import rows, students

COURSE = Path("build/demo")


def main(args) -> int:
    """Make the class in build/demo, grade it for real, report, and say what was found of what was planted."""
    handed_in = new_class(COURSE, rows.chapters())
    graded = command.main(["grade", "--course", str(COURSE), *unprotected()])
    reported = command.main(["report", "--course", str(COURSE)])
    results = json.loads((COURSE / "report" / "results.json").read_text(encoding="utf-8"))
    outcomes = compare(handed_in, results)
    with (COURSE / "planted.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("student", "chapter", "exercise", "planted", "state", "named"), *outcomes])
    print(said(handed_in, outcomes) + f"\nPlanted beside found: {COURSE / 'planted.csv'}")
    return graded or reported


def unprotected() -> list[str]:
    """The sample class is our own code: where there is no sandbox it is graded without one, and the report says so."""
    try:
        sandbox.available()
    except sandbox.NoSandbox as error:
        print(f"The sample class is graded without a sandbox: {error}", file=sys.stderr)
        return ["--no-sandbox"]
    return []


def new_class(course: Path, chapters) -> list[students.Submission]:
    """A course folder with released notebooks and everybody's submissions.

    A gradebook that stands there already is kept: what has not changed is not graded again.
    """
    shutil.rmtree(course / "submitted", ignore_errors=True)
    course.mkdir(parents=True, exist_ok=True)
    shutil.copy(release.ROOT / "nbgrader_config.py", course)
    release.release(course, chapters)
    handed_in = students.sample_class(course / "notebooks", chapters)
    for submission in handed_in:
        submission.write(course / "submitted")
    return handed_in


def compare(handed_in, results) -> list[tuple]:
    """(student, chapter, exercise, planted mistake, state, mistake as the grader names it), one for each that was planted."""
    found = {
        (entry["student"], entry["assignment"], item["name"]): item for entry in results for item in entry["exercises"]
    }
    ungraded = {"state": "not graded", "mistake": None}
    return [
        (one.student, one.chapter, row.exercise, row.name, item["state"], item["mistake"] or "")
        for one in handed_in
        for row in one.planted
        for item in [found.get((one.student, one.chapter, row.exercise), ungraded)]
    ]


def said(handed_in, outcomes) -> str:
    """What was found of what was planted, in one sentence."""
    named = {row.name for one in handed_in for row in one.planted if row.kind == "wrong"}
    caught = sum(state in ("failed", "blocked") for *_, state, _ in outcomes)
    right = sum(planted == name for *_, planted, _, name in outcomes)
    wanted = sum(planted in named for *_, planted, _, _ in outcomes)
    return f"\nPlanted: {len(outcomes)} mistakes. Caught: {caught}. Called by their name: {right} of the {wanted} that have one."
