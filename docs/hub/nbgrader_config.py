"""nbgrader for every account of the hub: /etc/jupyter/nbgrader_config.py. The teacher's course folder has its own beside it."""

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "djdx"
c.Exchange.root = "/srv/nbgrader/exchange"
