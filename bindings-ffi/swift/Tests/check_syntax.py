"""Parses all Swift sources here, which finds slips where there is no compiler; `test.sh` runs it.

The grammar takes members of the names `Type` and `Protocol`, which the compiler does not: those are looked for.
"""

import sys
from pathlib import Path

import tree_sitter
import tree_sitter_swift

# What the grammar does not know: an attribute inside of `#if`, and a closure of nothing but `()`.
UNKNOWN = {
    b"@_documentation(visibility: private)": b"",
    b"{ () }": b"{}",
}
BANNED = {b"Type", b"Protocol"}


def slips(path: Path) -> list[str]:
    source = path.read_bytes()
    for text, known in UNKNOWN.items():
        source = source.replace(text, known)
    found = []
    nodes = [tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language())).parse(source).root_node]
    while nodes:
        node = nodes.pop()
        place = f"{path}:{node.start_point.row + 1}:{node.start_point.column + 1}"
        if node.is_error or node.is_missing:
            found.append(f"{place}: this is not Swift")
            continue
        nodes += node.children
        if node.type == "enum_entry" or node.type.endswith("_declaration"):
            names = {name.text.split()[-1] for name in node.children_by_field_name("name")}
            found += [f"{place}: {name.decode()} is no name for a member" for name in names & BANNED]
    return found


def main() -> int:
    files = [path for path in sorted(Path(__file__).parent.parent.rglob("*.swift")) if ".build" not in path.parts]
    found = [slip for path in files for slip in slips(path)]
    print("\n".join(found) or f"{len(files)} Swift files parse")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
