"""A network as boxes: one box per neuron, z in its left half and a in its right, the weights on the arrows."""

from __future__ import annotations

from matplotlib.patches import FancyBboxPatch

from course_lib.figures.picture import FORWARD, INK, PAPER, QUIET

BOX = (1.8, 0.62)  # width and height of a neuron; an input is half as wide
GAP = (3.9, 1.25)  # from one layer to the next, from one neuron to the next


def place(sizes) -> dict[tuple[int, int], tuple[float, float]]:
    """(layer, neuron) → centre of its box; layer 0 is the input, layers are centred on one another."""
    return {(l, i): (l * GAP[0], ((n - 1) / 2 - i) * GAP[1]) for l, n in enumerate(sizes) for i in range(n)}


def box(axes, centre, text, width=BOX[0], height=BOX[1], colour=FORWARD, face=PAPER):
    """A rounded box with centred text."""
    x, y = centre[0] - width / 2, centre[1] - height / 2
    axes.add_patch(
        FancyBboxPatch(
            (x, y), width, height, boxstyle="round,pad=0.02", edgecolor=colour, facecolor=face, linewidth=1.3
        )
    )
    axes.text(*centre, text, ha="center", va="center", color=INK, fontsize=9.5)


def arrow(axes, start, end, text="", colour=QUIET, at=0.3, **line):
    """An arrow with its text on it, at the fraction `at` of its length."""
    axes.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 2, **line},
    )
    if text:
        x, y = (1 - at) * start[0] + at * end[0], (1 - at) * start[1] + at * end[1]
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(x, y, text, ha="center", va="center", fontsize=8.5, color=INK, bbox=paper)


def empty(axes, sizes):
    """Axes without a frame, just large enough for a network of these sizes."""
    top = (max(sizes) - 1) * GAP[1] / 2
    axes.set(xlim=(-BOX[0] / 2, (len(sizes) - 1) * GAP[0] + BOX[0] / 2 + 0.1), ylim=(-top - 1.3, top + 0.45))
    axes.axis("off")


def connect(axes, sizes, weights, known=lambda l: True):
    """All arrows of a network; weights(l, i, j) → the text on the arrow from neuron j of layer l − 1 to neuron i of layer l."""
    at = place(sizes)
    for l in range(1, len(sizes)):
        for i in range(sizes[l]):
            for j in range(sizes[l - 1]):
                half = BOX[0] / (4 if l == 1 else 2)
                start, end = at[l - 1, j], at[l, i]
                text = weights(l, i, j) if known(l) else ""
                line = {} if known(l) else {"alpha": 0.35}
                # Texts of straight arrows stand near their start, those of crossing ones near their end: none on another.
                arrow(
                    axes,
                    (start[0] + half, start[1]),
                    (end[0] - BOX[0] / 2, end[1]),
                    text,
                    at=0.3 if i == j else 0.74,
                    **line,
                )
