"""Answers as students write them, one file of rows per chapter beside this module: `03_dJ_dW.py`, in percent format.

# %% wrong="flipped sign"       a mistake, by the name that the check must give it
# %% fails="an axis is lost"    wrong, without a name of its own
# %% right="einsum"             right, and written differently from the solution
"""

import ast
from dataclasses import dataclass
from pathlib import Path

import jupytext

FOLDER = Path(__file__).parent
KINDS = ("wrong", "fails", "right")


@dataclass(frozen=True)
class Row:
    """One answer: the exercise whose function it defines, its kind (one of KINDS), the mistake or what is special, the code."""

    exercise: str
    kind: str
    name: str
    source: str

    def __str__(self):
        return f"{self.exercise}: {self.name}"


def chapters() -> list[str]:
    """The chapters that have rows."""
    return sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))


def rows(chapter: str) -> list[Row]:
    """All rows of a chapter. Raises ValueError for a cell without one of the three tags."""
    cells = jupytext.read(FOLDER / f"{chapter}.py", fmt="py:percent").cells
    return [_row(chapter, cell) for cell in cells if cell.cell_type == "code"]


def _row(chapter, cell) -> Row:
    tags = [(kind, cell.metadata[kind]) for kind in KINDS if kind in cell.metadata]
    functions = [node.name for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    if len(tags) != 1 or not functions:
        raise ValueError(
            f"{chapter}.py: {cell.source[:60]!r}: wanted one tag of {', '.join(KINDS)}, and a function below it"
        )
    return Row(functions[-1], *tags[0], cell.source)
