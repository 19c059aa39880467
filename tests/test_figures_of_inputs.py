"""Figures of chapters 06 to 08: signs that a grey print shows, one scale for every ε, sliders that look for no room."""

import inspect

import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from course_lib import figures
from course_lib.figures import picture, pixels

IMAGE, SAYS = np.linspace(0, 1, 64)[:, None], np.eye(10)[:, [3]]


def drawn(draw, *args):
    """The matplotlib figure behind a picture."""
    with matplotlib.style.context(picture.STYLE, after_reset=True):
        fig = Figure()
        inspect.unwrap(draw)(fig, *args)
    return fig


def changed(eps):
    """The figure of an attack of that size."""
    move = np.where(np.arange(64) % 2, eps, -eps)[:, None]
    return drawn(figures.attack, IMAGE, IMAGE + move, SAYS, SAYS, 3, eps)


SLIDERS = [
    (figures.attack, (IMAGE, IMAGE, SAYS, SAYS, 3, 0.1)),
    (figures.one_pixel, (IMAGE, lambda X: X[:3], IMAGE, 20, 1)),
    (figures.two_attacks, (["plain"], [0.4], [0.3])),
]


@pytest.mark.parametrize(("draw", "args"), SLIDERS)
def test_a_figure_that_a_slider_draws_has_its_places(draw, args):
    """Looking for a layout took longer than drawing: 138 ms for an attack, 63 ms without; and nothing jumps."""
    assert not isinstance(drawn(draw, *args).get_layout_engine(), ConstrainedLayoutEngine)


def test_the_change_is_drawn_on_one_scale_for_every_eps():
    """Scaled by its own largest entry, a change of 0.02 looked like one of 0.15."""
    shown = {eps: changed(eps).axes[0].images[1] for eps in (0.02, 0.15)}
    assert shown[0.02].norm.vmax == shown[0.15].norm.vmax
    assert np.abs(shown[0.15].get_array()).max() == pytest.approx(7.5 * np.abs(shown[0.02].get_array()).max())


def test_an_attack_of_size_zero_moves_no_pixel_and_draws_no_dot():
    assert not sum(len(line.get_xdata()) for line in changed(0.0).axes[0].lines if line.get_marker() == ".")
    assert "0 of them darker and 0 lighter" in figures.attack(IMAGE, IMAGE, SAYS, SAYS, 3, 0.0).alt


def test_a_dot_is_seen_on_a_dark_cell_and_on_a_pale_one():
    """In grey a dark blue cell and a dark red one are alike: only the dot tells them apart, and ink on dark blue is no dot."""
    fig = Figure()
    axes = fig.subplots()
    image = np.zeros(64)
    image[[0, 9]], image[63] = (-1.0, -0.3), 1.0
    pixels.signed(axes, image, 1.0)
    dots = {line.get_color(): np.transpose(line.get_data()).tolist() for line in axes.lines}
    assert dots == {"white": [[0.0, 0.0]], picture.INK: [[1.0, 1.0]]}


@pytest.mark.parametrize("draw", [figures.sensitivity, figures.what_units_look_for])
def test_a_figure_with_dots_says_what_they_mean(draw):
    signs = np.random.default_rng(0).normal(size=(9, 64))
    fig = drawn(draw, signs, signs) if draw is figures.what_units_look_for else drawn(draw, IMAGE, [3], signs[:1].T)
    assert "dot (blue)" in fig.get_supxlabel()


def test_steps_that_lead_nowhere_stay_in_the_median():
    random = np.array([1.0, 2.0, np.inf, np.inf, np.inf])
    alt = figures.shortest_steps(np.arange(5), np.full(5, 0.5), random).alt
    assert "in a random direction inf; 3 of 5 random directions never change" in alt
