# Every target sets up .venv by itself; nothing is reinstalled while pyproject.toml and the pins are unchanged.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
RUN    ?= results/gwangju-plan

.PHONY: simulate quick test test-slow check bench schema wheel clean
.DEFAULT_GOAL := simulate

$(STAMP): pyproject.toml .ci/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "capacity needs Python 3.11 or newer: make PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]'
	touch $(STAMP)

simulate: $(STAMP)  ## simulate the Gwangju plan through 2022 and say where the results are
	$(BIN)/capacity simulate --output $(RUN) --force

quick: $(STAMP)     ## lint and the fast tests, for every save
	$(BIN)/ruff check capacity workloads tests benchmarks
	$(BIN)/python -m pytest -q -n 2 tests/unit/quantities tests/unit/facility tests/unit/statistics tests/unit/test_house.py tests/unit/test_import_circles.py

test: $(STAMP)      ## all tests but the slow ones
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-slow: $(STAMP) ## the long tests
	$(BIN)/python -m pytest -m slow

check: $(STAMP)     ## lint, types, dead code and the directions of import
	$(BIN)/ruff check capacity workloads tests benchmarks
	$(BIN)/ruff format --check capacity workloads tests benchmarks
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/lint-imports

bench: $(STAMP)     ## speed, as ratios within one run
	$(BIN)/python -m benchmarks

schema: $(STAMP)    ## write configs/schema, for editors that complete and check specifications
	$(BIN)/capacity schema --all configs/schema

wheel: $(STAMP)     ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) dist build results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
