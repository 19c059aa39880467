"""Figures of chapter 05: loss curves, vanishing δ, what the hidden neurons look for, the loss as a landscape."""

import itertools

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from course_lib.figures.picture import BACKWARD, FORWARD, INK, QUIET, SIGNED, figure


@figure(width=7.2, height=2.9)
def loss_curves(fig, histories, title="J on all training examples, after each epoch", measure="J"):
    """{name: list of J}; every curve has its name at its end."""
    axes = _curves(fig, histories, {"color": FORWARD, "linewidth": 2.4})
    axes.set(title=title, ylabel=measure)
    return _curves_in_words(histories, measure)


@figure(width=7.2, height=2.9, steady=True)
def chosen_curve(fig, histories, chosen):
    """The loss curves of {name: list of J}, with one of them drawn over the others: for a slider."""
    axes = _curves(fig, histories, {"color": "#b8b8b8", "linewidth": 1.2})
    line, end, name = (
        artist[list(histories).index(chosen)] for artist in (axes.lines[::2], axes.lines[1::2], axes.texts)
    )
    for artist in (line, end):
        artist.set(color=FORWARD, linewidth=2.4, zorder=3)
    name.set_fontweight("bold")
    axes.set(title="J on all training examples, after each epoch", ylabel="J")
    return _curves_in_words({chosen: histories[chosen]}, "J")


