# Two commands on a fresh machine with Python 3.11 or newer and make:
#   make study   the main job, on real movie reviews, ending with tables, figures and results/quick/report.html
#   make test    the tests
# Each makes .venv and installs what it needs, once. For those who change something:
#   make check                    static checks
#   make quick-test [ROOM=ranks]  the tests of what a change to one room needs, without the slow ones
#   make bench                    the tables of analysis/benchmarks, on an idle machine

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt --editable
INPUTS := pyproject.toml constraints.txt
# One thread a process: the study and the tests run one process a core.
export OMP_NUM_THREADS := 1
export TF_CPP_MIN_LOG_LEVEL := 2

STUDY ?= analysis/studies/quick.toml
OUT ?= results/$(basename $(notdir $(STUDY)))

.PHONY: study test quick-test check smoke bench clean

study: $(VENV)/.study
	$(BIN)/attnstats study run $(STUDY) --out $(OUT)

smoke:
	$(MAKE) study STUDY=analysis/studies/smoke.toml

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# The room's own tests and doctests, the contracts that every export keeps, and the architecture; see `markers` in pyproject.
ROOM ?=
quick-test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m "not slow" \
		tests/test_architecture.py $(if $(ROOM),$(wildcard tests/$(ROOM) attnstats/$(ROOM) tests/contract/$(ROOM)),tests attnstats)

bench: $(VENV)/.bench
	for script in analysis/benchmarks/*_speed.py analysis/benchmarks/own_or_library.py; do \
		$(BIN)/python $$script || exit 1; done

check: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "attnstats needs Python 3.11 or newer; name one with  make PYTHON=python3.11 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.study: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and what the study needs into $(VENV) ..."
	$(INSTALL) '.[models,data,report]'
	@touch $@

$(VENV)/.test: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and what the tests need into $(VENV) ..."
	$(INSTALL) '.[models,data,report,transformers,dev]'
	@touch $@

$(VENV)/.bench: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and its peers into $(VENV) ..."
	$(INSTALL) '.[models,data,report,bench]'
	@touch $@

clean:
	rm -rf $(VENV) results build dist
