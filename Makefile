# The two commands: `make run` and `make test`. Both set up what they need, and work again at once.

PYTHON ?= python3.11
PORT ?= 8000
SANDBOX_PORT ?=
VENV := .venv
export PORTCULLIS_DEVELOPMENT := 1

.PHONY: run test lint lock

run: $(VENV)/.run
	@$(VENV)/bin/python manage.py quickstart --port $(PORT) $(if $(SANDBOX_PORT),--sandbox-port $(SANDBOX_PORT))

test: $(VENV)/.dev
	@$(VENV)/bin/python -m tests $(ARGS)

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Pins every dependency with its hashes. Run it after a change in pyproject.toml.
lock: $(VENV)/.dev
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		pyproject.toml --output-file requirements.txt
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--group dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

# A stamp beside the environment, so that the second run starts at once. pip's answer is only shown when it
# fails: it names the registries of this machine.
$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Portcullis needs …"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need …"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: set PYTHON to its path." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The reference of the Opsgenie tools, from their declarations.
.PHONY: docs
docs: $(VENV)/.run
	@$(VENV)/bin/python manage.py document_tools

# The pictures in the docs, taken from a fresh quickstart. Needs chromium.
.PHONY: screenshots
screenshots: $(VENV)/.dev
	@$(VENV)/bin/python -m tests.e2e.screenshots
