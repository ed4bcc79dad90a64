"""The figures to reach, as the issue that asked for them gives them."""

import zipfile
from dataclasses import dataclass

MIB = 1 << 20
OURS, FLOOR = "python/tidegate", "python/pyo3floor"

# What, client of ours, floor, mode, the largest ratio (`None`: shown, not asked for).
CPU = [
    ("Rust, 64 at once, a request", "rust/tidegate", "rust/reqwest", "conc64", 1.15),
    ("Rust, 24 kB answer, a request", "rust/tidegate", "rust/reqwest", "large", None),
    ("Rust, one stream, a chunk", "rust/tidegate", "rust/reqwest", "stream1", None),
    ("Rust, 32 paced streams, a chunk", "rust/tidegate", "rust/reqwest", "stream32", None),
    ("Python asyncio, 64 at once, a request", OURS, FLOOR, "conc64", 1.7),
    ("Python sync, 64 threads, a request", OURS, FLOOR, "thr64", 1.4),
    ("Python, one stream, a chunk", OURS, FLOOR, "stream1", 1.6),
    ("Python, 32 paced streams, a chunk", OURS, FLOOR, "stream32", 1.3),
    ("Python, 24 kB answer, a request", OURS, FLOOR, "large", 1.3),
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
    for what, ours, floor, mode, limit in CPU:
        ratio, quiet = results.ratio(ours, floor, mode)
        mine, theirs = (number(results.value(key, mode, "cpu_us")) for key in (ours, floor))
        shown = "-" if ratio is None else f"{ratio:.2f}x{'' if quiet else '~'}"
        passed = None if ratio is None or limit is None else ratio <= limit
        rows.append(Row(what, theirs, mine, shown, f"<= {limit}x" if limit else "", passed))
    return rows


def start(results, wheel):
    """Import, first answer, memory, size."""
    return [
        at_most("import", results, "import", "import_s", 1e3, "ms", 15),
        at_most("process start to first answer", results, "first", "first_s", 1e3, "ms", 80),
        memory(results),
        size(wheel),
    ]


def at_most(what, results, mode, figure, scale, unit, limit):
    mine, theirs = (results.value(key, mode, figure) for key in (OURS, FLOOR))
    shown = ["-" if value is None else f"{value * scale:.1f} {unit}" for value in (theirs, mine)]
    return Row(what, *shown, "", f"<= {limit} {unit}", None if mine is None else mine * scale <= limit)


def memory(results):
    mine, theirs = (results.value(key, "import", "rss_kb") for key in (OURS, FLOOR))
    what, target = "resident after import", "<= floor + 8 MiB"
    if mine is None or theirs is None:
        return Row(what, "-", "-", "", target, None)
    more = (mine - theirs) / 1024
    return Row(what, f"{theirs / 1024:.1f} MiB", f"{mine / 1024:.1f} MiB", f"{more:+.1f} MiB", target, more <= 8)


def size(wheel):
    packed = wheel.stat().st_size / MIB
    with zipfile.ZipFile(wheel) as archive:
        unpacked = sum(file.file_size for file in archive.infolist()) / MIB
    return Row("wheel", "", f"{packed:.1f} MiB", f"{unpacked:.1f} MiB unpacked", "<= 10 MiB", packed <= 10)


def number(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
