"""JupyterLab as `make lab` starts it, and Debian's Chromium: the fixtures of every test that clicks.

One server for the whole run, with a student's folder of its own. A browser for each module: playwright's event loop
runs as long as the browser does, and would be in the way of tests that start kernels.
"""

import contextlib
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SECOND = 1000  # playwright counts in ms
HERE = re.compile(r"(http|ws)://(localhost|127\.0\.0\.1)[:/]|data:|blob:")
TOKENISED = re.compile(r"(http://localhost:\d+)/\S*token=(\w+)")


@dataclass(frozen=True)
class Jupyter:
    """A running JupyterLab: the tokenised address that it prints, the student's folder, and what it said."""

    start: str
    folder: Path
    log: Path

    def url(self, path: str) -> str:
        """The address of another page of this server."""
        base, token = TOKENISED.match(self.start).groups()
        return f"{base}/{path}?token={token}"


@pytest.fixture(scope="session")
def jupyter(root, tmp_path_factory):
    """The server that `make lab` starts, with Jupyter's settings and the student's work in a folder of their own."""
    home = tmp_path_factory.mktemp("student")
    command = ["make", "lab", f"LAB=--folder {home / 'my_course'} --no-browser --port=0"]
    with running(command, root, home) as jupyter:
        yield jupyter


@contextlib.contextmanager
def running(command, folder, home):
    """The Jupyter that `command` starts in `folder`, with settings of its own in `home`; stopped at the end."""
    settings = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    with (home / "log").open("w+", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield Jupyter(address(server, home / "log"), home / "my_course", home / "log")
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def address(server, log):
    """The address that Jupyter prints once it serves; what it printed instead, if it ends or a minute passes."""
    for _ in range(600):
        if found := TOKENISED.search(log.read_text(encoding="utf-8")):
            return found[0]
        try:
            server.wait(timeout=0.1)
            break
        except subprocess.TimeoutExpired:
            pass
    pytest.fail(f"no JupyterLab was started:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def browser(require):
    """Debian's Chromium, which calls nobody by itself."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60 * SECOND)
    chromium = require("chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=quiet + as_root)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(browser):
    """One window for a module: what it has loaded once it need not load again."""
    window = browser.new_context(viewport={"width": 1280, "height": 900})
    window.set_default_timeout(60 * SECOND)
    yield window
    window.close()


@pytest.fixture
def page(window):
    """An empty page. Fails at the end if it asked for anything outside this machine, or logged an error."""
    page, troubles = window.new_page(), []
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: HERE.match(request.url) or troubles.append(f"outside: {request.url}"))
    page.on("response", lambda answer: answer.status >= 400 and troubles.append(f"{answer.status}: {answer.url}"))
    page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}: {request.failure}"))
    yield page
    page.close()
    assert troubles == []


@pytest.fixture(scope="session")
def screenshots(root):
    """Where screenshots go, to be looked at."""
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def wait_for_notebook(page):
    """Until the notebook in front is drawn and its kernel is ready."""
    from playwright.sync_api import expect

    expect(page.locator(".jp-Notebook:visible")).to_be_visible()
    wait_for_kernel(page)


def wait_for_kernel(page):
    """Until the kernel of the notebook in front has nothing more to do."""
    from playwright.sync_api import expect

    expect(page.get_by_role("button", name="| Idle")).to_be_visible()
    expect(page.locator(".jp-Notebook-ExecutionIndicator:visible")).to_have_attribute("data-status", "idle")


def menu(page, *names):
    """Choose an entry of JupyterLab's menus by clicks: menu(page, "Run", "Run All Cells")."""
    for name in names:
        entry = page.locator(".lm-MenuBar-item, .lm-Menu-item").filter(visible=True)
        entry.filter(has=page.get_by_text(name, exact=True)).last.click()


def cell(page, text):
    """The code cell of the notebook in front whose source has this text."""
    code = page.locator(".jp-InputArea", has_text=text)
    return page.locator(".jp-Notebook:visible .jp-CodeCell", has=code).first


def type_over(page, cell, text):
    """Type in place of all that stands in a cell.

    In one go: while JupyterLab still draws what "Run All" gave, it can take the focus away between two keys.
    """
    code = cell.locator(".cm-content")
    for _ in range(5):
        code.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)
        if code.inner_text() == text:
            return
        page.wait_for_timeout(SECOND)
    pytest.fail(f"the cell reads {code.inner_text()!r}")