def _curves(fig, histories, look):
    """Axes with a line, a dot at its end and a name for each history."""
    axes = fig.subplots()
    longest = max(map(len, histories.values()))
    ends = _apart([np.log10(history[-1]) for history in histories.values()], 0.13)
    for (name, history), end in zip(histories.items(), ends, strict=True):
        epochs = np.arange(1, len(history) + 1)
        axes.plot(epochs, history, linestyle="-", **look)
        axes.plot(epochs[-1], history[-1], "o", color=look["color"], markersize=4)
        axes.text(longest * 1.03, 10**end, name, color=INK, va="center", fontsize=9.5)
    axes.set(yscale="log", xlabel="epoch", xlim=(0, longest * 1.35))
    axes.set_xticks(range(0, longest + 1, -(-longest // 6)))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())  # minor ticks without labels took a quarter of the drawing time
    return axes


def _curves_in_words(histories, measure):
    ways = [f"{name}: {measure} goes from {h[0]:.3g} to {h[-1]:.3g}" for name, h in histories.items()]
    return f"Loss curves on a logarithmic axis. {'; '.join(ways)}."


def _apart(values, gap):
    """The values, moved so that labels at them do not touch."""
    order = np.argsort(values)
    moved = np.array(values, float)
    for lower, upper in itertools.pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved - (moved - np.array(values)).mean()


@figure(width=7.2, height=2.9)
def delta_by_layer(fig, sizes_of_delta):
    """{name: {layer: size of δ}} on a logarithmic axis: how much arrives in each layer on the way back."""
    axes = fig.subplots()
    styles = [(FORWARD, "-", "o"), (BACKWARD, "--", "s"), (INK, ":", "^"), (QUIET, "-.", "D")]
    ends = _apart([np.log10(sizes[min(sizes)]) for sizes in sizes_of_delta.values()], 0.55)
    for (name, sizes), end, (colour, line, mark) in zip(sizes_of_delta.items(), ends, styles, strict=False):
        layers = sorted(sizes)
        axes.plot(layers, [sizes[l] for l in layers], color=colour, linestyle=line, marker=mark)
        axes.text(min(layers) - 0.12, 10**end, name, color=colour, ha="right", va="center", fontsize=9.5)
    last = max(max(sizes) for sizes in sizes_of_delta.values())
    axes.set(
        yscale="log",
        xlim=(-1.1, last + 0.2),
        xticks=range(1, last + 1),
        xlabel="layer (the walk back goes from right to left)",
        ylabel="median |δ|",
    )
    axes.set_title("What arrives of the error")
    return "Lines of the median size of δ by layer. " + "; ".join(
        f"{name}: {sizes[max(sizes)]:.1g} in layer {max(sizes)}, {sizes[min(sizes)]:.1g} in layer {min(sizes)}"
        for name, sizes in sizes_of_delta.items()
    )


@figure(width=7.2, height=2.2)
def rows_as_pictures(fig, before, after, count=10):
    """The first rows of W[1], before and after the training, folded back into 8×8 pixels."""
    axes = fig.subplots(2, count)
    for W, panels, name in ((before, axes[0], "before"), (after, axes[1], "after")):
        for number, panel in enumerate(panels):
            picture = W[number].reshape(8, 8)
            size = np.abs(picture).max()
            panel.imshow(picture, cmap=SIGNED, vmin=-size, vmax=size)
            for cells, colour in ((picture < -0.25 * size, INK), (picture < -0.6 * size, "white")):
                row, column = np.nonzero(cells)
                panel.plot(column, row, ".", color=colour, markersize=2)
            panel.set(xticks=[], yticks=[])
            panel.grid(visible=False)
        panels[0].set_ylabel(name)
    sizes = [float(np.abs(W).max()) for W in (before, after)]
    return (
        f"Two rows of {count} small pictures: the weights of {count} hidden neurons by pixel, each on its own scale, red for positive, blue with dots for negative. "
        f"Before the training they are noise up to {sizes[0]:.2g}; after it up to {sizes[1]:.2g}, with spots and strokes in the middle and little at the rim."
    )


@figure(width=7.2, height=1.25)
def misread(fig, images, labels, said):
    """The first digits that the network reads wrong, with what it said and what it should have said."""
    every = np.flatnonzero(labels != said)
    wrong = every[:9]
    axes = np.atleast_1d(fig.subplots(1, max(len(wrong), 1)))
    for panel in axes:
        panel.axis("off")
    for panel, number in zip(axes, wrong, strict=False):
        panel.imshow(images[number].reshape(8, 8), cmap="gray_r")
        panel.set_title(f"is {labels[number]}, said {said[number]}", fontsize=8.5, loc="center")
    shown = ", ".join(f"{'an' if labels[i] == 8 else 'a'} {labels[i]} read as {said[i]}" for i in wrong)
    return f"{len(every)} of {len(labels)} digits are read wrong" + (f". The first: {shown}." if shown else ".")


@figure(width=7.2, height=2.7)
def sure_and_wrong(fig, delta_squared, delta_softmax):
    """|δ| of an output that should be 0, against what it says: sigmoid with the squared cost, softmax with cross-entropy."""
    axes = fig.subplots()
    y_hat = np.linspace(0.001, 0.999, 200)
    both, target = np.array([y_hat, 1 - y_hat]), np.array([np.zeros(200), np.ones(200)])
    curves = {
        "squared cost": (np.abs(delta_squared(both, target)[0]) * 200, FORWARD, "-"),
        "cross-entropy": (np.abs(delta_softmax(both, target)[0]) * 200, BACKWARD, "--"),
    }
    for name, (size, colour, line) in curves.items():
        axes.plot(y_hat, size, color=colour, linestyle=line)
        axes.text(
            1.02, max(size[-1], 0.06), f"{name}\nat 0.999: {size[-1]:.3f}", color=colour, va="center", fontsize=9.5
        )
    axes.set(
        xlabel="ŷ, where 0 is wanted",
        ylabel="|δ|",
        xlim=(0, 1.28),
        ylim=(-0.05, 1.12),
        xticks=[0, 0.25, 0.5, 0.75, 1],
        title="How loud is the error?",
    )
    return (
        "Two curves of |δ| over ŷ where 0 is wanted. "
        + ", ".join(
            f"{name}: {size[100]:.2f} at one half, {size[-1]:.3f} at 0.999" for name, (size, *_) in curves.items()
        )
        + "."
    )


@figure(width=7.2, height=3.4)
def loss_surface(fig, J, reach, path=None, names=("s", "t")):
    """J(s, t) over two weights as a map with heights; `path` is a list of (s, t) that descent has taken."""
    axes = fig.subplots()
    ticks = np.linspace(-reach, reach, 61)
    heights = np.array([[J(s, t) for s in ticks] for t in ticks])
    axes.contourf(ticks, ticks, heights, levels=14, cmap="cividis")
    lines = axes.contour(ticks, ticks, heights, levels=7, colors="white", linewidths=0.8)
    axes.clabel(lines, fmt="%.3g", fontsize=8)
    axes.plot(0, 0, "o", color="white", markeredgecolor=INK, markersize=8)
    axes.text(-0.05 * reach, 0.07 * reach, "∇J = 0", color="white", ha="right", fontsize=10, fontweight="bold")
    words = ""
    if path is not None:
        s, t = np.transpose(path)
        axes.plot(s, t, color="white", linestyle="-", linewidth=4.5)  # a rim, so that the path is seen in grey too
        axes.plot(s, t, color=BACKWARD, linestyle="-", linewidth=2.5)
        axes.plot(s[0], t[0], "s", color=BACKWARD, markeredgecolor="white")
        axes.plot(s[-1], t[-1], "*", color=BACKWARD, markeredgecolor="white", markersize=14)
        words = f" Descent walks from ({s[0]:.2g}, {t[0]:.2g}) at J = {J(s[0], t[0]):.3g} to ({s[-1]:.2g}, {t[-1]:.2g}) at J = {J(s[-1], t[-1]):.3g}."
    axes.grid(visible=False)
    axes.set(xlabel=names[0], ylabel=names[1], title="J over two weights: dark is low")
    return (
        f"A map of J with a saddle in the middle, where J = {J(0.0, 0.0):.3g} and the gradient is 0: valleys (J down to {heights.min():.2g}) "
        f"on one diagonal, hills (up to {heights.max():.2g}) on the other.{words}"
    )
