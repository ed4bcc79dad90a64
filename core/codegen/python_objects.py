"""The classes that callers get: which attributes each has, and what Rust says for each."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace

from codegen import model

NOTE = "Generated from `core/model.schema.json` by `core/codegen/python.py`: do not edit, run `make generate`."

SHOWN = {
    "Event": ["type", "index", "text", "reasoning", "name", "arguments", "finish_reason"],
    "Response": ["model", "target", "text", "finish_reason", "usage", "cost"],
    "Part": ["type", "text", "tool_call", "media", "citation"],
    "ToolCall": ["id", "name", "arguments_raw"],
    "ToolResult": ["id", "name", "content", "is_error"],
    "Media": ["mime", "filename", "url", "file_id"],
    "Citation": ["url", "title", "cited_text"],
    "TokenLogprob": ["token", "logprob"],
    "Ranking": ["index", "relevance_score"],
    "Usage": ["input_tokens", "output_tokens"],
    "Money": ["nano_usd", "usd"],
    "AttemptRecord": ["target", "kind", "status", "time", "skipped"],
    "Latency": ["first_content", "total"],
    "Seam": ["at", "target", "reason"],
    "Explanation": ["route", "candidates"],
    "Candidate": ["target", "why", "skipped", "wait"],
    "TargetHealth": ["target", "state", "why", "in_flight", "failure_rate"],
    "Quantiles": ["p50", "p95", "p99"],
}
"""What has a class of its own, and which attributes patterns and `repr` show. All other records are dicts."""

WORDS = ["FinishReason", "Fallback", "Kind", "Origin", "Why", "Skipped", "WaitReason", "HealthState"]
"""Enums that are words in Python, and types in the stub."""

NAMES = {"AttemptRecord": "Attempt"}
"""Classes that have another name than the record."""

DERIVED = {
    "Response": {"text": "it.text()", "reasoning": "it.reasoning()", "refusal": "it.refusal()"}
    | {"tool_calls": "it.tool_calls().collect::<Vec<_>>()"},
    "ToolCall": {"arguments": "it.parsed()", "arguments_raw": "it.arguments", "args_valid": "it.args_valid()"},
    "Money": {"usd": "Dollars(*it)"},
}
"""Properties that are not fields of the core's type."""

METHODS = {
    "Response": [
        (
            "message",
            "The answer as a message, to be appended to `messages` for the next turn. It keeps the provider's state.",
            "dict[str, Any]",
        )
    ],
    "Usage": [("total_tokens", "Input and output together.", "int")],
}
"""What the core's types can say beside their properties."""

TYPES = {("Money", "usd"): "Decimal"}

CONTENT = {"Event": ("it", "Form"), "Part": ("&it.content", "Content")}
"""Where the core keeps what differs between the forms of a union, and the name of that enum."""

PAYLOADS = {
    "Event": {"start": "Start", "end": "End", "citation": "Citation", "ranking": "Ranking"},
    "Part": {"image": "Media", "audio": "Media", "file": "Media", "tool_call": "ToolCall", "tool_result": "ToolResult"}
    | {"citation": "Citation", "other": "Other"},
}
"""Records whose properties stand among those of a form. They are one attribute, named like the record, unless they are
INLINED."""

INLINED = {"Start", "End", "Ranking"}

RENAMED = {
    ("Event", "reasoning", "text"): "reasoning",
    ("Event", "refusal", "text"): "refusal",
    ("Event", "arguments", "fragment"): "arguments",
    ("Event", "logprobs", "tokens"): "logprobs",
}
"""Properties whose names mean something else in another form: `event.text` is visible text only."""

DOCS = {
    ("Event", "index"): "Its place in the response's `parts`, of a vector in `vectors`, of a ranking in `documents`.",
    ("Event", "state"): "What only the provider understands: a dict of `provider` and `data`.",
    ("Part", "text"): "The text of a text, a reasoning or a refusal.",
}

OPTIONS = {"Money": ("ord, hash, ", "PartialEq, Eq, PartialOrd, Ord, Hash")}
"""What a class is beside comparable, in the words of PyO3 and of Rust."""

MEMBERS = {
    "Money": """
    #[new]
    fn new(nano_usd: i64) -> Self {
        Money(tidegate::Money { nano_usd })
    }
""",
}


@dataclass(frozen=True)
class Attribute:
    """One attribute: its name, documentation, type in a stub, and value in Rust, where `it` is the core's value."""

    name: str
    doc: str
    type: str
    value: str


@dataclass(frozen=True)
class Class:
    """One class, named `name` in Python."""

    record: str
    doc: str
    attributes: list[Attribute]

    @property
    def name(self) -> str:
        return NAMES.get(self.record, self.record)

    @property
    def shown(self) -> list[str]:
        return SHOWN[self.record]


