# `make help` lists what there is to make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SONG ?=
DEMO := runs/demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Install the package and its tools into .venv

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "macedance needs Python 3.11 or newer; set PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup ## Synthesize data, train the tiny model, dance to a song (SONG=path for your own)
	$(BIN)/macedance data synthesize --out $(DEMO)/data --clips 128 --val-clips 1 --test-clips 1 --no-audio
	test -d $(DEMO)/model || { rm -rf $(DEMO)/training && \
	  $(BIN)/macedance fit --config configs/motion/tiny.yaml --config configs/motion/demo.yaml && \
	  $(BIN)/macedance export --checkpoint $(DEMO)/training/checkpoints/last.ckpt --out $(DEMO)/model; }
	test -n "$(SONG)" || test -f $(DEMO)/song.wav || $(BIN)/macedance data song --out $(DEMO)/song.wav --seconds 20 --seed 7
	$(BIN)/macedance generate --music "$(or $(SONG),$(DEMO)/song.wav)" --checkpoint $(DEMO)/model \
	  --out $(DEMO)/dance.mp4 --motion-out $(DEMO)/dance.npz --sheet-out $(DEMO)/dance.png
	@echo "The dance is in $(CURDIR)/$(DEMO)/dance.mp4, its fastest moments in $(DEMO)/dance.png"

test: setup ## Run the tests
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: setup ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure speed and memory
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean: ## Remove runs, caches and the environment
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache
