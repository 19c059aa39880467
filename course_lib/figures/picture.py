"""How a figure is made and shown: `@figure` turns a function that draws into one that gives a `Picture` with alt text.

    @figure(width=7.2, height=2.8)
    def squares(fig, numbers):
        axes = fig.subplots()
        axes.plot(numbers, numbers**2)
        return "A parabola through the points …"        # the alt text: what one sees, with its numbers

    figures.squares(numbers)                             # in a notebook: without `fig`

A picture is white paper with an alt text, the same in JupyterLab (light and dark), in nbconvert's pages, on the static
site and in VS Code; a terminal shows the alt text. While a chapter is graded nothing is drawn.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import gc
import html
import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image  # comes with matplotlib

from course_lib.check import check

STYLE = matplotlib.rc_params_from_file(Path(__file__).parent.parent / "course.mplstyle", use_default_template=False)
CSS_DPI = 96  # an inch of a web page
SHARP = 2  # pixels for each of those, for today's screens

# One meaning each, in all chapters. They differ in lightness, so that they also differ in grey.
FORWARD = "#0b4f8a"  # dark blue: z, a, whatever goes forward
BACKWARD = "#c04a24"  # rust: δ, ∂J/∂…, whatever comes back
INK = "#1b1b1b"
QUIET = "#6b6b6b"  # axes, remarks
PAPER = "#eef2f6"  # the inside of boxes
SIGNED = "RdBu_r"  # entries with a sign; always with their numbers or marks, since grey cannot show a sign


@dataclass(frozen=True)
class Picture:
    """A drawn figure: `png` bytes, what it shows in words (`alt`), and its width on a page in pixels."""

    png: bytes
    alt: str
    width: int

    @property
    def html(self) -> str:
        """An image that carries its alt text and never grows wider than the page."""
        source = base64.b64encode(self.png).decode()
        style = "max-width:100%;height:auto;background:white"
        return f'<img alt="{html.escape(self.alt)}" width="{self.width}" style="{style}" src="data:image/png;base64,{source}">'

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        """HTML, because JupyterLab shows no alt text of a bare png; the png for pages that strip HTML."""
        data = {"text/html": self.html, "image/png": base64.b64encode(self.png).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, "width": self.width}}


def _png(fig) -> bytes:
    """The drawn figure with 255 colours: a third of the bytes, and no slower; a notebook keeps all its pictures.

    Colours are put together with their neighbours, white too: the paper, which the corner shows, is made white again.
    """
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image = image.quantize(255, method=Image.Quantize.FASTOCTREE)
    paper, palette = image.getpixel((0, 0)), image.getpalette()
    palette[3 * paper : 3 * paper + 3] = 255, 255, 255
    image.putpalette(palette)
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


@contextlib.contextmanager
def _no_collection():
    """Python's cyclic garbage collector waits: drawing makes so many objects that it would look through the whole session, 0.1 s."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _place(fig, places):
    """Put the axes where they stood in the drawing before, or find places for them and remember these."""
    if len(places) != len(fig.axes):
        fig.get_layout_engine().execute(fig)
        places[:] = [axes.get_position(original=True) for axes in fig.axes]
    fig.set_layout_engine("none")
    for axes, place in zip(fig.axes, places, strict=True):
        axes.set_position(place)


def figure(*, width: float = 7.2, height: float = 3.0, steady: bool = False):
    """Decorate `draw(fig, …) → alt text`: the name then gives a `Picture` when called without `fig`; None while graded.

    width, height   in inches of 96 pixels; a notebook's page is 7 to 9 inches wide
    steady          the axes stand in the same places in every drawing: for a slider whose labels keep their size. Nothing jumps,
                    and no time goes into looking for places (a quarter to a third, the more panels the more)
    """

    def decorate(draw):
        places = []

        def drawn(*args, **kwargs):  # a function of its own: the figure ends with it, before the collector runs again
            fig = Figure(figsize=(width, height), dpi=CSS_DPI * SHARP)
            alt = draw(fig, *args, **kwargs)
            if steady:
                _place(fig, places)
            return Picture(_png(fig), alt, round(width * CSS_DPI))

        @functools.wraps(draw)
        def picture(*args, **kwargs):
            if check.given is not None:
                return None
            with _no_collection(), matplotlib.style.context(STYLE, after_reset=True):
                return drawn(*args, **kwargs)

        return picture

    return decorate


def short(value) -> str:
    """A number for a figure: at most four decimals, no needless zeros, a real minus sign."""
    return f"{round(float(value), 4):g}".replace("-", "−")


def heat_map(axes, array, title="", digits=2):
    """Draw a matrix as cells, zero in white: small ones with their numbers, larger ones with a dot in each negative cell."""
    array = np.atleast_2d(array)
    size = np.abs(array).max(initial=0.0) or 1.0
    image = axes.imshow(array, cmap=SIGNED, vmin=-size, vmax=size, aspect="equal" if array.size <= 60 else "auto")
    for (i, j), value in np.ndenumerate(array):
        colour = "white" if abs(value) > 0.6 * size else INK
        if array.size <= 60:
            axes.text(j, i, f"{value:.{digits}f}".replace("-", "−"), ha="center", va="center", color=colour, fontsize=9)
        elif value < 0 and array.size <= 1000:
            axes.plot(j, i, ".", color=colour, markersize=3)
    axes.set(title=title, xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return image
