"""CSV for Canvas and Moodle, read as their importers read them, beside the samples of their own documentation."""

import csv
import io
import json

import pytest

from grader.report import exports

# A small file in the layout that Canvas exports and its importer reads.
CANVAS_SAMPLE = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay 1 (2001),Quiz (2002)
    Points Possible,,,,,10,20
"Lovelace, Ada",340934,,ada@example.org,History,9.5,18
"Smith, Bob",334244,,bob@example.org,History,,12
"""
# Moodle's own example for its CSV grade import (grade/import/csv/tests/load_data_test.php).
MOODLE_SAMPLE = """\
"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: Assignment for grape group"
Anne,Able,,"Moodle HQ","Rock on!",student7@example.com,56.00
Bobby,Bunce,,"Moodle HQ","Rock on!",student5@example.com,75.00
"""
PEOPLE = {
    "ada": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "lms_user_id": "340934"},
    "bob": {"first_name": "Bob", "last_name": "Smith", "email": "bob@example.org", "lms_user_id": None},
}


@pytest.fixture
def results():
    entry = lambda student, assignment, state, score, worth: {
        "student": student, "assignment": assignment, "state": state, "score": score, "max_score": worth,
        "reason": "", "seconds": 0.1, "exercises": [],
    }  # fmt: skip
    return [
        entry("ada", "01_notation", "graded", 9.5, 11.0),
        entry("ada", "03_dJ_dW", "missing", 0.0, 13.0),
        entry("bob", "01_notation", "refused", 0.0, 11.0),
        entry("bob", "03_dJ_dW", "graded", 0.0, 13.0),
        entry("334244", "01_notation", "graded", 4.0, 11.0),
        entry("334244", "03_dJ_dW", "graded", 12.25, 13.0),
    ]


def canvas(text):
    """(student's number, login, name) → marks by assignment, and the points: as Canvas's GradebookImporter reads a file."""
    header, *rows = csv.reader(io.StringIO(text))
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    columns = 5 if header[2:4] == ["SIS User ID", "SIS Login ID"] else 3
    assert "Section" in header[columns - 1]
    points, marks = {}, {}
    for row in rows:
        assert len(row) == len(header)
        scores = dict(zip(header[columns:], (float(mark) if mark else None for mark in row[columns:]), strict=True))
        if "Points Possible" in row[0]:
            points = scores
        else:
            marks[row[1], row[3], row[0]] = scores
    return marks, points


def moodle(text, key):
    """Value of the identifying column → marks by grade item. Every row has as many fields as the header, or it is refused."""
    rows = list(csv.DictReader(io.StringIO(text), restkey="too many"))
    assert all(None not in row.values() and "too many" not in row for row in rows)
    items = [column for column in rows[0] if column.startswith("Assignment: ")]
    return {row[key]: {item: float(row[item]) if row[item] else None for item in items} for row in rows}


def test_the_readers_read_the_documented_samples():
    marks, points = canvas(CANVAS_SAMPLE)
    assert points == {"Essay 1 (2001)": 10, "Quiz (2002)": 20}
    assert marks["334244", "bob@example.org", "Smith, Bob"] == {"Essay 1 (2001)": None, "Quiz (2002)": 12}
    anne = moodle(MOODLE_SAMPLE, "Email address")["student7@example.com"]
    assert anne == {"Assignment: Assignment for grape group": 56}


def test_canvas_reads_our_marks(results, tmp_path):
    exports.write_canvas(tmp_path / "canvas.csv", results, PEOPLE)
    marks, points = canvas((tmp_path / "canvas.csv").read_text(encoding="utf-8"))
    assert points == {"01_notation": 11, "03_dJ_dW": 13}
    assert marks == {
        ("340934", "ada", "Lovelace, Ada"): {"01_notation": 9.5, "03_dJ_dW": None},  # missing is no mark
        ("", "bob", "Smith, Bob"): {"01_notation": None, "03_dJ_dW": 0},  # a zero that was earned is one
        ("334244", "", "334244"): {"01_notation": 4, "03_dJ_dW": 12.25},  # collected from Canvas's own zip
    }


def test_moodle_reads_our_marks(results, tmp_path):
    exports.write_moodle(tmp_path / "moodle.csv", results, PEOPLE)
    text = (tmp_path / "moodle.csv").read_text(encoding="utf-8")
    items = lambda *marks: dict(zip(("Assignment: 01_notation", "Assignment: 03_dJ_dW"), marks, strict=True))
    assert moodle(text, "Email address")["ada@example.org"] == items(9.5, None)
    assert moodle(text, "Username")["334244"] == items(4, 12.25)
    header = text.splitlines()[0].split(",")
    documented = next(csv.reader(io.StringIO(MOODLE_SAMPLE)))
    assert set(header[:5]) - {"Username"} <= set(documented)


def test_gradescope_tests_say_when_students_see_them(results):
    waiting = {"name": "report", "state": "manual", "score": 0.0, "max_score": 5.0, "mistake": None, "message": ""}
    made = exports.gradescope([results[0] | {"exercises": [waiting]}], "after_published")
    assert (made["visibility"], made["stdout_visibility"]) == ("after_published", "hidden")
    assert "status" not in made["tests"][0]
    assert json.dumps(made)
