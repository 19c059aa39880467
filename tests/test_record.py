"""The gradebook: one writer, one transaction per submission, nothing twice and nothing lost; people's marks are kept."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import miniature as mini
import pytest
from nbgrader.plugins import LateSubmissionPlugin
from test_engine import CLASS, Here, build, hand_in, results, states

from grader import batch, engine
from grader.__main__ import main

ANSWER = f"{mini.ASSIGNMENT}"


def grade(folder, *options):
    return main(["grade", "--course", str(folder), "--workers", "1", *options])


def run(folder, force=False):
    """Grade a course folder in this process. → how many submissions were run."""
    count = []

    class Counting(Here):
        def submit(self, function, *arguments):
            count.extend([1] if function is engine.examine else [])
            return super().submit(function, *arguments)

    course = batch.Course(folder)
    with course.record() as record:
        batch.grade(course, [mini.ASSIGNMENT], record, Counting, force=force)
    return len(count)


@pytest.fixture
def folder(tmp_path, require):
    require("bwrap")
    return build(tmp_path, {"ann": CLASS["ann"], "cyd": CLASS["cyd"]})


def marks(folder, student):
    with batch.Course(folder).record() as record:
        return record.marks(student, mini.ASSIGNMENT)


def test_marks_and_comments_stand_in_nbgraders_gradebook(folder):
    run(folder)
    found = marks(folder, "cyd")
    assert (found["score"], found["max_score"]) == (4, 6)
    assert found["grades"] == {"sigmoid_prime": (2, 2), "dJ_dW": (0, 2), "dJ_db": (2, 2)}
    assert "factor 2" in found["comments"]["dJ_dW-answer"]
    assert found["comments"]["dJ_db-answer"] is None


def test_only_what_changed_is_graded_again(folder):
    assert run(folder) == 2
    assert run(folder) == 0
    hand_in(folder, "cyd", mini.answered())
    assert run(folder) == 1
    assert states(results(folder)["cyd"]) == ["passed"] * 3
    assert run(folder, force=True) == 2


def test_marks_and_comments_of_people_are_kept(folder):
    run(folder)
    with batch.Course(folder).record() as record:
        book = record.gradebook
        book.find_grade("dJ_dW", ANSWER, ANSWER, "cyd").manual_score = 1.5
        book.find_comment("dJ_dW-answer", ANSWER, ANSWER, "cyd").manual_comment = "Come and see me."
        book.find_grade("dJ_db", ANSWER, ANSWER, "cyd").extra_credit = 0.25
        book.db.commit()
    run(folder, force=True)
    found = marks(folder, "cyd")
    assert found["grades"]["dJ_dW"] == (1.5, 2)
    assert found["comments"]["dJ_dW-answer"] == "Come and see me."
    assert results(folder)["cyd"]["score"] == 5.75
    assert results(folder)["cyd"]["exercises"][1]["state"] == "failed"


def test_a_save_that_fails_leaves_nothing(folder, monkeypatch):
    run(folder)
    with batch.Course(folder).record() as record:
        before = record.marks("cyd", ANSWER), record.digests()
        row = {"name": "dJ_dW", "state": "passed", "score": 2.0, "max_score": 2.0, "mistake": None, "message": ""}
        result = engine.Result("cyd", ANSWER, "graded", exercises=(row,))
        monkeypatch.setattr(json, "dumps", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            record.save(result, "new")
        assert (record.marks("cyd", ANSWER), record.digests()) == before


def test_late_penalties_are_nbgraders(folder):
    class Half(LateSubmissionPlugin):
        def late_submission_penalty(self, student_id, score, total_seconds_late):
            return score / 2

    place = folder / "submitted" / "ann" / ANSWER
    (place / "timestamp.txt").write_text("2030-01-02 00:00:00 UTC")
    course = batch.Course(folder)
    course.late = Half()
    with course.record() as record:
        record.gradebook.update_or_create_assignment(ANSWER, duedate=datetime(2030, 1, 1))
        batch.grade(course, [ANSWER], record, Here)
        assert record.marks("ann", ANSWER)["score"] == 3
        assert record.marks("cyd", ANSWER)["score"] == 4
    late = results(folder)["ann"]
    assert (late["score"], late["reason"]) == (3, "handed in late: 3 points off")
    assert results(folder)["cyd"]["score"] == 4


def test_a_time_that_is_known_later_counts(folder):
    run(folder)
    (folder / "submitted" / "ann" / ANSWER / "timestamp.txt").write_text("2030-01-02 00:00:00 UTC")
    assert run(folder) == 1


def test_a_student_whom_nbgrader_forgot_is_graded_anew(folder):
    run(folder)
    with batch.Course(folder).record() as record:
        record.gradebook.remove_student("cyd")
        assert [entry["student"] for entry in record.results()] == ["ann"]
    assert run(folder) == 1
    assert results(folder)["cyd"]["score"] == 4


def test_nbgraders_own_export_shows_the_marks(folder):
    run(folder)
    nbgrader(folder, "export")
    rows = (folder / "grades.csv").read_text().splitlines()
    header = rows[0].split(",")
    scores = {row.split(",")[header.index("student_id")]: row.split(",")[header.index("score")] for row in rows[1:]}
    assert scores == {"ann": "6.0", "cyd": "4.0"}


def nbgrader(folder, *command):
    path = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    program = [sys.executable, "-m", "nbgrader", *command]
    done = subprocess.run(program, check=False, cwd=folder, env=os.environ | path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nbgrader_autograde_gives_the_same_verdicts(folder):
    """With the two preprocessors of nbgrader_config.py, and nbgrader as it is."""
    run(folder)
    wanted = {student: marks(folder, student) for student in ("ann", "cyd")}
    with batch.Course(folder).record() as record:
        for student in wanted:
            record.gradebook.remove_submission(ANSWER, student)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(
            "from grader.preprocessors import Grade, Repair\n"
            "c.Autograde.sanitize_preprocessors = [Repair]\nc.Autograde.autograde_preprocessors = [Grade]\n"
        )
    nbgrader(folder, "autograde", ANSWER, "--force")
    assert {student: marks(folder, student) for student in wanted} == wanted
    page = json.loads((folder / "autograded" / "cyd" / ANSWER / mini.FILE).read_text())
    assert "Cause: factor 2" in json.dumps(page)


@pytest.fixture
def postgresql(tmp_path_factory, require):
    """URL of a real server; it refuses root, so root runs it as nobody."""
    initdb = Path(require("initdb"))
    folder = tmp_path_factory.mktemp("postgresql")
    account = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    for path in [folder, *folder.parents[:2]]:
        path.chmod(0o755)
    if account:
        os.chown(folder, 65534, 65534)
    call = lambda *command: subprocess.run(command, check=True, cwd="/", capture_output=True, **account)
    call(initdb, "-D", folder / "data", "-U", "grader", "-A", "trust", "--no-sync", "-E", "UTF8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = initdb.with_name("pg_ctl")
    call(control, "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start")
    yield f"postgresql+psycopg://grader@127.0.0.1:{port}/postgres"
    call(control, "-D", folder / "data", "-m", "immediate", "stop")


def test_postgresql_holds_the_same_as_sqlite(folder, postgresql, tmp_path_factory):
    run(folder)
    other = build(tmp_path_factory.mktemp("other"), {"ann": CLASS["ann"], "cyd": CLASS["cyd"]})
    (other / "gradebook.secret").write_bytes((folder / "gradebook.secret").read_bytes())
    with (other / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {postgresql!r}\n")
    assert run(other) == 2
    assert run(other) == 0
    assert not (other / "gradebook.db").exists()
    assert marks(other, "cyd") == marks(folder, "cyd")
    assert plain(results(other)) == plain(results(folder))


def plain(found):
    """Results without their times."""
    return {name: {key: value for key, value in entry.items() if key != "seconds"} for name, entry in found.items()}


def everything(folder):
    """All that a finished run leaves behind."""
    pages = sorted(str(path.relative_to(folder)) for path in (folder / "feedback").rglob("*") if path.is_file())
    notebooks = {path.parts[-3]: path.read_text() for path in (folder / "autograded").rglob("*.ipynb")}
    return plain(results(folder)), pages, notebooks, {student: marks(folder, student) for student in notebooks}


def test_killed_at_random_moments_it_resumes(tmp_path_factory, require):
    """Killed until it is done, nothing is twice and nothing is lost: the same as undisturbed."""
    require("bwrap")
    submissions = {f"{name}{number}": data for number in range(2) for name, data in CLASS.items()}
    calm = build(tmp_path_factory.mktemp("calm"), submissions)
    run(calm)
    stormy, moments, kills = build(tmp_path_factory.mktemp("stormy"), submissions), random.Random(0), 0
    (stormy / "gradebook.secret").write_bytes((calm / "gradebook.secret").read_bytes())
    start = time.monotonic()
    command = [sys.executable, "-m", "grader", "grade", "--course", stormy, "--workers", "1"]
    while True:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        # Late enough, in the end, that a run gets through on any machine.
        patience = moments.uniform(2, 8) + (time.monotonic() - start) / 8
        try:
            assert process.wait(patience) == 0
            break
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills
    assert everything(stormy) == everything(calm)
    with batch.Course(stormy).record() as record:
        assert len(record.gradebook.assignment_submissions(ANSWER)) == len(submissions)


# Another machine's workers. ---------------------------------------------------------------------------------------------------


@contextmanager
def dask_cluster(folder):
    """A scheduler and two worker processes. → its address, the processes of the workers."""
    script = folder / "cluster.py"
    script.write_text(
        "import sys, asyncio\nfrom distributed import Nanny, Scheduler, Worker\n"
        "async def main():\n"
        "    kind = sys.argv[1]\n"
        "    node = Scheduler(host='127.0.0.1', port=0, dashboard=False) if kind == 'scheduler' else "
        "Worker(sys.argv[2], nthreads=1, dashboard=False)\n"
        "    async with node:\n        print(node.address, flush=True)\n        await node.finished()\n"
        "asyncio.run(main())\n"
    )
    processes = []

    def start(*arguments):
        process = subprocess.Popen([sys.executable, script, *arguments], stdout=subprocess.PIPE, text=True, cwd=folder)
        processes.append(process)
        return process.stdout.readline().strip()

    try:
        address = start("scheduler")
        for _ in range(2):
            start("worker", address)
        yield address, processes[1:]
    finally:
        for process in processes[::-1]:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.mark.filterwarnings("ignore")  # distributed and tornado warn of sockets that they close late
def test_a_dask_cluster_that_loses_a_worker_gives_the_same(tmp_path_factory, require):
    require("bwrap")
    require("distributed")
    submissions = {f"{name}{number}": data for number in range(4) for name, data in CLASS.items()}
    local, remote = (build(tmp_path_factory.mktemp(name), submissions) for name in ("local", "remote"))
    run(local)
    (remote / "gradebook.secret").write_bytes((local / "gradebook.secret").read_bytes())
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as (address, workers):
        course, done = batch.Course(remote), []

        class Tell:
            """Kill a worker when the first result is in."""

            def __init__(self, record):
                self.record = record

            def __getattr__(self, name):
                return getattr(self.record, name)

            def save(self, *arguments):
                self.record.save(*arguments)
                done.append(1)
                if len(done) == 1:
                    workers[0].kill()

        with course.record() as record:
            batch.grade(course, [ANSWER], Tell(record), lambda: batch.executor(1, address))
        assert workers[0].wait(10) == -signal.SIGKILL
    assert plain(results(remote)) == plain(results(local))
    assert everything(remote)[1:] == everything(local)[1:]
