"""`python -m tidegate`: the demo, and the schema of the configuration."""

import sys

from . import __version__, _native

USAGE = """\
usage: python -m tidegate demo        watch a gateway answer, stream and fail over
       python -m tidegate schema      print the JSON Schema of the configuration
       python -m tidegate --version   print the version"""


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status is 2 for one that is unknown."""
    match arguments:
        case ["demo", *options]:
            from . import _demo

            return _demo.main(options)
        case ["schema"]:
            print(_native._config_schema())
        case ["--version"]:
            print(f"tidegate {__version__}")
        case ["--help" | "-h"]:
            print(USAGE)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:
        # Whoever read it has seen enough.
        sys.stderr.close()
        sys.exit(1)
