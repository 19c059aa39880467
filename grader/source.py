"""A chapter's text source (`solutions/NN_topic.py`) → the instructor's notebook.

The source is jupytext's percent format. A tag after `# %%` says what becomes of a cell::

    # %% [markdown]                    prose
    # %%                               given code: locked
    # %% free                          code that the student may change
    # %% answer="dJ_dW"                a stub with its solution between ### BEGIN SOLUTION and ### END SOLUTION
    # %% check="dJ_dW"                 exactly `check.dJ_dW(dJ_dW)`; points and the three folded hints are added
    # %% [markdown] manual="report"    marked by hand

Points and hints come from the exercise's module. Whatever is not of this form is an error that names file, line and
exercise, so that no chapter is released half marked.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

MARKER = re.compile(r"#\s*%%(\s|$)")
TAGS = ("answer", "check", "manual", "free")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = ("BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")  # nothing is hidden here: the test points are fresh instead
HINTS = ("Shape", "Formula", "Skeleton")  # how the three hints of an exercise begin
# Fixed, so that a build does not depend on the machine that makes it.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class SourceError(ValueError):
    """A source that cannot be released; the text names file, line and exercise and says how to mend it."""


@dataclass(frozen=True)
class Cell:
    """One cell of the source: `tag` is one of TAGS or "" (given code, prose); `line` is that of its `# %%`."""

    tag: str
    name: str
    type: str
    text: str
    line: int


def answer_id(exercise: str) -> str:
    """Cell id and grade_id of the answer cell. The check cell's is the exercise's name."""
    return f"{exercise}-answer"


def notebook(path: Path, exercises) -> nbformat.NotebookNode:
    """The instructor's notebook of the source at `path`; `exercises` are those of its chapter, in order.

    Raises SourceError for an unknown, duplicate or missing tag, a check that is not the exercise's, a solution that is
    not marked, an exercise without three hints.
    """
    cells = read(path)
    by_name = {exercise.name: exercise for exercise in exercises}
    _validate(path, cells, by_name)
    built = []
    for position, cell in enumerate(cells):
        built.append(_built(cell, position, by_name.get(cell.name)))
        if cell.tag == "check":
            built.append(_hints(by_name[cell.name]))
    return nbformat.v4.new_notebook(cells=built, metadata=METADATA)


def read(path: Path) -> list[Cell]:
    """The cells of a source. Raises SourceError for a tag that does not exist or a `# %%` that splits a cell."""
    text = path.read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if MARKER.match(line.lstrip())]
    split = [number for number in lines if text.splitlines()[number - 1][0] != "#"]
    if split:
        raise _error(path, split[0], "an indented `# %%` splits the cell; write the comment without percent signs")
    if not lines or text.splitlines()[0][:4] != "# %%":
        raise _error(path, 1, "the first line must start the first cell: `# %% [markdown]`")
    cells = jupytext.reads(text, fmt="py:percent").cells
    return [_cell(path, line, cell) for line, cell in zip(lines, cells, strict=True)]


def _cell(path, line, cell) -> Cell:
    # jupytext notes how many blank lines follow, and keeps a bare word as the cell's title.
    given = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
    tags = {"free": ""} if given == {"title": "free"} else given
    if len(tags) > 1 or not set(tags) <= set(TAGS):
        raise _error(path, line, f"the marker says {given}; wanted one of: nothing, free, answer=, check=, manual=")
    tag, name = next(iter(tags.items()), ("", ""))
    wanted = "markdown" if tag == "manual" else "code"
    if tag and cell.cell_type != wanted:
        raise _error(path, line, f"{tag} is a {cell.cell_type} cell, wanted a {wanted} cell", name)
    return Cell(tag, name, cell.cell_type, cell.source, line)


def _error(path, line, text, exercise="") -> SourceError:
    return SourceError(f"{path}:{line}: {f'exercise {exercise}: ' if exercise else ''}{text}")


def _validate(path, cells, exercises):
    """Every exercise has what it needs, once and in order."""
    seen = {}
    for cell in cells:
        fail = lambda text, cell=cell: _error(path, cell.line, text, cell.name)
        if any(hidden in cell.text for hidden in HIDDEN):
            raise fail("hidden tests and mark schemes have no place here; the exercise's module judges")
        if cell.tag != "answer" and ("BEGIN SOLUTION" in cell.text or "END SOLUTION" in cell.text):
            raise fail('a solution stands outside an answer cell; its marker must be `# %% answer="NAME"`')
        if cell.name and cell.name not in exercises:
            raise fail(f"no such exercise in this chapter's module, which has {', '.join(exercises) or 'none'}")
        if cell.name and seen.setdefault((cell.tag, cell.name), cell.line) != cell.line:
            raise fail(f"a second {cell.tag} cell; the first is at line {seen[cell.tag, cell.name]}")
        if cell.tag == "answer":
            _validate_answer(cell, fail)
        if cell.tag == "check":
            _validate_check(cell, ("answer", cell.name) in seen, fail)
    for exercise in exercises.values():
        _validate_exercise(path, exercise, seen)
    order = [cell.name for cell in cells if cell.tag in ("check", "manual")]
    if order != list(exercises):
        wanted = ", ".join(exercises)
        raise _error(path, 1, f"the exercises come as {', '.join(order)}; make it the order of their module: {wanted}")


def _validate_answer(cell, fail):
    marks = [line.strip() for line in cell.text.splitlines() if "BEGIN SOLUTION" in line or "END SOLUTION" in line]
    if not marks or marks != [BEGIN, END] * (len(marks) // 2):
        raise fail(f"wanted `{BEGIN}` and then `{END}`, each on its own line; found {marks or 'neither'}")
    try:
        tree = ast.parse(cell.text)
    except SyntaxError as error:
        raise fail(f"the solution is not Python: {error}") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == cell.name]
    if not functions:
        raise fail(f"the answer cell defines no function `{cell.name}`")
    if not ast.get_docstring(functions[0]):
        raise fail("the stub has no docstring; give shapes, units and the formula")


def _validate_check(cell, answered, fail):
    wanted = f"check.{cell.name}({cell.name})"
    if cell.text != wanted:
        raise fail(f"the check cell reads {cell.text!r}, wanted exactly {wanted!r}")
    if not answered:
        raise fail(f'a check without an answer cell before it (`# %% answer="{cell.name}"`)')


def _validate_exercise(path, exercise, seen):
    name = exercise.name
    if exercise.challenge is None:
        if ("manual", name) not in seen:
            raise _error(path, 1, f'no cell is marked `# %% [markdown] manual="{name}"`', name)
        return
    if ("answer", name) not in seen:
        raise _error(path, 1, f'no answer cell; mark one with `# %% answer="{name}"`', name)
    if ("check", name) not in seen:
        raise _error(path, seen["answer", name], f'an answer without a check; add `# %% check="{name}"`', name)
    begin = tuple(hint.partition(":")[0] for hint in exercise.hints)
    if begin != HINTS:
        text = f"the hints in its module begin with {', '.join(begin) or 'nothing'}; wanted {', '.join(HINTS)}"
        raise _error(path, seen["check", name], text, name)


def _built(cell, position, exercise):
    """The notebook cell with nbgrader's metadata, and an id that is the same in every build."""
    match cell.tag:
        case "check":
            grader, name = _nbgrader(cell.name, locked=True, points=exercise.points), cell.name
        case "answer":
            grader, name = _nbgrader(answer_id(cell.name), solution=True), answer_id(cell.name)
        case "manual":
            grader, name = _nbgrader(cell.name, solution=True, points=exercise.points), cell.name
        case "" if cell.type == "code":
            name = f"given-{position}"
            grader = _nbgrader(name, locked=True)
        case _:
            name = f"{cell.tag or 'text'}-{position}"
            grader = {}
    return _new(cell.type, cell.text, name, grader)


def _new(kind, text, name, metadata):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(text, id=name, metadata=metadata)


def _nbgrader(grade_id, *, locked=False, solution=False, points=None):
    graded = {} if points is None else {"points": points}
    marks = {"grade": points is not None, "locked": locked, "solution": solution, "task": False}
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **marks, **graded}}


def _hints(exercise):
    # The blank lines let Markdown and formulas inside the fold be rendered.
    folds = [
        f"<details>\n<summary>Hint {number}: {title.lower()}</summary>\n\n{text.strip()}\n\n</details>"
        for number, (title, _, text) in enumerate((hint.partition(":") for hint in exercise.hints), 1)
    ]
    return _new("markdown", "\n\n".join(folds), f"{exercise.name}-hints", {})
