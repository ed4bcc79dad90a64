# Generated from `core/model.schema.json` by `core/codegen/python.py`: do not edit, run `make generate`.
from collections.abc import Iterable, Mapping
from typing import Any

from ._native import Attempt, Response, _Origin

CLASSES: dict[str, type[TidegateError]]

class TidegateError(Exception):
    """What failed, with which value, and what to do. Every kind of error has a class of its own below this one."""

    kind: str
    """What went wrong, in one word."""
    message: str
    """What failed, with which value, and what to do. Never holds a key, a URL query or a prompt."""
    origin: _Origin | None
    """Whose fault it is."""
    retryable: bool
    """Whether the same target may answer if it is tried again, after `retry_after` where there is one."""
    status: int | None
    """The HTTP status, if there was an answer."""
    provider: str | None
    """The provider's name."""
    request_id: str | None
    """The provider's id of the request, for its support."""
    retry_after: float | None
    """How long the provider asked to wait, in seconds."""
    context: dict[str, str]
    """Facts, such as the `field` that is wrong or the `timeout` that passed."""
    partial: Response | None
    """What had arrived before the failure."""
    attempts: list[Attempt]
    """The attempts that were made, in order."""

    def __init__(
        self,
        message: str = "",
        *,
        origin: _Origin | None = None,
        retryable: bool = False,
        status: int | None = None,
        provider: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        context: Mapping[str, str] | None = None,
        partial: Response | None = None,
        attempts: Iterable[Attempt] = (),
    ) -> None: ...
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""

class InvalidRequest(TidegateError):
    """The request is wrong in itself; sending it again anywhere is pointless."""

class Unauthenticated(TidegateError):
    """The provider does not know the key, or there is none."""

class PermissionDenied(TidegateError):
    """The key is known and may not do this."""

class NotFound(TidegateError):
    """The provider does not have this model or path."""

class RateLimited(TidegateError):
    """Too many requests or tokens in a window; it passes with time."""

class QuotaExhausted(TidegateError):
    """The account's money or quota is used up; waiting does not help."""

class Overloaded(TidegateError):
    """The provider is too busy (503, 529)."""

class Server(TidegateError):
    """The provider failed (5xx)."""

class Timeout(TidegateError):
    """One of the four timeouts passed; `context` names which."""

class Connection(TidegateError):
    """No connection: name resolution, refused, reset, proxy, out of sockets."""

class Tls(TidegateError):
    """The TLS handshake failed."""

class Protocol(TidegateError):
    """The provider's answer breaks HTTP or its own format; `context` has the `reason`."""

class StreamIncomplete(TidegateError):
    """A stream ended without its terminal marker; `partial` has what arrived."""

class ContextTooLong(TidegateError):
    """The prompt does not fit into the model's context window."""

class ContentFiltered(TidegateError):
    """The provider refused because of its content policy."""

class Cancelled(TidegateError):
    """The caller cancelled."""

class BudgetExceeded(TidegateError):
    """A budget of this gateway is spent."""

class Throttled(TidegateError):
    """A rate limit of this gateway is reached."""

class Blocked(TidegateError):
    """A guard of this gateway refused."""

class NoRoute(TidegateError):
    """The model names neither a route nor a known provider."""

class Config(TidegateError):
    """The configuration is wrong."""

class Unsupported(TidegateError):
    """A target cannot do what the request asks for."""

class Store(TidegateError):
    """The state store failed."""

class InvalidOutput(TidegateError):
    """The answer is not what the request's schema or the route demands; `partial` has it."""

__all__ = [
    "Blocked",
    "BudgetExceeded",
    "Cancelled",
    "Config",
    "Connection",
    "ContentFiltered",
    "ContextTooLong",
    "InvalidOutput",
    "InvalidRequest",
    "NoRoute",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Protocol",
    "QuotaExhausted",
    "RateLimited",
    "Server",
    "Store",
    "StreamIncomplete",
    "Throttled",
    "TidegateError",
    "Timeout",
    "Tls",
    "Unauthenticated",
    "Unsupported",
]
