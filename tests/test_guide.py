"""The instructor guide names what exists: every exercise with its points, and mistakes as the report calls them."""

import re
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.exercises.mistakes import MISTAKES

GUIDE = (Path(__file__).parent.parent / "docs" / "instructor_guide.md").read_text(encoding="utf-8")
TABLE = GUIDE.split("## What each exercise is for")[1].split("\n## ")[0]
# The judge's side as text: names that are not planted in a table are given by code, in quotes.
JUDGES = {path.name: path.read_text(encoding="utf-8") for path in Path(exercises.__file__).parent.glob("*.py")}
ROWS = [line.split("|") for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line][1:]


@pytest.mark.parametrize("exercise", exercises.every(), ids=lambda exercise: exercise.name)
def test_every_exercise_stands_in_the_guide_with_its_points(exercise):
    if re.fullmatch(r"repair_[1-4]", exercise.name):
        assert exercise.points == 1
        assert "| `repair_1` … `repair_4` (4 × 1) |" in TABLE
    else:
        assert any(f"`{exercise.name}` ({exercise.points:g})" in row[1] for row in ROWS)


def test_every_mistake_in_the_guide_is_one_that_the_report_can_name():
    named = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[3])}
    assert len(named) > 40
    assert named <= MISTAKES.keys(), named - MISTAKES.keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip())
def test_every_row_has_common_mistakes_that_its_exercises_can_name_and_a_question(row):
    assert row[2].strip()
    assert row[3].strip()
    assert row[4].strip().endswith("?")
    row_of = [exercises.find(name) for name in re.findall(r"`(\w+)`", row[1])]
    planted = {name for exercise in row_of for name, _ in getattr(exercise.verify, "planted", ())}
    for name in re.findall(r"`([^`]+)`", row[3]):
        given = JUDGES["compare.py"] if planted else "".join(JUDGES.values())
        assert name in planted or f'"{name}"' in given or f'mistake="{name}"' in "".join(JUDGES.values()), name


def test_the_points_are_those_of_the_course():
    assert f"{sum(exercise.points for exercise in exercises.every()):g} points in all" in GUIDE


def test_both_time_plans_have_every_chapter():
    weeks = [line.split("|") for line in GUIDE.split("## Time plan")[1].splitlines() if re.match(r"\| \d", line)]
    for column in (2, 4):
        named = "\n".join(week[column] for week in weeks)
        assert {name[:2] for name in exercises.chapters()} == set(re.findall(r"\b0\d\b", named))
