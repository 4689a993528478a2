# The few commands. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench mutate-policy pins clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: .venv/product ## run the whole house on this machine, with a demonstration world in it
	@$(BIN)/assent demo

test: .venv/tools ## check everything: lint, types, floors, tests on SQLite and PostgreSQL, journeys in a browser
	@$(BIN)/python tests/run.py $(ARGS)

lint: .venv/tools ## check style, types and floors only
	@$(BIN)/python tests/run.py --only lint

bench: .venv/tools ## measure against the limits (ONLY=name for one)
	@$(BIN)/python bench/run.py $(ONLY)

mutate-policy: .venv/tools ## change every leaf of the demonstration's policies and see that something notices
	@$(BIN)/python -m tests.mutation.run policies/bloom policies/harbour policies/orbit policies/processlab $(ARGS)

pins: ## choose newest versions anew and pin them with hashes (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment and all data of the demonstration
	rm -rf .venv var

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Assent needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv

.venv/product: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the product needs (once; a few minutes on a slow line) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/tools: requirements-dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the checks need (once; a few minutes on a slow line) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/product
