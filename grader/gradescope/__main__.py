"""Inside Gradescope's container: `python -m grader.gradescope ROOT` grades the one submission that lies there."""

import argparse
import json
from pathlib import Path

from grader import collect, engine, sandbox
from grader.report.exports import gradescope


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
    results.write_text(json.dumps(gradescope([result.summary()], settings["visibility"]), indent=1), encoding="utf-8")
    print(f"{student}: {result.state}, {result.score:g} of {result.max_score:g}. {result.reason}")


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
