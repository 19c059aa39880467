"""One submission, from its bytes to its verdicts: a pure function, so that any task can be lost and run again.

The judge's side lives here, in a process of its own that never runs a student's code: it makes the challenges from the
given seeds, sends them as data, and verifies the arrays that come back. It sees no gradebook and no secret.
"""

from __future__ import annotations

import atexit
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from course_lib import exercises
from course_lib.exercises.verdict import Verdict
from course_lib.wire import MIME, Raised, Response, WireError, pack, unpack
from grader import library, page
from grader.repair import Cell, Refused, Repaired, repair
from grader.session import Ran, Worker, WorkerLost

CELL_SECONDS = 30.0  # wall time of one cell; the longest honest one trains for some seconds
SUBMISSION_SECONDS = (
    240.0  # of all cells of a submission, replays included; a chapter with its solutions takes below 60 s
)
ATTEMPTS = 2  # a lost worker is tried once more, then it is a grader error


@dataclass(frozen=True)
class Task:
    """All that is needed to grade one submission."""

    student: str
    assignment: str
    submission: bytes
    release: bytes
    seeds: Mapping[str, int]  # exercise → seed of its challenge; "" → seed of the student's own random numbers
    protected: bool = True


@dataclass(frozen=True)
class Result:
    """What became of one submission. `exercises` holds {name, state, score, max_score, mistake, message}."""

    student: str
    assignment: str
    state: str
    reason: str = ""
    score: float = 0.0
    max_score: float = 0.0
    seconds: float = 0.0
    exercises: tuple[dict, ...] = ()
    notebook: str = ""  # the graded notebook
    costs: dict = field(default_factory=dict)  # seconds by step
    walls: tuple[str, ...] = ()
    cells: dict = field(default_factory=dict)  # seconds of each cell that ran, by cell id

    def summary(self) -> dict:
        """The entry of results.json."""
        everything = asdict(self)
        names = ("student", "assignment", "state", "reason", "score", "max_score", "seconds", "exercises")
        return {name: everything[name] for name in names}


def grade(task: Task) -> Result:
    """Repair, run, verify. Never raises: every submission ends in a state."""
    start = time.perf_counter()
    try:
        result = _graded(task)
    except Refused as error:
        result = without_marks(task, "refused", str(error))
    except Exception as error:  # noqa: BLE001 (whatever it is: ours, never the student's fault)
        result = without_marks(task, "grader_error", f"{type(error).__name__}: {error}")
    return replace(result, seconds=round(time.perf_counter() - start, 4))


def examine(task: Task, found) -> Result:
    """Grade what was found in a submission's folder (`collect.Found`), unless it was refused already."""
    result = without_marks(task, "refused", found.refused) if found.refused else grade(task)
    return replace(result, reason="; ".join(filter(None, [*found.notes, result.reason])))


def without_marks(task: Task, state: str, reason: str) -> Result:
    """The result of a submission that was not run to its end."""
    return Result(task.student, task.assignment, state, reason, max_score=points(task.release))


def points(release: bytes) -> float:
    """All points of a released notebook."""
    return sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in json.loads(release)["cells"])


def _graded(task) -> Result:
    clock = Clock()
    repaired = repair(task.submission, task.release)
    graded = [cell for cell in repaired.cells if cell.role in ("check", "manual")]
    asked = {cell.name: exercises.find(cell.name) for cell in graded}
    calls = {name: challenge(task, exercise) for name, exercise in asked.items() if exercise.challenge}
    clock.lap("repair")
    run = _run(task, repaired, calls, clock)
    verdicts = {cell.name: _verdict(cell, asked[cell.name], calls, run, repaired) for cell in graded}
    verdicts = exercises.relabel_blocked(verdicts)
    clock.lap("verify")
    worth = {cell.name: cell.metadata["nbgrader"]["points"] for cell in graded}
    rows = tuple(_row(verdict, worth[name]) for name, verdict in verdicts.items())
    errors = [row["message"] for row in rows if row["state"] == "grader_error"]
    notebook = page.notebook(repaired, run.ran, verdicts, asked)
    clock.lap("write")
    return Result(
        task.student,
        task.assignment,
        state="grader_error" if errors else "graded",
        reason="; ".join([*(errors or repaired.notes), *([] if task.protected else ["graded without a sandbox"])]),
        score=sum(row["score"] for row in rows),
        max_score=sum(row["max_score"] for row in rows),
        exercises=rows,
        notebook=notebook,
        costs=clock.costs,
        walls=tuple(run.walls),
        cells={name: round(ran.seconds, 3) for name, ran in run.ran.items()},
    )


def challenge(task: Task, exercise) -> list:
    """The calls that this submission's answer is given: the same in every run of it."""
    return exercise.calls(np.random.default_rng(task.seeds[exercise.name]))


class Clock:
    """Seconds by step."""

    def __init__(self):
        self.costs, self.last = {}, time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.costs[name] = self.costs.get(name, 0.0) + now - self.last
        self.last = now


# Running. ------------------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """How the cells of a submission went, by cell id."""

    ran: dict[str, Ran] = field(default_factory=dict)
    walls: list[str] = field(default_factory=list)


_warm: dict[tuple, Worker] = {}  # the one warm worker of this process, by library and protection


def _worker(task) -> Worker:
    key = (library.library(task.assignment), task.protected)
    if key not in _warm:
        _stop()
        _warm[key] = Worker(task.assignment, task.protected)
    return _warm[key]


@atexit.register
def _stop():
    while _warm:
        _warm.popitem()[1].stop()


