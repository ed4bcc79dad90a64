from collections.abc import Iterable, Mapping
from typing import Any

from ._native import Attempt, Response

CLASSES: dict[str, type[TidegateError]]

class TidegateError(Exception):
    kind: str
    message: str
    origin: str | None
    retryable: bool
    status: int | None
    provider: str | None
    request_id: str | None
    retry_after: float | None
    context: dict[str, str]
    partial: Response | None
    attempts: list[Attempt]

    def __init__(
        self,
        message: str = "",
        *,
        origin: str | None = None,
        retryable: bool = False,
        status: int | None = None,
        provider: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        context: Mapping[str, str] | None = None,
        partial: Response | None = None,
        attempts: Iterable[Attempt] = (),
    ) -> None: ...
    def to_dict(self) -> dict[str, Any]: ...

class InvalidRequest(TidegateError): ...
class Unauthenticated(TidegateError): ...
class PermissionDenied(TidegateError): ...
class NotFound(TidegateError): ...
class RateLimited(TidegateError): ...
class QuotaExhausted(TidegateError): ...
class Overloaded(TidegateError): ...
class Server(TidegateError): ...
class Timeout(TidegateError): ...
class Connection(TidegateError): ...
class Tls(TidegateError): ...
class Protocol(TidegateError): ...
class StreamIncomplete(TidegateError): ...
class ContextTooLong(TidegateError): ...
class ContentFiltered(TidegateError): ...
class Cancelled(TidegateError): ...
class BudgetExceeded(TidegateError): ...
class Throttled(TidegateError): ...
class Blocked(TidegateError): ...
class NoRoute(TidegateError): ...
class Config(TidegateError): ...
class Unsupported(TidegateError): ...
class Store(TidegateError): ...

__all__ = [
    "Blocked",
    "BudgetExceeded",
    "Cancelled",
    "Config",
    "Connection",
    "ContentFiltered",
    "ContextTooLong",
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
