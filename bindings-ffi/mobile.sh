#!/usr/bin/env bash
# Builds the library for this machine with the features of a mobile build, and prints its size.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release --locked -p tidegate-ffi --no-default-features
library=target/release/libtidegate_ffi.so
[ -e "$library" ] || library=target/release/libtidegate_ffi.dylib
echo "mobile build: $(wc -c < "$library") bytes, $(gzip -9 < "$library" | wc -c) compressed"
# The next build without the flag puts the library with all features back in its place, without building it anew.
