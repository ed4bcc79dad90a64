"""What JSON does not have, as what it has: objects of this package and of SDKs, pydantic models, dataclasses."""

from collections.abc import Iterable, Mapping


def plain(value):
    """A dict, a list or whatever the object says it is; the object itself where it says nothing."""
    if isinstance(value, type):
        if not hasattr(value, "model_json_schema"):
            return value
        # A pydantic class, as OpenAI's SDK takes it for `response_format`.
        schema = {"name": value.__name__, "schema": value.model_json_schema()}
        return {"type": "json_schema", "json_schema": schema}
    for method in ("to_dict", "model_dump"):
        if hasattr(value, method):
            return getattr(value, method)()
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    return value


def shown(value):
    """`ToolCall(id='c1', name='now')`: what a pattern matches and is there, long texts cut."""
    fields = [(name, getattr(value, name)) for name in value.__match_args__]
    return f"{type(value).__name__}({', '.join(f'{name}={_short(it)}' for name, it in fields if it is not None)})"


def _short(value):
    text = repr(value)
    return text if not isinstance(value, str) or len(text) <= 60 else f"{text[:60]}…' ({len(value)} characters)"
