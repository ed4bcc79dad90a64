"""One exception class per kind of error, made from the core's own list."""

from . import _native


class TidegateError(Exception):
    """What failed, with which value, and what to do. Every kind of error has a class of its own below this one."""

    __module__ = "tidegate"
    kind = "error"

    def __init__(self, message="", **attributes):
        super().__init__(message)
        own = {"message": message, "origin": None, "retryable": False, "status": None, "provider": None}
        own |= {"request_id": None, "retry_after": None, "context": {}, "partial": None, "attempts": []}
        if unknown := attributes.keys() - own:
            raise TypeError(f"{type(self).__name__} has no attribute '{unknown.pop()}'")
        vars(self).update(own, **attributes)
        self.context, self.attempts = dict(self.context or {}), list(self.attempts)

    def to_dict(self):
        """As plain values: dicts, lists, strings and numbers."""
        partial = self.partial and self.partial.to_dict()
        attempts = [attempt.to_dict() for attempt in self.attempts]
        return {"kind": self.kind, **vars(self), "partial": partial, "attempts": attempts}

    def to_json(self):
        """As JSON text, the same in every language."""
        return _native._error_json(self.to_dict())

    def __repr__(self):
        shown = [(name, getattr(self, name)) for name in ("status", "provider")]
        rest = [f", {name}={value!r}" for name, value in shown if value is not None]
        return f"{type(self).__name__}({self.message!r}{''.join(rest)})"


CLASSES = {
    kind: type(name, (TidegateError,), {"__doc__": description, "__module__": "tidegate", "kind": kind})
    for kind, name, description in _native._KINDS
}
globals().update({cls.__name__: cls for cls in CLASSES.values()})

__all__ = ["TidegateError", *(cls.__name__ for cls in CLASSES.values())]
