"""Synchronous chats and embeddings."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tidegate
from tidegate import Gateway
from upstream import PATIENCE, Exchange, Upstream, completion

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}


def test_an_answer_has_everything(upstream: Upstream) -> None:
    gateway = Gateway(upstream.config)
    reply = gateway.chat(model="chat", messages=[{"role": "user", "content": "hi"}], temperature=0.5, team="growth")
    assert reply.text == "Hello there!"
    assert (reply.id, reply.model, reply.route, reply.target) == ("chatcmpl-1", "m-2025", "chat", "local/m")
    assert (reply.finish_reason, reply.finish_reason_raw, reply.stop_sequence) == ("stop", "stop", None)
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.total_tokens) == (9, 3, 12)
    assert [part.type for part in reply.parts] == ["text"]
    assert (reply.reasoning, reply.refusal, reply.tool_calls, reply.cached) == (None, None, [], False)
    assert [(attempt.target, attempt.kind, attempt.status) for attempt in reply.attempts] == [("local/m", None, 200)]
    assert reply.latency.total >= reply.latency.first_content > 0
    sent = upstream.next_request()
    assert sent.json["messages"] == [{"role": "user", "content": "hi"}]
    assert sent.json["temperature"] == 0.5
    assert "sk-test" in sent.head
    assert "growth" not in str(sent.json)


def test_keyword_arguments_win_over_the_dict(upstream: Upstream, hi: Any) -> None:
    Gateway(upstream.config).chat({**hi, "temperature": 0.1, "seed": 7}, temperature=0.9)
    sent = upstream.next_request().json
    assert (sent["temperature"], sent["seed"]) == (0.9, 7)


def test_tool_calls_are_parsed_and_go_back(upstream: Upstream, hi: Any) -> None:
    upstream.handler = lambda exchange: exchange.answer(completion(None, tool_calls=[CALL]))
    gateway = Gateway(upstream.config)
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    reply = gateway.chat(hi, tools=tools)
    [call] = reply.tool_calls
    assert (call.id, call.name, call.arguments, call.args_valid) == ("call_1", "weather", {"city": "Oslo"}, True)
    assert call.arguments_raw == '{"city": "Oslo"}'
    assert reply.finish_reason == "tool_calls"

    upstream.handler = Upstream.greet
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    gateway.chat(model="chat", messages=[*hi["messages"], reply.message, result], tools=tools)
    upstream.next_request()
    sent = upstream.next_request().json["messages"]
    assert sent[1]["tool_calls"][0]["function"]["arguments"] == '{"city": "Oslo"}'
    assert sent[2] == {"role": "tool", "tool_call_id": "call_1", "content": "rain"}


@dataclass
class Turn:
    role: str
    content: str


class Dumped:
    def model_dump(self) -> dict[str, Any]:
        return {"role": "assistant", "content": "dumped", "refusal": None, "annotations": []}


def test_objects_become_messages(upstream: Upstream) -> None:
    messages = (Turn("system", "be brief"), Dumped(), {"role": "user", "content": [{"type": "text", "text": "hi"}]})
    Gateway(upstream.config).chat(model="chat", messages=messages)
    sent = upstream.next_request().json["messages"]
    assert [message["role"] for message in sent] == ["system", "assistant", "user"]
    assert sent[0]["content"] == "be brief"


class Answer:
    """Stands for a pydantic class."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object", "properties": {"city": {"type": "string"}}}


def test_classes_with_a_schema_become_response_formats(upstream: Upstream) -> None:
    messages = (message for message in [{"role": "user", "content": "hi"}])
    format: Any = Answer
    with pytest.raises(tidegate.InvalidOutput) as caught:
        Gateway(upstream.config).chat({"model": "chat", "messages": messages, "response_format": format})
    assert caught.value.partial is not None
    sent = upstream.next_request().json
    assert sent["messages"] == [{"role": "user", "content": "hi"}]
    inner = {"name": "Answer", "schema": Answer.model_json_schema()}
    assert sent["response_format"] == {"type": "json_schema", "json_schema": inner}


