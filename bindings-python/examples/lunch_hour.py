"""The lunch hour: the near region becomes slow, and the gateway is turned to the other one without a restart.

`python lunch_hour.py`: no key, no network. The regions are simulated, and a second of the story is a tenth of one here.
"""

import asyncio
from typing import Any

from tidegate import AsyncGateway, Config, Response, TargetHealth

SPEED = 10
"""How much faster time passes than in the story."""

CALLS = 20
"""How many calls there are at the same time."""

MORNING = {"min": "60ms", "max": "90ms"}
LUNCH = {"min": "240ms", "max": "300ms"}
CREEPING = [MORNING, {"min": "90ms", "max": "130ms"}, {"min": "120ms", "max": "170ms"}, LUNCH]


def config(*regions: str, seconds: int) -> dict[str, Any]:
    """Where calls go, and how long they may take."""
    slower = [{"delay": latency, "times": CALLS} for latency in CREEPING]
    return {
        "providers": {
            "eu": {"protocol": "openai-chat", "simulate": {"seed": 1, "latency": LUNCH, "script": slower}},
            "us": {"protocol": "openai-chat", "simulate": {"seed": 2, "latency": {"min": "80ms", "max": "100ms"}}},
        },
        "routes": {
            "support": {
                "targets": [f"{region}/assistant" for region in regions],
                "timeout": {"total": f"{1000 * seconds // SPEED}ms"},
            }
        },
    }


def ask(model: str = "support") -> Any:
    return {"model": model, "messages": [{"role": "user", "content": "Where is my parcel?"}]}


def at(gateway: AsyncGateway, region: str) -> TargetHealth:
    """How the target in a region is."""
    return next(target for target in gateway.health() if target.target.startswith(region))


def p95(target: TargetHealth) -> float:
    """In seconds of the story."""
    return (target.total.p95 or 0) * SPEED


async def together(gateway: AsyncGateway, model: str = "support") -> list[Response]:
    return await asyncio.gather(*(gateway.chat(ask(model)) for _ in range(CALLS)))


async def main() -> None:
    gateway = AsyncGateway(config("eu", "us", seconds=120))

    # People ask, and the operator looks at the health of the region that answers them.
    minute = 0
    while True:
        await together(gateway)
        eu = at(gateway, "eu")
        slow = p95(eu) > 2
        print(f"12:{minute:02}  {eu.target} answers, p95 {p95(eu):.1f} s{': more than 2 s' if slow else ''}")
        minute += 5
        if slow:
            break

    # Is the other region better? A few calls tell, and the gateway says what it would do as it is.
    await together(gateway, "us/assistant")
    us = at(gateway, "us")
    print(f"       {us.target} answers too, p95 {p95(us):.1f} s")
    plan = gateway.explain(ask())
    print("       in order:", ", ".join(f"{each.target} ({each.why})" for each in plan.candidates))

    # Calls go out, and are under way when the gateway is turned to the other region.
    before = eu.requests
    calls = asyncio.gather(*(gateway.chat(ask()) for _ in range(CALLS)))
    while (eu := at(gateway, "eu")).requests + eu.in_flight < before + CALLS:
        await asyncio.sleep(0.001)
    try:
        gateway.reload({"routes": {"support": {"targts": ["us/assistant"]}}})
    except Config as error:
        print(f"       refused, and nothing has changed: {error}")
    gateway.reload(config("us", "eu", seconds=30))
    print(f"12:{minute:02}  us first from now on, at most 30 s a call; {eu.in_flight} calls under way at eu")
    answered = {reply.target for reply in await calls}
    print("       all of them were answered by", *answered)

    # Who asks now is answered by the faster region.
    answered = {reply.target for reply in await together(gateway)}
    plan = gateway.explain(ask())
    order = ", ".join(each.target for each in plan.candidates)
    print(f"12:{minute + 5:02} ", *answered, f"answers, p95 {p95(at(gateway, 'us')):.1f} s, in order: {order}")


asyncio.run(main())
