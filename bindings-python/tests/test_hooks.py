"""Functions that are told of targets whose state changes, and of a file that was changed."""

from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tidegate
from test_operating import ANSWER, BOTH, AnyGateway, config
from test_process import in_child
from tidegate import Gateway, Sim, Subscription, TargetHealth
from upstream import PATIENCE

DOWN = {"then": {"status": 503}}


class Told(queue.Queue[Any]):
    """What a function was told."""

    def next(self) -> Any:
        return self.get(timeout=PATIENCE)


def failing(*targets: str, kind: AnyGateway = Gateway) -> Any:
    """A gateway whose targets fail: each a change of state with its first call."""
    configuration = config(*targets, retry={"max_attempts": 1}, breaker={"failures": 1})
    return kind(configuration).with_sim(Sim(upstreams={"a.test": DOWN, "b.test": DOWN}))


def fail(gateway: Gateway, target: str) -> None:
    with pytest.raises(tidegate.Overloaded):
        gateway.chat(model=target, messages=[{"role": "user", "content": "hi"}])


@BOTH
def test_changes_are_told_in_their_order(kind: AnyGateway, hi: Any) -> None:
    upstreams = {"a.test": DOWN, "b.test": ANSWER}
    gateway = kind(config("a/m", "b/m", breaker={"failures": 4})).with_sim(Sim(upstreams=upstreams))
    told = Told()
    with gateway.observe_health(told.put):
        for text in ("one", "two", "three", "four"):
            reply: Any = gateway.chat(hi | {"messages": [{"role": "user", "content": text}]})
            assert (reply if kind is Gateway else asyncio.run(wrap(reply))).target == "b/m"
        changes: list[TargetHealth] = [told.next(), told.next()]
    assert [(change.target, change.state) for change in changes] == [("a/m", "failing"), ("a/m", "open")]
    assert changes[1].last_error is not None and "503" in changes[1].last_error


async def wrap(reply: Any) -> Any:
    return await reply


def test_a_function_that_fails_is_warned_of_and_goes_on_being_told() -> None:
    gateway, told = failing("a/m", "b/m"), Told()

    def broken(health: TargetHealth) -> None:
        told.put(health.target)
        raise KeyError(health.last_error)

    warned = pytest.warns(RuntimeWarning, match=r"given to observe_health\(\) failed with KeyError$")
    with warned, gateway.observe_health(broken):
        fail(gateway, "a/m")
        fail(gateway, "b/m")
        assert [told.next(), told.next()] == ["a/m", "b/m"]


def test_a_function_may_call_the_gateway() -> None:
    gateway, told = failing("a/m"), Told()

    def asks(health: TargetHealth) -> None:
        told.put([each.target for each in gateway.health()])
        told.put(gateway.chat(model="sim/x", messages=[{"role": "user", "content": "hi"}]).target)

    with gateway.observe_health(asks):
        fail(gateway, "a/m")
        assert [told.next(), told.next()] == [["a/m"], "sim/x"]


def leave(subscription: Subscription) -> None:
    with subscription:
        pass


def let_go(_: Subscription) -> None:
    """The caller does."""


@pytest.mark.parametrize("end", [Subscription.close, leave, let_go])
def test_one_that_is_closed_or_let_go_of_is_told_no_more(end: Callable[[Subscription], None]) -> None:
    gateway, told, ended = failing("a/m", "b/m"), Told(), Told()
    subscription = gateway.observe_health(ended.put)
    with gateway.observe_health(told.put):
        fail(gateway, "a/m")
        assert (told.next().target, ended.next().target) == ("a/m", "a/m")
        end(subscription)
        del subscription
        fail(gateway, "b/m")
        assert told.next().target == "b/m"
    assert ended.empty()


def test_it_outlives_the_gateway() -> None:
    gateway, told = failing("a/m"), Told()
    subscription = gateway.observe_health(told.put)
    gateway.close()
    with pytest.raises(RuntimeError, match="closed"):
        gateway.observe_health(told.put)
    subscription.close()
    subscription.close()


