"""`nbgrader autograde` and formgrader's Autograde button, unmodified, with our repair, sandbox, verdicts and record.

nbgrader runs two lists of preprocessors over a submission; nbgrader_config.py puts `Repair` into the first, in place of
its own sanitising, and `Grade` into the second, in place of executing the notebook and reading marks out of its outputs.
"""

from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor


class Repair(NbGraderPreprocessor):
    """The submission as `repair` reads it: cells of the release, answers of the student."""

    def preprocess(self, nb, resources):
        from grader import page
        from grader.repair import repair

        course, about = _course(resources), resources["nbgrader"]
        path = Path(resources["metadata"]["path"], f"{resources['metadata']['name']}.ipynb")
        repaired = repair(path.read_bytes(), course.release(about["assignment"]))
        return nbformat.reads(page.notebook(repaired, {}, {}, {}), as_version=4), resources


class Grade(NbGraderPreprocessor):
    """Run in the sandbox, verify outside it, write marks and comments into the gradebook."""

    def preprocess(self, nb, resources):
        from grader import collect, engine, sandbox

        sandbox.available()  # refuses, and says why, where there is none
        course, about = _course(resources), resources["nbgrader"]
        student, assignment = about["student"], about["assignment"]
        seeds = collect.seeds(collect.secret(course.root), student, assignment)
        submission = nbformat.writes(nb).encode()
        result = engine.grade(engine.Task(student, assignment, submission, course.release(assignment), seeds))
        if result.state != "graded":
            raise RuntimeError(f"{student}, {assignment}: {result.state}: {result.reason}")
        found = collect.find(course.submitted, student, assignment)
        with course.record(about["db_url"]) as record:
            record.save(result, "by nbgrader autograde", found and found.timestamp)
        return nbformat.reads(result.notebook, as_version=4), resources


def _course(resources):
    """The course folder that holds submitted/<student>/<assignment> and autograded/<student>/<assignment>."""
    from grader.batch import Course

    return Course(Path(resources["metadata"]["path"]).resolve().parents[2])
