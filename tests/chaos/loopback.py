"""Q1, Q4, Q7, Q28 and Q29 through the Python package, over loopback: `loopback.py SERVER [CALLS]`.

SERVER is the program that `cargo build -p tidegate-chaos` makes. Exits 1 where a figure is missed.
"""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request

from tidegate import AsyncGateway, TidegateError, Timeout

AT_ONCE = 64
DEADLINE = 0.3
HELLO = [{"role": "user", "content": "hi"}]


async def load(address: str, name: str, fare: str, route: dict, calls: int) -> tuple[float, float, list[float]]:
    """Calls a route over two targets; the share that failed, the requests a call, and the times."""
    providers = {
        f"p{target}": {"protocol": "openai-chat", "base_url": f"http://{address}/{name}-{target}/{target}/{fare}/v1"}
        for target in (1, 2)
    }
    config = {"providers": providers, "routes": {"r": {"targets": ["p1/m", "p2/m"], **route}}}
    times: list[float] = []
    failed = 0
    numbers = iter(range(calls))

    async with AsyncGateway(config) as gateway:

        async def caller() -> None:
            nonlocal failed
            for number in numbers:
                begun = time.perf_counter()
                try:
                    await gateway.chat(model="r", messages=[{"role": "user", "content": f"question {number}"}])
                except TidegateError:
                    failed += 1
                times.append(time.perf_counter() - begun)

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    counts = notes(address, "counts")
    sent = sum(count for key, count in counts.items() if key.startswith(f"{name}-"))
    return failed / calls, sent / calls, sorted(times)


def notes(address: str, of: str) -> dict[str, float]:
    """What the server has seen."""
    with urllib.request.urlopen(f"http://{address}/{of}") as answer:
        seen: dict[str, float] = json.load(answer)
    return seen


def stalling(address: str) -> AsyncGateway:
    """A gateway to what stalls: a provider for each place at which it does."""
    places = ("head", "body", "stream", "drip")
    providers = {p: {"protocol": "openai-chat", "base_url": f"http://{address}/stall/{p}/v1"} for p in places}
    return AsyncGateway({"providers": providers})


async def left_streams(address: str, calls: int) -> list[float]:
    """Leaves streams after three words: how many seconds later the server saw each connection closed."""
    left: dict[str, float] = {}
    numbers = iter(range(calls))

    async with stalling(address) as gateway:

        async def caller() -> None:
            for number in numbers:
                model = f"{'drip' if number % 2 else 'stream'}/call-{number}"
                words = 0
                async with gateway.stream(model=model, messages=HELLO) as stream:
                    async for event in stream:
                        words += event.text is not None
                        if words == 3:
                            break
                    left[f"call-{number}"] = time.time()

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
        await asyncio.sleep(0.5)
        gone = notes(address, "gone")
    return sorted(gone.get(call, float("inf")) / 1e3 - at for call, at in left.items())


async def deadlines(address: str, calls: int) -> list[float]:
    """Calls that stall everywhere, with a deadline: by how many seconds each missed it, too early below zero."""
    missed: list[float] = []
    numbers = iter(range(calls))

    async with stalling(address) as gateway:

        async def caller() -> None:
            for number in numbers:
                place = ("head", "body", "stream", "drip")[number % 4]
                question = {"model": f"{place}/late-{number}", "messages": HELLO, "timeout": DEADLINE}
                begun = time.perf_counter()
                try:
                    if place in ("head", "body"):
                        await gateway.chat(**question)
                    else:
                        async for _ in gateway.stream(**question):
                            pass
                except Timeout:
                    missed.append(time.perf_counter() - begun - DEADLINE)

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    assert len(missed) == calls
    return sorted(missed)


def quantile(times: list[float], at: float) -> float:
    return times[min(int(len(times) * at), len(times) - 1)]


async def main() -> int:
    program, calls = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    server = subprocess.Popen([program, "--serve"], stdout=subprocess.PIPE, text=True)
    missed = 0

    def row(name: str, what: str, value: float, unit: str, most: float) -> None:
        nonlocal missed
        missed += value > most
        print(f"{name:<5} {what:<62} {value:>9.4f} {unit:<3} <= {most:<7} {'MISSED' if value > most else 'kept'}")

    try:
        address = server.stdout.readline().strip()
        print("\nthe same through Python\n")
        failed, _, _ = await load(address, "a", "100/0/0", {}, calls)
        row("Q1", f"profile A, {calls} calls: failed", failed * 100, "%", 0.02)
        _, attempts, _ = await load(address, "down", "10000/0/0", {"breaker": {"enabled": False}}, calls)
        row("Q4", "everything down, no breaker: attempts a call", attempts, "", 1.10)
        _, _, plain = await load(address, "plain", "0/200/20", {}, calls)
        _, attempts, hedged = await load(address, "hedged", "0/200/20", {"hedge": {"max_share": 0.02}}, calls)
        row("Q7", "2 % slow, hedged: p99 beside unhedged", quantile(hedged, 0.99) / quantile(plain, 0.99), "x", 0.5)
        row(
            "Q7", "2 % slow, hedged: p99.9 beside unhedged", quantile(hedged, 0.999) / quantile(plain, 0.999), "x", 0.35
        )
        row("Q7", "2 % slow, hedged: further attempts", (attempts - 1) * 100, "%", 2.0)
        closed = await left_streams(address, 1000)
        row("Q28", "1,000 streams left: the connection is closed, p99", quantile(closed, 0.99) * 1e3, "ms", 100)
        late = await deadlines(address, 1000)
        row("Q29", "1,000 calls that stall, 300 ms: the latest is late by", late[-1] * 1e3, "ms", 50)
        row("Q29", "1,000 calls that stall, 300 ms: the earliest is early by", -late[0] * 1e3, "ms", 0)
    finally:
        server.kill()
    return 1 if missed else 0


sys.exit(asyncio.run(main()))
