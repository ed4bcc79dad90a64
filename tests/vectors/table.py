"""Writes `tests/COMPATIBILITY.md` from what the runners of all languages reported, or compares it.

    python3 tests/vectors/table.py --write | --check

A runner writes `target/vectors/LANGUAGE.json`: which vectors passed. One that did not run, or did not play every
vector, fails this; Swift alone may be absent, since its compiler often is.
"""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "COMPATIBILITY.md"
RESULTS = HERE.parent.parent / "target" / "vectors"
LANGUAGES = {"rust": "Rust", "python": "Python", "node": "Node", "kotlin": "Kotlin", "c": "C", "swift": "Swift"}
OPTIONAL = "swift"
HEAD = """# Compatibility

What each language was shown to do: every row is a case of [`vectors/`](vectors/README.md), played through that
language's public API, with a transcript that is the same to the byte in all of them. This file is written by
`make compatibility` from the runs, and CI compares it. Swift's vectors run where a Swift compiler is; there was none
for these runs, so its column says `not run`.

"""

FUNCTIONS = """
## Functions of the caller's

What a gateway is given as functions, a vector cannot say: a check that judges answers (`reject.check`), what is told
of each target whose state changes, and what is told of a configuration file that has changed. Each language has tests
of its own for all three.

"""
TESTS = {
    "rust": ["core/tests/answers/reject.rs", "core/tests/resilience/health.rs", "core/tests/resilience/reload.rs"],
    "python": ["bindings-python/tests/test_checks.py", "bindings-python/tests/test_hooks.py"],
    "node": ["bindings-node/tests/checks.test.mjs", "bindings-node/tests/hooks.test.mjs"],
    "kotlin": ["bindings-ffi/kotlin/src/test/kotlin/tidegate/HooksTest.kt"],
    "c": ["bindings-ffi/c/tests/hooks.c"],
    "swift": ["bindings-ffi/swift/Tests/TidegateTests/HooksTests.swift"],
}


def main() -> int:
    features = {path.stem: json.loads(path.read_text())["feature"] for path in sorted(HERE.glob("*.json"))}
    results: dict[str, dict[str, bool]] = {}
    problems = []
    for language, name in LANGUAGES.items():
        file = RESULTS / f"{language}.json"
        if not file.exists():
            if language != OPTIONAL:
                problems.append(f"{name}: the vectors were not played, run make test")
            continue
        results[language] = played = json.loads(file.read_text())
        problems += [f"{name}: {vector} was not played" for vector in features.keys() - played.keys()]
        problems += [f"{name}: {vector} failed" for vector, passed in played.items() if not passed]
    if problems:
        print("\n".join(sorted(problems)))
        return 1
    table = HEAD + rows(features) + FUNCTIONS + functions()
    if "--write" in sys.argv:
        TABLE.write_text(table)
        return 0
    before = TABLE.read_text() if TABLE.exists() else ""
    diff = difflib.unified_diff(before.splitlines(), table.splitlines(), "committed", "these runs", lineterm="")
    different = "\n".join(diff)
    if different:
        print(f"{different}\n{TABLE.name} is out of date: run make compatibility")
    return 1 if different else 0


def rows(features: dict[str, str]) -> str:
    """All that got here passed, in all languages but the optional one."""
    names = " | ".join(LANGUAGES.values())
    cells = " | ".join("not run" if language == OPTIONAL else "yes" for language in LANGUAGES)
    lines = [f"| feature | vector | {names} |", "| --- | --- |" + " --- |" * len(LANGUAGES)]
    for vector, feature in sorted(features.items(), key=lambda item: (item[1], item[0])):
        lines.append(f"| {feature} | [{vector}](vectors/{vector}.json) | {cells} |")
    return "\n".join(lines) + "\n"


def functions() -> str:
    """Where each language shows it; a file that is missing fails this."""
    lines = ["| language | tests |", "| --- | --- |"]
    for language, files in TESTS.items():
        missing = [file for file in files if not (HERE.parent.parent / file).is_file()]
        if missing:
            sys.exit(f"{LANGUAGES[language]}: {', '.join(missing)} is missing: see TESTS in {Path(__file__).name}")
        links = ", ".join(f"[{Path(file).name}](../{file})" for file in files)
        lines.append(f"| {LANGUAGES[language]} | {links}{' (not run)' if language == OPTIONAL else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
