"""A course on one machine: JupyterHub, an account of the system for each person, nbgrader's exchange between them.

Start it as root, in a folder of its own: `jupyterhub -f jupyterhub_config.py`. Change what is in capitals.
"""

import sys
from pathlib import Path

TEACHERS = {"teacher"}
STUDENTS = {"ada", "bob"}
PORT = 8000

c = get_config()  # noqa: F821 (JupyterHub provides it)

c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"  # a web server with TLS stands before it; see docs/hub.md
c.ConfigurableHTTPProxy.command = ["configurable-http-proxy"]

# Whoever has an account and a password on this machine, and is in the course. Your university's login is one line here.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = TEACHERS | STUDENTS
c.Authenticator.admin_users = TEACHERS

# Each server runs under its owner's account, in the owner's home.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.notebook_dir = "~"
c.Spawner.environment = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"}
# BLAS with one thread: many students share the cores.
c.Spawner.environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
c.Spawner.default_url = "/lab"
