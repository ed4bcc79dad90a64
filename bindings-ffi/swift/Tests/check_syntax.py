"""Parses all Swift sources here, which finds slips where there is no compiler; `test.sh` runs it."""

import sys
from pathlib import Path

import tree_sitter
import tree_sitter_swift

# The grammar knows no attribute inside of `#if`.
ATTRIBUTE = b"@_documentation(visibility: private)"


def slips(path: Path) -> list[str]:
    source = path.read_bytes().replace(ATTRIBUTE, b" " * len(ATTRIBUTE))
    found = []
    nodes = [tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language())).parse(source).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            found.append(f"{path}:{node.start_point.row + 1}:{node.start_point.column + 1}: this is not Swift")
        elif node.has_error:
            nodes += node.children
    return found


def main() -> int:
    files = [path for path in sorted(Path(__file__).parent.parent.rglob("*.swift")) if ".build" not in path.parts]
    found = [slip for path in files for slip in slips(path)]
    print("\n".join(found) or f"{len(files)} Swift files parse")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
