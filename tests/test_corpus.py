"""The attack corpus: every folder of tests/submissions says in one line what it tries; what must happen is in expect.json.

A folder holds files as a student could hand them in, or `cells.py`: the answers (and own cells) of an otherwise right
submission of the miniature chapter, each after a line `# %% NAME`.
"""

import json
import re
import shutil

import miniature as mini
import pytest

from grader import collect, engine

HERE = __import__("pathlib").Path(__file__).parent / "submissions"
FAULTS = sorted(path.name for path in HERE.iterdir())
OURS = ("README.md", "expect.json", "cells.py")


def submission(fault, target):
    """The folder that this student hands in."""
    folder = target / fault / mini.ASSIGNMENT
    shutil.copytree(HERE / fault, folder, symlinks=True, ignore=shutil.ignore_patterns(*OURS))
    if (HERE / fault / "cells.py").exists():
        blocks = re.split(r"^# %% (\w+)\n", (HERE / fault / "cells.py").read_text(), flags=re.MULTILINE)[1:]
        pairs = [(name, source.strip()) for name, source in zip(blocks[::2], blocks[1::2], strict=True)]
        answers = {name: source for name, source in pairs if name != "extra"}
        extra = [source for name, source in pairs if name == "extra"]
        (folder / mini.FILE).write_bytes(mini.notebook(mini.cells(mini.RIGHT | answers, extra)))
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(fault, tmp_path, require, monkeypatch):
    require("bwrap")
    wanted = json.loads((HERE / fault / "expect.json").read_text())
    # Short, since endless loops use it up; longer where something else must end the cell, on a busy machine too.
    monkeypatch.setattr(engine, "CELL_SECONDS", wanted.get("seconds", 3.0))
    submission(fault, tmp_path)
    found = collect.find(tmp_path, fault, mini.ASSIGNMENT)
    result = engine.examine(engine.Task(fault, mini.ASSIGNMENT, found.submission, mini.RELEASE, mini.SEEDS), found)
    states = {row["name"]: row["state"] for row in result.exercises}
    said = " ".join([result.reason, *(row["message"] for row in result.exercises)])
    assert result.state == wanted["state"], result.reason
    assert states == wanted.get("exercises", {}), said
    assert wanted.get("says", "") in said
    assert all(row["score"] == (mini.POINTS if row["state"] == "passed" else 0) for row in result.exercises)
    assert result.max_score == len(mini.STUBS) * mini.POINTS
    if result.state == "graded":
        assert {"namespaces", "limits"} <= set(result.walls)


def test_the_corpus_is_what_it_says():
    lines = [(HERE / fault / "README.md").read_text().strip() for fault in FAULTS]
    assert len(FAULTS) >= 60
    assert len(set(lines)) == len(FAULTS)
    assert all("\n" not in line for line in lines)
