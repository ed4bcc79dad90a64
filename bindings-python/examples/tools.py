"""A tool call, there and back: the model asks for the weather, the program answers."""

import sys

from tidegate import Gateway
from tidegate.types import MessageLike

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def weather(city: str) -> str:
    return f"rain in {city}, as always"


gateway = Gateway(from_env=True)
model = sys.argv[1] if len(sys.argv) > 1 else "openai/gpt-5-mini"
messages: list[MessageLike] = [{"role": "user", "content": "Do I need an umbrella in Bergen?"}]

reply = gateway.chat(model=model, messages=messages, tools=TOOLS)
while reply.tool_calls:
    messages.append(reply.message)
    for call in reply.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": weather(**call.arguments)})
    reply = gateway.chat(model=model, messages=messages, tools=TOOLS)
print(reply.text)
