"""A miniature chapter with three real exercises, and submissions of it: what the grader's tests run on."""

import json
import os
from pathlib import Path

ASSIGNMENT = "03_dJ_dW"
FILE = f"{ASSIGNMENT}.ipynb"
STUBS = {
    "sigmoid_prime": 'def sigmoid_prime(a):\n    """σ′ written in a."""\n    raise NotImplementedError',
    "dJ_dW": 'def dJ_dW(delta, a_prev):\n    """∂J/∂W (n_l, n_{l-1})."""\n    raise NotImplementedError',
    "dJ_db": 'def dJ_db(delta):\n    """∂J/∂b (n_l, 1)."""\n    raise NotImplementedError',
}
RIGHT = {
    "sigmoid_prime": "def sigmoid_prime(a):\n    return a * (1 - a)",
    "dJ_dW": "def dJ_dW(delta, a_prev):\n    return delta @ a_prev.T",
    "dJ_db": "def dJ_db(delta):\n    return delta.sum(axis=1, keepdims=True)",
}
GIVEN = "import numpy as np\n\nimport course_lib as cl\nfrom course_lib import check"
POINTS = 2.0


def cells(answers=(), extra=()):
    """The chapter's cells with some answers in place of their stubs; extra cells follow the answer of dJ_dW."""
    answers = dict(answers)
    built = [
        cell("markdown", "# A miniature chapter", "text-0"),
        cell("code", GIVEN, "given-1", locked=True),
    ]
    for name, stub in STUBS.items():
        built.append(cell("code", answers.get(name, stub), f"{name}-answer", solution=True))
        if name == "dJ_dW":
            built += [cell("code", source, f"own-{number}") for number, source in enumerate(extra)]
        built.append(cell("code", f"check.{name}({name})", name, grade=True, locked=True, points=POINTS))
    return built


def cell(kind, source, name, **marks):
    plain = {"schema_version": 3, "grade_id": name, "grade": False, "locked": False, "solution": False, "task": False}
    entry = {"cell_type": kind, "id": name, "metadata": {"nbgrader": plain | marks} if marks else {}, "source": source}
    return entry | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(built) -> bytes:
    """The file of a notebook with these cells."""
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    tree = {"cells": built, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(tree, ensure_ascii=False, indent=1).encode()


RELEASE = notebook(cells())
SEEDS = {"": 0} | {name: number for number, name in enumerate(STUBS, 1)}


def answered(**changes) -> bytes:
    """A submission that is right but for these answers."""
    return notebook(cells(RIGHT | changes))


def mortal(tries, item):
    """A task whose process dies: item 3 at the first try, item 7 always."""
    mark = Path(tries) / str(item)
    if item == 7 or (item == 3 and not mark.exists()):
        mark.touch()
        os._exit(1)
    return item**2
