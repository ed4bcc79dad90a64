"""One exception class per kind of error, made from the core's own list."""

from . import _native


class TidegateError(Exception):
    """What failed, with which value, and what to do. Every kind of error has a class of its own below this one."""

    kind = "error"

    def __init__(
        self,
        message="",
        *,
        origin=None,
        retryable=False,
        status=None,
        provider=None,
        request_id=None,
        retry_after=None,
        context=None,
        partial=None,
        attempts=(),
    ):
        super().__init__(message)
        self.message = message
        self.origin = origin
        self.retryable = retryable
        self.status = status
        self.provider = provider
        self.request_id = request_id
        self.retry_after = retry_after
        self.context = dict(context or {})
        self.partial = partial
        self.attempts = list(attempts)

    def to_dict(self):
        """As plain values."""
        return {
            "kind": self.kind,
            **vars(self),
            "partial": self.partial and self.partial.to_dict(),
            "attempts": [attempt.to_dict() for attempt in self.attempts],
        }

    def __repr__(self):
        shown = [repr(self.message)]
        shown += [f"{name}={value!r}" for name in ("status", "provider") if (value := getattr(self, name)) is not None]
        return f"{type(self).__name__}({', '.join(shown)})"


TidegateError.__module__ = "tidegate"

CLASSES = {
    kind: type(name, (TidegateError,), {"__doc__": description, "__module__": "tidegate", "kind": kind})
    for kind, name, description in _native.KINDS
}
globals().update({cls.__name__: cls for cls in CLASSES.values()})

__all__ = ["TidegateError", *(cls.__name__ for cls in CLASSES.values())]
