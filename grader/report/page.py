"""The class report as one HTML page that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from course_lib.exercises.verdict import SIGNS
from grader.engine import CELL_SECONDS
from grader.report import svg

FOLDER = Path(__file__).parent


def page(facts: dict, protection: str, links) -> str:
    """The report on the `facts` of `summary`.

    protection: one line on how submissions were run. links.feedback(entry), links.formgrader(entry) → an address, or "".
    """
    script = (FOLDER / "sort.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: f"{value:.4g}"
    environment.filters["percent"] = lambda share: "–" if share is None else f"{100 * share:.0f} %"
    return environment.get_template("page.html").render(
        facts,
        protection=protection,
        links=links,
        limit=CELL_SECONDS,
        numbers={one["name"]: one["number"] for one in facts["students"]},
        signs=SIGNS,
        legend=svg.STATES,
        histograms=[Markup(svg.histogram(one["name"], one["histogram"])) for one in facts["assignments"]],
        successes=[
            Markup(svg.success(one["name"], [(item["name"], item["states"]) for item in one["exercises"]]))
            for one in facts["assignments"]
        ],
        style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        # The browser runs this one script and loads nothing, whatever a student's name or message may hold.
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_digest(script)}'",
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
