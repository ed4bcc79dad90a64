"""One measurement a process: `runner.py CLIENT MODE BASE_URL SECONDS` prints one line of JSON.

`cpu_us` is processor time, user and system, of this process and all its threads (getrusage), for each request or each
chunk of the measured part, after a warm-up. The driver says in BENCH_STARTED when it started this process.
"""

import sys
import time

now = time.perf_counter
WARM = 0.5  # seconds


def resident():
    """KiB of memory in use."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


def cpu():
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(latencies, units, cpu_s, wall_s):
    latencies.sort()

    def at(share):
        return latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1e6

    n = len(latencies) * units
    return {
        "n": n,
        "cpu_us": cpu_s / n * 1e6,
        "per_s": n / wall_s,
        "p50_us": at(0.5),
        "p99_us": at(0.99),
        "rss_kb": resident(),
    }


async def measured(units, run):
    """Runs what yields the seconds that each answer took, `units` counted for each."""
    import gc

    gc.collect()
    before, clock = cpu(), now()
    latencies = await run
    return report(latencies, units, cpu() - before, now() - clock)


async def callers(call, number, seconds):
    """`number` callers, each asking again as soon as it has its answer."""
    import asyncio

    latencies, end = [], now() + seconds

    async def caller():
        clock = now()
        while clock < end:
            assert await call() > 0, "no usage"
            done = now()
            latencies.append(done - clock)
            clock = done

    await asyncio.gather(*[caller() for _ in range(number)])
    return latencies


async def at_once(stream, number):
    """`number` streams side by side, once."""
    import asyncio

    async def one():
        clock = now()
        pieces = await stream()
        assert pieces >= 250, f"{pieces} chunks with text"
        return now() - clock

    return await asyncio.gather(*[one() for _ in range(number)])


async def asynchronous(client, mode, seconds):
    if mode in ("seq", "large"):
        await callers(client.acall, 1, WARM)
        return await measured(1, callers(client.acall, 1, seconds))
    if mode == "conc64":
        await callers(client.acall, 64, WARM)
        return await measured(1, callers(client.acall, 64, seconds))
    if mode == "stream1":
        await callers(client.astream, 1, WARM)
        return await measured(500, callers(client.astream, 1, seconds))
    if mode == "stream32":
        await at_once(client.astream, 32)
        return await measured(250, at_once(client.astream, 32))
    raise ValueError(f"no mode {mode}")


def threads(call, seconds):
    """64 threads, each calling again as soon as it has its answer."""
    import gc
    import threading

    begun, latencies = [], []

    def begin():
        gc.collect()
        begun.extend((cpu(), now()))

    barrier = threading.Barrier(64, action=begin)

    def caller():
        end = now() + WARM
        while now() < end:
            call()
        barrier.wait()
        mine, clock = [], now()
        end = clock + seconds
        while clock < end:
            call()
            done = now()
            mine.append(done - clock)
            clock = done
        latencies.extend(mine)

    all_threads = [threading.Thread(target=caller) for _ in range(64)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    return report(latencies, 1, cpu() - begun[0], now() - begun[1])


def main():
    name, mode, base, seconds = sys.argv[1:]
    import importlib
    import json
    import os

    import clients

    clock = now()
    importlib.import_module(clients.MODULES.get(name, name))
    if mode == "import":
        result = {"import_s": now() - clock, "rss_kb": resident()}
    else:
        client = clients.connect(name, base)
        if mode == "thr64":
            result = threads(client.call, float(seconds)) if client.call else {"unsupported": True}
        else:
            import asyncio

            if mode == "first":
                asyncio.run(client.acall())
                # CLOCK_MONOTONIC is one clock for all processes.
                result = {"first_s": time.monotonic() - float(os.environ["BENCH_STARTED"])}
            else:
                result = asyncio.run(asynchronous(client, mode, float(seconds)))
    print(json.dumps(result), flush=True)
    os._exit(0)  # some libraries keep threads that would delay the end


if __name__ == "__main__":
    main()
