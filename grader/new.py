"""`python -m grader new exercise NAME --chapter NN`: an exercise that works, to be changed into the one you want.

Text source, exercise definition with hints, sample mistakes in it, and a test: everything passes as it is laid out.
"""

import re
import sys

from course_lib import exercises
from grader import release

ROOT = release.ROOT
SOURCE = '''\
# %% [markdown]
# ### Exercise: `{name}`
#
# Say here what is asked and why, with a worked example in the shape of the exercise.


# %% answer="{name}"
def {name}(x):
    """The square of each entry of x: x².

    x: array of any shape. Returns an array of the same shape.
    """
    ### BEGIN SOLUTION
    return np.asarray(x, float) ** 2
    ### END SOLUTION


# %% check="{name}"
check.{name}({name})

'''
FUNCTIONS = '''\
def {name}(x):
    return np.asarray(x, float) ** 2


def {name}_points(rng):
    """Where wrong answers differ: several shapes, both signs, no number that equals its own square."""
    return [Call((rng.uniform(-3, 3, size=shape),)) for shape in ((3,), (2, 4), ())]


'''
DEFINITION = """\
    exercise(
        "{name}", 1, {name}_points, {name},
        wrong={{
            "flipped sign": lambda x: -np.asarray(x, float) ** 2,
            "factor 2": lambda x: 2 * np.asarray(x, float) ** 2,
            "factor ½": lambda x: np.asarray(x, float) ** 2 / 2,
        }},
        hints=(
            "Shape: the same as x.",
            "Formula: x².",
            "Skeleton: `return x ** …`.",
        ),
        prediction=Prediction("What is the square of −3: −9 or 9?", "9. The two signs cancel."),
    ),
"""
TEST = '''\
"""The exercise `{name}`: right answers pass however they are written, wrong ones fail with words that help."""

import numpy as np
import pytest

from course_lib.exercises import find, judge

pytestmark = pytest.mark.{name}


@pytest.mark.parametrize("right", [lambda x: x**2, lambda x: x * x, np.square])
def test_right_however_it_is_written(right):
    assert judge(find("{name}"), right).state == "passed"


@pytest.mark.parametrize(("wrong", "mistake"), [(lambda x: -(x**2), "flipped sign"), (lambda x: 2 * x, None)])
def test_wrong_is_caught(wrong, mistake):
    verdict = judge(find("{name}"), wrong)
    assert (verdict.state, verdict.mistake) == ("failed", mistake)
    assert verdict.message
'''
IMPORTS = {
    "import numpy as np": r"^import numpy as np$",
    "from course_lib.exercises import Prediction": r"^from course_lib\.exercises import .*\bPrediction\b",
    "from course_lib.exercises.build import exercise": r"^from course_lib\.exercises\.build import .*\bexercise\b",
    "from course_lib.wire import Call": r"^from course_lib\.wire import .*\bCall\b",
}
NEXT = """\
It passes as it stands:
  pytest {test}
  python -m grader release --check {chapter}
Now change it into yours. Then add its signature to SIGNATURES in tests/test_course.py and its row, with its points, to the
table in docs/instructor_guide.md, and build the notebook: python -m grader release {chapter}"""


def main(args):
    """Lay out the exercise `args.name` at the end of the chapter `args.chapter`."""
    try:
        chapter, *paths = lay_out(args.name, args.chapter)
    except ValueError as error:
        sys.exit(f"nothing was laid out: {error}")
    for path in paths:
        print(path.relative_to(ROOT))
    print(NEXT.format(test=paths[-1].relative_to(ROOT), chapter=chapter))


def lay_out(name: str, chapter: str) -> tuple:
    """→ the chapter's full name, and the three files. Raises ValueError, and changes nothing, if that cannot be done."""
    [chapter] = release.wanted([chapter])
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        raise ValueError(f"{name!r} is no name for a Python function; such as mean_square")
    if name in {exercise.name for exercise in exercises.every()}:
        raise ValueError(f"an exercise is already called {name}; names are unique in the whole course")
    text, module = ROOT / "solutions" / f"{chapter}.py", ROOT / "course_lib" / "exercises" / f"ch{chapter}.py"
    test = ROOT / "tests" / f"test_{name}.py"
    if test.exists():
        raise ValueError(f"{test.name} exists; choose another name, or delete it")
    lesson, judge = _lesson(text.read_text(encoding="utf-8"), name), _module(module.read_text(encoding="utf-8"), name)
    for path, content in ((text, lesson), (module, judge), (test, TEST.format(name=name))):
        path.write_text(content, encoding="utf-8")
    return chapter, text, module, test


def _lesson(text, name) -> str:
    """After the last check of the chapter: exercises come in the order of their module. A new chapter has none: at its end."""
    checks = [*re.finditer(r"^# %%.*\b(check|manual)=.*\n(?:(?!# %%).*\n)*", text, re.MULTILINE)]
    if checks:
        at = checks[-1].end()
        return text[:at] + SOURCE.format(name=name) + text[at:]
    return f"{text.rstrip()}\n\n{SOURCE.format(name=name).rstrip()}\n"


def _module(text, name) -> str:
    missing = [line for line, pattern in IMPORTS.items() if not re.search(pattern, text, re.MULTILINE)]
    imports = [0, *(found.end() for found in re.finditer(r"^from course_lib.*(?:\([^)]*\))?\n", text, re.MULTILINE))]
    text = text[: imports[-1]] + "".join(f"{line}\n" for line in missing) + text[imports[-1] :]
    functions, definition = FUNCTIONS.format(name=name), DEFINITION.format(name=name)
    start = re.search(r"^EXERCISES = \[$", text, re.MULTILINE)
    end = start and re.search(r"^\]", text[start.end() :], re.MULTILINE)
    if not end:
        raise ValueError(
            "the chapter's module needs a list that begins with the line `EXERCISES = [` and ends with `]`"
        )
    close = start.end() + end.start()
    above = f"{text[: start.start()].rstrip()}\n\n\n{functions}"
    return above + text[start.start() : close] + definition + text[close:]
