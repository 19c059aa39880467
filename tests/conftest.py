"""What every test may use.

``require(name)`` gives the path of a program, or an optional Python module, that a test cannot do without::

    def test_lab_in_a_browser(require):
        chromium = require("chromium")

Where it is missing the test is skipped and says what to install; with ``CI=true`` that is a failure, so nothing is
ever skipped unseen. Known programs are in ``PROGRAMS``; every other name is a Python module.

Every exercise is a marker: ``pytest -m dJ_dX`` runs the tests of that exercise.

Randomness: take ``rng``, seeded anew for each test. Hypothesis draws the same examples in every run.
"""

import contextlib
import functools
import importlib
import os
import shutil
import warnings
from pathlib import Path

# One thread for BLAS, before numpy is first imported: with two threads on two cores small loops were up to 15 times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import numpy as np
import pytest

# Program → Debian's package. `.ci/system-packages` installs them all.
PROGRAMS = {
    "chromium": "chromium",
    "bwrap": "bubblewrap",
    "initdb": "postgresql",
    "octave-cli": "octave",
    "configurable-http-proxy": "node-configurable-http-proxy",
}

# No deadline: a busy machine is not a wrong answer.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None)
hypothesis.settings.load_profile("course")

pytest_plugins = ["browsing"]  # JupyterLab and a browser, for the tests that click


def pytest_configure(config):
    """Know a marker for each exercise of the course."""
    from course_lib import exercises

    for exercise in exercises.every():
        config.addinivalue_line("markers", f"{exercise.name}: the exercise of chapter {exercise.chapter}")


def find_program(name):
    """Path of a program, or None. Debian keeps PostgreSQL's server programs, such as initdb, out of PATH."""
    return shutil.which(name) or next((str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)


def missing(what):
    """Skip the running test; fail it where CI=true promises that everything is installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true, but {what}", pytrace=False)
    pytest.skip(what)


def _require(name):
    if name in PROGRAMS:
        return find_program(name) or missing(f"{name} is missing: apt-get install {PROGRAMS[name]}")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        return missing(f"{error.name} is missing: pip install -c constraints.txt -e '.[test,dask,interop,hub,similar]'")


@pytest.fixture(scope="session")
def require():
    """``require(name)`` → the path of a program, or a Python module; see the top of this file."""
    return _require


@pytest.fixture(scope="session")
def solved(tmp_path_factory):
    """``solved(chapter)`` → (namespace, verdicts) of the instructor's notebook, run once, in a folder of its own."""
    from course_lib import exercises
    from grader import release, source

    @functools.cache
    def solved(chapter):
        path = release.SOLUTIONS / f"{chapter}.py"
        with contextlib.chdir(tmp_path_factory.mktemp(chapter)):
            return run_notebook(source.notebook(path, exercises.chapters()[chapter]))

    return solved


def run_notebook(notebook):
    """Every code cell in order, in this process; the value of a check cell is its verdict."""
    import matplotlib.pyplot as plt

    namespace, verdicts = {"__name__": "__main__"}, {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a lesson may show a warning; a check that minds one says so
                if cell.metadata.get("nbgrader", {}).get("grade"):
                    verdicts[cell.id] = eval(cell.source, namespace)
                else:
                    exec(compile(cell.source, cell.id, "exec"), namespace)  # noqa: S102 (our own source)
            plt.close("all")
    return namespace, verdicts


@pytest.fixture
def rng():
    """A generator with the same seed in every test."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def root():
    """The folder of the checkout."""
    return Path(__file__).parent.parent
