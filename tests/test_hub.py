"""A course on a hub: release, fetch, submit, collect, grade, feedback, between real accounts, with the recipe's own files."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import miniature as mini
import pytest
import requests

from grader.__main__ import main

TOKEN = "for-this-test-only"
TEACHER, ADA, BOB = "djdx-teacher", "djdx-ada", "djdx-bob"
NAME = mini.ASSIGNMENT
WRONG = mini.answered(dJ_dW="def dJ_dW(delta, a_prev):\n    return delta @ a_prev.T * 2")

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can make accounts and start servers for them")


@pytest.fixture(scope="module")
def place():
    """A folder that every account may enter; pytest's own is root's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def accounts():
    remove_accounts()  # a run that was killed leaves them behind
    for name in (TEACHER, ADA, BOB):
        subprocess.run(
            ["useradd", "--create-home", "--key", "HOME_MODE=0700", "--shell", "/bin/bash", name], check=True
        )
    yield
    remove_accounts()


def remove_accounts():
    for name in (TEACHER, ADA, BOB):
        subprocess.run(["userdel", "--force", "--remove", name], check=False, capture_output=True)


@pytest.fixture(scope="module")
def python(place, root):
    """(an interpreter that every account may run, its environment). One in root's home is replaced by the system's."""
    settings = place / "jupyter"
    settings.mkdir()
    recipe = (root / "docs" / "hub" / "nbgrader_config.py").read_text()
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    (settings / "nbgrader_config.py").write_text(recipe.replace("/srv/nbgrader/exchange", str(exchange)))
    environment = {
        "JUPYTER_CONFIG_PATH": f"{settings}:{sys.prefix}/etc/jupyter",
        "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
        "PYTHONPATH": f"{root}:{sysconfig.get_path('purelib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
    }
    for python in (sys.executable, "/usr/bin/python3"):
        # As nobody: whether it starts, and whether it is the version that the packages are made for.
        version = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            check=False, capture_output=True, text=True, user=65534, cwd="/",
        ) if _runs(python) else None  # fmt: skip
        if version and version.stdout.split() == [str(part) for part in sys.version_info[:2]]:
            return python, environment | {"PATH": f"{programs(place, python)}:{environment['PATH']}"}
    pytest.skip("no interpreter here has the packages and can be run by other accounts")


def programs(place, python):
    """nbgrader calls `alembic` by its bare name: the one in the environment starts root's interpreter."""
    folder = place / "bin"
    folder.mkdir()
    (folder / "alembic").write_text(f'#!/bin/sh\nexec {python} -m alembic.config "$@"\n')
    (folder / "alembic").chmod(0o755)
    return folder


def _runs(python):
    return subprocess.run(["test", "-x", python], check=False, user=65534, cwd="/").returncode == 0


@pytest.fixture(scope="module")
def hub(place, accounts, python, require, root):
    """Address of a hub with the configuration of docs/hub, but for the login and the ports."""
    require("jupyterhub")
    proxy = require("configurable-http-proxy")
    ports = free_ports(3)
    config = place / "test_config.py"
    config.write_text(
        f"load_subconfig({str(root / 'docs' / 'hub' / 'jupyterhub_config.py')!r})\n"
        "c = get_config()\n"
        "c.JupyterHub.authenticator_class = 'dummy'\n"
        f"c.Authenticator.allowed_users = {{{TEACHER!r}, {ADA!r}, {BOB!r}}}\n"
        "c.Authenticator.admin_users = set()\n"
        f"c.JupyterHub.bind_url = 'http://127.0.0.1:{ports[0]}'\n"
        f"c.JupyterHub.hub_port = {ports[1]}\n"
        f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{ports[2]}'\n"
        f"c.ConfigurableHTTPProxy.command = [{proxy!r}]\n"
        f"c.Spawner.cmd = [{python[0]!r}, '-m', 'jupyterhub.singleuser']\n"
        f"c.Spawner.environment |= {python[1]!r}\n"
        f"c.JupyterHub.services = [{{'name': 'test', 'api_token': {TOKEN!r}}}]\n"
        "scopes = ['admin:users', 'admin:servers', 'tokens', 'access:servers']\n"
        "c.JupyterHub.load_roles = [{'name': 'test', 'services': ['test'], 'scopes': scopes}]\n"
    )
    log = (place / "log").open("w")
    # A node that is not Debian's own does not look where Debian's packages lie.
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", config],
        cwd=place,
        stdout=log,
        stderr=log,
        env=os.environ | {"NODE_PATH": "/usr/share/nodejs"},
    )
    try:
        address = f"http://127.0.0.1:{ports[0]}"
        wait(lambda: requests.get(f"{address}/hub/api", timeout=5).ok, process, place / "log")
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait(ready, process, log, seconds=120):
    """Until it answers; what a program said before it ended is the failure's text."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            if ready():
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text())


class Student:
    """A student's own server on the hub, spoken to with the student's own token."""

    def __init__(self, hub, name, log):
        self.name, self.hub, self.log, service = name, hub, log, {"Authorization": f"token {TOKEN}"}
        ask = lambda method, path: requests.request(
            method, f"{hub}/hub/api/users/{name}{path}", headers=service, timeout=60
        )
        assert ask("POST", "/server").status_code in (201, 202)
        until = time.monotonic() + 120
        while not ask("GET", "").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until, "the student's server did not start"
            time.sleep(0.5)
        self.headers = {"Authorization": f"token {ask('POST', '/tokens').json()['token']}"}

    def nbgrader(self, action):
        """A button of nbgrader's Assignment List."""
        address = f"{self.hub}/user/{self.name}/assignments/{action}"
        form = {"course_id": "djdx", "assignment_id": NAME}
        answer = requests.post(address, data=form, headers=self.headers, timeout=120)
        assert answer.ok, answer.text
        assert answer.json()["success"], answer.text

    def save(self, notebook: bytes):
        """What JupyterLab does when the student saves."""
        address = f"{self.hub}/user/{self.name}/api/contents/{NAME}/{mini.FILE}"
        body = {"type": "notebook", "format": "json", "content": json.loads(notebook)}
        answer = requests.put(address, json=body, headers=self.headers, timeout=60)
        assert answer.ok, answer.text

    def feedback(self):
        home = Path(pwd.getpwnam(self.name).pw_dir)
        pages = list((home / NAME / "feedback").rglob("*.html"))
        assert len(pages) == 1, (self.log.read_text(), sorted(home.rglob("*")))
        [page] = pages
        assert page.stat().st_uid == pwd.getpwnam(self.name).pw_uid
        return page.read_text()


