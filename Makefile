# The front door. `make help` lists what there is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run test test-fast soak fuzz mutants lint format words docs bench lock wheel screenshot gallery clean

help: ## What there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## The app and a Slack workspace in the browser, on this machine
	@exec $(BIN)/collab demo $(ARGS)

run: $(VENV)/.run ## The app, by the settings in the environment or .env
	@exec $(BIN)/collab run $(ARGS)

test: $(VENV)/.dev ## Every test (ARGS="-k invite" for some)
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

test-fast: $(VENV)/.dev ## The core, storage on SQLite and the views, in less than a minute
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not postgres" \
		tests/collab tests/storage tests/bot --ignore=tests/bot/playground $(ARGS)

lint: $(VENV)/.dev ## Style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

soak: $(VENV)/.dev ## The model test for much longer than in the suite
	@COLLAB_SOAK=1 $(BIN)/python -m pytest -n 2 tests/collab/test_model.py tests/collab/test_billing_model.py $(ARGS)

fuzz: $(VENV)/.dev ## 20,000 mutated requests and slow senders at the HTTP door (ARGS="SQLite --seed 7" for some)
	@$(BIN)/python -m tests.fuzz $(ARGS)

mutants: $(VENV)/.dev ## How many small faults in the core its tests notice (ARGS="access kinds" for some)
	@$(BIN)/python -m tests.tools.mutants $(ARGS)

words: $(VENV)/.dev ## Bring the catalogs in templates/locale up to date with the templates
	@$(BIN)/python -m tests.tools.catalogs $(ARGS)

docs: $(VENV)/.dev ## Write the parts of docs/ that are made from the code
	@$(BIN)/python -m tests.tools.generate_docs

bench: $(VENV)/.dev ## The measures, as a table (ARGS="sweep start" for some)
	@$(BIN)/python -m tests.bench $(ARGS)

screenshot: $(VENV)/.dev ## The README's picture, taken from the playground
	@$(BIN)/python -m tests.browser.screenshot docs/playground.png

gallery: $(VENV)/.dev ## Every message, card, modal and Home as pictures (ARGS="inviting billing.kept" for some scenes)
	@$(BIN)/python -m tests.gallery gallery $(ARGS)

lock: ## Pin every library anew, with hashes
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

wheel: $(VENV)/.dev ## A wheel in dist/
	@$(BIN)/python -m build --wheel --no-isolation

clean: ## Take away what was made here
	rm -rf $(VENV) build dist mutants traffic gallery .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Collab needs Python 3.11 or newer; name one: make PYTHON=python3.12 …")'
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
