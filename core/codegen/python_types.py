"""`types.py`: what a request and its messages look like, as `TypedDict`s."""

from __future__ import annotations

from typing import TypeAlias

from codegen import model
from codegen.python_objects import NOTE, in_python, pascal, wrapped
from codegen.python_stubs import listed

Definitions: TypeAlias = "dict[str, model.Definition]"

ROOTS = ["ChatRequest", "EmbedRequest", "RerankRequest"]
"""May be given in parts, as a dict and as keywords: all their fields may be left out."""

EFFORT = 'Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]'

WIDER = {
    "messages": "Sequence[MessageLike]",
    "content": "Content | None",
    "tools": "Sequence[Tool | Mapping[str, Any]]",
    "tool_choice": "ToolChoice | Mapping[str, Any]",
    "response_format": "ResponseFormat | Mapping[str, Any] | type[Any]",
    "reasoning": f"Reasoning | {EFFORT}",
    "effort": EFFORT,
    "stop": "str | Sequence[str]",
    "input": "str | Sequence[str]",
    "documents": "Sequence[str]",
    "timeout": "float | str",
}
"""Fields that the core also reads in other forms: OpenAI's, and shorter ones."""

ALSO = {
    "ChatRequest": [
        ("max_completion_tokens", "int", "OpenAI's name of `max_tokens`."),
        ("reasoning_effort", EFFORT, "OpenAI's name of the `effort` of `reasoning`."),
    ],
    "Message": [
        ("tool_calls", "Sequence[Mapping[str, Any]]", "OpenAI's form of the tool calls of an answer."),
        ("tool_call_id", "str", "OpenAI's form of a tool's result: the call that it answers."),
    ],
}
"""Fields that the core reads beside its own."""

HEAD = '''\
# {note}
"""Types for annotations: what a request and its messages look like. Importing this is never needed at run time.

The core reads requests and refuses what it does not know, so these types help editors and type checkers and decide
nothing. Messages are OpenAI's Chat Completions messages as they are, or our own parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypedDict

{exported}

class _HasToDict(Protocol):
    def to_dict(self) -> Any: ...


class _HasModelDump(Protocol):
    def model_dump(self) -> Any: ...


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]
'''

MESSAGES = '''

Content: TypeAlias = str | Sequence[Part | Mapping[str, Any]]
"""What a message says: text, or parts."""

MessageLike: TypeAlias = Message | Mapping[str, Any] | _HasToDict | _HasModelDump | _Dataclass
"""A message, or an object that can become one: an SDK's answer, a pydantic model, a dataclass."""
'''


def write(definitions: Definitions) -> str:
    """The whole file."""
    used = [definitions[name] for name in definitions if name in _reachable(definitions)]
    body: list[str] = []
    names = ["Content", "MessageLike"]
    for item in used:
        found, text = _definition(item, definitions)
        names += found
        body.append(text)
    exported = listed("__all__ = [", sorted(names))
    return HEAD.replace("{note}", NOTE).replace("{exported}", exported) + "".join(body) + MESSAGES


def _reachable(definitions: Definitions) -> set[str]:
    """What requests are made of."""
    found: set[str] = set()
    waiting = [*ROOTS]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        item = definitions[name]
        fields = item.fields if isinstance(item, model.Record) else []
        if isinstance(item, model.Union):
            fields = [field for variant in item.variants for field in variant.fields]
        waiting += [ref for field in fields for ref in _refs(field.type)]
    return found


def _refs(type_: model.Type) -> list[str]:
    match type_:
        case model.Ref(name):
            return [name]
        case model.List(of) | model.Map(of):
            return _refs(of)
        case _:
            return []


def _definition(item: model.Definition, definitions: Definitions) -> tuple[list[str], str]:
    """The names that it defines, and their text."""
    match item:
        case model.Record():
            return [item.name], _typed_dict(item.name, item.doc, item.fields, definitions)
        case model.Union():
            texts = []
            names = []
            for variant in item.variants:
                names.append(f"{pascal(variant.tag)}{item.name}")
                texts.append(_typed_dict(names[-1], variant.doc, variant.fields, definitions, variant.tag))
            return [*names, item.name], "".join(texts) + _alias(item.name, item.doc, names)
        case model.Choice():
            words = ", ".join(f'"{word}"' for word, _ in item.words)
            fields = [model.Field(key, what, type_, False, True, True) for key, what, type_ in item.others]
            name = f"Named{item.name}"
            return [name, item.name], _typed_dict(name, fields[0].doc, fields, definitions) + _alias(
                item.name, item.doc, [f"Literal[{words}]", name]
            )
        case model.Enum():
            # Its words are written where they are used: an alias of them has no name at run time.
            return [], ""


def _alias(name: str, doc: str, forms: list[str]) -> str:
    inside = " | ".join(forms)
    if len(name) + len(inside) > 100:
        inside = "(\n    " + "\n    | ".join(forms) + "\n)"
    return f'\n\n{name}: TypeAlias = {inside}\n"""{doc.splitlines()[0]}"""\n'


def _typed_dict(name: str, doc: str, fields: list[model.Field], definitions: Definitions, tag: str = "") -> str:
    lines = {field.name: _field(field.name, _type(field, definitions), in_python(field.doc)) for field in fields}
    needed = {field.name for field in fields if field.given} if name not in ROOTS else set()
    also = [_field(*each) for each in ALSO.get(name, ())]
    first = [f'    type: Literal["{tag}"]\n'] if tag else []
    first += [text for key, text in lines.items() if key in needed]
    rest = [text for key, text in lines.items() if key not in needed] + also
    if name in ALSO:
        # Its fields have other names too.
        first, rest = [], first + rest
    what = _docstring(in_python(doc))
    if not rest or not first:
        total = "" if first else ", total=False"
        return f"\n\nclass {name}(TypedDict{total}):\n{what}\n{''.join(first + rest)}"
    return (
        f"\n\nclass _{name}(TypedDict):\n{''.join(first)}"
        f"\n\nclass {name}(_{name}, total=False):\n{what}\n{''.join(rest)}"
    )


def _field(name: str, type_: str, doc: str) -> str:
    return f"    {name}: {type_}\n" + (_docstring(doc) if doc else "")


def _docstring(doc: str) -> str:
    lines = wrapped(doc, 108)
    body = "".join(f"    {line}".rstrip() + "\n" for line in lines[1:])
    return f'    """{lines[0]}\n{body}    """\n' if body else f'    """{lines[0]}"""\n'


def _type(field: model.Field, definitions: Definitions) -> str:
    return WIDER.get(field.name) or _plain(field.type, definitions)


def _plain(type_: model.Type, definitions: Definitions) -> str:
    match type_:
        case model.Text():
            return "str"
        case model.Flag():
            return "bool"
        case model.Int():
            return "int"
        case model.Float():
            return "float"
        case model.Json():
            return "Any"
        case model.JsonObject():
            return "Mapping[str, Any]"
        case model.Ref(name):
            item = definitions[name]
            words = [f'"{word}"' for word, _ in item.values] if isinstance(item, model.Enum) else []
            return f"Literal[{', '.join(words)}]" if words else name
        case model.List(of):
            return f"Sequence[{_plain(of, definitions)}]"
        case model.Map(of):
            return f"Mapping[str, {_plain(of, definitions)}]"
