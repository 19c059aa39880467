"""A submission's bytes and the released notebook → the cells to run, or a refusal with a reason that a student understands.

Check cells and given cells always come from the release. Of the submission count only the answers (and whatever else the
student wrote between them). An answer belongs to the exercise whose grade_id its cell bears; where metadata was lost, to
the one whose cell id it bears, or else to the one whose name it defines. What had to be mended is said in the notes.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

import nbformat

MAX_BYTES = 50 * 2**20  # of a notebook file: hundreds of figures
MAX_SOURCE = 200_000  # characters of one cell: a long essay is 20,000
CUT_OFF = "the file ends in the middle: it was cut off while it was saved or sent. Hand it in again."


class Refused(ValueError):
    """A submission that cannot be read; the text is for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell to run or to show. `role` is given, check, answer, manual, free (may be changed), or extra (the student's own)."""

    role: str
    name: str  # the exercise, for check, answer and manual
    type: str
    source: str
    id: str
    metadata: dict = field(default_factory=dict)
    answered: bool = True  # differs from what was released


@dataclass(frozen=True)
class Repaired:
    """The cells in the order of the release, and what was mended."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def repair(submission: bytes, release: bytes) -> Repaired:
    """The cells of a submission, in the order of the release.

    Raises Refused when the file is no notebook at all, or holds none of the released cells.
    """
    released = read_release(release)
    cells, notes = _read(submission)
    owners = _owners(cells, released, notes)
    roles = {cell.id: cell.role for cell in released}
    if cells and not any(roles[owner] in ("answer", "check", "manual") for owner in owners.values()):
        raise Refused("it holds none of this chapter's exercises. Is it the notebook of another one?")
    answers = {
        cell.id: _answer(cell, [cells[at] for at, owner in sorted(owners.items()) if owner == cell.id], notes)
        for cell in released
        if cell.role in ("answer", "manual")
    }
    return Repaired(tuple(_in_order(released, answers, cells, owners)), tuple(notes))


def read_release(release: bytes) -> list[Cell]:
    """The cells of a released notebook with their roles."""
    return [_released(cell) for cell in json.loads(release)["cells"]]


def _released(cell) -> Cell:
    marks = cell["metadata"].get("nbgrader", {})
    grade, solution = marks.get("grade"), marks.get("solution")
    role = (
        "manual" if grade and solution else "check" if grade else "answer" if solution else "given" if marks else "free"
    )
    name = re.sub("[-_]answer$", "", marks.get("grade_id", "")) if role in ("manual", "check", "answer") else ""
    return Cell(role, name, cell["cell_type"], _text(cell["source"]), cell["id"], cell["metadata"])


# Reading whatever was handed in. ------------------------------------------------------------------------------------------


def _read(submission: bytes) -> tuple[list[Cell], list[str]]:
    """The student's cells, whatever was done to them, and notes. Raises Refused."""
    notebook = _json(submission)
    notes = []
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise Refused("the file is not a Jupyter notebook. Hand in the .ipynb file itself.")
    if "cells" not in notebook:
        notebook = _upgraded(notebook)
        notes.append("the notebook was in an old format (nbformat 3) and was converted")
    cells = [_submitted(cell, at) for at, cell in enumerate(notebook["cells"]) if isinstance(cell, dict)]
    if len(cells) < len(notebook["cells"]):
        notes.append("something in the file is not a cell and was left out")
    return cells, notes


def _json(submission: bytes):
    if len(submission) > MAX_BYTES:
        raise Refused(
            f"the file is larger than {MAX_BYTES // 2**20} MB. Clear its outputs (Kernel → Restart and Clear Outputs)."
        )
    if not submission.strip():
        raise Refused("the file is empty. Save the notebook and hand it in again.")
    try:
        return json.loads(_decode(submission))
    except UnicodeDecodeError as error:
        raise Refused(
            CUT_OFF
            if error.reason == "unexpected end of data"
            else "the file is not text in UTF-8. Hand in the .ipynb file itself, not a copy made by another program."
        ) from None
    except RecursionError:
        raise Refused("the file is nested too deeply to be a notebook.") from None
    except ValueError as error:
        where = getattr(error, "pos", None)
        cut = where is not None and where >= len(submission.decode(errors="replace").rstrip()) - 1
        cut = cut or "Unterminated string" in str(error)
        conflict = b"<<<<<<<" in submission
        raise Refused(
            CUT_OFF
            if cut
            else "the file holds the marks of a merge conflict (<<<<<<<). Resolve it, and hand it in again."
            if conflict
            else f"the file is damaged ({error}). Open it in JupyterLab; when it opens there, save it and hand it in again."
        ) from None


def _decode(submission: bytes) -> str:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if submission.startswith(mark):
            return submission.decode(encoding)
    return submission.decode("utf-8-sig")


def _upgraded(notebook) -> dict:
    try:
        return nbformat.from_dict(nbformat.convert(nbformat.from_dict(notebook), 4))
    except Exception:  # noqa: BLE001 (any: the converter was not made for damaged files)
        raise Refused(
            "the notebook is in an old format that cannot be read. Open it in JupyterLab and save it."
        ) from None


def _submitted(cell, at) -> Cell:
    """A cell of the submission; metadata count only where they are what they should be."""
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    marks = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    grade_id = marks.get("grade_id") if isinstance(marks.get("grade_id"), str) else ""
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown", "raw") else "code"
    own_id = cell.get("id") if isinstance(cell.get("id"), str) else ""
    return Cell("extra", grade_id, kind, _text(cell.get("source", "")), own_id or f"unnamed-{at}")


def _text(source) -> str:
    text = "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else source
    if not isinstance(text, str):
        return ""
    return text[:MAX_SOURCE].replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()


# Whose cell is it? -----------------------------------------------------------------------------------------------------


def _owners(cells, released, notes) -> dict[int, str]:
    """Position in the submission → id of the released cell that it stands for."""
    by_grade_id = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in released if "nbgrader" in cell.metadata}
    by_id = {cell.id: cell for cell in released}
    by_name = {name: cell for cell in released if cell.role == "answer" for name in defined(cell.source)}
    by_source = {cell.source: cell for cell in released if cell.role in ("given", "check")}
    owners = {}
    for at, cell in enumerate(cells):
        owner = by_grade_id.get(cell.name) or by_id.get(cell.id) or by_source.get(cell.source)
        if owner:
            owners[at] = owner.id
    for at, cell in enumerate(cells):
        names = [by_name[name] for name in sorted(defined(cell.source)) if name in by_name]
        taken = {owner for place, owner in owners.items() if cells[place].source not in ("", by_id[owner].source)}
        missing = [owner for owner in names if owner.id not in taken]
        if at not in owners and cell.type == "code" and len(missing) == 1:
            owners[at] = missing[0].id
            notes.append(
                f"the answer to `{missing[0].name}` had lost its mark and was recognised by the name that it defines"
            )
        elif at in owners and by_id[owners[at]].role == "answer" and cell.name not in by_grade_id:
            notes.append(
                f"the answer to `{by_id[owners[at]].name}` had lost its metadata and was recognised by its cell id"
            )
    return owners


