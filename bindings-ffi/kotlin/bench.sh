#!/usr/bin/env bash
# One measurement for tests/bench: `bench.sh MODE BASE_URL SECONDS` prints one line of JSON. Builds what is missing first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
classpath="$here/target/bench.classpath"
if [ ! -e "$classpath" ] || [ "$here/pom.xml" -nt "$classpath" ] || [ -n "$(find "$here/src" -newer "$classpath" -print -quit)" ]; then
    (cd "$here" && mvn -B -q -Dstyle.color=never test-compile dependency:build-classpath -Dmdep.outputFile="$classpath" > /dev/null)
fi
exec java -cp "$here/target/classes:$here/target/test-classes:$(cat "$classpath")" tidegate.BenchKt "$@"
