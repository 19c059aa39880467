"""Figures of chapter 07: balls and planes, an attack on one image, loss along lines, accuracy against ε, shortest steps."""

import numpy as np
from matplotlib.patches import Circle, Rectangle

from course_lib.figures import pixels
from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, figure


@figure(width=7.2, height=3.1)
def balls(fig, w, b, x, distances):
    """A point, the line wᵀx + b = 0, and the ℓ2 and ℓ∞ balls around the point that just touch it; distances from yours."""
    panels = fig.subplots(1, 2)
    direction = w[:, 0] / np.linalg.norm(w)
    side = -np.sign((w.T @ x).item() + b)
    x0, y0 = x[:, 0]
    reach = 1.5 * distances["l2"]
    along = np.array([[-direction[1]], [direction[0]]]) * np.linspace(-4, 4, 2) * distances["l2"]
    foot = x + side * distances["l2"] * direction[:, None]
    corner = x + side * distances["linf"] * np.sign(w)
    shapes = (
        ("l2", "ℓ2: a sphere", Circle((x0, y0), distances["l2"], facecolor=PAPER, edgecolor=FORWARD), foot),
        (
            "linf",
            "ℓ∞: a cube",
            Rectangle(
                (x0 - distances["linf"], y0 - distances["linf"]),
                *[2 * distances["linf"]] * 2,
                facecolor=PAPER,
                edgecolor=FORWARD,
            ),
            corner,
        ),
    )
    for axes, (name, title, shape, touch) in zip(panels, shapes, strict=True):
        axes.add_patch(shape)
        axes.plot(*(foot + along), color=INK, linestyle="-")
        axes.plot([x0, touch[0, 0]], [y0, touch[1, 0]], color=BACKWARD, linestyle="-")
        axes.plot(x0, y0, "o", color=INK)
        axes.set(
            aspect="equal",
            xlim=(x0 - reach, x0 + reach),
            ylim=(y0 - reach, y0 + reach),
            xlabel="x₀",
            title=f"{title}, radius {distances[name]:.3f}",
        )
        axes.text(x0 - 0.06 * reach, y0, "x", ha="right", va="top")
    panels[0].set_ylabel("x₁")
    panels[0].text(
        0.97, 0.03, "black line: wᵀx + b = 0", transform=panels[0].transAxes, ha="right", color=INK, fontsize=9
    )
    return (
        f"Twice the same point and line. Left, a circle of radius {distances['l2']:.3f} around the point touches the line where the shortest "
        f"way meets it. Right, a square of half width {distances['linf']:.3f} touches it with a corner: both coordinates moved as far as they may."
    )


SIDE, TALLEST = 1.5, 1.08  # inches: a picture's side; a bar of a network that is sure


def _sheet(fig):
    """One empty sheet over the whole figure, in inches. A slider draws it while it moves: axes with ticks would cost a tenth of a second."""
    fig.set_layout_engine("none")
    sheet = fig.add_axes((0, 0, 1, 1))
    sheet.axis("off")
    return sheet


def _square(sheet, left, title):
    """A picture's frame and title; gives its extent."""
    sheet.add_patch(Rectangle((left, 0.3), SIDE, SIDE, facecolor="none", edgecolor=QUIET, linewidth=0.8, zorder=3))
    sheet.text(left, 1.9, title, color=INK)
    return left, left + SIDE, 0.3, 0.3 + SIDE


def _bars(sheet, left, says, label):
    """What the network says, as a bar for each digit: dark blue the true one, rust the one that wins in its place."""
    winner, step = int(np.argmax(says)), SIDE / len(says)
    colours = [FORWARD if k == label else BACKWARD if k == winner else "#c9c9c9" for k in range(len(says))]
    heights = 0.3 + SIDE - step * (np.arange(len(says)) + 0.5)
    sheet.barh(heights, TALLEST * says, height=0.8 * step, left=left, color=colours)
    sheet.plot([left, left], [0.3, 0.3 + SIDE], color=QUIET, linestyle="-", linewidth=0.8)
    for k, y in enumerate(heights):
        sheet.text(left - 0.06, y, str(k), ha="right", va="center", fontsize=8)
    sheet.text(left, 1.9, f"says {winner}" + (" (right)" if winner == label else " (wrong)"))
    inside = says[winner] > 0.5
    look = {"ha": "right", "color": "white"} if inside else {"ha": "left", "color": INK}
    place = left + TALLEST * says[winner] + (-0.05 if inside else 0.05)
    sheet.text(place, heights[winner], f"{says[winner]:.2f}", va="center", fontsize=8, **look)
    for x, text in ((0, "0"), (TALLEST / 2, "output"), (TALLEST, "1")):
        sheet.text(left + x, 0.22, text, ha="center", va="top", fontsize=8, color=QUIET)


