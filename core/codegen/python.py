"""Writes what `bindings-python` has of the core's model: the native classes, their stubs, and the types of requests.

`cd core && python3 -m codegen.python`; with `--check` it only compares, and fails where a file differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from codegen import model, python_objects, python_stubs, python_types

HOME = Path(__file__).parent.parent.parent / "bindings-python"


def files() -> dict[Path, str]:
    """What is generated, by file."""
    definitions = model.read()
    package = HOME / "python" / "tidegate"
    classes = python_objects.classes(definitions)
    return {
        HOME / "src" / "objects.rs": python_objects.rust(classes),
        package / "_native.pyi": python_stubs.native(definitions, classes, HOME / "src"),
        package / "_errors.pyi": python_stubs.errors(definitions),
        package / "types.py": python_types.write(definitions),
    }


def main() -> int:
    differs = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" not in sys.argv:
        for path in differs:
            path.write_text(files()[path])
        return 0
    for path in differs:
        print(f"{path.relative_to(HOME.parent)} is out of date: run make generate", file=sys.stderr)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
