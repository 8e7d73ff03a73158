SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
BASE_PYTHON ?= python3
INSTALLED := $(VENV)/.installed
# The lab builds helm, kubectl and docker where the machine has none, and says where its systems are.
IN_LAB = eval "$$($(PYTHON) -m lab env)"
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

include lab/lab.mk
include bench/bench.mk

.PHONY: help venv lock lint format test test-unit test-contract test-e2e demo docs clean

help: ## Show the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "%-14s %s\n", $$1, $$2}'

venv: $(INSTALLED) ## Install cictl and its tools, pinned, into .venv
	@$(PYTHON) -m compileall -q cli/cictl # tests start cictl often, also where Python is told to keep no bytecode

$(INSTALLED): requirements.lock pyproject.toml
	@$(BASE_PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'error: $(BASE_PYTHON) cannot make a venv; on Debian: apt-get install python3-venv' >&2; exit 1; }
	test -x $(PYTHON) || $(BASE_PYTHON) -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check $$(grep '^pip==' requirements.lock)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --group dev --editable .
	touch $@

lock: venv ## Pin what .venv holds in requirements.lock
	$(PYTHON) -m pip freeze --all --exclude-editable | grep -vE '^cictl\b' > requirements.lock

lab-up lab-down lab-status: $(INSTALLED)

lint: venv ## Check style, types and layers
	ruff check .
	ruff format --check .
	mypy
	lint-imports

format: venv ## Format the code, and mend what can be mended safely
	ruff check --fix .
	ruff format .

test-unit: venv ## Run the tests that need nothing but Python
	pytest -n auto tests/unit

test-contract: lab-up ## Hold clients, chart and help to what the real things do
	$(IN_LAB); pytest -n 3 --dist loadfile tests/contract

# Rollouts mostly wait, so four at a time. The demo holds every answer that clients get to account, and so has the lab
# alone, as has what kills parts of it; what takes it down comes last.
ALONE := tests/e2e/test_demo.py tests/e2e/test_lab.py tests/e2e/test_lab_down.py
test-e2e: lab-up ## Run the tests on the lab's real systems
	$(IN_LAB); status=0; \
	pytest -n 4 --dist loadfile --durations=25 tests/e2e $(addprefix --ignore ,$(ALONE)) || status=$$?; \
	for file in $(ALONE); do pytest $$file || status=$$?; done; \
	exit $$status

test: ## Check everything: lint, types, unit, contract, and end to end on the lab
	$(MAKE) lint
	$(MAKE) test-unit
	$(MAKE) test-contract
	$(MAKE) test-e2e

demo: lab-up ## Show pushes: a canary, a bad one taken back, a promotion, a killed driver resumed
	$(PYTHON) -m lab demo

docs: venv ## Generate docs/reference and the schemas
	$(PYTHON) docs/generate.py

clean: ## Remove what the tools leave
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build cli/*.egg-info