def test_a_forked_child_is_not_told() -> None:
    gateway, told = failing("a/m"), Told()
    subscription = gateway.observe_health(told.put)

    def child() -> str:
        own = Told()
        with gateway.observe_health(own.put):
            fail(gateway, "a/m")
            state: str = own.next().state
        subscription.close()
        return f"{state}, {told.qsize()} of the parent's"

    assert in_child(child) == "open, 0 of the parent's"
    fail(gateway, "a/m")
    assert told.next().state == "open"


def test_what_is_no_function_is_refused(tmp_path: Path) -> None:
    wrong: Any = "words"
    with pytest.raises(TypeError, match=r"observe_health\(\) takes a function"):
        Gateway().observe_health(wrong)
    file = tmp_path / "tidegate.toml"
    file.write_text("")
    with pytest.raises(TypeError, match=r"watch\(\) takes a function"):
        Gateway.from_file(file).watch(1, wrong)


def replace(file: Path, text: str) -> None:
    """At once: nobody sees half of it."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


@BOTH
def test_a_file_is_watched(kind: AnyGateway, tmp_path: Path, hi: Any) -> None:
    file = tmp_path / "tidegate.toml"
    file.write_text('[routes.chat]\ntargets = ["sim/small"]')
    gateway, told = kind.from_file(file), Told()

    def first() -> str:
        return gateway.explain(hi).candidates[0].target

    with gateway.watch(0.001, told.put):
        replace(file, '[routes.chat]\ntargets = ["sim/large"]')
        assert (told.next(), first()) == (None, "sim/large")
        assert in_child(first) == "sim/large"
        replace(file, '[routes.chat]\ntargts = ["sim/small"]')
        error = told.next()
        assert isinstance(error, tidegate.Config) and "targts" in str(error)
        assert first() == "sim/large"


def test_a_file_is_watched_where_nobody_wants_to_know(tmp_path: Path, hi: Any) -> None:
    file = tmp_path / "tidegate.toml"
    file.write_text('[routes.chat]\ntargets = ["sim/small"]')
    gateway, given_up = Gateway.from_file(file), time.monotonic() + PATIENCE
    with gateway.watch(0.001):
        replace(file, '[routes.chat]\ntargets = ["sim/large"]')
        while gateway.explain(hi).candidates[0].target != "sim/large":
            assert time.monotonic() < given_up


@BOTH
@pytest.mark.parametrize("every", [0, -1, float("nan"), float("inf")])
def test_a_watch_needs_a_file_and_a_time(kind: AnyGateway, every: float, tmp_path: Path) -> None:
    with pytest.raises(tidegate.Config, match="not made of a file"):
        kind().watch(1)
    file = tmp_path / "tidegate.toml"
    file.write_text("")
    with pytest.raises(tidegate.Config, match="'every' must be above zero") as caught:
        kind.from_file(file).watch(every)
    assert caught.value.context == {"field": "every"}


def test_the_end_of_a_process_waits_for_functions_that_are_being_told(tmp_path: Path) -> None:
    file = tmp_path / "tidegate.toml"
    provider = '{ protocol = "openai-chat", base_url = "http://127.0.0.1:9/v1", api_key = "x" }'
    file.write_text(f"providers.a = {provider}\ndefaults.breaker.failures = 1")
    program = f"""
import atexit, threading, tidegate
gateway = tidegate.Gateway.from_file({str(file)!r})
began, ends = threading.Event(), threading.Event()
def waits(health):
    began.set()
    ends.wait()
    print("told", health.state)
kept = [gateway.observe_health(waits), gateway.observe_health(repr), gateway.watch(0.001, print)]
atexit.register(ends.set)
try:
    gateway.chat(model="a/m", messages=[{{"role": "user", "content": "hi"}}])
except tidegate.Connection:
    began.wait()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "told open\n", "")
