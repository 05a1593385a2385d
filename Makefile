# `make demo` shows it, `make proof` counts copies after the worst, `make test` proves it, `make check` is what must
# pass before a change is kept. Each sets up what it needs: a virtual environment in .venv, and for the tests a
# real Bluesky server.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BLUESKY := tests/servers/bluesky
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
INSTALL := $(if $(shell command -v uv),uv pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all:,$(PIP))

.PHONY: demo proof test soak check format lint types imports bench lock clean

demo: $(VENV)/runtime
	$(BIN)/python main.py demo $(DEMO)

proof: $(VENV)/runtime
	@$(BIN)/python -m tests.acceptance.proof

test: $(VENV)/tests $(BLUESKY)/node_modules/.installed
	$(BIN)/python -m $(if $(TESTS),pytest $(TESTS),tests.halves)

soak: $(VENV)/tests
	$(BIN)/python -m tests.soak $(SOAK)

check: lint types imports test

format: $(VENV)/tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/tests
	$(BIN)/mypy

imports: $(VENV)/tests
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/tests
	$(BIN)/python -m bench

# Both locks are made for every system and Python at once, and name no index.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--all-extras pyproject.toml --output-file requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This program needs Python 3.11 or newer. Name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.lock | $(VENV)/bin/python
	$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/tests: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(INSTALL) -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/runtime

# Without npm the tests against the real Bluesky server say that they were skipped, and why; in CI they fail.
$(BLUESKY)/node_modules/.installed: $(BLUESKY)/package-lock.json
	@if command -v npm >/dev/null; then cd $(BLUESKY) && npm ci --silent && touch node_modules/.installed; \
	else echo "npm is not installed: the tests against the real Bluesky server will be skipped"; fi

clean:
	rm -rf $(VENV) $(BLUESKY)/node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
