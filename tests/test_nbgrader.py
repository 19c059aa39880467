"""Plain nbgrader, without any of our preprocessors: the check cells judge by themselves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from course_lib import exercises
from grader import release
from grader.samples.rows import rows
from grader.samples.students import filled, solved

CHAPTER, OTHER = "01_notation", "03_dJ_dW"
EXERCISES = {exercise.name: exercise.points for exercise in exercises.chapters()[CHAPTER]}
WRONG = next(row for row in rows(CHAPTER) if row.name == "mean over all entries")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder with nbgrader's own settings and three submissions: all right, one mistake, nothing done."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'djdx'\n"
        "c.CourseDirectory.source_directory = 'build/source'\n"
        "c.CourseDirectory.release_directory = 'notebooks'\n"
    )
    path, _ = release.release(folder, [CHAPTER, OTHER])
    released = nbformat.read(path, as_version=4)
    right = solved(CHAPTER)
    for student, answers in {"all": right, "one": right | {WRONG.exercise: WRONG.source}, "none": {}}.items():
        handed_in = folder / "submitted" / student / CHAPTER
        handed_in.mkdir(parents=True)
        (handed_in / path.name).write_bytes(filled(released, answers))
    return folder


def nbgrader(course, *arguments):
    """Run nbgrader as a shell would, in the course folder; → its output."""
    program = shutil.which("nbgrader", path=Path(sys.executable).parent)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    done = subprocess.run(
        [program, *arguments], cwd=course, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_autograde_gives_the_points_of_the_passed_checks(course):
    nbgrader(course, "autograde", CHAPTER)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "djdx") as gradebook:
        marks = {
            student: {
                grade.name: grade.score
                for grade in gradebook.find_submission_notebook(CHAPTER, CHAPTER, student).grades
            }
            for student in ("all", "one", "none")
        }
    assert marks["all"] == EXERCISES
    assert marks["one"] == EXERCISES | {WRONG.exercise: 0}
    assert marks["none"] == dict.fromkeys(EXERCISES, 0)


@pytest.mark.parametrize(
    "notebook", [f"submitted/all/{CHAPTER}/{CHAPTER}.ipynb", f"build/source/{OTHER}/{OTHER}.ipynb"]
)
def test_validate_passes_the_solved_notebook(notebook, course):
    assert "Success! Your notebook passes all the tests." in nbgrader(course, "validate", notebook)


def test_validate_shows_the_diagnosis(course):
    said = nbgrader(course, "validate", f"submitted/one/{CHAPTER}/{CHAPTER}.ipynb")
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert WRONG.name in said
