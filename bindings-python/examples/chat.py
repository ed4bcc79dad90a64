"""One chat: `OPENAI_API_KEY=... python chat.py`, or any other provider that `model` names."""

import sys

from tidegate import Gateway, TidegateError

gateway = Gateway(from_env=True)
model = sys.argv[1] if len(sys.argv) > 1 else "openai/gpt-5-mini"

try:
    reply = gateway.chat(model=model, messages=[{"role": "user", "content": "Say hello in one word."}])
except TidegateError as error:
    sys.exit(f"{error.kind}: {error}")

print(reply.text)
if reply.usage:
    print(f"{reply.usage.total_tokens} tokens, answered by {reply.target} in {reply.latency.total:.2f} s")