def test_what_cannot_be_sent_is_named_by_path(upstream: Upstream) -> None:
    gateway = Gateway(upstream.config)
    bad: list[Any] = [
        ({"messages": [{"role": "user", "content": b"hi"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "hi"}], "temperature": float("nan")}, "temperature"),
        ({"messages": [{"role": "user", "content": "hi"}], "seed": 2**70}, "seed"),
        ({"messages": [{"role": "user", "content": "hi"}], "temperatur": 1}, "temperatur"),
        ({"messages": [{"role": "user", "content": {1: 2}}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "\ud83d"}]}, "messages[0].content"),
        ({"input": "hi"}, "input"),
    ]
    for fields, path in bad:
        with pytest.raises(tidegate.InvalidRequest) as caught:
            gateway.chat(model="chat", **fields)
        assert caught.value.context["field"] == path
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(tidegate.InvalidRequest, match="nested too deep"):
        gateway.chat(model="chat", messages=cycle)
    with pytest.raises(tidegate.InvalidRequest, match="call chat"):
        gateway.embed({"model": "chat", "messages": [{"role": "user", "content": "hi"}]})
    with pytest.raises(TypeError, match="from_file"):
        Gateway("tidegate.toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert upstream.requests.empty()


def test_embeddings(upstream: Upstream) -> None:
    data = [{"object": "embedding", "index": i, "embedding": [float(i), 0.5]} for i in range(2)]
    body = {"object": "list", "model": "e", "data": data, "usage": {"prompt_tokens": 4, "total_tokens": 4}}
    upstream.handler = lambda exchange: exchange.answer(body)
    reply = Gateway(upstream.config).embed(model="local/e", input=["a", "b"])
    assert reply.vectors == [[0.0, 0.5], [1.0, 0.5]]
    assert upstream.next_request().json["input"] == ["a", "b"]


def test_rankings(upstream: Upstream) -> None:
    results = [{"index": 0, "relevance_score": 0.25}, {"index": 1, "relevance_score": 1}]
    upstream.handler = lambda exchange: exchange.answer({"model": "r", "results": results})
    reply = Gateway(upstream.config).rerank(model="local/r", query="q", documents=["a", "b"], top_n=2)
    assert [(it.index, it.relevance_score) for it in reply.rankings] == [(1, 1.0), (0, 0.25)]
    assert upstream.next_request().json == {"model": "r", "query": "q", "documents": ["a", "b"], "top_n": 2}


def test_other_threads_run_while_a_call_waits(upstream: Upstream, hi: Any) -> None:
    everyone = threading.Barrier(8)

    def together(exchange: Exchange) -> None:
        everyone.wait(PATIENCE)
        exchange.answer(completion())

    upstream.handler = together
    gateway = Gateway(upstream.config)
    replies: list[str] = []
    threads = [threading.Thread(target=lambda: replies.append(gateway.chat(hi).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert replies == ["Hello there!"] * 8


def test_configurations_come_from_files_text_and_dicts(upstream: Upstream, hi: Any, tmp_path: Path) -> None:
    text = f"""
        [providers.local]
        protocol = "openai-chat"
        base_url = "{upstream.url}"
        api_key = "sk-test"
        [routes.chat]
        targets = ["local/m"]
    """
    path = tmp_path / "tidegate.toml"
    path.write_text(text)
    for gateway in (Gateway.from_file(path), Gateway.from_file(str(path)), Gateway.from_toml(text)):
        assert gateway.chat(hi).text == "Hello there!"
    with pytest.raises(tidegate.Config, match="targts"):
        Gateway({"routes": {"chat": {"targts": []}}})
    with pytest.raises(tidegate.NoRoute):
        Gateway().chat(hi)


def test_a_closed_gateway_refuses(upstream: Upstream, hi: Any) -> None:
    with Gateway(upstream.config) as gateway:
        assert gateway.chat(hi).text == "Hello there!"
    with pytest.raises(RuntimeError, match="closed"):
        gateway.chat(hi)
    gateway.close()
