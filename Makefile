# The developers' interface: `make help` lists the targets.
#   make run PYTHON=/path/to/python3.12      choose the Python for .venv (3.11 or newer)
#   make test ARGS='-k simulator'            pass arguments to pytest, or to uv for `make lock`

PYTHON ?= python3.13 python3.12 python3.11 python3
VENV ?= .venv
ARGS ?=
FROM ?=
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Without the limit, each process would start a thread per processor, and take twice the time. The tests of a file share
# fixtures, so they run in one process. Compiled modules are kept, because the tests start many processes.
GATES := ci ci-bohb ci-predictors
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all lint gate bench docs links data lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## create .venv with the locked dependencies and this checkout (the other targets do this first)

# Some commands named pythonX.Y exist but fail when run, so each candidate is executed instead of looked up.
find_python = for python in $(PYTHON); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then break; fi; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Regretta needs Python 3.11 or newer, with the venv module. Tried: $(PYTHON)." >&2; \
	  echo "Install one, or give its path: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; \
	fi

$(READY): requirements.lock pyproject.toml
	@rm -f $@
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  $(find_python); \
	  echo "Creating $(VENV) with $$("$$python" --version) (only once; this takes a minute or two)"; \
	  "$$python" -m venv --clear $(VENV); \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip --disable-pip-version-check check
	@touch $@

run: $(READY) ## race three optimizers for a few seconds; results, figures and a report go to runs/quickstart
	$(BIN)/regretta run quickstart
	$(BIN)/regretta plot runs/quickstart
	$(BIN)/regretta report runs/quickstart
	$(BIN)/regretta summary runs/quickstart
	@echo "Open runs/quickstart/report.html in a browser: verdict, curves, ranking and tests on one page, also offline."
	@echo "The figure is runs/quickstart/figures/regret.png (also .pdf and .svg, and its numbers as .csv)."
	@echo "Try next:"
	@echo "  $(BIN)/regretta run quickstart --trials 200      # runs only the 100 new trials"
	@echo "  $(BIN)/regretta plot runs/quickstart --axis seconds"
	@echo "  $(BIN)/regretta list experiments                 # also: algorithms, benchmarks, protocols"
	@echo "README.md shows how to write an algorithm, an experiment, and a benchmark from your own table."

test: $(READY) ## run the tests, except the slow ones
	$(PYTEST) $(ARGS)

test-all: $(READY) ## run all tests
	$(PYTEST) -m "" $(ARGS)

lint: $(READY) ## check style, format, spelling and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy

gate: $(READY) ## run the experiments of the gate from scratch and compare the results with the committed baselines
	@code=0; for name in $(GATES); do \
	  $(BIN)/regretta check $$name --baseline results/baselines/$$name.json --significance 0.0167 || code=$$?; \
	done; exit $$code

bench: $(READY) ## run the speed benchmarks and print their results
	@set -e; for script in tests/speed/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

docs: $(READY) ## build the documentation in docs/_build; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	@echo "Open docs/_build/index.html in a browser. Any static host can serve the folder."

links: $(READY) ## check the links to other sites in the documentation
	$(BIN)/python -m sphinx -q -b linkcheck docs docs/_build/links

data: $(READY) ## import all official files found in a folder: make data FROM=DIR
	@if [ -z "$(FROM)" ]; then echo "FROM: expected a folder, got nothing; run make data FROM=DIR" >&2; exit 2; fi
	$(BIN)/regretta data import --all-from "$(FROM)"

lock: ## update requirements.lock after a change of pyproject.toml (for newer versions: ARGS=--upgrade)
	@$(find_python); \
	set -e; uv=$$(mktemp -d); trap 'rm -rf "$$uv"' EXIT; \
	"$$python" -m venv "$$uv"; \
	"$$uv/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	"$$uv/bin/uv" --no-config pip compile pyproject.toml --extra dev --output-file requirements.lock \
	  --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet $(ARGS)

clean: ## remove .venv, caches and build outputs, but not runs/
	rm -rf $(VENV) docs/_build docs/reference/generated build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -not -path './runs/*' -prune -exec rm -rf {} +
