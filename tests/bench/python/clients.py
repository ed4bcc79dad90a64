"""One adapter for each library. All do the same: send the same two messages, read text and usage of the answer.

`connect(name, base)` imports the library and makes its client: an object with

* `acall()` and `astream()`, coroutines: the tokens used; the number of pieces with text;
* `call()`, which blocks; `None` where the library has no such call.

Retries and telemetry are off where a library has them.
"""

import json
import os
import types
from pathlib import Path

SYSTEM = "You are a helpful assistant."
USER = "Explain in two sentences what an LLM gateway does."
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
MODEL = "gpt-4o-mini"

# What is imported, for the import time. A library that is not named here has its own name.
MODULES = {"literllm": "liter_llm", "policies": "tidegate"}


def connect(name, base):
    acall, astream, call = globals()[name](base)
    return types.SimpleNamespace(acall=acall, astream=astream, call=call)


def need(text):
    """Fails on an empty answer."""
    assert text, "no text"


async def count(stream, text):
    """The pieces of a stream that have a text."""
    pieces = 0
    async for piece in stream:
        if text(piece):
            pieces += 1
    return pieces


def openai_text(chunk):
    return chunk.choices and chunk.choices[0].delta.content


def tidegate(base):
    provider = {"protocol": "openai-chat", "base_url": base, "api_key": "sk-x"}
    return ours({"providers": {"bench": provider}}, f"bench/{MODEL}")


def policies(base):
    """Ours with every policy on."""
    config = Path(__file__).parent.parent.joinpath("policies.json").read_text()
    return ours(json.loads(config.replace("BASE", base)), "bench")


def ours(config, model):
    from tidegate import AsyncGateway, Gateway

    ask = {"model": model, "messages": MESSAGES}
    gateway, async_gateway = Gateway(config), AsyncGateway(config)

    async def acall():
        reply = await async_gateway.chat(**ask)
        need(reply.text)
        return reply.usage.input_tokens + reply.usage.output_tokens

    async def astream():
        pieces = 0
        async for event in async_gateway.stream(**ask):
            if event.text:
                pieces += 1
        return pieces

    def call():
        reply = gateway.chat(**ask)
        need(reply.text)
        return reply.usage.input_tokens + reply.usage.output_tokens

    return acall, astream, call


def pyo3floor(base):
    import pyo3floor

    client = pyo3floor.Client(base)

    async def acall():
        reply = await client.chat_async(MODEL, MESSAGES)
        need(reply.text)
        return reply.total_tokens

    async def astream():
        pieces = 0
        async for piece in client.stream(MODEL, MESSAGES):
            if piece.text:
                pieces += 1
        return pieces

    def call():
        reply = client.chat(MODEL, MESSAGES)
        need(reply.text)
        return reply.total_tokens

    return acall, astream, call


def openai(base):
    import openai

    options = {"base_url": base, "api_key": "sk-x", "max_retries": 0}
    client, async_client = openai.OpenAI(**options), openai.AsyncOpenAI(**options)
    ask = {"model": MODEL, "messages": MESSAGES}

    def read(reply):
        need(reply.choices[0].message.content)
        return reply.usage.total_tokens

    async def acall():
        return read(await async_client.chat.completions.create(**ask))

    async def astream():
        usage = {"include_usage": True}
        return await count(
            await async_client.chat.completions.create(**ask, stream=True, stream_options=usage),
            openai_text,
        )

    return acall, astream, lambda: read(client.chat.completions.create(**ask))


def litellm(base):
    os.environ.update(
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_TELEMETRY="False",
        LITELLM_LOG="ERROR",
    )
    import litellm

    litellm.telemetry, litellm.suppress_debug_info = False, True
    ask = {
        "model": f"openai/{MODEL}",
        "messages": MESSAGES,
        "api_base": base,
        "api_key": "sk-x",
        "num_retries": 0,
    }

    def read(reply):
        need(reply.choices[0].message.content)
        return reply.usage.total_tokens

    async def acall():
        return read(await litellm.acompletion(**ask))

    async def astream():
        usage = {"include_usage": True}
        return await count(
            await litellm.acompletion(**ask, stream=True, stream_options=usage),
            openai_text,
        )

    return acall, astream, lambda: read(litellm.completion(**ask))


def literllm(base):
    import liter_llm

    client = liter_llm.create_client("sk-x", base_url=base, max_retries=0, model_hint=f"openai/{MODEL}")

    def ask():
        return liter_llm.ChatCompletionRequest(model=f"openai/{MODEL}", messages=MESSAGES)

    async def acall():
        reply = await liter_llm.chat(client, ask())
        need(reply.choices[0].message.content)
        return reply.usage.total_tokens

    async def astream():
        return await count(liter_llm.chat_stream(client, ask()), openai_text)

    return acall, astream, None  # it has no call that blocks


TENSORZERO = """
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true
[models."{model}"]
routing = ["mock"]
[models."{model}".providers.mock]
type = "openai"
model_name = "{model}"
api_base = "{base}/"
api_key_location = "env::OPENAI_API_KEY"
"""


def tensorzero(base):
    import tempfile

    import tensorzero

    os.environ["OPENAI_API_KEY"] = "sk-x"
    with tempfile.NamedTemporaryFile("w", suffix=".toml", delete=False) as file:
        file.write(TENSORZERO.format(model=MODEL, base=base))
    ask = {
        "model_name": MODEL,
        "input": {"system": SYSTEM, "messages": [{"role": "user", "content": USER}]},
    }
    made = {}

    async def async_client():
        if "async" not in made:
            made["async"] = await tensorzero.AsyncTensorZeroGateway.build_embedded(
                config_file=file.name, async_setup=True
            )
        return made["async"]

    def read(reply):
        need(reply.content[0].text)
        return reply.usage.output_tokens

    async def acall():
        return read(await (await async_client()).inference(**ask))

    async def astream():
        stream = await (await async_client()).inference(**ask, stream=True)
        return await count(stream, lambda chunk: chunk.content and chunk.content[0].text)

    def call():
        if "sync" not in made:
            made["sync"] = tensorzero.TensorZeroGateway.build_embedded(config_file=file.name)
        return read(made["sync"].inference(**ask))

    return acall, astream, call
