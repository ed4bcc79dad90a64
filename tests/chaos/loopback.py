"""Q1, Q4 and Q7 through the Python package, over loopback: `loopback.py SERVER [CALLS]`.

SERVER is the program that `cargo build -p tidegate-chaos` makes. Exits 1 where a figure is missed.
"""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request

from tidegate import AsyncGateway, TidegateError

AT_ONCE = 64


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
    with urllib.request.urlopen(f"http://{address}/counts") as answer:
        counts = json.load(answer)
    sent = sum(count for key, count in counts.items() if key.startswith(f"{name}-"))
    return failed / calls, sent / calls, sorted(times)


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
    finally:
        server.kill()
    return 1 if missed else 0


sys.exit(asyncio.run(main()))
