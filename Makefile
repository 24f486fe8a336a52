# Everything a developer or CI runs. `make demo` and `make test` need Python 3.11, pip and make, nothing prepared.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# pip before 22.3 cannot install into another environment: then the environment gets a pip of its own
PIP = $(shell $(PYTHON) -m pip --python $(BIN)/python --version >/dev/null 2>&1 </dev/null \
	&& echo $(PYTHON) -m pip --python $(BIN)/python || echo $(BIN)/python -m pip) --disable-pip-version-check -q

.PHONY: help demo test texts format bench bench-large bench-telegram chaos disk fuzz babble mutants model year crash lock clean
help:
	@echo "make demo    a practice shop in this terminal"
	@echo "make test    every check: format, lint, types, floors, texts, tests"
	@echo "make format  write the code in its one format"
	@echo "make bench   measure speed and memory"
	@echo "make bench-telegram  the same four messages beside plain bots of two libraries (about 15 minutes)"
	@echo "make bench-large  the owner's day and a meter's sales in up to ten million purchases (10 GB, about half an hour)"
	@echo "make chaos   kill and cheat the shop on Telegram and on WhatsApp, to docs/proof (20 minutes and hours)"
	@echo "make disk    buy on a disk that fails at every call, and write down what was found"
	@echo "make fuzz    a million spoilt answers against a second reading, to docs/proof/fuzz.md (about 3 minutes)"
	@echo "make babble  people who say whatever comes to mind, in 200 shops (about 8 minutes)"
	@echo "make mutants take out one safeguard after another: a test must fail each time (about 40 minutes)"
	@echo "make model   20.000 shops moved by chance, against a model, to docs/proof/model.md (about 15 minutes)"
	@echo "make year    a year of a shop in each zone, every summary recounted, to docs/proof/year.md (about 15 minutes)"
	@echo "make crash   kill the process at every point and at random, to docs/proof/crash.md (about 35 minutes)"
	@echo "make lock    pin the dependencies anew"
	@echo "make clean   forget everything that was made"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Setrum needs Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -m venv --without-pip .venv </dev/null
	@$(PYTHON) -m pip --python $@ --version >/dev/null 2>&1 </dev/null || $@ -m ensurepip >/dev/null 2>&1 </dev/null || { \
	  rm -rf .venv; echo "Setrum needs pip 22.3 or newer: $(PYTHON) -m pip install --upgrade pip" >&2; exit 1; }

# the environment without pip in it: a system without ensurepip can make it, too
.venv/.run: requirements.txt | $(BIN)/python
	@echo "setting up (once) ..." >&2
	@$(PIP) install --require-hashes -r requirements.txt </dev/null
	@touch $@

.venv/.dev: requirements-dev.txt | $(BIN)/python
	@echo "setting up for development (once) ..." >&2
	@$(PIP) install --require-hashes -r requirements-dev.txt </dev/null
	@touch $@ .venv/.run

MO := $(patsubst %.po,%.mo,$(wildcard locales/*/LC_MESSAGES/bot.po))
%.mo: %.po | $(BIN)/python
	@$(BIN)/python -m babel.messages.frontend -q compile -i $< -o $@.new </dev/null
	@mv $@.new $@

demo: .venv/.run $(MO)
	@$(BIN)/python -m bot demo

texts: .venv/.dev $(MO)

# tests wait for sockets, disks and processes: one worker more than cores, four at most
WORKERS ?= $(shell $(BIN)/python -c "import os; print(min(len(os.sched_getaffinity(0)) + 1, 4))" 2>/dev/null || echo 2)

test: texts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev $(MO)
	$(BIN)/python -m benchmarks

bench-large: .venv/.dev $(MO)
	$(BIN)/python -m benchmarks.large

# the peers' libraries pin versions of their own, so they live in an environment of their own
.venv-bench/.done: benchmarks/telegram/requirements.txt | $(BIN)/python
	@$(PYTHON) -m venv .venv-bench </dev/null
	@.venv-bench/bin/python -m pip install --disable-pip-version-check -q --require-hashes -r $< </dev/null
	@touch $@

bench-telegram: .venv/.dev .venv-bench/.done $(MO)
	$(BIN)/python -m benchmarks.telegram

SEED ?= 20261125
chaos: .venv/.dev $(MO)
	$(BIN)/python -m tests.telegram.campaign --seed $(SEED) --page docs/proof/telegram.md
	$(BIN)/python -m tests.whatsapp.campaign --seed $(SEED) --page docs/proof/whatsapp.md

fuzz: .venv/.dev
	$(BIN)/python -m tests.fuzz --inputs 1000000 --seed $(SEED) --jobs 2 --page docs/proof/fuzz.md

babble: .venv/.dev $(MO)
	BABBLE_RUNS=200 $(BIN)/python -m pytest -q -n 2 tests/babble

mutants: .venv/.dev $(MO)
	$(BIN)/python -m tests.mutants --jobs 2 --page docs/proof/mutants.md

crash: .venv/.dev $(MO)
	$(BIN)/python -m tests.crash --runs 1000 --kills 5000 --seed $(SEED) --jobs 6 --page docs/proof/crash.md

disk: .venv/.dev $(MO)
	$(BIN)/python -m tests.store.disk_campaign --write

model: .venv/.dev $(MO)
	$(BIN)/python -m tests.simulation --write

year: .venv/.dev $(MO)
	$(BIN)/python -m tests.year --seed $(SEED) --page docs/proof/year.md

lock: .venv/.dev
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate --extra dev \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  -o benchmarks/telegram/requirements.txt benchmarks/telegram/requirements.in

clean:
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist locales/*/LC_MESSAGES/*.mo