@figure(width=7.6, height=2.2)
def attack(fig, x, x_adv, says, says_adv, label, eps):
    """One image, what the network says; the change times 10; the changed image, what the network says. Images are (64, 1)."""
    sheet, change = _sheet(fig), x_adv - x
    pixels.ink(sheet, x, _square(sheet, 0.06, f"a {label}"))
    _bars(sheet, 1.85, says[:, 0], label)
    # Always the same scale: a larger ε looks darker. ±2 is 0.2 in each pixel; what is larger is as dark as that.
    pixels.signed(sheet, 10 * change, 2.0, extent=_square(sheet, 3.1, "change × 10"), faint=0.01)
    pixels.ink(sheet, x_adv, _square(sheet, 4.7, f"ε = {eps:g}"))
    _bars(sheet, 6.45, says_adv[:, 0], label)
    sheet.text(3.1, 0.22, "dot: lighter; none: darker", va="top", fontsize=8, color=QUIET)
    sheet.set(xlim=(0, 7.6), ylim=(0, 2.2))
    return (
        f"An image of a {label}, read as {int(says.argmax())} with {says.max():.2f}. Changed by at most {eps:g} in each pixel, "
        f"{np.sum(change > 0)} of them darker and {np.sum(change < 0)} lighter, it is read as {int(says_adv.argmax())} with "
        f"{says_adv.max():.2f}. The change is drawn ten times enlarged; dots mark pixels made lighter."
    )


@figure(width=7.2, height=3.0)
def along_lines(fig, lengths, gradient_line, random_lines):
    """The cost along the gradient and along random directions, all of the same ℓ2 length. random_lines (n, len(lengths))."""
    axes = fig.subplots()
    for line in random_lines:
        axes.plot(lengths, line, color=QUIET, linestyle=":", linewidth=1.0)
    axes.plot(lengths, gradient_line, color=BACKWARD, linestyle="-")
    axes.text(lengths[-1], gradient_line[-1], "  along ∂J/∂x", color=BACKWARD, va="center")
    axes.text(
        lengths[-1],
        np.max(random_lines[:, -1]) + 0.015,
        f"  {len(random_lines)} random lines",
        color=QUIET,
        va="bottom",
    )
    axes.set(
        xlabel="ℓ2 length of the step",
        ylabel="cost of this example",
        xlim=(0, lengths[-1] * 1.28),
        xticks=np.linspace(0, lengths[-1], 5),
    )
    return (
        f"The cost of one image. Along ∂J/∂x it climbs from {gradient_line[0]:.3f} to {gradient_line[-1]:.2f} within a step of length "
        f"{lengths[-1]:.2g}; along {len(random_lines)} random lines of the same length it ends between {random_lines[:, -1].min():.3f} and {random_lines[:, -1].max():.3f}."
    )


@figure(width=7.2, height=3.3)
def accuracy_curves(fig, eps_list, curves):
    """Accuracy against ε, one line per attack; curves {name: array}. Names stand at the ends of their lines."""
    axes = fig.subplots()
    styles = [(FORWARD, "-", "o"), (INK, ":", "s"), (BACKWARD, "--", "^"), ("#5aa9a3", "-.", "D")]
    height = -1.0
    for (name, values), (colour, line, marker) in sorted(
        zip(curves.items(), styles, strict=False), key=lambda row: row[0][1][-1]
    ):
        axes.plot(eps_list, values, color=colour, linestyle=line, marker=marker, markersize=4)
        height = max(values[-1], 0.03, height + 0.08)  # names stand apart, in the order of their lines
        axes.text(eps_list[-1] * 1.03, height, name, color=colour, va="center")
    axes.axhline(0.1, xmax=1 / 1.4, color=QUIET, linewidth=0.8)
    axes.text(0.003, 0.115, "guessing", color=QUIET, fontsize=9)
    axes.set(
        xlabel="ε: the most that a pixel may change (pixels run from 0 to 1)",
        ylabel="share read rightly",
        ylim=(0, 1.03),
        xlim=(0, eps_list[-1] * 1.4),
        xticks=np.linspace(0, eps_list[-1], 7),
    )
    middle = len(eps_list) // 2
    return (
        f"Accuracy falls with ε. At ε = {eps_list[middle]:g}: "
        + ", ".join(f"{name} {values[middle]:.0%}" for name, values in curves.items())
        + "."
    )


NEVER = 60.0  # where steps stand that lead nowhere


@figure(width=7.2, height=3.2)
def shortest_steps(fig, labels, nearest, random):
    """ℓ2 length of the shortest step that changes each image (yours), and of one in a random direction, by digit; log scale.

    labels, nearest, random (m,); infinite where no step changes the image
    """
    axes = fig.subplots()
    rng = np.random.default_rng(0)
    for lengths, marker, colour, dash, name in (
        (nearest, "o", FORWARD, "-", "your deepfool"),
        (random, "^", BACKWARD, "--", "a random direction"),
    ):
        middle, places = np.median(lengths), labels + rng.uniform(-0.25, 0.25, len(labels))
        shown = np.minimum(lengths, NEVER)
        axes.plot(places, shown, marker, color=colour, markersize=3.5, linestyle="none", alpha=0.8)
        axes.axhline(middle, xmax=0.78, color=colour, linewidth=1, linestyle=dash)
        axes.text(9.75, middle, f"{name},\nmedian {middle:.2f}", color=colour, va="center", fontsize=9)
    axes.set(yscale="log", xlabel="digit", ylabel="ℓ2 length of the step", xticks=range(10), xlim=(-0.6, 12.4))
    axes.set_yticks([0.1, 0.3, 1, 3, 10, NEVER], ["0.1", "0.3", "1", "3", "10", "never"])
    axes.minorticks_off()
    return (
        f"For every digit, how far an image must move until it is read as another one. Median of the shortest steps {np.median(nearest):.2f}, of steps "
        f"in a random direction {np.median(random):.2f}; {np.sum(np.isinf(random))} of {len(random)} random directions never change the image."
    )