def classes(definitions: dict[str, model.Definition]) -> list[Class]:
    """All classes, those that callers get first before those that these are made of."""
    return [_class(definitions[name], definitions) for name in SHOWN]


def _fields(record: model.Record, definitions: dict[str, model.Definition]) -> list[model.Field]:
    """The fields, with the words that one may be in its documentation, where they are few."""
    fields = []
    for field in record.fields:
        item = definitions[field.type.name] if isinstance(field.type, model.Ref) else None
        words = [f"`{word}`" for word, _ in item.values] if isinstance(item, model.Enum) else []
        what = f"{field.doc.removesuffix('.')}: {', '.join(words)}." if 0 < len(words) < 8 else field.doc
        fields.append(replace(field, doc=what))
    return fields


def _class(item: model.Definition, definitions: dict[str, model.Definition]) -> Class:
    if isinstance(item, model.Union):
        return Class(item.name, in_python(item.doc), _of_union(item, definitions))
    assert isinstance(item, model.Record)
    attributes = [_of_record(item.name, field) for field in _fields(item, definitions)]
    methods = [Attribute(name, what, type_, f"it.{name}()") for name, what, type_ in METHODS.get(item.name, ())]
    return Class(item.name, in_python(item.doc), attributes + methods)


def _of_record(record: str, field: model.Field) -> Attribute:
    type_ = TYPES.get((record, field.name), stub(field.type))
    value = DERIVED.get(record, {}).get(field.name, f"it.{field.name}")
    # One of several of which exactly one is there.
    if record == "Media" and not field.nullable:
        value = f"if let Source::{pascal(field.name)}(it) = &it.source {{ Some(it) }} else {{ None }}"
        return Attribute(field.name, in_python(field.doc), f"{type_} | None", value)
    return Attribute(field.name, in_python(field.doc), optional(type_, field.nullable), value)


@dataclass(frozen=True)
class Arm:
    """What one form of a union has for an attribute."""

    tag: str
    doc: str
    type: str
    pattern: str
    value: str


def _of_union(item: model.Union, definitions: dict[str, model.Definition]) -> list[Attribute]:
    tags = ", ".join(f"`{variant.tag}`" for variant in item.variants)
    path, enum = CONTENT[item.name]
    kind = Attribute("type", f"What it is: {tags}.", f"_{item.name}Type", "it.kind()")
    shared = set.intersection(*({field.name for field in variant.fields} for variant in item.variants))
    arms: dict[str, list[Arm]] = {}
    for variant in item.variants:
        for name, arm in _arms(item.name, variant, shared, definitions):
            arms.setdefault(name, []).append(arm)
    attributes = [kind]
    for name, found in arms.items():
        cases: dict[str, list[str]] = {}
        for arm in found:
            cases.setdefault(arm.value, []).append(f"{enum}::{arm.pattern}")
        inside = [_case(patterns, value) for value, patterns in cases.items()] + ["_ => None"]
        value = f"match {path} {{ {', '.join(inside)} }}"
        if len(name + value) > 100:
            value = f"match {path} {{\n{textwrap.indent(''.join(f'{case},{chr(10)}' for case in inside), '    ')}}}"
        attributes.append(Attribute(name, _doc(item.name, name, found), f"{found[0].type} | None", value))
    own = [field for field in item.variants[0].fields if field.name in shared]
    return attributes + [_of_record(item.name, field) for field in own]


def _case(patterns: list[str], value: str) -> str:
    line = f"{' | '.join(patterns)} => {value}"
    return line if len(line) < 100 else "\n| ".join(patterns) + f" => {value}"


def _arms(
    union: str, variant: model.Variant, shared: set[str], definitions: dict[str, model.Definition]
) -> list[tuple[str, Arm]]:
    """The attributes of one form."""
    case = pascal(variant.tag)
    fields = [field for field in variant.fields if field.name not in shared]
    payload = definitions.get(PAYLOADS[union].get(variant.tag, ""))
    arms = []
    if isinstance(payload, model.Record):
        inside = {field.name for field in payload.fields}
        whole = len(inside) == len(fields)
        fields = [field for field in fields if field.name not in inside]
        name = snake(payload.name)
        pattern = f"{case}(it)" if whole else f"{case} {{ {name}: it, .. }}"
        if payload.name in INLINED:
            for field in _fields(payload, definitions):
                value = f"it.{field.name}.as_ref()" if field.nullable else f"Some(&it.{field.name})"
                arms.append((field.name, Arm(variant.tag, field.doc, stub(field.type), pattern, value)))
        else:
            arms.append((name, Arm(variant.tag, payload.doc, stub(model.Ref(payload.name)), pattern, "Some(it)")))
    only = [field.name for field in fields if field.name != "index"]
    for field in fields:
        name = RENAMED.get((union, variant.tag, field.name), field.name)
        doc = variant.doc if only == [field.name] else field.doc
        value = "it.as_ref()" if field.nullable else "Some(it)"
        pattern = f"{case} {{ {field.name}: it, .. }}"
        arms.append((name, Arm(variant.tag if doc == field.doc else "", doc, stub(field.type), pattern, value)))
    return arms


