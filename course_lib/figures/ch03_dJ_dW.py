"""Figures of chapter 03: one step down, forward and back on one network, δaᵀ, the first wrong row, what it costs."""

import numpy as np

from course_lib.figures import pixels
from course_lib.figures.boxes import BOX, arrow, box, empty, place
from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, figure, heat_map, short


@figure(width=7.2, height=2.7)
def one_step(fig, y_hat, Y, cost, slope):
    """J after one step of each length against `slope`, and after the same step with the other sign."""
    axes = fig.subplots()
    lengths = np.linspace(0, Y.shape[1] / 2, 41)
    down, up = ([cost(y_hat - sign * length * slope, Y) for length in lengths] for sign in (1, -1))
    for values, colour, style, name in (
        (down, FORWARD, "-", "step against yours"),
        (up, BACKWARD, "--", "step with the other sign"),
    ):
        axes.plot(lengths, values, color=colour, linestyle=style)
        axes.annotate(name, (lengths[-1], values[-1]), (6, 0), textcoords="offset points", va="center", color=colour)
    axes.plot(0, down[0], "o", color=INK)
    axes.set(
        xlabel="length of the step",
        ylabel="J",
        xlim=(0, lengths[-1] * 1.42),
        ylim=(0, None),
        xticks=np.linspace(0, lengths[-1], 5),
        title="Which sign walks downhill?",
    )
    ends = "falls" if down[-1] < down[0] else "rises", "falls" if up[-1] < up[0] else "rises"
    return (
        f"Two lines that start at J = {down[0]:.3g}. With a step against your slope J {ends[0]} to {down[-1]:.3g}; "
        f"with the other sign it {ends[1]} to {up[-1]:.3g}."
    )


@figure(width=7.2, height=3.4, steady=True)
def there_and_back(fig, W, z, a, delta=None, dW=None, step=0):
    """Forward in blue, backward in red, on one network with the numbers of its first observation.

    Steps 0 … L fill the layers forward; steps L + 1 … 2L bring δ and ∂J/∂W back, from the last layer to the first.
    """
    L = len(W)
    sizes = [len(a[l]) for l in range(L + 1)]
    ahead, back = min(step, L), 2 * L + 1 - step  # layers ≤ ahead are known forward, layers ≥ back backward
    axes = fig.subplots()
    empty(axes, sizes)
    for (l, i), centre in place(sizes).items():
        _neuron(axes, centre, l, i, z, a, delta, l <= ahead, l >= max(back, 1))
        for j in range(sizes[l - 1] if l else 0):
            _weight(axes, sizes, (l, i, j), W, dW, l <= ahead, l >= back)
    left, low = axes.get_xlim()[0], axes.get_ylim()[0]
    axes.text(left, low + 0.25, "forward: z → a, with W on the arrows", color=FORWARD, fontsize=9.5)
    if step > L:
        axes.text(
            axes.get_xlim()[1],
            low + 0.25,
            "back: δ under each neuron, ∂J/∂W under each W",
            color=BACKWARD,
            fontsize=9.5,
            ha="right",
        )
    return _walk_in_words(a, z, delta, dW, ahead, back)


def _neuron(axes, centre, l, i, z, a, delta, forward, backward):
    if l == 0:
        box(axes, centre, short(a[0][i, 0]), width=BOX[0] / 2, colour=QUIET)
        return
    text = f"{short(z[l][i, 0])} → {short(a[l][i, 0])}" if forward else "z → a"
    box(axes, centre, text, colour=FORWARD if forward else QUIET, face=PAPER if forward else "white")
    if backward:
        axes.text(
            centre[0],
            centre[1] - 0.5,
            f"δ = {short(delta[l][i, 0])}",
            color=BACKWARD,
            ha="center",
            va="center",
            fontsize=9.5,
            fontweight="bold",
        )


def _weight(axes, sizes, at, W, dW, forward, backward):
    """An arrow with its weight in ink and, once it is known, the derivative by it in red."""
    l, i, j = at
    places = place(sizes)
    start, end = places[l - 1, j], places[l, i]
    start = start[0] + BOX[0] / (4 if l == 1 else 2), start[1]
    end = end[0] - BOX[0] / 2, end[1]
    arrow(axes, start, end, colour=BACKWARD if backward else QUIET, alpha=1.0 if forward else 0.35)
    if forward:
        share = 0.28 if i == j else 0.74
        x, y = ((1 - share) * p + share * q for p, q in zip(start, end, strict=True))
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(
            x,
            y,
            short(W[l][i, j]),
            ha="center",
            va="bottom" if backward else "center",
            fontsize=8.5,
            color=INK,
            bbox=paper,
        )
        if backward:
            axes.text(x, y - 0.02, short(dW[l][i, j]), ha="center", va="top", fontsize=8.5, color=BACKWARD, bbox=paper)


