"""8×8 pictures as cells: ink on paper, and numbers with a sign, whose negative cells carry a dot: in grey, both signs look alike."""

import numpy as np

from course_lib.figures.picture import INK, QUIET, SIGNED

ALONE = (-0.5, 7.5, 7.5, -0.5)  # left, right, bottom, top of a picture that has its axes to itself


def ink(axes, image, extent=ALONE):
    """Pixels from 0, paper, to 1, ink."""
    axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1, extent=extent, aspect=_aspect(extent))


def signed(axes, image, size, *, extent=ALONE, faint=0.15):
    """Red above 0, blue with a dot below, white at 0; ±size is darkest. Cells fainter than that share of it carry no dot."""
    image = image.reshape(8, 8)
    axes.imshow(image, cmap=SIGNED, vmin=-size, vmax=size, extent=extent, aspect=_aspect(extent))
    left, right, bottom, top = extent
    for dark, colour in ((False, INK), (True, "white")):
        rows, columns = np.nonzero((image < -faint * size) & ((image < -0.6 * size) == dark))
        across, down = left + (right - left) * (columns + 0.5) / 8, top + (bottom - top) * (rows + 0.5) / 8
        axes.plot(across, down, ".", color=colour, markersize=3)


def frame(axes, title=""):
    """No ticks and a thin frame: a picture's white cells are part of it."""
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, loc="center", y=1)
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=QUIET, linewidth=0.6)


def _aspect(extent):
    return "equal" if extent is ALONE else "auto"
