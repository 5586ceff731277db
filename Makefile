# `make help` lists what there is to make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SONG ?=
DEMO := runs/demo
MACEDANCE := $(BIN)/macedance
# Trains a stage of the tiny Appearance Expert: $(call train_appearance,stage,more options)
train_appearance = { rm -rf $(DEMO)/$(1)-training && $(MACEDANCE) fit --config configs/appearance/tiny-$(1).yaml \
	  --config configs/appearance/demo.yaml --trainer.logger.init_args.save_dir $(DEMO) \
	  --trainer.logger.init_args.name $(1)-training --trainer.logger.init_args.version "" $(2) && \
	  $(MACEDANCE) export $(DEMO)/$(1)-training/checkpoints/last.ckpt --out $(DEMO)/$(1); }

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

demo: setup ## Dance to a song (SONG=path for your own), make up data, train both experts, chain and score them
	test -n "$(SONG)" || test -f $(DEMO)/song.wav || $(MACEDANCE) data song --out $(DEMO)/song.wav --seconds 20 --seed 7
	$(MACEDANCE) generate --music "$(or $(SONG),$(DEMO)/song.wav)" --motion default \
	  --out $(DEMO)/default-dance.mp4 --sheet-out $(DEMO)/default-dance.png
	@echo "The Motion Expert that comes with macedance dances in $(CURDIR)/$(DEMO)/default-dance.mp4. Now others are trained."
	$(MACEDANCE) data synthesize --out $(DEMO)/data --clips 128 --val-clips 1 --test-clips 1 --no-audio
	test -d $(DEMO)/model || { rm -rf $(DEMO)/training && \
	  $(MACEDANCE) fit --config configs/motion/tiny.yaml --config configs/motion/demo.yaml && \
	  $(MACEDANCE) export $(DEMO)/training/checkpoints/last.ckpt --out $(DEMO)/model; }
	$(MACEDANCE) data synthesize --out $(DEMO)/filmed-data --clips 4 --val-clips 3 --test-clips 1 --seconds 8 --seed 1
	$(MACEDANCE) data render $(DEMO)/filmed-data --out $(DEMO)/rendered --size 64 64
	$(MACEDANCE) data encode $(DEMO)/rendered --out $(DEMO)/latents --backbone tiny --num-frames 17
	test -d $(DEMO)/kinematic || $(call train_appearance,kinematic)
	test -d $(DEMO)/aesthetic || $(call train_appearance,aesthetic,--model.init_args.adapter $(DEMO)/kinematic)
	$(MACEDANCE) validate --config configs/cascade/tiny.yaml --config configs/cascade/demo.yaml
	$(MACEDANCE) report $(DEMO)/cascade/val --out $(DEMO)/report.html
	$(MACEDANCE) generate --music "$(or $(SONG),$(DEMO)/song.wav)" --motion $(DEMO)/model \
	  --out $(DEMO)/dance.mp4 --motion-out $(DEMO)/dance.npz --sheet-out $(DEMO)/dance.png
	@echo "Made, in $(CURDIR)/$(DEMO):"
	@echo "  default-dance.mp4   a dance of the model that comes with macedance; its fastest moments: default-dance.png"
	@echo "  dance.mp4    one of the model trained now, to the same song, $(or $(SONG),which it had never heard): dance.png"
	@echo "  report.html  the cascade of both experts beside the ground truth: scores, videos, motions in 3D"
	@echo "  model, aesthetic    the Motion Expert, and the Appearance Expert on a backbone of random weights"

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

bench: setup ## Measure speed, memory and intervals
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean: ## Remove runs, caches and the environment
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache
