"""The mutation gate: no check of the course can be fooled, and the gate sees it when one can."""

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from course_lib import exercises
from course_lib.exercises.verdict import Verdict
from grader import gate, new, release, source
from grader.__main__ import main

CHAPTER = "00_start_here"


def released(chapter):
    return nbformat.read(release.ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)


@pytest.mark.parametrize("chapter", release.wanted(()))
def test_no_check_can_be_fooled_and_no_solution_leaks(chapter, solved):
    assert gate.faults(chapter, released(chapter), solved(chapter)[0]) == []


@pytest.fixture
def half(monkeypatch, solved):
    """`half(verify)` → the faults of chapter 00 if its exercise were judged by `verify`."""
    original, namespace = exercises.find("half"), solved(CHAPTER)[0]

    def half(verify):
        verify.planted = original.verify.planted
        monkeypatch.setattr(exercises, "chapters", lambda: {CHAPTER: (replace(original, verify=verify),)})
        return gate.faults(CHAPTER, released(CHAPTER), namespace)

    return half


def test_a_check_that_everything_passes_is_found(half):
    found = half(lambda calls, responses: Verdict("passed", 1.0))
    assert f"{CHAPTER}: half: the check lets a wrong answer through (planted: doubled)" in found
    assert f"{CHAPTER}: half: the check lets a wrong answer through (always None)" in found


def test_a_check_that_looks_at_the_shape_only_is_found(half):
    def shape(calls, responses):
        pairs = zip(calls, responses, strict=True)
        same = all(getattr(got.value, "shape", ()) == np.shape(call.args[0]) for call, got in pairs)
        return Verdict("passed", 1.0) if same else Verdict("failed", 0.0)

    assert any("planted: flipped sign" in text for text in half(shape))


def test_a_check_that_refuses_the_solution_is_found(half):
    assert half(lambda calls, responses: Verdict("failed", 0.0)) == [
        f"{CHAPTER}: half: the check refuses the solution itself"
    ]


def test_a_check_that_refuses_a_right_variant_is_found(solved, monkeypatch):
    [wrong, *_] = [row for row in gate.rows("01_notation") if row.exercise == "sigmoid" and row.kind == "wrong"]
    monkeypatch.setattr(gate, "rows", lambda chapter: [replace(wrong, kind="right")])
    found = gate.faults("01_notation", released("01_notation"), solved("01_notation")[0])
    assert f"01_notation: sigmoid: the check refuses a right answer (samples: {wrong.name})" in found


def test_lazy_answers_alone_do_not_try_a_check(monkeypatch, solved):
    original, namespace = exercises.find("half"), solved(CHAPTER)[0]
    bare = replace(original, verify=lambda calls, responses: original.verify(calls, responses))
    monkeypatch.setattr(exercises, "chapters", lambda: {CHAPTER: (bare,)})
    [found] = gate.faults(CHAPTER, released(CHAPTER), namespace)
    assert found.endswith("half: nobody has tried to fool the check: 0 mistakes are planted, wanted 3")


@pytest.mark.parametrize(("name", "test"), gate.ELSEWHERE.items())
def test_what_is_tried_elsewhere_is_tried_there(name, test, root):
    planted = dict(getattr(exercises.find(name).verify, "planted", ()))
    assert len(planted) < gate.ENOUGH  # else the gate itself can try it
    assert f'"{name}"' in (root / "tests" / f"{test}.py").read_text(encoding="utf-8")


def test_a_leaked_line_is_found():
    notebook = released("03_dJ_dW")
    [(name, lines), *_] = gate.secrets(source.read(release.SOLUTIONS / "03_dJ_dW.py")).items()
    notebook.cells.append(nbformat.v4.new_code_cell("\n".join(lines)))
    assert f"03_dJ_dW: {name}: lessons and hints say all of the solution" in gate.leaks("03_dJ_dW", notebook)


def test_a_missing_hint_is_said_with_file_and_exercise(monkeypatch, capsys):
    bare = replace(exercises.find("half"), hints=())
    monkeypatch.setattr(exercises, "chapters", lambda: {CHAPTER: (bare,)})
    assert main(["release", "--check", CHAPTER]) == 1
    assert "exercise half: the hints in its module begin with nothing" in capsys.readouterr().out


@pytest.fixture
def copy(tmp_path, root):
    """A copy of the project; → `copy(*arguments)` runs Python there."""
    for name in ("course_lib", "grader", "solutions", "notebooks", "tests"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "submissions"))
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    return functools.partial(run, tmp_path)


def passes(copy, name, chapter):
    """The commands that CONTRIBUTING names, for an exercise as it was laid out."""
    files = copy("-m", "grader", "new", "exercise", name, "--chapter", chapter).splitlines()[:3]
    assert "No fault found." in copy("-m", "grader", "release", "--check", chapter)
    assert "5 passed" in copy("-m", "pytest", "-q", f"tests/test_{name}.py")
    copy("-m", "ruff", "check", *files)
    copy("-m", "ruff", "format", "--check", *files)


def test_a_new_exercise_passes_as_it_is_laid_out(copy):
    passes(copy, "just_laid_out", "00")


def test_a_new_chapter_begins_as_contributing_says(copy, root, tmp_path):
    recipe = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").split("**… add a chapter.**")[1]
    lesson, judge = re.findall(r"```python\n(.*?)```", recipe, re.DOTALL)
    (tmp_path / "solutions" / "09_topic.py").write_text(lesson, encoding="utf-8")
    (tmp_path / "course_lib" / "exercises" / "ch09_topic.py").write_text(judge, encoding="utf-8")
    passes(copy, "first_of_its_chapter", "09")


def run(folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "chapter", "words"),
    [("half", "00", "already called half"), ("2fast", "00", "no name for a Python function"), ("ok", "99", "not all")],
)
def test_a_name_that_cannot_be_is_refused(name, chapter, words):
    with pytest.raises(ValueError, match=words):
        new.lay_out(name, chapter)
