"""`python -m tidegate demo` shows what it does, without a key and without a network; `schema` says what a configuration
may hold."""

import sys

from . import __version__

USAGE = """\
usage: python -m tidegate demo        watch a gateway answer, stream and fail over
       python -m tidegate schema      print the JSON Schema of the configuration
       python -m tidegate --version   print the version"""


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status is 2 for one that is unknown."""
    if arguments == ["--version"]:
        print(f"tidegate {__version__}")
        return 0
    if arguments == ["schema"]:
        from ._native import _config_schema

        print(_config_schema())
        return 0
    if arguments[:1] == ["demo"]:
        from ._demo.show import main as demo

        return demo(arguments[1:])
    print(USAGE, file=sys.stdout if arguments in (["--help"], ["-h"]) else sys.stderr)
    return 0 if arguments in (["--help"], ["-h"]) else 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:
        # Whoever read it has seen enough.
        sys.stderr.close()
        sys.exit(1)
