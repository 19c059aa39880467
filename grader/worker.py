"""The warm process inside the sandbox: imports once, forks once per submission, kills what is slow or greedy.

The judge speaks to it over stdin and stdout (see `session.py`); a fork speaks to it over two pipes of its own. What comes
from a fork is counted and passed on, never interpreted here.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from pathlib import Path

from grader import frames, walls

NOBODY = 65534
BORN, WALLS, RESPONSE = b"b", b"w", b"r"  # kinds of messages from a fork, beside OUTPUT and DONE
OUTPUT = 4 * 2**20  # bytes of ordinary output that one cell may show; the rest is dropped
FLOOD = 32 * 2**20  # bytes of ordinary output after which the cell is stopped
ENDINGS = {
    "SIGKILL": "it closed its connection to the grader",
    "SIGSEGV": "the process crashed (segmentation fault)",
    "SIGXCPU": "it used more processor time than a submission may",
}
TREE = 2 * 2**30  # bytes of memory that all processes of a submission may hold together


class Greedy(Exception):
    """A submission took more than it may; the text says what."""


class Fork:
    """One submission's process, as its keeper sees it."""

    own_proc = True  # until the kernel has refused it once

    def __init__(self, shell, order):
        down, up = os.pipe(), os.pipe()
        first = os.fork()
        if first == 0:
            _never_return(_separate, shell, order, down[0], up[1])
        os.close(down[0])
        os.close(up[1])
        self.down, self.up, self.fenced = down[1], up[0], order["walls"] and _in_sandbox()
        # Two short messages, in either order: who it is, and which walls it has built.
        told = dict(frames.receive(self.up, time.monotonic() + 30, 2**12) for _ in range(2))
        os.waitpid(first, 0)
        self.pid, self.walls = json.loads(told[BORN]), json.loads(told[WALLS])
        Fork.own_proc = walls.NO_PROC not in self.walls

    def run(self, order: dict) -> tuple[dict, list[bytes]]:
        """Run one cell. → how it went, and what it put out (as it came)."""
        start, waited, outputs, reason = time.monotonic(), _waited(self.pid), [], ""
        seconds = order["seconds"]
        try:
            frames.send(self.down, {"source": order["source"], "given": order["given"]})
            dropped = self._collect(outputs, start + seconds)
            spent, waited = time.monotonic() - start, _waited(self.pid) - waited
            return {"state": "done", "seconds": spent, "waited": waited, "dropped": dropped}, outputs
        except frames.Late:
            state, reason = "slow", f"it did not end within {seconds:.0f} s"
        except (Greedy, frames.TooLong) as error:
            state, reason = "greedy", str(error)
        except frames.Closed:
            state = "died"
        spent, ended = time.monotonic() - start, self.end()
        return {"state": state, "reason": reason or ended, "seconds": spent, "waited": 0.0, "dropped": 0}, outputs

    def _collect(self, outputs, deadline) -> int:
        """Take a cell's outputs until it is done. → bytes that were dropped."""
        total = dropped = 0
        while True:
            kind, body = frames.receive(self.up, deadline, watch=self._watch)
            if kind == frames.DONE:
                return dropped
            if kind == frames.OUTPUT:
                total += len(body)
            if total > FLOOD:
                raise Greedy(f"it put out more than {FLOOD // 2**20} MB")
            if kind == RESPONSE or total <= OUTPUT:
                outputs.append(body)
            else:
                dropped += len(body)

    def _watch(self):
        # What a fork shares with the warm process is not its own.
        own = _resident(os.getpid())
        held = sum(max(0, _resident(pid) - own) for pid in (_others() if self.fenced else [self.pid]))
        if held > TREE:
            raise Greedy(f"it used more than {TREE // 2**30} GB of memory")

    def end(self) -> str:
        """Kill the first process, and with it all that it started. → how it had ended."""
        os.close(self.down)
        os.close(self.up)
        for pid in [self.pid, *(_others() if self.fenced else ())]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not self.fenced:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        if not os.WIFSIGNALED(status):
            return f"the process ended itself (exit status {os.WEXITSTATUS(status)})"
        name = signal.Signals(os.WTERMSIG(status)).name
        return ENDINGS.get(name, f"the process was ended by {name}")


