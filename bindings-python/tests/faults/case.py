"""Reads the cases. A key that is not a field of the classes here is an error, at any place."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from .check import Expectation, Then
from .words import Json, fill

HOME = Path(__file__).parents[3] / "tests" / "wire"
"""Where the cases are."""


@dataclass(frozen=True)
class Cancel:
    """When the caller gives up."""

    after_events: int | None = None
    after_requests: dict[str, int] | None = None
    at_ms: int | None = None


@dataclass(frozen=True)
class Call:
    """One call, and what must come of it."""

    request: Any
    expect: Expectation
    stream: bool = False
    cancel: Cancel = Cancel()

    @staticmethod
    def read(fields: dict[str, Any]) -> Call:
        cancel, expect = Cancel(**fields.pop("cancel", {})), Expectation(**fields.pop("expect"))
        return Call(**fields, cancel=cancel, expect=expect)


@dataclass(frozen=True)
class EveryCut:
    """Where to cut the first answer of an upstream."""

    upstream: str
    cuts: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """One variant of one case, every word replaced."""

    name: str
    id: str
    title: str
    why: str
    world: Literal["live", "sim"] = "live"
    runs_in: list[str]
    seeds: int | None = None
    config: Any
    config_error: Expectation | None = None
    upstreams: dict[str, Any] = field(default_factory=dict[str, Any])
    calls: list[Call] = field(default_factory=list[Call])
    then: Then = field(default_factory=Then)

    @staticmethod
    def read(name: str, fields: dict[str, Any]) -> Case:
        if every := fields.pop("every_cut", None):
            cut(fields, EveryCut(**every))
        if "config_error" in fields:
            fields["config_error"] = Expectation(**fields["config_error"])
        # Calls are copied before they are read: those of `every_cut` are the same one.
        calls = [Call.read(dict(call)) for call in fields.pop("calls", [])]
        then = Then.read(fields.pop("then", {}))
        case = Case(name=name, calls=calls, then=then, **fields)
        if not name.startswith(f"{case.id}-"):
            raise ValueError(f"{name}: the id '{case.id}' is not that of the file")
        if "python" in case.runs_in and (clocked := case.clocked()):
            raise ValueError(f"{name}: Python has no virtual clock, so no {clocked}: only Rust plays this case")
        return case

    def clocked(self) -> str | None:
        """What of the case needs a virtual clock."""
        needs = {
            "simulation": self.world == "sim",
            "seeds": self.seeds is not None,
            "spread": self.then.spread is not None,
            "at_ms": any(call.expect.at_ms or call.cancel.at_ms for call in self.calls),
        }
        return next((what for what, needed in needs.items() if needed), None)


def all_cases() -> Iterator[Case]:
    """Every variant of every case, those of other languages too."""
    shared = json.loads((HOME / "words.json").read_text("utf-8"))
    for file in sorted((HOME / "cases").glob("*.json")):
        fields = json.loads(file.read_text("utf-8"))
        words = fields.pop("let", {})
        for variant in fields.pop("variants", [{}]):
            name = " ".join(filter(None, [file.stem, variant.pop("name", None)]))
            yield Case.read(name, fill(fields, variant, words, shared))


def cut(fields: dict[str, Any], every: EveryCut) -> None:
    """Makes it the same calls, once for every cut of the upstream's first answer."""
    upstream = fields["upstreams"][every.upstream]
    answer = upstream["requests"].pop(0)
    places = range(1, sum(map(length, answer["body"])))
    upstream["requests"] = [{**answer, "cuts": list(cuts)} for cuts in combinations(places, every.cuts)]
    fields["calls"] *= len(upstream["requests"])


def length(piece: Json) -> int:
    """How many bytes a piece of a body is; `core/src/sim/piece.rs` says what a piece can be."""
    match piece:
        case str(text) | {"text": str(text)}:
            size = len(text.encode())
        case {"base64": str(code)}:
            size = len(b64decode(code))
        case {"sse": str(data)}:
            size = len(f"data: {data}\n\n".encode())
        case {"sse": data}:
            size = len(f"data: {compact(data)}\n\n".encode())
        case {"json": data}:
            size = len(compact(data).encode())
        case {"repeat": list(pieces)}:
            size = sum(map(length, pieces))
        case {"wait": _}:
            size = 0
        case _:
            raise ValueError(f"not a piece of a body: {piece}")
    match piece:
        case {"times": int(times)}:
            return size * times
        case _:
            return size


def compact(value: Json) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
