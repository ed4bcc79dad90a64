#!/bin/bash
# Installs Tidegate for C: bindings-ffi/c/install.sh PREFIX puts include/tidegate.h, lib/libtidegate.so and
# lib/pkgconfig/tidegate.pc there, and builds the library if it is not built. With --static behind it, lib/libtidegate.a too.
set -euo pipefail
prefix=$(mkdir -p "${1:?usage: install.sh PREFIX [--static]}" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."
cargo build --quiet --release --locked -p tidegate-ffi
target=${CARGO_TARGET_DIR:-target}/release
case $(uname) in Darwin) extension=dylib ;; *) extension=so ;; esac
version=$(sed -n 's/^#define TIDEGATE_VERSION "\(.*\)"/\1/p' bindings-ffi/include/tidegate.h)
mkdir -p "$prefix"/{include,lib/pkgconfig}
cp bindings-ffi/include/tidegate.h "$prefix/include/"
# Under the name that C programs link: the library has no name of its own inside.
cp "$target/libtidegate_ffi.$extension" "$prefix/lib/libtidegate.$extension"
if [ "$extension" = dylib ]; then install_name_tool -id "$prefix/lib/libtidegate.dylib" "$prefix/lib/libtidegate.dylib"; fi
if [ "${2:-}" = --static ]; then
    cargo rustc --quiet --release --locked -p tidegate-ffi --crate-type staticlib
    cp "$target/libtidegate_ffi.a" "$prefix/lib/libtidegate.a"
fi
sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|" bindings-ffi/c/tidegate.pc.in > "$prefix/lib/pkgconfig/tidegate.pc"