def as_account(name, python, *command, folder=None, check=True):
    account = pwd.getpwnam(name)
    environment = python[1] | {"HOME": account.pw_dir, "USER": name, "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=folder or account.pw_dir, env=environment, check=False, capture_output=True, text=True,
        user=account.pw_uid, group=account.pw_gid, extra_groups=[],
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def teacher(accounts, python, root):
    """`teacher("grade")`: a command in the course folder, under the teacher's account."""
    account = pwd.getpwnam(TEACHER)
    course = Path(account.pw_dir) / "course"
    release = course / "notebooks" / NAME / mini.FILE
    release.parent.mkdir(parents=True)
    release.write_bytes(mini.RELEASE)
    shutil.copy(root / "nbgrader_config.py", course)
    for path in [course, *course.rglob("*")]:
        os.chown(path, account.pw_uid, account.pw_gid)

    def teacher(module, *arguments):
        return as_account(TEACHER, python, python[0], "-m", module, *arguments, folder=course).stdout

    return teacher


def grade():
    """By root, with the interpreter that runs the tests, in the teacher's folder: the system's own may be too old for pages."""
    account = pwd.getpwnam(TEACHER)
    course = Path(account.pw_dir) / "course"
    assert main(["grade", "--course", str(course), "--workers", "1"]) == 0
    for path in course.rglob("*"):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def test_release_fetch_submit_collect_grade_feedback(hub, teacher, python, place, require):
    require("bwrap")
    teacher("nbgrader", "db", "assignment", "add", NAME)
    teacher("nbgrader", "release_assignment", NAME)
    students = {
        ADA: (Student(hub, ADA, place / "log"), mini.answered()),
        BOB: (Student(hub, BOB, place / "log"), WRONG),
    }
    for student, notebook in students.values():
        student.nbgrader("fetch")
        student.save(notebook)
        student.nbgrader("submit")
    teacher("nbgrader", "collect", NAME)
    grade()
    teacher("nbgrader", "release_feedback", NAME)
    for student, _ in students.values():
        student.nbgrader("fetch_feedback")
    ada, bob = (student.feedback() for student, _ in students.values())
    assert "Cause: factor 2" in bob
    assert "Cause: factor 2" not in ada
    inbound = place / "exchange" / "djdx" / "inbound"
    assert as_account(BOB, python, "ls", inbound, check=False).returncode != 0  # nobody sees who else has submitted
    assert as_account(BOB, python, "ls", pwd.getpwnam(TEACHER).pw_dir + "/course", check=False).returncode != 0


def test_a_student_cannot_enter_another_students_server(hub, teacher):
    service = {"Authorization": f"token {TOKEN}"}
    token = requests.post(f"{hub}/hub/api/users/{BOB}/tokens", headers=service, timeout=60).json()["token"]
    bobs = {"Authorization": f"token {token}"}
    answer = requests.get(f"{hub}/user/{ADA}/api/contents", headers=bobs, timeout=60)
    assert answer.status_code == 403
