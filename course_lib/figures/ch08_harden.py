"""Figures of chapter 08: plain and hardened side by side, and the masked network that only one attack believes."""

import numpy as np

from course_lib.figures import pixels
from course_lib.figures.picture import BACKWARD, FORWARD, INK, QUIET, figure


@figure(width=7.2, height=3.2)
def hardened_curves(fig, eps_list, plain, hard, trained_at):
    """Accuracy against ε of a plain and a hardened network, under the same attack."""
    axes = fig.subplots()
    middle = len(eps_list) // 2
    for values, colour, line, marker, name, away in (
        (plain, FORWARD, "-", "o", "plain", -1),
        (hard, BACKWARD, "--", "^", "hardened", 1),
    ):
        axes.plot(eps_list, values, color=colour, linestyle=line, marker=marker, markersize=4)
        spot = (eps_list[middle + away], values[middle + away])
        axes.annotate(
            name,
            spot,
            (away * 9, away * 5),
            textcoords="offset points",
            color=colour,
            ha="left" if away > 0 else "right",
            va="center",
        )
    axes.axvline(trained_at, color=QUIET, linestyle=":", linewidth=1.2)
    axes.text(trained_at, 1.0, " hardened at this ε", color=QUIET, fontsize=9, va="top")
    axes.set(
        xlabel="ε: the most that a pixel may change (pixels run from 0 to 1)",
        ylabel="share read rightly under attack",
        ylim=(0, 1.03),
        xlim=(0, eps_list[-1] * 1.02),
        xticks=np.linspace(0, eps_list[-1], 7),
    )
    at = int(np.argmin(np.abs(np.asarray(eps_list) - trained_at)))
    return f"Two falling curves. At ε = {eps_list[at]:g} the plain network reads {plain[at]:.0%}, the hardened one {hard[at]:.0%}; clean images {plain[0]:.0%} and {hard[0]:.0%}."


@figure(width=7.2, height=2.4)
def what_units_look_for(fig, W_plain, W_hard, count=8):
    """Rows of W[1] as 8×8 pictures: above of the plain network, below of the hardened one; the rows with the largest norms."""
    grid = fig.subplots(2, count)
    for row, (W, name) in enumerate(((W_plain, "plain"), (W_hard, "hardened"))):
        chosen = np.argsort(-np.linalg.norm(W, axis=1))[:count]
        for axes, i in zip(grid[row], chosen, strict=True):
            pixels.signed(axes, W[i], np.abs(W[i]).max() or 1.0)
            pixels.frame(axes)
        grid[row, 0].set_ylabel(name, color=INK)
    key = (
        "dot (blue): a negative weight;  no dot (red): a positive one;  the darkest cell of each picture is its largest"
    )
    fig.supxlabel(key, fontsize=9, color=QUIET)
    faint = [np.mean(np.abs(W) < 0.1 * np.abs(W).max(axis=1, keepdims=True)) for W in (W_plain, W_hard)]
    return (
        f"Rows of W[1] as pictures, {count} of each network; dots mark negative weights. The plain network uses nearly every pixel; the hardened "
        f"one a few: {faint[0]:.0%} of the weights in the plain network and {faint[1]:.0%} in the hardened one are below a tenth of their row's largest."
    )


@figure(width=7.2, height=2.9)
def two_attacks(fig, names, by_cost, by_margin):
    """For each network: accuracy that FGSM on the cost leaves, and that the same step on the margin leaves."""
    # Every text has its place: a slider draws this while it moves; nothing jumps, and no time goes into looking for room.
    fig.set_layout_engine("none")
    axes, places = fig.add_axes((0.18, 0.18, 0.81, 0.69)), np.arange(len(names))[::-1]
    for shift, values, colour, hatch, name in (
        (0.19, by_cost, FORWARD, "", "FGSM on the cost"),
        (-0.19, by_margin, BACKWARD, "//", "the same step on the margin"),
    ):
        axes.barh(places + shift, values, height=0.34, color=colour, hatch=hatch, edgecolor="white", label=name)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 0.01, place + shift, f"{value:.0%}", va="center", fontsize=9)
    axes.set(
        yticks=places,
        yticklabels=names,
        xlim=(0, 1.12),
        xlabel="share read rightly after one step of the same ε",
        xticks=[0, 0.25, 0.5, 0.75, 1],
    )
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_label_coords(0.5, -0.14)
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, 1.18), ncol=2)
    pairs = ", ".join(
        f"{name.replace(chr(10), ' ')}: {c:.0%} and {m:.0%}"
        for name, c, m in zip(names, by_cost, by_margin, strict=True)
    )
    return f"Accuracy after one step, by FGSM on the cost and by the margin. {pairs}."
