"""`python -m grader grade`: every submission ends in a state, whatever the others do."""

from __future__ import annotations

import functools
import hashlib
import json
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from tqdm import tqdm
from traitlets.config import PyFileConfigLoader

from course_lib import exercises
from grader import collect, engine, feedback, flow, library, sandbox, walls
from grader.record import Record


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
    known = exercises.chapters()
    chapters = [name for name in known if {name, name[:2]} & set(args.chapters)] or collect.chapters(course.submitted)
    if unknown := [name for name in args.chapters if not any(name in (chapter, chapter[:2]) for chapter in known)]:
        print(f"Unknown chapter {', '.join(unknown)}; the course has {', '.join(known)}.", file=sys.stderr)
        return 2
    if not chapters:
        print(f"Nothing to grade: {course.submitted} holds no chapter of this course.", file=sys.stderr)
        return 2
    with course.record() as record:
        pool = functools.partial(executor, args.workers, args.dask)
        results = grade(course, chapters, record, pool, protected=protected, force=args.force)
    pages = [result for result in results if result["assignment"] in chapters and result["state"] != "missing"]
    unpublished = [result for result in pages if not _page(course, result["student"], result["assignment"]).is_file()]
    return summary(results, protected, unpublished)


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

    def record(self, url: str | None = None) -> Record:
        return Record(url or self.folders.db_url, self.folders.course_id or "default_course", self.late)

    def release(self, chapter: str) -> bytes:
        """The released notebook: the course folder's own, or the one that this checkout was built with."""
        own = self._path(self.folders.release_directory) / chapter / f"{chapter}.ipynb"
        return (own if own.is_file() else library.ROOT / "notebooks" / chapter / f"{chapter}.ipynb").read_bytes()


@contextmanager
def executor(workers: int, dask: str | None = None):
    """Where tasks are done: processes on this machine, or the workers of a Dask scheduler."""
    if dask:
        from distributed import Client

        with Client(dask) as client, client.get_executor(pure=False) as pool:
            yield pool
    else:
        os.environ.update(sandbox.THREADS)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=walls.die_with_parent) as pool:
            yield pool


@dataclass(frozen=True)
class Item:
    """One submission to grade, and the digest of all that its verdicts depend on."""

    task: engine.Task
    found: collect.Found
    digest: str


def grade(course, chapters, record, open_executor, *, protected=True, force=False) -> list[dict]:
    """Grade what has changed since it was graded. → every result of the course, as in results.json."""
    releases = {chapter: course.release(chapter) for chapter in chapters}
    for chapter, release in releases.items():
        record.release(chapter, nbformat.reads(release.decode(), as_version=4))
    places = [(student, chapter) for chapter in chapters for student in collect.students(course.submitted)]
    with tqdm(total=len(places), unit=" submissions", disable=not places) as bar:
        items = _items(course, record, releases, places, protected, force, bar)
        finish = functools.partial(_finish, course, record, bar)

        def lost(item, error):
            reason = f"{type(error).__name__}: {error}"
            finish(item, engine.without_marks(item.task, "grader_error", reason), None)

        flow.run(open_executor, _order, items, finish, lost)
    return results(course, record, chapters)


def results(course, record, chapters=()) -> list[dict]:
    """Every result of the course, as it is written into results.json: one for each student and chapter.

    Chapters are those that were ever graded, and `chapters`; who has handed nothing in is `missing`.
    """
    known = {(result["student"], result["assignment"]): result for result in record.results()}
    everybody = sorted(record.students() | set(collect.students(course.submitted)))
    worth = {name: engine.points(course.release(name)) for name in sorted({*chapters, *(name for _, name in known)})}
    entries = [
        known.get((student, name)) or _missing(student, name, points)
        for student in everybody
        for name, points in worth.items()
    ]
    _write(course.report / "results.json", json.dumps(entries, indent=1, ensure_ascii=False))
    return entries


