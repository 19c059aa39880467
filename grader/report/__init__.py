"""`python -m grader report`: what a class did, for the teacher, and the same data for other systems."""

from __future__ import annotations

from grader import batch
from grader.report import exports, page, terminal
from grader.report.summary import summary


def main(args):
    """Write report/ of the course folder anew from its gradebook, with the marks that were given by hand since."""
    course = batch.Course(args.course)
    with course.record() as record:
        results, walls = batch.results(course, record), record.walls()
        people = record.people()
    if not results:
        raise SystemExit(f"{course.root}: nothing has been graded here yet. First: python -m grader grade")
    facts = summary(results)
    write(course, results, facts, protection(walls), people)
    print(terminal.table(facts))
    print(f"\nThe report: {course.report / 'index.html'}")


def write(course, results, facts, protected, people):
    """The page and the exports, beside results.json."""
    folder = course.report
    exports.write_csv(folder / "results.csv", results)
    exports.write_canvas(folder / "canvas.csv", results, people)
    exports.write_moodle(folder / "moodle.csv", results, people)
    exports.write_gradescope(folder / "gradescope", results)
    (folder / "index.html").write_text(
        page.page(facts, protected, lambda entry: feedback(course, entry)), encoding="utf-8"
    )


def feedback(course, entry) -> str:
    """The student's feedback page as seen from the report, or "" if there is none."""
    path = course.feedback / entry["student"] / entry["assignment"] / f"{entry['assignment']}.html"
    return f"../{path.relative_to(course.root).as_posix()}" if path.is_file() else ""


def protection(walls: set[tuple[str, ...]]) -> str:
    """One line on how the submissions were run."""
    if not walls:
        return "no submission was run."
    if () in walls:
        return "WITHOUT A SANDBOX (--no-sandbox): nothing protected this machine from students' code."
    each = " or ".join(", ".join(standing) for standing in sorted(walls))
    return f"in a sandbox without network and without this course's files; around each submission, {each}."