def _run(task, repaired, calls, clock) -> Run:
    """Run a submission; when the worker itself is lost, once more in a new one."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _cells(_worker(task), task, repaired, calls, clock)
        except WorkerLost:
            _stop()
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _cells(worker, task, repaired, calls, clock) -> Run:
    """Run cell after cell. A cell that ends its process costs itself: the others go on in a new fork.

    Only its own check cell is given an exercise's calls: what is computed from them falls into that cell's time.
    """
    run, before, left = Run(), [], SUBMISSION_SECONDS
    run.walls = worker.open(task.seeds[""])
    nothing = worker.run("", CELL_SECONDS)
    if nothing.state != "done":  # no student's code has run yet: the fault is ours, never a zero
        raise WorkerLost(f"a fork ended before its first cell: {nothing.reason}")
    clock.lap("fork")
    alive = True
    for cell in repaired.cells:
        if cell.type != "code" or not cell.source.strip():
            continue
        if not alive and left > 0:
            alive, spent = _replay(worker, task, before, left)
            left -= spent
        if left <= 0:
            run.ran[cell.id] = Ran(
                "slow", f"the cells of this notebook had used its {SUBMISSION_SECONDS:.0f} s up", 0.0
            )
            continue
        asks = cell.role == "check" and cell.name in calls
        given = pack({cell.name: calls[cell.name]}) if asks else None
        ran = run.ran[cell.id] = worker.run(cell.source, min(CELL_SECONDS, left), given)
        left -= ran.seconds
        alive = ran.state == "done"
        if alive and cell.role != "check":
            before.append(cell)
    clock.lap("cells")
    if alive:
        worker.close()
    clock.lap("fork")
    return run


def _replay(worker, task, before: list[Cell], left: float) -> tuple[bool, float]:
    """Fork again and run the earlier cells, checks left out. A cell that ends the replay is dropped from it."""
    start = time.monotonic()
    while time.monotonic() - start < left:
        worker.open(task.seeds[""])
        for cell in before:
            if worker.run(cell.source, CELL_SECONDS).state != "done":
                before.remove(cell)
                break
        else:
            return True, time.monotonic() - start
    return False, time.monotonic() - start


# Verifying. ----------------------------------------------------------------------------------------------------------------


def _verdict(cell, exercise, calls, run, repaired: Repaired) -> Verdict:
    """The verdict on one exercise, from what its released check cell emitted and from nothing else."""
    answer = next(
        (item for item in repaired.cells if item.name == cell.name and item.role in ("answer", "manual")), None
    )
    answered = answer is None or answer.answered
    if cell.role == "manual":
        return _by_hand(exercise, answered)
    ran = run.ran[cell.id]
    if ran.state != "done":
        slow = ". An endless loop? Or finite differences, where one pass back would do?" if ran.state == "slow" else ""
        return _failed(exercise, f"while it was checked, {ran.reason}{slow}")
    emitted = [output["data"][MIME] for output in ran.outputs if MIME in output.get("data", ())]
    emitted = [message for message in emitted if isinstance(message, dict) and message.get("exercise") == exercise.name]
    if not emitted and not answered:
        return Verdict("not_answered", 0.0, message="not answered yet", exercise=exercise.name)
    if not emitted:
        return _failed(exercise, _silent(ran, run.ran.get(answer.id) if answer else None))
    try:
        responses = unpack(emitted[-1])
    except (WireError, RecursionError) as error:
        return _failed(exercise, f"the answer could not be read: {error}")
    return _timed(exercise, calls[exercise.name], responses, ran.seconds - ran.waited)


def _timed(exercise, calls, responses, seconds) -> Verdict:
    """The verdict, with the time that was taken outside the student's process in place of what it says itself."""
    if not _is_response(responses, calls):
        return _failed(exercise, "what the check cell sent is not the response to its calls")
    return exercise.verdict(calls, [replace(response, seconds=seconds) for response in responses])


def _is_response(responses, calls) -> bool:
    """One response per call, fewer only where an unsolved stub ended them, and each of the types that `respond` gives."""
    if not isinstance(responses, list) or not all(map(_is_one, responses)) or len(responses) > len(calls):
        return False
    stub = responses and responses[-1].raised and responses[-1].raised.type == "NotImplementedError"
    return bool(stub) or len(responses) == len(calls)


def _is_one(response) -> bool:
    match response:
        case Response(
            raised=None | Raised(type=str(), text=str(), lines=tuple()), changed=tuple(), warned=tuple(), used=tuple()
        ):
            texts = (*response.changed, *response.warned, *(response.raised.lines if response.raised else ()))
            return all(isinstance(text, str) for text in texts)
    return False


def _by_hand(exercise, answered) -> Verdict:
    if not answered:
        return Verdict("not_answered", 0.0, message="not answered yet", exercise=exercise.name)
    return Verdict("manual", 0.0, message="marked by hand", exercise=exercise.name)


def _failed(exercise, message) -> Verdict:
    return Verdict("failed", 0.0, message=message, exercise=exercise.name)


def _silent(ran: Ran, answer: Ran | None) -> str:
    """Why a check cell sent nothing: the answer cell's own trouble first."""
    if answer and answer.state != "done":
        return f"the answer cell could not be run: {answer.reason}"
    for which, outputs in (("the answer cell", answer.outputs if answer else ()), ("the check cell", ran.outputs)):
        errors = [output for output in outputs if output["output_type"] == "error"]
        if errors:
            return f"{which} raised {errors[-1]['ename']}: {errors[-1]['evalue'][:500]}"
    return "the check cell sent no answer. Was `check` changed?"


def _row(verdict, points) -> dict:
    message = verdict.message or verdict.evidence
    score = round(verdict.score * points, 6)
    return {
        "name": verdict.exercise,
        "state": verdict.state,
        "score": score,
        "max_score": points,
        "mistake": verdict.mistake,
        "message": message,
    }
