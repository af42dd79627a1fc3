# Everything starts here: `make run`, `make test`. Nothing is installed by hand.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv

.PHONY: run web worker test check lint types contracts setup assets migrate fix bench conformance lock clean

run: setup ## the whole service with the demo province at http://127.0.0.1:8000
	LM_MODE=demo LM_LOG=console $(BIN)/python run.py

web: setup
	$(BIN)/python run.py web

worker: setup
	$(BIN)/python run.py worker

test: setup ## on SQLite, and on PostgreSQL and in a browser where they are there
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/browser --ignore tests/chaos
	$(BIN)/python -m pytest tests/browser tests/chaos

check: setup lint types contracts test ## what CI runs

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migrate: setup
	$(BIN)/python run.py cli migrate

bench: setup
	$(BIN)/python -m bench

SCENARIOS ?= ../shared/conformance/scenarios.jsonl
MODELS ?= ../shared/conformance/models
conformance: setup ## play recorded scenarios: make conformance SCENARIOS=… MODELS=…
	$(BIN)/python -m tests.conformance $(SCENARIOS) $(MODELS)

setup: $(BIN)/.installed assets

$(BIN)/.installed: requirements.lock requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

# Status 3 says that no Node.js was found: then the one that PyPI brings is installed.
assets: $(BIN)/.installed
	@$(BIN)/python -m app.assets || { [ $$? -eq 3 ] \
		&& $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-assets.lock \
		&& $(BIN)/python -m app.assets; }

lock: ## renew the locks after a change of pyproject.toml
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q -o requirements.lock
	$(UV) pip compile --group assets --universal --generate-hashes --no-header -q -o requirements-assets.lock

clean:
	rm -rf .venv var app/static/dist app/frontend/node_modules
