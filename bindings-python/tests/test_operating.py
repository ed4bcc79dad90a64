"""What operators do while calls are under way: reload, look at targets, ask what would become of a request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import tidegate
from test_process import in_child
from tidegate import AsyncGateway, Gateway, Sim
from upstream import PATIENCE, completion

ANSWER = {"then": {"body": [{"json": completion()}]}}
AnyGateway: TypeAlias = type[Gateway] | type[AsyncGateway]
BOTH = pytest.mark.parametrize("kind", [Gateway, AsyncGateway])


def config(*targets: str, **defaults: Any) -> dict[str, Any]:
    providers = {name: {"protocol": "openai-chat", "base_url": f"http://{name}.test/v1"} for name in "ab"}
    return {"providers": providers, "routes": {"chat": {"targets": [*targets]}}, "defaults": defaults}


def test_a_call_under_way_keeps_what_it_began_with(hi: Any) -> None:
    sim = Sim(clock="stopped", upstreams={"a.test": {"then": {"end": "hang"}}, "b.test": ANSWER})

    async def main() -> None:
        gateway = AsyncGateway(config("a/m")).with_sim(sim)
        before = asyncio.create_task(gateway.chat(hi))
        while not sim.requests:
            await asyncio.sleep(0)
        gateway.reload(config("b/m"))
        assert (await gateway.chat(hi)).target == "b/m"
        assert not before.done()
        assert [(each.target, each.in_flight) for each in gateway.health()] == [("a/m", 1), ("b/m", 0)]
        before.cancel()

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


@BOTH
def test_a_wrong_configuration_changes_nothing(kind: AnyGateway, hi: Any) -> None:
    gateway = kind(config("b/m")).with_sim(Sim(upstreams={"b.test": ANSWER}))
    with pytest.raises(tidegate.Config, match="did you mean 'targets'"):
        gateway.reload({"routes": {"chat": {"targts": ["a/m"]}}})
    with pytest.raises(TypeError, match=r"a configuration is a dict .*reload_file"):
        gateway.reload("tidegate.toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(tidegate.Config, match="not made of a file"):
        gateway.reload_file()
    assert [each.target for each in gateway.explain(hi).candidates] == ["b/m"]


@BOTH
def test_a_file_is_read_again(kind: AnyGateway, tmp_path: Path, hi: Any) -> None:
    file = tmp_path / "tidegate.toml"
    file.write_text('[routes.chat]\ntargets = ["sim/small"]')
    gateway = kind.from_file(file)
    file.write_text('[routes.chat]\ntargets = ["sim/large"]')
    assert gateway.explain(hi).candidates[0].target == "sim/small"
    gateway.reload_file()
    assert gateway.explain(hi).candidates[0].target == "sim/large"
    file.write_text("[routes.chat]\ntargets = [")
    with pytest.raises(tidegate.Config, match=r"tidegate\.toml:2"):
        gateway.reload_file()
    assert gateway.explain(hi).candidates[0].target == "sim/large"


def test_keys_come_from_the_environment_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, hi: Any) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "not-a-real-key")
    gateway = Gateway().with_sim(Sim())
    with pytest.raises(tidegate.Unauthenticated):
        gateway.chat(hi, model="groq/m")
    gateway.reload({}, from_env=True)
    with pytest.raises(tidegate.Connection):
        gateway.chat(hi, model="groq/m")


def test_children_and_worlds_have_what_was_loaded_last(tmp_path: Path, hi: Any) -> None:
    file = tmp_path / "tidegate.toml"
    file.write_text('[routes.chat]\ntargets = ["sim/small"]')
    gateway = Gateway.from_file(file)
    gateway.reload({"routes": {"chat": {"targets": ["sim/large"]}}})
    assert gateway.with_sim(Sim()).chat(hi).target == "sim/large"
    assert in_child(lambda: gateway.chat(hi).target) == "sim/large"
    gateway.reload_file()
    assert in_child(lambda: gateway.chat(hi).target) == "sim/small"
    file.unlink()
    assert in_child(lambda: gateway.chat(hi).target) == "sim/small"


@BOTH
def test_a_request_is_explained(kind: AnyGateway, hi: Any) -> None:
    gateway = kind(config("a/m", "b/m", timeout={"total": "20s"})).with_sim(Sim())
    explanation = gateway.explain(hi, timeout=2)
    assert (explanation.route, explanation.timeout, explanation.hedge_after) == ("chat", 2.0, None)
    assert [(each.target, each.why, each.skipped, each.wait) for each in explanation.candidates] == [
        ("a/m", "first", None, 0.0),
        ("b/m", "failover", None, 0.0),
    ]
    assert gateway.explain({"model": "sim/x", "input": "a"}).candidates[0].target == "sim/x"
    with pytest.raises(tidegate.NoRoute):
        gateway.explain(hi, model="chats")
    with pytest.raises(tidegate.InvalidRequest):
        gateway.explain(model="chat")


def test_health_tells_of_calls_and_failures(hi: Any) -> None:
    upstreams = {"a.test": {"then": {"status": 503, "delay": 1_000}}, "b.test": ANSWER}
    gateway = Gateway(config("a/m", "b/m")).with_sim(Sim(upstreams=upstreams))
    assert gateway.health() == []
    reply = gateway.chat(hi)
    assert [(attempt.target, attempt.why) for attempt in reply.attempts] == [("a/m", "first"), ("b/m", "failover")]
    bad, good = gateway.health()
    assert (bad.target, bad.requests, bad.failures, bad.in_flight) == ("a/m", 1, 1, 0)
    assert (bad.total.p95, bad.failure_rate > 0) == (None, True)
    assert bad.last_error is not None and "503" in bad.last_error
    assert (good.target, good.state, good.failures, good.last_error) == ("b/m", "well", 0, None)
    assert good.total.p50 is not None


def test_a_closed_gateway_tells_nothing(hi: Any) -> None:
    gateway = Gateway()
    gateway.close()
    for ask in (lambda: gateway.explain(hi), gateway.health, gateway.reload_file, lambda: gateway.reload({})):
        with pytest.raises(RuntimeError, match="closed"):
            ask()
