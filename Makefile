# make run | test | check | bench | notebooks
PYTHON ?= python3
PORT ?= 8501
WORKSPACE ?= sqlite:///.workspace/geo-territory.db
BIN := .venv/bin

.PHONY: run test check bench notebooks

run: .venv/run.stamp
	$(BIN)/geo-territory sample --workspace $(WORKSPACE)
	$(BIN)/geo-territory run --workspace $(WORKSPACE) --port $(PORT)

test: .venv/test.stamp
	.ci/browser
	.ci/database
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/check.stamp
	$(BIN)/ruff check geo_territory tests app.py
	$(BIN)/ruff format --check geo_territory tests app.py
	$(BIN)/mypy geo_territory

bench: .venv/bench.stamp
	$(BIN)/python -m tests.benchmarks

notebooks: .venv/notebooks.stamp
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

# One environment; each purpose adds what it needs, compiles the solver once, and leaves a stamp: a second run starts at once.
.venv/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("Geo Territory needs Python 3.11 or newer: set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/python -m geo_territory.balancing
	touch $@

.venv/%.stamp: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[$*]'
	$(BIN)/python -m geo_territory.balancing
	touch $@