def _missing(student, chapter, points) -> dict:
    return engine.Result(student, chapter, "missing", "nothing was handed in", max_score=points).summary()


def _items(course, record, releases, places, protected, force, bar):
    """What has to be graded; read one by one, so that memory stays flat."""
    key, done, code = collect.secret(course.root), {} if force else record.digests(), _code()
    for student, chapter in places:
        found = collect.find(course.submitted, student, chapter)
        digest = found and _digest(found, releases[chapter], code)
        if found is None or (done.get((student, chapter)) == digest and _page(course, student, chapter).is_file()):
            bar.update()
            continue
        seeds = collect.seeds(key, student, chapter)
        task = engine.Task(student, chapter, found.submission, releases[chapter], seeds, protected)
        yield Item(task, replace(found, submission=b""), digest)


def _order(pool, item):
    # Only what `engine` defines travels: an executor's processes need not import nbgrader, which takes seconds.
    return pool.submit(engine.examine, item.task, item.found)


def _finish(course, record, bar, item, result, pool):
    """The graded notebook, the marks, the page: in this order, so that what is in the gradebook is also on the disk."""
    if result.notebook:
        _write(course.autograded / result.student / result.assignment / f"{result.assignment}.ipynb", result.notebook)
    record.save(result, "" if result.state == "grader_error" else item.digest, item.found.timestamp)
    marks = record.marks(result.student, result.assignment)
    path = _page(course, result.student, result.assignment)
    _receipts(course.submitted / result.student / result.assignment, path.parent)
    arguments = (result.notebook or _refusal(result), result.assignment, marks)
    path.unlink(missing_ok=True)  # the page of other marks: without it, what was not finished is graded again
    try:  # a page takes longer than the marks: the executor makes it, where there is one that lives
        made = pool and pool.submit(feedback.page, *arguments)
    except RuntimeError:
        made = None
    if made:
        made.add_done_callback(functools.partial(_publish, path, arguments))
    else:
        _publish(path, arguments)
    bar.update()


def _receipts(submission: Path, feedback: Path) -> None:
    """nbgrader's exchange hands feedback back to whoever has the submission's secret: that must lie beside the page."""
    for name in ("timestamp.txt", "submission_secret.txt"):
        if (submission / name).is_file() and not (submission / name).is_symlink():
            _write(feedback / name, (submission / name).read_text(encoding="utf-8", errors="replace")[:1000])


def _publish(path, arguments, future=None):
    """Write a page; made here where the executor did not. One that cannot be made is missed by `summary`."""
    try:
        _write(path, feedback.page(*arguments) if future is None or future.exception() else future.result())
    except Exception as error:  # noqa: BLE001 (a page never stops the batch)
        tqdm.write(f"no feedback page {path}: {type(error).__name__}: {error}", file=sys.stderr)


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
    about = "\n".join([found.refused, str(found.timestamp or ""), *found.notes])
    parts = (found.submission, about.encode(), release, code)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _code() -> bytes:
    """The grader and the exercises themselves: when they change, everything is graded again."""
    judges = (("course_lib", "**/*.py"), ("grader", "*.py"))
    files = sorted(path for package, pattern in judges for path in (library.ROOT / package).glob(pattern))
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).digest()


def summary(results, protected=True, unpublished=()) -> int:
    """One line per state, every grader error, and who has no feedback page. → exit status."""
    print(
        ", ".join(
            f"{count} {state.replace('_', ' ')}"
            for state, count in sorted(Counter(r["state"] for r in results).items())
        )
    )
    errors = [result for result in results if result["state"] == "grader_error"]
    for result in errors:
        print(f"grader error: {result['student']} {result['assignment']}: {result['reason']}", file=sys.stderr)
    for result in unpublished:
        print(f"grader error: {result['student']} {result['assignment']}: no feedback page was made", file=sys.stderr)
    if not protected:
        print("Graded without a sandbox.")
    return 1 if errors or unpublished else 0
