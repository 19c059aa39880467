"""Sliders: a figure that changes while you move, and beside it a static twin that says the same where nothing moves.

    widgets.slider(lambda eps: figures.attack(eps), "ε", [0, 0.05, 0.1, 0.2])
    widgets.steps(lambda l: figures.network_numbers(W, b, z, a, upto=l), ["X", "layer 1", "layer 2"])

The last line of a cell shows it. In a page made by nbconvert or the static site, in an editor without widgets, or with
ipywidgets missing, the chosen pictures stand below one another instead. While a chapter is graded nothing happens.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from course_lib.check import check
from course_lib.figures.picture import Picture


def slider(draw, name, values, *, start=0, twin=None):
    """A slider called `name` over `values`; draw(value) → Picture, drawn once for each value that is visited.

    start   index of the first value shown
    twin    values that the static twin shows one below the other; default: the first, the middle and the last
    """
    if check.given is not None:
        return None
    values = list(values)
    if twin is None:
        twin = [values[i] for i in dict.fromkeys((0, len(values) // 2, len(values) - 1))]
    options = [
        (f"{value:g}" if isinstance(value, int | float) else str(value), index) for index, value in enumerate(values)
    ]
    pictures = functools.cache(lambda index: draw(values[index]))
    return Moving(pictures, name, options, start, [values.index(value) for value in twin])


def steps(draw, names, *, title="step"):
    """Step through a story: draw(i) → Picture for step i = 0 … len(names) − 1. The static twin shows every step."""
    if check.given is not None:
        return None
    return Moving(functools.cache(draw), title, [(name, i) for i, name in enumerate(names)], 0, range(len(names)))


@dataclass(frozen=True)
class Moving:
    """A slider above its picture. `pictures(index)` gives the Picture; `options` are (label, index)."""

    pictures: functools.partial
    name: str
    options: list
    start: int
    twin: list

    def widget(self):
        """The live version: slider, back and next above the picture. Raises ModuleNotFoundError without ipywidgets."""
        import ipywidgets

        # An HTML widget and not an Image: it carries the alt text.
        shown = ipywidgets.HTML(self.pictures(self.start).html)
        handle = ipywidgets.SelectionSlider(
            options=self.options, value=self.start, description=self.name,
            style={"description_width": "initial"}, layout={"width": "28em", "max_width": "100%"},
        )  # fmt: skip
        handle.observe(lambda change: setattr(shown, "value", self.pictures(change["new"]).html), names="value")
        # A screen reader hears no name of a slider's handle; buttons speak for themselves.
        buttons = [self._button(ipywidgets, handle, text, step) for text, step in (("‹ back", -1), ("next ›", 1))]
        return ipywidgets.VBox([ipywidgets.HBox([handle, *buttons]), shown])

    def _button(self, ipywidgets, handle, text, step):
        button = ipywidgets.Button(description=text, tooltip=f"{self.name}: {text}", layout={"width": "5em"})
        last = len(self.options) - 1
        button.on_click(lambda _: setattr(handle, "value", min(max(handle.value + step, 0), last)))
        return button

    @property
    def stills(self) -> list[Picture]:
        """The pictures of the static twin."""
        return [self.pictures(index) for index in self.twin]

    def _repr_mimebundle_(self, include=None, exclude=None):
        captions = [f"{self.name}: {self.options[index][0]}" for index in self.twin]
        figures = [f"<p>{caption}</p>{still.html}" for caption, still in zip(captions, self.stills, strict=True)]
        text = "\n".join(f"{caption}: {still.alt}" for caption, still in zip(captions, self.stills, strict=True))
        still = {"text/html": "".join(figures), "text/plain": text}
        try:
            live = self.widget()._repr_mimebundle_()
        except ModuleNotFoundError:
            live = {}
        return live | still
