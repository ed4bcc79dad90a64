"""The figures to reach, as the issue that asked for them gives them."""

import zipfile
from dataclasses import dataclass

MIB = 1 << 20
PYTHON, PYTHON_FLOOR = "python/tidegate", "python/pyo3floor"
NODE, NODE_FLOOR = "node/tidegate", "node/napifloor"
RUST, C, KOTLIN = "rust/tidegate", "c/tidegate", "kotlin/tidegate"

# What, client of ours, floor, mode, the largest ratio (`None`: shown, not asked for).
CPU = [
    ("Rust, 64 at once, a request", RUST, "rust/reqwest", "conc64", 1.15),
    ("Rust, 24 kB answer, a request", RUST, "rust/reqwest", "large", None),
    ("Rust, one stream, a chunk", RUST, "rust/reqwest", "stream1", None),
    ("Rust, 32 paced streams, a chunk", RUST, "rust/reqwest", "stream32", None),
    ("Python asyncio, 64 at once, a request", PYTHON, PYTHON_FLOOR, "conc64", 1.7),
    ("Python sync, 64 threads, a request", PYTHON, PYTHON_FLOOR, "thr64", 1.4),
    ("Python, one stream, a chunk", PYTHON, PYTHON_FLOOR, "stream1", 1.6),
    ("Python, 32 paced streams, a chunk", PYTHON, PYTHON_FLOOR, "stream32", 1.3),
    ("Python, 24 kB answer, a request", PYTHON, PYTHON_FLOOR, "large", 1.3),
    ("Node, 64 at once, a request", NODE, NODE_FLOOR, "conc64", 1.6),
    ("Node, one stream, a chunk", NODE, NODE_FLOOR, "stream1", 2.0),
    ("Node, 32 paced streams, a chunk", NODE, NODE_FLOOR, "stream32", 1.3),
    ("Node, 24 kB answer, a request", NODE, NODE_FLOOR, "large", None),
    ("Rust, every policy on, a request", "rust/policies", "rust/reqwest", "conc64", 1.35),
    ("Rust, every policy on, a chunk", "rust/policies", "rust/reqwest", "stream1", None),
    ("Python, every policy on, a request", "python/policies", PYTHON_FLOOR, "conc64", 2.2),
    ("Python, every policy on, a chunk", "python/policies", PYTHON_FLOOR, "stream1", 2.2),
    ("Node, every policy on, a request", "node/policies", NODE_FLOOR, "conc64", 2.2),
    ("Node, every policy on, a chunk", "node/policies", NODE_FLOOR, "stream1", 2.2),
    ("C beside Rust, 64 at once, a request", C, RUST, "conc64", 1.3),
    ("C beside Rust, one stream, a chunk", C, RUST, "stream1", None),
]

# The same, with the most that may be added, in microseconds.
BEYOND = [
    ("Kotlin beyond C, one by one, a call", KOTLIN, C, "seq", 150),
    ("Kotlin beyond C, 64 at once, a call", KOTLIN, C, "conc64", 150),
]


@dataclass
class Row:
    what: str
    floor: str
    ours: str
    result: str
    target: str
    passed: bool | None  # `None` where nothing was measured or asked for


def cpu(results):
    """Processor time of the client beside that of its floor."""
    rows = []
    for targets, compare, form, unit in ((CPU, results.ratio, ".2f", "x"), (BEYOND, results.beyond, "+.1f", " us")):
        for what, ours, floor, mode, limit in targets:
            value, quiet = compare(ours, floor, mode)
            mine, theirs = (number(results.value(key, mode, "cpu_us")) for key in (ours, floor))
            shown = "-" if value is None else f"{value:{form}}{unit}{'' if quiet else '~'}"
            rows.append(Row(what, theirs, mine, shown, *verdict(value, limit, unit)))
    return rows


def verdict(value, limit, unit):
    """The target, and whether it is met."""
    if limit is None:
        return "", None
    return f"<= {limit}{unit}", None if value is None else value <= limit


def start(results, files):
    """Import, first answer, memory, delay of the event loop, sizes."""
    python, node = (PYTHON, PYTHON_FLOOR), (NODE, NODE_FLOOR)
    return [
        time("Python, import", results, python, "import", "import_s", 15),
        time("Python, process start to first answer", results, python, "first", "first_s", 80),
        memory(results),
        time("Node, require", results, node, "require", "import_s", 10),
        time("Node, process start to first answer", results, node, "first", "first_s", None),
        time("Node, p99 delay of the event loop, 1,000 streams", results, node, "loop1000", "loop_p99_s", 10),
        size("wheel", files.get("wheel"), 10),
        size(".node file", files.get("node"), 12),
        size("library for C and Kotlin", files.get("c"), None),
        size("the same for mobile apps", files.get("mobile"), None),
    ]


def time(what, results, clients, mode, figure, limit):
    """A figure in seconds, shown in milliseconds as its limit is."""
    values = [results.value(key, mode, figure) for key in clients]
    mine, theirs = (None if value is None else value * 1e3 for value in values)
    shown = ["-" if value is None else f"{value:.1f} ms" for value in (theirs, mine)]
    return Row(what, *shown, "", *verdict(mine, limit, " ms"))


def memory(results):
    mine, theirs = (results.value(key, "import", "rss_kb") for key in (PYTHON, PYTHON_FLOOR))
    what, target = "Python, resident after import", "<= floor + 8 MiB"
    if mine is None or theirs is None:
        return Row(what, "-", "-", "", target, None)
    more = (mine - theirs) / 1024
    return Row(what, f"{theirs / 1024:.1f} MiB", f"{mine / 1024:.1f} MiB", f"{more:+.1f} MiB", target, more <= 8)


def size(what, file, limit):
    if file is None:
        return Row(what, "", "-", "", *verdict(None, limit, " MiB"))
    packed = file.stat().st_size / MIB
    note = ""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as archive:
            note = f"{sum(member.file_size for member in archive.infolist()) / MIB:.1f} MiB unpacked"
    return Row(what, "", f"{packed:.1f} MiB", note, *verdict(packed, limit, " MiB"))


def number(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
