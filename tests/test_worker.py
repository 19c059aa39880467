"""The warm worker runs cells as a Jupyter kernel does, and loses one question, not the submission."""

import json
import os
import re
import time

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib import exercises
from course_lib.wire import MIME, pack
from grader import engine, frames, library, source, walls, worker
from grader.repair import read_release
from grader.session import Ran, Worker, WorkerLost


@pytest.fixture(scope="module")
def warm(require):
    require("bwrap")
    worker = Worker("03_dJ_dW")
    yield worker
    worker.stop()


@pytest.fixture
def run(warm):
    """source → Ran, in a submission of its own; a dead one is opened anew."""
    warm.open(0)
    alive = [True]

    def run(text, seconds=30.0):
        if not alive[0]:
            warm.open(0)
        ran = warm.run(text, seconds)
        alive[0] = ran.state == "done"
        return ran

    yield run
    if alive[0]:
        warm.close()


def texts(ran):
    return [output.get("text") or output.get("evalue") or output["data"].get("text/plain") for output in ran.outputs]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("print('a'); 1 + 1", ["a\n", "2"]),
        ("print('a')\nimport sys\nprint('b', file=sys.stderr)\nprint('c')", ["a\n", "b\n", "c\n"]),
        ("1 / 0", ["division by zero"]),
        ("import asyncio\nawait asyncio.sleep(0)\n'awaited'", ["'awaited'"]),
        ("display(3)\nprint('after')", ["3", "after\n"]),
        ("%%timeit -n1 -r1 -q\npass", []),
        ("!echo shell", ["shell\n"]),
        ("%env HOME", ["'/tmp'"]),
        ("input('name? ')", ["nobody is here to answer: input() does not work while a notebook is graded"]),
        ("def f(:", ["invalid syntax (<cell>, line 1)"]),
        ("1;", []),
        ("exit()\nprint('not reached')", ["exit() was called: the cell ends here"]),
    ],
)
def test_outputs_of_a_cell(run, text, shown):
    said = [re.sub(r"<ipython.*?>|\(.*?, line", "(<cell>, line", item) for item in texts(run(text))]
    assert said[: len(shown)] == shown or [item.replace("(<cell>, line", "") for item in said] == shown


def test_a_cell_knows_the_cells_before(run):
    run("x = 41")
    assert texts(run("x + 1")) == ["42"]


def test_a_figure_is_shown_inline(run):
    ran = run("import matplotlib.pyplot as plt\nplt.plot([0, 1]);")
    assert "image/png" in ran.outputs[-1]["data"]


def test_a_fork_imports_nothing_that_each_would_import_again(run):
    needed = (
        "course_lib.figures.ch08_harden",
        "course_lib.widgets",
        "course_lib.data",
        "numpy.random",
        "encodings.cp437",
    )
    assert texts(run(f"import sys; [name for name in {needed} if name not in sys.modules]")) == ["[]"]


@pytest.mark.parametrize("asked", [True, False])
def test_a_refused_proc_is_replaced_by_an_empty_one(asked, monkeypatch):
    mounted = []

    def mount(source, target, kind, *options):
        mounted.append(kind)
        if kind == "proc":
            raise PermissionError("too revealing")

    monkeypatch.setattr(walls, "_mount", mount)
    monkeypatch.setattr(walls.os, "chdir", lambda folder: None)
    assert walls._mounts(own_proc=asked) == walls.NO_PROC
    assert ("proc" in mounted) == asked
    assert mounted[-1] == "tmpfs"


def test_a_worker_remembers_that_a_proc_was_refused(monkeypatch):
    """Each refusal would be a line in the kernel's log: 10,000 submissions, 10,000 lines."""
    told = iter([(worker.BORN, b"1"), (worker.WALLS, json.dumps([walls.NO_PROC]).encode())])
    monkeypatch.setattr(worker.Fork, "own_proc", True)
    monkeypatch.setattr(worker.os, "fork", lambda: 1)
    monkeypatch.setattr(worker.os, "waitpid", lambda *_: (1, 0))
    monkeypatch.setattr(worker.frames, "receive", lambda *_: next(told))
    worker.Fork(None, {"walls": True})
    assert worker.Fork.own_proc is False


def test_random_numbers_are_the_same_in_every_run(warm):
    drawn = []
    for _ in range(2):
        warm.open(7)
        drawn.append(texts(warm.run("import random\nimport numpy as np\n(random.random(), np.random.rand())", 30.0)))
        warm.close()
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        ("import os\nos._exit(3)", "died", "exit status 3"),
        ("import ctypes\nctypes.string_at(0)", "died", "segmentation fault"),
        ("import os\nos.closerange(0, 4096)", "died", ""),
        ("while True:\n    pass", "slow", "did not end within 1 s"),
        ("while True:\n    print('x' * 10**6)", "greedy", "put out more than"),
        ("print('x' * (2 * 10**8))", "greedy", ""),
    ],
)
def test_what_kills_a_cell(run, text, state, reason):
    ran = run(text, 1.0 if state == "slow" else 60.0)
    assert (ran.state, reason in ran.reason) == (state, True)
    assert texts(run("'alive again'")) == ["'alive again'"]


def test_memory_of_all_processes_together_is_limited(run):
    hoard = "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        hoard = b'x' * 10**9\n        time.sleep(60)\ntime.sleep(60)"
    ran = run(hoard, 50.0)
    assert ran.state == "greedy"
    assert "memory" in ran.reason


