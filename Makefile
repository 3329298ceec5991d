# Needs Python 3.11, git and make. `make repro` builds everything, `make test` checks everything.
PYTHON ?= $(or $(shell command -v python3.11),python3)
BIN := .venv/bin
# Stages and tests must run with this environment's python, so it goes first on the PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Threads that spin while they wait make a training step more than twice as long when anything else runs.
export OMP_WAIT_POLICY ?= passive

# Where glibc gives the memory of large tensors back to the kernel each time, a training step takes a fifth longer.
repro benchmark completion: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4000000000

.PHONY: help setup repro resolve test quick lint light on-other benchmark completion release lock wheel docs man

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.installed  ## create .venv and install the pinned packages

# torch is installed with what it needs (a CUDA build needs more than the lock lists); the rest exactly as locked.
# --no-deps, because mmcv and mmsegmentation ask for opencv-python, which needs libGL and overwrites the headless build.
.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { echo "error: needs Python 3.11; install it or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock $$(grep '^torch==' requirements.lock)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	-git config merge.dvc.driver "dvc git-hook merge-driver --ancestor %O --our %A --their %B" 2>/dev/null
	touch $@

repro: setup  ## run the pipeline: data set, model, metrics, layers
	dvc repro
	@python -m stages.report

SIDE ?= ours
resolve: setup  ## after `git merge`: one side of both builds whole (SIDE=theirs: the other), and what is to be rebuilt
	@python -m stages.resolve --side $(SIDE)

test: setup  ## lint, types, import contract, tests
	$(MAKE) --no-print-directory lint
	python -m pytest -n auto --dist worksteal

quick: setup  ## tests without the marker slow
	python -m pytest -n auto --dist worksteal -m "not slow"

lint: setup  ## ruff, mypy, import contract, declared dependencies
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-logo
	deptry .

# What artists and CubiAI install takes every Python from 3.10. The oldest, and one that is newer than the pipeline's, where
# they are here: on the PATH, or of pyenv.
found = $(firstword $(foreach python,$(1:%=python%) $(wildcard $(1:%=$(HOME)/.pyenv/versions/%.*/bin/python)),\
  $(shell $(python) -c 'import sys, venv; print(sys.executable)' 2>/dev/null)))
OLDEST ?= $(call found,3.10)
NEWER ?= $(call found,3.14 3.13 3.12)

light:  ## the light install on an older and a newer Python, where they are: CubiAI's adapter and `cubiseg layers`
	@$(if $(NEWER),$(MAKE) --no-print-directory on-other PYTHON=$(NEWER) LIGHT=.light,\
	  echo "light: no Python after 3.11 is here; skipped (name one: make light NEWER=/path/to/python3.12)")
	@$(if $(OLDEST),$(MAKE) --no-print-directory on-other PYTHON=$(OLDEST) LIGHT=.light/3.10 LOCKED=,\
	  echo "light: no Python 3.10 is here; skipped (name one: make light OLDEST=/path/to/python3.10)")

LIGHT ?= .light
on-other: $(LIGHT)/.installed
	CUBISEG_MODEL= $(LIGHT)/bin/cubiseg layers docs/img/layers.webp -o $(LIGHT)/out --overwrite --backend slic
	$(LIGHT)/bin/pip install --quiet --disable-pip-version-check $(LOCKED) scikit-image  # what CubiAI itself needs
	$(LIGHT)/bin/python -m pytest tests/cubiai

# pytest runs the tests and onnx writes their models; else nothing but the wheel and what it asks for, as locked. Some
# locked packages have left Python 3.10 behind: there it is the newest that have not.
LOCKED ?= --constraint requirements.lock
$(LIGHT)/.installed: requirements.lock pyproject.toml
	test -x $(LIGHT)/bin/python || $(PYTHON) -m venv $(LIGHT)
	$(LIGHT)/bin/pip install --quiet --disable-pip-version-check $(LOCKED) --editable . pytest pytest-timeout onnx
	touch $@

benchmark: setup  ## train all architectures and ablations for equal samples (hours): metrics/benchmark.json
	python -m benchmarks.models --out metrics $(BENCHMARK)

completion: setup  ## train the network that paints what lies beneath (some two hours): models/completion.onnx
	python -m cubiseg.completion_training draw
	python -m cubiseg.completion_training train
	python -m cubiseg.completion_training export

release: repro  ## for maintainers: refresh the remote that ships, and the README's figures
	rm -rf dvc-remote
	dvc push
	python -m stages.report --readme README.md
	git add README.md dvc.lock dvc-remote metrics models

lock: setup  ## write requirements.lock from what .venv holds
	pip freeze --exclude-editable | grep -v -E '^(opencv-python(-headless)?==|live2d-py==|#)' | sed 's/+cpu$$//' > requirements.lock

MODELS := models/release/anime-unet.onnx models/completion.onnx
wheel: man  ## build dist/cubiseg-*.whl, which holds the released models and the man pages
	@test -z "$(filter-out $(wildcard $(MODELS)),$(MODELS))" || dvc pull $(MODELS:=.dvc)
	rm -rf build
	pip wheel --quiet --no-deps --wheel-dir dist .

API ?= docs/api.md
# Links within the page lead nowhere where it is read.
docs: setup  ## write docs/api.md, the reference of the Python calls, from their docstrings
	griffe2md cubiseg.api | sed -E 's/\[([^][]+)\]\(#[^)]*\)/\1/g' > $(API)

MAN ?= dist/man
man: setup  ## write a man page of each command to dist/man
	mkdir -p $(MAN)
	rm -f $(MAN)/cubiseg*.1
	click-man cubiseg --target $(MAN)
