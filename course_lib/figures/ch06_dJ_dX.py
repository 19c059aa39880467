"""Figures of chapter 06: what a layer hands back, arrows of ∂J/∂X, sensitivity maps, slopes of a pendulum, steering."""

import numpy as np

from course_lib.figures import pixels
from course_lib.figures.boxes import arrow, box
from course_lib.figures.picture import BACKWARD, FORWARD, INK, QUIET, figure


@figure(width=7.2, height=2.3)
def handed_back(fig, layers=3):
    """Layers as modules: a goes forward, ∂J/∂a comes back; the last step, to X, is drawn dotted."""
    axes = fig.subplots()
    axes.set(xlim=(-1.3, 3.2 * layers + 1.6), ylim=(-1.45, 1.25))
    axes.axis("off")
    for l in range(1, layers + 1):
        box(axes, (3.2 * l - 1.6, 0), f"layer {l}\nW[{l}], b[{l}]", width=1.7, height=1.0)
        axes.text(3.2 * l - 1.6, -1.05, f"keeps ∂J/∂W[{l}]", ha="center", color=BACKWARD, fontsize=9)
    names = ["X", *(f"a[{l}]" for l in range(1, layers)), "ŷ"]
    for l, name in enumerate(names):
        x = 3.2 * l
        arrow(axes, (x - 0.7, 0.3), (x + 0.7, 0.3), colour=FORWARD, linewidth=1.8)
        arrow(axes, (x + 0.7, -0.3), (x - 0.7, -0.3), colour=BACKWARD, linewidth=1.8, linestyle="-" if l else ":")
        axes.text(x, 0.48, name, ha="center", color=FORWARD, fontsize=10)
        axes.text(x, -0.66, f"∂J/∂{name}", ha="center", color=BACKWARD, fontsize=10)
    axes.text(-1.2, 1.05, "forward", color=FORWARD)
    axes.text(0.4, 1.05, "back: every layer hands back ∂J/∂(its own input)", color=BACKWARD)
    return (
        f"{layers} layers as boxes. Forward, each gets the a of the layer before. Back, each gets ∂J/∂(its output), keeps ∂J/∂W, and "
        "hands ∂J/∂(its input) to the layer before. Only the last of these steps, ∂J/∂X, is not needed for training; it is dotted."
    )


@figure(width=7.2, height=3.7)
def input_arrows(fig, outputs, points, labels, gradient):
    """Arrows of ∂J/∂X on a plane: where to move each point so that its own cost rises. All are (2, m) but labels (m,)."""
    axes = fig.subplots()
    side = np.linspace(-1.5, 1.5, 81)
    grid = np.array(np.meshgrid(side, side)).reshape(2, -1)
    said = outputs(grid).reshape(len(side), len(side))
    axes.contourf(side, side, said, levels=np.linspace(0, 1, 11), cmap="Greys", alpha=0.2)
    axes.contour(side, side, said, levels=[0.5], colors=INK, linewidths=1.2)
    for label, marker in ((0, "o"), (1, "s")):
        here = labels == label
        axes.plot(*points[:, here], marker, color="white", markeredgecolor=FORWARD, markersize=5)
    size = np.linalg.norm(gradient, axis=0)
    move = gradient / size * (0.1 + 0.35 * size / size.max())  # a shortest length, so that every direction can be seen
    axes.quiver(*points, *move, color=BACKWARD, angles="xy", scale_units="xy", scale=1, width=0.005)
    axes.set(
        aspect="equal",
        xlim=(-1.5, 1.5),
        ylim=(-1.5, 1.5),
        xlabel="x₀",
        ylabel="x₁",
        title="Arrows of ∂J/∂x, one per point",
    )
    axes.grid(visible=False)
    axes.text(1.6, 1.2, "○ inner ring, y = 0\n□ outer ring, y = 1", color=FORWARD, va="top")
    axes.text(
        1.6,
        0.55,
        "→ your ∂J/∂x: this way\n    the point's own cost rises\n    (longer = steeper)",
        color=BACKWARD,
        va="top",
    )
    axes.text(1.6, -0.25, "black line: ŷ = ½\ndark: ŷ near 1", color=INK, va="top")
    toward = np.mean(np.sum(points * gradient, axis=0) * np.where(labels == 0, 1, -1) > 0)
    return (
        f"Two rings of points and the boundary that the network drew between them. An arrow of ∂J/∂x starts at every point; for {toward:.0%} "
        f"of the points it leads towards the boundary. The longest arrow has a slope of {size.max():.2g}, the shortest {size.min():.2g}."
    )


@figure(width=7.2, height=4.6)
def sensitivity(fig, X, classes, slopes):
    """For each column of X (64, n): the image, then ∂a_k/∂x raw, as magnitudes, and times the input. slopes is like X."""
    grid = fig.subplots(4, X.shape[1], squeeze=False)
    for column, k in enumerate(classes):
        x, s = X[:, column], slopes[:, column]
        pixels.ink(grid[0, column], x)
        for row, image in enumerate([s, np.abs(s), s * x], start=1):
            pixels.signed(grid[row, column], image, np.abs(image).max() or 1.0)
        for row in range(4):
            pixels.frame(grid[row, column], f"mean {k}" if row == 0 else "")
    for row, name in enumerate(["image", "∂a/∂x", "|∂a/∂x|", "x · ∂a/∂x"]):
        grid[row, 0].set_ylabel(name, color=INK)
    key = "dot (blue): ink there lowers the output;  no dot (red): raises it;  the darkest cell of each picture is its largest"
    fig.supxlabel(key, fontsize=9, color=QUIET)
    return (
        f"Mean images of the digits {', '.join(map(str, classes))}, and below each three pictures of how its output answers to the pixels: "
        "the slope with its sign (cells with a dot are negative: ink there lowers the output), its magnitude, and slope times ink, "
        "which is zero wherever the paper is white."
    )


