# Two commands do everything: `make demo` and `make test`. Both work on a fresh machine with Python 3.11+ and pip.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test slow check format docs bench clean

help:            ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(VENV)/.dev  ## Make .venv with everything that developers need

demo: $(VENV)/.demo  ## One sentence + one table -> model, report, predictions (about a minute)
	$(BIN)/python examples/demo.py

test: $(VENV)/.dev   ## Run the tests (a few minutes on two cores)
	$(BIN)/python -m pytest -n auto --dist worksteal

slow: $(VENV)/.dev   ## Run the slow tests too
	$(BIN)/python -m pytest -n auto --dist worksteal -m "slow or not slow"

check: $(VENV)/.dev  ## Lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev   ## Write the generated pages of the documentation
	$(BIN)/python docs/make_cli.py

bench: $(VENV)/.dev  ## Measure speed and quality beside the peers (tables on the screen; an hour)
	$(BIN)/python bench/nlu.py
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/one_row.py
	$(BIN)/python bench/models.py
	$(BIN)/python bench/explain.py
	$(BIN)/python bench/leaks.py
	$(BIN)/python bench/tabular.py
	$(BIN)/python bench/budget.py
	$(BIN)/python bench/profiling.py
	$(BIN)/python bench/problems.py
	$(BIN)/python bench/honest.py

clean:           ## Remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(PIP) install -e ".[all]"
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install -e ".[dev]"
	@touch $@ $(VENV)/.demo
