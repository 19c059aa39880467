"""The same marks for other systems: CSV for a spreadsheet, for Canvas, and one JSON per student for Gradescope."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from course_lib.exercises.verdict import SIGNS
from grader.report.summary import points, students


def write_csv(path: Path, results: list[dict]):
    """One row per exercise of each submission; a submission without exercises has one row of its own."""
    columns = ("student", "assignment", "submission", "exercise", "state", "score", "max_score", "mistake")
    rows = []
    for entry in results:
        start = (entry["student"], entry["assignment"], entry["state"])
        for item in entry["exercises"]:
            rows.append((*start, item["name"], item["state"], item["score"], item["max_score"], item["mistake"] or ""))
        if not entry["exercises"]:
            rows.append((*start, "", "", entry["score"], entry["max_score"], ""))
    _write(path, [columns, *rows])


def write_canvas(path: Path, results: list[dict]):
    """Canvas's gradebook import: five columns that identify a student, one per assignment, the points possible on top.

    Students are found by their login. What was not graded stays empty, which Canvas leaves as it is; a zero would count.
    """
    worth = points(results)
    rows = [
        (one["name"], "", "", one["name"], "", *(_mark(one["entries"][name]) for name in worth))
        for one in students(results)
    ]
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *worth)
    _write(path, [header, ("Points Possible", "", "", "", "", *worth.values()), *rows])


def _mark(entry) -> float | str:
    return entry["score"] if entry["state"] == "graded" else ""


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_harmless(value) for value in row] for row in rows)


def _harmless(value):
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def write_gradescope(folder: Path, results: list[dict]):
    """`<student>.json` in the format of Gradescope's results.json: one test per exercise, the message as its output."""
    folder.mkdir(exist_ok=True)
    for one in students(results):
        graded = [entry for entry in one["entries"].values() if entry["state"] == "graded"]
        tests = [_test(entry["assignment"], item) for entry in graded for item in entry["exercises"]]
        said = [
            f"{entry['assignment']}: {entry['state']}. {entry['reason']}"
            for entry in one["entries"].values()
            if entry["reason"]
        ]
        whole = {"score": one["score"], "output": "\n".join(said), "visibility": "visible", "tests": tests}
        (folder / f"{one['name']}.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")


def _test(assignment, item) -> dict:
    return {
        "name": f"{assignment}: {item['name']} {SIGNS[item['state']]}",
        "score": item["score"],
        "max_score": item["max_score"],
        "status": "passed" if item["state"] == "passed" else "failed",
        "output": item["message"],
        "visibility": "visible",
    }
