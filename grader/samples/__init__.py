"""`python -m grader demo`: a sample class with planted mistakes, graded end to end as an instructor would.

A later chapter joins by one more file of rows in this folder.
"""

import shutil
from pathlib import Path

COURSE = Path("build/demo")


def main(args) -> int:
    """Make the class anew in build/demo, grade it for real, report, and compare what was planted with what was found."""
    from grader import __main__ as command
    from grader import release
    from grader.samples import rows, students

    shutil.rmtree(COURSE, ignore_errors=True)
    COURSE.mkdir(parents=True)
    shutil.copy(release.ROOT / "nbgrader_config.py", COURSE)
    chapters = rows.chapters()
    release.release(COURSE, chapters)
    handed_in = students.sample_class(COURSE / "notebooks", chapters)
    for submission in handed_in:
        submission.write(COURSE / "submitted")
    graded = command.main(["grade", "--course", str(COURSE)])
    reported = command.main(["report", "--course", str(COURSE)])
    return graded or reported
