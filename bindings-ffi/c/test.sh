#!/bin/bash
# Everything about Tidegate for C: the header, behaviour, the vectors, a panic in every function, and 10,000 calls under
# valgrind and under AddressSanitizer and UndefinedBehaviorSanitizer. Results: target/vectors/c.json.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in cargo gcc g++ valgrind cmake pkg-config nm; do
    command -v "$tool" > /dev/null || { echo "bindings-ffi/c/test.sh needs $tool, which is not installed"; exit 1; }
done
step() { printf '\n-- %s\n' "$*"; }

c=bindings-ffi/c
target=${CARGO_TARGET_DIR:-target}
out=$target/c
prefix=$PWD/$out/prefix
[[ $target = /* ]] && prefix=$out/prefix
strict="-Wall -Wextra -Werror -pedantic"
posix="-D_POSIX_C_SOURCE=200809L -pthread"
rm -rf "$out"
mkdir -p "$out" "$target/vectors"

step "the header is what the sources say, in C99 and C++11"
cargo run --quiet --locked -p tidegate-ffi --example c_header | diff bindings-ffi/include/tidegate.h - \
    || { echo "tidegate.h is out of date: cargo run -p tidegate-ffi --example c_header > bindings-ffi/include/tidegate.h"; exit 1; }
gcc -std=c99 $strict -fsyntax-only -x c bindings-ffi/include/tidegate.h
g++ -std=c++11 $strict -fsyntax-only -x c++ bindings-ffi/include/tidegate.h

step "install, pkg-config"
$c/install.sh "$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
flags="$(pkg-config --cflags --libs tidegate) -Wl,-rpath,$prefix/lib"

step "the example by CMake, the same in README.md, and as C++; the demo"
diff $c/example/main.c <(sed -n '/^```c$/,/^```$/p' $c/README.md | sed '/^```$/q' | sed '1d;$d') \
    || { echo "the first example of $c/README.md is not $c/example/main.c"; exit 1; }
cmake -S $c/example -B "$out/example" -Wno-dev > /dev/null
cmake --build "$out/example" > /dev/null
"$out/example/example" > /dev/null
g++ -std=c++11 $strict -x c++ $c/example/main.c -x none $flags -o "$out/example++"
"$out/example++" > /dev/null
gcc -std=c99 $strict $posix $c/demo/demo.c $flags -o "$out/demo"
"$out/demo" > /dev/null

sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
for name in behaviour hooks vectors stress; do
    gcc -std=c99 $strict $posix -g -O1 $c/tests/$name.c $flags -o "$out/$name"
    gcc -std=c99 $strict $posix -g -O1 $sanitize $c/tests/$name.c $flags -o "$out/$name-sanitized"
done

step "behaviour"
(cd "$out" && ./behaviour && ./hooks)
step "the vectors"
"$out/vectors" "$target/vectors/c.json" tests/vectors/*.json

step "a panic in every function that is exported"
# Its own copy: the next build without the feature puts the usual library back.
cargo build --quiet --locked -p tidegate-ffi --features panic-injection
mkdir -p "$out/panics"
cp "$target/debug/libtidegate_ffi.so" "$out/panics/libtidegate.so"
cargo build --quiet --locked -p tidegate-ffi
gcc -std=c99 $strict $posix -g $c/tests/panics.c -I"$prefix/include" -L"$out/panics" -ltidegate \
    -Wl,-rpath,"$(realpath "$out/panics")" -o "$out/panics/panics"
RUST_BACKTRACE=0 "$out/panics/panics" 2> "$out/panics/stderr" || { cat "$out/panics/stderr"; exit 1; }
exported() { nm -D --defined-only "$1" | sed -n 's/^[0-9a-f]* [TDBR] \(tidegate_.*\)/\1/p' | sort; }
diff <(exported "$prefix/lib/libtidegate.so") <("$out/panics/panics" --list | grep ^tidegate_ | sort) \
    || { echo "exported (<) and made to panic (>) differ"; exit 1; }

step "AddressSanitizer and UndefinedBehaviorSanitizer: what the C side does, and every allocation of both sides"
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1
(cd "$out" && ./behaviour-sanitized > /dev/null && ./hooks-sanitized > /dev/null)
"$out/vectors-sanitized" /dev/null tests/vectors/*.json
"$out/stress-sanitized"

step "valgrind"
# Possibly lost are the names of the library's threads, which live as long as the process. Values without a beginning are not
# looked for: optimized Rust reads the payload of an enum before it knows that there is one, and the core has no unsafe code
# that could do so in earnest (the same vectors with the unoptimized library are clean).
valgrind="valgrind --quiet --undef-value-errors=no --fair-sched=yes --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=9"
$valgrind "$out/vectors" /dev/null tests/vectors/*.json
$valgrind "$out/stress"
