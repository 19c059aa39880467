"""Inside Gradescope's container: `python -m grader.gradescope ROOT` grades the one submission that lies there."""

import argparse
import json
from pathlib import Path

from grader import collect, engine, sandbox
from grader.report import protection
from grader.report.exports import gradescope

LOWERED = (
    "It ran as nobody: the judge's files and results.json were closed to it. The network was as Gradescope leaves it."
)
DANGER = (
    "This code could read the judge's own answers and this bundle's secret in /autograder/source, and write its own "
    "results.json. Look at the answers before these marks count, or grade the download with `python -m grader grade`."
)


def run(root: Path) -> None:
    """Grade `root`/submission and write `root`/results/results.json. What is printed only instructors see."""
    source, results = root / "source", root / "results" / "results.json"
    settings = json.loads((source / "settings.json").read_text())
    chapter, student = settings["chapter"], _student(root / "submission_metadata.json")
    notebook = source / "notebooks" / chapter / f"{chapter}.ipynb"
    seeds = collect.seeds(collect.secret(source), student, chapter)
    found = collect.look(root / "submission", student, chapter)
    task = engine.Task(student, chapter, found.submission, notebook.read_bytes(), seeds, _protected())
    result = engine.examine(task, found)
    if result.state == "grader_error":
        raise SystemExit(
            f"grader error: {result.reason}"
        )  # without results.json Gradescope shows that the autograder failed
    given = gradescope([result.summary()], settings["visibility"])
    given["tests"].append(_walls(result))
    results.write_text(json.dumps(given, indent=1), encoding="utf-8")
    print(f"{student}: {result.state}, {result.score:g} of {result.max_score:g}. {result.reason}")


def _walls(result) -> dict:
    """How the submission was run, among the tests of the result, where only instructors see it."""
    said = protection({result.walls} if result.exercises else set())
    bare = bool(result.exercises) and not result.walls
    if bare:
        said = f"Without a sandbox: Gradescope's container allows none. {LOWERED if sandbox.as_nobody() else DANGER}"
    return {
        "name": "For instructors: WITHOUT A SANDBOX" if bare else "For instructors: how it was run",
        "output": said,
        "visibility": "hidden",
    }


def _student(metadata: Path) -> str:
    """Gradescope's number of who handed in, so that everybody has test points of their own, the same each time."""
    users = json.loads(metadata.read_text())["users"] if metadata.is_file() else []
    return " ".join(sorted(str(user["id"]) for user in users)) or "student"


def _protected() -> bool:
    """Whether a sandbox stands inside Gradescope's container; that container serves one submission and is thrown away."""
    try:
        sandbox.available()
    except sandbox.NoSandbox as error:
        print(f"Graded without a sandbox of our own inside Gradescope's container: {error}")
        return False
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Grade one submission as Gradescope lays it out.")
    parser.add_argument("root", type=Path, help="the folder with source/, submission/, results/")
    run(parser.parse_args().root)
