"""nbgrader's settings for this course; read by `nbgrader`, formgrader and `python -m grader` alike."""

from grader.lms import Collector
from grader.preprocessors import Grade, Repair

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "djdx"
# Built from solutions/ by `python -m grader release`. nbgrader copies every file of a source folder into the release,
# so the instructor's notebooks lie alone in a build folder.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "submitted"

# `nbgrader autograde` and formgrader's Autograde button: our repair, sandbox and verdicts in place of nbgrader's own.
c.Autograde.sanitize_preprocessors = [Repair]
c.Autograde.autograde_preprocessors = [Grade]
# `nbgrader zip_collect` knows how Moodle and Canvas name the files of "download all submissions".
c.ZipCollectApp.collector_plugin = Collector
# No script of a submission survives into a feedback page.
c.HTMLExporter.sanitize_html = True