def _walk_in_words(a, z, delta, dW, ahead, back):
    listed = lambda array: ", ".join(short(value) for value in np.ravel(array))
    parts = [f"x = {listed(a[0][:, 0])}"]
    parts += [f"layer {l}: z = {listed(z[l][:, 0])}, a = {listed(a[l][:, 0])}" for l in range(1, ahead + 1)]
    parts += [
        f"back at layer {l}: δ = {listed(delta[l][:, 0])}, ∂J/∂W = {listed(dW[l])}"
        for l in range(len(z), max(back, 1) - 1, -1)
    ]
    return "A network from left to right. " + "; ".join(parts) + "."


@figure(width=4.0, height=3.0)
def outer_product(fig, delta, a_prev, dW):
    """δ as a column, a_prev as a row, and between them every product of an entry of one with an entry of the other."""
    n, n_prev = dW.shape
    grid = fig.subplots(2, 2, width_ratios=[1, n_prev], height_ratios=[1, n])
    grid[0, 0].axis("off")
    for panel, side in ((grid[0, 1], "W"), (grid[1, 0], "E"), (grid[1, 1], "W")):
        panel.set_anchor(side)
    heat_map(grid[0, 1], a_prev.T, "aᵀ of the layer before", digits=3)
    heat_map(grid[1, 0], delta, "δ", digits=3)
    heat_map(grid[1, 1], dW, "∂J/∂W, yours", digits=3)
    worst = np.abs(dW - delta @ a_prev.T).max()
    match = (
        "every cell is the product of its row's δ and its column's a"
        if worst < 1e-12
        else "some cells are not the product of their row's δ and their column's a"
    )
    return f"A table of {n} rows and {n_prev} columns with δ at its left and a at its top; {match}."


@figure(width=7.2, height=1.7)
def digit_rows(fig, x, delta, dW):
    """Each row of ∂J/∂W[1] folded back into 8×8 pixels: the input itself, times the δ of that neuron."""
    axes = fig.subplots(1, len(delta) + 1)
    pixels.ink(axes[0], x)
    pixels.frame(axes[0], "x")
    size = np.abs(dW).max()
    for i, (panel, row) in enumerate(zip(axes[1:], dW, strict=True)):
        pixels.signed(panel, row, size)
        pixels.frame(panel, f"row {i}")
        panel.set_xlabel(f"δ = {delta[i, 0]:.4f}".replace("-", "−"), fontsize=9, color=BACKWARD)
    return (
        f"A digit of 8×8 pixels, and beside it the {len(delta)} rows of ∂J/∂W[1] as pictures. Each shows the same digit, stronger or weaker, "
        f"red or blue (dots mark negative pixels), as the δ under it says: {', '.join(f'{value:.4f}' for value in delta[:, 0])}."
    )


@figure(width=7.2, height=3.2)
def first_wrong_row(fig, rows):
    """A table of (name, yours, measured) in the order of computation; the first row that differs is marked."""
    axes = fig.subplots()
    axes.axis("off")
    wrong = [not np.allclose(yours, measured, rtol=1e-5, atol=1e-9) for _, yours, measured in rows]
    first = wrong.index(True) if any(wrong) else len(rows)
    columns = (0.01, 0.105, 0.49, 0.885)
    step = 1 / (len(rows) + 1.5)
    for x, head in zip(columns, ("", "yours", "measured (central differences)", ""), strict=True):
        axes.text(x, 1, head, color=QUIET, va="center", fontsize=9.5)
    for number, (name, yours, measured) in enumerate(rows):
        y, colour = 1 - (number + 1.2) * step, BACKWARD if number == first else INK
        remark = "✗ first wrong row" if number == first else "✗ follows" if wrong[number] else "✓"
        for x, text in zip(columns, (name, _row(yours), _row(measured), remark), strict=True):
            axes.text(
                x, y, text, va="center", fontsize=9, color=colour, fontweight="bold" if number == first else "normal"
            )
        if number == first:
            axes.axhspan(y - step / 2, y + step / 2, facecolor="#fbe9e1", edgecolor=BACKWARD, linewidth=1.5)
    axes.set(xlim=(0, 1.1), ylim=(0, 1.06))
    names = ", ".join(name for name, *_ in rows)
    verdict = (
        f"The first wrong row is {rows[first][0]}: yours {_row(rows[first][1])}, measured {_row(rows[first][2])}."
        if any(wrong)
        else "All rows agree."
    )
    return f"A table of {names} for one observation, yours beside measured. {verdict}"


def _row(values):
    return "  ".join(f"{value:+.4f}".replace("-", "−") for value in np.ravel(values))


@figure(width=7.2, height=1.9)
def what_it_costs(fig, counts):
    """Multiplications as bars on a logarithmic axis: {name: number}."""
    axes = fig.subplots()
    names = list(counts)[::-1]
    colours = {"forward": FORWARD, "backward": BACKWARD}
    axes.barh(
        names, [counts[name] for name in names], color=[colours.get(name, QUIET) for name in names], height=0.6, left=1
    )
    for row, name in enumerate(names):
        axes.text(counts[name] * 1.4, row, f"{counts[name]:,}", va="center")
    axes.set(xscale="log", xlim=(1, max(counts.values()) * 300), title="Multiplications for one gradient")
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.grid(visible=False, axis="y")
    return (
        "Bars on a logarithmic axis: "
        + ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
        + "."
    )
