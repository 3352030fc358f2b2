# What people and machines type. Everything runs in .venv, which the first command makes from Python 3.11 to 3.13.

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
# Where Python may not keep what it compiled, each of the many processes of a run compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
STAMP := .venv/installed

# A version manager may put names on the path that do not run, so each is asked for its version.
FIND_PYTHON = for python in python3.11 python3.12 python3.13 python3 python; do \
	    if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then break; fi; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then echo "xero_pipeline needs Python 3.11, 3.12 or 3.13, and none is on the PATH." >&2; exit 1; fi

.PHONY: demo test faults examples bench dev lint install lock clean help

$(STAMP): setup.py constraints.txt .ci/packages.py
	@$(FIND_PYTHON); \
	echo "Installing into .venv with $$($$python --version), once."; \
	$$python -m venv --clear .venv || { echo "$$python cannot make a virtual environment; install its venv module." >&2; exit 1; }
	@$(BIN)/python .ci/packages.py install
	@touch $@

install: $(STAMP) ## make .venv with everything in it

demo: $(STAMP) ## sync the demo organisation from start to end and say where to look
	@$(BIN)/xero-pipeline demo

dev: $(STAMP) ## the Dagster UI, its daemon and the schedules, until Ctrl-C
	@$(BIN)/xero-pipeline up

# In the order of the directories the long files come before the short ones, and both workers end together.
test: lint ## lint, then every test
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

faults: $(STAMP) ## 500 schedules of faults over syncs, 200 over exports and 100 kills, of which `make test` runs a few
	@XERO_PIPELINE_FAULT_SCHEDULES=500 XERO_PIPELINE_EXPORT_SCHEDULES=200 XERO_PIPELINE_KILLS=50 \
	    $(BIN)/pytest -n 2 -p xero_pipeline_tests.e2e.schedules_figures \
	    $(addprefix xero_pipeline_tests/e2e/test_,schedules.py kills.py export_schedules.py export_kills.py)

examples: $(STAMP) ## the property tests with random examples, where `make test` repeats the same ones
	@XERO_PIPELINE_HYPOTHESIS=random $(BIN)/pytest -n 2 -m hypothesis

bench: $(STAMP) ## the benchmarks: a list, or one or all of them with NAME=first_load or NAME=all
	@$(BIN)/python -m benchmarks $(NAME) $(OPTIONS)

lint: $(STAMP) ## ruff, mypy and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock: $(STAMP) ## pin the newest versions that setup.py allows in constraints.txt
	@$(BIN)/python .ci/packages.py lock

clean: ## remove .venv, every cache and what benchmarks made; the state in .xero_pipeline stays
	@rm -rf .venv benchmarks/.venvs benchmarks/.ground build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find xero_pipeline xero_pipeline_tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile
