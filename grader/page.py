"""The graded notebook: the released cells with the student's answers, what they put out, and a verdict under each check."""

from __future__ import annotations

import html
import json
import re

from course_lib.exercises.verdict import SIGNS
from course_lib.wire import MIME

TEXT = 20_000  # characters of text that one output keeps
PICTURE = 2**20  # characters of a picture in base64
SHOWN = (
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/png",
    "image/jpeg",
)  # none that carries a script
# State → Bootstrap's class: of a style attribute, and of most tags, nothing survives the cleaning of feedback pages.
ALERTS = {"passed": "success", "partial": "warning", "failed": "danger", "blocked": "warning"}


def notebook(repaired, ran, verdicts, asked) -> str:
    """The notebook as JSON. Its cells bear nbgrader's metadata of the release, whatever the submission said."""
    cells = [_notes(repaired.notes)] if repaired.notes else []
    for cell in repaired.cells:
        outputs = _outputs(ran[cell.id].outputs) if cell.id in ran else []
        if cell.role == "check" and cell.name in verdicts:
            outputs.append(_display(verdicts[cell.name], asked[cell.name]))
        elif cell.id in ran and ran[cell.id].state != "done":
            outputs.append(
                {"output_type": "stream", "name": "stderr", "text": f"This cell was stopped: {ran[cell.id].reason}\n"}
            )
        cells.append(_cell(cell, outputs))
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def _cell(cell, outputs) -> dict:
    entry = {"cell_type": cell.type, "id": cell.id, "metadata": cell.metadata, "source": cell.source}
    if cell.type != "code" and cell.answered and cell.role in ("extra", "free", "manual"):
        # nbgrader's pages show Markdown without cleaning it, and raw cells as they are: no tag of a student's stays one.
        entry |= {"cell_type": "markdown", "source": re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", cell.source)}
    return entry | ({"execution_count": None, "outputs": outputs} if cell.type == "code" else {})


def _notes(notes) -> dict:
    text = "**The grader mended this notebook:**\n\n" + "\n".join(f"- {note}" for note in notes)
    return {"cell_type": "markdown", "id": "grader-notes", "metadata": {}, "source": text}


def _outputs(outputs) -> list[dict]:
    """What a page may show: no responses, no scripts, nothing endless; text of one stream together."""
    kept = []
    for output in outputs:
        if output["output_type"] == "clear_output":
            kept.clear()
        elif output["output_type"] == "stream" and kept and kept[-1].get("name") == output["name"]:
            kept[-1] = kept[-1] | {"text": _cut(kept[-1]["text"] + output["text"])}
        elif output["output_type"] == "stream":
            kept.append(output | {"text": _cut(output["text"])})
        elif output["output_type"] == "error":
            kept.append(
                output
                | {"evalue": _cut(output["evalue"]), "traceback": [_cut(line) for line in output["traceback"][:50]]}
            )
        elif MIME not in output["data"]:
            kept += [output | {"data": data} for data in [_shown(output["data"])] if data]
    return kept


def _shown(data) -> dict:
    return {
        mime: item if mime.startswith("image/") else _cut(item)
        for mime, item in data.items()
        if mime in SHOWN and isinstance(item, str) and (len(item) < PICTURE or not mime.startswith("image/"))
    }


def _cut(text) -> str:
    return (
        text
        if len(text) <= TEXT
        else f"{text[: TEXT // 2]}\n… {len(text) - TEXT:,} characters left out …\n{text[-TEXT // 2 :]}"
    )


def _display(verdict, exercise) -> dict:
    """A verdict as an output: what happened, why, and where to go on."""
    hint = exercise.hints[0] if verdict.state in ("failed", "partial", "not_answered") and exercise.hints else ""
    plain = str(verdict) + (f"\nHint: {hint}" if hint else "")
    heading = f"{SIGNS[verdict.state]} {verdict.exercise}: {verdict.state.replace('_', ' ')}"
    body = "\n".join(filter(None, [verdict.message, verdict.evidence]))
    lines = [f"<div>{_indented(line)}</div>" for line in _cut(body).split("\n")]
    lines += [f"<div><strong>Hint:</strong> {html.escape(hint)}</div>"] if hint else []
    kind = ALERTS.get(verdict.state, "info")
    page = f'<div class="alert alert-{kind}"><strong>{html.escape(heading)}</strong>{"".join(lines)}</div>'
    return {"output_type": "display_data", "data": {"text/html": page, "text/plain": _cut(plain)}, "metadata": {}}


def _indented(line: str) -> str:
    """The line as HTML that wraps and keeps its indentation."""
    text = line.lstrip(" ")
    return "&nbsp;" * 2 * (len(line) - len(text)) + html.escape(text)
