"""Errors: one class a kind."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
import tidegate
from tidegate import Gateway, TidegateError, _native
from tidegate._errors import CLASSES
from upstream import Upstream


def test_every_kind_has_its_class() -> None:
    assert [kind for kind, _, _ in _native._KINDS] == list(CLASSES)
    for kind, name, description in _native._KINDS:
        cls = getattr(tidegate, name)
        assert issubclass(cls, TidegateError)
        assert (cls.kind, cls.__name__, cls.__doc__, cls.__module__) == (kind, name, description, "tidegate")


def refused(upstream: Upstream, hi: Any) -> TidegateError:
    body = {"error": {"message": "slow down", "type": "rate_limit", "code": "rate_limit_exceeded"}}
    upstream.handler = lambda exchange: exchange.answer(body, 429, "retry-after: 7\r\nx-request-id: req_1\r\n")
    with pytest.raises(tidegate.RateLimited) as caught:
        Gateway(upstream.config).chat(hi)
    return caught.value


def test_an_error_has_everything(upstream: Upstream, hi: Any) -> None:
    error = refused(upstream, hi)
    assert (error.kind, error.status, error.provider, error.request_id) == ("rate_limited", 429, "local", "req_1")
    assert (error.retry_after, error.retryable, error.origin, error.partial) == (7.0, True, "provider", None)
    assert "slow down" in error.message and str(error) == error.message
    assert [(attempt.target, attempt.kind, attempt.status) for attempt in error.attempts] == [
        ("local/m", "rate_limited", 429)
    ]
    plain = error.to_dict()
    assert plain["kind"] == "rate_limited"
    assert plain["attempts"][0]["status"] == 429
    assert repr(error).startswith("RateLimited('") and "status=429" in repr(error)


def test_errors_are_copied_and_pickled(upstream: Upstream, hi: Any) -> None:
    error = refused(upstream, hi)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is tidegate.RateLimited
        assert again.to_dict() == error.to_dict()


def test_errors_can_be_made_in_tests() -> None:
    error = tidegate.Overloaded("busy", status=503)
    assert isinstance(error, TidegateError)
    assert (error.kind, error.status, error.attempts, error.context) == ("overloaded", 503, [], {})


def test_the_json_of_an_error_is_canonical(upstream: Upstream, hi: Any) -> None:
    plain = json.loads(refused(upstream, hi).to_json())
    assert plain == refused(upstream, hi).to_dict() | {"attempts": plain["attempts"]}
    made = tidegate.Overloaded("busy", status=503, context={"b": "1", "a": "2"})
    assert tidegate.canonical_json(made) == made.to_json()
    plain = json.loads(made.to_json())
    assert (plain["kind"], plain["origin"], plain["status"]) == ("overloaded", "provider", 503)
    assert list(plain["context"]) == ["a", "b"]
    with pytest.raises(TypeError, match="staus"):
        tidegate.Overloaded("busy", staus=503)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_failover_lists_every_attempt(hi: Any) -> None:
    with Upstream() as broken, Upstream() as working:
        broken.handler = lambda exchange: exchange.answer({"error": {"message": "busy"}}, 503)
        config = {
            "providers": {"a": broken.config["providers"]["local"], "b": working.config["providers"]["local"]},
            "routes": {"chat": {"targets": ["a/m", "b/m"]}},
        }
        gateway = Gateway(config)
        reply = gateway.chat(hi)
        assert reply.target == "b/m"
        assert [(attempt.target, attempt.kind) for attempt in reply.attempts] == [("a/m", "overloaded"), ("b/m", None)]

        working.handler = lambda exchange: exchange.answer({"error": {"message": "bad key"}}, 401)
        with pytest.raises(TidegateError) as caught:
            gateway.chat(hi, timeout=20)
        assert {attempt.target for attempt in caught.value.attempts} == {"a/m", "b/m"}
