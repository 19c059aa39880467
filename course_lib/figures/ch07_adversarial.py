"""Figures of chapter 07: balls and planes, an attack on one image, loss along lines, accuracy against ε, shortest steps."""

import numpy as np
from matplotlib.patches import Circle, Rectangle

from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, SIGNED, figure


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
            title=f"{title}, radius {distances[name]:.3f}",
        )
        axes.text(x0 - 0.06 * reach, y0, "x", ha="right", va="top")
    panels[0].text(0.97, 0.03, "line: wᵀx + b = 0", transform=panels[0].transAxes, ha="right", color=INK, fontsize=9)
    return (
        f"Twice the same point and line. Left, a circle of radius {distances['l2']:.3f} around the point touches the line where the shortest "
        f"way meets it. Right, a square of half width {distances['linf']:.3f} touches it with a corner: both coordinates moved as far as they may."
    )


def _image(axes, pixels, title, signed=False):
    size = 2 * max(np.abs(pixels).max(), 1e-9)  # twice: pale enough for the dots
    limits = {"cmap": SIGNED, "vmin": -size, "vmax": size} if signed else {"cmap": "gray_r", "vmin": 0, "vmax": 1}
    axes.imshow(pixels.reshape(8, 8), **limits)
    if signed:
        rows, columns = np.nonzero(pixels.reshape(8, 8) < -0.05)
        axes.plot(columns, rows, ".", color=INK, markersize=4)
    axes.set(xticks=[], yticks=[], title=title)
    axes.grid(visible=False)
    axes.spines[:].set_color(QUIET)
    axes.spines[:].set_visible(True)


def _bars(axes, says, label):
    winner = int(np.argmax(says))
    colours = [FORWARD if k == label else BACKWARD if k == winner else "#c9c9c9" for k in range(len(says))]
    axes.barh(range(len(says)), says, color=colours)
    axes.set(
        yticks=range(len(says)),
        xlim=(0, 1.05),
        xticks=[0, 1],
        title=f"says {winner}" + (" (right)" if winner == label else " (wrong)"),
    )
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.invert_yaxis()
    axes.grid(visible=False)
    inside = says[winner] > 0.5
    axes.text(
        says[winner] + (-0.04 if inside else 0.04),
        winner,
        f"{says[winner]:.2f}",
        va="center",
        ha="right" if inside else "left",
        fontsize=8,
        color="white" if inside else INK,
    )
    axes.set_box_aspect(1.25)


@figure(width=7.6, height=2.2, steady=True)
def attack(fig, x, x_adv, says, says_adv, label, eps):
    """One image, what the network says; the change times 10; the changed image, what the network says. Images are (64, 1)."""
    first, bars, change, second, bars_adv = fig.subplots(1, 5, width_ratios=[1, 0.8, 1, 1, 0.8])
    _image(first, x, f"a {label}")
    _bars(bars, says[:, 0], label)
    _image(change, 10 * (x_adv - x), "change × 10", signed=True)
    _image(second, x_adv, f"ε = {eps:g}")
    _bars(bars_adv, says_adv[:, 0], label)
    return (
        f"An image of a {label}, read as {int(says.argmax())} with {says.max():.2f}. After a change of at most {eps:g} per pixel, hardly "
        f"visible, it is read as {int(says_adv.argmax())} with {says_adv.max():.2f}. The change is drawn ten times enlarged; dots mark pixels made lighter."
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


@figure(width=7.2, height=3.2)
def shortest_steps(fig, labels, nearest, random):
    """ℓ2 length of the shortest step that changes each image (yours), and of one in a random direction, by digit; log scale."""
    axes = fig.subplots()
    rng = np.random.default_rng(0)
    for lengths, marker, colour, name in (
        (nearest, "o", FORWARD, "your deepfool"),
        (random, "^", BACKWARD, "a random direction"),
    ):
        axes.plot(
            labels + rng.uniform(-0.25, 0.25, len(labels)),
            lengths,
            marker,
            color=colour,
            markersize=3.5,
            linestyle="none",
            alpha=0.8,
        )
        axes.axhline(np.median(lengths), xmax=0.78, color=colour, linewidth=1, linestyle="-" if marker == "o" else "--")
        axes.text(
            9.75, np.median(lengths), f"{name},\nmedian {np.median(lengths):.2f}", color=colour, va="center", fontsize=9
        )
    axes.set(yscale="log", xlabel="digit", ylabel="length of the step", xticks=range(10), xlim=(-0.6, 12.4))
    axes.set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
    axes.minorticks_off()
    return (
        f"For every digit, how far an image must move until it is read as another one. Median of the shortest steps {np.median(nearest):.2f}, of steps "
        f"in a random direction {np.median(random):.2f}."
    )
