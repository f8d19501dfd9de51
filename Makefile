# `make help` lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
# Runs Patroni, as a user who may not read the home of whoever runs the tests.
HA_PYTHON ?= $(firstword $(wildcard /usr/bin/python3) $(PYTHON))
# Programs that tests start would compile all modules at each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test test-fast test-ha soak fuzz mutants lint format words docs site bench lock wheel screenshot gallery clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## Run the app with a Slack workspace in the browser, on this machine
	@exec $(BIN)/collab demo $(ARGS)

run: $(VENV)/.run ## Run the app with the settings in the environment or .env
	@exec $(BIN)/collab run $(ARGS)

test: $(VENV)/.dev ## Run all tests (ARGS="-k invite" for some)
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

test-fast: $(VENV)/.dev ## Run the tests of the core, of storage on SQLite and of the views, in under a minute
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not postgres" \
		tests/collab tests/storage tests/bot --ignore=tests/bot/playground $(ARGS)

test-ha: $(VENV)/.dev $(VENV)/.ha ## Let servers and processes fail while a crowd types; needs etcd, takes six minutes
	@COLLAB_HA=1 $(BIN)/python -m pytest -s tests/ha $(ARGS)

lint: $(VENV)/.dev ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

soak: $(VENV)/.dev ## Run the model tests and the races for tokens for much longer than in the suite
	@COLLAB_SOAK=1 $(BIN)/python -m pytest -n 2 tests/collab/test_model.py tests/collab/test_billing_model.py tests/bot/slack/test_installed_tokens.py $(ARGS)

fuzz: $(VENV)/.dev ## Send 20,000 mutated requests over HTTP, some of them slowly (ARGS="SQLite --seed 7" for some)
	@$(BIN)/python -m tests.fuzz $(ARGS)

mutants: $(VENV)/.dev ## Count the small faults in the core that its tests notice (ARGS="authorization --sample" for some)
	@$(BIN)/python -m tests.tools.mutants $(ARGS)

words: $(VENV)/.dev ## Update the catalogs in templates/locale from the templates
	@$(BIN)/python -m tests.tools.catalogs $(ARGS)

docs: $(VENV)/.dev ## Generate the parts of docs/ that are made from the code
	@$(BIN)/python -m tests.tools.generate_docs

site: $(VENV)/.dev ## Build the documentation as a site in site/
	@$(BIN)/python -m mkdocs build --quiet $(ARGS)

bench: $(VENV)/.dev ## Measure, as a table (ARGS="sweep start" for some)
	@$(BIN)/python -m tests.bench $(ARGS)

screenshot: $(VENV)/.dev ## Take the README's picture from the playground
	@$(BIN)/python -m tests.browser.screenshot docs/playground.png
	@$(BIN)/python -m tests.browser.tour docs/tour.gif

gallery: $(VENV)/.dev ## Take pictures of all messages, modals and Homes (ARGS="inviting billing.kept" for some scenes)
	@$(BIN)/python -m tests.gallery gallery $(ARGS)

lock: ## Pin all libraries to their newest versions, with hashes
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@printf 'patroni[etcd3]\npsycopg[binary]\n' | $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
		--no-header --no-annotate --python-version 3.11 - -o tests/ha/requirements.lock

wheel: $(VENV)/.dev ## Build a wheel in dist/
	@$(BIN)/python -m build --wheel --no-isolation

clean: ## Remove all generated files
	rm -rf $(VENV) build dist site mutants traffic gallery .pytest_cache .mypy_cache .ruff_cache .hypothesis

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

$(VENV)/.ha: tests/ha/requirements.lock | $(VENV)/.dev
	@$(HA_PYTHON) -m venv --without-pip $(VENV)/ha
	@$(BIN)/pip --python $(VENV)/ha/bin/python install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
