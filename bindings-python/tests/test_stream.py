"""Synchronous streams."""

from __future__ import annotations

from typing import Any

import pytest
import tidegate
from tidegate import Gateway
from upstream import Exchange, Upstream, chunk


def unfinished(upstream: Upstream) -> None:
    """Makes the provider send two fragments and then nothing, with the connection open."""

    def handler(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.send_text("one ", "two ")
        upstream.hold(exchange)

    upstream.handler = handler


def test_events_then_the_response(upstream: Upstream, hi: Any) -> None:
    stream = Gateway(upstream.config).stream(hi)
    with pytest.raises(RuntimeError, match="not come to its end"):
        _ = stream.response
    events = list(stream)
    assert [event.type for event in events] == ["start", "text", "text", "end"]
    assert [event.text for event in events] == [None, "Hello ", "there!", None]
    assert events[1].index == 0
    end = events[-1]
    assert end.finish_reason == "stop"
    assert end.usage is not None and end.usage.total_tokens == 12
    assert stream.response.text == "Hello there!"
    assert stream.response.usage == end.usage
    assert list(stream) == []
    assert upstream.next_request().json["stream"] is True


def test_tool_calls_arrive_in_fragments(upstream: Upstream, hi: Any) -> None:
    def handler(exchange: Exchange) -> None:
        exchange.start_stream()
        call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        exchange.send_event(chunk({"tool_calls": [call]}))
        for fragment in ('{"city"', ': "Oslo"}'):
            exchange.send_event(chunk({"tool_calls": [{"index": 0, "function": {"arguments": fragment}}]}))
        exchange.send_event(chunk({}, finish_reason="tool_calls"))
        exchange.end_stream()

    upstream.handler = handler
    stream = Gateway(upstream.config).stream(hi, tools=[{"type": "function", "name": "weather"}])
    events = list(stream)
    [begun] = [event for event in events if event.type == "tool_call"]
    assert (begun.id, begun.name) == ("c1", "weather")
    assert "".join(event.arguments or "" for event in events) == '{"city": "Oslo"}'
    assert stream.response.tool_calls[0].arguments == {"city": "Oslo"}


def test_leaving_the_loop_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)
    stream = Gateway(upstream.config).stream(hi)
    for event in stream:
        if event.text:
            break
    assert upstream.saw_close()
    with pytest.raises(RuntimeError, match="closed before its end"):
        list(stream)
    with pytest.raises(RuntimeError, match="closed before its end"):
        next(stream)
    with pytest.raises(RuntimeError):
        _ = stream.response


def test_events_can_be_taken_one_by_one_before_a_loop(upstream: Upstream, hi: Any) -> None:
    stream = Gateway(upstream.config).stream(hi)
    assert next(stream).type == "start"
    assert next(stream).text == "Hello "
    assert [event.text for event in stream] == ["there!", None]
    assert stream.response.text == "Hello there!"
    with pytest.raises(StopIteration):
        next(stream)


def test_closing_and_dropping_close_the_connection(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)
    gateway = Gateway(upstream.config)

    stream = gateway.stream(hi)
    upstream.next_request()
    stream.close()
    assert upstream.saw_close()

    with gateway.stream(hi) as stream:
        assert next(iter(stream)).type == "start"
    assert upstream.saw_close()

    stream = gateway.stream(hi)
    assert next(iter(stream)).type == "start"
    del stream
    assert upstream.saw_close()


def test_an_exception_in_the_loop_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)
    gateway = Gateway(upstream.config)
    with pytest.raises(ZeroDivisionError):
        for event in gateway.stream(hi):
            _ = 1 // len(event.text or "")
    assert upstream.saw_close()


def test_a_broken_stream_raises_with_what_arrived(upstream: Upstream, hi: Any) -> None:
    def handler(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.send_text("half of ", "it")
        exchange.hang_up()

    upstream.handler = handler
    texts: list[str] = []
    with pytest.raises(tidegate.StreamIncomplete) as caught:
        for event in Gateway(upstream.config).stream(hi):
            texts.append(event.text or "")
    assert "".join(texts) == "half of it"
    assert caught.value.partial is not None
    assert caught.value.partial.text == "half of it"
    assert [attempt.kind for attempt in caught.value.attempts] == ["stream_incomplete"]


def test_a_slow_reader_loses_nothing(upstream: Upstream, hi: Any) -> None:
    count = 5000

    def handler(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.send_text(*(f"{i} " for i in range(count)))
        exchange.end_stream()

    upstream.handler = handler
    stream = Gateway(upstream.config).stream(hi)
    assert "".join(event.text or "" for event in stream) == "".join(f"{i} " for i in range(count))


def test_the_connection_is_used_again_after_a_stream(upstream: Upstream, hi: Any) -> None:
    gateway = Gateway(upstream.config)
    list(gateway.stream(hi))
    gateway.chat(hi)
    assert upstream.next_request().connection is upstream.next_request().connection


def test_a_wrong_request_raises_at_once(upstream: Upstream) -> None:
    with pytest.raises(tidegate.InvalidRequest):
        Gateway(upstream.config).stream(model="chat", messages=[])
