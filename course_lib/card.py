"""How a verdict looks: a card in a notebook, the same words as plain text everywhere else.

A card is HTML with the colours of the reader's own theme, so it is as readable in a dark notebook as on paper. Signs and
words carry the meaning (✓ ✗ ◐ ○); colour only repeats it.
"""

from __future__ import annotations

import html
import re

import numpy as np

COLOURS = {"passed": ("success", "#2e7d32"), "partial": ("warn", "#b26a00"), "not_answered": ("info", "#4a6fa5")}
LEADING = re.compile(r"(Cause|In words|Ask yourself|Read again|Worst entry|You predicted|The answer)\b:?")
LARGEST = 32  # rows or columns; a larger map would be a grey carpet
CELL = 14  # pixels


class Card:
    """A verdict with whatever else belongs beside it; text is the plain twin of the HTML."""

    def __init__(self, verdict, more=()):
        self.verdict, self.text = verdict, "\n".join([str(verdict), *more])

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        theme, colour = COLOURS.get(self.verdict.state, ("error", "#b3261e"))
        first, *lines = self.text.split("\n")
        name, colon, rest = first.partition(": ")
        body = "".join(f'<div style="margin-top:3px">{_line(line)}</div>' for line in lines)
        return (
            f'<div style="border-left:4px solid var(--jp-{theme}-color1, {colour});padding:4px 10px;max-width:54em;line-height:1.45">'
            f'<div style="display:flex;flex-wrap:wrap;gap:4px 24px"><div style="flex:1 1 26em">'
            f"<div><b>{html.escape(name)}</b>{colon}{html.escape(rest)}</div>{body}</div>{heat_map(self.verdict.error)}</div></div>"
        )


def _line(line: str) -> str:
    """A line of the message; its leading words stand out."""
    return LEADING.sub(r"<b>\g<0></b>", html.escape(line.strip()), count=1)


def heat_map(error) -> str:
    """Where the answer is wrong: yours minus right, as a small table of squares; empty where it would not help."""
    if error is None or error.ndim != 2 or error.size < 2 or max(error.shape) > LARGEST:
        return ""
    size = np.max(np.abs(error))
    squares = "".join(_square(i, j, value / size) for (i, j), value in np.ndenumerate(error))
    wrong = np.abs(error) > 1e-9 * size
    alt = f"Error by entry: {wrong.sum()} of {error.size} entries are wrong; rows {_some(wrong.any(1))}; columns {_some(wrong.any(0))}."
    rows, columns = error.shape
    return (
        f'<figure style="margin:0"><svg role="img" aria-label="{alt}" width="{columns * CELL}" height="{rows * CELL}">{squares}</svg>'
        f'<figcaption style="font-size:85%">yours − right, {rows} × {columns}:<br>+ too large, − too small, blank right</figcaption></figure>'
    )


def _square(i: int, j: int, value: float) -> str:
    """One entry: shade for the size of the error, a sign for its direction, so that grey says the same."""
    sign = "" if abs(value) <= 1e-9 else "+" if value > 0 else "−"
    red, green, blue = (192, 74, 36) if value > 0 else (11, 79, 138)
    x, y = j * CELL, i * CELL
    return (
        f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="rgb({red},{green},{blue})" '
        f'fill-opacity="{0.12 + 0.88 * abs(value) if sign else 0.1:.2f}"/>'
        f'<text x="{x + CELL / 2 - 0.5}" y="{y + CELL - 4}" font-size="10" text-anchor="middle" '
        f'fill="{"white" if abs(value) > 0.5 else "currentColor"}">{sign}</text>'
    )


def _some(flags) -> str:
    """`all`, or the first few numbers."""
    numbers = np.flatnonzero(flags)
    return "all" if len(numbers) == len(flags) else ", ".join(map(str, numbers[:6])) + ("…" if len(numbers) > 6 else "")


def show(card: Card):
    """Display a card in a notebook, print it elsewhere."""
    if in_notebook():
        from IPython.display import display

        display(card)
    else:
        print(card)


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this, so that HTML has somebody to look at it."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return False
    return hasattr(get_ipython(), "kernel")
