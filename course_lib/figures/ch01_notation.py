"""Figures of chapter 01: σ, a network as boxes, products of shapes, rows and columns."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.figures import pixels
from course_lib.figures.boxes import BOX, box, connect, empty, place
from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, figure, heat_map, short


@figure(width=7.2, height=2.7)
def network_names(fig):
    """The notation on a network of two inputs, two hidden neurons and one output."""
    axes, sizes = fig.subplots(), (2, 2, 1)
    empty(axes, sizes)
    connect(axes, sizes, lambda l, i, j: f"W[{l}][{i}, {j}]")
    for (l, i), centre in place(sizes).items():
        if l == 0:
            box(axes, centre, f"X[{i}]", width=BOX[0] / 2, colour=QUIET)
        else:
            box(axes, centre, f"z[{l}][{i}] → a[{l}][{i}]")
    _captions(
        axes,
        sizes,
        ["a[0] = X", "z[1] = W[1] @ X + b[1]\na[1] = σ(z[1])", "z[2] = W[2] @ a[1] + b[2]\nŷ = a[2] = σ(z[2])"],
    )
    return (
        "A network of two inputs, two hidden neurons and one output, from left to right. Every neuron is a box: z on its left, "
        "a = σ(z) on its right. Every arrow is one entry of W: row = the neuron it goes to, column = the neuron it comes from."
    )


@figure(width=7.2, height=2.7, steady=True)
def network_numbers(fig, W, b, z, a, upto=None):
    """A small network with the numbers of your forward pass on it, for the first observation; layers after `upto` are empty."""
    sizes = [len(a[l]) for l in sorted(a)]
    upto = len(sizes) - 1 if upto is None else upto
    axes = fig.subplots()
    empty(axes, sizes)
    connect(axes, sizes, lambda l, i, j: short(W[l][i, j]), known=lambda l: l <= upto)
    for (l, i), centre in place(sizes).items():
        if l == 0:
            box(axes, centre, short(a[0][i, 0]), width=BOX[0] / 2, colour=QUIET)
        elif l <= upto:
            box(axes, centre, f"{short(z[l][i, 0])} → {short(a[l][i, 0])}")
            axes.text(
                centre[0],
                centre[1] - 0.46,
                f"b = {short(b[l][i, 0])}",
                ha="center",
                va="center",
                fontsize=8.5,
                color=QUIET,
            )
        else:
            box(axes, centre, "z → a", colour=QUIET, face="white")
    _captions(axes, sizes, ["a[0] = X", *(f"z[{l}] → a[{l}]" for l in range(1, len(sizes)))])
    layers = "; ".join(
        f"layer {l}: z = {_list(z[l])}, a = {_list(a[l])}" if l <= upto else f"layer {l}: not computed yet"
        for l in range(1, len(sizes))
    )
    return f"Forward pass with your numbers. X = {_list(a[0])}; {layers}."


def _captions(axes, sizes, texts):
    """One caption under each layer, all on one height."""
    for l, text in enumerate(texts):
        axes.text(
            place(sizes)[l, 0][0], axes.get_ylim()[0] + 0.5, text, ha="center", va="top", color=FORWARD, fontsize=9.5
        )


def _list(column):
    return ", ".join(short(value) for value in column[:, 0])


@figure(width=7.2, height=2.9)
def sigmoid_and_slope(fig, sigmoid):
    """Your σ, and its slope σ′ measured on your σ by central differences."""
    axes = fig.subplots()
    z = np.linspace(-8, 8, 321)
    a, slope = sigmoid(z), (sigmoid(z + 1e-5) - sigmoid(z - 1e-5)) / 2e-5
    axes.plot(z, a, color=FORWARD, linestyle="-")
    axes.plot(z, slope, color=BACKWARD, linestyle="--")
    axes.text(2.4, 0.83, "a = σ(z)", color=FORWARD)
    axes.text(1.6, 0.2, "its slope σ′(z)", color=BACKWARD)
    top = int(np.argmax(slope))
    axes.plot(z[top], slope[top], "o", color=BACKWARD)
    axes.annotate(
        f"largest slope {slope[top]:.3g}",
        (z[top], slope[top]),
        (-6.3, 0.4),
        color=INK,
        arrowprops={"arrowstyle": "->", "color": QUIET},
    )
    axes.text(-8, 0.06, "flat: here z hardly moves a", color=QUIET, fontsize=9)
    axes.set(
        xlabel="z", ylim=(-0.05, 1.1), yticks=[0, 0.25, 0.5, 0.75, 1], title="The sigmoid, drawn from your function"
    )
    return (
        f"The sigmoid rises from 0 to 1, with a = {float(sigmoid(0.0)):.3g} at z = 0. Its slope is a low hill: {slope[top]:.3g} at "
        f"z = {z[top]:.2g}, and nearly 0 beyond |z| = 6."
    )


PRODUCTS = {"W X": ("W", "X"), "X W": ("X", "W"), "W Xᵀ": ("W", "Xᵀ"), "X Wᵀ": ("X", "Wᵀ")}


@figure(width=7.2, height=2.2)
def shape_ribbons(fig, W_shape, X_shape):
    """The four products of two shapes. Thick inner edges carry the lengths that must be equal."""
    shapes = {"W": W_shape, "X": X_shape, "Wᵀ": W_shape[::-1], "Xᵀ": X_shape[::-1]}
    pairs = {name: (shapes[left], shapes[right]) for name, (left, right) in PRODUCTS.items()}
    slot = 2 * max(*W_shape, *X_shape) + 2.5
    axes = fig.subplots()
    for number, (name, (left, right)) in enumerate(pairs.items()):
        _product(axes, (number + 0.5) * slot, name, left, right)
    axes.set(xlim=(0, 4 * slot), ylim=(-slot * 0.5, slot * 0.44), aspect="equal")
    axes.axis("off")
    exist = [name for name, (left, right) in pairs.items() if left[1] == right[0]]
    return f"Four products of W {W_shape} and X {X_shape}, as rectangles. These exist: {', '.join(exist) or 'none'}."


def _product(axes, middle, name, left, right):
    """Two rectangles; their inner edges (the top of the left one, the side of the right one) solid if they fit, dotted if not."""
    fits = left[1] == right[0]
    line = {
        "color": FORWARD if fits else BACKWARD,
        "linestyle": "-" if fits else ":",
        "linewidth": 4,
        "solid_capstyle": "butt",
    }
    start = middle - (left[1] + right[1] + 1) / 2
    for x, (rows, columns) in ((start, left), (start + left[1] + 1, right)):
        axes.add_patch(Rectangle((x, -rows / 2), columns, rows, facecolor=PAPER, edgecolor=QUIET))
        axes.text(x + columns / 2, 0, f"{rows}×{columns}", ha="center", va="center", fontsize=9)
    axes.plot([start, start + left[1]], [left[0] / 2] * 2, **line)
    axes.plot([start + left[1] + 1] * 2, [-right[0] / 2, right[0] / 2], **line)
    verdict = (
        f"{left[1]} = {right[0]}\ngives {left[0]}×{right[1]}" if fits else f"{left[1]} ≠ {right[0]}\ndoes not exist"
    )
    edge = axes.get_xaxis_transform()
    axes.text(
        middle, 0.97, name, transform=edge, ha="center", va="top", fontweight="bold" if fits else "normal", fontsize=11
    )
    axes.text(middle, 0.03, verdict, transform=edge, ha="center", va="bottom", fontsize=9)


@figure(width=7.2, height=2.5)
def columns_of_digits(fig, to_columns, images):
    """Column i of X as a picture: above from your transpose, below from a reshape to the same shape."""
    right, torn = to_columns(images), images.reshape(images.shape[::-1])
    count = 8
    grid = fig.subplots(2, count)
    for row, (X, name) in enumerate([(right, "to_columns"), (torn, "reshape")]):
        for i in range(count):
            pixels.ink(grid[row, i], X[:, i])
            pixels.frame(grid[row, i])
        grid[row, 0].set_ylabel(name, color=INK)
    fig.suptitle(
        f"The first {count} columns of X {right.shape}, each drawn as 8 × 8 pixels", x=0.01, ha="left", fontsize=10.5
    )
    return f"Two rows of {count} small pictures. Above, the columns of your transpose: handwritten digits. Below, those of a reshape: scattered dots."


@figure(width=7.2, height=2.6)
def silent_mistake(fig, right, posted):
    """The right outputs, what the posted formula gives when m = n, and the difference. All (m, n₂)."""
    panels = fig.subplots(1, 3)
    for axes, array, title in zip(
        panels, (right, posted, posted - right), ("yours", "posted, no error", "posted − yours"), strict=True
    ):
        heat_map(axes, array, title)
        axes.set(xlabel="output", ylabel="observation" if title == "yours" else "")
    worst = float(np.abs(posted - right).max())
    return f"Three small tables of outputs: your repaired formula, the posted one, and the difference, which is as large as {worst:.2g}."
