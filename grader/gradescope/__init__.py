"""`python -m grader gradescope CHAPTER`: an autograder for Gradescope; `__main__` is what runs inside it.

The zip holds `setup.sh` and `run_autograder` at its top, as Gradescope's specification wants it, the judge, and the one
released notebook; no solutions. Gradescope unpacks it to /autograder/source and copies run_autograder to /autograder.

The course's secret stays at home. The bundle has one of its own, made from it for this chapter: whoever gets hold of it
can foresee the test points of this chapter in Gradescope, and nothing else.
"""

import hashlib
import hmac
import json
import sys
import zipfile
from pathlib import Path

from grader import collect, library, release

HERE = Path(__file__).parent
SCRIPTS = ("setup.sh", "run_autograder")
TOP = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE", "LICENSE-text")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same zip in every build


def main(args):
    """Write build/gradescope/CHAPTER.zip below the course folder."""
    try:
        [chapter] = release.wanted([args.chapter])
    except ValueError as error:
        sys.exit(str(error))
    path = args.course / "build" / "gradescope" / f"{chapter}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    bundle(chapter, path, collect.secret(args.course), args.visibility)
    print(path)


def bundle(chapter: str, path: Path, secret: bytes, visibility: str = "visible") -> None:
    """The autograder of a chapter. `secret` is the course's; what goes into the bundle is `own_secret`."""
    names = [*TOP, *_package("course_lib"), *_package("grader"), f"notebooks/{chapter}/{chapter}.ipynb"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in SCRIPTS:
            _add(archive, name, (HERE / name).read_bytes(), 0o755)
        for name in names:
            _add(archive, name, (library.ROOT / name).read_bytes(), 0o644)
        _add(archive, collect.SECRET, own_secret(secret, chapter), 0o600)
        _add(archive, "settings.json", json.dumps({"chapter": chapter, "visibility": visibility}).encode(), 0o644)


def own_secret(secret: bytes, chapter: str) -> bytes:
    """What the test points of a chapter's bundle come from: the same in every build, and no way back to the course's."""
    return hmac.digest(secret, b"gradescope\0" + chapter.encode(), hashlib.sha256).hex().encode()


def _package(name):
    folder = library.ROOT / name
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [path.relative_to(library.ROOT).as_posix() for path in files]


def _add(archive, name, content, mode):
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
    archive.writestr(info, content)
