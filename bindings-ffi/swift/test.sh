#!/usr/bin/env bash
# Checks the Swift package: its C header with a C compiler, its syntax with a grammar; and runs its tests where there is Swift.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
release="${CARGO_TARGET_DIR:-$root/target}/release"

printf '#include "TidegateFFI.h"\n' |
    "${CC:-cc}" -D_Nullable= -D_Nonnull= -ISources/TidegateFFI -Wall -Wextra -Werror -fsyntax-only -x c -
tools="$root/target/swift-check"
if [ ! -x "$tools/bin/python" ] || [ requirements.txt -nt "$tools" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    touch "$tools"
fi
"$tools/bin/python" Tests/check_syntax.py

if ! command -v swift > /dev/null; then
    echo "NOT RUN: the Swift tests, since there is no swift on the PATH"
    exit 0
fi
(cd "$root" && cargo build --release --locked -p tidegate-ffi)
export LD_LIBRARY_PATH="$release" DYLD_LIBRARY_PATH="$release"
swift test -Xlinker -L"$release"
