"""Text tables."""

from driver.clients import FLOORS
from driver.targets import number

MODES = {
    "conc64": "64 at once",
    "thr64": "64 threads",
    "seq": "one by one",
    "large": "24 kB",
    "stream1": "stream/chunk",
    "stream32": "32 streams/chunk",
    "loop1000": "1000 streams/chunk",
}
LATENCY_FLOORS = {**FLOORS, "rust": "rust/hyper"}
VERDICTS = {True: "pass", False: "MISS", None: ""}


def text(head, rows):
    """Columns as wide as they must be; the first to the left, the others to the right."""
    table = [head, *([*row, *[""] * (len(head) - len(row))] for row in rows)]
    widths = [max(len(str(row[column])) for row in table) for column in range(len(head))]

    def line(row):
        first, *others = (str(cell) for cell in row)
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        return "  ".join([first.ljust(widths[0]), *cells]).rstrip()

    return "\n".join([line(head), "  ".join("-" * width for width in widths), *map(line, table[1:])])


def targets(title, rows):
    cells = [(row.what, row.floor, row.ours, row.result, row.target, VERDICTS[row.passed]) for row in rows]
    return text((title, "floor", "ours", "ratio", "target", ""), cells)


def everyone(results, clients):
    """Processor time of all clients, with the ratio to their language's floor."""

    def cell(client, mode):
        value = results.value(client.key, mode, "cpu_us")
        ratio, _ = results.ratio(client.key, FLOORS[client.language], mode)
        return number(value) if ratio is None else f"{number(value)} ({ratio:.1f}x)"

    return text(("CPU in us (x floor)", *MODES.values()), [row(client, MODES, cell) for client in clients])


# Column, modes that have it, figure, scale. Latencies are shown beside the floor's.
SPEED = {
    "req/s 64 at once": (("conc64",), "per_s", 1),
    "req/s 64 threads": (("thr64",), "per_s", 1),
    "added p50 us": (("seq",), "p50_us", 1),
    "added p99 us": (("seq",), "p99_us", 1),
    "import ms": (("import", "require"), "import_s", 1e3),
    "first ms": (("first",), "first_s", 1e3),
    "MiB import": (("import", "require"), "rss_kb", 1 / 1024),
    "loop p99 ms": (("loop1000",), "loop_p99_s", 1e3),
    "MiB after": (("conc64",), "rss_kb", 1 / 1024),
}


def speed(results, clients):
    """Throughput on one core, latency, start and memory."""

    def cell(client, column):
        modes, figure, scale = SPEED[column]
        mode = next((mode for mode in modes if mode in client.modes), modes[0])
        value = results.value(client.key, mode, figure)
        if value is None:
            return "-"
        if column.startswith("added"):
            least = results.value(LATENCY_FLOORS[client.language], mode, figure)
            return "-" if least is None else f"{value - least:+.0f}"
        return f"{value * scale:,.1f}" if value * scale < 10 else f"{value * scale:,.0f}"

    return text(("", *SPEED), [row(client, SPEED, cell) for client in clients])


def row(client, columns, cell):
    return (client.key, *([cell(client, column) for column in columns] if not client.missing else ["not available"]))
