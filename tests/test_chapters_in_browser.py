"""Every chapter in JupyterLab, as a student works on it: the last exercise that is open is solved by typing.

The other answers stand there already, so that "Run All" comes as far as the open one, says why it stops, and after the
answer goes on to the end of the chapter.
"""

import contextlib
import re

import nbformat
import pytest
from browsing import SECOND, cell, menu, type_over, wait_for_kernel, wait_for_notebook
from playwright.sync_api import expect

from course_lib import exercises
from grader import release, source

# What is typed into the open exercise: one line each, as its hints lead to it.
TYPED = {
    "half": "def half(x): return x / 2",
    "cost": "def cost(y_hat, Y): return np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])",
    "directional_derivative": "def directional_derivative(f, x, v, h=1e-5): return (f(x + h * v) - f(x - h * v)) / (2 * h)",
    "dJ_dW": "def dJ_dW(delta, a_prev): return delta @ a_prev.T",
    "fixture": "def fixture(rng): return network([4, 5, 3, 2], m=6, seed=rng.integers(1000))",
    "cross_entropy": "def cross_entropy(y_hat, Y): return -np.sum(Y[Y > 0] * np.log(y_hat[Y > 0])) / Y.shape[1]",
    "saliency": "def saliency(W, b, x, k): return jacobian(W, b, x)[[k]].T",
    "fgsm": "def fgsm(input_gradient, X, Y, eps): return np.clip(X + eps * np.sign(input_gradient(X, Y)), 0, 1)",
    "robust_accuracy": "def robust_accuracy(predict, attack, X, labels, eps): return float(np.mean(predict(attack(X, labels, eps)) == labels))",
}
SLIDERS = {
    "00_start_here": "chapter",
    "01_notation": "forward, up to",
    "02_derivatives": "h = 10 to the power",
    "03_dJ_dW": "step",
    "04_bug_museum": "exhibit",
    "05_training": "rate",
    "06_dJ_dX": "pixel",
    "07_adversarial": "ε",
    "08_harden": "factor",
}
OPEN = {exercises.find(name).chapter: name for name in TYPED}


@pytest.fixture(scope="module")
def nearly_done(jupyter):
    """A copy of every chapter with all answers but one, in a folder beside the student's fresh ones."""
    folder = jupyter.folder / "nearly_done"
    for chapter, name in OPEN.items():
        (folder / chapter).mkdir(parents=True)
        nbformat.write(with_answers(chapter, name), folder / chapter / f"{chapter}.ipynb")
    return folder


def with_answers(chapter, but):
    """The student's notebook with the answers of the solution, except in the open exercise."""
    fresh = nbformat.read(release.ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)
    solved = source.notebook(release.SOLUTIONS / f"{chapter}.py", exercises.chapters()[chapter])
    answers = {own.id: own.source for own in solved.cells if own.metadata.get("nbgrader", {}).get("solution")}
    for own in fresh.cells:
        if own.id != source.answer_id(but):
            own.source = answers.get(own.id, own.source)
    return fresh


def ask_for_a_hint(page, name):
    """In a cell of one's own, below the one in which one stands, by keys alone."""
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type(f'check.hint("{name}")')
    page.keyboard.press("Control+Enter")
    own = cell(page, f'check.hint("{name}")')
    expect(own.locator(".jp-OutputArea")).to_contain_text("Hint 1 of 3: Shape")
    page.keyboard.press("Escape")


def slider(page, chapter):
    """The chapter's slider, found as a screen reader finds it: by its role and its name."""
    return page.locator(".jp-Notebook:visible").get_by_role("slider", name=SLIDERS[chapter], exact=True)


def around(handle, css_class):
    """What encloses a slider: the widget, its cell."""
    return handle.locator(f"xpath=ancestor::*[contains(@class, '{css_class}')]")


def by_keys(handle):
    """Without a mouse: from its cell by Tab, past the cell's toolbar, then an arrow."""
    page = handle.page
    around(handle, "jp-CodeCell").locator(".cm-content").click()
    page.keyboard.press("Escape")
    for _ in range(5):
        page.keyboard.press("Tab")
        if handle.evaluate("it => it === document.activeElement"):
            break
    page.keyboard.press("ArrowRight")
    expect(handle).to_be_focused()


def by_drag(handle):
    """With the mouse, to the right end."""
    mouse = handle.page.mouse
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"], middle, steps=5)
    mouse.up()
    expect(handle).to_have_value(handle.get_attribute("max"))


def run_until_it_starts(page):
    """Notebook 7 shows a kernel as idle before it takes orders."""
    started = page.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[(\*|\d+)\]")).first
    for _ in range(20):
        menu(page, "Run", "Run All Cells")
        with contextlib.suppress(AssertionError):
            expect(started).to_be_visible(timeout=3 * SECOND)
            break


