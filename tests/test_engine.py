"""A class graded end to end: every submission ends in one state, and marks are earned by right arrays only."""

import json
import multiprocessing
import re
import shutil
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import miniature as mini
import pytest

from course_lib import exercises
from grader import batch, collect, engine, feedback, flow, page
from grader.__main__ import main
from grader.repair import Repaired
from grader.session import Ran

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "mini"\n'
CLASS = {
    "ann": mini.answered(),
    "bob": mini.RELEASE,
    "cyd": mini.answered(dJ_dW="def dJ_dW(delta, a_prev):\n    return delta @ a_prev.T * 2"),
    "dan": mini.answered(dJ_dW="import os\nos._exit(1)"),
    "eve": mini.answered()[:700],
    "fay": mini.answered(dJ_db="1 / 0"),
}


def build(folder, submissions=CLASS):
    """A course folder with these submissions of the miniature chapter."""
    (folder / "nbgrader_config.py").write_text(CONFIG)
    release = folder / "release" / mini.ASSIGNMENT / mini.FILE
    release.parent.mkdir(parents=True)
    release.write_bytes(mini.RELEASE)
    for student, data in submissions.items():
        hand_in(folder, student, data)
    return folder


def hand_in(folder, student, data):
    path = folder / "submitted" / student / mini.ASSIGNMENT / mini.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def results(folder):
    return {entry["student"]: entry for entry in json.loads((folder / "report" / "results.json").read_text())}


def states(entry):
    return [row["state"] for row in entry["exercises"]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory, require):
    require("bwrap")
    folder = build(tmp_path_factory.mktemp("course"))
    (folder / "submitted" / "gus").mkdir()
    assert main(["grade", "--course", str(folder), "--workers", "1"]) == 0
    return folder


def test_every_submission_ends_in_a_state(graded):
    entries = results(graded)
    assert {name: entry["state"] for name, entry in entries.items()} == {
        "ann": "graded",
        "bob": "graded",
        "cyd": "graded",
        "dan": "graded",
        "eve": "refused",
        "fay": "graded",
        "gus": "missing",
    }
    assert states(entries["ann"]) == ["passed"] * 3
    assert states(entries["bob"]) == ["not_answered"] * 3
    assert states(entries["cyd"]) == ["passed", "failed", "passed"]
    assert entries["cyd"]["exercises"][1]["mistake"] == "factor 2"
    assert states(entries["dan"]) == ["passed", "failed", "passed"]
    assert "ends in the middle" in entries["eve"]["reason"]
    assert "the answer cell raised ZeroDivisionError" in entries["fay"]["exercises"][2]["message"]
    assert [entry["score"] for entry in entries.values()] == [6, 0, 4, 4, 0, 4, 0]
    assert {entry["max_score"] for entry in entries.values()} == {6}


def test_the_format_of_results_is_fixed(graded):
    keys = {"student", "assignment", "state", "reason", "score", "max_score", "seconds", "exercises"}
    rows = {"name", "state", "score", "max_score", "mistake", "message"}
    for entry in results(graded).values():
        assert set(entry) == keys
        assert all(set(row) == rows for row in entry["exercises"])


def test_the_graded_notebook_bears_the_releases_metadata_and_the_verdict(graded):
    notebook = json.loads((graded / "autograded" / "cyd" / mini.ASSIGNMENT / mini.FILE).read_text())
    check = next(cell for cell in notebook["cells"] if cell["id"] == "dJ_dW")
    assert check["metadata"]["nbgrader"]["points"] == mini.POINTS
    assert "Cause: factor 2" in check["outputs"][-1]["data"]["text/plain"]
    assert "Hint: " in check["outputs"][-1]["data"]["text/plain"]
    assert "vnd.djdx" not in json.dumps(notebook)


def test_feedback_pages_say_why(graded):
    wrong = (graded / "feedback" / "cyd" / mini.ASSIGNMENT / f"{mini.ASSIGNMENT}.html").read_text()
    assert "factor 2" in wrong
    assert "(Score: 4.0 / 6.0)" in wrong
    refused = (graded / "feedback" / "eve" / mini.ASSIGNMENT / f"{mini.ASSIGNMENT}.html").read_text()
    assert "ends in the middle" in refused


def test_an_unknown_chapter_is_said(graded, capsys):
    assert main(["grade", "99_nowhere", "--course", str(graded)]) == 2
    assert "Unknown chapter 99_nowhere" in capsys.readouterr().err
    assert main(["grade", "03", "--course", str(graded), "--workers", "1"]) == 0


