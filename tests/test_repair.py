"""Whatever was done to a notebook, its answers keep their owner; what cannot be read is refused with a reason."""

import json

import miniature as mini
import pytest

from grader.repair import Refused, defined, repair


def answers(submission: bytes) -> dict:
    """exercise → source of its answer; None for an untouched stub."""
    repaired = repair(submission, mini.RELEASE)
    return {cell.name: cell.source if cell.answered else None for cell in repaired.cells if cell.role == "answer"}


def notes(submission):
    return " ".join(repair(submission, mini.RELEASE).notes)


def changed(edit, built=None) -> bytes:
    """A right submission after `edit(cells)`, which may return other cells."""
    built = mini.cells(mini.RIGHT) if built is None else built
    return mini.notebook(edit(built) or built)


def test_an_untouched_submission_needs_no_mending():
    repaired = repair(mini.answered(), mini.RELEASE)
    assert repaired.notes == ()
    assert [cell.id for cell in repaired.cells] == [cell["id"] for cell in mini.cells()]
    assert answers(mini.RELEASE) == dict.fromkeys(mini.STUBS)


def strip_metadata(cells):
    for cell in cells:
        cell["metadata"] = {}


def strip_everything(cells):
    for cell in cells:
        cell["metadata"] = {}
        del cell["id"]


def reverse(cells):
    cells.reverse()


def retype(cells):
    for cell in cells:
        cell["cell_type"] = "markdown"


def delete_all_but_answers(cells):
    return [cell for cell in cells if "solution" in str(cell["metadata"]) and cell["metadata"]["nbgrader"]["solution"]]


def rename_grade_ids(cells):
    for cell in cells:
        if cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] += "-1"


def sources_as_lines(cells):
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)


def carriage_returns(cells):
    for cell in cells:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def senseless_metadata(cells):
    for cell in cells:
        cell["metadata"] = {"nbgrader": ["grade_id"], "tags": 3}


def foreign_entries(cells):
    return [*cells[:3], None, "text", 7, *cells[3:]]


@pytest.mark.parametrize(
    "edit",
    [
        strip_metadata,
        strip_everything,
        reverse,
        retype,
        delete_all_but_answers,
        rename_grade_ids,
        sources_as_lines,
        carriage_returns,
        senseless_metadata,
        foreign_entries,
    ],
)
def test_answers_keep_their_owner(edit):
    submission = changed(edit)
    assert answers(submission) == mini.RIGHT
    order = [cell.id for cell in repair(submission, mini.RELEASE).cells if cell.role in ("given", "check", "answer")]
    assert order == [cell["id"] for cell in mini.cells() if cell["metadata"]]


def test_checks_and_given_cells_come_from_the_release():
    def tamper(cells):
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("locked"):
                cell["source"] = "print('passed')"
                cell["metadata"]["nbgrader"]["points"] = 1000

    repaired = repair(changed(tamper), mini.RELEASE)
    assert {cell.source for cell in repaired.cells if cell.role == "check"} == {f"check.{n}({n})" for n in mini.STUBS}
    assert {cell.metadata["nbgrader"]["points"] for cell in repaired.cells if cell.role == "check"} == {mini.POINTS}
    assert next(cell.source for cell in repaired.cells if cell.role == "given") == mini.GIVEN


def copies(*sources):
    """A submission in which the answer to dJ_dW stands in several cells."""
    built = mini.cells(mini.RIGHT)
    at = next(number for number, cell in enumerate(built) if cell["id"] == "dJ_dW-answer")
    marks = built[at]["metadata"]
    built[at : at + 1] = [
        {**built[at], "id": f"copy-{number}", "metadata": marks, "source": source}
        for number, source in enumerate(sources)
    ]
    return mini.notebook(built)


def test_of_rival_answers_the_last_one_wins_and_the_notes_say_so():
    submission = copies(mini.RIGHT["dJ_dW"], "def dJ_dW(delta, a_prev):\n    return 2 * delta @ a_prev.T")
    assert "2 *" in answers(submission)["dJ_dW"]
    assert "2 answers to `dJ_dW`; the last one counts" in notes(submission)


def test_a_copied_stub_is_no_rival():
    assert answers(copies(mini.RIGHT["dJ_dW"], mini.STUBS["dJ_dW"])) == mini.RIGHT
    assert notes(copies(mini.RIGHT["dJ_dW"], mini.STUBS["dJ_dW"])) == ""


@pytest.mark.parametrize(
    "halves",
    [
        ("def dJ_dW(delta, a_prev):", "    return delta @ a_prev.T"),
        ("def product(d, a):\n    return d @ a.T", "def dJ_dW(delta, a_prev):\n    return product(delta, a_prev)"),
    ],
)
def test_a_split_answer_is_put_together(halves):
    submission = copies(*halves)
    assert answers(submission)["dJ_dW"] == "\n".join(halves)
    assert "put together" in notes(submission)


def test_own_cells_stay_behind_the_cell_they_followed():
    built = mini.cells(mini.RIGHT, extra=["helper = 1"])
    order = [cell.id for cell in repair(mini.notebook(built[::-1][::-1]), mini.RELEASE).cells]
    assert order.index("own-0") == order.index("dJ_dW-answer") + 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding):
    assert answers(mini.answered().decode().encode(encoding)) == mini.RIGHT


def test_nbformat_3_is_read():
    old = [
        {"cell_type": "code", "input": source, "outputs": [], "language": "python", "metadata": {}}
        for source in mini.RIGHT.values()
    ]
    submission = json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": old}]}
    ).encode()
    assert answers(submission) == mini.RIGHT
    assert "nbformat 3" in notes(submission)


@pytest.mark.parametrize(
    ("submission", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (mini.answered()[:400], "ends in the middle"),
        (b"%PDF-1.4 \xff\xfe", "not text in UTF-8"),
        (b"def dJ_dW(): pass", "damaged"),
        (b"[1, 2, 3]", "not a Jupyter notebook"),
        (b'{"cells": 3}', "not a Jupyter notebook"),
        (b"[" * 100_000, "nested too deeply"),
        (mini.answered().replace(b'"cells": [', b'<<<<<<< HEAD\n"cells": ['), "merge conflict"),
        (mini.notebook([mini.cell("code", "1 + 1", "elsewhere")]), "none of this chapter's exercises"),
        (b'{"worksheets": [{"cells": 3}]}', "old format"),
        (b" " * (50 * 2**20 + 1), "larger than 50 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(submission, reason):
    with pytest.raises(Refused, match=reason):
        repair(submission, mini.RELEASE)


def test_names_a_cell_defines():
    assert defined("%matplotlib inline\nx, (y, z) = 1, (2, 3)\ndef f(): g = 1\nclass C: ...\n!ls") == {
        "x",
        "y",
        "z",
        "f",
        "C",
    }
    assert defined("def f(:") == set()
