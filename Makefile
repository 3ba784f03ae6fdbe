# make run · make test · make help, and little else
PORT ?= 8000
CSC_DATA ?= ./data
PYTHON ?= python3
VENV := .venv
export PORT CSC_DATA

.PHONY: help run test trust bench screenshots clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

$(VENV)/packages: requirements.txt pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The service may not write here: without this it would compile every file again at each start, and in each child process.
$(VENV)/runs: $(VENV)/packages app.py $(shell find csc_hub -name '*.py') $(shell find templates -name '*.html')
	$(VENV)/bin/python -m compileall -q app.py csc_hub
	$(VENV)/bin/python -m csc_hub.web.kept
	@touch $@

$(VENV)/tests: requirements-dev.txt $(VENV)/packages | $(VENV)/runs
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/runs ## Serve a demonstration council on http://127.0.0.1:$(PORT)
	@CSC_DEMONSTRATION=1 $(VENV)/bin/csc-hub demo --returned
	@CSC_DEMONSTRATION=1 exec $(VENV)/bin/csc-hub serve --port $(PORT)

test: $(VENV)/tests ## Run all tests; what a missing part skips is said with its install command
	$(VENV)/bin/python -m pytest -rs -n auto --maxprocesses 4 --dist loadfile

trust: $(VENV)/tests ## Measure the promises of trust, GOALS="A2 R1" only these; a table, and build/trust.json
	$(VENV)/bin/python -m tests.trust $(GOALS)

bench: $(VENV)/tests $(VENV)/runs ## Measure speed against floors, GOALS="P1 P4" only these; a table, and build/bench.json
	$(VENV)/bin/python -m tests.bench $(GOALS)

screenshots: $(VENV)/tests ## Write every page at desktop and phone width to build/screenshots/
	$(VENV)/bin/python -m tests.screenshots

clean: ## Remove what was built, but not the data
	rm -rf $(VENV) build
