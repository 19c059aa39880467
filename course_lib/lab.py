"""Open the course in JupyterLab: ``python -m course_lib.lab``, which is what ``make lab`` runs.

Chapters that you do not have yet are copied from ``notebooks/`` into ``my_course/``, which git ignores. What is
already there is yours and is never touched. To start a chapter afresh, rename its folder and run this again.
"""

import argparse
import json
import os
import shutil
import sys
import sysconfig
from pathlib import Path

START = "00_start_here/00_start_here.ipynb"
RELEASED = Path(__file__).parent.parent / "notebooks"
# Jupyter's settings for students: no news pop-up, and of nbgrader's buttons only Validate.
SETTINGS = Path(__file__).parent / "jupyter"
# With two BLAS threads on two cores small loops were up to 15 times slower.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def copy_new_chapters(released, mine):
    """Copy each chapter of the folder ``released`` that the folder ``mine`` lacks; return the names of the copied ones.

    A chapter appears under its name only when it is complete, so an interrupted copy is simply made again.

    Raises ``FileNotFoundError`` if ``released`` holds no chapter.
    """
    chapters = sorted(folder for folder in Path(released).glob("[0-9][0-9]_*") if folder.is_dir())
    if not chapters:
        raise FileNotFoundError(
            f"{released}: no chapters there, wanted 00_start_here and those after it. They are in the course's git "
            "repository: clone it, run `pip install -e .` or `make lab` in it."
        )
    new = [chapter for chapter in chapters if not (Path(mine) / chapter.name).exists()]
    for chapter in new:
        half_done = Path(mine) / f".{chapter.name}.copying"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(chapter, half_done, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        for notebook in half_done.glob("*.ipynb"):
            name_kernel(notebook)
        half_done.rename(Path(mine) / chapter.name)
    return [chapter.name for chapter in new]


def name_kernel(notebook):
    """Write into a notebook what JupyterLab would: this environment's kernel and its language. Else it is unsaved once opened."""
    from ipykernel.ipkernel import IPythonKernel
    from jupyter_client.kernelspec import get_kernel_spec

    content = json.loads(notebook.read_text(encoding="utf-8"))
    kernel = get_kernel_spec("python3")
    content.setdefault("metadata", {}).update(
        kernelspec={"display_name": kernel.display_name, "language": kernel.language, "name": "python3"},
        language_info=IPythonKernel.language_info,
    )
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def jupyter_options(mine):
    """The command line of JupyterLab: its root is the folder ``mine``, its first page is chapter 00. The token stays on."""
    options = [f"--ServerApp.root_dir={Path(mine).resolve()}", f"--LabApp.default_url=/lab/tree/{START}"]
    as_root = (
        hasattr(os, "geteuid") and os.geteuid() == 0
    )  # Jupyter refuses root unless told; usual on servers and in CI
    return options + ["--allow-root"] * as_root


def prepare_environment():
    """Set what JupyterLab and its kernels inherit: one BLAS thread, our settings, and this environment's programs."""
    os.environ.update({name: os.environ.get(name, "1") for name in THREADS})
    for variable, first in {
        "JUPYTER_CONFIG_PATH": str(SETTINGS),
        "PATH": sysconfig.get_path("scripts"),  # nbgrader calls `alembic` by its bare name
    }.items():
        os.environ[variable] = os.pathsep.join(filter(None, [first, os.environ.get(variable)]))


def main(arguments=None):
    """Copy what is missing and start JupyterLab; options that are not ours go to JupyterLab, for example ``--no-browser``."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.lab", description=__doc__, allow_abbrev=False)
    parser.add_argument("--folder", default="my_course", type=Path, help="where your copies live (default: my_course)")
    ours, jupyters = parser.parse_known_args(arguments)
    try:
        for name in copy_new_chapters(RELEASED, ours.folder):
            print(f"new in {ours.folder}/: {name}")
    except FileNotFoundError as error:
        sys.exit(str(error))
    prepare_environment()

    from jupyterlab.labapp import main as jupyter_lab  # takes a second, and only this function needs it

    sys.exit(jupyter_lab(jupyter_options(ours.folder) + jupyters))


if __name__ == "__main__":
    main()
