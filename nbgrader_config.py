"""nbgrader's settings for this course; read by `nbgrader`, formgrader and `python -m grader` alike."""

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "djdx"
# Built from solutions/ by `python -m grader release`. nbgrader copies every file of a source folder into the release,
# so the instructor's notebooks lie alone in a build folder.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "submitted"

# A tag on a cell would otherwise let a student skip its execution, and a deleted check cell would be worth full marks.
c.Execute.skip_cells_with_tag = ""
c.OverwriteCells.add_missing_cells = True
# No script of a submission survives into a feedback page.
c.HTMLExporter.sanitize_html = True
