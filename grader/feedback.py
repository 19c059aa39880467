"""The page that a student gets back: nbgrader's own feedback template over the graded notebook. No script survives in it."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from traitlets.config import Config

from grader import formulas

# Found, not imported: nbgrader takes seconds to import, and its templates are all that is needed of it.
TEMPLATES = Path(find_spec("nbgrader").origin).parent / "server_extensions" / "formgrader"


def page(notebook: str, assignment: str, marks: dict) -> str:
    """HTML of a graded notebook with the marks and comments of the gradebook (`Record.marks`)."""
    tree = nbformat.reads(notebook, as_version=4)
    for cell in tree.cells:
        own = cell.metadata.get("nbgrader", {})
        name = own.get("grade_id")
        if name in marks["grades"]:
            own["score"], own["points"] = marks["grades"][name]
        if name in marks["comments"]:
            own["comment"] = marks["comments"][name]
    about = {"notebook": assignment, **{key: marks[key] for key in ("score", "max_score", "late_penalty")}}
    return formulas.without_scripts(_exporter().from_notebook_node(tree, {"nbgrader": about})[0])


@functools.cache
def _exporter() -> HTMLExporter:
    """nbgrader's exporter of feedback, as `nbgrader generate_feedback` sets it up."""
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES / "templates")]
    styles = TEMPLATES / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(styles)]
    exporter = HTMLExporter(config=config)
    exporter._preprocessors = []
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
