#!/usr/bin/env bash
# Builds the library for this machine with the features of a mobile build, and prints its size.
set -euo pipefail
cd "$(dirname "$0")/.."
# A folder of its own, so that the library with all features stays where it is.
cargo build --quiet --release --locked -p tidegate-ffi --no-default-features --target-dir target/mobile
library=$(ls target/mobile/release/libtidegate_ffi.{so,dylib} 2> /dev/null | head -n 1)
echo "mobile build: $(wc -c < "$library") bytes, $(gzip -9 < "$library" | wc -c) compressed"
