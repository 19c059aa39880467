"""formgrader's Autograde button, pressed in a real browser: our sandbox and verdicts behind nbgrader's own pages."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import miniature as mini
import pytest
from test_engine import CLASS, build
from test_record import marks

from grader import batch, report
from grader.__main__ import main

ADDRESS = re.compile(r"(http://(?:localhost|127\.0\.0\.1):\d+)/\S*token=(\w+)")
BUTTONS = """
from grader.preprocessors import Grade, Repair

c.Autograde.sanitize_preprocessors = [Repair]
c.Autograde.autograde_preprocessors = [Grade]
"""


@pytest.fixture
def course(tmp_path):
    """A course folder with two submissions, known to the gradebook; its settings are those of nbgrader_config.py."""
    folder = build(tmp_path, {"ann": CLASS["ann"], "cyd": CLASS["cyd"]})
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(BUTTONS)
    with batch.Course(folder).record() as record:
        record.release(mini.ASSIGNMENT, batch.nbformat.reads(mini.RELEASE.decode(), as_version=4))
    return folder


@pytest.fixture
def formgrader(course):
    """The server's tokenised address, and formgrader's page of the submissions."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {f"JUPYTER_{kind}_DIR": str(course / ".jupyter" / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--port=0"]
    command += [
        "--ServerApp.allow_root=True",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]
    with (course / "log").open("w+") as log:
        server = subprocess.Popen(
            command,
            cwd=course,
            env=os.environ | settings | {"PATH": path},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                if found := ADDRESS.search((course / "log").read_text()):
                    break
                assert server.poll() is None, (course / "log").read_text()
                time.sleep(0.1)
            base, token = found.groups()
            yield f"{base}/?token={token}", f"{base}/formgrader/manage_submissions/{mini.ASSIGNMENT}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def test_the_autograde_button(course, formgrader, require):
    require("bwrap")
    chromium, api = require("chromium"), require("playwright.sync_api")
    with api.sync_playwright() as playwright:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=as_root)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        for address in formgrader:  # the first visit leaves the cookie that formgrader's pages ask for
            page.goto(address)
        page.locator("tr", has_text="cyd").locator("td.autograde a").click()
        api.expect(page.get_by_text("Successfully")).to_be_visible(timeout=120_000)
        browser.close()
    found = marks(course, "cyd")
    assert found["grades"] == {"sigmoid_prime": (2, 2), "dJ_dW": (0, 2), "dJ_db": (2, 2)}
    assert "factor 2" in found["comments"]["dJ_dW-answer"]
    assert marks(course, "ann") == {}


def test_the_reports_link_opens_the_submission_where_it_is_marked(course, formgrader, require, tmp_path, monkeypatch):
    require("bwrap")
    chromium, api = require("chromium"), require("playwright.sync_api")
    assert main(["grade", "--course", str(course), "--workers", "1"]) == 0
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(course / ".jupyter" / "RUNTIME"))  # where the server says its address
    opened = batch.Course(course)
    with opened.record() as record:
        links = report.Links(opened, report.jupyter(course.resolve()), record.pages())
    (tmp_path / "link.html").write_text(
        f'<a href="{links.formgrader({"student": "ann", "assignment": mini.ASSIGNMENT})}#dJ_dW">here</a>'
    )
    with api.sync_playwright() as playwright:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=as_root)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(formgrader[0].replace("127.0.0.1", "localhost"))  # logged in, as who opens JupyterLab is
        page.goto((tmp_path / "link.html").as_uri())
        page.get_by_text("here").click()
        page.wait_for_load_state("networkidle")  # its script has fetched the marks and listens
        page.locator("input#dJ_dW").fill("1.5")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.locator("input#dJ_dW").press("Tab")
        browser.close()
    assert marks(course, "ann")["grades"]["dJ_dW"] == (1.5, 2)
