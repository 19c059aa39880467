"""Who wrote the same? What was given and what the solution says does not count; the wording is a hint."""

import csv

import miniature as mini
import pytest
from test_engine import build

from grader.__main__ import main

# A way of one's own, with a comment, in two dresses.
OWN = """\
def dJ_dW(delta, a_prev):
    n, k = len(delta), len(a_prev)
    total = np.zeros((n, k))
    for i in range(n):
        for j in range(k):
            for example in range(delta.shape[1]):
                total[i, j] = total[i, j] + delta[i, example] * a_prev[j, example]
    return total
"""
DRESSED = OWN.replace("total", "result").replace("example", "t").replace("    n, k", "    # sizes first\n    n, k")
OTHER = """\
def dJ_dW(delta, a_prev):
    columns = [np.outer(delta[:, t], a_prev[:, t]) for t in range(a_prev.shape[1])]
    answer = columns.pop()
    while columns:
        answer = answer + columns.pop()
    return answer
"""


@pytest.fixture
def course(tmp_path, require):
    require("copydetect")
    answers = {"ada": OWN, "bob": DRESSED, "cem": OTHER}
    alike = {name: mini.answered(dJ_dW=text) for name, text in answers.items()}
    plain = {name: mini.answered() for name in ("dot", "eve")}  # both as the solution has it
    return build(tmp_path, alike | plain | {"fay": mini.RELEASE, "gus": mini.RELEASE, "hal": b"{"})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_answer_in_two_dresses_is_found_and_nothing_else(course, capsys):
    main(["similar", "--course", str(course)])
    said = capsys.readouterr().out
    with (course / "report" / "similar.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["exercise", "student", "other", "alike"]
    assert [row[:3] for row in rows] == [["dJ_dW", "ada", "bob"]]
    assert float(rows[0][3]) > 0.7
    assert "A hint, never a verdict" in said


def test_nothing_to_compare_is_said(tmp_path):
    with pytest.raises(SystemExit, match="Nothing to compare"):
        main(["similar", "--course", str(tmp_path)])
    with pytest.raises(SystemExit, match="not all of these exist"):
        main(["similar", "99", "--course", str(tmp_path)])
    assert main(["similar", "03", "--course", str(tmp_path)]) == 0
