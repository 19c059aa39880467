"""The house keeps its order: imports go one way, each outside package has its rooms, and the linter has nothing to say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for name in ("course_lib", "grader", "solutions")
    for path in (ROOT / name).rglob("*.py")
)
STUDENTS = ("check", "card", "progress", "respond", "wire", "functions", "data", "widgets")  # what a submission sees
JUDGES = ("course_lib.exercises", "course_lib.gradcheck", "course_lib.attacks")
# Package → the folders or files that may import it.
ROOMS = {
    "matplotlib": ("course_lib/figures/", "course_lib/widgets.py", "grader/shell.py", "grader/worker.py"),
    "anywidget": ("course_lib/slider.py",),
    "nbgrader": ("grader/",),
    "nbformat": ("grader/",),
    "nbclient": ("grader/",),
    "jupytext": ("grader/",),
    "sqlalchemy": ("grader/record.py", "grader/report/"),
    "distributed": ("grader/",),
    "scipy": ("course_lib/interop.py",),
    "torch": (),
    "pickle": (),
}


def imports(file, *, top_level=False):
    """Full names of what a file imports; with top_level, only what is imported as soon as the file is."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("file", FILES)
def test_mathematics_then_exercises_then_grader(file):
    names = set(imports(file))
    assert not any(below(name, ("tests", "solutions", "notebooks", "benchmarks")) for name in names)
    if not file.startswith("grader/"):
        assert not any(below(name, ("grader",)) for name in names)
    if file.startswith("course_lib/") and not file.startswith("course_lib/exercises/"):
        at_once = set(imports(file, top_level=True))
        assert not any(below(name, ("course_lib.exercises",)) for name in at_once), (
            "the judge's side is imported only to judge"
        )
    if file.removeprefix("course_lib/").removesuffix(".py") in STUDENTS or file.startswith("course_lib/figures/"):
        assert not any(below(name, JUDGES) for name in set(imports(file, top_level=True)))


@pytest.mark.parametrize("file", FILES)
def test_each_package_stays_in_its_rooms(file):
    used = {name.partition(".")[0] for name in imports(file)}
    for package, rooms in ROOMS.items():
        assert package not in used or file.startswith(rooms), f"{package} is used in {file}"
    if file.startswith("solutions/"):
        allowed = {"course_lib", "numpy", "contextlib", "functools", "importlib", "itertools", "math", "os", "time"}
        assert used <= allowed, used - allowed


def test_no_path_is_deeper_than_three_folders():
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.ipynb", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    ours = [path for path in tracked.stdout.split() if not path.startswith("tests/submissions/")]
    assert not [path for path in ours if path.count("/") > 3]


def test_the_linter_has_nothing_to_say():
    ruff = [sys.executable, "-m", "ruff"]
    for command in ([*ruff, "check", "--quiet", "."], [*ruff, "format", "--check", "--quiet", "."]):
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout
