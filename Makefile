# The only entry points: a person's, and what CI calls.
#   make help          what there is
.POSIX:
.SUFFIXES:

PORT = 8000
SCALE = 1
LINESHAFT = .venv/bin/lineshaft
PYTHON = .venv/bin/python

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s  %s\n", $$1, $$2 }' Makefile

setup: ## everything the program needs, into .venv and var/static
	@scripts/bootstrap

demo: setup ## the demonstration network on http://localhost:8000 (PORT=, SCALE=)
	@exec $(LINESHAFT) demo --port $(PORT) --scale $(SCALE)

test: setup-dev ## all tests on SQLite, `database` ones on PostgreSQL too, browser journeys
	@exec $(PYTHON) scripts/run_tests.py

test-all: setup-spark ## every test on both databases, slow ones and those on Spark too
	@exec $(PYTHON) scripts/run_tests.py --all

check: setup-dev ## formatting, lint, types, imports, templates, migrations, locks, documentation
	@exec $(PYTHON) scripts/run_checks.py

format: setup-dev ## bring code and templates into form
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --fix --quiet . || true
	@find src -path '*/templates/*' -name '*.html' -exec .venv/bin/djade {} + || true

bench: setup-spark ## the benchmarks, into docs/reference/benchmarks.md
	@exec $(PYTHON) -m bench

docs: setup-dev ## what is generated from the code: reference pages and the apps' READMEs
	@exec $(PYTHON) scripts/write_docs.py

messages: setup-dev ## bring the catalogues of translations up to the strings of the program
	@$(PYTHON) scripts/messages.py update

lock: ## newest locks for requirements/*.in (needs a network)
	@scripts/lock

clean: ## remove what was made, but not var/ with its data
	rm -rf .venv .uv .make build dist .mypy_cache .ruff_cache .pytest_cache .grimp_cache
	rm -rf .import_linter_cache .hypothesis var/static var/coverage var/test src/lineshaft.egg-info
	find src scripts tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

setup-dev:
	@scripts/bootstrap dev

setup-spark:
	@scripts/bootstrap dev spark

.PHONY: help setup setup-dev setup-spark demo test test-all check format bench docs messages lock clean
