# Everything a person does with this repository. `make` alone lists it.

SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench bench-reports fuzz fuzz-media soak soak-media queue-model schedules kills sanitize rows format lock docs clean
.PHONY: check-python check-native test-peers test-native test-names

# rustup installs here; a shell that was open at the time does not know it yet.
export PATH := $(HOME)/.cargo/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of processes import the same modules; one compiles them, whatever the shell thinks of it.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
RESULTS := results
FUZZER := .cache/atheris
BROWSER_PHONE := tests/browser/node_modules/.installed
FUZZ_S ?= 600
SEEDS ?= 1000
KILLS ?= 1000
STEPS ?= 1000000
SOAK_MIN ?= 60
# Two more than cores: many tests wait for a phone, a timer or a disk. Files with few tests are not
# kept for the end, for their tests are the long ones.
TEST_WORKERS ?= $(shell echo $$(($$(nproc) + 2)))
# What is built for tests alone is built once, and no debugger looks at it; sanitizers name lines.
export CARGO_INCREMENTAL := 0
test-native check-native: export CARGO_PROFILE_DEV_DEBUG := 0
# libopus is built by the cmake among the locked packages.
# Without the flags of make: rustdoc would look for a job server that recipes are not given.
CARGO := MAKEFLAGS= PATH="$(CURDIR)/$(BIN):$$PATH" cargo --color auto
NATIVE := --manifest-path native/Cargo.toml --locked
# Built beside the engine, whose crates it fuzzes.
MEDIA_FUZZ := --manifest-path native/fuzz/Cargo.toml --locked --target-dir native/target
LOADGEN := --manifest-path bench/loadgen/Cargo.toml --locked
NATIVE_SOURCES := $(shell find native -name target -prune -o -type f \
	\( -name '*.rs' -o -name 'Cargo.*' \) -print 2>/dev/null)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# --- setting up: each stamp is newer than what it was made from --------------------------------

setup: $(VENV)/.engine ## make .venv and build the engine; quick when nothing changed

$(VENV)/.venv:
	@tools/find_tools.sh
	@"$$(tools/find_tools.sh --python)" -m venv $(VENV)
	@touch $@

$(VENV)/.packages: requirements-dev.lock | $(VENV)/.venv
	@echo "installing the locked packages ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.engine: $(VENV)/.packages pyproject.toml $(NATIVE_SOURCES)
	@tools/find_tools.sh
	@echo "building the media engine ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) PATH="$(CURDIR)/$(BIN):$$PATH" PIP_NO_INDEX=1 PIP_QUIET=1 \
		$(BIN)/maturin develop --quiet --release --locked
	@touch $@

# --- using it ----------------------------------------------------------------------------------

run: setup ## start the demo organisation, place a test call, stay up
	@exec $(BIN)/callwright demo

# Much of the way to the tests is one thread's work, so two things are done at once.
TWO := $(MAKE) --no-print-directory --jobs 2

test: ## prove everything; results are kept for `make rows`
	@rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	@$(TWO) setup test-peers
	@$(TWO) check
	@$(TWO) test-native test-names
	$(BIN)/python -m pytest --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder --quiet \
		--results=$(RESULTS) --junitxml=$(RESULTS)/junit.xml tests

test-peers:
	@tools/install_test_peers.sh
	@$(MAKE) --no-print-directory $(BROWSER_PHONE)

# The engine is tested as it is built already; its fuzzer, and `make sanitize`, have overflows checked.
test-native: setup
	$(CARGO) test $(NATIVE) --workspace --release --quiet
	$(CARGO) test $(MEDIA_FUZZ) --quiet
	$(CARGO) test $(LOADGEN) --release --quiet

# Looks whether every test can be read, and leaves them compiled for the workers.
test-names: setup
	@mkdir -p $(RESULTS)
	@$(BIN)/python -m pytest --collect-only -qq tests >$(RESULTS)/tests.txt || \
		{ cat $(RESULTS)/tests.txt; false; }

$(BROWSER_PHONE): tests/browser/package-lock.json
	@if npm ci --prefix tests/browser --silent --no-audit --no-fund; then touch $@; \
	else echo "npm cannot install the browser's phone: the tests in tests/browser are skipped" >&2; fi

