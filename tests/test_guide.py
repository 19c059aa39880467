"""The instructor guide names what exists: every exercise with its points, and mistakes as the report calls them."""

import re
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.exercises.mistakes import MISTAKES

GUIDE = (Path(__file__).parent.parent / "docs" / "instructor_guide.md").read_text(encoding="utf-8")
TABLE = GUIDE.split("## What each exercise is for")[1].split("\n## ")[0]
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
