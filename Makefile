# make run    sets up and starts Storylapse
# make test   sets up and passes every check and test
# The rest is for those who work on it; see CONTRIBUTING.md.

VENV ?= .venv
BIN = $(VENV)/bin
PYTHON ?= python3
DATA ?= ../shared/data
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
SHELL = /bin/sh

.PHONY: run test check unit browser quality speed clean

run: $(VENV)/.installed
	@exec $(BIN)/storylapse up

test: check unit quality

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.installed-test browser
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile

browser: $(VENV)/.installed-test
	$(BIN)/python tests/browser.py

quality: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.quality $(DATA)

speed: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.speed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Storylapse needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo "Installing what Storylapse needs (a minute or two, once) ..." >&2
	$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed pyproject.toml
	@echo "Installing what the tests need ..." >&2
	$(PIP) install --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
