"""The outer wall, around each worker: bubblewrap. No network, a read-only system, a private /tmp, no course folder.

Nothing of the instructor's machine is in there but the operating system's programs, Python with its packages, and the
student library. The environment is cleared.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

NOBODY = "65534"
PACKAGES = ("numpy", "matplotlib", "matplotlib_inline", "IPython", "traitlets")
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
ENVIRONMENT = THREADS | {
    "HOME": "/tmp",
    "IPYTHONDIR": "/tmp/ipython",
    "LANG": "C.UTF-8",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every run
    "PATH": "/usr/bin:/bin",
}
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
PRIVATE = ("/tmp", "/dev/shm")  # each submission has its own
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/ssl/openssl.cnf")
LAST = ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--clearenv")
ADVICE = "Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap), or see `python -m grader doctor`"


class NoSandbox(RuntimeError):
    """This machine offers no protection against submissions; the text says what is missing."""


def command(library: Path, protected: bool = True) -> tuple[list[str], dict[str, str]]:
    """Command line and environment of a worker whose library is laid out in `library`. Raises NoSandbox."""
    python = [sys.executable, "-s", "-P", "-m", "grader.worker"]
    if not protected:
        (library / "private").mkdir(exist_ok=True)
        (library / "private").chmod(0o1777)
        python = [*as_nobody(), *python]
        own = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join([str(library), *_packages()]),
            "HOME": str(library),
        }
        private = {key: str(library / "private") for key in ("MPLCONFIGDIR", "IPYTHONDIR")}
        return python, ENVIRONMENT | own | private
    bwrap = available()
    python[0] = str(_inside(python[0]))
    path = os.pathsep.join(["/course", *map(str, map(_inside, _packages()))])
    settings = [item for key, value in {**ENVIRONMENT, "PYTHONPATH": path}.items() for item in ("--setenv", key, value)]
    return [
        bwrap,
        *_walls(),
        *_system(),
        *_python(),
        "--ro-bind",
        str(library),
        "/course",
        *LAST,
        *settings,
        *python,
    ], {}


@functools.cache
def as_nobody() -> tuple[str, ...]:
    """Without a sandbox, as root: what starts the worker as nobody, to whom root's files are closed. Nothing where that fails."""
    path = shutil.which("setpriv")
    if os.getuid() != 0 or path is None:
        return ()
    prefix = (path, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
    trial = [
        *prefix,
        sys.executable,
        "-s",
        "-P",
        "-c",
        f"import {', '.join(PACKAGES)}",
    ]  # an interpreter in root's home is closed too
    environment = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(_packages())}
    return () if subprocess.run(trial, env=environment, check=False, capture_output=True).returncode else prefix


def _walls():
    """As root without a user namespace of its own: the worker itself then becomes nobody, whom all limits bind."""
    if os.getuid() == 0:
        yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield from ("--unshare-all", "--uid", NOBODY, "--gid", NOBODY)
    yield from ("--die-with-parent", "--new-session", "--hostname", "sandbox")


def _system():
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            yield from ("--symlink", os.readlink(folder), str(folder))
        elif folder.exists():
            yield from ("--ro-bind", str(folder), str(folder))
    for path in SETTINGS:
        yield from ("--ro-bind-try", path, path)
    yield from ("--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp")


def _python():
    """The interpreter and its packages; of an installed copy of this course nothing is left to see."""
    for path in _prefixes():
        for folder in reversed(_inside(path).parents[:-1]):  # left to itself, bubblewrap makes them for root alone
            yield from ("--perms", "0755", "--dir", str(folder))
        yield from ("--ro-bind", str(path), str(_inside(path)))
    packages = _inside(sysconfig.get_path("purelib"))
    for name in ("course_lib", "grader"):
        if (Path(sysconfig.get_path("purelib")) / name).is_dir():
            yield from ("--tmpfs", str(packages / name))


def _inside(path) -> Path:
    """Where a path of this machine lies in the sandbox: a submission's own /tmp would hide an environment in /tmp."""
    path = Path(path)
    return Path("/python", *path.parts[1:]) if any(path.is_relative_to(folder) for folder in PRIVATE) else path


def _prefixes() -> list[Path]:
    """Where Python and the packages lie, if not in the system's own folders: an environment, a user's packages."""
    homes = [Path(sys.base_prefix), Path(sys.prefix), *map(Path, _packages())]
    return [path for path in dict.fromkeys(homes) if not any(path.is_relative_to(folder) for folder in SYSTEM)]


def _packages() -> list[str]:
    """Folders of the packages that a worker imports, beyond Python's own."""
    folders = {str(Path(importlib.util.find_spec(name).origin).parent.parent) for name in PACKAGES}
    return sorted(folder for folder in folders if not Path(folder).is_relative_to(sys.prefix))


@functools.cache
def available() -> str:
    """The path of a bubblewrap that works here. Raises NoSandbox."""
    path = shutil.which("bwrap")
    if path is None:
        raise NoSandbox(f"bubblewrap (bwrap) is not installed. {ADVICE}")
    trial = subprocess.run(
        [path, *_walls(), *_system(), *LAST, "/usr/bin/true"], check=False, capture_output=True, text=True
    )
    if trial.returncode:
        raise NoSandbox(f"bubblewrap cannot build its sandbox here ({trial.stderr.strip()}). {ADVICE}")
    return path
