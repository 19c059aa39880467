"""Chapter 00: the one exercise, the environment check, and the ways a check speaks."""

import importlib.metadata
import os

import numpy as np
import pytest

from course_lib.exercises import find, judge
from grader import release, source

pytestmark = pytest.mark.half
HALF = find("half")


def in_place(x):
    x = np.asarray(x, dtype=float)
    x *= 0.5
    return x


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize(
    "right", [lambda x: x / 2, lambda x: 0.5 * x, lambda x: x - x / 2, lambda x: np.multiply(x, 0.5)]
)
def test_right_however_it_is_written(right):
    verdict = judge(HALF, right)
    assert verdict.state == "passed", verdict


@pytest.mark.parametrize(
    ("wrong", "mistake", "words"),
    [
        (lambda x: 2 * x, "doubled", "Is 1 more or less than half of 1?"),
        (lambda x: x, "unchanged", "What is half of 1?"),
        (lambda x: np.asarray(x // 2, float), "whole-number division", "3 // 2"),
        (lambda x: np.sqrt(np.abs(x)), "square root", "half of 9"),
        (lambda x: np.sum(x) / 2, None, "wanted (3,)"),
        (lambda x: print(x), None, "None"),
        (lambda x: np.float32(x / 2), "float32", "float32"),
        (lambda x: x / 0.0 if np.ndim(x) else x / 2, None, "not finite"),
        (in_place, "inputs changed", "changed its input x"),
        (lambda y: y.shape / 2, None, "TypeError"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_wrong_is_caught_with_words_that_help(wrong, mistake, words):
    verdict = judge(HALF, wrong)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), verdict
    assert words in verdict.message


def test_unsolved_is_not_answered():
    assert judge(HALF, stub).state == "not_answered"


def given_cell(words):
    cells = source.read(release.SOLUTIONS / "00_start_here.py")
    return next(cell.text for cell in cells if cell.type == "code" and words in cell.text)


def test_what_is_missing_is_said_with_how_to_mend_it(monkeypatch, capsys):
    def version(package):
        if package == "anywidget":
            raise importlib.metadata.PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(os, "access", lambda *_: False)
    exec(given_cell("NEEDED = {"), {})  # noqa: S102 (our own source)
    said = capsys.readouterr().out
    assert "✗ anywidget is missing" in said
    assert "make lab" in said
    assert "✗ This folder is read-only" in said
    assert "✓ numpy 1.0" in said


def test_nothing_is_missing_here(capsys):
    exec(given_cell("NEEDED = {"), {})  # noqa: S102 (our own source)
    assert "✗" not in capsys.readouterr().out


def test_the_four_wrong_answers_of_the_page_fail_each_in_its_own_way(solved, capsys):
    namespace, verdicts = solved("00_start_here")
    assert verdicts["half"].state == "passed"
    names = ("doubled", "whole", "summed", "in_place")
    messages = [judge(HALF, namespace[name]).message for name in names]
    assert len({message.splitlines()[0] for message in messages}) >= 3
    assert all(messages)
