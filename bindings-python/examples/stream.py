"""A streamed answer with asyncio, and what to do when it breaks off."""

import asyncio
import sys

from tidegate import AsyncGateway, StreamIncomplete


async def main(model: str) -> None:
    async with AsyncGateway(from_env=True) as gateway:
        stream = gateway.stream(model=model, messages=[{"role": "user", "content": "Tell me about the tides."}])
        try:
            async for event in stream:
                print(event.text or "", end="", flush=True)
        except StreamIncomplete as error:
            arrived = len(error.partial.text) if error.partial else 0
            sys.exit(f"\nbroke off after {arrived} characters: {error}")
        print(f"\n{stream.response.finish_reason}, {stream.response.usage}")


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "openai/gpt-5-mini"))
