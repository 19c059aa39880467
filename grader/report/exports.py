"""The same marks for other systems: CSV for a spreadsheet, for Canvas, for Moodle; one JSON per student for Gradescope."""

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


def write_cells(path: Path, cells: dict[tuple[str, str], dict[str, float]]):
    """One row per cell that ran: whose, and for how long."""
    rows = [(*of, cell, seconds) for of, times in sorted(cells.items()) for cell, seconds in times.items()]
    _write(path, [("student", "assignment", "cell", "seconds"), *rows])


def write_canvas(path: Path, results: list[dict], people: dict[str, dict]):
    """Canvas's gradebook import: five columns that identify a student, one per assignment, the points possible on top.

    Canvas looks for its own number (ID), then for the login. What was not graded stays empty: no mark, never a zero.
    """
    worth = points(results)
    rows = []
    for one in students(results):
        known = people.get(one["name"], {})
        number = known.get("lms_user_id") or (one["name"] if one["name"].isdecimal() else "")
        name = ", ".join(filter(None, (known.get("last_name"), known.get("first_name")))) or one["name"]
        rows.append((name, number, "", "" if number == one["name"] else one["name"], "", *_marks(one, worth)))
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *worth)
    _write(path, [header, ("Points Possible", "", "", "", "", *worth.values()), *rows])


def write_moodle(path: Path, results: list[dict], people: dict[str, dict]):
    """Moodle's gradebook import (Grades, Import, CSV file): choose there which column identifies a student.

    The columns of a student bear the names that Moodle's own export gives them.
    """
    worth = points(results)
    rows = []
    for one in students(results):
        known = people.get(one["name"], {})
        about = (known.get(column) or "" for column in ("first_name", "last_name", "lms_user_id"))
        rows.append((*about, one["name"], known.get("email") or "", *_marks(one, worth)))
    columns = ("First name", "Surname", "ID number", "Username", "Email address")
    _write(path, [(*columns, *(f"Assignment: {name}" for name in worth)), *rows])


def _marks(one, worth) -> list:
    return [_mark(one["entries"][name]) for name in worth]


def _mark(entry) -> float | str:
    return entry["score"] if entry["state"] == "graded" else ""


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_harmless(value) for value in row] for row in rows)


def _harmless(value):
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def write_gradescope(folder: Path, results: list[dict]):
    """`<student>.json` in the format of Gradescope's results.json."""
    folder.mkdir(exist_ok=True)
    for one in students(results):
        text = json.dumps(gradescope(one["entries"].values()), indent=1, ensure_ascii=False)
        (folder / f"{one['name']}.json").write_text(text, encoding="utf-8")


def gradescope(entries, visibility: str = "visible") -> dict:
    """Gradescope's results.json: one test per exercise, the message as its output; `visibility` says when students see it."""
    tests = [_test(entry["assignment"], item) for entry in entries for item in entry["exercises"]]
    said = [f"{entry['assignment']}: {entry['state']}. {entry['reason']}" for entry in entries if entry["reason"]]
    whole = {"score": sum(entry["score"] for entry in entries), "output": "\n".join(said)}
    return whole | {"visibility": visibility, "stdout_visibility": "hidden", "tests": tests}


def _test(assignment, item) -> dict:
    test = {
        "name": f"{assignment}: {item['name']} {SIGNS[item['state']]}",
        "score": item["score"],
        "max_score": item["max_score"],
        "output": item["message"],
    }
    waits = item["state"] in ("manual", "grader_error")  # neither passed nor failed
    return test | ({} if waits else {"status": "passed" if item["state"] == "passed" else "failed"})