def test_explain_reproduces_a_verdict(graded, capsys):
    assert main(["explain", "cyd", "dJ_dW", "--course", str(graded)]) == 0
    said = capsys.readouterr().out
    assert results(graded)["cyd"]["exercises"][1]["message"] in said
    assert "test points from seed" in said
    assert main(["explain", "nobody", "dJ_dW", "--course", str(graded)]) == 2


def test_no_script_survives_in_a_page(require):
    require("bwrap")
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    answer = (
        f"{mini.RIGHT['dJ_dW']}\nfrom IPython.display import HTML, SVG, Javascript, Markdown, display\n"
        f"display(HTML({script!r}), Markdown({script!r}), Javascript('alert(1)'), SVG('<svg onload=\"alert(1)\"/>'))\n"
        f"print({script!r})\nraise ValueError({script!r})"
    )
    built = mini.cells(mini.RIGHT | {"dJ_dW": answer})
    built.append(mini.cell("markdown", script, "own-text"))
    result = engine.grade(engine.Task("x", mini.ASSIGNMENT, mini.notebook(built), mini.RELEASE, mini.SEEDS))
    grades = dict.fromkeys(mini.STUBS, (2.0, 2.0))
    marks = {"score": 6, "max_score": 6, "late_penalty": 0, "grades": grades, "comments": {}}
    before = feedback.page(mini.RELEASE.decode(), mini.ASSIGNMENT, marks).count("<script")
    html = feedback.page(result.notebook, mini.ASSIGNMENT, marks)
    assert html.count("<script") == before
    assert not re.search(r"<[^>]*\bon(error|load)\s*=", html)


def test_without_a_sandbox_every_result_says_so(tmp_path, capsys):
    folder = build(tmp_path, {"ann": CLASS["ann"], "dan": CLASS["dan"]})
    assert main(["grade", "--course", str(folder), "--workers", "1", "--no-sandbox"]) == 0
    said = capsys.readouterr()
    assert "without any protection" in said.err
    assert "Graded without a sandbox" in said.out
    assert all("graded without a sandbox" in entry["reason"] for entry in results(folder).values())
    assert [states(entry) for entry in results(folder).values()] == [["passed"] * 3, ["passed", "failed", "passed"]]


# Pieces. ---------------------------------------------------------------------------------------------------------------------


def test_seeds_differ_between_students_exercises_and_courses_and_stay():
    seeds = [collect.seeds(key, student, mini.ASSIGNMENT) for key in (b"k", b"l") for student in ("ann", "bob")]
    everything = [seed for entry in seeds for seed in entry.values()]
    assert len(set(everything)) == len(everything)
    assert seeds[0] == collect.seeds(b"k", "ann", mini.ASSIGNMENT)


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    key = collect.secret(tmp_path)
    assert collect.secret(tmp_path) == key
    assert len(key) == 64
    assert (tmp_path / collect.SECRET).stat().st_mode & 0o077 == 0


def test_a_task_is_pure(require):
    require("bwrap")
    task = engine.Task("ann", mini.ASSIGNMENT, CLASS["cyd"], mini.RELEASE, mini.SEEDS)
    first, second = engine.grade(task), engine.grade(task)
    assert first.exercises == second.exercises
    assert first.notebook == second.notebook


def test_a_failure_builds_on_a_failure(require):
    """delta_hidden needs sigmoid_prime: without it, it is blocked and says so."""
    require("bwrap")
    name = next(entry for entry in exercises.chapters()[mini.ASSIGNMENT] if entry.needs)
    verdicts = {need: exercises.Verdict("failed", 0.0, exercise=need) for need in name.needs}
    verdicts[name.name] = exercises.Verdict("failed", 0.0, message="wrong", exercise=name.name)
    assert exercises.relabel_blocked(verdicts)[name.name].state == "blocked"


