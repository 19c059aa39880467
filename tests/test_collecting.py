"""From a learning platform's zip, and from nbgrader's exchange, to `submitted/`: through nbgrader's own commands."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import miniature as mini
import pytest

from grader import collect
from grader.__main__ import main
from grader.lms import Collector
from grader.report import exports

NAME = mini.ASSIGNMENT


@pytest.fixture
def course(tmp_path, root):
    """A course folder with this project's nbgrader_config.py and the miniature chapter released."""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    release = tmp_path / "notebooks" / NAME / mini.FILE
    release.parent.mkdir(parents=True)
    release.write_bytes(mini.RELEASE)
    return tmp_path


def nbgrader(folder, *arguments, **environment):
    """nbgrader as a shell would run it; → what it said."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(
        command, check=False, cwd=folder, env=os.environ | {"PATH": path} | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def download(course, files: dict[str, bytes]):
    """The zip of all submissions, where the instructor guide says to put it."""
    archive = course / "downloaded" / NAME / "archive" / "submissions.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)


def found(course):
    """Student → notebook as the grader finds it."""
    submitted = course / "submitted"
    return {student: collect.find(submitted, student, NAME).submission for student in collect.students(submitted)}


MOODLE = {
    f"Ada Lovelace_657737_assignsubmission_file_/{mini.FILE}": b"1",
    "Renée O’Connor-Śmith_657768_assignsubmission_file_/Untitled.ipynb": b"2",
    "Renée O’Connor-Śmith_657768_assignsubmission_file_/notes.pdf": b"-",
    f"Wei Chen_657772_assignsubmission_file_/{mini.FILE}": b"3",
    f"Wei Chen_657843_assignsubmission_file_/{mini.FILE}": b"4",
    f"Jean_Paul Sartre_657850_assignsubmission_file_{mini.FILE}": b"5",  # without folders
}
CANVAS = {
    f"smithbob_340934_208490284_{mini.FILE}": b"1",
    f"wellslane_LATE_334244_394803489_{NAME}-1.ipynb": b"2",  # Canvas counts what is handed in again
    "wellslane_LATE_334244_394803490_plot.png": b"-",
}


def test_a_zip_from_moodle(course):
    download(course, MOODLE)
    said = nbgrader(course, "zip_collect", NAME)
    assert found(course) == {
        "Ada Lovelace": b"1",
        "Renée O’Connor-Śmith": b"2",
        "Wei Chen": b"3",
        "Wei Chen (657843)": b"4",
        "Jean_Paul Sartre": b"5",
    }
    assert "two students have this name" in said


def test_a_zip_from_canvas_and_its_marks_back(course, tmp_path):
    download(course, CANVAS)
    nbgrader(course, "zip_collect", NAME)
    assert found(course) == {"340934": b"1", "334244": b"2"}
    entry = {"assignment": NAME, "state": "graded", "score": 3.0, "max_score": 6.0, "reason": "", "exercises": []}
    exports.write_canvas(tmp_path / "canvas.csv", [entry | {"student": "340934"}], {})
    assert (tmp_path / "canvas.csv").read_text().splitlines()[2] == "340934,340934,,,,3.0"


def test_what_is_no_submission_is_left_out():
    assert Collector().collect(f"/class/extracted/{mini.FILE}") is None
    assert Collector().collect("/class/extracted/smithbob_1_2_report.pdf") is None


def test_nbgraders_exchange(course, tmp_path_factory, require):
    """Release, fetch, submit, collect, grade, feedback: the student with a home and a cache of their own."""
    require("bwrap")
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    config = f"c.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'djdx'\n"
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(config)
    nbgrader(course, "db", "assignment", "add", NAME)
    nbgrader(course, "release_assignment", NAME)
    home = tmp_path_factory.mktemp("home")
    (home / "nbgrader_config.py").write_text("c = get_config()\n" + config)
    cache = {"JUPYTER_DATA_DIR": str(home / "data")}
    nbgrader(home, "fetch_assignment", NAME, **cache)
    assert (home / NAME / mini.FILE).read_bytes() == mini.RELEASE
    (home / NAME / mini.FILE).write_bytes(mini.answered())
    nbgrader(home, "submit", NAME, **cache)
    nbgrader(course, "collect", NAME)
    [(student, submission)] = found(course).items()
    assert submission == mini.answered()
    assert collect.find(course / "submitted", student, NAME).timestamp
    assert main(["grade", "--course", str(course), "--workers", "1"]) == 0
    nbgrader(course, "release_feedback", NAME)
    nbgrader(home, "fetch_feedback", NAME, **cache)
    [page] = (home / NAME / "feedback").rglob("*.html")
    assert "dJ_dW" in page.read_text(encoding="utf-8")
