"""Figures of chapter 02: secants, the V-curve, error by depth, rules and what they accept."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, figure


@figure(width=7.2, height=3.6)
def secant(fig, J, X1, X2, gradient=None):
    """J over two inputs, the way from X1 to X2, the entry-by-entry quotient, and the gradient at X1 if it is given. X1, X2 (2, 1)."""
    axes = fig.subplots()
    across, up = np.linspace(-1.4, 1.6, 61), np.linspace(-0.85, 1.05, 41)
    heights = np.array([[J(np.array([[x], [y]])) for x in across] for y in up])
    lines = axes.contour(across, up, heights, levels=9, colors=QUIET, linewidths=0.8)
    column = np.argmin(np.abs(across - 0.8))  # where the lines are numbered: away from the arrows
    spots = [(across[column], np.interp(level, heights[::-1, column], up[::-1])) for level in lines.levels]
    axes.clabel(
        lines, fontsize=8, fmt=lambda level: f"{level:.3g}", manual=[spot for spot in spots if -0.8 < spot[1] < 1]
    )
    (x1, y1), (x2, y2) = X1.ravel(), X2.ravel()
    axes.plot([x1, x2], [y1, y2], color=INK, linestyle=":", linewidth=1.5)
    axes.plot([x1, x2], [y1, y2], "o", color=INK)
    _label(axes, "X1", (x1, y1), (-0.08, 0.06))
    _label(axes, "X2", (x2, y2), (0.08, 0.06))
    quotient = (J(X2) - J(X1)) / (X2 - X1)
    _arrow(axes, (x1, y1), quotient, BACKWARD, "(J2 − J1) / (X2 − X1)", "--")
    if gradient is not None:
        _arrow(axes, (x1, y1), gradient, FORWARD, "gradient", "-")
    axes.set(aspect="equal", xlabel="x[0]", ylabel="x[1]", title="J over the two inputs (lines of equal J)")
    axes.grid(visible=False)
    said = f"The quotient at X1 points along ({quotient[0, 0]:.2g}, {quotient[1, 0]:.2g})"
    if gradient is None:
        return f"Lines of equal J over two inputs, with two points X1 and X2 and the way between them. {said}: is that uphill?"
    angle = np.degrees(np.arccos(np.sum(quotient * gradient) / np.linalg.norm(quotient) / np.linalg.norm(gradient)))
    return f"Lines of equal J over two inputs. {said}; the gradient, at right angles to the line through X1, points {angle:.0f} degrees away from it."


def _arrow(axes, start, direction, colour, text, dash):
    """An arrow of fixed length from `start` along a (2, 1) direction, with its name beside its head."""
    step = 0.6 * direction.ravel() / np.linalg.norm(direction)
    end = (start[0] + step[0], start[1] + step[1])
    line = {
        "arrowstyle": "-|>",
        "color": colour,
        "linewidth": 2,
        "linestyle": dash,
        "shrinkA": 3,
        "shrinkB": 0,
        "mutation_scale": 14,
    }
    axes.annotate("", end, start, arrowprops=line)
    _label(axes, text, end, (0.06 * np.sign(step[0]), 0.08 * np.sign(step[1])), colour)


def _label(axes, text, at, offset, colour=INK):
    side = "left" if offset[0] > 0 else "right"
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}
    axes.text(at[0] + offset[0], at[1] + offset[1], text, color=colour, ha=side, va="center", bbox=paper)


STEPS = 10.0 ** -np.arange(1, 17)
FLOOR = 1e-18  # an error of exactly 0 has no place on a logarithmic axis; it is drawn here


@figure(width=7.2, height=4.3)
def v_curve(fig, f, x, df, forward_difference, central_difference, complex_step, h):
    """Errors of three ways to measure the slope df of f at x, for each step; h marks one step and spells out its digits."""
    methods = {
        # name: (function, colour, dash, mark, where its name stands)
        "forward difference": (forward_difference, QUIET, "--", "s", (-2.7, -4)),
        "central difference": (central_difference, FORWARD, "-", "o", (-4.2, -12.7)),
        "complex step": (complex_step, BACKWARD, ":", "^", (-11, -14.7)),
    }
    # A slider draws this while it moves. Every text has its place, and the axes are those of the exponents: looking for room, and
    # logarithmic axes, took as long as all the rest.
    fig.set_layout_engine("none")
    axes = fig.add_axes((0.105, 0.34, 0.885, 0.59))
    at, k = np.array(float(x)), round(np.log10(h))
    axes.axvline(k, color=INK, linewidth=1)
    errors = {name: [_error(method, f, at, df, step) for step in STEPS] for name, (method, *_) in methods.items()}
    for name, (_, colour, dash, mark, place) in methods.items():
        axes.plot(np.log10(STEPS), np.log10(errors[name]), color=colour, linestyle=dash, marker=mark, markersize=4)
        axes.text(*place, name, color=colour, ha="right" if name.startswith("central") else "left")
    axes.set(xlim=(-0.5, -16.5), ylim=(np.log10(FLOOR) - 0.6, 1))
    _powers_of_ten(axes.xaxis, range(-16, 0, 3), "step h", (0.5, -0.11))
    _powers_of_ten(axes.yaxis, range(-18, 1, 6), "error of the slope", (-0.085, 0.5))
    axes.set_title(f"Too long a step bends, too short a step rounds. Marked: h = {_power_of_ten(k)}", y=1)
    for row, (name, (method, colour, *_)) in enumerate(methods.items()):
        _digits(fig, row, name, float(method(f, at, h)), df, colour)
    lowest = min(errors["central difference"])
    best = STEPS[errors["central difference"].index(lowest)]
    off = {name: f"{_error(method, f, at, df, h):.0e}" for name, (method, *_) in methods.items()}
    return (
        f"Errors against the step h. The central difference falls to {lowest:.0e} near h = {best:.0e} and rises to both sides, like a V; "
        "the forward difference has a V too, less deep; the complex step stays at rounding level for all small h. "
        f"Marked: h = {h:.0e}, where they are off by {', '.join(f'{error} ({name})' for name, error in off.items())}."
    )


def _powers_of_ten(axis, exponents, name, place):
    """Ticks at these exponents, written as powers of ten; the axis' name, at this place in its axes."""
    axis.set_ticks(exponents, [_power_of_ten(k) for k in exponents])
    axis.set_label_text(name)
    axis.set_label_coords(*place)


