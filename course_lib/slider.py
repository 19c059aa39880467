"""The live slider: a native range above its figure, which slider.js shows in the browser. Imported when one is shown, not before."""

from pathlib import Path

import anywidget
from traitlets import Int, List, Unicode


class Slider(anywidget.AnyWidget):
    """A slider called `name` over `labels`. The browser sets `index`; `figure` is the HTML of what is drawn for it."""

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    _css = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    name = Unicode().tag(sync=True)
    labels = List(Unicode()).tag(sync=True)
    index = Int().tag(sync=True)
    figure = Unicode().tag(sync=True)
