"""Plays `tests/vectors`, which every language plays, through both gateways; see the README there."""

from __future__ import annotations

import _thread
import asyncio
import json
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
from tidegate import (
    AsyncGateway,
    Event,
    Explanation,
    Gateway,
    Response,
    Sim,
    TargetHealth,
    TidegateError,
    canonical_json,
)
from upstream import PATIENCE

ROOT = Path(__file__).parent.parent.parent
VECTORS = sorted((ROOT / "tests" / "vectors").glob("*.json"))
RESULTS = ROOT / "target" / "vectors" / "python.json"
"""What of this run `tests/vectors/table.py` makes the compatibility table from."""

WORDS = ("chat", "stream", "embed", "rerank")
AT_ONCE = ("explain", "health", "reload")
"""What is answered without a call."""

Outcome: TypeAlias = tuple[str, Any]
"""The transcript of a call, and the message of its response."""


def line(word: str, value: Any) -> str:
    """A value as the language has it, turned back into its canonical form."""
    if isinstance(value, (Event, Explanation, Response, TargetHealth)):
        value = type(value).from_dict(value.to_dict())
    return f"{word} {canonical_json(value)}\n"


def answered(events: list[Any], response: Response) -> Outcome:
    return "".join(line("event", event) for event in events) + line("response", response), response.message


def failed(events: list[Any], error: TidegateError) -> Outcome:
    return "".join(line("event", event) for event in events) + line("error", error), None


def stopped(events: list[Any]) -> Outcome:
    return "".join(line("event", event) for event in events) + "stopped\n", None


def at_once(gateway: Gateway | AsyncGateway, word: str, argument: Any) -> Outcome:
    try:
        if word == "explain":
            return line("explanation", gateway.explain(argument)), None
        if word == "health":
            return "".join(line("target", target) for target in gateway.health()), None
        gateway.reload(argument)
        return "", None
    except TidegateError as error:
        return failed([], error)


def placed(value: Any, messages: list[Any]) -> Any:
    """Replaces `"$message N"` by the message of the response of call N."""
    if isinstance(value, str) and value.startswith("$message "):
        return messages[int(value.removeprefix("$message "))]
    if isinstance(value, list):
        return [placed(item, messages) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: placed(item, messages) for key, item in cast("dict[str, Any]", value).items()}
    return value


def read(call: dict[str, Any], messages: list[Any]) -> tuple[str, Any, int | None, int | None]:
    """The word of a call, its request, and its options; an unknown key is an error."""
    rest = dict(call)
    options = rest.pop("stop_after", None), rest.pop("cancel_after_requests", None)
    [(word, request)] = rest.items()
    assert word in WORDS + AT_ONCE, f"'{word}' is not a kind of call"
    return word, placed(request, messages), *options


class Threads:
    """Plays through `Gateway`; what is to be cancelled is interrupted as by Ctrl-C."""

    def __init__(self, config: Any, sim: Sim) -> None:
        self.sim = sim
        self.gateway = Gateway(config).with_sim(sim)

    def play(self, calls: list[dict[str, Any]]) -> str:
        outcomes: list[Outcome] = []
        for call in calls:
            if [*call] == ["together"]:
                with ThreadPoolExecutor(len(call["together"]) + 1) as pool:
                    outcomes += pool.map(self.call, call["together"], repeat(outcomes))
            else:
                # What is to be cancelled has to be in the main thread, which is the one that is interrupted.
                outcomes.append(self.call(call, outcomes))
        return "".join(text for text, _ in outcomes)

    def call(self, call: dict[str, Any], before: list[Outcome]) -> Outcome:
        word, request, stop_after, count = read(call, [message for _, message in before])
        text, message = self.cancelled(word, request, count) if count else self.ask(word, request, stop_after)
        return f"{word}\n{text}", message

    def ask(self, word: str, request: Any, stop_after: int | None = None) -> Outcome:
        if word in AT_ONCE:
            return at_once(self.gateway, word, request)
        events: list[Event] = []
        try:
            if word != "stream":
                return answered([], getattr(self.gateway, word)(request))
            stream = self.gateway.stream(request)
            for event in stream:
                events.append(event)
                if len(events) == stop_after:
                    return stopped(events)
            return answered(events, stream.response)
        except TidegateError as error:
            return failed(events, error)

    def cancelled(self, word: str, request: Any, count: int) -> Outcome:
        over = threading.Event()

        def interrupt() -> None:
            while len(self.sim.requests) < count and not over.is_set():
                os.sched_yield()
            if not over.is_set():
                _thread.interrupt_main()

        watcher = threading.Thread(target=interrupt)
        # A shell has its background jobs ignore the signal, and then nothing would ever interrupt.
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        watcher.start()
        try:
            return self.ask(word, request)
        except KeyboardInterrupt:
            return "cancelled\n", None
        finally:
            over.set()
            watcher.join(PATIENCE)
            signal.signal(signal.SIGINT, handler)


