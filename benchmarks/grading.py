"""The grader against stock nbgrader: what a submission costs, and what the attack corpus does to each.

    python -m benchmarks.grading               the same submissions through both, and how ours scales
    python -m benchmarks.grading --corpus      every folder of tests/submissions through both, side by side
    python -m benchmarks.grading --many 2000   one long batch: memory and time per submission

Stock nbgrader runs the same released notebook, where each check judges in the student's own process. It is given its
default settings. The corpus runs it inside bubblewrap, without network, on a copy of the course folder: these are
real attacks.
"""

from __future__ import annotations

from benchmarks.timing import human, machine, table  # first: it sets the number of threads

import argparse  # isort: skip
import contextlib
import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ComputeChecksums

from grader import batch, collect, engine, feedback, library, sandbox, walls
from grader.record import Record

sys.path.insert(0, str(library.ROOT / "tests"))
import miniature as mini
from test_corpus import FAULTS, HERE, submission

CONFIG = (
    'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.CourseDirectory.db_url = "sqlite:///{}/gradebook.db"\n'
)
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
WRONG = mini.answered(dJ_dW="def dJ_dW(delta, a_prev):\n    return 2 * delta @ a_prev.T")
CHAPTER = "03_dJ_dW"


def course(folder, submissions, release=mini.RELEASE):
    """A course folder, known to its gradebook, for both graders; stock nbgrader wants checksums."""
    folder.mkdir(parents=True)
    notebook = ComputeChecksums().preprocess(nbformat.reads(release.decode(), as_version=4), {})[0]
    release = nbformat.writes(notebook).encode()
    (folder / "nbgrader_config.py").write_text(CONFIG.format(folder))
    for step in ("source", "release"):
        put(folder / step / CHAPTER / f"{CHAPTER}.ipynb", release)
    for student, data in submissions.items():
        put(folder / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb", data)
    with Record(f"sqlite:///{folder}/gradebook.db", "bench") as record:
        record.release(CHAPTER, notebook)
    return folder


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def measured(command, **options) -> tuple[float, float]:
    """Wall and processor seconds of a command with all that it starts, bubblewrap's orphans too: they come to us."""
    walls.adopt()
    before, start = _children(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **options)
    wall = time.perf_counter() - start
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    return wall, _children() - before


def _children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stock(step, folder):
    """A step of nbgrader: autograde, generate_feedback."""
    environment = os.environ | {"PATH": PATH, "PYTHONPATH": str(library.ROOT)}
    return measured([sys.executable, "-m", "nbgrader", step, CHAPTER, "--force"], cwd=folder, env=environment)


def ours(folder, workers=1):
    command = [sys.executable, "-m", "grader", "grade", "--course", str(folder), "--workers", str(workers), "--force"]
    return measured(command, cwd=library.ROOT)


def scores(folder):
    """student → score of each check cell."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "bench") as book:
        return {
            submitted.student.id: {
                grade.name: grade.score for notebook in submitted.notebooks for grade in notebook.grades
            }
            for submitted in book.assignment_submissions(CHAPTER)
        }


def class_of(count):
    kinds = [
        mini.answered(),
        WRONG,
        mini.RELEASE,
        mini.answered(dJ_db="def dJ_db(delta):\n    return delta.sum(axis=1)"),
    ]
    return {f"student-{number:04}": kinds[number % len(kinds)] for number in range(count)}


KINDS = 4  # of submissions in a class: the first of each brings what only it needs


def against_stock(folder, name, submissions, release=mini.RELEASE):
    """What a submission costs each grader beyond starting up (two courses: all, and one submission of each kind)."""
    parts = {len(part): part for part in (dict(list(submissions.items())[:KINDS]), submissions)}
    places = {
        (who, count): course(folder / name / f"{who}-{count}", part, release)
        for who in ("ours", "stock")
        for count, part in parts.items()
    }

    def further(run, who):
        few, whole = (run(places[who, count]) for count in parts)
        return [(b - a) / (len(submissions) - KINDS) for a, b in zip(few, whole, strict=True)]

    rows = {"ours, with feedback pages": further(ours, "ours")}
    rows["ours, without the pages"] = [
        c - page_cost(places["ours", len(submissions)]) for c in next(iter(rows.values()))
    ]
    for step in ("autograde", "generate_feedback"):
        rows[f"stock `nbgrader {step}`"] = further(functools.partial(stock, step), "stock")
    with_pages, alone, autograde, pages = rows.values()
    both = list(map(sum, zip(autograde, pages, strict=True)))
    shown = [[label, *map(human, row)] for label, row in rows.items()]
    for label, theirs, own in (("marks and pages", both, with_pages), ("marks alone", autograde, alone)):
        shown.append([f"stock / ours, {label}", *(f"{b / a:.1f} ×" for a, b in zip(own, theirs, strict=True))])
    same = scores(places["ours", len(submissions)]) == scores(places["stock", len(submissions)])
    print(f"\n{name}, {len(submissions)} submissions, the same marks: {same}\n")
    print(table(["grader", "wall per further submission", "processor per further submission"], shown))


def page_cost(folder) -> float:
    """Processor seconds of a feedback page, made again from what our grader recorded. The first one warms it up."""
    with Record(f"sqlite:///{folder}/gradebook.db", "bench") as record:
        graded = sorted((folder / "autograded").glob("*/*/*.ipynb"))
        pages = [(path.read_text(), CHAPTER, record.marks(path.parts[-3], CHAPTER)) for path in graded]
    feedback.page(*pages[0])
    start = time.process_time()
    for page in pages:
        feedback.page(*page)
    return (time.process_time() - start) / len(pages)


def cost_line(folder, submissions, release=mini.RELEASE):
    """Where the time of one submission goes: our own steps, in this process."""
    place, costs = course(folder / "costs", {}, release), []
    release_seeds = collect.seeds(b"bench", "anybody", CHAPTER)
    with Record(f"sqlite:///{place}/gradebook.db", "bench") as record:
        for student, data in submissions.items():
            result = engine.grade(engine.Task(student, CHAPTER, data, release, release_seeds))
            steps, clock = dict(result.costs), engine.Clock()
            record.save(result, "")
            marks = record.marks(student, CHAPTER)
            clock.lap("record")
            feedback.page(result.notebook, CHAPTER, marks)
            clock.lap("feedback")
            costs.append(steps | clock.costs)
    memory = {"judge": _resident(os.getpid()), "warm worker": _resident(_warm_worker())}
    engine._stop()  # else `measured` would wait for it
    typical = {step: sorted(cost[step] for cost in costs)[len(costs) // 2] for step in costs[0]}
    print(
        "\nCost of a submission (median):", ", ".join(f"{step} {human(seconds)}" for step, seconds in typical.items())
    )
    overhead = sum(seconds for step, seconds in typical.items() if step not in ("cells", "feedback"))
    print(f"Outside the student's cells, feedback page apart: {human(overhead)}")
    print("Memory:", ", ".join(f"{what} {size / 2**20:.0f} MB" for what, size in memory.items()))


def _warm_worker() -> int:
    """The process in the sandbox: child of bubblewrap's own child."""
    pid = next(iter(engine._warm.values())).process.pid
    for _ in range(2):
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def _resident(pid) -> int:
    """Proportional share of memory: what is shared with others counts once."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) * 1024


def paced(folder, count, workers):
    """One long batch in this process's executor. → after each record: moment, memory here, seconds spent writing; the end.

    The end is when the last feedback page was written; moments are those of the wall clock, as files have them.
    """
    place, marks, writing = course(folder, class_of(count)), [], 0.0
    target = batch.Course(place)
    with target.record() as record:
        save = record.save

        def timed(*arguments):
            nonlocal writing
            start = time.perf_counter()
            save(*arguments)
            writing += time.perf_counter() - start
            held = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
            marks.append((time.time(), held, writing))

        record.save = timed
        batch.grade(target, [CHAPTER], record, functools.partial(batch.executor, workers))
    return marks, max(page.stat().st_mtime for page in target.feedback.glob("*/*/*.html"))


def two_workers(folder, count, rounds=3):
    """The same class with one and with two workers, by turns; each keeps its best round. The first ten warm it up."""
    best = {1: float("inf"), 2: float("inf")}
    for turn in range(rounds):
        for workers in (1, 2):
            marks, end = paced(folder / f"workers-{workers}-{turn}", count, workers)
            best[workers] = min(best[workers], (end - marks[9][0]) / (count - 10))
    each = f"{human(best[1])} and {human(best[2])} per submission"
    print(f"\nTwo workers, {count} submissions: {best[1] / best[2]:.2f} × one ({each}, {os.cpu_count()} cores)")


def many(folder, count):
    """One long batch: time, memory and writing by quarter."""
    marks, rows = paced(folder / "many", count, 2)[0], []
    quarter = count // 4
    for number in range(4):
        (begin, _, before), (end, memory, after) = marks[number * quarter], marks[(number + 1) * quarter - 1]
        took = end - begin
        rows.append(
            [f"{number + 1}", human(took / (quarter - 1)), f"{memory / 2**20:.0f} MB", f"{(after - before) / took:.0%}"]
        )
    print(f"\n{count} submissions, two workers:\n")
    print(table(["quarter", "wall per submission", "memory of the parent", "of the time in the gradebook"], rows))


def corpus(folder):
    """Every fault of the corpus through both. A mark that was not earned is an attack that worked."""
    rows, worked = [], [0, 0]
    for fault in FAULTS:
        wanted = json.loads((HERE / fault / "expect.json").read_text())
        earned = {
            name: mini.POINTS if state == "passed" else 0.0 for name, state in wanted.get("exercises", {}).items()
        }
        row = [fault]
        for number, outcome in enumerate((_ours_on(fault, folder), _stock_on(fault, folder))):
            verdict = _judged(outcome, earned)
            worked[number] += verdict != "right"
            row.append(verdict)
        rows.append(row)
        print("\t".join(row), file=sys.stderr)
    print(table(["fault", "ours", "stock nbgrader"], rows))
    print(f"\nNot as it should be: ours {worked[0]}, stock nbgrader {worked[1]}, of {len(FAULTS)}.")


def _judged(outcome, earned):
    if isinstance(outcome, str) or outcome is None:
        return "right" if not earned and outcome == "refused" else f"not graded ({outcome})"
    given, due = sum(outcome.values()), sum(earned.values())
    return "right" if given == due else f"{given:g} points in place of {due:g}"


def _ours_on(fault, folder):
    submission(fault, folder / "ours")
    found = collect.find(folder / "ours", fault, CHAPTER)
    result = engine.examine(engine.Task(fault, CHAPTER, found.submission, mini.RELEASE, mini.SEEDS), found)
    return result.state if result.state != "graded" else {row["name"]: row["score"] for row in result.exercises}


def _stock_on(fault, folder):
    """Stock nbgrader in a fence: it sees this checkout read-only, a course folder of its own, and no network."""
    place = course(folder / "stock" / fault, {})
    submission(fault, place / "submitted")
    fence = [
        sandbox.available(),
        "--unshare-net",
        "--unshare-pid",
        "--unshare-ipc",
        "--die-with-parent",
        "--ro-bind",
        "/",
        "/",
    ]
    fence += [
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        "/dev/shm",
        "--bind",
        str(place),
        str(place),
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    command = [sys.executable, "-m", "nbgrader", "autograde", CHAPTER, "--force", "--ExecutePreprocessor.timeout=10"]
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
    clean = {"PATH": PATH, "HOME": "/tmp", "PYTHONPATH": str(library.ROOT), "LANG": "C.UTF-8", **sandbox.THREADS}
    try:
        done = subprocess.run(
            [*fence, *command], cwd=place, env=clean, preexec_fn=limit, timeout=60, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    return scores(place).get(fault) or ("stops" if done.returncode else "nothing recorded")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--submissions", type=int, default=40)
    options.add_argument("--many", type=int)
    options.add_argument("--corpus", action="store_true")
    args = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    print(machine("nbgrader", "ipython", "numpy"))
    try:
        if args.corpus:
            corpus(folder)
        elif args.many:
            many(folder, args.many)
        else:
            cost_line(folder, class_of(args.submissions))
            against_stock(folder, "three exercises", class_of(args.submissions))
            full = library.ROOT / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb"
            against_stock(
                folder, "chapter 03 as released", dict.fromkeys(class_of(12), full.read_bytes()), full.read_bytes()
            )
            two_workers(folder, 4 * args.submissions)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
