"""What the demo shows, one scene after another."""

import os
import sys
import time

from tidegate import Gateway, TidegateError

from .vendors import Anthropic, Gemini, OpenAI, Vendor

PLAIN = not sys.stdout.isatty() or "NO_COLOR" in os.environ
TICK = "✓" if (sys.stdout.encoding or "").lower().startswith("utf") else "+"


def _paint(code, text):
    return text if PLAIN else f"\033[{code}m{text}\033[0m"


def bold(text):
    return _paint("1", text)


def dim(text):
    return _paint("2", text)


def green(text):
    return _paint("32", text)


def red(text):
    return _paint("31", text)


def cyan(text):
    return _paint("36", text)


class Demo:
    """Three vendors, one gateway, and a tally of what happened."""

    def __init__(self, fast):
        pace = 0.0 if fast else 0.045
        self.vendors = {
            "nautilus": Vendor(OpenAI, pace),
            "kraken": Vendor(Anthropic, pace),
            "pearl": Vendor(Gemini, pace),
        }
        providers = {
            name: {"protocol": vendor.wire.protocol, "base_url": vendor.base_url, "api_key": "not-a-real-key"}
            for name, vendor in self.vendors.items()
        }
        self.config = {
            "providers": providers,
            "routes": {
                "harbour": {
                    "targets": ["nautilus/nautilus-1", "kraken/kraken-1", "pearl/pearl-1"],
                    "retry": {"max_attempts": 3, "base_delay": "10ms"},
                }
            },
        }
        self.gateway = Gateway(self.config)
        self.tally = []

    def scene(self, title, play):
        """Plays one scene and notes how it went."""
        print(f"\n{cyan('~~~')} {bold(title)}")
        began = time.perf_counter()
        attempts, outcome = play()
        self.tally.append((title, attempts, outcome, (time.perf_counter() - began) * 1000))

    def chat(self):
        """A chat."""
        reply = self.gateway.chat(model="harbour", messages=[{"role": "user", "content": "What does a gateway do?"}])
        print(f"  {green(reply.text)}")
        print(dim(f"  from {reply.target}, {reply.usage.input_tokens} tokens in, {reply.usage.output_tokens} out"))
        return len(reply.attempts), reply.finish_reason

    def stream(self):
        """A streamed answer, word by word."""
        print("  ", end="")
        stream = self.gateway.stream(model="harbour", messages=[{"role": "user", "content": "A poem, please"}])
        for event in stream:
            print(green(event.text or ""), end="", flush=True)
        print()
        return len(stream.response.attempts), stream.response.finish_reason

    def tool(self):
        """A tool call, there and back."""
        tools = [
            {
                "type": "function",
                "function": {
                    "name": "water_level",
                    "description": "The water level of a harbour",
                    "parameters": {"type": "object", "properties": {"harbour": {"type": "string"}}},
                },
            }
        ]
        messages = [{"role": "user", "content": "Can I sail from Hamburg?"}]
        reply = self.gateway.chat(model="harbour", messages=messages, tools=tools)
        call = reply.tool_calls[0]
        print(f"  the model asks for {bold(call.name)}({call.arguments})")
        messages += [reply.message, {"role": "tool", "tool_call_id": call.id, "content": "high water at 14:32"}]
        final = self.gateway.chat(model="harbour", messages=messages, tools=tools)
        print(f"  {green(final.text)}")
        return len(reply.attempts) + len(final.attempts), f"{reply.finish_reason}, {final.finish_reason}"

    def three(self):
        """The same request, answered by three vendors: one type of answer."""
        kinds = set()
        for name, vendor in self.vendors.items():
            question = [{"role": "user", "content": "What does a gateway do?"}]
            reply = self.gateway.chat(model=f"{name}/{name}-1", messages=question)
            kinds.add((type(reply).__name__, reply.finish_reason, reply.usage.total_tokens, reply.text))
            raw = f"{reply.finish_reason_raw!r} -> {reply.finish_reason!r}"
            print(f"  {name:<9} {vendor.wire.label:<24} {type(reply).__name__}  {raw}")
        print(dim(f"  {len(kinds)} kind of answer, text and tokens the same"))
        return 3, "identical" if len(kinds) == 1 else "different"

    def outage(self):
        """Two vendors go down: the third answers."""
        self.vendors["nautilus"].down = self.vendors["kraken"].down = True
        reply = self.gateway.chat(model="harbour", messages=[{"role": "user", "content": "Anyone there?"}])
        for attempt in reply.attempts:
            mark = red("x") if attempt.kind else green(TICK)
            said = attempt.kind or "answered"
            print(f"  {mark} {attempt.target:<20} {said} ({attempt.status}), {attempt.time * 1000:.1f} ms")
        self.vendors["nautilus"].down = self.vendors["kraken"].down = False
        return len(reply.attempts), f"answered by {reply.target}"

    def cut(self):
        """A stream breaks in the middle: an error you can act on, not half an answer."""
        self.vendors["nautilus"].cut_after = 9
        print("  ", end="")
        try:
            for event in self.gateway.stream(model="harbour", messages=[{"role": "user", "content": "A poem, please"}]):
                print(green(event.text or ""), end="", flush=True)
        except TidegateError as error:
            print(red("~ snap ~"))
            print(f"  {bold(type(error).__name__)}: {error}")
            print(dim(f"  error.partial.text is {error.partial.text!r}"))
            return len(error.attempts), error.kind
        finally:
            self.vendors["nautilus"].cut_after = None
        return 1, "no error?!"

    def typo(self):
        """A typo in the configuration is caught before it costs anything."""
        config = {**self.config, "routes": {"harbour": {"targts": ["nautilus/nautilus-1"]}}}
        try:
            Gateway(config)
        except TidegateError as error:
            print(f"  {bold(type(error).__name__)}: {error}")
            return 0, error.kind
        return 0, "no error?!"

    def summary(self):
        """What happened, in a table."""
        wide = max(len(title) for title, *_ in self.tally)
        print(f"\n{bold('scene'):<{wide + (0 if PLAIN else 8)}}  attempts  {'time':>8}  outcome")
        for title, attempts, outcome, ms in self.tally:
            print(f"{title:<{wide}}  {attempts:>8}  {ms:>5.0f} ms  {outcome}")
        print(
            dim("\nOne process, no server, no key, no network. Next: README.md, or Gateway.from_file('tidegate.toml').")
        )


def main(arguments):
    """Runs the demo; with ``--fast`` without the pauses between words."""
    demo = Demo(fast="--fast" in arguments)
    print(bold("Tidegate") + ": a gateway in this process, three simulated vendors on loopback")
    try:
        for play in (demo.chat, demo.stream, demo.tool, demo.three, demo.outage, demo.cut, demo.typo):
            demo.scene(play.__doc__.split(".")[0], play)
        demo.summary()
    finally:
        for vendor in demo.vendors.values():
            vendor.close()
    return 0