rows: ## what the last `make test` showed of docs/spec/rows.tsv (AREA=CQ for one area)
	@python3 tools/rows.py --results $(RESULTS) $(if $(AREA),--area $(AREA))

bench: setup ## measure CPU and memory per call
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/media.py
	@$(BIN)/python bench/services.py

bench-reports: setup ## measure reports of a million callers; two minutes, 500 MB of disk
	@$(BIN)/python bench/reports.py

fuzz: setup $(FUZZER)/.installed ## look for bytes that SIP fails on, 10 minutes (FUZZ_S=30: shorter)
	@PYTHONPATH=$(FUZZER) $(BIN)/python tools/fuzz_sip.py --seconds $(FUZZ_S)

fuzz-media: setup ## look for packets that the media engine fails on, 10 minutes
	@$(BIN)/python tools/fuzz_media.py --seconds $(FUZZ_S)

soak: setup ## play SEEDS=1000 storms of 100 calls over bad networks
	@$(BIN)/python tools/soak.py --seeds $(SEEDS)

soak-media: setup ## keep a hundred calls alive for SOAK_MIN=60 minutes; memory must stay flat
	@$(BIN)/python -u tools/soak_media.py --minutes $(SOAK_MIN)

queue-model: setup ## play STEPS=1000000 of callers, agents and administrators on the floor of queues
	@STEPS=$(STEPS) $(BIN)/python -m pytest -q -p no:cacheprovider --timeout=0 tests/model/test_queue_floor.py

schedules: setup ## every clock change of every zone until 2040, minute by minute
	@SCHEDULE_EDGES=all nice $(BIN)/pytest -q --timeout 900 tests/model/test_schedule_edges.py

kills: setup ## kill KILLS=1000 nodes on both databases; nothing confirmed may be lost
	@nice $(BIN)/python -m tests.durability.kills --kills $(KILLS)

sanitize: setup ## engine tests in Miri and with sanitizers (CHECK=miri, address or thread: that one)
	@PATH="$(CURDIR)/$(BIN):$$PATH" tools/check_memory.sh $(CHECK)

$(FUZZER)/.installed: tests/fuzz/requirements.txt | $(VENV)/.packages
	@rm -rf $(FUZZER) && $(BIN)/python -m pip install --quiet --require-hashes --no-deps \
		--target $(FUZZER) -r tests/fuzz/requirements.txt
	@touch $@

# --- keeping it tidy ---------------------------------------------------------------------------

check: check-python check-native ## style, types, import law, generated files

check-python: setup
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/tidy.py
	$(BIN)/python tools/rfc_refs.py
	$(BIN)/python tools/reasons.py --check
	$(BIN)/python tools/openapi.py --check
	$(BIN)/python tools/organisation_schema.py --check
	$(BIN)/python tools/rows_page.py --check

check-native: setup
	$(CARGO) fmt --manifest-path native/Cargo.toml --all --check
	$(CARGO) clippy $(NATIVE) --workspace --all-targets --quiet -- -D warnings
	$(CARGO) fmt --manifest-path native/fuzz/Cargo.toml --check
	$(CARGO) clippy $(MEDIA_FUZZ) --quiet -- -D warnings
	$(CARGO) fmt --manifest-path bench/loadgen/Cargo.toml --check
	$(CARGO) clippy $(LOADGEN) --all-targets --quiet -- -D warnings

format: setup ## let the formatters write
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet
	$(CARGO) fmt --manifest-path native/Cargo.toml --all
	$(CARGO) fmt --manifest-path native/fuzz/Cargo.toml

docs: setup ## write the generated pages of docs/reference
	$(BIN)/python tools/reasons.py
	$(BIN)/python tools/openapi.py
	$(BIN)/python tools/organisation_schema.py

# uv resolves for every platform and Python at once; pip installs what it wrote.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

lock: ## resolve the dependencies again (needs uv)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what was built; data of the demo stays
	rm -rf $(VENV) $(RESULTS) tests/browser/node_modules native/target bench/loadgen/target .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .cache/fuzz $(FUZZER)
