"""The autograder bundle, unpacked and run as Gradescope lays it out: source/, submission/, results/, run_autograder."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest

from course_lib import exercises
from grader import gradescope, sandbox
from grader.__main__ import main
from grader.samples.rows import rows
from grader.samples.students import filled, solved

CHAPTER = "01_notation"
WRONG = next(row for row in rows(CHAPTER) if row.kind == "wrong" and row.exercise == "cost")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def autograder(course, tmp_path_factory):
    """The folder that Gradescope calls /autograder, after setup.sh (whose environment is the one that runs the tests)."""
    root = tmp_path_factory.mktemp("autograder")
    assert main(["gradescope", CHAPTER, "--course", str(course), "--visibility", "after_due_date"]) == 0
    with zipfile.ZipFile(course / "build" / "gradescope" / f"{CHAPTER}.zip") as archive:
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        archive.extractall(root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "run_autograder").chmod(0o755)
    (root / "python").symlink_to(sys.prefix)
    (root / "results").mkdir()
    return root


def graded(root, content: bytes, filename=f"{CHAPTER}.ipynb"):
    """Hand in one file, run the autograder from another folder. → results.json, what it printed."""
    shutil.rmtree(root / "submission", ignore_errors=True)
    (root / "submission").mkdir()
    (root / "submission" / filename).write_bytes(content)
    users = [{"id": 12345, "email": "ada@example.org", "name": "Ada"}]
    (root / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": users}))
    done = subprocess.run([root / "run_autograder"], cwd="/", capture_output=True, text=True, check=True)
    return json.loads((root / "results" / "results.json").read_text()), done.stdout


@pytest.fixture(scope="module")
def released(root):
    return nbformat.read(root / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)


def test_a_submission_gets_its_results(autograder, released):
    answers = solved(CHAPTER) | {"cost": WRONG.source}
    results, said = graded(autograder, filled(released, answers), "my notebook.ipynb")
    worth = {exercise.name: exercise.points for exercise in exercises.chapters()[CHAPTER]}
    assert results["score"] == sum(worth.values()) - worth["cost"]
    *tests, walls = results["tests"]
    assert [test["max_score"] for test in tests] == list(worth.values())
    assert (walls["name"], walls["visibility"]) == ("For instructors: how it was run", "hidden")
    assert "in a sandbox without network" in walls["output"]
    assert (results["visibility"], results["stdout_visibility"]) == ("after_due_date", "hidden")
    failed = [test for test in tests if test["status"] == "failed"]
    assert len(failed) == 1
    assert WRONG.name in failed[0]["output"]
    assert "my notebook.ipynb" in results["output"]
    assert said.startswith("12345: graded")


def test_a_broken_file_says_so_to_its_owner(autograder):
    results, _ = graded(autograder, b"{")
    assert results["score"] == 0
    assert [test["output"] for test in results["tests"]] == ["no submission was run."]
    assert "refused" in results["output"]


def test_without_a_sandbox_instructors_are_told(autograder, released, monkeypatch, tmp_path):
    """As in a container that allows no user namespaces: no bubblewrap that works."""
    (tmp_path / "bwrap").symlink_to(shutil.which("false"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    results, said = graded(autograder, filled(released, solved(CHAPTER)))
    walls = results["tests"][-1]
    assert (walls["name"], walls["visibility"]) == ("For instructors: WITHOUT A SANDBOX", "hidden")
    assert "write its own results.json" in walls["output"]  # pytest's folders are closed to nobody: it stays who it is
    assert "without a sandbox" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody; others stay who they are")
def test_as_root_without_a_sandbox_the_worker_is_nobody(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "PACKAGES", ("json",))
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")  # the system's own, which everybody may run
    prefix = sandbox.as_nobody.__wrapped__()
    hidden = tmp_path / "secret"
    hidden.write_text("")
    hidden.chmod(0o600)
    assert subprocess.run([*prefix, "id", "-u"], capture_output=True, text=True, check=True).stdout == "65534\n"
    assert subprocess.run([*prefix, "cat", hidden], capture_output=True, check=False).returncode
    monkeypatch.setattr(sys, "executable", "/usr/bin/false")  # as an interpreter in root's home, closed to nobody
    assert sandbox.as_nobody.__wrapped__() == ()


def test_the_courses_secret_stays_at_home(autograder, course):
    own, secret = (folder / "gradebook.secret" for folder in (autograder / "source", course))
    assert own.read_bytes() == gradescope.own_secret(secret.read_bytes(), CHAPTER) != secret.read_bytes()
    assert own.read_bytes() != gradescope.own_secret(secret.read_bytes(), "03_dJ_dW")


def test_no_solution_is_in_the_bundle_and_every_build_is_the_same(autograder, tmp_path):
    files = [path for path in (autograder / "source").rglob("*") if path.is_file()]
    assert not [path for path in files if "solutions" in path.parts or "BEGIN SOLUTION" in _text(path, ".ipynb")]
    (tmp_path / "gradebook.secret").write_bytes((autograder / "source" / "gradebook.secret").read_bytes())
    built = []
    for _ in range(2):
        main(["gradescope", CHAPTER, "--course", str(tmp_path)])
        built.append((tmp_path / "build" / "gradescope" / f"{CHAPTER}.zip").read_bytes())
    assert built[0] == built[1]


def _text(path, suffix):
    return path.read_text(encoding="utf-8") if path.suffix == suffix else ""


def test_the_setup_script_is_sound_and_names_files_of_the_bundle(autograder):
    source = autograder / "source"
    subprocess.run(["bash", "-n", source / "setup.sh"], check=True)
    assert "-c constraints.txt -e ." in (source / "setup.sh").read_text()
    for name in ("constraints.txt", "pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        assert (source / name).is_file()


def test_an_unknown_chapter_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="not all of these exist"):
        main(["gradescope", "99", "--course", str(tmp_path)])
