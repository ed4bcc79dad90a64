"""The package and the process: imports, forks, signals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from test_stream import unfinished
from tidegate import AsyncGateway, Gateway
from upstream import PATIENCE, Upstream


def in_child(work: Callable[[], str]) -> str:
    """What `work` returns in a forked child, or its error; fails if the child hangs."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(int(PATIENCE))
        try:
            outcome = work()
        except BaseException as error:
            outcome = repr(error)
        os.write(writer, outcome.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        outcome = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with {status}"
    return outcome


def test_a_forked_child_calls_on_its_own(upstream: Upstream, hi: Any) -> None:
    gateway = Gateway(upstream.config)
    everything = AsyncGateway(upstream.config)

    async def chat() -> str:
        stream = everything.stream(hi)
        async for _ in stream:
            pass
        return (await everything.chat(hi)).text + stream.response.text

    assert gateway.chat(hi).text == "Hello there!"
    assert asyncio.run(chat()) == "Hello there!" * 2
    assert in_child(lambda: gateway.chat(hi).text) == "Hello there!"
    assert in_child(lambda: asyncio.run(chat())) == "Hello there!" * 2
    assert in_child(lambda: in_child(lambda: gateway.chat(hi).text)) == "Hello there!"
    assert gateway.chat(hi).text == "Hello there!"


def test_forks_under_load_do_not_hang(upstream: Upstream, hi: Any) -> None:
    gateway = Gateway(upstream.config)
    over = threading.Event()

    def load() -> None:
        while not over.is_set():
            gateway.chat(hi)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        outcomes = {in_child(lambda: gateway.chat(hi).text) for _ in range(10)}
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert outcomes == {"Hello there!"}


def test_a_stream_of_the_parent_raises_in_the_child(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)
    stream = Gateway(upstream.config).stream(hi)
    events = iter(stream)
    assert next(events).type == "start"
    assert "before the process forked" in in_child(lambda: str(next(events)))
    assert [next(events).text, next(events).text] == ["one ", "two "]
    stream.close()
    assert upstream.saw_close()


@pytest.mark.parametrize("call", ["gateway.chat(**hi)", "list(gateway.stream(**hi))"])
def test_ctrl_c_interrupts_a_call(upstream: Upstream, hi: Any, call: str) -> None:
    upstream.handler = upstream.hold
    program = f"""
import signal, tidegate
# Processes in the background are started with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
gateway, hi = tidegate.Gateway({upstream.config!r}), {hi!r}
try:
    {call}
except KeyboardInterrupt:
    input("interrupted")
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        upstream.next_request()
        child.send_signal(signal.SIGINT)
        # The process lives on: it is the call that closed the connection.
        assert upstream.saw_close()
        assert child.poll() is None
        assert child.communicate(b"\n", timeout=PATIENCE)[0] == b"interrupted"
    finally:
        child.kill()


def test_other_signal_handlers_run_while_a_call_waits(upstream: Upstream, hi: Any) -> None:
    handled = threading.Event()

    def handler(exchange: Any) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert handled.wait(PATIENCE)
        Upstream.greet(exchange)

    upstream.handler = handler
    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.set())
    try:
        assert Gateway(upstream.config).chat(hi).text == "Hello there!"
    finally:
        signal.signal(signal.SIGUSR1, before)


def python(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


def test_the_import_brings_nothing_heavy_along() -> None:
    program = "import sys; before = set(sys.modules); import tidegate; print(*sorted(set(sys.modules) - before))"
    assert python("-c", program).split() == ["tidegate", "tidegate._errors", "tidegate._native"]


def test_the_command_line() -> None:
    assert python("-m", "tidegate", "--version").startswith("tidegate 0.")
    assert "python -m tidegate demo" in python("-m", "tidegate", "--help")
    assert '"Tidegate configuration"' in python("-m", "tidegate", "schema")
    played = python("-m", "tidegate", "demo", "--fast")
    assert all(outcome in played for outcome in ("tool_calls, stop", "identical", "answered by pearl", "~ snap ~"))
    unknown = subprocess.run([sys.executable, "-m", "tidegate", "dmeo"], capture_output=True)
    assert unknown.returncode == 2 and b"usage" in unknown.stderr