def test_a_judge_that_falls_is_a_grader_error_and_no_zero(tmp_path, monkeypatch, require, capsys):
    require("bwrap")
    folder = build(tmp_path, {"ann": CLASS["ann"]})

    def falls(calls, responses):
        raise RuntimeError("a bug of ours")

    broken = {
        chapter: tuple(engine.replace(entry, verify=falls) if entry.name == "dJ_dW" else entry for entry in entries)
        for chapter, entries in exercises.chapters().items()
    }
    monkeypatch.setattr(exercises, "chapters", lambda: broken)
    course = batch.Course(folder)
    with course.record() as record:
        found = batch.grade(course, [mini.ASSIGNMENT], record, Here)
        grade = record.gradebook.find_grade("dJ_dW", mini.ASSIGNMENT, mini.ASSIGNMENT, "ann")
        assert grade.auto_score is None
        assert grade.needs_manual_grade
        assert record.digests()["ann", mini.ASSIGNMENT] == ""
    assert found[0]["state"] == "grader_error"
    assert [row["state"] for row in found[0]["exercises"]] == ["passed", "grader_error", "passed"]
    assert batch.summary(found) == 1
    assert "a bug of ours" in capsys.readouterr().err


def test_a_fork_that_ends_before_its_first_cell_is_a_grader_error(monkeypatch, require):
    """No student's code has run yet, so the fault is ours."""
    require("bwrap")
    monkeypatch.setattr(engine.Worker, "run", lambda *_: Ran("died", "exit status 70", 0.0))
    result = engine.grade(engine.Task("ann", mini.ASSIGNMENT, CLASS["ann"], mini.RELEASE, mini.SEEDS))
    engine._stop()
    assert result.state == "grader_error"
    assert "exit status 70" in result.reason


class Here:
    """An executor that does everything at once, in this process."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def submit(self, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except BaseException as error:  # noqa: BLE001 (as a pool does it)
            future.set_exception(error)
        return future


def test_what_dies_with_its_process_is_done_again_and_nothing_is_done_twice():
    """A real pool: item 3 kills its process at first, item 7 always; the pool breaks, the others come out once each."""
    tries = tempfile.mkdtemp()
    done, lost = [], []
    flow.run(
        lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
        lambda pool, item: pool.submit(mini.mortal, tries, item),
        range(1, 10),
        lambda item, result, pool: done.append((item, result)),
        lambda item, error: lost.append(item),
    )
    shutil.rmtree(tries)
    assert sorted(done) == [(item, item**2) for item in range(1, 10) if item != 7]
    assert lost == [7]


class Dead(Here):
    """An executor whose processes have just died: what it was given before is done, more it does not take."""

    def submit(self, function, *arguments):
        if function is feedback.page:
            raise BrokenProcessPool
        return super().submit(function, *arguments)


@pytest.mark.parametrize("executor", [Here, Dead])
def test_a_page_that_cannot_be_made_is_said_and_made_the_next_time(tmp_path, monkeypatch, capsys, require, executor):
    require("bwrap")
    folder = build(tmp_path, {"ann": CLASS["ann"]})
    monkeypatch.setattr(batch, "executor", lambda *workers: executor())
    with monkeypatch.context() as broken:
        broken.setattr(feedback, "page", lambda *arguments: 1 / 0)
        assert main(["grade", "--course", str(folder)]) == 1
    assert "ann 03_dJ_dW: no feedback page was made" in capsys.readouterr().err
    assert main(["grade", "--course", str(folder)]) == 0
    assert list((folder / "feedback").rglob("*.html"))


def test_time_of_all_cells_together_is_limited(monkeypatch, require):
    require("bwrap")
    monkeypatch.setattr(engine, "SUBMISSION_SECONDS", 2.0)
    sleepy = mini.answered(dJ_dW="import time\ntime.sleep(60)")
    result = engine.grade(engine.Task("x", mini.ASSIGNMENT, sleepy, mini.RELEASE, mini.SEEDS))
    assert result.state == "graded"
    assert [row["state"] for row in result.exercises] == ["passed", "failed", "failed"]
    assert "had used its 2 s up" in result.exercises[2]["message"]


def test_a_replay_drops_the_cell_that_kills(require):
    require("bwrap")
    nasty = "import os, threading\nthreading.Timer(0.3, os._exit, [1]).start()\n" + mini.RIGHT["sigmoid_prime"]
    slow = "import time\ntime.sleep(1)\n" + mini.RIGHT["dJ_dW"]
    submission = mini.answered(sigmoid_prime=nasty, dJ_dW=slow)
    result = engine.grade(engine.Task("x", mini.ASSIGNMENT, submission, mini.RELEASE, mini.SEEDS))
    assert result.state == "graded"
    assert result.exercises[2]["state"] == "passed"


def test_pages_cut_what_is_endless():
    assert len(page._cut("x" * 10**6)) < 1.1 * page.TEXT
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 15_000}] * 3
    assert len(page._outputs(outputs)) == 1
    assert page._outputs([{"output_type": "clear_output"}]) == []
    assert json.loads(page.notebook(Repaired(()), {}, {}, {}))["cells"] == []


# Finite differences passed off as backpropagation. ----------------------------------------------------------------------------

FORWARD = """
def _J(W, b, X, Y):
    a = X
    for l in sorted(W):
        a = 1 / (1 + np.exp(-(W[l] @ a + b[l])))
    return np.sum((a - Y) ** 2) / (2 * Y.shape[1])

