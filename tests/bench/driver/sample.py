"""One sample: a process pinned to core 1 with the mock on core 0, and a look at what else the machine did meanwhile."""

import json
import os
import resource
import subprocess
import time

from driver.clients import HERE, target

TICKS = os.sysconf("SC_CLK_TCK")
QUIET = 0.3  # cores that others may use during a sample
TRIES = 3
# What the mock does in each mode: see upstream/src/knobs.rs.
KNOBS = {"large": "x-large", "stream1": "x-c500", "stream32": "x-c250-p4000", "loop1000": "x-c50-p40000"}


class Broken(Exception):
    """A client that failed, with its last words."""


def pin(core):
    """What a child does before it becomes the program."""

    def apply():
        if os.cpu_count() > 1:
            os.sched_setaffinity(0, {core})
        try:
            os.nice(-10)
        except PermissionError:
            pass  # more noise, the same figures

    return apply


def machine():
    """Seconds that all cores were busy since the machine started."""
    with open("/proc/stat") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def process(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Bench:
    """The mock upstream, and samples taken against it."""

    def __enter__(self):
        command = [target(HERE) / "upstream"]
        self.mock = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=pin(0),  # noqa: PLW1509  no threads here
        )
        self.host = f"http://127.0.0.1:{int(self.mock.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.mock.kill()
        self.mock.wait()

    def sample(self, client, mode, seconds):
        """The quietest of a few tries; `None` where the client has no such mode. `other` is the noise, in cores."""
        best = None
        for _ in range(TRIES):
            one = self.once(client, mode, seconds)
            if one is None:
                return None
            if best is None or one["other"] < best["other"]:
                best = one
            if best["other"] < QUIET:
                break
        return best

    def once(self, client, mode, seconds):
        command = client.command(mode, f"{self.host}/{KNOBS.get(mode, 'x')}/v1", seconds)
        busy, mock, own, clock = (
            machine(),
            process(self.mock.pid),
            children(),
            time.monotonic(),
        )
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                check=False,
                text=True,
                timeout=60 + 10 * seconds,
                cwd=client.folder if client.folder.exists() else None,
                preexec_fn=pin(1),
                env={
                    **os.environ,
                    "BENCH_STARTED": str(clock),
                    "NO_PROXY": "127.0.0.1",
                },
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            raise Broken(f"{client.key} {mode}: {error}") from None
        wall = time.monotonic() - clock
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
            raise Broken(f"{client.key} {mode}: {''.join(last)}")
        figures = json.loads(lines[-1])
        if "unsupported" in figures:
            return None
        used = (children() - own) + (process(self.mock.pid) - mock)
        figures["other"] = max(0.0, (machine() - busy - used) / wall)
        return figures
