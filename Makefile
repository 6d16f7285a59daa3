# `make demo` and `make test` are all a newcomer needs; both set everything up by themselves.

VENV ?= .venv
BUDGET ?= 2min
TESTS ?= tests
TEST_FLAGS ?=
export VENV PYTHON TORCH_BACKEND

bin := $(VENV)/bin
source := src tests $(wildcard examples benchmarks scripts/*.py)
one_thread := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
workers = $(shell $(bin)/python -c 'from genome_ac_gan.resources import available_threads as n; print(min(n(), 8))')

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo test test-slow lint format clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo 'Variables: BUDGET=2min (training time of the demo), PYTHON=/path/to/python3,'
	@echo '           TORCH_BACKEND=cpu (a small torch; needs uv), TESTS=tests/panel, TEST_FLAGS="-k name"'

demo: $(VENV)/.run-ready ## install, train on the embedded panel, write runs/demo/report.html
	$(bin)/genome-ac-gan run --budget $(BUDGET) --force -o runs/demo

test: $(VENV)/.dev-ready ## install, run the tests (minutes)
	$(one_thread) $(bin)/python -m pytest -n $(workers) -m 'not slow' $(TEST_FLAGS) $(TESTS)

test-slow: $(VENV)/.dev-ready ## run the long tests
	$(bin)/python -m pytest -m slow $(TEST_FLAGS) $(TESTS)

lint: $(VENV)/.dev-ready ## check format, style, types and the direction of imports
	$(bin)/ruff format --check $(source)
	$(bin)/ruff check --no-cache $(source)
	$(bin)/mypy
	$(bin)/lint-imports

format: $(VENV)/.dev-ready ## bring the code into its format
	$(bin)/ruff format $(source)
	$(bin)/ruff check --fix $(source)

install: $(VENV)/.run-ready ## only set up .venv

$(VENV)/.run-ready: pyproject.toml constraints.txt scripts/set-up scripts/find-python
	@sh scripts/set-up run

$(VENV)/.dev-ready: pyproject.toml constraints.txt scripts/set-up scripts/find-python
	@sh scripts/set-up dev

clean: ## remove .venv and the caches; runs/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