def _power_of_ten(k) -> str:
    return f"10{str(k).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _error(method, f, at, df, step) -> float:
    return max(abs(float(method(f, at, step)) - df), FLOOR)


def _digits(fig, row, name, measured, true, colour):
    """The measured number below the axes: its right digits dark, the others pale."""
    text, wanted = f"{measured:.16f}", f"{true:.16f}"
    right = next((i for i, pair in enumerate(zip(text, wanted, strict=False)) if pair[0] != pair[1]), len(wanted))
    glyph = 0.602 * 10 / 72 / fig.get_figwidth()  # width of a character of this font at 10 points
    parts = [(0, name, colour, "normal"), (21, text[:right], INK, "bold"), (21 + right, text[right:], QUIET, "normal")]
    for place, part, ink, weight in [
        *parts,
        *([] if row else [(24 + len(text), "dark: right digits", QUIET, "normal")]),
    ]:
        look = {"color": ink, "fontweight": weight, "family": "DejaVu Sans Mono", "fontsize": 10, "va": "center"}
        fig.text(0.11 + place * glyph, 0.187 - 0.077 * row, part, **look)


@figure(width=7.2, height=3.1)
def error_by_depth(fig, sizes, central, ahead):
    """{depth: largest entry of ∂J/∂W[1]} and, against the complex step, the errors of central and forward difference."""
    left, right = fig.subplots(1, 2)
    depths = list(sizes)
    left.semilogy(depths, list(sizes.values()), color=INK, marker="o", markersize=4, linestyle="-")
    left.set(title="largest entry of ∂J/∂W[1]", xlabel="layers", xticks=depths)
    right.semilogy(depths, list(ahead.values()), color=QUIET, marker="s", markersize=4, linestyle="--")
    right.semilogy(depths, list(central.values()), color=FORWARD, marker="o", markersize=4, linestyle="-")
    right.text(depths[0], ahead[depths[0]] * 4, "forward difference", color=QUIET)
    right.text(depths[2] + 0.5, central[depths[2]] / 2, "central difference", color=FORWARD, va="top")
    right.set(title="their relative error, h = 10⁻⁵", xlabel="layers", xticks=depths)
    first, last = depths[0], depths[-1]
    return (
        f"Left: from {first} to {last} layers the gradient of the first layer shrinks from {sizes[first]:.0e} to {sizes[last]:.0e}. Right: the relative "
        f"error of the central difference grows from {central[first]:.0e} to {central[last]:.0e}, that of the forward difference from {ahead[first]:.0e} to {ahead[last]:.0e}."
    )


@figure(width=7.2, height=3.0)
def verdicts(fig, table, right):
    """{rule: {pair: accepted}}; `right` names the pairs that should be accepted. Wrong verdicts are marked."""
    axes = fig.subplots()
    pairs = list(next(iter(table.values())))
    for row, (name, answers) in enumerate(table.items()):
        axes.text(-0.6, row, name, ha="right", va="center")
        for column, pair in enumerate(pairs):
            cell(axes, column, row, "True" if answers[pair] else "False", wrong=bool(answers[pair]) != (pair in right))
    for column, pair in enumerate(pairs):
        wanted = "should be True" if pair in right else "should be False"
        axes.text(column, -0.62, pair, ha="center", va="bottom", fontsize=9)
        axes.text(column, len(table) - 0.38, wanted, ha="center", va="top", fontsize=8, color=QUIET)
    finish_table(axes, len(pairs), len(table))
    blind = {
        name: [pair.replace("\n", " ") for pair in pairs if bool(answers[pair]) != (pair in right)]
        for name, answers in table.items()
    }
    return (
        "What each rule says of each pair. Wrong verdicts: "
        + "; ".join(f"{name}: {', '.join(found) or 'none'}" for name, found in blind.items())
        + "."
    )


def cell(axes, column, row, text, wrong, fontsize=9):
    """One cell of a table: quiet if all is well; dark with a cross if it is wrong, so that grey shows it too."""
    face, colour = (BACKWARD, "white") if wrong else (PAPER, INK)
    axes.add_patch(Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, facecolor=face, edgecolor="none"))
    axes.text(
        column,
        row,
        f"✗ {text}" if wrong else text,
        ha="center",
        va="center",
        fontsize=fontsize,
        color=colour,
        fontweight="bold" if wrong else "normal",
    )


def finish_table(axes, columns, rows):
    """Axes without a frame; the first row on top; room for names on the left."""
    axes.set(xlim=(-2.2, columns - 0.4), ylim=(rows - 0.1, -1.1))
    axes.axis("off")
