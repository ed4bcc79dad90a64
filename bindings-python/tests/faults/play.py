"""Plays a case through the gateway for threads, and through that for asyncio."""

from __future__ import annotations

import asyncio
import signal
import threading
from abc import ABC, abstractmethod
from typing import Any

import pytest
from tidegate import AsyncGateway, Event, Gateway, Response, Stream, TidegateError
from upstream import PATIENCE

from .case import Call, Case
from .check import Outcome
from .faultd import Faultd
from .words import place

HANGS = 2 * PATIENCE
"""A case that takes longer, in seconds, hangs. Nothing else is concluded from it."""


class Player(ABC):
    """Calls one of the gateways."""

    def __init__(self, faultd: Faultd) -> None:
        self.faultd = faultd

    @abstractmethod
    def open(self, config: Any) -> None:
        """Makes the gateway."""

    @abstractmethod
    def ask(self, call: Call) -> Response | None:
        """The answer; `None` if the call was dropped before it came."""

    def wait(self, call: Call) -> None:
        """Waits until the upstreams have seen the requests after which the call is dropped."""
        for name, count in (call.cancel.after_requests or {}).items():
            self.faultd.wait_requests(name, count)


def play(case: Case, player: type[Player]) -> None:
    """Plays a case."""
    with Faultd(case.upstreams) as faultd:
        playing = player(faultd)
        config = place(case.config, faultd.addresses)
        if case.config_error is not None:
            with pytest.raises(TidegateError) as refused:
                playing.open(config)
            case.config_error.check(Outcome.of(refused.value))
            return
        playing.open(config)
        for call in case.calls:
            call.expect.check(outcome(playing, call))
        for name, seen in case.then.upstreams.items():
            for index in seen.client_closed:
                assert faultd.wait_closed(name, index)["by"] == "client", f"connection {index} of {name}"
            seen.check(name, faultd.records()[name])
        for name, record in faultd.records().items():
            requests = [request for connection in record["connections"] for request in connection["requests"]]
            assert all(request["scripted"] for request in requests), f"{name} got a request without a scripted answer"


def outcome(player: Player, call: Call) -> Outcome:
    """What comes of a call."""
    try:
        return Outcome.of(player.ask(call))
    except TidegateError as error:
        return Outcome.of(error)


class Threads(Player):
    """The gateway for threads."""

    gateway: Gateway

    def open(self, config: Any) -> None:
        self.gateway = Gateway(config)

    def ask(self, call: Call) -> Response | None:
        if not call.stream:
            return self._interrupted(call) if call.cancel.after_requests else self.gateway.chat(call.request)
        stream = self.gateway.stream(call.request)
        if call.cancel.after_requests:
            self._close(stream, call)
            return None
        events: list[Event] = []
        for event in stream:
            events.append(event)
            if len(events) == call.cancel.after_events:
                return None
        return whole(events, stream.response)

    def _close(self, stream: Stream, call: Call) -> None:
        """Another thread reads, and finds the end when the stream is closed."""
        events: list[Event] = []
        reader = threading.Thread(target=lambda: events.extend(stream), daemon=True)
        reader.start()
        self.wait(call)
        stream.close()
        reader.join(PATIENCE)
        assert not reader.is_alive(), "closing the stream does not wake its reader"
        assert all(event.type != "end" for event in events), "the stream came to its end"

    def _interrupted(self, call: Call) -> Response | None:
        """A call that waits in the main thread is dropped by an exception in a signal handler, as Ctrl-C does."""

        def interrupt() -> None:
            self.wait(call)
            signal.raise_signal(signal.SIGINT)

        # Processes in the background are started with Ctrl-C ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            return self.gateway.chat(call.request)
        except KeyboardInterrupt:
            return None
        finally:
            signal.signal(signal.SIGINT, before)


class Tasks(Player):
    """The gateway for asyncio."""

    gateway: AsyncGateway

    def open(self, config: Any) -> None:
        self.gateway = AsyncGateway(config)

    def ask(self, call: Call) -> Response | None:
        return asyncio.run(asyncio.wait_for(self._ask(call), HANGS))

    async def _ask(self, call: Call) -> Response | None:
        if not call.cancel.after_requests:
            return await self._answer(call)
        task = asyncio.create_task(self._answer(call))
        await asyncio.to_thread(self.wait, call)
        task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return None

    async def _answer(self, call: Call) -> Response | None:
        if not call.stream:
            return await self.gateway.chat(call.request)
        stream = self.gateway.stream(call.request)
        events: list[Event] = []
        async for event in stream:
            events.append(event)
            if len(events) == call.cancel.after_events:
                return None
        return whole(events, stream.response)


def whole(events: list[Event], response: Response) -> Response:
    """The response of a stream, once its events have been compared: `start content* end`, and they are the response."""
    kinds = [event.type for event in events]
    assert kinds[0] == "start" and kinds[-1] == "end", kinds
    assert not {"start", "end"} & set(kinds[1:-1]), kinds
    said = [""] * len(response.parts)
    for event in events:
        if event.index is not None:
            said[event.index] += event.text or event.reasoning or event.refusal or event.arguments or ""
    wanted = [part.tool_call.arguments_raw if part.tool_call else part.text or "" for part in response.parts]
    assert said == wanted, "the events are not the response"
    return response