def _never_return(function, *arguments):
    """What a fork does ends here: it must not go on as its parent."""
    try:
        function(*arguments)
    finally:
        os._exit(70)


def _separate(shell, order, down, up):
    """In the fork: enter new namespaces; the process born then runs the submission."""
    os.dup2(down, 3)
    os.dup2(up, 4)
    os.closerange(5, 4096)  # nothing of the keeper's own pipes is left
    os.dup2(0, 2)
    standing = walls.separate() if order["walls"] else []
    if sys.platform != "linux":  # no subreaper: this very process runs the submission
        frames.send(4, os.getpid(), BORN)
        _serve(shell, order, standing)
    pid = os.fork()
    if pid == 0:
        _never_return(_serve, shell, order, standing)
    frames.send(4, pid, BORN)
    os._exit(0)


def _serve(shell, order, standing):
    """The submission's process: build the inner wall, then run cell after cell."""
    from course_lib.check import check
    from course_lib.wire import unpack
    from grader.shell import reseed

    with contextlib.suppress(OSError):
        os.setsid()
    frames.send(4, [*standing, *walls.enclose(bool(standing), Fork.own_proc)] if order["walls"] else [], WALLS)
    shell.emit = lambda output: frames.send(4, *_packed(output))
    reseed(order["seed"])
    while True:
        cell = json.loads(frames.receive(3)[1])
        check.given = unpack(cell["given"]) if cell["given"] else {}
        shell.run(cell["source"])
        frames.send(4, b"", frames.DONE)


def _packed(output):
    """A response is marked, so that the keeper does not count it as ordinary output."""
    from course_lib.wire import MIME

    return json.dumps(output, default=str).encode(), RESPONSE if MIME in output.get("data", ()) else frames.OUTPUT


def _in_sandbox() -> bool:
    """Whether all processes that can be seen here are the sandbox's. Others must never be counted or killed."""
    with contextlib.suppress(OSError):
        return Path("/proc/1/comm").read_text() == "bwrap\n"
    return False


def _others() -> list[int]:
    """All processes of the sandbox but this one and the first."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]


def _waited(pid) -> float:
    """Seconds that a process was ready to run but the machine was busy with others: not its own slowness."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def _resident(pid) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _warm():
    """The shell, with everything slow done: each fork has it and pays nothing.

    Imported only now, as nobody: the folders that an import makes as root would be closed.
    """
    import matplotlib as mpl

    mpl.use("agg")
    import numpy as np

    import course_lib
    from grader.shell import reseed, warm

    for part in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
        importlib.import_module(part.name)
    course_lib.wire.unpack(course_lib.wire.pack(np.zeros(1)))
    reseed(0)
    shell = warm()
    gc.collect()
    gc.freeze()  # a collection in a fork would touch, and so copy, every page
    return shell


def main():
    """Obey the judge until stdin ends. Orders: open (a submission), run (a cell), close."""
    judge, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    if _in_sandbox():
        walls.become(NOBODY)
    shell, fork = _warm(), None
    if sys.platform == "linux":
        walls.hide()
        walls.adopt()
    frames.send(answers, {"state": "warm"})
    while True:
        try:
            _, body = frames.receive(judge)
        except frames.Closed:
            return
        order, outputs = json.loads(body), []
        if order["do"] == "open":
            fork = Fork(shell, order)
            reply = {"state": "open", "walls": fork.walls}
        elif order["do"] == "run":
            reply, outputs = fork.run(order)
        else:
            fork.end()
            reply = {"state": "closed"}
        frames.send(answers, reply | {"outputs": len(outputs)})
        for output in outputs:
            frames.send(answers, output, frames.OUTPUT)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)  # sys.stderr is the shell's by now
        raise
