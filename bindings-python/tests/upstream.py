"""A loopback provider that speaks OpenAI's protocol as far as these tests need it."""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE = 30.0
"""Seconds after which a test that waits for something fails."""


class Exchange:
    """One request that has arrived, and its connection."""

    def __init__(self, connection: socket.socket, head: str, body: bytes) -> None:
        self.connection = connection
        self.head = head
        self.json: Any = json.loads(body) if body else None

    def answer(self, body: Any, status: int = 200, headers: str = "") -> None:
        """Sends a whole answer."""
        data = json.dumps(body).encode()
        self._head(status, f"content-type: application/json\r\ncontent-length: {len(data)}\r\n{headers}")
        self.connection.sendall(data)

    def start_stream(self) -> None:
        """Begins a streamed answer."""
        self._head(200, "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n")

    def send_event(self, data: Any) -> None:
        """Sends one event of a stream."""
        text = data if isinstance(data, str) else json.dumps(data)
        event = f"data: {text}\n\n".encode()
        self.connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))

    def send_text(self, *texts: str) -> None:
        """Streams fragments of text."""
        for text in texts:
            self.send_event(chunk({"content": text}))

    def end_stream(self) -> None:
        """Sends the finish reason, the usage and the terminal marker."""
        self.send_event(chunk({}, finish_reason="stop"))
        self.send_event({**chunk({}), "choices": [], "usage": USAGE})
        self.send_event("[DONE]")
        self.connection.sendall(b"0\r\n\r\n")

    def hang_up(self) -> None:
        """Closes the connection."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def wait_closed(self) -> bool:
        """Waits until the client closes the connection; false if it sends something instead."""
        try:
            return self.connection.recv(1) == b""
        except ConnectionResetError:
            return True

    def _head(self, status: int, headers: str) -> None:
        self.connection.sendall(f"HTTP/1.1 {status} X\r\n{headers}\r\n".encode())


USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    """One chunk of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def completion(text: str | None = "Hello there!", **message: Any) -> dict[str, Any]:
    """A whole answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2025",
        "choices": [choice],
        "usage": USAGE,
    }


class Upstream:
    """Serves every request with `handler`, each connection in a thread of its own."""

    def __init__(self) -> None:
        self.handler: Callable[[Exchange], None] = Upstream.greet
        self.requests: queue.Queue[Exchange] = queue.Queue()
        self.closed: queue.Queue[bool] = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address to configure."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    @property
    def config(self) -> dict[str, Any]:
        """A configuration whose provider `local` is this server and whose route `chat` leads there."""
        provider = {"protocol": "openai-chat", "base_url": self.url, "api_key": "sk-test"}
        return {
            "providers": {"local": provider},
            "routes": {"chat": {"targets": ["local/m"], "retry": {"max_attempts": 1}}},
        }

    @staticmethod
    def greet(exchange: Exchange) -> None:
        """Answers every request with "Hello there!", streamed if it asks for that."""
        if exchange.json.get("stream"):
            exchange.start_stream()
            exchange.send_text("Hello ", "there!")
            exchange.end_stream()
        else:
            exchange.answer(completion())

    def next_request(self) -> Exchange:
        """Waits for a request."""
        return self.requests.get(timeout=PATIENCE)

    def hold(self, exchange: Exchange) -> None:
        """A handler's end: answers nothing more and waits for the client to close."""
        self.closed.put(exchange.wait_closed())

    def saw_close(self) -> bool:
        """Waits until the client has closed the connection of an exchange on hold."""
        return self.closed.get(timeout=PATIENCE)

    def __enter__(self) -> Upstream:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            for exchange in _requests(connection):
                self.requests.put(exchange)
                self.handler(exchange)
        except OSError:
            self.closed.put(True)


def _requests(connection: socket.socket) -> Iterator[Exchange]:
    reader = connection.makefile("rb")
    while line := reader.readline():
        head = line.decode()
        while (line := reader.readline()) not in (b"\r\n", b""):
            head += line.decode()
        lengths = [int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")]
        yield Exchange(connection, head, reader.read(sum(lengths)))
