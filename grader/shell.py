"""IPython's own shell without a kernel: runs one cell and hands on its outputs as nbformat knows them.

Runs inside the sandbox. What a Jupyter kernel does and a plain shell does not (outputs as messages, inline figures,
`input()` refused) is done here in the same way, so that a notebook looks the same whichever of them ran it.
"""

from __future__ import annotations

import base64
import builtins
import getpass
import io
import random
import subprocess
import sys

import numpy as np
from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

WARMING = (
    "%matplotlib inline",
    "import matplotlib.pyplot as plt\nplt.plot([0, 1]); plt.title('$x$'); plt.show()",
    "import asyncio\nawait asyncio.sleep(0)",
    "1 / 0",
    "%reset -f",
)
TEXT_BYTES = 2**16  # text is handed on in pieces of this size


class InputRefused(EOFError):
    """A cell asked for input."""


class Stream(io.TextIOBase):
    """stdout or stderr: text is handed on in large pieces, in order."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name, shell):
        self.name, self.shell, self.parts, self.size = name, shell, [], 0

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self.parts:  # the other stream's text came first
            other = sys.stderr if self.name == "stdout" else sys.stdout
            if isinstance(other, Stream) and other is not self:
                other.flush()
        self.parts.append(text)
        self.size += len(text)
        if self.size > TEXT_BYTES:
            self.flush()
        return len(text)

    def close(self):
        """A notebook's streams cannot be closed."""

    def flush(self):
        text, self.parts, self.size = "".join(self.parts), [], 0
        if text:
            self.shell.emit({"output_type": "stream", "name": self.name, "text": text})


class Publisher(DisplayPublisher):
    """`display(…)` → display_data."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        self.shell.flush()
        self.shell.emit({"output_type": "display_data", "data": _plain(data), "metadata": metadata or {}})

    def clear_output(self, wait=False):
        self.shell.flush()
        self.shell.emit({"output_type": "clear_output"})


class Hook(DisplayHook):
    """The value of a cell's last line → execute_result."""

    def write_output_prompt(self):
        """A notebook has none."""

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.flush()
        count = self.prompt_count
        data = {
            "output_type": "execute_result",
            "data": _plain(format_dict),
            "metadata": md_dict or {},
            "execution_count": count,
        }
        self.shell.emit(data)

    def finish_displayhook(self):
        """The output has gone."""


class Shell(InteractiveShell):
    """An InteractiveShell whose outputs go to `self.emit(output)`."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    emit = staticmethod(lambda output: None)

    def enable_gui(self, gui=None):
        """No event loop: nobody looks."""

    def ask_exit(self):
        """`exit()` in a cell ends that cell."""
        raise SystemExit("exit() was called: the cell ends here")

    def _showtraceback(self, etype, evalue, stb):
        self.flush()
        self.emit({"output_type": "error", "ename": str(etype.__name__), "evalue": str(evalue), "traceback": list(stb)})

    def system(self, cmd):
        """`!command`: no terminal is needed, and its output is a cell's output."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),
            shell=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        sys.stdout.write(done.stdout.decode(errors="replace"))
        self.user_ns["_exit_code"] = done.returncode

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream):
                stream.flush()

    def run(self, source: str) -> None:
        """Run one cell; its outputs go to `emit`. What an earlier cell did to the streams is undone."""
        sys.stdout, sys.stderr = self.streams
        try:
            self.run_cell(source, store_history=True)
        except BaseException as error:  # noqa: BLE001 (a cell that broke the shell itself has failed like any other)
            self._showtraceback(type(error), error, [repr(error)])
        sys.stdout, sys.stderr = self.streams
        self.flush()


def _plain(data) -> dict:
    """Display data as JSON: pictures in base64."""
    return {mime: base64.b64encode(item).decode() if isinstance(item, bytes) else item for mime, item in data.items()}


def warm() -> Shell:
    """A shell that has done each slow thing once: a figure, a traceback, an await, completion of imports."""
    quiet = Config()
    quiet.HistoryManager.enabled = False  # it would start a thread, and a fork keeps none
    quiet.InteractiveShell.autocall = 0
    quiet.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=quiet)
    shell.streams = Stream("stdout", shell), Stream("stderr", shell)
    builtins.input = _refused
    getpass.getpass = _refused
    for source in WARMING:
        shell.run(source)
    get_asyncio_loop().close()  # each fork makes its own
    shell.execution_count = 1
    return shell


def _refused(prompt="", stream=None):
    raise InputRefused("nobody is here to answer: input() does not work while a notebook is graded")


def reseed(seed: int) -> None:
    """What students draw from global generators is the same in every run of their submission, and differs between them."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
