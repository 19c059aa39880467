"""Sliders: a figure that changes while you move, and beside it a static twin that says the same where nothing moves.

    widgets.slider(lambda eps: figures.attack(eps), "ε", [0, 0.05, 0.1, 0.2])
    widgets.steps(lambda l: figures.network_numbers(W, b, z, a, upto=l), ["X", "layer 1", "layer 2"])

The last line of a cell shows it. In a page made by nbconvert or the static site, in an editor without widgets, or with
anywidget missing, the chosen pictures stand below one another instead. While a chapter is graded nothing happens.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
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
    labels = [f"{value:g}" if isinstance(value, int | float) else str(value) for value in values]
    pictures = functools.cache(lambda index: draw(values[index]))
    return Moving(pictures, name, labels, start, [values.index(value) for value in twin])


def steps(draw, names, *, title="step"):
    """Step through a story: draw(i) → Picture for step i = 0 … len(names) − 1. The static twin shows every step."""
    if check.given is not None:
        return None
    return Moving(functools.cache(draw), title, list(names), 0, range(len(names)))


@dataclass(frozen=True)
class Moving:
    """A slider above its picture. `pictures(index)` gives the Picture that belongs to `labels[index]`."""

    pictures: Callable[[int], Picture]
    name: str
    labels: list[str]
    start: int
    twin: Sequence[int]

    def widget(self):
        """The live version. Raises ModuleNotFoundError where anywidget is missing."""
        from course_lib.slider import Slider

        first = self.pictures(self.start).html
        live = Slider(name=self.name, labels=self.labels, index=self.start, figure=first)
        live.observe(lambda change: setattr(live, "figure", self.pictures(change["new"]).html), names="index")
        return live

    @property
    def stills(self) -> list[Picture]:
        """The pictures of the static twin."""
        return [self.pictures(index) for index in self.twin]

    def _repr_mimebundle_(self, include=None, exclude=None):
        captions = [f"{self.name}: {self.labels[index]}" for index in self.twin]
        figures = [f"<p>{caption}</p>{still.html}" for caption, still in zip(captions, self.stills, strict=True)]
        text = "\n".join(f"{caption}: {still.alt}" for caption, still in zip(captions, self.stills, strict=True))
        still = {"text/html": "".join(figures), "text/plain": text}
        try:
            live, _ = self.widget()._repr_mimebundle_()
        except ModuleNotFoundError:
            live = {}
        return live | still
