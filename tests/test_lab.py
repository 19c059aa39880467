"""make lab: nothing of a student's is ever touched, and the first minutes in a real browser go well."""

import json
import os
import platform
import sys

import pytest
from browsing import SECOND, cell, menu, running, type_over, wait_for_notebook
from playwright.sync_api import expect

from course_lib import lab

# Two answers to the first exercise of chapter 01, as a student would type them into one line.
WRONG = "def sigmoid(z): return 1 / (1 + np.exp(z))"
RIGHT = "def sigmoid(z): return np.exp(np.minimum(z, 0.0)) / (1 + np.exp(-np.abs(z)))"


@pytest.fixture
def released(tmp_path):
    """Two small chapters, as they lie in notebooks/."""
    for name in ("00_start_here", "01_notation"):
        chapter = tmp_path / "notebooks" / name
        (chapter / ".ipynb_checkpoints").mkdir(parents=True)
        (chapter / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    return tmp_path / "notebooks"


def test_chapters_are_copied_once(released, tmp_path):
    mine = tmp_path / "my_course"
    assert lab.copy_new_chapters(released, mine) == ["00_start_here", "01_notation"]
    assert lab.copy_new_chapters(released, mine) == []
    assert sorted(str(p.relative_to(mine)) for p in mine.rglob("*") if p.is_file()) == [
        os.path.join(name, f"{name}.ipynb") for name in ("00_start_here", "01_notation")
    ]


def test_a_copy_is_the_chapter_and_names_the_kernel_that_runs_it(tmp_path):
    lab.copy_new_chapters(lab.RELEASED, tmp_path / "mine")
    for chapter in lab.RELEASED.glob("[0-9][0-9]_*/*.ipynb"):
        released, mine = (
            json.loads((folder / chapter.parent.name / chapter.name).read_text(encoding="utf-8"))
            for folder in (lab.RELEASED, tmp_path / "mine")
        )
        assert mine["metadata"].pop("language_info")["version"] == platform.python_version()
        assert mine["metadata"].pop("kernelspec")["name"] == released["metadata"].pop("kernelspec")["name"]
        del released["metadata"]["language_info"]
        assert mine == released


def test_a_students_work_is_never_touched(released, tmp_path):
    mine = tmp_path / "my_course"
    lab.copy_new_chapters(released, mine)
    work = mine / "00_start_here" / "00_start_here.ipynb"
    work.write_text("my answers", encoding="utf-8")
    (mine / "01_notation").rename(mine / "01_notation_first_try")
    assert lab.copy_new_chapters(released, mine) == ["01_notation"]
    assert work.read_text(encoding="utf-8") == "my answers"
    assert (mine / "01_notation_first_try" / "01_notation.ipynb").exists()


def test_an_interrupted_copy_is_made_again(released, tmp_path, monkeypatch):
    mine, copytree = tmp_path / "my_course", lab.shutil.copytree

    def interrupted(source, target, **options):
        copytree(source, target, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(lab.shutil, "copytree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.copy_new_chapters(released, mine)
    monkeypatch.undo()
    assert lab.copy_new_chapters(released, mine) == ["00_start_here", "01_notation"]
    assert [p.name for p in mine.glob(".*")] == []


def test_without_chapters_it_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "RELEASED", tmp_path)
    with pytest.raises(SystemExit, match=r"no chapters there, wanted 00_start_here .* clone it"):
        lab.main(["--folder", str(tmp_path / "mine")])


def test_the_environment_of_kernels(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PATH": "/usr/bin", "OMP_NUM_THREADS": "4"})
    lab.prepare_environment()
    first, *others = os.environ["PATH"].split(os.pathsep)
    assert os.path.exists(os.path.join(first, "alembic"))
    assert others == ["/usr/bin"]
    assert os.environ["JUPYTER_CONFIG_PATH"] == str(lab.SETTINGS)
    assert (os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"]) == ("4", "1")


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_root_needs_to_be_allowed(monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    assert ("--allow-root" in lab.jupyter_options("my_course")) is allowed
    assert not any("token" in option for option in lab.jupyter_options("my_course"))


def open_chapter(page, name):
    """Open a chapter by clicks in the file browser, once that has followed JupyterLab to chapter 00."""
    expect(page.locator(".jp-DirListing-item", has_text="00_start_here.ipynb")).to_be_visible()
    page.locator(".jp-BreadCrumbs-home").click()
    page.locator(".jp-DirListing-item", has_text=name).dblclick()
    page.locator(".jp-DirListing-item", has_text=f"{name}.ipynb").dblclick()
    expect(page.locator(".lm-TabBar-tab.lm-mod-current", has_text=f"{name}.ipynb")).to_be_visible()
    wait_for_notebook(page)


def expect_quiet(page):
    """Chapter 00 is open, nothing pops up, nothing is unsaved, and of nbgrader there is only Validate."""
    wait_for_notebook(page)
    expect(page.locator(".lm-TabBar-tab.lm-mod-current", has_text="00_start_here.ipynb")).to_be_visible()
    expect(page.locator(".jp-Notebook:visible h1").first).to_be_visible()
    expect(page.get_by_role("button", name="Validate")).to_be_visible()
    page.wait_for_timeout(3 * SECOND)  # the news pop-up would come about now
    assert page.locator(".Toastify__toast, .jp-Dialog, .jp-toastContainer > *").count() == 0
    assert page.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0, "opened, and unsaved before anything was typed"
    assert page.locator(".lm-MenuBar-item", has_text="Nbgrader").count() == 0, "the teacher's tools"


def test_it_opens_chapter_00_and_is_quiet(page, jupyter, screenshots):
    page.goto(jupyter.start)
    expect_quiet(page)
    page.screenshot(path=screenshots / "00_opened.png")
    assert "WARNING" not in jupyter.log.read_text(encoding="utf-8")


@pytest.fixture
def binder(root, tmp_path):
    """`start` as Binder runs it: before the command of its server, in a folder where nobody has worked yet."""
    server = ["jupyter-lab", "--no-browser", "--port=0", "--ServerApp.base_url=/user/abc/"]
    as_root = ["--allow-root"] * (os.geteuid() == 0)
    with running([sys.executable, root / "start", *server, *as_root], tmp_path, tmp_path) as binder:
        yield binder


def test_binder_opens_chapter_00_and_is_quiet(binder, page, screenshots):
    page.goto(binder.url("user/abc/lab/tree/my_course/00_start_here/00_start_here.ipynb"))
    expect_quiet(page)
    page.screenshot(path=screenshots / "00_binder.png")


def answer(page, code):
    """Type an answer over what stands in the first exercise of chapter 01, run it, and run its check."""
    type_over(page, cell(page, "def sigmoid(z)"), code)
    page.keyboard.press("Shift+Enter")
    cell(page, "check.sigmoid(sigmoid)").locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def test_a_student_fails_a_check_reads_why_mends_it_and_validates(page, jupyter, screenshots):
    page.goto(jupyter.start)
    wait_for_notebook(page)
    open_chapter(page, "01_notation")
    check = page.locator(".jp-Notebook:visible .jp-CodeCell", has_text="check.sigmoid(sigmoid)")
    said = check.locator(".jp-Cell-outputArea")

    def look(name):
        check.scroll_into_view_if_needed()
        page.screenshot(path=screenshots / f"{name}.png")

    menu(page, "Run", "Run All Cells")
    expect(said).to_contain_text("sigmoid: not answered yet")
    look("01_not_answered")

    answer(page, WRONG)
    expect(said).to_contain_text("✗ sigmoid")
    expect(said).to_contain_text("The exponent has the wrong sign")
    assert "Traceback" not in said.inner_text()
    look("01_failed")

    answer(page, RIGHT)
    expect(said).to_contain_text("✓ sigmoid")
    assert said.inner_text().count("✓") == 1  # the verdict that a check returns is not shown a second time
    look("01_passed")

    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("failed")
    look("01_validated")
    assert "check.sigmoid(" not in dialog.inner_text()
