"""`python -m grader report`: what a class did, for the teacher, and the same data for other systems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jupyter_server.serverapp import list_running_servers

from grader import batch
from grader.report import exports, page, terminal
from grader.report.summary import summary


def main(args):
    """Write report/ of the course folder anew from its gradebook, with the marks that were given by hand since."""
    course = batch.Course(args.course)
    with course.record() as record:
        results, walls = batch.results(course, record), record.walls()
        people, cells, pages = record.people(), record.cells(), record.pages()
    if not results:
        raise SystemExit(f"{course.root}: nothing has been graded here yet. First: python -m grader grade")
    facts, links = summary(results, cells), Links(course, args.jupyter or jupyter(course.root), pages)
    folder = course.report
    export(folder, results, people, cells)
    (folder / "index.html").write_text(page.page(facts, protection(walls), links), encoding="utf-8")
    print(terminal.table(facts))
    print(f"\nThe report: {folder / 'index.html'}")


def export(folder, results, people, cells):
    """The same data for other systems, beside results.json."""
    exports.write_csv(folder / "results.csv", results)
    exports.write_cells(folder / "cells.csv", cells)
    exports.write_canvas(folder / "canvas.csv", results, people)
    exports.write_moodle(folder / "moodle.csv", results, people)
    exports.write_gradescope(folder / "gradescope", results)


@dataclass(frozen=True)
class Links:
    """Where the report's links lead, from an entry of the results; "" where there is nothing to see."""

    course: batch.Course
    jupyter: str  # address of the Jupyter server that shows formgrader
    pages: dict  # (student, assignment) → the submission in the gradebook (`Record.pages`)

    def feedback(self, entry) -> str:
        """The page that the student gets, as seen from the report."""
        path = self.course.feedback / entry["student"] / entry["assignment"] / f"{entry['assignment']}.html"
        return f"../{quote(path.relative_to(self.course.root).as_posix())}" if path.is_file() else ""

    def formgrader(self, entry) -> str:
        """The submission in formgrader, open for marking."""
        shown = self.pages.get((entry["student"], entry["assignment"]))
        return f"{self.jupyter.rstrip('/')}/formgrader/submissions/{shown.id}/" if shown else ""


def jupyter(root) -> str:
    """The address of the Jupyter server that runs in the course folder; where none does, the one that Jupyter takes first."""
    running = {Path(server["root_dir"]).resolve(): server["url"] for server in list_running_servers()}
    return running.get(root, "http://localhost:8888/")


def protection(walls: set[tuple[str, ...]]) -> str:
    """One line on how the submissions were run."""
    if not walls:
        return "no submission was run."
    if () in walls:
        return "WITHOUT A SANDBOX (--no-sandbox): nothing protected this machine from students' code."
    each = " or ".join(", ".join(standing) for standing in sorted(walls))
    return f"in a sandbox without network and without this course's files; around each submission, {each}."