def test_long_output_is_cut_and_the_page_says_so(run):
    ran = run("print('x' * 10**7)")
    assert ran.state == "done"
    assert "bytes of output were left out" in texts(ran)[-1]


def test_all_that_a_submission_started_is_gone_with_it(warm, run):
    run("import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(3600)")
    before = _descendants(warm.process.pid)
    assert len(before) >= 5
    run("import os\nos._exit(0)")
    until = time.monotonic() + 10
    while len(_descendants(warm.process.pid)) > len(before) - 4 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(_descendants(warm.process.pid)) == len(before) - 4
    run("1")


def _descendants(pid):
    """All processes below one."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
        except OSError:
            continue
    found, queue = [], [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def test_a_lost_worker_is_said_with_its_own_words(require, monkeypatch):
    require("bwrap")
    worker = Worker("03_dJ_dW")
    worker.process.kill()
    with pytest.raises(WorkerLost, match="the worker is lost"):
        worker.open(0)
    worker.stop()


def test_frames_refuse_what_is_too_long_late_or_cut():
    out, into = os.pipe()
    frames.send(into, {"a": 1})
    assert frames.receive(out) == (frames.MESSAGE, b'{"a": 1}')
    frames.send(into, b"x" * 100)
    with pytest.raises(frames.TooLong):
        frames.receive(out, limit=99)
    os.read(out, 100)
    with pytest.raises(frames.Late):
        frames.receive(out, time.monotonic() + 0.05)
    os.write(into, frames.HEADER.pack(b"m", 50) + b"half")
    os.close(into)
    with pytest.raises(frames.Closed):
        frames.receive(out)
    os.close(out)


def test_limits_are_what_the_threat_model_says():
    assert walls.LIMITS["RLIMIT_NPROC"] == 64
    assert walls.LIMITS["RLIMIT_CORE"] == 0


# The same notebooks in a real Jupyter kernel. -------------------------------------------------------------------------------


def solved(chapter, root):
    """The instructor's notebook of a chapter and its calls."""
    notebook = source.notebook(root / "solutions" / f"{chapter}.py", exercises.chapters()[chapter])
    release = nbformat.writes(notebook).encode()
    seeds = {"": 0} | {exercise.name: 1 for exercise in exercises.chapters()[chapter]}
    return notebook, release, engine.Task("nobody", chapter, release, release, seeds)


def in_a_kernel(notebook, chapter, calls, folder, monkeypatch):
    """cell id → outputs, from a kernel that sees the same student library; its checks are given the same calls."""
    library.lay_out(chapter, folder)
    for name, value in {"PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}.items():
        monkeypatch.setenv(name, value)
    begin = "from course_lib.check import check\nfrom course_lib.wire import unpack\ncheck.given = {}"
    cells = [nbformat.v4.new_code_cell(begin)]
    for cell in notebook.cells:
        given = calls.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if given is None:
            cells.append(cell)
        else:  # for this cell only
            before = nbformat.v4.new_code_cell(
                f"check.given = unpack({pack({cell.metadata.nbgrader.grade_id: given})!r})"
            )
            cells += [before, cell, nbformat.v4.new_code_cell("check.given = {}")]
    copy = nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
    NotebookClient(copy, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    return {cell.id: cell.outputs for cell in copy.cells if cell.cell_type == "code"}


def normal(outputs):
    """Outputs without what differs in every run: colours, addresses, timings, the last digits; pictures by presence."""
    shown = []
    for output in outputs:
        text = output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        text = re.sub(r"\x1b\[[\d;]*m|0x[0-9a-f]+|\d+(\.\d+)? (s|ms|µs)\b|/\S*ipykernel\S*|<ipython\S*", "", text)
        text = re.sub(r"-?\d+\.\d{5,}(e-?\d+)?", lambda number: f"{float(number[0]):.6g}", text)
        kind = sorted(set(output.get("data", ())) - {"text/plain"})
        if shown and output["output_type"] == "stream" == shown[-1][0]:
            text = shown.pop()[1] + text
        shown.append((output["output_type"], text, kind))
    return shown


CHAPTERS = [name for name in exercises.chapters() if (library.ROOT / "solutions" / f"{name}.py").is_file()]


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
def test_parity_with_a_jupyter_kernel(chapter, root, tmp_path, monkeypatch, require):
    require("bwrap")
    notebook, release, task = solved(chapter, root)
    repaired = engine.repair(release, release)
    asked = {cell.name: exercises.find(cell.name) for cell in read_release(release) if cell.role == "check"}
    calls = {name: engine.challenge(task, exercise) for name, exercise in asked.items()}
    ours = engine._run(task, repaired, calls, engine.Clock()).ran
    theirs = in_a_kernel(notebook, chapter, calls, tmp_path, monkeypatch)
    for cell in repaired.cells:
        if cell.type == "code":
            assert normal(ours[cell.id].outputs) == normal(theirs[cell.id]), cell.source
        if cell.role == "check":
            judged = {
                name: engine._verdict(cell, asked[cell.name], calls, engine.Run(ran), repaired).state
                for name, ran in (("fork", ours), ("kernel", {cell.id: Ran("done", "", 0.0, tuple(theirs[cell.id]))}))
            }
            assert judged == {"fork": "passed", "kernel": "passed"}, cell.source
            assert MIME in theirs[cell.id][-1]["data"]
