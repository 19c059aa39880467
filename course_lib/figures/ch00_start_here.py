"""Figures of chapter 00."""

from course_lib.figures.boxes import arrow, box
from course_lib.figures.picture import BACKWARD, FORWARD, INK, PAPER, QUIET, figure

CHAPTERS = {
    # name: (x, y, colour): the middle row is the way, above it ∂J/∂W, below it ∂J/∂X
    "01  z, a, forward":   (0.0, 0.0, FORWARD),
    "02  derivatives":     (2.6, 0.0, FORWARD),
    "03  ∂J/∂W":           (5.2, 0.9, BACKWARD),
    "04  bug museum":      (7.8, 0.9, BACKWARD),
    "05  training":        (10.4, 0.9, BACKWARD),
    "06  ∂J/∂X":           (5.2, -0.9, BACKWARD),
    "07  adversarial":     (7.8, -0.9, BACKWARD),
    "08  harden":          (10.4, -0.9, BACKWARD),
}  # fmt: skip


@figure(width=7.6, height=2.5, steady=True)
def course_map(fig, here=""):
    """The chapters as two roads: what the weights need, and what the input needs. `here` is a number such as "03"."""
    axes = fig.subplots()
    axes.set(xlim=(-1.2, 11.7), ylim=(-1.9, 1.95))
    axes.axis("off")
    for name, (x, y, colour) in CHAPTERS.items():
        marked = here != "" and name.startswith(here)
        box(axes, (x, y), name, width=2.15, colour=INK if marked else colour, face="#ffd75e" if marked else PAPER)
    places = [spot[:2] for spot in CHAPTERS.values()]
    for start, end in [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (6, 7)]:
        (x, y), (to_x, to_y) = places[start], places[end]
        down = x == to_x
        arrow(
            axes,
            (x, y - 0.33) if down else (x + 1.1, y),
            (to_x, to_y + 0.33) if down else (to_x - 1.1, to_y),
            colour=QUIET,
        )
    axes.text(7.8, 1.6, "how the weights should change: learning", ha="center", color=BACKWARD, fontsize=10)
    axes.text(
        7.8, -1.7, "how the input should change: attack, defence, control", ha="center", color=BACKWARD, fontsize=10
    )
    axes.text(1.3, 0.75, "the network, and how to check it", ha="center", color=FORWARD, fontsize=10)
    return (
        "Map of the chapters. 01 and 02 lead to 03, the derivative of J by the weights. From there 04 and 05 go on to training, "
        "and 06, the derivative of J by the input, leads to 07 adversarial examples and 08 hardening."
        + (f" You are at {here}." if here else "")
    )