def _doc(union: str, name: str, arms: list[Arm]) -> str:
    """The documentation of an attribute: each form's, with the form."""
    if given := DOCS.get((union, name)):
        return given
    forms: dict[str, list[str]] = {}
    for arm in arms:
        forms.setdefault(arm.doc, []).append(f"`{arm.tag}`" if arm.tag else "")
    said = [doc.removesuffix(".") + f" ({', '.join(tags)}).".replace(" ().", ".") for doc, tags in forms.items()]
    return in_python(" ".join(said))


def stub(type_: model.Type) -> str:
    """A type in Python, as callers get it."""
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
            return "dict[str, Any]"
        case model.Ref(name) if name in SHOWN:
            return NAMES.get(name, name)
        case model.Ref(name) if name in WORDS:
            return f"_{name}"
        case model.Ref():
            return "dict[str, Any]"
        case model.List(of):
            return f"list[{stub(of)}]"
        case model.Map(of):
            return f"dict[str, {stub(of)}]"


def optional(type_: str, nullable: bool) -> str:
    return f"{type_} | None" if nullable and type_ != "Any" else type_


def in_python(doc: str) -> str:
    """Documentation without what is said of the JSON only."""
    doc = re.sub(r"(; in JSON,|, and) left out [^.]*", "", doc)
    return doc.replace("n JSON, seconds", "n seconds")


def pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def wrapped(doc: str, width: int) -> list[str]:
    """The lines of a text, with an empty one between its paragraphs."""
    lines: list[str] = []
    for paragraph in doc.split("\n\n"):
        lines += ["", *textwrap.wrap(paragraph, width, break_on_hyphens=False)]
    return lines[1:]


WIDTH = 104
"""Of documentation: the same lines fit into the Rust source and into the stub."""


HEAD = """\
//! What callers get: the core's own values behind attributes that convert when they are read.
//!
//! {note}
#![allow(clippy::clone_on_copy, reason = "the generator does not know which types are")]

use pyo3::prelude::*;
use pyo3::types::{{PyTuple, PyType}};
use tidegate::{{Content, Event as Form, Source}};

use crate::convert::{{Dollars, ToPython, checked, json, plain, typed}};
use crate::read::value;

/// Adds all classes.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {{
{add}    Ok(())
}}
"""

CLASS = """
{doc}#[pyclass(frozen, eq, {options}module = "tidegate")]
#[derive({derives})]
pub(crate) struct {name}(pub(crate) tidegate::{record});

impl ToPython for tidegate::{record} {{
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {{
        Ok(Bound::new(py, {name}(self.clone()))?.into_any())
    }}
}}

#[rustfmt::skip]
#[pymethods]
impl {name} {{
{getters}{members}
    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {{
        plain(py, &self.0)
    }}

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {{
        json(&self.0)
    }}

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {{
        typed(value(plain)?).map({name})
    }}

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {{
        checked(serde_json::from_str(text)).map({name})
    }}

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {{
        PyTuple::new(py, [{shown}])
    }}

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {{
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }}

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {{
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }}
}}
"""

GETTER = """\
{doc}    #[getter]
    fn {name}<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {{
        let it = &self.0;
        ToPython::to_python(&{value}, py)
    }}

"""


def rust(all_: list[Class]) -> str:
    """`src/objects.rs`."""
    add = "".join(f"    module.add_class::<{one.name}>()?;\n" for one in all_)
    return HEAD.format(note=NOTE, add=add) + "".join(_rust(one) for one in all_)


def _rust(one: Class) -> str:
    options, derives = OPTIONS.get(one.record, ("", "PartialEq"))
    getters = "".join(
        GETTER.format(
            doc=_comment(each.doc, "    "),
            name="r#type" if each.name == "type" else each.name,
            value=each.value.replace("\n", "\n        "),
        )
        for each in one.attributes
    )
    return CLASS.format(
        doc=_comment(one.doc, ""),
        options=options,
        derives=derives,
        name=one.name,
        record=one.record,
        getters=getters.rstrip() + "\n",
        members=MEMBERS.get(one.record, ""),
        shown=", ".join(f'"{name}"' for name in one.shown),
    )


def _comment(doc: str, indent: str) -> str:
    return "".join(f"{indent}/// {line}".rstrip() + "\n" for line in wrapped(doc, WIDTH))
