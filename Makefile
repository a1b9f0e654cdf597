# Every target sets up .venv by itself. `make help` lists them.
PROFILE ?= quick
JOBS ?=
STRICT ?=
KEEP ?=
PORT ?= 8000

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
PYTHON ?= python
else
BIN := .venv/bin
# python3 if it is new enough, else the newest one that is
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$p && exit; \
	done; command -v python3 || echo python3)
endif

# What can be added to an environment: extras of pyproject.toml
PARTS := setup-dev setup-distributed setup-jupyter setup-parquet setup-pdf

.DEFAULT_GOAL := help
# With -j no two targets change .venv at a time; what takes long uses all cores by itself.
.NOTPARALLEL:
.PHONY: help setup $(PARTS) book serve jupyter pdf archive slides handout test notebooks bench lint types picture format lock clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

# Each takes what is in .venv as it is and adds what is missing: the book's needs, or these and a part of the rest.
setup $(PARTS):
	@command -v $(PYTHON) >/dev/null || { echo "set-up: no Python found: install Python 3.11 or newer and run the command again" >&2; exit 1; }
	@$(PYTHON) scripts/bootstrap.py $(patsubst setup-%,%,$(filter setup-%,$@))

book: setup ## execute the chapters and render the book (PROFILE=quick|paper, STRICT=1, JOBS=n)
	@$(BIN)/python -m kdcore build --profile $(PROFILE) $(if $(JOBS),--jobs $(JOBS)) $(if $(STRICT),--strict)

serve: book ## build, then preview the book on a local port (PORT=8000)
	@$(BIN)/python -m kdcore serve --port $(PORT)

jupyter: setup-jupyter ## open the chapters in Jupyter, in the browser, to run and change them by hand
	@$(BIN)/python -m notebook book

pdf: setup-pdf book ## print the book and its summary sheet as PDF (needs Chromium)
	@$(BIN)/python -m kdcore pdf

archive: book ## pack the book, its records and its sources into one zip file to deposit
	@$(BIN)/python -m kdcore archive

slides: book ## turn the chapters into decks of slides (the book's build does it, too) and list them
	@$(BIN)/python -m kdcore slides

handout: setup ## notebooks for a course: students' without solutions, the teacher's with
	@$(BIN)/python -m kdcore handout

test: setup-dev ## run all tests: kdcore, its docstrings, the notebooks, the build
	@$(BIN)/python -m pytest -n auto --dist worksteal

notebooks: setup-dev ## run all chapters again with nbval and compare every committed output (minutes)
	@$(BIN)/python -m pytest -n auto --dist loadfile book

bench: setup-dev book ## time kdcore against its alternatives and the book in Chromium, write benchmarks/results.csv and the book's page (minutes)
	@$(BIN)/python -m benchmarks

lint: setup-dev ## ruff: lint and format, notebooks included; notebooks in normal form
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m kdcore normalise --check

types: setup-dev ## mypy --strict on both packages
	@$(BIN)/python -m mypy

picture: book ## copy the README's pictures from the book
	@cp _build/executed/setting/figures/fig-three-rates.svg book/_static/three-rates.svg
	@cp _build/executed/setting/figures/fig-transfer-sets.svg book/_static/told.svg
	@cp _build/executed/black-box/figures/fig-box-log.svg book/_static/along-a-log.svg

format: setup-dev ## mend what `make lint` finds
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m kdcore normalise

lock: setup ## pin the dependencies of pyproject.toml anew in the lock files (KEEP=1: only what has to change; needs a network)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/python scripts/lock.py $(if $(KEEP),--keep)
	@echo "requirements.txt and requirements/ are pinned anew: run 'make test' before you commit them"

clean: ## remove what was built (.venv stays)
	@rm -rf _build book/figures .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find kdcore tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove .venv, too
	@rm -rf .venv .venv-setup.log kdcore.egg-info