def changes_figure(handle, act):
    """Move the slider in this way: its value, the figure and its description must change, and what is new be said."""
    shown = around(handle, "djdx-slider")
    picture, was = shown.locator("img"), handle.get_attribute("aria-valuetext")
    source, said = picture.get_attribute("src"), picture.get_attribute("alt")
    act(handle)
    expect(handle).not_to_have_attribute("aria-valuetext", was)
    expect(picture).not_to_have_attribute("src", source)
    expect(picture).not_to_have_attribute("alt", said)
    expect(shown.locator("span")).to_have_text(handle.get_attribute("aria-valuetext"))
    news, says = shown.evaluate("it => [it.querySelector('[role=status]').textContent, it.querySelector('img').alt]")
    assert news in says
    assert news not in said


def validate(page):
    """Press nbgrader's button, which runs the whole notebook anew; what its dialog says."""
    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("notebook", timeout=180 * SECOND)
    said = dialog.inner_text()
    dialog.get_by_role("button").last.click()
    return said


def look(page, screenshots, chapter, place):
    """Screenshots at 1280 and 900 px, light and dark."""
    for theme in ("Dark", "Light"):
        menu(page, "Settings", "Theme", f"JupyterLab {theme}")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "Light").lower())
        for width in (1280, 900):
            page.set_viewport_size({"width": width, "height": 900})
            place.scroll_into_view_if_needed()
            page.screenshot(path=screenshots / f"{chapter[:2]}_{theme.lower()}_{width}.png")
        page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("chapter", sorted(exercises.chapters()))
def test_a_chapter_from_the_first_click_to_validate(page, jupyter, nearly_done, screenshots, chapter):
    name = OPEN[chapter]
    page.goto(jupyter.url(f"lab/workspaces/{chapter[:2]}/tree/nearly_done/{chapter}/{chapter}.ipynb"))
    wait_for_notebook(page)
    answer, check = cell(page, f"def {name}("), cell(page, f"check.{name}({name})")
    said = check.locator(".jp-Cell-outputArea")

    menu(page, "Run", "Run All Cells")
    expect(said).to_contain_text(f"{name}: not answered yet")
    wait_for_kernel(page)

    type_over(page, answer, TYPED[name])
    page.keyboard.press("Shift+Enter")
    expect(check).to_have_class(re.compile("jp-mod-active"))
    menu(page, "Run", "Run Selected Cell and All Below")
    expect(said).to_contain_text(f"✓ {name}")
    wait_for_kernel(page)
    last = cell(page, "check.progress()")
    points = sum(exercise.points for exercise in exercises.chapters()[chapter] if exercise.challenge)
    expect(last.locator(".jp-Cell-outputArea")).to_contain_text(chapter)
    assert f"{points:g} of" in last.inner_text()

    last.click()
    ask_for_a_hint(page, name)
    for act in (by_keys, by_drag):
        changes_figure(slider(page, chapter), act)
    said = validate(page)
    assert "Success" in said, said
    look(page, screenshots, chapter, slider(page, chapter))
    menu(page, "Kernel", "Shut Down Kernel")


SLOW = """import time
from course_lib import figures, widgets
chapters = [f"{k:02}" for k in range(1, 9)]
widgets.slider(lambda k: time.sleep(2) or figures.course_map(k), "slow", chapters, twin=["01"])"""


def test_figures_that_nobody_waits_for_are_not_drawn(page, jupyter):
    notebook = nbformat.v4.new_notebook(metadata=source.METADATA, cells=[nbformat.v4.new_code_cell(SLOW)])
    nbformat.write(notebook, jupyter.folder / "slow.ipynb")
    page.goto(jupyter.url("lab/workspaces/slow/tree/slow.ipynb"))
    wait_for_notebook(page)
    menu(page, "Run", "Run All Cells")
    handle = page.get_by_role("slider", name="slow")
    handle.focus()
    picture = around(handle, "djdx-slider").locator("img")
    count = "it => { it.drawn = 0; new MutationObserver(() => it.drawn++).observe(it, { attributeFilter: ['src'] }) }"
    picture.evaluate(count)
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "08")
    expect(picture).to_have_attribute("alt", re.compile("You are at 08"))
    assert picture.evaluate("it => it.drawn") < 4, "the first, the last, and one if the keys were slow"
    menu(page, "Kernel", "Shut Down Kernel")


def test_the_same_in_plain_jupyter_notebook(window, jupyter):
    page = window.new_page()  # not watched: Notebook 7 logs faults of its own, about the file browser that it has not
    page.goto(jupyter.url("notebooks/00_start_here/00_start_here.ipynb"))
    kernel = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(kernel).to_have_attribute("data-status", "idle")
    answer, check = cell(page, "def half("), cell(page, "check.half(half)")
    said = check.locator(".jp-Cell-outputArea")

    run_until_it_starts(page)
    expect(said).to_contain_text("half: not answered yet")
    expect(kernel).to_have_attribute("data-status", "idle")
    for act in (by_keys, by_drag):
        changes_figure(slider(page, "00_start_here"), act)
    type_over(page, answer, TYPED["half"])
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(said).to_contain_text("✓ half")
    menu(page, "Kernel", "Shut Down Kernel")
    page.close()