def defined(source: str) -> set[str]:
    """Names that a cell defines at its top level; none if it is not Python."""
    names = set()
    for node in getattr(_parsed(source), "body", ()):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)}
    return names


def _parsed(source: str):
    # A line magic or a shell line is not Python, but the rest of its cell may define the answer.
    plain = re.sub(r"^(\s*)[%!?].*$", r"\1pass", source, flags=re.MULTILINE)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _answer(stub: Cell, candidates: list[Cell], notes) -> Cell:
    """The one answer of possibly several cells that bear its mark."""
    written = [cell for cell in candidates if cell.source.strip() not in ("", stub.source.strip())]
    if not candidates:
        notes.append(f"the cell of `{stub.name}` is missing")
    if not written:
        return replace(stub, answered=False)
    source = written[-1].source
    if len(written) > 1:
        source = _joined(stub, written, notes)
    elif written[0].type != stub.type:
        notes.append(f"the cell of `{stub.name}` had been turned into a {written[0].type} cell and was turned back")
    return replace(stub, source=source)


def _joined(stub, written, notes) -> str:
    """Several cells with the mark of one answer: the parts of a split cell together, of rival answers the last."""
    whole = "\n".join(cell.source for cell in written)
    wanted = defined(stub.source)
    defining = [cell for cell in written if wanted & defined(cell.source)]
    parts = stub.type != "code" or len(defining) == 1 or (not defining and wanted <= defined(whole))
    if parts or len({cell.source for cell in written}) == 1:
        notes.append(f"the answer to `{stub.name}` stood in {len(written)} cells, which were put together")
        return whole if parts else written[-1].source
    last = defining[-1] if defining else written[-1]
    notes.append(f"there are {len(written)} answers to `{stub.name}`; the last one counts")
    return last.source


def _in_order(released, answers, cells, owners):
    """The released cells in their order; what else the student wrote follows the released cell that it followed."""
    follows, anchor = defaultdict(list), None
    seen = {cell.id for cell in released}
    for at, cell in enumerate(cells):
        anchor = owners.get(at, anchor)
        if at not in owners and cell.source.strip():
            own = cell.id if cell.id not in seen and re.fullmatch("[a-zA-Z0-9-_]{1,64}", cell.id) else f"extra-{at}"
            seen.add(own)
            follows[anchor].append(replace(cell, name="", id=own))
    free = {owners[at]: cells[at].source for at in sorted(owners)}
    yield from follows[None]
    for cell in released:
        text = free.get(cell.id, cell.source)
        free_cell = replace(cell, source=text, answered=text != cell.source)
        yield free_cell if cell.role == "free" else answers.get(cell.id, cell)
        yield from follows[cell.id]
