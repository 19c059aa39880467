"""The command line: `python -m grader COMMAND`. Each command imports its module only when it is asked for."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

MODULES = {
    "release": "release",
    "grade": "batch",
    "report": "report",
    "demo": "samples",
    "explain": "explain",
    "doctor": "doctor",
    "site": "site",
    "gradescope": "gradescope",
    "new": "new",
    "similar": "similar",
}


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(
        prog="python -m grader", description="Release chapters, grade a class, report on it."
    )
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")
    writing(commands)
    grading(commands)
    reporting(commands)
    return main


def writing(commands):
    release = commands.add_parser("release", help="build the notebooks of chapters from their text sources")
    release.add_argument("chapters", nargs="*", metavar="CHAPTER", help="such as 03_dJ_dW; default: all")
    release.add_argument(
        "--check",
        action="store_true",
        help="build nothing; look for missing hints and stubs, leaked solutions, checks that can be fooled",
    )

    new = commands.add_parser("new", help="lay out a new exercise that works, to be changed into yours")
    new.add_argument("what", choices=["exercise"])
    new.add_argument("name", metavar="NAME")
    new.add_argument("--chapter", required=True, metavar="NN")
    commands.add_parser("site", help="build the course as a static site for reading, in build/site")


def grading(commands):
    grade = commands.add_parser("grade", help="grade submissions: repair, run in a sandbox, verify, record, feedback")
    grade.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="such as 03_dJ_dW; default: all that were submitted"
    )
    course(grade)
    grade.add_argument(
        "--submitted",
        type=Path,
        metavar="DIR",
        help="submissions, DIR/<student>/<chapter>/ (default: COURSE/submitted)",
    )
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    grade.add_argument(
        "--workers", type=int, default=workers, metavar="N", help=f"submissions at a time (default: {workers})"
    )
    grade.add_argument("--dask", metavar="ADDRESS", help="send the work to the Dask scheduler at this address")
    unsafe(grade)
    grade.add_argument("--force", action="store_true", help="grade again what has not changed since it was graded")

    explain = commands.add_parser("explain", help="run one submission again and print all evidence on one exercise")
    explain.add_argument("student", metavar="STUDENT")
    explain.add_argument("exercise", metavar="EXERCISE")
    course(explain)
    unsafe(explain)

    commands.add_parser(
        "doctor", help="say what protection this machine offers against submissions, and how to get the rest"
    )


def reporting(commands):
    report = commands.add_parser("report", help="write the report on a graded class")
    course(report)
    report.add_argument(
        "--jupyter",
        metavar="ADDRESS",
        help="where formgrader's links lead (default: the Jupyter server that runs in the course folder)",
    )
    commands.add_parser("demo", help="grade a sample class with planted mistakes, end to end")

    gradescope = commands.add_parser("gradescope", help="build an autograder for Gradescope (a zip) of one chapter")
    gradescope.add_argument("chapter", metavar="CHAPTER", help="such as 03_dJ_dW")
    visibility = ("visible", "after_due_date", "after_published", "hidden")
    gradescope.add_argument(
        "--visibility", choices=visibility, default="visible", help="when students see their results"
    )
    course(gradescope)

    similar = commands.add_parser("similar", help="pairs of submissions whose answers are unusually alike: a hint only")
    similar.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: all that were submitted")
    course(similar)


def course(command):
    command.add_argument(
        "--course",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder with nbgrader_config.py, gradebook.db, submitted/ (default: here)",
    )


def unsafe(command):
    command.add_argument(
        "--no-sandbox", action="store_true", help="run students' code on this machine without any protection"
    )


def main(arguments=None) -> int:
    args = parser().parse_args(arguments)
    return import_module(f"grader.{MODULES[args.command]}").main(args) or 0


if __name__ == "__main__":
    sys.exit(main())
