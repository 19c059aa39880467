"""`python -m grader grade`: every submission ends in a state, whatever the others do."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from tqdm import tqdm
from traitlets.config import PyFileConfigLoader

from grader import collect, engine, feedback, library, sandbox
from grader.record import Record

AGAIN = 2  # rounds: what a dying executor took with it is done once more


def main(args) -> int:
    """Grade, and say what came of it. → 0 only if every submission reached a state and the grader made no error."""
    course = Course(args.course, args.submitted)
    protected = not args.no_sandbox
    if protected:
        try:
            sandbox.available()
        except sandbox.NoSandbox as error:
            print(
                f"Grading refused: {error}\nWith --no-sandbox students' code runs on this machine unprotected.",
                file=sys.stderr,
            )
            return 2
    else:
        print("WARNING: --no-sandbox: students' code runs on this machine without any protection.", file=sys.stderr)
    chapters = args.chapters or collect.chapters(course.submitted)
    if not chapters:
        print(f"Nothing to grade: {course.submitted} holds no chapter of this course.", file=sys.stderr)
        return 2
    with executor(args.workers, args.dask) as pool, course.record() as record:
        results = grade(course, chapters, record, pool, protected=protected, force=args.force)
    return summary(results, protected)


class Course:
    """A course folder as its nbgrader_config.py describes it."""

    def __init__(self, root: Path, submitted: Path | None = None):
        self.root = Path(root).resolve()
        config = (
            PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config() if self._configured() else None
        )
        self.folders = CourseDirectory(config=config, root=str(self.root))
        self.late = LateSubmissionPlugin(config=config)
        self.submitted = Path(submitted) if submitted else self._path(self.folders.submitted_directory)
        self.autograded, self.feedback = (
            self._path(self.folders.autograded_directory),
            self._path(self.folders.feedback_directory),
        )
        self.report = self.root / "report"

    def _configured(self):
        return (self.root / "nbgrader_config.py").is_file()

    def _path(self, name) -> Path:
        return self.root / name

    def record(self) -> Record:
        return Record(self.folders.db_url, self.folders.course_id or "default_course", self.late)

    def release(self, chapter: str) -> bytes:
        """The released notebook: the course folder's own, or the one that this checkout was built with."""
        own = self._path(self.folders.release_directory) / chapter / f"{chapter}.ipynb"
        return (own if own.is_file() else library.ROOT / "notebooks" / chapter / f"{chapter}.ipynb").read_bytes()


def executor(workers: int, dask: str | None = None) -> Executor:
    """Where tasks are done: processes on this machine, or the workers of a Dask scheduler."""
    if dask:
        from distributed import Client

        return Client(dask).get_executor(pure=False)
    os.environ.update(sandbox.THREADS)
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def grade(course, chapters, record, pool, *, protected=True, force=False) -> list[dict]:
    """Grade what has changed since it was graded. → every result of the course, as in results.json."""
    key, done, tasks = collect.secret(course.root), {} if force else record.digests(), []
    releases = {chapter: course.release(chapter) for chapter in chapters}
    code = _code()
    for chapter, release in releases.items():
        record.release(chapter, nbformat.reads(release.decode(), as_version=4))
        for student in collect.students(course.submitted):
            found = collect.find(course.submitted, student, chapter)
            if found is None:
                continue
            digest = _digest(found, release, code)
            if done.get((student, chapter)) != digest or not _page(course, student, chapter).is_file():
                task = engine.Task(
                    student, chapter, found.submission, release, collect.seeds(key, student, chapter), protected
                )
                tasks.append((task, found, digest))
    _all(course, record, pool, tasks)
    results = record.results() + _missing(course, record, releases)
    results.sort(key=lambda result: (result["student"], result["assignment"]))
    _write(course.report / "results.json", json.dumps(results, indent=1, ensure_ascii=False))
    return results


def _all(course, record, pool, tasks):
    """Do all tasks; what an executor lost is done again, and what is lost twice is a grader error."""
    with tqdm(total=len(tasks), unit=" submissions", disable=not tasks) as bar:
        for last in (False,) * (AGAIN - 1) + (True,):
            futures = {pool.submit(engine.examine, task, found): (task, found, digest) for task, found, digest in tasks}
            tasks = []
            for future in as_completed(futures):
                task, found, digest = futures[future]
                try:
                    result = future.result()
                except Exception as error:  # noqa: BLE001 (the executor's: a process was killed, a cluster went away)
                    if not last:
                        tasks.append((task, found, digest))
                        continue
                    result = engine.without_marks(task, "grader_error", f"{type(error).__name__}: {error}")
                _finish(course, record, pool, result, found, digest)
                bar.update()
            if not tasks:
                return


def _finish(course, record, pool, result, found, digest):
    """The graded notebook, the marks, the page: in this order, so that what is in the gradebook is also on the disk."""
    name = f"{result.assignment}.ipynb"
    if result.notebook:
        _write(course.autograded / result.student / result.assignment / name, result.notebook)
    record.save(result, "" if result.state == "grader_error" else digest, found.timestamp)
    marks = record.marks(result.student, result.assignment)
    notebook = result.notebook or _refusal(result)
    _write(_page(course, result.student, result.assignment), feedback.page(notebook, result.assignment, marks))


def _refusal(result) -> str:
    reason = f"**Not graded ({result.state.replace('_', ' ')}).** {result.reason}"
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(reason, id="refused")]))


def _page(course, student, chapter) -> Path:
    return course.feedback / student / chapter / f"{chapter}.html"


def _write(path: Path, text: str) -> None:
    """The whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _digest(found, release, code) -> str:
    parts = (found.submission, found.refused.encode(), "\n".join(found.notes).encode(), release, code)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _code() -> bytes:
    """The grader and the exercises themselves: when they change, everything is graded again."""
    judges = (("course_lib", "**/*.py"), ("grader", "*.py"))
    files = sorted(path for package, pattern in judges for path in (library.ROOT / package).glob(pattern))
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).digest()


def _missing(course, record, releases) -> list[dict]:
    """An entry for each student of the class who has not handed a chapter in."""
    everybody = record.students() | set(collect.students(course.submitted))
    present = {(result["student"], result["assignment"]) for result in record.results()}
    return [
        engine.Result(student, chapter, "missing", "nothing was handed in", max_score=engine.points(release)).summary()
        for chapter, release in releases.items()
        for student in everybody
        if (student, chapter) not in present
    ]


def summary(results, protected=True) -> int:
    """One line per state, and every grader error. → exit status."""
    print(
        ", ".join(
            f"{count} {state.replace('_', ' ')}"
            for state, count in sorted(Counter(r["state"] for r in results).items())
        )
    )
    errors = [result for result in results if result["state"] == "grader_error"]
    for result in errors:
        print(f"grader error: {result['student']} {result['assignment']}: {result['reason']}", file=sys.stderr)
    if not protected:
        print("Graded without a sandbox.")
    return 1 if errors else 0
