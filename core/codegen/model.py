"""The model in plain terms: records, enums and unions, read from the JSON Schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

SCHEMA = Path(__file__).parent.parent / "model.schema.json"
TAG = "type"
"""The property that says which variant of a union a value is."""

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Text:
    """A string."""


@dataclass(frozen=True)
class Flag:
    """A boolean."""


@dataclass(frozen=True)
class Int:
    """A whole number."""

    signed: bool
    bits: int


@dataclass(frozen=True)
class Float:
    """A number."""

    bits: int


@dataclass(frozen=True)
class Json:
    """Any JSON value, whose keys are not ours."""


@dataclass(frozen=True)
class JsonObject:
    """A JSON object, whose keys are not ours."""


@dataclass(frozen=True)
class Ref:
    """A record, an enum or a union, by name."""

    name: str


@dataclass(frozen=True)
class List:
    """A list."""

    of: Type


@dataclass(frozen=True)
class Map:
    """An object whose keys are data."""

    of: Type


Type: TypeAlias = Text | Flag | Int | Float | Json | JsonObject | Ref | List | Map


@dataclass(frozen=True)
class Field:
    """One property."""

    name: str
    doc: str
    type: Type
    nullable: bool
    """Whether its value may be null."""
    required: bool
    """Whether it is always there in what the gateway gives out, and must be there in what it is given."""
    given: bool
    """Whether it must be there in what the gateway is given."""
    default: object = None
    """What it is where it is left out, if that is known and not null."""


@dataclass(frozen=True)
class Record:
    """An object with known properties."""

    name: str
    doc: str
    fields: list[Field]


@dataclass(frozen=True)
class Enum:
    """One of some words."""

    name: str
    doc: str
    values: list[tuple[str, str]]
    """Each with its documentation."""


@dataclass(frozen=True)
class Variant:
    """One form of a union."""

    tag: str
    doc: str
    fields: list[Field]
    """Without the tag."""


@dataclass(frozen=True)
class Union:
    """An object of one of several forms; the property `type` says which."""

    name: str
    doc: str
    variants: list[Variant]


@dataclass(frozen=True)
class Choice:
    """One of some words, or an object with a single property that is named like the choice."""

    name: str
    doc: str
    words: list[tuple[str, str]]
    others: list[tuple[str, str, Type]]
    """Each with its documentation and the type of its value."""


Definition: TypeAlias = Record | Enum | Union | Choice


def read(path: Path = SCHEMA) -> dict[str, Definition]:
    """All definitions by name, those that others are made of first."""
    definitions: dict[str, Schema] = json.loads(path.read_text())["$defs"]
    return {name: _definition(name, schema, definitions) for name, schema in definitions.items()}


def _definition(name: str, schema: Schema, all_: dict[str, Schema]) -> Definition:
    doc = schema.get("description", "")
    forms = schema.get("oneOf")
    if forms is None:
        return Record(name, doc, _fields(schema, all_))
    if all("const" in form for form in forms):
        return Enum(name, doc, [(form["const"], form.get("description", "")) for form in forms])
    if all(TAG in form.get("properties", {}) for form in forms):
        shared = _own_fields(schema)
        return Union(name, doc, [_variant(form, shared, all_) for form in forms])
    if any("const" in form for form in forms):
        words = [(form["const"], form["description"]) for form in forms if "const" in form]
        objects = [
            (form["description"], *next(iter(form["properties"].items()))) for form in forms if "const" not in form
        ]
        return Choice(name, doc, words, [(key, what, _type(value)) for what, key, value in objects])
    return Record(name, doc, _fields(schema, all_))


def _variant(schema: Schema, shared: list[Field], all_: dict[str, Schema]) -> Variant:
    tag = schema["properties"][TAG]["const"]
    fields = [field for field in _fields(schema, all_) if field.name != TAG]
    return Variant(tag, schema.get("description", ""), [*fields, *shared])


def _fields(schema: Schema, all_: dict[str, Schema]) -> list[Field]:
    """The properties, with those of what is flattened into it."""
    fields = []
    if "$ref" in schema:
        fields += _fields(all_[schema["$ref"].rsplit("/", 1)[1]], all_)
    for form in schema.get("oneOf", ()):
        # Exactly one of these is there.
        ((key, value),) = form["properties"].items()
        fields.append(
            Field(key, form.get("description", ""), _type(value), nullable=False, required=False, given=False)
        )
    return [*_own_fields(schema), *fields] if TAG in schema.get("properties", {}) else [*fields, *_own_fields(schema)]


def _own_fields(schema: Schema) -> list[Field]:
    required = schema.get("required", ())
    return [_field(key, value, required=key in required) for key, value in schema.get("properties", {}).items()]


def _field(name: str, schema: Schema, *, required: bool) -> Field:
    kinds = schema.get("type", "")
    nullable = "null" in kinds if isinstance(kinds, list) else {"type": "null"} in schema.get("anyOf", ())
    given = required and "default" not in schema
    return Field(name, schema.get("description", ""), _type(schema), nullable, required, given, schema.get("default"))


def _type(schema: Schema | bool) -> Type:
    if isinstance(schema, bool):
        return Json()
    if "$ref" in schema:
        return Ref(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        (inner,) = [form for form in schema["anyOf"] if form != {"type": "null"}]
        return _type(inner)
    kinds = schema.get("type", [])
    kind = next((kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"), None)
    match kind:
        case "string":
            return Text()
        case "boolean":
            return Flag()
        case "integer":
            bits = schema["format"]
            return Int(not bits.startswith("u"), int(bits.removeprefix("u").removeprefix("int")))
        case "number":
            return Float(32 if schema.get("format") == "float" else 64)
        case "array":
            return List(_type(schema["items"]))
        case "object":
            values = schema.get("additionalProperties", True)
            return JsonObject() if values is True else Map(_type(values))
        case _:
            return Json()
