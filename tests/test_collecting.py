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
    f"Max Born_657851_assignsubmission_file_/homework/{mini.FILE}": b"6",  # a zip within the zip, unpacked by nbgrader
    f"Max Born_657851_assignsubmission_file_/__MACOSX/._{mini.FILE}": b"-",
    "Ida Noddack_657852_assignsubmission_file_/answers.pdf": b"-",
    f"Tom Hall_657853_assignsubmission_file_/{mini.FILE}.txt": b"7",
}
CANVAS = {
    f"smithbob_340934_208490284_{mini.FILE}": b"1",
    f"wellslane_LATE_334244_394803489_{NAME}-1.ipynb": b"2",  # Canvas counts what is handed in again
    "wellslane_LATE_334244_394803490_plot.png": b"-",
    f"bornmax_340020_208490300_{mini.FILE}": b"3",
    f"bornmax_340020_208490301_{mini.FILE}": b"4",  # nbgrader would end the whole collection here
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
        "Max Born": b"6",
        "Ida Noddack": b"",
        "Tom Hall": b"7",
    }
    ida = collect.find(course / "submitted", "Ida Noddack", NAME)
    assert ida.refused == "the folder holds no notebook (.ipynb), but `answers.pdf`. Hand in the notebook itself."
    tom = collect.find(course / "submitted", "Tom Hall", NAME)
    assert tom.notes == (f"the notebook was called `{mini.FILE}.txt` in place of `{mini.FILE}`",)
    assert "two students have this name" in said


def test_a_zip_from_canvas_and_its_marks_back(course, tmp_path):
    download(course, CANVAS)
    nbgrader(course, "zip_collect", NAME)
    assert found(course) == {"340934": b"1", "334244": b"2", "340020": b"3"}
    [note] = collect.find(course / "submitted", "340020", NAME).notes
    assert f"{NAME}-2.ipynb` left out" in note
    entry = {"assignment": NAME, "state": "graded", "score": 3.0, "max_score": 6.0, "reason": "", "exercises": []}
    exports.write_canvas(tmp_path / "canvas.csv", [entry | {"student": "340934"}], {})
    assert (tmp_path / "canvas.csv").read_text().splitlines()[2] == "340934,340934,,,,3.0"


def test_what_is_no_submission_is_left_out():
    for name in (mini.FILE, f"hw_2026_01_term/{mini.FILE}", "term/.DS_Store", "__MACOSX/._smithbob_1_2_a.ipynb"):
        assert Collector().collect(f"/my_1_2_class/extracted/{name}") is None


def test_what_is_no_notebook_is_still_its_owners():
    found = Collector().collect("/class/extracted/term/bornmax_340020_2084920_homework/fig_1_2_x.ipynb")
    assert found == {"student_id": "340020", "file_id": "fig_1_2_x.ipynb"}
    typed = Collector().collect("/class/extracted/term/Ada Lovelace_7_assignsubmission_onlinetext_/onlinetext.html")
    assert typed == {"student_id": "Ada Lovelace", "file_id": "onlinetext.html"}


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
