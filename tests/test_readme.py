"""What README and docs/why_dJ_dX.md claim is true: the examples run, the numbers are course_lib's."""

import doctest
import re

import numpy as np
import pytest

import course_lib as cl
from course_lib.reference import backward

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_the_examples_in_the_readme_run(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a check notes a student's progress beside the notebook
    results = doctest.testfile(str(root / "README.md"), module_relative=False, encoding="utf-8", optionflags=OPTIONS)
    assert results.failed == 0
    assert results.attempted >= 5


def test_the_readme_is_short(root):
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) <= 80


def test_every_path_and_command_in_the_readme_exists(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links
    assert [link for link in links if not (root / link).exists()] == []
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"`make (\w+)`", text))
    assert commands >= {"lab", "demo", "test"}
    assert [name for name in commands if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


@pytest.fixture
def claimed(root):
    """Quantity → numbers, from the table of the 2-2-1 example."""
    example = (root / "docs" / "why_dJ_dX.md").read_text(encoding="utf-8").split("\n## ")[1]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([−\d., ]+) \|", example, re.MULTILINE)
    return {name.split(" = ")[0]: [float(n) for n in numbers.replace("−", "-").split(",")] for name, numbers in rows}


def test_the_numbers_of_the_example_are_those_of_course_lib(claimed):
    net = cl.Network({1: [[1, -1], [2, 0]], 2: [[1, -2]]}, {1: [[1], [-1]], 2: [[1]]}, {1: "sigmoid", 2: "sigmoid"})
    x, y = [[1], [2]], [[1]]
    trace, g = cl.forward(net, x), backward(net, x, y)
    wanted = {
        "z₁": trace.z[1],
        "a₁": trace.a[1],
        "z₂": trace.z[2],
        "ŷ": trace.y_hat,
        "∂J/∂ŷ": trace.y_hat - y,
        "δ₂": g.delta[2],
        "∂J/∂W₂": g.W[2],
        "∂J/∂a₁": net.W[2].T @ g.delta[2],
        "δ₁": g.delta[1],
        "∂J/∂W₁": g.W[1],
        "∂J/∂X": g.X,
    }
    assert claimed == {name: list(np.round(value.ravel(), 4) + 0.0) for name, value in wanted.items()}
