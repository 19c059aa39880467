"""Figures and sliders: alt text everywhere, legible in grey, a static twin, nothing drawn while graded."""

import gc
import inspect
import io
import subprocess
import sys

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from course_lib import figures, widgets
from course_lib.check import check
from course_lib.figures import picture
from course_lib.figures.picture import Picture


@picture.figure(width=3.0, height=2.0)
def line(fig, slope):
    """A line."""
    fig.subplots().plot([0, 1], [0, slope])
    return f'A line with "slope" {slope} < 3'


def luminance(colour):
    """Of "#rrggbb", as WCAG defines it: 0 … 1."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(colour, other="#ffffff"):
    light, dark = sorted((luminance(colour), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture
def graded(monkeypatch):
    monkeypatch.setattr(check, "given", {})


def test_a_picture_carries_its_alt_text_in_every_form():
    shown = line(2)
    data, metadata = shown._repr_mimebundle_()
    assert 'alt="A line with &quot;slope&quot; 2 &lt; 3"' in data["text/html"]
    assert data["text/plain"] == repr(shown) == metadata["image/png"]["alt"] == 'A line with "slope" 2 < 3'
    assert "max-width:100%" in data["text/html"]


def test_a_picture_is_a_png_on_white_paper_of_the_promised_width():
    shown = line(2)
    image = Image.open(io.BytesIO(shown.png)).convert("RGB")
    assert shown.width == 288
    assert image.width == picture.SHARP * shown.width
    assert image.getpixel((0, 0)) == (255, 255, 255)


def test_nothing_is_drawn_while_graded(graded):
    assert line(2) is None
    assert widgets.slider(line, "slope", [1, 2]) is None
    assert widgets.steps(line, ["one", "two"]) is None


@pytest.mark.parametrize("name", sorted(set(figures.__all__) - {"Picture"}))
def test_every_figure_takes_fig_first_and_says_what_it_shows(name):
    draw = inspect.unwrap(getattr(figures, name))
    assert next(iter(inspect.signature(draw).parameters)) == "fig"
    assert inspect.getdoc(draw)
    assert getattr(figures, name) is not draw, f"{name} is not decorated with @figure"


def test_colours_read_on_paper_and_differ_in_grey():
    for colour in (picture.FORWARD, picture.BACKWARD, picture.INK, picture.QUIET):
        assert contrast(colour) >= 4.5  # WCAG AA for small text
    assert contrast(picture.FORWARD, picture.BACKWARD) >= 1.5
    assert contrast(picture.INK, picture.PAPER) >= 7


def test_drawing_leaves_the_students_style_alone():
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 33}):
        before = dict(mpl.rcParams)
        line(1)
        assert dict(mpl.rcParams) == before


@picture.figure(width=3.0, height=2.0, steady=True)
def labelled(fig, places, label):
    """One axes with a tick label; what places it gets is written down."""
    axes = fig.subplots()
    axes.set(yticks=[0], yticklabels=[label])
    places.append(axes.get_position)
    return label


def test_a_steady_figure_keeps_its_axes_where_the_first_drawing_put_them():
    first, longer = [], []
    labelled(first, "1")
    labelled(longer, "a much longer label")
    assert first[0]().bounds == longer[0]().bounds
    assert first[0]().x0 > 0.05  # found by the layout: room for the first label


def test_the_collector_waits_while_a_figure_is_drawn():
    """It would look through everything in the session, several times in each drawing: single frames of a slider took 0.2 s."""
    started = []
    line(1)
    gc.callbacks.append(lambda phase, info: started.append(phase == "start"))
    try:
        line(1)
    finally:
        gc.callbacks.pop()
    assert gc.isenabled()
    assert sum(started) <= 1, "one after the drawing, which finds the figure dead"


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        line(1)
        assert not gc.isenabled()
    finally:
        gc.enable()


# Figures of 00 and 01. -------------------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, float)))


W = {1: np.array([[1.0, -1.0], [2.0, 0.0]]), 2: np.array([[1.0, -2.0]])}
B = {1: np.array([[1.0], [-1.0]]), 2: np.array([[1.0]])}
Z = {1: np.array([[0.0], [1.0]]), 2: np.array([[0.0379]])}
A = {0: np.array([[1.0], [2.0]]), 1: sigmoid(Z[1]), 2: sigmoid(Z[2])}


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: figures.course_map(), "07 adversarial"),
        (lambda: figures.network_names(), "two inputs, two hidden neurons"),
        (lambda: figures.network_numbers(W, B, Z, A), "layer 2: z = 0.0379, a = 0.5095"),
        (lambda: figures.network_numbers(W, B, Z, A, upto=1), "layer 2: not computed yet"),
        (lambda: figures.sigmoid_and_slope(sigmoid), "0.25 at z = 0"),
        (lambda: figures.shape_ribbons((4, 3), (5, 3)), "These exist: W Xᵀ, X Wᵀ."),
        (lambda: figures.shape_ribbons((4, 3), (5, 6)), "These exist: none."),
        (lambda: figures.columns_of_digits(lambda rows: rows.T, np.zeros((20, 64))), "handwritten digits"),
        (lambda: figures.silent_mistake(np.eye(3), np.zeros((3, 3))), "as large as 1."),
    ],
)
def test_figures_show_the_students_numbers(draw, words):
    shown = draw()
    assert isinstance(shown, Picture)
    assert words in shown.alt
    assert len(shown.png) > 2000


def test_a_figure_shows_a_mistake_too():
    """The slope is measured on the student's function, not on ours."""
    assert "0.5 at z = 0" in figures.sigmoid_and_slope(lambda z: sigmoid(2 * np.asarray(z))).alt


# Sliders. --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def closed():
    """Widgets that live until Python ends complain that it has."""
    yield
    ipywidgets.Widget.close_all()


def test_a_slider_draws_its_value_and_each_value_once():
    drawn = []

    def draw(slope):
        drawn.append(slope)
        return line(slope)

    live = widgets.slider(draw, "slope", [1, 2, 0.05], start=1).widget()
    assert (live.name, live.labels, live.index) == ("slope", ["1", "2", "0.05"], 1)
    assert "slope&quot; 2 &lt;" in live.figure
    live.index = 2
    assert "slope&quot; 0.05 &lt;" in live.figure
    live.index = 1
    assert "slope&quot; 2 &lt;" in live.figure
    assert drawn == [2, 0.05]


def test_the_static_twin_says_the_same():
    bundle = widgets.steps(lambda i: line(i), ["X", "layer 1"], title="up to")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count("<img alt=") == 2
    assert "up to: layer 1" in bundle["text/html"]
    assert 'up to: X: A line with "slope" 0' in bundle["text/plain"]


def test_a_slider_shows_three_stills_unless_told():
    moving = widgets.slider(line, "slope", [0, 0.25, 0.5, 0.75, 1])
    assert [still.alt.split()[4] for still in moving.stills] == ["0", "0.5", "1"]
    assert len(widgets.slider(line, "slope", [0, 1, 2], twin=[1]).stills) == 1


def test_without_anywidget_the_twin_is_shown(monkeypatch):
    monkeypatch.delitem(sys.modules, "course_lib.slider", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    bundle = widgets.slider(line, "slope", [1, 2])._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" not in bundle
    assert bundle["text/html"].count("<img") == 2


def test_anywidget_is_imported_when_a_slider_is_shown_and_not_before():
    seen = "import sys; from course_lib import figures, widgets; print('anywidget' in sys.modules, 'ipywidgets' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
