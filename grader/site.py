"""`python -m grader site`: the course for reading, as a static site that asks the network for nothing.

Lays out build/site/pages from the chapters (run here, with their solutions folded) and from docs/, and lets Sphinx make
build/site/html of it. The folders are those of the project, so that every link between pages holds in both.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from course_lib import exercises
from grader import source
from grader.release import ROOT, SOLUTIONS, wanted

BUILD = ROOT / "build" / "site"
QUIET = ["--IPKernelApp.log_level=40"]  # else every kernel says that others on this machine could listen
WIDGET = "application/vnd.jupyter.widget-view+json"
ERRATA = """# Errata of popular sources

Good texts, each with the places where it differs from this course or has a slip. Collected from the ends of the chapters;
what circulates in answers and comments stands under [Why do we need ∂J/∂X?](why_dJ_dX.md)
"""


def main(args):
    """Build the site and print where it is. Exit status 1 if Sphinx finds a broken link or a page that is not linked."""
    pages, html = BUILD / "pages", BUILD / "html"
    lay_out(pages)
    # -E: a link to a page that was missing last time is looked up anew.
    command = [sys.executable, "-m", "sphinx", "-W", "-E", "--keep-going", "-q", "-c", ROOT / "docs", pages, html]
    if subprocess.run(command, check=False).returncode:
        sys.exit("the site has faults; they are listed above")
    print(html / "index.html")


def lay_out(pages: Path):
    """All pages: chapters as executed notebooks, docs as they are, the notation card cut out of its chapter."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(
        ROOT / "docs", pages / "docs", ignore=shutil.ignore_patterns("conf.py", "index.md", "_static", "__pycache__")
    )
    shutil.copyfile(ROOT / "docs" / "index.md", pages / "index.md")
    notebooks = {}
    for name in tqdm(wanted(()), desc="chapters", unit="chapter"):
        folder = pages / "notebooks" / name
        folder.mkdir(parents=True)
        executed = notebooks[name] = run(source.notebook(SOLUTIONS / f"{name}.py", exercises.chapters()[name]))
        nbformat.write(executed, folder / f"{name}-solved.ipynb")
        nbformat.write(folded(executed, name), folder / f"{name}.ipynb")
    look_up(pages / "docs", notebooks)


def look_up(docs: Path, notebooks: dict):
    """The pages that are collected from the chapters: the notation card, and the errata of what they recommend."""
    card = section(notebooks["01_notation"], "Notation card")
    (docs / "notation.md").write_text(f"# Notation\n{card}", encoding="utf-8")
    readings = {name: section(notebook, "Further reading") for name, notebook in notebooks.items()}
    errata = [
        f"## {name.replace('_', ' ')}\n{text.replace('](../', '](../notebooks/')}"
        for name, text in readings.items()
        if text
    ]
    (docs / "errata.md").write_text("\n".join([ERRATA, *errata]), encoding="utf-8")


def run(notebook):
    """The notebook executed in an empty folder. Raises nbclient's CellExecutionError if a cell fails."""
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}, extra_arguments=QUIET).execute()
    return notebook


def section(notebook, title: str) -> str:
    """The text under the heading `title`, up to the next heading; empty if the notebook has none."""
    for cell in notebook.cells:
        found = re.search(rf"^## {title}.*?\n(.*?)(?=^## |\Z)", cell.source, re.MULTILINE | re.DOTALL)
        if found:
            return found[1]
    return ""


def anchor(title: str) -> str:
    """Jupyter's anchor of a heading."""
    return title.strip().replace(" ", "-")


def folded(notebook, name: str):
    """The notebook as a page: stubs in view, solutions folded, sliders as their static twins."""
    page = nbformat.v4.new_notebook(metadata=source.METADATA)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET, None)
        if source.BEGIN in cell.source:
            stub = source.BEGIN.join(cell.source.split(source.BEGIN)[:-1]).rstrip()
            page.cells.append(nbformat.v4.new_markdown_cell(f"```python\n{stub}\n    ...\n```"))
            cell = cell.copy()
            cell.source = "\n".join(
                line for line in cell.source.splitlines() if line.strip() not in (source.BEGIN, source.END)
            )
            cell.metadata = {"tags": ["hide-input"]}
        page.cells.append(cell)
    page.cells[
        0
    ].source += f"\n\n{{download}}`This chapter as an executed notebook, with solutions <{name}-solved.ipynb>`"
    return page