def _by_entry(slope):
    def backward(W, b, X, Y):
        grads = ({l: np.zeros_like(W[l]) for l in W}, {l: np.zeros_like(b[l]) for l in b})
        for grad, parameters in zip(grads, (W, b)):
            for l in parameters:
                for index in np.ndindex(parameters[l].shape):
                    def J(step):
                        moved = {**parameters, l: parameters[l].astype(type(step))}
                        moved[l][index] += step
                        return _J(moved, b, X, Y) if parameters is W else _J(W, moved, X, Y)
                    grad[l][index] = slope(J)
        return grads
    return backward
"""
SLOPES = {
    "central": "lambda J: (J(1e-5) - J(-1e-5)) / 2e-5",
    "one-sided": "lambda J: (J(1e-7) - J(0.0)) / 1e-7",
    "richardson": "lambda J: (8 * (J(1e-3) - J(-1e-3)) - (J(2e-3) - J(-2e-3))) / 12e-3",
    "complex step": "lambda J: np.imag(J(1e-30j)) / 1e-30",
}
LOOPS = """
def backward(W, b, X, Y):
    L, m = len(W), X.shape[1]
    a = {0: X}
    for l in range(1, L + 1):
        a[l] = 1 / (1 + np.exp(-(W[l] @ a[l - 1] + b[l])))
    dW = {l: np.zeros_like(W[l]) for l in W}
    db = {l: np.zeros_like(b[l]) for l in b}
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    for l in range(L, 0, -1):
        for i in range(W[l].shape[0]):
            for k in range(m):
                dW[l][i] += delta[i, k] * a[l - 1][:, k]
                db[l][i, 0] += delta[i, k]
        if l > 1:
            before = np.zeros_like(a[l - 1])
            for j in range(W[l].shape[1]):
                for i in range(W[l].shape[0]):
                    before[j] += W[l][i, j] * delta[i]
            delta = before * a[l - 1] * (1 - a[l - 1])
    return dW, db
"""


def judged_backward(answer):
    """The row of one submission of a chapter that asks for `backward` alone."""
    marks = {"grade": True, "locked": True, "points": 4.0}

    def built(source):
        given = mini.cell("code", mini.GIVEN, "given-1", locked=True)
        stub = mini.cell("code", source, "backward-answer", solution=True)
        return mini.notebook([given, stub, mini.cell("code", "check.backward(backward)", "backward", **marks)])

    task = engine.Task(
        "x", mini.ASSIGNMENT, built(answer), built("def backward(W, b, X, Y):\n    ..."), {"": 0, "backward": 5}
    )
    result = engine.grade(task)
    assert result.state == "graded", result.reason
    return result.exercises[0]


@pytest.mark.parametrize("method", SLOPES)
def test_finite_differences_are_refused_with_that_reason(method, monkeypatch, require):
    require("bwrap")
    monkeypatch.setattr(engine, "CELL_SECONDS", 8.0)
    row = judged_backward(f"{FORWARD}\nbackward = _by_entry({SLOPES[method]})")
    assert row["state"] == "failed"
    assert "inite differences" in row["message"]


@pytest.mark.parametrize("method", ["central", "one-sided", "richardson"])
def test_finite_differences_on_small_networks_alone_are_refused_by_precision(method, require):
    """Right backpropagation where speed would give it away, differences elsewhere."""
    require("bwrap")
    honest = LOOPS.replace("def backward", "def _honest")
    source = (
        f"{FORWARD}{honest}\n_differences = _by_entry({SLOPES[method]})\n"
        "def backward(W, b, X, Y):\n    small = sum(w.size for w in W.values()) < 1000\n"
        "    return (_differences if small else _honest)(W, b, X, Y)"
    )
    row = judged_backward(source)
    assert (row["state"], row["mistake"]) == ("failed", "finite differences")


def test_slow_loops_over_units_are_right(require):
    require("bwrap")
    row = judged_backward(LOOPS)
    assert row["state"] == "passed", row["message"]
