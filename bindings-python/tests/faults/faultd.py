"""The server that plays the upstreams: a program of its own, with a port to ask what it saw."""

from __future__ import annotations

import json
import os
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from upstream import PATIENCE

PROGRAM = Path(os.environ.get("FAULTD") or Path(__file__).parents[3] / "target" / "debug" / "faultd")
"""The program; the variable FAULTD names another."""


class Faultd:
    """Plays upstreams until it is closed, with all their ports and connections."""

    def __init__(self, upstreams: dict[str, Any]) -> None:
        assert PROGRAM.is_file(), f"{PROGRAM} is missing: build it with `cargo build -p tidegate-faultd`"
        self._process = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._stdin.write(json.dumps({"upstreams": upstreams}).encode() + b"\n")
        self._stdin.flush()
        ports = self._stdout.readline()
        assert ports, "faultd did not take the script: its standard error says why"
        self._control: str
        self.addresses: dict[str, str]
        """Where each upstream listens."""
        self._control, self.addresses = (json.loads(ports)[key] for key in ("control", "upstreams"))

    def records(self) -> dict[str, Any]:
        """What every upstream has received so far."""
        records: dict[str, Any] = self._get("/records")["upstreams"]
        return records

    def wait_closed(self, upstream: str, connection: int) -> Any:
        """Waits until this connection has ended, and says how."""
        return self._get("/wait-closed", upstream=upstream, connection=connection)

    def wait_requests(self, upstream: str, count: int) -> None:
        """Waits until so many requests have arrived."""
        self._get("/wait-requests", upstream=upstream, count=count)

    def _get(self, path: str, **query: str | int) -> Any:
        connection = HTTPConnection(self._control, timeout=PATIENCE)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}")
            reply = connection.getresponse()
            assert reply.status == 200, f"faultd does not know {path} of {query}"
            return json.load(reply)
        finally:
            connection.close()

    def __enter__(self) -> Faultd:
        return self

    def __exit__(self, *_: object) -> None:
        self._stdin.close()
        self._process.wait(PATIENCE)
        self._stdout.close()
