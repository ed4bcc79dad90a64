"""Three vendors on loopback, each speaking its real wire format: OpenAI's, Anthropic's and Gemini's."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POEM = (
    "The tide comes in, the tide goes out, the harbour gate stands still; "
    "when one ship sinks another sails, and none forgets the bill."
)


class Vendor:
    """One vendor: a server on a free port of 127.0.0.1, and the knobs that make it fail."""

    def __init__(self, wire, pace):
        self.wire = wire
        self.pace = pace
        self.down = False
        self.cut_after = None
        handler = type("Handler", (_Handler,), {"vendor": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base_url(self):
        """The address to configure."""
        prefix = "/v1beta" if self.wire is Gemini else "/v1"
        return f"http://127.0.0.1:{self._server.server_port}{prefix}"

    def close(self):
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are written one after the other: the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    vendor: Vendor

    def log_message(self, *_):
        """Stay silent: the demo talks."""

    def do_POST(self):
        vendor, wire = self.vendor, self.vendor.wire
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if vendor.down:
            self._json(503, wire.overloaded())
            return
        heard = wire.read(body)
        words = None if heard.call else _answer(heard).split(" ")
        if not wire.streams(self.path, body):
            self._json(200, wire.whole(heard, words))
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(wire.events(words or ["(no words)"])):
            # The first and the last events carry no words.
            if vendor.cut_after is not None and number > vendor.cut_after:
                self.close_connection = True
                return
            time.sleep(vendor.pace)
            self._chunk(event.encode())
        self._chunk(b"")

    def _chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _json(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Heard:
    """What a request says, whatever its format."""

    def __init__(self, text, call, result):
        self.text = text
        self.call = call
        self.result = result


def _answer(heard):
    if heard.result is not None:
        return f"The harbour says: {heard.result}. Cast off whenever you like."
    if "poem" in heard.text:
        return POEM
    return (
        "A gateway stands between you and the sea of vendors: it opens for one, shuts for another, and keeps you dry."
    )


def _first_call(tools, result):
    return tools[0] if tools and result is None else None


ARGUMENTS = {"harbour": "Hamburg"}


def _tokens(words):
    return len(words or []) or 7


class OpenAI:
    """Chat Completions."""

    label = "OpenAI Chat Completions"
    protocol = "openai-chat"

    @staticmethod
    def streams(_path, body):
        return bool(body.get("stream"))

    @staticmethod
    def read(body):
        last = body["messages"][-1]
        result = last["content"] if last["role"] == "tool" else None
        names = [tool["function"]["name"] for tool in body.get("tools", [])]
        return Heard(str(last["content"]), _first_call(names, result), result)

    @staticmethod
    def usage(words):
        return {"prompt_tokens": 21, "completion_tokens": _tokens(words), "total_tokens": 21 + _tokens(words)}

    @classmethod
    def whole(cls, heard, words):
        message = {"role": "assistant", "content": " ".join(words) if words else None}
        if heard.call:
            function = {"name": heard.call, "arguments": json.dumps(ARGUMENTS)}
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
        finish = "tool_calls" if heard.call else "stop"
        choice = {"index": 0, "message": message, "finish_reason": finish}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "nautilus-1"}
        return {**head, "choices": [choice], "usage": cls.usage(words)}

    @classmethod
    def events(cls, words):
        def chunk(delta, finish=None, **rest):
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
            value = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "nautilus-1", "choices": choices}
            return f"data: {json.dumps({**value, **rest})}\n\n"

        yield chunk({"role": "assistant", "content": ""})
        for word in words:
            yield chunk({"content": word + " "})
        yield chunk({}, "stop", usage=cls.usage(words))
        yield "data: [DONE]\n\n"

    @staticmethod
    def overloaded():
        return {"error": {"message": "The engine is currently overloaded", "type": "server_error", "code": None}}


class Anthropic:
    """Messages."""

    label = "Anthropic Messages"
    protocol = "anthropic"
    streams = OpenAI.streams

    @staticmethod
    def read(body):
        content = body["messages"][-1]["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        results = [block["content"] for block in blocks if block["type"] == "tool_result"]
        result = results[0] if results else None
        if isinstance(result, list):
            result = "".join(block["text"] for block in result)
        text = "".join(block.get("text", "") for block in blocks)
        return Heard(text, _first_call([tool["name"] for tool in body.get("tools", [])], result), result)

    @staticmethod
    def message(content, stop, words):
        usage = {"input_tokens": 21, "output_tokens": _tokens(words)}
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "kraken-1"}
        return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}

    @classmethod
    def whole(cls, heard, words):
        if heard.call:
            call = {"type": "tool_use", "id": "toolu_1", "name": heard.call, "input": ARGUMENTS}
            return cls.message([call], "tool_use", words)
        return cls.message([{"type": "text", "text": " ".join(words)}], "end_turn", words)

    @classmethod
    def events(cls, words):
        def event(kind, **value):
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **value})}\n\n"

        yield event("message_start", message=cls.message([], None, []))
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for word in words:
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": word + " "})
        yield event("content_block_stop", index=0)
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        yield event("message_delta", delta=delta, usage={"output_tokens": len(words)})
        yield event("message_stop")

    @staticmethod
    def overloaded():
        return {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


class Gemini:
    """generateContent."""

    label = "Gemini generateContent"
    protocol = "gemini"

    @staticmethod
    def streams(path, _body):
        return "streamGenerateContent" in path

    @staticmethod
    def read(body):
        parts = body["contents"][-1]["parts"]
        results = [part["functionResponse"]["response"] for part in parts if "functionResponse" in part]
        result = next(iter(results[0].values())) if results else None
        declared = [each for tool in body.get("tools", []) for each in tool.get("functionDeclarations", [])]
        text = "".join(part.get("text", "") for part in parts)
        return Heard(text, _first_call([each["name"] for each in declared], result), result)

    @staticmethod
    def part(part, words, finish):
        candidate = {"content": {"parts": [part], "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        usage = {"promptTokenCount": 21, "candidatesTokenCount": words, "totalTokenCount": 21 + words}
        head = {"modelVersion": "pearl-1", "responseId": "resp_1"}
        return {"candidates": [candidate], "usageMetadata": usage, **head}

    @classmethod
    def whole(cls, heard, words):
        if heard.call:
            return cls.part({"functionCall": {"name": heard.call, "args": ARGUMENTS}}, 7, "STOP")
        return cls.part({"text": " ".join(words)}, len(words), "STOP")

    @classmethod
    def events(cls, words):
        for number, word in enumerate(words, 1):
            finish = "STOP" if number == len(words) else None
            yield f"data: {json.dumps(cls.part({'text': word + ' '}, number, finish))}\r\n\r\n"

    @staticmethod
    def overloaded():
        return {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
