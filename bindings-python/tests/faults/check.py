"""Compares what came out with what was wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tidegate import Response, TidegateError

from .words import Json


@dataclass(frozen=True)
class Outcome:
    """What came of a call, in the form that cases are compared with: a response, an error, or neither if cancelled."""

    ok: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    shown: str = "cancelled"

    @staticmethod
    def of(result: Response | TidegateError | None) -> Outcome:
        """From an answer, an error, or `None` for a call that was dropped."""
        if result is None:
            return Outcome()
        value = result.to_dict()
        shown = f"{json.dumps(value, ensure_ascii=False)}\n{result!r}\n{result}"
        return Outcome(ok=value, shown=shown) if isinstance(result, Response) else Outcome(error=value, shown=shown)


@dataclass(frozen=True)
class Expectation:
    """What must come of a call."""

    ok: Any = None
    error: Any = None
    cancelled: bool = False
    contains: list[str] = field(default_factory=list[str])
    excludes: list[str] = field(default_factory=list[str])
    message_at_most: int | None = None
    at_ms: int | None = None

    def check(self, outcome: Outcome) -> None:
        """Compares; raises `AssertionError` where it differs."""
        problems = list(self._problems(outcome))
        assert not problems, "\n".join([*problems, f"got {outcome.shown[:4000]}"])

    def _problems(self, outcome: Outcome) -> Iterator[str]:
        wanted = (self.ok is not None, self.error is not None, self.cancelled)
        got = (outcome.ok is not None, outcome.error is not None, outcome == Outcome())
        if wanted != got:
            yield "another outcome was wanted"
        elif outcome.ok is not None:
            yield from differences(self.ok, outcome.ok, "ok")
        elif outcome.error is not None:
            yield from differences(self.error, outcome.error, "error")
            message = outcome.error["message"]
            yield from (f"the message lacks '{text}'" for text in self.contains if text not in message)
            yield from (f"the error shows '{text}'" for text in self.excludes if text in outcome.shown)
            size = len(message.encode())
            if self.message_at_most is not None and size > self.message_at_most:
                yield f"the message has {size} bytes"


def differences(want: Json, got: Json, path: str) -> Iterator[str]:
    """What of `want` is not in `got`."""
    match want, got:
        case {"text": str(text), "times": int(times)}, str():
            if got != text * times:
                yield f"{path} is another text, of {len(got)} characters"
        case dict(), dict():
            for key, item in want.items():
                yield from differences(item, got.get(key), f"{path}.{key}")
        case list(), list() if len(want) == len(got):
            for index, (item, other) in enumerate(zip(want, got, strict=True)):
                yield from differences(item, other, f"{path}[{index}]")
        case _:
            # A flag is not a number, although Python has True == 1.
            if want != got or isinstance(want, bool) != isinstance(got, bool):
                yield f"{path} is {got!r}, not {want!r}"


@dataclass(frozen=True)
class Seen:
    """What an upstream must have seen."""

    requests: int | None = None
    connections: int | None = None
    client_closed: list[int] = field(default_factory=list[int])
    bytes_at_most: int | None = None
    times_ms: list[int | list[int]] | None = None

    def check(self, name: str, record: Any) -> None:
        """Compares with what faultd recorded of the upstream `name`."""
        connections = record["connections"]
        times = sorted(request["at_ms"] for connection in connections for request in connection["requests"])
        sent = sum(connection["sent"] for connection in connections)
        if self.connections is not None:
            assert len(connections) == self.connections, f"connections of {name}"
        if self.requests is not None:
            assert len(times) == self.requests, f"requests to {name}"
        if self.bytes_at_most is not None:
            assert sent <= self.bytes_at_most, f"bytes sent by {name}"
        if self.times_ms is not None:
            bounds = [moment if isinstance(moment, list) else [moment, moment] for moment in self.times_ms]
            fits = [low <= time <= high for (low, high), time in zip(bounds, times, strict=True)]
            assert all(fits), f"requests to {name} came at {times} ms"


@dataclass(frozen=True)
class Spread:
    """How evenly a request is spread over all seeds of a simulation."""

    upstream: str
    request: int
    bucket_ms: int
    buckets: int
    busiest_at_most: int


@dataclass(frozen=True)
class Then:
    """What must be true once all calls are over."""

    upstreams: dict[str, Seen] = field(default_factory=dict[str, Seen])
    spread: Spread | None = None

    @staticmethod
    def read(fields: dict[str, Any]) -> Then:
        upstreams = {name: Seen(**seen) for name, seen in fields.pop("upstreams", {}).items()}
        spread = fields.pop("spread", None)
        return Then(**fields, upstreams=upstreams, spread=spread and Spread(**spread))
