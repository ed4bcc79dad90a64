"""Simulated worlds: no network, no waiting."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tidegate
from test_process import in_child
from tidegate import AsyncGateway, Gateway, Sim
from upstream import PATIENCE, completion

ANSWER = {"then": {"body": [{"json": completion()}]}}
CONFIG: Any = {
    "providers": {name: {"protocol": "openai-chat", "base_url": f"http://{name}.test/v1"} for name in "ab"},
    "routes": {"chat": {"targets": ["a/m", "b/m"]}},
}

README = Path(__file__).parent.parent / "README.md"


def world(**rest: Any) -> dict[str, Any]:
    """`a` answers with an error after an hour, `b` answers at once."""
    return {"upstreams": {"a.test": {"then": {"status": 503, "delay": 3_600_000}}, "b.test": ANSWER}, **rest}


@pytest.mark.parametrize(
    "make",
    [lambda: Sim(world()), lambda: Sim(json.dumps(world())), lambda: Sim(**world()), lambda: Sim({}, **world(seed=7))],
    ids=["dict", "text", "keywords", "both"],
)
def test_upstreams_answer_as_scripted_and_nobody_waits(make: Callable[[], Sim], hi: Any) -> None:
    sim = make()
    config = {**CONFIG, "defaults": {"timeout": {"first_content": "2h", "total": "3h"}}}
    reply = Gateway(config).with_sim(sim).chat(hi)
    assert (reply.text, reply.target, reply.latency.total) == ("Hello there!", "b/m", 3600.0)
    first, second = sim.requests
    assert (first["url"], second["url"]) == (
        "http://a.test/v1/chat/completions",
        "http://b.test/v1/chat/completions",
    )
    assert (first["at"], second["at"], second["closed_by"]) == (0.0, 3600.0, "upstream")
    assert second["body"]["messages"] == hi["messages"]


def test_one_world_serves_many_gateways_and_the_first_stays_live(hi: Any) -> None:
    sim = Sim(upstreams={"a.test": ANSWER, "b.test": {"refuse": True}})
    gateway = Gateway(CONFIG)

    async def chat() -> str:
        async with AsyncGateway(CONFIG).with_sim(sim) as simulated:
            stream = simulated.stream(hi)
            async for _ in stream:
                pass
            return (await simulated.chat(hi)).text + stream.response.text

    assert asyncio.run(chat()) == "Hello there!" * 2
    assert gateway.with_sim(sim).chat(hi).text == "Hello there!"
    assert len(sim.requests) == 3
    with pytest.raises(tidegate.Connection):
        gateway.chat(hi)
    assert len(sim.requests) == 3


def test_who_waits_in_a_stopped_world_waits_until_it_is_cancelled(hi: Any) -> None:
    sim = Sim(world(clock="stopped"))

    async def main() -> None:
        task = asyncio.create_task(AsyncGateway(CONFIG).with_sim(sim).chat(hi))
        while not sim.requests:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while sim.requests[0]["closed_by"] != "client":
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_a_forked_child_has_the_world_anew(hi: Any) -> None:
    sim = Sim(upstreams={"a.test": {"requests": [ANSWER["then"]]}, "b.test": {"refuse": True}})
    gateway = Gateway(CONFIG).with_sim(sim)
    assert gateway.chat(hi).text == "Hello there!"
    assert in_child(lambda: f"{gateway.chat(hi).text} {len(sim.requests)}") == "Hello there! 1"
    assert in_child(lambda: f"{len(sim.requests)}") == "0"
    assert len(sim.requests) == 1


def test_simulated_providers_need_no_world(hi: Any) -> None:
    reply = Gateway().with_sim(Sim()).chat(hi, model="sim/hello")
    assert 'You said "hi"' in reply.text


@pytest.mark.parametrize("number", [1, 2])
def test_the_examples_of_the_readme_hold(number: int) -> None:
    [_, *examples] = re.findall("```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 2
    exec(examples[number - 1], {})


@pytest.mark.parametrize(
    ("arguments", "fields", "kind"),
    [
        (({"sed": 1},), {}, tidegate.Config),
        (("{",), {}, tidegate.Config),
        ((), {"upstreams": {"a.test": {"hten": {}}}}, tidegate.Config),
        (("{}",), {"seed": 1}, TypeError),
        ((7,), {}, TypeError),
    ],
)
def test_a_wrong_world_is_refused(arguments: Any, fields: Any, kind: Any) -> None:
    with pytest.raises(kind):
        Sim(*arguments, **fields)
