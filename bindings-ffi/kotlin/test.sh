#!/usr/bin/env bash
# Builds the native library and the Kotlin module, runs its tests, the vectors among them, and its demo.
set -euo pipefail
cd "$(dirname "$0")"
mvn -B -q -Dstyle.color=never test
mvn -B -q -Dstyle.color=never -Dnative.skip=true exec:java > /dev/null
