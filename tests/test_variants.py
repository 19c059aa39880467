"""Each term, and each student, other test points from the same notebook; a change of the course grades earlier work again."""

import json
import shutil

import miniature as mini
import numpy as np
import pytest
from test_engine import CLASS, build, hand_in, results
from test_record import marks, run

from course_lib import exercises
from course_lib.wire import pack
from grader import batch, collect, library, release

# No test points: the hardened network is what the student hands in, and the judge attacks it.
WITHOUT_POINTS = {"hardened"}
EXERCISES = [exercise for exercise in exercises.every() if exercise.challenge and exercise.name not in WITHOUT_POINTS]


def asked(exercise, secret, student):
    seed = collect.seeds(secret, student, exercise.chapter)[exercise.name]
    return json.dumps(pack(exercise.calls(np.random.default_rng(seed))))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_test_points_rotate_with_the_secret_and_the_student(exercise):
    first = asked(exercise, b"spring", "ada")
    assert first == asked(exercise, b"spring", "ada")
    assert first != asked(exercise, b"autumn", "ada")
    assert first != asked(exercise, b"spring", "bob")


def labels(secret):
    """Which of the claims that `accepts` meets are right, in the order in which they come."""
    from course_lib.exercises import claims

    accepts = exercises.find("accepts")
    seed = collect.seeds(secret, "ada", accepts.chapter)["accepts"]
    calls = accepts.calls(np.random.default_rng(seed))
    return [claims.Claim.at(*call.args).is_right for call in calls]


def test_hidden_claims_come_in_another_order():
    spring, autumn = labels(b"spring"), labels(b"autumn")
    assert spring != autumn
    assert 0 < sum(spring) < len(spring)


def test_the_released_notebook_is_the_same_whatever_the_secret(tmp_path, root):
    built = []
    for secret in (b"spring", b"autumn"):
        course = tmp_path / secret.decode()
        course.mkdir()
        shutil.copy(root / "nbgrader_config.py", course)
        (course / collect.SECRET).write_bytes(secret)
        [path] = release.release(course, ["04"])
        built.append(path.read_bytes())
    assert built[0] == built[1]


@pytest.fixture
def folder(tmp_path, require):
    """A graded class in which a person has given a mark and a comment."""
    require("bwrap")
    folder = build(tmp_path, {"ann": CLASS["ann"], "cyd": CLASS["cyd"]})
    assert run(folder) == 2
    with batch.Course(folder).record() as record:
        book = record.gradebook
        book.find_grade("dJ_dW", mini.ASSIGNMENT, mini.ASSIGNMENT, "cyd").manual_score = 1.5
        book.find_comment("dJ_dW-answer", mini.ASSIGNMENT, mini.ASSIGNMENT, "cyd").manual_comment = "Come and see me."
        book.db.commit()
    return folder


def kept(folder):
    found = marks(folder, "cyd")
    return found["grades"]["dJ_dW"][0] == 1.5 and found["comments"]["dJ_dW-answer"] == "Come and see me."


def test_more_points_grade_earlier_submissions_again(folder):
    cells = mini.cells()
    for cell in cells:
        if cell["id"] == "dJ_db":
            cell["metadata"]["nbgrader"]["points"] = 5.0
    (folder / "release" / mini.ASSIGNMENT / mini.FILE).write_bytes(mini.notebook(cells))
    assert run(folder) == 2
    assert marks(folder, "ann")["grades"]["dJ_db"] == (5, 5)
    assert (results(folder)["ann"]["score"], results(folder)["ann"]["max_score"]) == (9, 9)
    assert kept(folder)
    assert run(folder) == 0


def test_a_changed_check_grades_earlier_submissions_again(folder, tmp_path_factory, monkeypatch):
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("course_lib", "grader"):
        shutil.copytree(library.ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(library, "ROOT", checkout)
    assert run(folder) == 0
    with (checkout / "course_lib" / "exercises" / "ch03_dJ_dW.py").open("a") as module:
        module.write("# a check that asks for more\n")
    assert run(folder) == 2
    assert kept(folder)
    assert run(folder) == 0


def test_a_new_secret_asks_at_other_points_next_time(folder):
    before = results(folder)["cyd"]["exercises"][1]["message"]
    (folder / collect.SECRET).write_bytes(b"next term")
    assert run(folder) == 0  # nobody's marks change under their feet
    hand_in(folder, "cyd", CLASS["cyd"].replace(b"* 2", b"*  2"))
    assert run(folder) == 1
    assert results(folder)["cyd"]["exercises"][1]["message"] != before
    assert kept(folder)
