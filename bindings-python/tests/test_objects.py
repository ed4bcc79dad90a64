"""What callers get behaves like plain values: equality, repr, JSON, pickle, patterns."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any, cast

import pytest
import tidegate
from tidegate import (
    Attempt,
    Candidate,
    Event,
    Explanation,
    Media,
    Money,
    Part,
    Quantiles,
    Response,
    TargetHealth,
    ToolCall,
    ToolResult,
    canonical_json,
)

RESPONSE: dict[str, Any] = {
    "id": "r1",
    "model": "m-2025",
    "route": "chat",
    "target": "local/m",
    "parts": [
        {"type": "reasoning", "text": "hm", "state": {"provider": "local", "data": {"signature": "s"}}},
        {"type": "text", "text": "a" * 100},
        {"type": "image", "data": "aGk=", "mime": "image/png"},
        {"type": "tool_call", "id": "c1", "name": "now", "arguments_raw": '{"zone": '},
        {"type": "citation", "url": "https://example.com", "title": "t", "start": 1, "end": 2},
        {"type": "other", "kind": "code", "data": {"n": 1}},
    ],
    "finish_reason": "tool_calls",
    "finish_reason_raw": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 4},
    "cost": {"nano_usd": 1_234_500_000, "usd": "1.2345"},
    "cached": False,
    "fallback": "route",
    "rejected": "min_chars",
    "seams": [{"at": 3, "target": "local/m", "reason": "timeout"}],
    "logprobs": [{"token": "a", "logprob": -0.5, "top": [{"token": "b", "logprob": -1.5}]}],
    "rankings": [{"index": 1, "relevance_score": 0.5}],
    "vectors": [],
    "dropped": ["seed"],
    "attempts": [{"target": "local/m", "kind": None, "status": 200, "time": 0.25}],
    "latency": {"first_content": 0.125, "total": 0.25},
    "request_id": "req_1",
}

EVENTS: list[dict[str, Any]] = [
    {"type": "start", "id": "r1", "model": "m"},
    {"type": "text", "index": 0, "text": "a"},
    {"type": "reasoning", "index": 0, "text": "hm"},
    {"type": "tool_call", "index": 1, "id": "c1", "name": "now"},
    {"type": "arguments", "index": 1, "fragment": "{}"},
    {"type": "refusal", "index": 0, "text": "no"},
    {"type": "citation", "index": 0, "url": "https://example.com"},
    {"type": "part", "index": 2, "part": {"type": "image", "url": "https://example.com/a.png"}},
    {"type": "state", "index": 0, "state": {"provider": "p", "data": {"signature": "s"}}},
    {"type": "logprobs", "tokens": [{"token": "a", "logprob": -0.5}]},
    {"type": "embedding", "index": 0, "vector": [0.5, 1.0]},
    {"type": "ranking", "index": 1, "relevance_score": 0.5},
    {"type": "restart", "target": "p/m", "reason": "stream_incomplete"},
    {"type": "continued", "target": "p/m", "reason": "timeout"},
    {"type": "end", "finish_reason": "stop", "usage": {"input_tokens": 1, "output_tokens": 2}, "cost": {"nano_usd": 5}},
]


SKIPPED: dict[str, Any] = {
    "target": "b/m",
    "why": "failover",
    "skipped": "breaker",
    "kind": "overloaded",
    "status": None,
    "message": "left alone",
    "waited": 1.5,
    "waited_for": "retry_after",
    "estimated_tokens": 12,
    "time": 0.0,
}
CANDIDATE: dict[str, Any] = {
    "target": "a/m",
    "why": "retry",
    "skipped": "cooldown",
    "message": "not yet",
    "wait": 2.5,
    "wait_for": "backoff",
}
EXPLANATION: dict[str, Any] = {
    "route": "chat",
    "candidates": [CANDIDATE, {**dict.fromkeys(CANDIDATE), "target": "b/m", "why": "failover", "wait": 0.0}],
    "max_attempts": 3,
    "hedge_after": 0.5,
    "timeout": 20.0,
}
HEALTH: dict[str, Any] = {
    "target": "a/m",
    "state": "open",
    "since": 3.5,
    "why": "5 failures in a row",
    "retry_in": 1.25,
    "last_error": "too busy",
    "in_flight": 2,
    "requests": 10,
    "failures": 5,
    "failure_rate": 0.5,
    "first_content": {"p50": 0.25, "p95": 0.5, "p99": None},
    "total": {"p50": None, "p95": None, "p99": None},
}


@pytest.fixture
def response() -> Response:
    return Response.from_json(json.dumps(RESPONSE))


def test_responses_convert_when_read(response: Response) -> None:
    assert (response.text, response.reasoning, response.finish_reason) == ("a" * 100, "hm", "tool_calls")
    assert [part.type for part in response.parts] == [part["type"] for part in RESPONSE["parts"]]
    thinking, text, image, called, cited, other = response.parts
    assert thinking.state == {"provider": "local", "data": {"signature": "s"}}
    assert text.text == "a" * 100 and text.tool_call is None
    assert image.media is not None and (image.media.data, image.media.mime) == ("aGk=", "image/png")
    assert cited.citation is not None and (cited.citation.title, cited.citation.end) == ("t", 2)
    assert other.other == {"kind": "code", "data": {"n": 1}}
    [call] = response.tool_calls
    assert called.tool_call == call
    assert (call.arguments, call.arguments_raw, call.args_valid) == (None, '{"zone": ', False)
    assert response.cost is not None and response.cost.usd == Decimal("1.2345")
    assert response.usage is not None and response.usage.cached_input_tokens == 4
    assert response.logprobs[0].top[0].logprob == -1.5
    assert (response.latency.first_content, response.attempts[0].time) == (0.125, 0.25)
    assert (response.dropped, response.request_id) == (["seed"], "req_1")


def test_the_message_of_a_response_keeps_the_state(response: Response) -> None:
    message = response.message
    assert message["role"] == "assistant"
    assert message["content"][0]["state"]["data"] == {"signature": "s"}


def test_responses_are_plain_values(response: Response) -> None:
    plain = response.to_dict()
    assert plain["text"] == response.text
    assert plain["tool_calls"][0]["arguments_raw"] == '{"zone": '
    assert json.loads(response.to_json()) == plain
    for again in (
        Response.from_dict(plain),
        Response.from_json(response.to_json()),
        pickle.loads(pickle.dumps(response)),
        copy.deepcopy(response),
    ):
        assert again == response
    changed = Response.from_json(json.dumps({**RESPONSE, "model": "other"}))
    assert changed != response
    assert response != "response"
    with pytest.raises(ValueError):
        Response.from_json("{}")


def test_repr_is_short(response: Response) -> None:
    assert repr(response).startswith("Response(model='m-2025', target='local/m', text='aaaa")
    assert "(100 characters)" in repr(response)
    assert repr(response.cost) == "Money(nano_usd=1234500000, usd=Decimal('1.2345'))"
    assert repr(response.attempts[0]) == "Attempt(target='local/m', status=200, time=0.25)"


@pytest.mark.parametrize("plain", EVENTS, ids=[event["type"] for event in EVENTS])
def test_events_are_plain_values(plain: dict[str, Any]) -> None:
    event = Event.from_json(json.dumps(plain))
    assert event.type == plain["type"]
    assert event.index == plain.get("index")
    assert (
        event.to_dict().items()
        >= {key: plain[key] for key in plain if key not in ("usage", "tokens", "part", "cost")}.items()
    )
    assert pickle.loads(pickle.dumps(event)) == event
    assert repr(event).startswith(f"Event(type='{plain['type']}'")


def test_events_have_what_their_type_has() -> None:
    events = (Event.from_json(json.dumps(event)) for event in EVENTS)
    start, text, thinking, call, arguments, refusal, cited, whole, state, tokens, vector, ranking, *seams, end = events
    assert (start.id, start.model, start.text) == ("r1", "m", None)
    assert (text.text, thinking.reasoning, thinking.text, refusal.refusal) == ("a", "hm", None, "no")
    assert (call.id, call.name, arguments.arguments) == ("c1", "now", "{}")
    assert cited.citation is not None and cited.citation.url == "https://example.com"
    assert whole.part is not None and whole.part.media is not None
    assert state.state == {"provider": "p", "data": {"signature": "s"}}
    assert tokens.logprobs is not None and tokens.logprobs[0].token == "a"
    assert vector.vector == [0.5, 1.0]
    assert (ranking.index, ranking.relevance_score) == (1, 0.5)
    assert [(seam.target, seam.reason) for seam in seams] == [("p/m", "stream_incomplete"), ("p/m", "timeout")]
    assert (end.finish_reason, end.cost) == ("stop", Money(5))
    assert end.usage is not None and end.usage.total_tokens == 3


def test_attempts_say_why(response: Response) -> None:
    [first] = response.attempts
    assert (first.why, first.skipped, first.waited, first.waited_for) == ("first", None, 0.0, None)
    skipped = Attempt.from_dict(SKIPPED)
    assert (skipped.why, skipped.skipped, skipped.waited, skipped.waited_for) == (
        "failover",
        "breaker",
        1.5,
        "retry_after",
    )
    assert skipped.to_dict() == SKIPPED


def test_explanations_and_health_are_plain_values() -> None:
    explanation = Explanation.from_dict(EXPLANATION)
    assert explanation.to_dict() == EXPLANATION
    assert [each.wait_for for each in explanation.candidates] == ["backoff", None]
    assert repr(explanation.candidates[0]) == "Candidate(target='a/m', why='retry', skipped='cooldown', wait=2.5)"
    assert Candidate.from_dict(CANDIDATE) == explanation.candidates[0]
    health = TargetHealth.from_dict(HEALTH)
    assert health.to_dict() == HEALTH
    assert (health.state, health.retry_in, health.total.p95) == ("open", 1.25, None)
    assert health.first_content == Quantiles.from_dict({"p50": 0.25, "p95": 0.5, "p99": None})
    assert pickle.loads(pickle.dumps(health)) == health


def test_patterns() -> None:
    match Event.from_json('{"type": "text", "index": 3, "text": "a"}'):
        case Event("text", index, text):
            assert (index, text) == (3, "a")
        case _:
            pytest.fail("no match")


def test_money_compares_and_hashes() -> None:
    assert Money(1) < Money(2) == Money(2)
    assert len({Money(1), Money(1), Money(2)}) == 2
    assert pickle.loads(pickle.dumps(Money(7))) == Money(7)
    assert Money(-1).usd == Decimal("-0.000000001")


def test_objects_cannot_be_changed_or_made(response: Response) -> None:
    with pytest.raises(AttributeError):
        response.model = "other"  # type: ignore[misc]
    for cls in (Response, Event, Part, ToolCall, Attempt, Explanation, TargetHealth, tidegate.Stream):
        with pytest.raises(TypeError):
            cls()


VALUES: list[Any] = [
    Response.from_dict(RESPONSE),
    *map(Event.from_dict, EVENTS),
    *map(Part.from_dict, RESPONSE["parts"]),
    Part.from_dict({"type": "refusal", "text": "no", "cache_control": {"ttl": "1h"}, "extra": {"a": 1}}),
    Part.from_dict({"type": "tool_result", "id": "c1", "name": "now", "content": [{"type": "text", "text": "a"}]}),
    *(Part.from_dict({"type": "file", kind: "a"}) for kind in ("url", "file_id", "text")),
    Attempt.from_dict(SKIPPED),
    Explanation.from_dict(EXPLANATION),
    TargetHealth.from_dict(HEALTH),
]
"""Between them they hold values of every class."""

RENAMED = {
    ("reasoning", "text"): "reasoning",
    ("refusal", "text"): "refusal",
    ("arguments", "fragment"): "arguments",
    ("logprobs", "tokens"): "logprobs",
}
"""The attributes of events that have another name than the property."""


def plain(value: Any) -> Any:
    """An attribute as `to_dict()` says it."""
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.to_dict() if hasattr(value, "to_dict") else value


def attributes(value: Any) -> dict[str, Any]:
    """All attributes of an object, but those that it does not have."""
    members = cast("dict[str, Any]", value.__class__.__dict__)
    names = [name for name, member in members.items() if type(member).__name__ == "getset_descriptor"]
    return {name: found for name in names if (found := getattr(value, name)) is not None}


def inner(value: Any) -> list[Any]:
    """The object, and all objects that its attributes hold."""
    if isinstance(value, list):
        return [each for item in cast("list[Any]", value) for each in inner(item)]
    if not hasattr(value, "to_dict"):
        return []
    return [value, *(each for found in attributes(value).values() for each in inner(found))]


@pytest.mark.parametrize("value", inner(VALUES), ids=lambda value: str(type(value).__name__))
def test_attributes_and_dicts_say_the_same(value: Any) -> None:
    said = value.to_dict()
    assert value.__class__.from_dict(said) == value
    found = {name: plain(each) for name, each in attributes(value).items()}
    if isinstance(value, Event):
        said = {RENAMED.get((value.type, key), key): each for key, each in said.items()}
    if isinstance(value, Response):
        assert found.pop("message") == {"role": "assistant", "content": said["parts"]}
    if isinstance(value, Attempt):
        said = {"why": "first", **said}
    if hasattr(value, "total_tokens"):
        assert found.pop("total_tokens") == said["input_tokens"] + said["output_tokens"]
    # What has a class of its own stands in JSON among the properties of the part or the event.
    own = {name: found.pop(name) for name in list(found) if name not in said and isinstance(found[name], dict)}
    for each in own.values():
        assert each.items() <= said.items()
    # JSON leaves out what is empty, and has null for what an object does not have.
    assert {name: each for name, each in found.items() if name in said or each} == {
        name: each for name, each in said.items() if each is not None and not any(name in each for each in own.values())
    }


def test_values_of_every_class_were_compared() -> None:
    classes = {cls for cls in vars(tidegate).values() if isinstance(cls, type) and hasattr(cls, "from_dict")}
    assert {type(value) for value in inner(VALUES)} == classes


def test_canonical_json() -> None:
    media = Media.from_dict({"url": "https://example.com", "mime": None})
    assert canonical_json(media) == media.to_json() == '{"url":"https://example.com"}'
    assert canonical_json({"b": [1, 0.5, None, "é"], "a": True}) == '{"b":[1,0.5,null,"é"],"a":true}'
    vector = Event.from_json('{"type":"embedding","index":0,"vector":[0.1]}')
    assert canonical_json(vector) == Event.from_dict(vector.to_dict()).to_json()
    assert canonical_json(vector) == '{"type":"embedding","index":0,"vector":[0.1]}'
    result = ToolResult.from_dict({"id": "c1", "content": []})
    assert canonical_json([result]) == '[{"id":"c1","content":[],"is_error":false}]'
