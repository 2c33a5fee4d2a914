# `make fig3` draws the paper's figure 3, `make test` tests all, `make` lists more.
# Each makes what it needs: the environment in .venv, with the package in it.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
TEST_FILES ?=

.DEFAULT_GOAL := help
.PHONY: help fig3 fig4 table1 check report benchmark test test-slow test-jax test-torch lint wheel-test clean clean-runs

help:  ## what there is to make
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

fig3: $(VENV)/installed  ## figure 3 from the shipped weights, in a quarter of an hour
	$(RUN) -m reproduce.fig3 $(FLAGS)

fig4: $(VENV)/installed  ## figure 4 from the shipped weights, in half an hour
	$(RUN) -m reproduce.fig4 $(FLAGS)

table1: $(VENV)/installed  ## table I, the symmetrised 6x6 square, in ten minutes
	$(RUN) -m reproduce.table1 $(FLAGS)

check: $(VENV)/installed  ## whether the shipped weights are as good as their cards say
	$(RUN) -m reproduce.check $(FLAGS)

report: $(VENV)/installed  ## all results as one HTML page, out/report.html
	$(RUN) -m reproduce.report $(FLAGS)

benchmark: $(VENV)/installed  ## how long a step takes, and what takes it
	$(RUN) -m reproduce.benchmark $(FLAGS)

test: $(VENV)/installed  ## all fast tests and the examples in the docstrings
	$(RUN) -m pytest $(TEST_FILES)

test-slow: $(VENV)/installed  ## the tests that take minutes
	$(VENV)/bin/pip install --quiet --editable '.[reference]'
	$(RUN) -m pytest -m slow

test-jax: $(VENV)-jax/installed  ## the backend-neutral tests, on JAX
	KERAS_BACKEND=jax $(VENV)-jax/bin/python -m pytest -m "any_backend and not one_backend and not slow"

test-torch: $(VENV)-torch/installed  ## the backend-neutral tests, on PyTorch
	@if test -s $(VENV)-torch/skipped; then cat $(VENV)-torch/skipped; else \
	  KERAS_BACKEND=torch $(VENV)-torch/bin/python -m pytest -m "any_backend and not one_backend and not slow"; fi

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
# The rest of what setup.cfg asks for is.
REQUIREMENTS := import configparser, sys; cfg = configparser.ConfigParser(); cfg.read("setup.cfg"); \
  extras = cfg["options.extras_require"]; names = [*sys.argv[1:], "test"]; \
  lines = "\n".join([cfg["options"]["install_requires"], *map(extras.get, names)]).split("\n"); \
  print(*(line for line in lines if not line.startswith(("tensorflow", "tf_keras"))), sep="\n")

$(VENV)-jax/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)-jax
	$(VENV)-jax/bin/pip install --quiet --upgrade pip
	$(PYTHON) -c '$(REQUIREMENTS)' jax > $(VENV)-jax/requirements.txt
	$(VENV)-jax/bin/pip install --quiet --requirement $(VENV)-jax/requirements.txt
	$(VENV)-jax/bin/pip install --quiet --no-deps --editable .
	touch $@

# PyTorch too. Its default build brings gigabytes of CUDA: the one for the CPU alone comes from
# wherever pip looks, or from PyTorch's own index.
TORCH := 2.13.0
TORCH_GIB := 3

$(VENV)-torch/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)-torch
	rm -f $(VENV)-torch/skipped
	@test $$(df -Pk . | awk 'NR == 2 {print int($$4 / 2^20)}') -ge $(TORCH_GIB) || \
	  echo "SKIPPED: PyTorch needs $(TORCH_GIB) GiB of disk, and there are fewer" > $(VENV)-torch/skipped
	@test -s $(VENV)-torch/skipped || { \
	  $(VENV)-torch/bin/pip install --quiet --upgrade pip && \
	  { $(VENV)-torch/bin/pip install --quiet torch==$(TORCH)+cpu 2> /dev/null || \
	    $(VENV)-torch/bin/pip install --quiet torch==$(TORCH)+cpu \
	      --extra-index-url https://download.pytorch.org/whl/cpu; } && \
	  $(PYTHON) -c '$(REQUIREMENTS)' > $(VENV)-torch/requirements.txt && \
	  $(VENV)-torch/bin/pip install --quiet --requirement $(VENV)-torch/requirements.txt && \
	  $(VENV)-torch/bin/pip install --quiet --no-deps --editable .; }
	@test -s $(VENV)-torch/skipped || touch $@

clean:  ## removes the environments and what builds leave, no run
	rm -rf $(VENV) $(VENV)-jax $(VENV)-torch build dist *.egg-info

clean-runs:  ## removes the folder out, with every run's figures and weights
	@test ! -d out || du -sh out/*
	rm -rf out
