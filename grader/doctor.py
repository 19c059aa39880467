"""`python -m grader doctor`: what protection this machine offers against submissions, and how to get the rest."""

import os
import platform

from grader import sandbox
from grader.session import Worker, WorkerLost

INNER = {
    "namespaces": "each submission has its own users, files, processes, memory segments and network. "
    "If absent: allow user namespaces (Debian: sysctl kernel.unprivileged_userns_clone=1; Ubuntu: "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0; Docker: --security-opt seccomp=unconfined)",
    "private folders": "nothing that one submission writes is seen by another. Comes with namespaces",
    "Landlock": "a second guard on writing, by the kernel. If absent: Linux 5.13 or later with landlock in the lsm= list",
    "limits": "memory, processes, size and number of files, processor time",
}


def main(args=None) -> int:
    """Try each wall for real and print what stands. → 0 if submissions can be graded with protection."""
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}, user {os.getuid()}")
    try:
        path = sandbox.available()
    except sandbox.NoSandbox as error:
        print(
            f"✗ outer wall: {error}\n  Grading refuses here, unless --no-sandbox is said: then students' code runs unprotected."
        )
        return 1
    print(f"✓ outer wall: {path}: no network, read-only system, no course folder, cleared environment")
    try:
        worker = Worker("00_start_here")
    except WorkerLost as error:
        print(f"✗ worker: {error}")
        return 1
    standing = worker.open(0)
    worker.stop()
    for name, what in INNER.items():
        found = next((wall for wall in standing if wall.startswith(name)), None)
        print(f"{'✓' if found else '✗'} inner wall: {found or name}: {what.split('. If absent')[0] if found else what}")
    return 0
