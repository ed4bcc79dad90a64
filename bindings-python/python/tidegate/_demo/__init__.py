"""The demo: ``python -m tidegate demo``. No key, no network: three simulated vendors, each in its own wire format."""

import os
import sys
import time

from .. import Gateway, Sim, TidegateError

VENDORS = {"nautilus": "openai-chat", "kraken": "anthropic", "pearl": "gemini"}
TARGETS = [f"{name}/{name}-1" for name in VENDORS]
REPLY = "A gateway stands between you and the sea of vendors: it opens for one, shuts for another, and keeps you dry."
QUESTION = [{"role": "user", "content": "What does a gateway do?"}]
LEVEL = {
    "name": "water_level",
    "description": "The water level of a harbour",
    "parameters": {"type": "object", "properties": {"harbour": {"enum": ["Hamburg"]}}, "required": ["harbour"]},
}
PLAIN = not sys.stdout.isatty() or "NO_COLOR" in os.environ


def paint(code, text):
    return text if PLAIN else f"\033[{code}m{text}\033[0m"


def say(text):
    print(paint("32", text), end="", flush=True)


class Demo:
    """Seven scenes. Each returns how many attempts it took, and how it ended."""

    def __init__(self, fast):
        self.fast = fast

    def config(self, reply=REPLY, **scripts):
        """Three vendors and a route over them; a script says what becomes of a vendor's next requests."""

        def vendor(name, protocol):
            simulate = {"latency": "20ms", "chunk_delay": "45ms", "reply": reply, "script": scripts.get(name, [])}
            return {"protocol": protocol, "simulate": simulate}

        retry = {"max_attempts": 3, "base_delay": "10ms"}
        return {
            "providers": {name: vendor(name, protocol) for name, protocol in VENDORS.items()},
            "routes": {"harbour": {"targets": TARGETS, "retry": retry}},
        }

    def gateway(self, **options):
        gateway = Gateway(self.config(**options))
        # In a simulated world nobody waits.
        return gateway.with_sim(Sim()) if self.fast else gateway

    def chat(self):
        """A chat."""
        reply = self.gateway().chat(model="harbour", messages=QUESTION)
        say(f"  {reply.text}\n")
        print(f"  from {reply.target}, {reply.usage.input_tokens} tokens in, {reply.usage.output_tokens} out")
        return len(reply.attempts), reply.finish_reason

    def stream(self):
        """A streamed answer, word by word."""
        stream = self.gateway().stream(model="harbour", messages=QUESTION)
        say("  ")
        for event in stream:
            say(event.text or "")
        print()
        return len(stream.response.attempts), stream.response.finish_reason

    def tool(self):
        """A tool call, there and back."""
        gateway, tools = self.gateway(reply=None), [{"type": "function", "function": LEVEL}]
        messages = [{"role": "user", "content": "Can I sail from Hamburg?"}]
        reply = gateway.chat(model="harbour", messages=messages, tools=tools)
        call = reply.tool_calls[0]
        print(f"  the model asks for {call.name}({call.arguments})")
        messages += [reply.message, {"role": "tool", "tool_call_id": call.id, "content": "high water at 14:32"}]
        final = gateway.chat(model="harbour", messages=messages, tools=tools)
        say(f"  {final.text}\n")
        return len(reply.attempts) + len(final.attempts), f"{reply.finish_reason}, {final.finish_reason}"

    def three(self):
        """The same request, answered by three vendors: one type of answer."""
        replies = [self.gateway().chat(model=target, messages=QUESTION) for target in TARGETS]
        for reply, protocol in zip(replies, VENDORS.values(), strict=True):
            print(f"  {reply.target:<20} {protocol:<12} {reply.finish_reason_raw!r} -> {reply.finish_reason!r}")
        kinds = {(type(reply), reply.finish_reason, reply.text) for reply in replies}
        return len(replies), "identical" if len(kinds) == 1 else "different"

    def outage(self):
        """Two vendors go down: the third answers."""
        gateway = self.gateway(nautilus=[{"status": 503}], kraken=[{"status": 529}])
        reply = gateway.chat(model="harbour", messages=QUESTION)
        for attempt in reply.attempts:
            print(f"  {attempt.target:<20} {attempt.kind or 'answered'} ({attempt.status})")
        return len(reply.attempts), f"answered by {reply.target}"

    def cut(self):
        """A stream breaks in the middle: an error you can act on, not half an answer."""
        say("  ")
        try:
            for event in self.gateway(nautilus=[{"cut_after": 9}]).stream(model="harbour", messages=QUESTION):
                say(event.text or "")
        except TidegateError as error:
            print(f"{paint('31', '~ snap ~')}\n  {type(error).__name__}: {error}")
            print(f"  error.partial.text is {error.partial.text!r}")
            return len(error.attempts), error.kind
        raise AssertionError("half an answer passed for a whole one")

    def typo(self):
        """A typo in the configuration is caught before it costs anything."""
        try:
            Gateway({**self.config(), "routes": {"harbour": {"targts": TARGETS}}})
        except TidegateError as error:
            print(f"  {type(error).__name__}: {error}")
            return 0, error.kind
        raise AssertionError("a typo passed")


def main(arguments):
    """Plays the scenes; with ``--fast`` in virtual time, without a pause."""
    demo, tally = Demo("--fast" in arguments), []
    print(paint("1", "Tidegate") + ": a gateway in this process, three simulated vendors")
    for scene in (demo.chat, demo.stream, demo.tool, demo.three, demo.outage, demo.cut, demo.typo):
        title, began = scene.__doc__.split(".")[0], time.perf_counter()
        print(f"\n{paint('36', '~~~')} {paint('1', title)}")
        tally.append((title, *scene(), (time.perf_counter() - began) * 1000))
    wide = max(len(title) for title, *_ in tally)
    print(f"\n{'scene':<{wide}}  attempts      time  outcome")
    for title, attempts, outcome, time_ms in tally:
        print(f"{title:<{wide}}  {attempts:>8}  {time_ms:>5.0f} ms  {outcome}")
    print("\nOne process, no server, no key, no network. Next: README.md, or Gateway.from_file('tidegate.toml').")
    return 0
