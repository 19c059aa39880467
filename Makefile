# Each command does all its own set-up, can be run again, and is quick the second time.
# BLAS with one thread: two threads on two cores made small loops up to 15 times slower.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/ready

.PHONY: lab demo test site pins

lab: $(READY)  ## open the course in JupyterLab; LAB=--no-browser and other options go to Jupyter
	@$(BIN)/python -m course_lib.lab $(LAB)

demo: $(READY)  ## grade a sample class end to end
	$(BIN)/python -m grader demo

test: $(READY)  ## run all tests
	$(BIN)/python -m pytest

site: $(READY)  ## the course for reading, as a static site in build/site/html
	$(BIN)/python -m grader site

pins: $(READY)  ## write constraints.txt anew from the ranges in pyproject.toml
	printf 'hatchling\nuv\n' | $(BIN)/uv pip compile --quiet pyproject.toml - --universal --python-version 3.11 --all-extras \
	  --upgrade --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o .venv/pins.txt
	(sed -n '/^#/p' constraints.txt; cat .venv/pins.txt) > .venv/constraints.txt && mv .venv/constraints.txt constraints.txt

# Made anew only when what it should hold has changed: pip brings uv, and uv the rest in seconds (6 s against pip's 62 s).
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(PYTHON) is Python %d.%d, wanted 3.11 or newer. Name another one: make PYTHON=python3.12" % sys.version_info[:2])'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Setting up .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt --build-constraints constraints.txt -e '.[test,dask,site]'
	@touch $(READY)
