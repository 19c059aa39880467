#!/usr/bin/env bash
# Gradescope runs this once, in /autograder/source, when it builds the image. Choose its newest Ubuntu image.
set -euo pipefail
cd "$(dirname "$0")"

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends bubblewrap python3-venv

python=python3
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then # Ubuntu 22.04 has a newer one beside its own
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3.11-venv
  python=python3.11
fi
"$python" -m venv ../python
../python/bin/python -m pip install --quiet -c constraints.txt -e .
