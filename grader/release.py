"""`python -m grader release`: text sources → instructor's notebooks → what students get, through nbgrader's own step.

Byte for byte reproducible: nothing in a notebook depends on the time, the machine or chance.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from course_lib import exercises
from grader import source

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / "solutions"


def main(args):
    """Release `args.chapters` (all, if none is named) in the course folder that one stands in, or check them."""
    try:
        if args.check:
            return check(args.chapters)
        for path in release(Path(), args.chapters):
            print(path)
    except (ValueError, OSError, NbGraderException) as error:
        sys.exit(f"not released: {error}")


def check(chapters) -> int:
    """Say what is wrong with the chapters; nothing is built. → exit status."""
    from grader import gate  # it runs all lessons, so it imports a great deal

    faults = gate.check(chapters)
    print("\n".join(faults) or "No fault found.")
    return 1 if faults else 0


def release(course: Path, chapters=(), solutions: Path = SOLUTIONS) -> list[Path]:
    """Build the chapters into `course`/notebooks and enter them into its gradebook; returns the students' notebooks.

    `course` holds nbgrader_config.py. Raises SourceError if a source cannot be released, ValueError for an unknown
    chapter; then nothing has been changed.
    """
    config = load_config(course)
    names = wanted(chapters, solutions)
    built = [source.notebook(solutions / f"{name}.py", exercises.chapters().get(name, ())) for name in names]
    return [_release(config, name, instructor) for name, instructor in zip(names, built, strict=True)]


def wanted(chapters, solutions: Path = SOLUTIONS) -> list[str]:
    """Full names of the chapters; "03" is enough for "03_dJ_dW". Raises ValueError for one that does not exist."""
    known = sorted(path.stem for path in solutions.glob("[0-9][0-9]_*.py"))
    found = [name for chapter in chapters for name in known if name == chapter or name[:2] == chapter]
    if len(found) != len(chapters):
        raise ValueError(
            f"chapters {', '.join(chapters)}: not all of these exist; {solutions.name}/ has {', '.join(known)}"
        )
    return found or known


def load_config(course: Path):
    """nbgrader's configuration of the course folder. Its gradebook calls `alembic` by bare name: that folder joins PATH."""
    if not (course / "nbgrader_config.py").is_file():
        raise FileNotFoundError(
            f"{course.resolve()} holds no nbgrader_config.py: a course folder has a copy of the checkout's"
        )
    programs = sysconfig.get_path("scripts")
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course.resolve())
    return config


def _release(config, name, instructor) -> Path:
    """Write the instructor's notebook where nbgrader looks for it, and let nbgrader make the students'."""
    directory = CourseDirectory(config=config, assignment_id=name)
    folder = Path(directory.format_path(directory.source_directory, ".", name))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    nbformat.write(instructor, folder / f"{name}.ipynb")
    GenerateAssignment(coursedir=directory, config=config, force=True).start()
    return Path(directory.format_path(directory.release_directory, ".", name)).resolve() / f"{name}.ipynb"
