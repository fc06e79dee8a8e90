# make run | test | bench | campaign | lint | format   (each sets up .venv first, and skips what is already done)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# faiss comes in two builds: the GPU's where nvidia-smi finds one, else the CPU's.
DEVICE := $(shell nvidia-smi -L >/dev/null 2>&1 && echo gpu || echo cpu)
OTHER  := $(if $(filter gpu,$(DEVICE)),faiss-cpu,faiss-gpu)
RUN_STAMP  := $(VENV)/.ready-$(DEVICE)
TEST_STAMP := $(VENV)/.ready-$(DEVICE)-dev

.PHONY: run test bench campaign lint format setup clean
.DEFAULT_GOAL := run

run: $(RUN_STAMP)
	@$(BIN)/dawen run

setup: $(RUN_STAMP)

test: $(TEST_STAMP) lint
	@echo "== tests: storage on SQLite and PostgreSQL, models, bot, browser"
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --quiet

lint: $(TEST_STAMP)
	@echo "== format";       $(BIN)/ruff format --check .
	@echo "== lint";         $(BIN)/ruff check .
	@echo "== types";        $(BIN)/mypy
	@echo "== architecture"; $(BIN)/lint-imports --no-logo

format: $(TEST_STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(TEST_STAMP)
	@$(BIN)/python -m benchmarks

campaign: $(TEST_STAMP)
	@$(BIN)/python -m tests.campaigns

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Dawen needs Python 3.11 or newer; $$($(PYTHON) --version) was found. Try: make PYTHON=python3.12"; exit 1; }
	@echo "== creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): pyproject.toml | $(VENV)/bin/python
	@echo "== installing Dawen for $(DEVICE) (a few minutes the first time, skipped afterwards)"
	@$(BIN)/pip uninstall --quiet --yes $(OTHER) 2>/dev/null || true
	@$(BIN)/pip install --quiet --editable ".[$(DEVICE)]"
	@touch $@

$(TEST_STAMP): pyproject.toml | $(VENV)/bin/python
	@echo "== installing Dawen for $(DEVICE) with the test tools (a few minutes the first time, skipped afterwards)"
	@$(BIN)/pip uninstall --quiet --yes $(OTHER) 2>/dev/null || true
	@$(BIN)/pip install --quiet --editable ".[$(DEVICE),dev]"
	@touch $@ $(RUN_STAMP)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
