"""The reading site, in a real browser: every page and link, formulas without a network, solutions folded."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from course_lib import exercises

HTML = Path(__file__).parent.parent / "build" / "site" / "html"


@pytest.fixture(scope="module")
def address(require):
    """Where a server on this machine shows the site, built now."""
    require("sphinx")
    require("myst_nb")
    built = subprocess.run(
        [sys.executable, "-m", "grader", "site"], cwd=HTML.parents[2], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    handler = functools.partial(Quiet, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Nothing: a test's output is the test's."""


def test_every_page_and_link_works_and_nothing_is_asked_of_the_network(address, browser):
    page, troubles, waiting, seen = browser.new_page(), [], [f"{address}/index.html"], set()
    page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
    page.on("response", lambda answer: answer.status >= 400 and troubles.append(f"{answer.status}: {answer.url}"))
    page.on(
        "request",
        lambda asked: asked.url.startswith((address, "data:", "blob:")) or troubles.append(f"outside: {asked.url}"),
    )
    page.on("console", lambda message: message.type == "error" and troubles.append(f"{page.url}: {message.text}"))
    while waiting:
        url = waiting.pop()
        page.goto(url)
        seen.add(url)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            target, _, anchor = link.partition("#")
            if target == url and anchor and anchor != "furo-main-content":
                assert page.locator(f'[id="{anchor}"]').count(), f"{url} has no place called {anchor}"
            if target.startswith(address) and target.endswith(".html") and target not in seen and target not in waiting:
                waiting.append(target)
            elif target.startswith(address) and not target.endswith((".html", "/")):
                assert page.request.get(target).ok, target
    page.close()
    assert not troubles
    for chapter in exercises.chapters():
        assert f"{address}/notebooks/{chapter}/{chapter}.html" in seen


def test_a_chapter_shows_formulas_figures_and_folded_solutions(address, browser):
    page = browser.new_page(viewport={"width": 900, "height": 1000})
    page.goto(f"{address}/notebooks/03_dJ_dW/03_dJ_dW.html")
    page.wait_for_selector("mjx-container")
    solution = page.get_by_text("return delta @ a_prev.T").first
    assert not solution.is_visible()
    page.locator("details", has=solution).locator("summary").click()
    assert solution.is_visible()
    assert page.locator("div.cell_output img").count() >= 3
    assert all(page.eval_on_selector_all("div.cell_output img", "images => images.map(image => image.alt.length > 20)"))
    page.emulate_media(media="print")
    assert page.get_by_text("Hint 1").first.is_visible()
    page.close()
