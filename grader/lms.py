"""Whose is a file that Moodle or Canvas put into its "download all submissions"? For `nbgrader zip_collect`.

Moodle    `Ada Lovelace_657737_assignsubmission_file_/03_dJ_dW.ipynb`, or the same without the folder. The number is made
          anew for every assignment, so the name is the student.
Canvas    `lovelaceada_340934_208490284_03_dJ_dW.ipynb`, with `_LATE` after the name if it came late. The first number is
          the user's ID in Canvas, the same in all assignments and in the gradebook: it is the student.
"""

import re
from pathlib import Path

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin

MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<number>\d+)_assignsubmission_file_/?(?P<file>[^/]+)$")
CANVAS = re.compile(r"[^/_]+_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>[^/]+)$")


class Collector(FileNameCollectorPlugin):
    """Finds student and file name in what either system calls a file; other files are left out with a warning."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.numbers = {}

    def collect(self, submitted_file):
        """nbgrader's interface: {"student_id", "file_id"}, or None for a file that is not a submission."""
        if not submitted_file.endswith(".ipynb"):
            return None
        path = Path(submitted_file).as_posix()
        if match := MOODLE.search(path):
            return {"student_id": self._moodle(match), "file_id": match["file"]}
        if match := CANVAS.search(path):
            return {"student_id": match["number"], "file_id": match["file"]}
        self.log.warning("%s: neither Moodle nor Canvas names a file like this", submitted_file)
        return None

    def _moodle(self, match):
        """Two students of one name are kept apart: nobody gets another's marks."""
        name = match["name"]
        if self.numbers.setdefault(name, match["number"]) == match["number"]:
            return name
        self.log.warning("%s: two students have this name; check whose is whose", name)
        return f"{name} ({match['number']})"
