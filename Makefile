# Two commands on a fresh machine with Python 3.11 or newer and make:
#   make study   the main job, on real movie reviews, ending with tables, figures and results/quick/report.html
#   make test    the tests
# Each makes .venv and installs what it needs, once.

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

.PHONY: study test check smoke clean

study: $(VENV)/.study
	$(BIN)/attnstats study run $(STUDY) --out $(OUT)

smoke:
	$(MAKE) study STUDY=analysis/studies/smoke.toml

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

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
	$(INSTALL) '.[models,data,report,dev]'
	@touch $@

clean:
	rm -rf $(VENV) results build dist
