"""Two walls that stand: tried from inside, as root and as an ordinary user."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from grader import doctor, library, sandbox
from grader.__main__ import main
from grader.session import Worker

WALLS = {"namespaces", "private folders", "limits"}


@pytest.fixture(scope="module")
def worker(require):
    require("bwrap")
    worker = Worker("03_dJ_dW")
    yield worker
    worker.stop()


@pytest.fixture
def inside(worker):
    """expression → its value (as JSON takes it), computed by a submission."""
    walls = worker.open(0)
    assert set(walls) >= WALLS

    def value(expression, before=""):
        ran = worker.run(f"import json, os, sys\n{before}\nprint(json.dumps({expression}))", 30.0)
        texts = [output.get("text") or output.get("evalue") for output in ran.outputs]
        assert ran.state == "done", ran.reason
        return json.loads(texts[-1])

    yield value
    worker.close()


def test_it_is_nobody_and_alone(inside):
    assert inside("[os.getuid(), os.getgid(), os.getpid()]") == [65534, 65534, 1]
    others = "[name for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]"
    assert inside(others) == []


def test_the_course_folder_is_not_there(inside, root):
    assert inside(f"os.path.exists({str(root / 'solutions')!r})") is False
    assert inside(f"os.path.exists({str(root / 'grader' / 'engine.py')!r})") is False
    assert inside("sorted(os.listdir('/course'))") == ["course_lib", "grader"]
    parts = set(inside("os.listdir('/course/course_lib')"))
    assert {"check.py", "respond.py", "wire.py"} <= parts
    assert not parts & {"exercises", "gradcheck.py", "attacks.py", "network.py", "reference.py"}


def test_only_private_folders_can_be_written_to(inside):
    attempt = """
def writes(folder):
    try:
        with open(os.path.join(folder, "new"), "w") as file:
            file.write("1")
        return True
    except OSError:
        return False
"""
    everywhere = (
        "[folder for folder, _, _ in os.walk('/') if not folder.startswith(('/usr', '/proc')) and writes(folder)]"
    )
    assert set(inside(everywhere, attempt)) == {"/tmp", "/dev/shm"}
    assert inside("[writes('/usr'), writes('/usr/bin'), writes('/proc')]", attempt) == [False, False, False]


def test_nothing_is_left_for_the_next(worker):
    for _ in range(2):
        worker.open(0)
        ran = worker.run("import os; print(os.listdir('/tmp')); open('/tmp/mine', 'w').close()", 30.0)
        assert ran.outputs[0]["text"] == "[]\n"
        worker.close()


def test_the_environment_is_cleared(inside, monkeypatch):
    known = {*sandbox.ENVIRONMENT, "PYTHONPATH", "PWD", "LC_CTYPE"}
    assert set(inside("list(os.environ)")) <= known


def test_no_capability_is_left(inside):
    def field(name):
        lines = "open('/proc/self/status').read().splitlines()"
        return f"[line.split()[1] for line in {lines} if line.startswith({name!r})] if os.path.exists('/proc/self') else ['0']"

    assert int(inside(field("CapEff"))[0], 16) == 0
    assert int(inside(field("CapPrm"))[0], 16) == 0


def test_there_is_no_network(inside):
    assert inside("[name for _, name in __import__('socket').if_nameindex()]") == ["lo"]


@pytest.mark.parametrize(
    ("chapter", "there"), [("01_notation", False), ("06_dJ_dX", False), ("07_adversarial", True), ("08_harden", True)]
)
def test_the_library_of_each_chapter(chapter, there, tmp_path):
    library.lay_out(chapter, tmp_path)
    parts = {path.name for path in (tmp_path / "course_lib").iterdir()}
    assert ("reference.py" in parts) is there
    assert not parts & {"exercises", "gradcheck.py", "attacks.py"}
    assert not list(tmp_path.rglob("engine.py"))


def test_the_worker_imports_nothing_of_the_judges_side(tmp_path):
    library.lay_out("08_harden", tmp_path)
    code = "import grader.worker, grader.shell, course_lib.check, course_lib.respond"
    subprocess.run([sys.executable, "-P", "-c", code], env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, check=True)


def test_grading_refuses_without_a_sandbox(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    sandbox.available.cache_clear()
    assert main(["grade", "--course", str(tmp_path)]) == 2
    assert "bubblewrap (bwrap) is not installed" in capsys.readouterr().err
    assert doctor.main() == 1
    assert "Grading refuses here" in capsys.readouterr().out
    sandbox.available.cache_clear()


def test_doctor_tries_each_wall(require, capsys):
    require("bwrap")
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(f"inner wall: {wall}" in said for wall in WALLS)
    assert "✗ inner wall: namespaces" not in said


@pytest.mark.skipif(os.getuid() != 0, reason="every other test here has already run as an ordinary user")
def test_an_ordinary_user_has_the_same_walls(require, tmp_path_factory, root):
    """Interpreters in root's home cannot be read by other accounts: this one takes the system's Python."""
    require("bwrap")
    python = "/usr/bin/python3"
    ask = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    version = subprocess.run(ask, capture_output=True, text=True, check=True)
    if version.stdout.split() != [str(part) for part in sys.version_info[:2]]:
        pytest.skip(f"{python} is another version than the one with the packages")
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    try:
        subprocess.run([python, "-m", "venv", "--without-pip", folder / "env"], check=True)
        packages = next((folder / "env" / "lib").iterdir()) / "site-packages"
        (packages / "these.pth").write_text(sysconfig.get_path("purelib"))
        folder.chmod(0o755)
        said = subprocess.run(
            [folder / "env/bin/python", "-m", "grader", "doctor"],
            cwd=root, user=65534, group=65534, extra_groups=[], env={"PATH": os.environ["PATH"]},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "user 65534" in said.stdout
    assert "✗" not in said.stdout.replace("✗ inner wall: Landlock", "")
