# Two commands on a fresh machine: `make demo` and `make test`. `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RESULTS ?= benchmarks/results
PG_JOURNEYS := $(patsubst %,tests/journeys/test_%.py,main_job sites side_by_side branches deletion catalogue desk harvest)
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help setup assets system lock demo check format test damage soak bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.made ## make .venv with everything pinned, fonts and the deep-zoom viewer

$(VENV)/.made: requirements/develop.txt pyproject.toml tools/setup.py tools/assets.py tools/npm/package-lock.json src/khizana/web/static/reading-room.js $(wildcard src/khizana/web/locale/*/LC_MESSAGES/*.po)
	@$(PYTHON) tools/setup.py $(VENV)
	@touch $@

assets: setup ## make fonts, viewer and translations again
	@$(BIN)/python tools/assets.py

system: ## install what tests need from Debian (Chromium and others), or say what is missing
	@$(PYTHON) tools/system.py test

demo: setup ## make the specimen library and serve it at http://127.0.0.1:8000
	@$(BIN)/khizana demo

check: setup ## format, lint, types, layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code into its form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

test: setup system ## every test, with the short forms of damage
	$(BIN)/python tools/assets.py --peers
	$(BIN)/pytest -n 2 --dist loadgroup

damage: setup ## the long damage runs: kills, full disks, mutations, a Ceph cluster
	@$(PYTHON) tools/system.py damage
	KHIZANA_DAMAGE=long $(BIN)/pytest tests/contract tests/journeys/test_bucket.py $(PG_JOURNEYS) tests/damage tests/conformance

soak: damage ## the longest runs there are

bench: setup ## every benchmark, as JSON with the machine's facts, in benchmarks/results
	@$(PYTHON) tools/system.py bench
	@$(BIN)/python tools/assets.py --peers
	@mkdir -p $(RESULTS)
	$(BIN)/python benchmarks/run.py --out $(RESULTS)

lock: setup ## pin the newest versions that pyproject.toml allows
	@$(BIN)/python tools/lock.py

clean: ## remove everything that make can make again
	rm -rf $(VENV) build dist demo-library demo-library-photographs benchmarks/results src/khizana/web/static/vendor src/khizana/web/static/fonts
