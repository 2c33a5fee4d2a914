# Two commands: `make fig3` draws the paper's figure 3, `make test` tests all.
# Each makes what it needs: the environment in .venv, with the package in it.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
TEST_FILES ?=

.DEFAULT_GOAL := help
.PHONY: help fig3 benchmark test test-slow test-jax lint wheel-test clean

help:  ## what there is to make
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

fig3: $(VENV)/installed  ## figure 3 from the shipped weights, in a quarter of an hour
	$(RUN) -m reproduce.fig3 $(FLAGS)

benchmark: $(VENV)/installed  ## how long a step takes, and what takes it
	$(RUN) -m reproduce.benchmark $(FLAGS)

test: $(VENV)/installed  ## all fast tests and the examples in the docstrings
	$(RUN) -m pytest $(TEST_FILES)

test-slow: $(VENV)/installed  ## the tests that take minutes
	$(VENV)/bin/pip install --quiet --editable '.[reference]'
	$(RUN) -m pytest -m slow

test-jax: $(VENV)-jax/installed  ## the backend-neutral tests, on JAX
	KERAS_BACKEND=jax $(VENV)-jax/bin/python -m pytest -m any_backend

lint: $(VENV)/installed  ## the linter
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

wheel-test:  ## builds a wheel and tries it in an empty environment
	PYTHON=$(PYTHON) sh tests/wheel.sh

$(VENV)/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --upgrade pip
	$(VENV)/bin/pip install --quiet --editable '.[test]'
	touch $@

# JAX has an environment of its own: the point is that no TensorFlow is in it.
$(VENV)-jax/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)-jax
	$(VENV)-jax/bin/pip install --quiet --upgrade pip
	$(VENV)-jax/bin/pip install --quiet 'jax>=0.10' 'keras>=3.15' 'numpy>=2.4' 'scipy>=1.17' \
	  'absl-py>=2.5' 'matplotlib>=3.11' 'pytest>=9.0' 'pytest-xdist>=3.8'
	$(VENV)-jax/bin/pip install --quiet --no-deps --editable .
	touch $@

clean:  ## removes the environments and what runs have written
	rm -rf $(VENV) $(VENV)-jax out build dist *.egg-info