NAMES = [[r"∂θ′/∂θ", r"∂θ′/∂ω  [s]", r"∂θ′/∂u  [rad/(N·m)]"], [r"∂ω′/∂θ  [1/s]", r"∂ω′/∂ω", r"∂ω′/∂u  [1/(s·N·m)]"]]


@figure(width=7.6, height=4.2)
def slopes_of_the_pendulum(fig, angles, true, learned):
    """The six slopes against the angle: the physics (solid) and the network's (dashed). true, learned (n, 2, 3)."""
    grid = fig.subplots(2, 3, sharex=True)
    for i in range(2):
        for j in range(3):
            axes = grid[i, j]
            axes.plot(angles, true[:, i, j], color=FORWARD, linestyle="-")
            axes.plot(angles, learned[:, i, j], color=BACKWARD, linestyle="--")
            low, high = (
                min(true[:, i, j].min(), learned[:, i, j].min()),
                max(true[:, i, j].max(), learned[:, i, j].max()),
            )
            room = max(0.25 * (high - low), 0.15 * max(abs(low), abs(high)))
            axes.set(title=NAMES[i][j], ylim=(low - room, high + room))
    grid[1, 1].set_xlabel("angle θ from hanging down, in rad")
    fig.text(0.99, 0.02, "solid: physics", color=FORWARD, ha="right")
    fig.text(0.01, 0.02, "dashed: network", color=BACKWARD)
    worst = np.abs(true - learned).max(axis=0) / np.abs(true).max(axis=0)
    return (
        "Six small plots, one for each entry of ∂Y/∂X, against the angle: the true slope as a solid line, the network's as a dashed one. "
        f"The dashed lines follow; relative to the largest true value they are off by at most {worst.max():.0%}, mostly at the ends."
    )


@figure(width=7.2, height=2.9)
def one_pixel(fig, image, outputs, slope, pixel, k):
    """Move one pixel of an image (64, 1) from 0 to 1: what the output k does, and the straight line that the slope foretells."""
    # Every text has its place: a slider draws this while it moves; nothing jumps, and no time goes into looking for room.
    fig.set_layout_engine("none")
    left, right = fig.add_axes((0.01, 0.15, 0.29, 0.72)), fig.add_axes((0.395, 0.17, 0.595, 0.72))
    pixels.ink(left, image[:, 0])
    pixels.frame(left, f"pixel {pixel}")
    row, column = divmod(pixel, 8)
    left.plot(column, row, "s", markersize=17, markerfacecolor="none", markeredgecolor=BACKWARD, markeredgewidth=2)
    values = np.linspace(0, 1, 41)
    moved = np.repeat(image, len(values), axis=1)
    moved[pixel] = values
    says, here = outputs(moved)[k], float(image[pixel, 0])
    start = float(outputs(image)[k, 0])
    line = start + float(slope[pixel, 0]) * (values - here)
    right.plot(values, says, color=FORWARD, linestyle="-")
    right.plot(values, line, color=BACKWARD, linestyle="--")
    right.plot(here, start, "o", color=INK)
    low, high = min(says.min(), start), max(says.max(), start)
    room = max(0.05, 0.4 * (high - low))
    right.set(
        xlabel=f"value of pixel {pixel} (0 paper, 1 ink)",
        ylabel=f"output for class {k}",
        ylim=(max(0, low - room), min(1, high + room)),
    )
    right.set_title("the network (solid) and your slope (dashed)", y=1)
    right.xaxis.set_label_coords(0.5, -0.13)
    right.yaxis.set_label_coords(-0.11, 0.5)
    return (
        f"Left, an image with pixel {pixel} marked. Right, the output for class {k} while that pixel goes from 0 to 1: from {says[0]:.3f} to "
        f"{says[-1]:.3f}. The dashed line, your slope {float(slope[pixel, 0]):.3f} from the pixel's present value {here:.2f}, touches it there."
    )


@figure(width=7.2, height=2.9)
def steered(fig, torques, speeds, wanted, path, reached):
    """The speed after one step against the torque: physics, the wanted value, and the way that steering took."""
    axes = fig.subplots()
    axes.plot(torques, speeds, color=FORWARD, linestyle="-")
    axes.axhline(wanted, color=QUIET, linestyle=":", linewidth=1.5)
    axes.plot(path, reached, "o", color=BACKWARD, markersize=5, linestyle="--", linewidth=1)
    axes.text(torques[0], wanted, " wanted", va="bottom", color=QUIET)
    axes.annotate("start", (path[0], reached[0]), (8, -14), textcoords="offset points", color=BACKWARD)
    axes.annotate(
        f"u = {path[-1]:.2f} N·m", (path[-1], reached[-1]), (8, -14), textcoords="offset points", color=BACKWARD
    )
    axes.set(
        xlabel="torque u, in N·m",
        ylabel="speed after 0.1 s, in rad/s",
        title="Steering by ∂J/∂X: solid = physics, dots = what the network foretells",
    )
    return (
        f"The pendulum's speed after a step rises with the torque. Dots start at u = {path[0]:.2f} and move along to u = {path[-1]:.2f} N·m, "
        f"where the network foretells {reached[-1]:.3f} rad/s; wanted was {wanted:.3f}."
    )