class Tasks:
    """Plays through `AsyncGateway`; what is to be cancelled is a task."""

    def __init__(self, config: Any, sim: Sim) -> None:
        self.sim = sim
        self.gateway = AsyncGateway(config).with_sim(sim)

    def play(self, calls: list[dict[str, Any]]) -> str:
        async def main() -> str:
            outcomes: list[Outcome] = []
            for call in calls:
                together = call["together"] if [*call] == ["together"] else [call]
                outcomes += await asyncio.gather(*(self.call(each, outcomes) for each in together))
            return "".join(text for text, _ in outcomes)

        return asyncio.run(asyncio.wait_for(main(), PATIENCE))

    async def call(self, call: dict[str, Any], before: list[Outcome]) -> Outcome:
        word, request, stop_after, count = read(call, [message for _, message in before])
        ask = self.ask(word, request, stop_after)
        text, message = await (self.cancelled(ask, count) if count else ask)
        return f"{word}\n{text}", message

    async def ask(self, word: str, request: Any, stop_after: int | None) -> Outcome:
        if word in AT_ONCE:
            return at_once(self.gateway, word, request)
        events: list[Event] = []
        try:
            if word != "stream":
                return answered([], await getattr(self.gateway, word)(request))
            stream = self.gateway.stream(request)
            async for event in stream:
                events.append(event)
                if len(events) == stop_after:
                    return stopped(events)
            return answered(events, stream.response)
        except TidegateError as error:
            return failed(events, error)

    async def cancelled(self, ask: Awaitable[Outcome], count: int) -> Outcome:
        task = asyncio.ensure_future(ask)
        while len(self.sim.requests) < count and not task.done():
            await asyncio.sleep(0)
        task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return "cancelled\n", None


def transcript(player: Callable[[Any, Sim], Threads | Tasks], vector: dict[str, Any]) -> str:
    unknown = vector.keys() - {"feature", "sim", "config", "calls"}
    assert not unknown, f"unknown keys: {unknown}"
    try:
        sim = Sim(vector.get("sim", {}))
        playing = player(vector.get("config", {}), sim)
    except TidegateError as error:
        return line("error", error)
    text = playing.play(vector.get("calls", []))
    while any(request["closed_by"] is None for request in sim.requests):
        os.sched_yield()
    return text + line("requests", sim.requests)


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[str, list[bool]]]:
    """Whether a vector passed, through each gateway; written where all were played."""
    played: dict[str, list[bool]] = {}
    yield played
    if [*played] == [vector.stem for vector in VECTORS] and all(len(passed) == 2 for passed in played.values()):
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({name: all(passed) for name, passed in played.items()}, indent=2))


@pytest.mark.parametrize("player", [Threads, Tasks], ids=["threads", "asyncio"])
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.stem))
def test_vector(vector: Path, player: Callable[[Any, Sim], Threads | Tasks], results: dict[str, list[bool]]) -> None:
    passed = results.setdefault(vector.stem, [])
    passed.append(False)
    assert transcript(player, json.loads(vector.read_text())) == vector.with_suffix(".txt").read_text()
    passed[-1] = True


UNKNOWN: list[Any] = [
    {"cals": []},
    {"calls": [{"chat": {}, "stop_afer": 1}]},
    {"calls": [{"chat": {}, "embed": {}}]},
    {"calls": [{"together": [], "stop_after": 1}]},
    {"calls": [{"chats": {}}]},
]


@pytest.mark.parametrize("vector", UNKNOWN)
@pytest.mark.parametrize("player", [Threads, Tasks])
def test_an_unknown_key_fails(vector: Any, player: Callable[[Any, Sim], Threads | Tasks]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        transcript(player, vector)
