# Two commands on a fresh machine with Python 3.11 or newer and make:
#   make study   the main job, on real movie reviews, ending with tables, figures and results/quick/report.html
#   make test    the tests
# Each makes .venv and installs what it needs, once. For those who change something:
#   make check                    static checks
#   make quick-test [ROOM=ranks]  the tests of what a change to one room needs, without the slow ones
#   make test-lowest              the same fast tests, with the lowest versions that pyproject.toml allows
#   make docs                     the site, in build/site
#   make bench                    the tables of analysis/benchmarks, on an idle machine
# For those who release it:
#   make wheel, make check-wheel  the wheel of the last commit in dist; that it has the same bytes twice
#   make sbom                     dist/attnstats.cdx.json, the bill of materials of what `make study` installs

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

.PHONY: study test quick-test test-lowest check smoke docs bench wheel check-wheel sbom clean

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

LOWEST := .venv-lowest
test-lowest: $(LOWEST)/.installed
	$(LOWEST)/bin/python -m pytest --numprocesses 2 --dist worksteal -m "not slow" tests attnstats

# The wheel is built from the files of the last commit, with its time, by the build tools of constraints.txt.
DIST ?= dist
SOURCE := build/source
COMMITTED = SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)
wheel: $(VENV)/.release
	rm -rf $(SOURCE) && mkdir -p $(SOURCE) && git archive HEAD | tar -x -C $(SOURCE)
	$(COMMITTED) PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m build --wheel --outdir $(DIST) $(SOURCE)

check-wheel:
	rm -rf build/first build/second
	umask 022 && $(MAKE) wheel DIST=build/first
	umask 077 && $(MAKE) wheel DIST=build/second
	cmp build/first/*.whl build/second/*.whl
	sha256sum build/first/*.whl

# CycloneDX takes the version of the root component from pyproject.toml, where it is not written out.
sbom: $(VENV)/.release
	rm -rf build/runtime && mkdir -p $(DIST)
	$(BIN)/uv venv --quiet --python $(BIN)/python build/runtime
	$(BIN)/uv pip install --quiet --python build/runtime/bin/python --constraint constraints.txt '.[models,data,report]'
	sed "s/^dynamic = .*/version = \"$$(build/runtime/bin/python -c 'import attnstats; print(attnstats.__version__)')\"/" \
		pyproject.toml > build/pyproject.toml
	$(COMMITTED) $(BIN)/cyclonedx-py environment build/runtime/bin/python --pyproject build/pyproject.toml \
		--mc-type library --output-reproducible --output-file $(DIST)/attnstats.cdx.json

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx --builder html --fail-on-warning --quiet docs build/site

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
	$(INSTALL) '.[study]'
	@touch $@

$(VENV)/.test: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and what the tests need into $(VENV) ..."
	$(INSTALL) '.[models,data,report,transformers,dev]'
	@touch $@

$(VENV)/.docs: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and what the site needs into $(VENV) ..."
	$(INSTALL) '.[models,data,report,docs]'
	@touch $@

$(VENV)/.bench: $(INPUTS) | $(BIN)/python
	@echo "Installing attnstats and its peers into $(VENV) ..."
	$(INSTALL) '.[models,data,report,bench]'
	@touch $@

$(VENV)/.release: $(INPUTS) | $(BIN)/python
	@echo "Installing what a release needs into $(VENV) ..."
	$(INSTALL) '.[release]'
	@touch $@

$(LOWEST)/.installed: pyproject.toml $(VENV)/.release
	@echo "Installing attnstats and the lowest versions that it allows into $(LOWEST) ..."
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct \
		--editable '.[models,data,report,dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(LOWEST) results build dist docs/auto docs/api/generated
