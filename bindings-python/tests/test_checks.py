"""Functions of the caller's that judge answers."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tidegate import AsyncGateway, Gateway, InvalidOutput, Response

CONFIG = {"routes": {"r": {"targets": ["sim/small", "sim/large"], "reject": {"check": "grounded"}}}}
HI: dict[str, Any] = {"model": "r", "messages": [{"role": "user", "content": "hi"}]}


def not_small(response: Response) -> str | None:
    return "too small" if response.target == "sim/small" else None


def test_a_rejected_answer_sends_the_call_on() -> None:
    reply = Gateway(CONFIG, checks={"grounded": not_small}).chat(HI)
    assert reply.target == "sim/large"
    assert [attempt.kind for attempt in reply.attempts] == ["invalid_output", None]


def test_the_reason_is_told_where_no_target_is_left() -> None:
    gateway = Gateway(CONFIG, checks={"grounded": lambda response: f"{response.target} guesses"})
    with pytest.raises(InvalidOutput, match="sim/large guesses") as caught:
        gateway.chat(HI)
    assert caught.value.context == {"reject": "check"}
    assert caught.value.partial is not None and caught.value.partial.text


def test_asyncio_goes_on_while_a_function_thinks() -> None:
    async def run() -> None:
        loop, turn = asyncio.get_running_loop(), threading.Event()

        def waits(response: Response) -> str | None:
            loop.call_soon_threadsafe(turn.set)
            return None if turn.wait(60) else "the loop stood still"

        gateway = AsyncGateway(CONFIG, checks={"grounded": waits})
        assert (await gateway.chat(HI)).target == "sim/small"

    asyncio.run(run())


def test_a_function_may_call_the_gateway() -> None:
    judge = Gateway()

    def asks(response: Response) -> str | None:
        return None if judge.chat(HI | {"model": "sim/judge"}).text else "the judge is silent"

    assert Gateway(CONFIG, checks={"grounded": asks}).chat(HI).target == "sim/small"


def test_a_function_that_fails_rejects_nothing_and_tells_no_words() -> None:
    def broken(response: Response) -> str | None:
        raise KeyError(response.text)

    text = Gateway().chat(HI | {"model": "sim/small"}).text
    with pytest.warns(RuntimeWarning, match=r"checks\['grounded'\] failed with KeyError") as warned:
        assert Gateway(CONFIG, checks={"grounded": broken}).chat(HI).target == "sim/small"
    assert text not in str(warned[0].message)

    def wrong(response: Response) -> Any:
        return len(response.text)

    with pytest.warns(RuntimeWarning, match="TypeError"):
        assert Gateway(CONFIG, checks={"grounded": wrong}).chat(HI).target == "sim/small"


def test_what_is_no_function_is_refused() -> None:
    wrong: Any = {"grounded": "words"}
    with pytest.raises(TypeError, match=r"checks\['grounded'\] is not a function"):
        Gateway(CONFIG, checks=wrong)
    toml = "routes.r = { targets = ['sim/small', 'sim/large'], reject.check = 'grounded' }"
    assert Gateway.from_toml(toml, checks={"grounded": not_small}).chat(HI).target == "sim/large"
