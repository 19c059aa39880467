"""The sample class, graded for real: what is planted is found, and trouble costs nobody more than it should."""

import copy
import json
import shutil

import pytest
from nbgrader.api import Gradebook

from grader import __main__ as command
from grader import samples
from grader.record import ByHand, _marked
from grader.samples import students

CHAPTER = "03_dJ_dW"
NEVER_ENDS = "turing"  # costs the full time limit of a cell; the grader's own tests have such a case


@pytest.fixture(scope="module")
def graded(tmp_path_factory, require):
    """(what was handed in, student → entry of results.json, course folder)."""
    require("bwrap")
    course = tmp_path_factory.mktemp("demo") / "course"
    handed_in = samples.new_class(course, [CHAPTER])
    shutil.rmtree(course / "submitted" / NEVER_ENDS)
    assert command.main(["grade", "--course", str(course)]) == 0
    assert command.main(["report", "--course", str(course)]) == 0
    results = json.loads((course / "report" / "results.json").read_text(encoding="utf-8"))
    return handed_in, {entry["student"]: entry for entry in results}, course


def test_the_class_is_large_and_has_every_kind_of_trouble(graded):
    handed_in, _, _ = graded
    assert len({one.student for one in handed_in}) >= 24
    assert len({one.story for one in handed_in}) >= 10


def test_every_planted_mistake_is_caught_and_named(graded):
    handed_in, results, _ = graded
    planted = [(one.student, row) for one in handed_in for row in one.planted]
    assert len(planted) >= 24
    for student, row in planted:
        item = next(item for item in results[student]["exercises"] if item["name"] == row.exercise)
        assert item["state"] in ("failed", "blocked")
        assert item["score"] == 0
        assert item["mistake"] == (row.name if row.kind == "wrong" else None), (student, str(row))


@pytest.mark.parametrize(
    ("story", "share"),
    [
        (students.perfect, 1.0),
        (students.different, 1.0),
        (students.renamed, 1.0),
        (students.mangled, 1.0),
        (students.untouched, 0.0),
        (students.forged, 0.0),
    ],
)
def test_a_story_ends_with_the_marks_that_it_deserves(story, share, graded):
    _, results, _ = graded
    for student, told in students.STORIES.items():
        if told is story:
            assert results[student]["state"] == "graded"
            assert results[student]["score"] == share * results[student]["max_score"], student


def test_a_broken_answer_costs_only_what_builds_on_it(graded):
    _, results, _ = graded
    failed = {item["name"]: item["state"] for item in results["galois"]["exercises"] if item["state"] != "passed"}
    assert failed == {"delta_output": "failed", "backward": "blocked"}


def test_what_cannot_be_read_is_refused_with_a_reason(graded):
    _, results, course = graded
    assert results["fermat"]["state"] == "refused"
    assert "Hand it in again" in results["fermat"]["reason"]
    assert results["fermat"]["reason"] in (course / "report" / "index.html").read_text(encoding="utf-8")


def test_the_report_has_all_its_files_and_a_page_for_every_student(graded):
    _, results, course = graded
    names = sorted(path.name for path in (course / "report").iterdir())
    assert names == ["canvas.csv", "cells.csv", "gradescope", "index.html", "moodle.csv", "results.csv", "results.json"]
    assert {path.stem for path in (course / "report" / "gradescope").iterdir()} == set(results)
    assert "in a sandbox without network" in (course / "report" / "index.html").read_text(encoding="utf-8")


def test_a_mark_given_by_hand_reaches_the_report(graded):
    _, _, course = graded
    with Gradebook(f"sqlite:///{course}/gradebook.db", "djdx") as gradebook:
        gradebook.find_grade("dJ_da", CHAPTER, CHAPTER, "oresme").manual_score = 0.5
        gradebook.db.commit()
    assert command.main(["report", "--course", str(course)]) == 0
    results = json.loads((course / "report" / "results.json").read_text(encoding="utf-8"))
    assert [entry["score"] for entry in results if entry["student"] == "oresme"] == [0.5]


def test_an_essay_waits_for_its_mark_and_then_no_longer():
    essay = {"name": "report", "state": "manual", "score": 0.0, "max_score": 4.0}
    result = {"student": "ada", "assignment": "08_harden", "reason": "", "walls": (), "cells": {}, "exercises": [essay]}
    assert _marked(copy.deepcopy(result), {}, 0.0)["exercises"][0]["state"] == "manual"
    marked = _marked(result, {("ada", "08_harden", "report"): ByHand(3.0, marked=True)}, 0.0)
    assert (marked["score"], marked["exercises"][0]["state"]) == (3.0, "partial")


def test_a_second_demo_grades_only_what_has_changed(graded):
    _, _, course = graded
    graded_notebook = course / "autograded" / "oresme" / CHAPTER / f"{CHAPTER}.ipynb"
    before = graded_notebook.stat().st_mtime_ns
    samples.new_class(course, [CHAPTER])
    shutil.rmtree(course / "submitted" / NEVER_ENDS)
    assert command.main(["grade", "--course", str(course)]) == 0
    assert graded_notebook.stat().st_mtime_ns == before
