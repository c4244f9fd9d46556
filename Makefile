# make study STUDY=beta_sweep [SCALE=smoke|quick|laptop|paper] [RESULTS=results] [ON=slurm CLUSTER=cluster.toml]
# make reference SCALE=paper [AT_ONCE=32]
PYTHON ?= python3
RESULTS ?= results
STUDY ?= beta_sweep
# laptop, unless it is given; of a file without scales, which is of the scale own, none.
SCALE ?=
OF_SCALE = $(if $(SCALE),--scale $(SCALE))
AT_ONCE ?=
# The engine that trains on many machines, and what these are; else all is trained here.
ON ?=
CLUSTER ?=
ON_MANY = $(if $(ON),--on $(ON)) $(if $(CLUSTER),--cluster "$(CLUSTER)")
BIN := .venv/bin
# A worker a core, and one more of all tests (conftest.py); the tests of a file stay together, they
# share what they compile. The order of the files is that of tests/conftest.py: the long ones first.
# They keep what Python compiles, where the environment says not to too: each worker, and each
# command that a test starts, would compile all files anew.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.PHONY: help study reference smoke test compiled check lint docs clean
.DELETE_ON_ERROR:

help:                           ## this list; what `make` alone prints
	@sed -n '/^#  *make/s/^#/ /p' $(firstword $(MAKEFILE_LIST))
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The report comes last and is no reason to call a study failed, nor are failed runs to leave it out.
study: .venv/installed          ## train, encode, score, write the table of a study and its report
	@$(BIN)/dbench study $(STUDY) $(OF_SCALE) --results "$(RESULTS)" $(ON_MANY); code=$$?; \
	test $$code -gt 1 || $(BIN)/dbench report "$(RESULTS)/$(basename $(notdir $(STUDY)))" $(OF_SCALE) || \
	echo "the study is whole, its report is not"; exit $$code

reference: .venv/installed      ## every study of a scale, its report, the claims; goes on where it was
	@$(BIN)/dbench reference $(OF_SCALE) --results "$(RESULTS)" $(if $(AT_ONCE),--at-once $(AT_ONCE))

smoke: .venv/installed          ## the same path on the same code, tiny
	$(BIN)/dbench study beta_sweep --scale smoke --results "$(RESULTS)"

test: .venv/installed           ## all tests
	$(PYTEST)

compiled: .venv/installed       ## nets, losses and training tested again, compiled as for users and not for tests
	DBENCH_COMPILE=full $(PYTEST) tests/nets tests/training tests/models/test_others.py tests/models/test_common.py

check: .venv/installed lint     ## lint and the quick tests, for the inner loop (the fuzz suite is slow)
	$(PYTEST) -m "not slow" --ignore tests/fuzz -p no:hypothesispytest

lint: .venv/installed           ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/installed           ## the site, docs/_build/html/index.html; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

# Installed anew when the project's dependencies change.
.venv/installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dbench needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:                          ## the environment; never results or the drawn data
	rm -rf .venv
