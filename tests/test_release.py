"""Text source → instructor's notebook → student's notebook: what is released, what is refused, and that nothing leaks."""

import re
import shutil
from dataclasses import replace

import pytest
from nbgrader.api import Gradebook

from course_lib import exercises
from course_lib.exercises import Exercise
from grader import release, source

HINTS = ("Shape: any", "Formula: $2x$", "Skeleton:\n```python\nreturn ... * x\n```")
TWICE = Exercise("twice", 2, lambda rng: [], lambda calls, responses: None, HINTS)
ESSAY = Exercise("essay", 3, None, None, ())

SOURCE = '''\
# %% [markdown]
# # Twice

# %%
from course_lib import check

# %% answer="twice"
def twice(x):
    """2x, shaped like x."""
    ### BEGIN SOLUTION
    secret_of_the_solution = 2.0
    return secret_of_the_solution * x
    ### END SOLUTION

# %% check="twice"
check.twice(twice)

# %% free
twice(3)

# %% [markdown] manual="essay"
# Your answer
'''


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "90_twice.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def course(tmp_path, write, monkeypatch, root):
    """A course folder, and solutions/ with one small chapter."""
    write(SOURCE)
    monkeypatch.setattr(exercises, "chapters", lambda: {"90_twice": (TWICE, ESSAY)})
    folder = tmp_path / "course"
    folder.mkdir()
    shutil.copy(root / "nbgrader_config.py", folder)
    return folder


def cells(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_the_instructors_notebook_has_points_hints_and_steady_ids(write):
    built = cells(source.notebook(write(SOURCE), (TWICE, ESSAY)))
    assert list(built) == ["text-0", "given-1", "twice-answer", "twice", "twice-hints", "free-4", "essay"]
    marks = {name: cell.metadata.get("nbgrader") for name, cell in built.items()}
    assert [name for name, mark in marks.items() if mark is None] == ["text-0", "twice-hints", "free-4"]
    assert (marks["twice"].grade, marks["twice"].locked, marks["twice"].points) == (True, True, 2)
    assert (marks["twice-answer"].grade, marks["twice-answer"].solution, marks["twice-answer"].locked) == (
        False,
        True,
        False,
    )
    assert (marks["given-1"].grade, marks["given-1"].locked) == (False, True)
    assert (marks["essay"].grade, marks["essay"].solution, marks["essay"].points) == (True, True, 3)
    assert built["twice-hints"].source.count("<details>") == 3
    assert "<summary>Hint 2: formula</summary>\n\n$2x$\n" in built["twice-hints"].source


def test_students_get_the_stub_and_not_the_solution(course):
    [path] = release.release(course, solutions=course.parent)
    assert path == course / "notebooks" / "90_twice" / "90_twice.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "secret_of_the_solution" not in text
    assert "SOLUTION" not in text
    assert "raise NotImplementedError()" in text
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert "secret_of_the_solution" in (course / "build/source/90_twice/90_twice.ipynb").read_text(encoding="utf-8")


def test_a_second_build_changes_no_byte(course):
    [path] = release.release(course, ["90"], course.parent)
    first = path.read_bytes()
    [path] = release.release(course, ["90_twice"], course.parent)
    assert path.read_bytes() == first


def test_the_gradebook_knows_the_points(course):
    release.release(course, solutions=course.parent)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "djdx") as gradebook:
        notebook = gradebook.find_notebook("90_twice", "90_twice")
        assert {cell.name: cell.max_score for cell in notebook.grade_cells} == {"twice": 2, "essay": 3}


# What is done to the source, and what the error must say.
REFUSED = {
    "unknown exercise": (lambda s: s.replace('"twice"', '"thrice"'), r":7: exercise thrice: no such exercise"),
    "unknown tag": (lambda s: s.replace("answer=", "answr="), r":7: the marker says .*answr"),
    "two answers": (lambda s: s.replace('# %% check="twice"', '# %% answer="twice"'), r":15: exercise twice: a second answer cell; .* line 7"),
    "no check": (lambda s: s.replace('# %% check="twice"', "# %%"), r":7: exercise twice: an answer without a check"),
    "no answer": (lambda s: re.sub(r'# %% answer.*?(?=# %% check)', "", s, flags=re.DOTALL), r":7: exercise twice: a check without an answer"),
    "check before answer": (lambda s: s.replace("# %%\nfrom", '# %% check="twice"\ncheck.twice(twice)\n\n# %%\nfrom'), r":4: .* without an answer cell before"),
    "check says more": (lambda s: s.replace("check.twice(twice)", "check.twice(twice)  # go"), r":15: exercise twice: the check cell reads .*wanted exactly"),
    "no solution": (lambda s: s.replace("### BEGIN", "# begin").replace("### END", "# end"), r":7: exercise twice: wanted .*found neither"),
    "solution left open": (lambda s: s.replace("    ### END SOLUTION\n", ""), r":7: exercise twice: wanted `### BEGIN SOLUTION`"),
    "solution in a given cell": (lambda s: s.replace("import check", "import check\n### BEGIN SOLUTION\n### END SOLUTION"), r":4: a solution stands outside"),
    "a cell split in two": (lambda s: s.replace("    return", "    # %% now\n    return"), r":12: an indented `# %%` splits"),
    "text before the first cell": (lambda s: '"""About."""\n' + s, r":1: the first line must start the first cell"),
    "no docstring": (lambda s: s.replace('    """2x, shaped like x."""\n', ""), r":7: exercise twice: the stub has no docstring"),
    "another function": (lambda s: s.replace("def twice", "def double"), r":7: exercise twice: .* defines no function `twice`"),
    "not Python": (lambda s: s.replace("2.0\n", "2.0 +\n"), r":7: exercise twice: the solution is not Python"),
    "hidden tests": (lambda s: s.replace("twice(3)", "### BEGIN HIDDEN TESTS"), r":18: hidden tests"),
    "a markdown answer": (lambda s: s.replace('# %% check=', '# %% [markdown] check='), r":15: exercise twice: check is a markdown cell"),
    "no cell for the essay": (lambda s: s.replace(' manual="essay"', ""), r"exercise essay: no cell is marked"),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_an_error_names_file_line_and_exercise(fault, write):
    spoil, message = REFUSED[fault]
    with pytest.raises(source.SourceError, match=r"90_twice\.py" + message if message[0] == ":" else message):
        source.notebook(write(spoil(SOURCE)), (TWICE, ESSAY))


def test_exercises_must_have_three_hints_and_the_order_of_their_module(write):
    with pytest.raises(
        source.SourceError,
        match="exercise twice: the hints in its module begin with one; wanted Shape, Formula, Skeleton",
    ):
        source.notebook(write(SOURCE), (replace(TWICE, hints=("one",)), ESSAY))
    with pytest.raises(source.SourceError, match=r"the exercises come as twice, essay; .*: essay, twice"):
        source.notebook(write(SOURCE), (ESSAY, TWICE))


def test_unknown_chapters_and_folders_are_refused(course, tmp_path):
    with pytest.raises(ValueError, match=r"91: not all of these exist; .*90_twice"):
        release.release(course, ["91"], course.parent)
    with pytest.raises(FileNotFoundError, match=r"holds no nbgrader_config\.py"):
        release.load_config(tmp_path)
