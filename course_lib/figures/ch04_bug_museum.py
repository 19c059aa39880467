"""Figures of chapter 04: losses that fall all the same, what happened, error maps, the kill matrix."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from course_lib.figures.ch02_derivatives import cell
from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, SIGNED, figure


@figure(width=7.2, height=3.2)
def descents(fig, histories):
    """{name: J after each step}; the line called "right" is drawn dark, the others are exhibits."""
    axes = fig.subplots()
    dashes = iter(["--", ":", "-.", (0, (6, 1.5, 1, 1.5, 1, 1.5))])
    marks = iter(np.linspace(0.25, 0.85, len(histories)))
    for name, history in histories.items():
        look = (
            {"color": FORWARD, "linestyle": "-", "linewidth": 3}
            if name == "right"
            else {"color": BACKWARD, "linestyle": next(dashes)}
        )
        axes.semilogy(history, **look)
        at = int(next(marks) * len(history))
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(at, history[at], name, color=look["color"], ha="center", va="center", fontweight="bold", bbox=paper)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())  # labels of 3, 4, 6 … would crowd the axis
    axes.set(
        xlabel="step of gradient descent",
        ylabel="J",
        title="J falls with every one of these gradients, and only one is right",
    )
    falls = "; ".join(f"{name}: from {history[0]:.3f} to {history[-1]:.4f}" for name, history in histories.items())
    return f"J against the steps of gradient descent, with the right gradient and with those of exhibits. All fall. {falls}."


# What an exhibit does: face and ink of its cell, the silent ones darkest.
OUTCOMES = {"silent": ("#45505c", "white"), "shape": ("#b9c6d3", INK), "crash": (PAPER, INK), "right": ("white", INK)}


@figure(width=7.2, height=1.4)
def what_happened(fig, happened, predicted):
    """{letter: "crash", "shape", "silent" or "right"}, below your predictions; where they differ the prediction is marked."""
    axes = fig.subplots()
    said = {letter: _outcome(word) for letter, word in predicted.items() if word}
    otherwise = [letter for letter in happened if said.get(letter, happened[letter]) != happened[letter]]
    fig.set_figheight(1.4 if said else 0.9)
    for column, letter in enumerate(happened):
        axes.text(column, -0.62, letter, ha="center", va="bottom", fontweight="bold")
        _word(axes, column, 0, happened[letter], OUTCOMES[happened[letter]])
        if said:
            word, wrong = said.get(letter, "–"), letter in otherwise
            cell(
                axes, column, 1, f"\n{word}" if wrong else word, wrong
            )  # the cross above: side by side they do not fit
    axes.text(-0.65, 0, "it does", ha="right", va="center")
    if said:
        axes.text(-0.65, 1, "you said", ha="right", va="center")
    axes.set(xlim=(-1.9, len(happened) - 0.4), ylim=(1.5 if said else 0.5, -1.2))
    axes.axis("off")
    groups = {
        word: [letter for letter in happened if happened[letter] == word] for word in dict.fromkeys(happened.values())
    }
    return (
        "What each exhibit does. "
        + "; ".join(f"{word}: {', '.join(letters)}" for word, letters in groups.items())
        + "."
        + f" You said otherwise of {', '.join(otherwise)}." * bool(otherwise)
    )


def _outcome(word) -> str:
    """What a prediction says, however it is typed; "?" if it is none of the words."""
    word = str(word).strip().casefold()
    return word if word in OUTCOMES else "?"


def _word(axes, column, row, word, look, **edge):
    """A cell with one word in it; look is its face and its ink."""
    axes.add_patch(
        Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, facecolor=look[0], **({"edgecolor": "none"} | edge))
    )
    axes.text(column, row, word, ha="center", va="center", fontsize=9, color=look[1])


@figure(width=7.2, height=4.6, steady=True)
def error_maps(fig, claims, truth):
    """One panel per claim {name: (dW, db) or None}: all its arrays, coloured by their difference from the truth (dW, db)."""
    columns = min(3, len(claims))
    rows = -(-len(claims) // columns)
    fig.set_figheight(0.1 + rows * (0.42 + 2.1 / columns))  # a title, and arrays five entries high
    panels = np.ravel(fig.subplots(rows, columns, squeeze=False))
    wrong = {
        name: _panel(axes, name, claim, truth, columns == 1)
        for axes, (name, claim) in zip(panels, claims.items(), strict=False)
    }
    for axes in panels[len(claims) :]:
        axes.axis("off")
    found = "; ".join(f"{name}: {', '.join(arrays) or 'all right'}" for name, arrays in wrong.items())
    return f"Differences from the measured gradient, by array. Wrong are, from the last layer to the first: {found}."


def _panel(axes, name, claim, truth, named) -> list[str]:
    """dW[l] and db[l] of every layer in a row, each in a frame, with its name below if `named`; the names of those that
    are wrong, last layer first.
    """
    axes.set_title(name if claim is not None else f"{name}: crash", fontweight="bold", pad=3)
    left, height, wrong = 0, max(len(array) for array in truth[1].values()), []
    for layer in sorted(truth[0]):
        for kind, which in (("dW", 0), ("db", 1)):
            right = truth[which][layer]
            if not _frame(axes, left, right, claim and claim[which][layer]):
                wrong.append(f"{kind}[{layer}]")
            if named:
                axes.text(
                    left + right.shape[1] / 2, len(right) + 0.15, f"{kind}[{layer}]", ha="center", va="top", fontsize=9
                )
            left += right.shape[1] + (0.4 if kind == "dW" else 1.2)
    axes.set(xlim=(-0.3, left - 0.6), ylim=(height + (0.7 if named else 0.2), -0.3), aspect="equal")
    axes.axis("off")
    return wrong[::-1] if claim is not None else ["crash"]


def _frame(axes, left, right, claim) -> bool:
    """One array in its frame, thick if it is wrong: differences in colour, a dot where negative, ✗ for a wrong shape."""
    rows, columns = right.shape
    fits = claim is not None and np.shape(claim) == right.shape
    if fits:
        difference = (claim - right) / np.abs(right).max()
        # The square root makes small differences visible.
        shade = np.clip(np.sign(difference) * np.sqrt(np.abs(difference)), -1, 1)
        axes.imshow(
            shade, cmap=SIGNED, vmin=-1, vmax=1, extent=(left, left + columns, rows, 0), interpolation="nearest"
        )
        for i, j in np.argwhere(shade < -0.02):
            axes.plot(left + j + 0.5, i + 0.5, ".", color="white" if shade[i, j] < -0.6 else INK, markersize=3)
    elif claim is not None:
        axes.text(
            left + columns / 2, rows / 2, "✗", ha="center", va="center", color=INK, fontsize=12, fontweight="bold"
        )
    good = fits and np.abs(difference).max() < 1e-6
    line = {"edgecolor": QUIET, "linewidth": 0.7} if good or claim is None else {"edgecolor": INK, "linewidth": 2}
    face = "none" if fits else ("#d8d8d8" if claim is None else PAPER)
    axes.add_patch(Rectangle((left, 0), columns, rows, facecolor=face, zorder=3 if fits else 0, **line))
    return good


# How a fate looks: its face and its ink. They differ in lightness, and each carries its word.
FATES = {
    "killed": (FORWARD, "white"),
    "crash": ("#5f86ab", "white"),
    "hidden": (PAPER, QUIET),
    "right": ("white", INK),
}


@figure(width=7.2, height=4.9)
def kill_matrix(fig, table):
    """{implementation: {point: "killed", "crash", "hidden", "right", "missed" or "false alarm"}}."""
    axes = fig.subplots()
    points = list(next(iter(table.values())))
    for row, (name, fates) in enumerate(table.items()):
        axes.text(-0.65, row, name, ha="right", va="center", fontweight="bold")
        for column, point in enumerate(points):
            _fate(axes, column, row, fates[point])
    for column, point in enumerate(points):
        bugs = [fates[point] for name, fates in table.items() if name != "right"]
        axes.text(column, -0.6, point, ha="center", va="bottom", fontsize=9)
        axes.text(
            column,
            len(table) - 0.4,
            f"{sum(fate in ('killed', 'crash') for fate in bugs)} of {len(bugs)}",
            ha="center",
            va="top",
            color=INK,
        )
    axes.text(-0.65, len(table) - 0.4, "found", ha="right", va="top")
    axes.set(xlim=(-1.6, len(points) - 0.4), ylim=(len(table) + 0.2, -1.6))
    axes.axis("off")
    columns = [
        (point.replace("\n", " "), [name for name, fates in table.items() if fates[point] == "hidden"])
        for point in points
    ]
    missed = [name for name, fates in table.items() if {"missed", "false alarm"} & set(fates.values())]
    hidden = "; ".join(f"at {point}: {', '.join(names) or 'none'}" for point, names in columns)
    return f"Your test against the exhibits at several points. Hidden bugs {hidden}. Judged wrongly by your test: {', '.join(missed) or 'none'}."


def _fate(axes, column, row, fate):
    if fate not in FATES:
        cell(axes, column, row, fate, wrong=True, fontsize=8)
    elif fate in ("hidden", "right"):
        _word(axes, column, row, fate, FATES[fate], edgecolor=QUIET, linestyle=":")
    else:
        _word(axes, column, row, fate, FATES[fate])
