# `make nightly` runs the night, `make test` runs all checks. Both make the environment first.
PYTHON ?= python3
COMPANY ?= config
VENV := .venv
BIN := $(VENV)/bin
export STILLHERE_COMPANY := $(COMPANY)
# Telemetry of every dependency is off, also in tools that read the environment before us.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := False
export GX_ANALYTICS_ENABLED := False
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export RUNTIME__DLTHUB_TELEMETRY := false

.DEFAULT_GOAL := help
.PHONY: help nightly test check lint types contracts pytest lock clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# The environment is rebuilt when a lock file changes. uv itself is installed by pip, pinned with hashes.
$(BIN)/.run: requirements/uv.txt requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 nightly"; exit 2; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing Stillhere's environment into $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/.dev: $(BIN)/.run requirements/dev.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

nightly: $(BIN)/.run ## build the demo company where it is missing, and run the night (COMPANY=examples/online_retail for another)
	@$(BIN)/stillhere nightly

test: check pytest ## every check, then pytest

check: lint types contracts ## ruff, mypy and the import contracts

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.dev
	$(BIN)/mypy

contracts: $(BIN)/.dev
	$(BIN)/lint-imports --no-cache

# Two processes share the machine: OpenMP's own threads would wait for each other by spinning.
pytest: export OMP_NUM_THREADS := 1
pytest: export OPENBLAS_NUM_THREADS := 1
pytest: $(BIN)/.dev
	$(BIN)/pytest -n 2 --dist worksteal

lock: ## compile the lock files again from requirements/*.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/dev.in -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/run.in -c requirements/dev.txt -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/uv.in -o requirements/uv.txt

clean: ## remove the environment (state under data/ stays)
	rm -rf $(VENV)
