"""Whose is a file that Moodle or Canvas put into its "download all submissions"? For `nbgrader zip_collect`.

Moodle    `Ada Lovelace_657737_assignsubmission_file_/03_dJ_dW.ipynb`, or the same without the folder. The number is made
          anew for every assignment, so the name is the student.
Canvas    `lovelaceada_340934_208490284_03_dJ_dW.ipynb`, with `_LATE` after the name if it came late. The first number is
          the user's ID in Canvas, the same in all assignments and in the gradebook: it is the student.

Whatever a student handed in is collected, a notebook or not: then grading refuses it with a reason, and nobody who handed
something in counts as missing. nbgrader unpacks a zip within the zip; its files are its owner's.
"""

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin

MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<number>\d+)_assignsubmission_[a-z]+_/?(?P<file>.+)$")
CANVAS = re.compile(r"(?:^|/)[^/_]+_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)$")


class Collector(FileNameCollectorPlugin):
    """Finds student and file name in what either system calls a file; other files are left out with a warning."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.numbers, self.files = {}, Counter()

    def collect(self, submitted_file):
        """nbgrader's interface: {"student_id", "file_id"}, or None for a file that is not a submission."""
        path = PurePosixPath(Path(submitted_file).as_posix().split("/extracted/", 1)[-1])
        if any(part[0] == "." or part == "__MACOSX" for part in path.parts):  # an operating system's own files
            return None
        if match := MOODLE.search(str(path)):
            return self._of(self._moodle(match), match["file"])
        if match := CANVAS.search("/".join(path.parts[1:] or path.parts)):  # the first folder has the archive's name
            return self._of(match["number"], match["file"])
        self.log.warning("%s: neither Moodle nor Canvas names a file like this", submitted_file)
        return None

    def _of(self, student, file):
        """nbgrader ends the whole collection at two files of one student with one name: the second gets a number."""
        name = PurePosixPath(file)
        self.files[student, name.name] += 1
        count = self.files[student, name.name]
        return {"student_id": student, "file_id": name.name if count == 1 else f"{name.stem}-{count}{name.suffix}"}

    def _moodle(self, match):
        """Two students of one name are kept apart: nobody gets another's marks."""
        name = match["name"]
        if self.numbers.setdefault(name, match["number"]) == match["number"]:
            return name
        self.log.warning("%s: two students have this name; check whose is whose", name)
        return f"{name} ({match['number']})"
