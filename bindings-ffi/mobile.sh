#!/usr/bin/env bash
# Builds the library for this machine with the features of a mobile build, and prints its size. Ends with the library of all
# features back in its place: others link it.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release --locked -p tidegate-ffi --no-default-features
library="${CARGO_TARGET_DIR:-target}/release/libtidegate_ffi.so"
[ -e "$library" ] || library="${library%.so}.dylib"
echo "mobile build: $(wc -c < "$library") bytes, $(gzip -9 < "$library" | wc -c) compressed"
cargo build --quiet --release --locked -p tidegate-ffi
