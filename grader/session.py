"""The judge's side of a warm worker: start it, open a submission in it, run cell after cell, replay after a death."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from grader import frames, library, sandbox

START_SECONDS = 120  # a cold disk, four workers at once
STOP_SECONDS = 2
GRACE_SECONDS = 30  # beyond a cell's own limit, before the worker itself is given up


class WorkerLost(RuntimeError):
    """The warm process is gone or silent: the grader's trouble, not the submission's."""


@dataclass(frozen=True)
class Ran:
    """How one cell went. `state` is done, slow, greedy, or died; outputs are as nbformat knows them.

    `seconds` is wall time taken outside the submission's process; for `waited` of it the machine was busy with others.
    """

    state: str
    reason: str
    seconds: float
    outputs: tuple[dict, ...] = ()
    waited: float = 0.0


class Worker:
    """One warm process behind the outer wall."""

    def __init__(self, chapter: str, protected: bool = True):
        self.protected = protected
        self.folder = tempfile.TemporaryDirectory(prefix="grader-")
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in stop)
        library.lay_out(chapter, Path(self.folder.name))
        command, environment = sandbox.command(Path(self.folder.name), protected)
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0
        )
        self._reply(time.monotonic() + START_SECONDS)

    def open(self, seed: int) -> list[str]:
        """Fork for a submission. → the walls that stand around it."""
        return self._ask({"do": "open", "seed": seed, "walls": self.protected}, START_SECONDS)[0]["walls"]

    def run(self, source: str, seconds: float, given: dict | None = None) -> Ran:
        """Run one cell in the open submission; `seconds` is its limit of wall time, `given` what its check is given."""
        order = {"do": "run", "source": source, "seconds": seconds, "given": given}
        reply, outputs = self._ask(order, seconds + GRACE_SECONDS)
        if reply["dropped"]:
            outputs.append(_text(f"… {reply['dropped']:,} more bytes of output were left out\n"))
        return Ran(reply["state"], reply.get("reason", ""), reply["seconds"], tuple(outputs), reply["waited"])

    def close(self) -> None:
        """End the open submission."""
        self._ask({"do": "close"}, GRACE_SECONDS)

    def stop(self) -> None:
        """End the worker: it leaves when nobody speaks to it any more, and is killed if it does not."""
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        self.folder.cleanup()

    def _ask(self, order, seconds):
        try:
            frames.send(self.process.stdin.fileno(), order)
        except frames.Closed as error:
            raise WorkerLost(self._why(error)) from error
        return self._reply(time.monotonic() + seconds)

    def _reply(self, deadline):
        pipe = self.process.stdout.fileno()
        try:
            reply = json.loads(frames.receive(pipe, deadline)[1])
            bodies = [frames.receive(pipe, deadline)[1] for _ in range(reply.get("outputs", 0))]
        except (frames.Closed, frames.Late, frames.TooLong) as error:
            raise WorkerLost(self._why(error)) from error
        return reply, [output for output in map(_output, bodies) if output]

    def _why(self, error) -> str:
        self.errors.seek(0)
        said = self.errors.read()[-2000:].decode(errors="replace").strip()
        return f"the worker is lost ({type(error).__name__}): {said or 'it said nothing'}"


def _output(body) -> dict | None:
    """One output of a submission, as it came over the pipe; what is none is left out."""
    try:
        output = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {"output_type": "error", "ename": str(ename), "evalue": str(evalue), "traceback": [*lines]}:
            return {
                "output_type": "error",
                "ename": ename,
                "evalue": evalue,
                "traceback": [str(line) for line in lines],
            }
        case {"output_type": "display_data", "data": dict(data)}:
            return {"output_type": "display_data", "data": data, "metadata": {}}
        case {"output_type": "execute_result", "data": dict(data), "execution_count": int(count)}:
            return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
        case {"output_type": "clear_output"}:
            return output
    return None


def _text(text) -> dict:
    return {"output_type": "stream", "name": "stderr", "text": text}
