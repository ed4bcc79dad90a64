"""asyncio: chats, streams, cancellation."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
import tidegate
from test_stream import unfinished
from tidegate import AsyncGateway
from upstream import PATIENCE, Exchange, Upstream, completion


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, PATIENCE))


async def arrived(upstream: Upstream) -> None:
    """Waits for a request without blocking the event loop."""
    await asyncio.to_thread(upstream.next_request)


def test_chat_as_coroutine_task_and_group(upstream: Upstream, hi: Any) -> None:
    gateway = AsyncGateway(upstream.config)

    async def main() -> list[str]:
        alone = await gateway.chat(hi)
        task = await asyncio.create_task(gateway.chat(hi))
        timed = await asyncio.wait_for(gateway.chat(hi), PATIENCE)
        group = await asyncio.gather(*(gateway.chat(hi) for _ in range(50)))
        return [reply.text for reply in (alone, task, timed, *group)]

    assert run(main()) == ["Hello there!"] * 53


def test_calls_run_at_the_same_time(upstream: Upstream, hi: Any) -> None:
    everyone = threading.Barrier(16)

    def together(exchange: Exchange) -> None:
        everyone.wait(PATIENCE)
        exchange.answer(completion())

    upstream.handler = together

    async def main() -> int:
        async with AsyncGateway(upstream.config) as gateway:
            return len(await asyncio.gather(*(gateway.chat(hi) for _ in range(16))))

    assert run(main()) == 16


def test_one_gateway_serves_many_loops(upstream: Upstream, hi: Any) -> None:
    gateway = AsyncGateway(upstream.config)

    async def main() -> str:
        return (await gateway.chat(hi)).text

    for _ in range(3):
        assert run(main()) == "Hello there!"
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(run(main()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert texts == ["Hello there!"] * 4


def test_a_loop_that_watches_no_descriptors_is_served_too(upstream: Upstream, hi: Any) -> None:
    class NoReaders(asyncio.SelectorEventLoop):
        def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
            raise NotImplementedError

    async def main() -> str:
        gateway = AsyncGateway(upstream.config)
        stream = gateway.stream(hi)
        async for _ in stream:
            pass
        group = await asyncio.gather(*(gateway.chat(hi) for _ in range(100)))
        return stream.response.text * len([reply for reply in group if reply.text == "Hello there!"])

    loop = NoReaders()
    assert loop.run_until_complete(asyncio.wait_for(main(), PATIENCE)) == "Hello there!" * 100
    loop.close()


def test_stream(upstream: Upstream, hi: Any) -> None:
    async def main() -> None:
        gateway = AsyncGateway(upstream.config)
        stream = gateway.stream(hi)
        events = [event async for event in stream]
        assert [event.type for event in events] == ["start", "text", "text", "end"]
        assert stream.response.text == "Hello there!"
        async with gateway.stream(hi) as stream:
            assert [event.text or "" async for event in stream] == ["", "Hello ", "there!", ""]
        assert await asyncio.gather(*(collect(gateway) for _ in range(20))) == ["Hello there!"] * 20

    async def collect(gateway: AsyncGateway) -> str:
        return "".join([event.text or "" async for event in gateway.stream(hi)])

    run(main())


def test_errors_are_raised_where_the_call_is_awaited(upstream: Upstream, hi: Any) -> None:
    async def main() -> None:
        gateway = AsyncGateway(upstream.config)
        call = gateway.chat(model="chat", messages=[])
        with pytest.raises(tidegate.InvalidRequest):
            await call
        with pytest.raises(RuntimeError, match="awaited once"):
            await call
        with pytest.raises(tidegate.NoRoute):
            async for _ in gateway.stream(hi, model="nowhere"):
                pass

    run(main())


def test_cancelling_a_task_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    upstream.handler = upstream.hold

    async def wrapped(gateway: AsyncGateway) -> None:
        await gateway.chat(hi)

    async def main() -> None:
        gateway = AsyncGateway(upstream.config)
        for call in (wrapped(gateway), gateway.chat(hi)):
            task = asyncio.create_task(call)
            await arrived(upstream)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(upstream.saw_close)

    run(main())


def test_a_timeout_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    upstream.handler = upstream.hold

    async def main() -> None:
        gateway = AsyncGateway(upstream.config)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(gateway.chat(hi), 0.05)

    run(main())
    upstream.next_request()
    assert upstream.saw_close()


def test_leaving_a_stream_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)

    async def main() -> None:
        gateway = AsyncGateway(upstream.config)
        stream = gateway.stream(hi)
        async for event in stream:
            if event.text:
                break
        assert await asyncio.to_thread(upstream.saw_close)

        async with gateway.stream(hi) as stream:
            async for _ in stream:
                await stream.aclose()
        assert await asyncio.to_thread(upstream.saw_close)

        stream = gateway.stream(hi)
        await stream.__aiter__().__anext__()
        del stream
        gc.collect()
        assert await asyncio.to_thread(upstream.saw_close)

    run(main())


def test_single_events_can_be_awaited_with_a_timeout(upstream: Upstream, hi: Any) -> None:
    async def main() -> None:
        stream = await AsyncGateway(upstream.config).stream(hi)
        assert (await asyncio.wait_for(anext(stream), PATIENCE)).type == "start"
        events = aiter(stream)
        [event] = await asyncio.gather(anext(events))
        assert event.text == "Hello "
        assert [event.text async for event in events] == ["there!", None]
        assert stream.response.text == "Hello there!"

    run(main())


def test_a_loop_over_a_closed_stream_raises(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)

    async def main() -> None:
        stream = AsyncGateway(upstream.config).stream(hi)
        async for event in stream:
            if event.text:
                break
        with pytest.raises(RuntimeError, match="closed before its end"):
            async for _ in stream:
                pass

    run(main())


def test_cancelling_a_task_that_reads_a_stream_closes_the_connection(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)
    started = asyncio.Event()

    async def read(gateway: AsyncGateway) -> None:
        async for event in gateway.stream(hi):
            if event.text == "two ":
                started.set()

    async def main() -> None:
        task = asyncio.create_task(read(AsyncGateway(upstream.config)))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(upstream.saw_close)

    run(main())


def test_two_tasks_do_not_share_a_stream(upstream: Upstream, hi: Any) -> None:
    unfinished(upstream)

    async def main() -> None:
        events = aiter(AsyncGateway(upstream.config).stream(hi))
        assert [(await anext(events)).text for _ in range(3)] == [None, "one ", "two "]

        async def following() -> None:
            await anext(events)

        first = asyncio.create_task(following())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(events)
        first.cancel()

    run(main())


def test_a_closed_gateway_refuses(upstream: Upstream, hi: Any) -> None:
    async def main() -> None:
        async with AsyncGateway(upstream.config) as gateway:
            await gateway.chat(hi)
        with pytest.raises(RuntimeError, match="closed"):
            await gateway.chat(hi)
        await gateway.aclose()

    run(main())
