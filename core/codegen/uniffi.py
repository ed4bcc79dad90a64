"""Writes `bindings-ffi/src/records.rs`: the model as UniFFI records and enums, for Kotlin and Swift.

They have the names of the canonical JSON, so that serde turns them into the core's types and back.
`bindings-ffi/generate.py` runs it.
"""

from __future__ import annotations

import textwrap

from codegen import model

ROOTS = ["ChatRequest", "EmbedRequest", "RerankRequest", "Response", "Event", "Error", "Message"]
ROOTS += ["Explanation", "TargetHealth"]
"""What calls take and give. What these are not made of is left out."""

DISCREET = {
    "ChatRequest",
    "EmbedRequest",
    "Event",
    "Message",
    "Part",
    "ProviderState",
    "RerankRequest",
    "Response",
    "TokenLogprob",
    "Tool",
    "ToolCall",
}
"""What holds prompts and answers: printing it prints sizes only (see `src/json.rs`)."""

NAMES = {"Error": "ErrorDetails"}
"""Names that the languages have a meaning for themselves."""

HEAD = """\
//! What Kotlin and Swift see of the core's model. Generated from `core/model.schema.json` by `core/codegen/uniffi.py`:
//! do not edit, run `make generate`.
#![allow(clippy::doc_markdown, reason = "the words are the core's")]

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::json::{Json, yes};
"""


def write() -> str:
    """The whole file."""
    definitions = model.read()
    used = reachable(definitions)
    parts = [definition(item) for name, item in definitions.items() if name in used]
    return "\n".join([HEAD, *parts, errors(definitions["Kind"])])


def reachable(definitions: dict[str, model.Definition]) -> set[str]:
    """The names of all that the roots are made of."""
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [ref for type_ in types(definitions[name]) for ref in refs(type_)]
    return found


def types(item: model.Definition) -> list[model.Type]:
    match item:
        case model.Record():
            return [field.type for field in item.fields]
        case model.Union():
            return [field.type for variant in item.variants for field in variant.fields]
        case model.Choice():
            return [type_ for _, _, type_ in item.others]
        case model.Enum():
            return []


def refs(type_: model.Type) -> list[str]:
    match type_:
        case model.Ref(name):
            return [name]
        case model.List(of) | model.Map(of):
            return refs(of)
        case _:
            return []


def definition(item: model.Definition) -> str:
    name = NAMES.get(item.name, item.name)
    match item:
        case model.Record():
            body = "".join(field(one, "pub ") for one in item.fields)
            derive = "#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]"
            return f"{doc(item.doc)}{derive}\n{debug(name)}pub struct {name} {{\n{body}}}\n"
        case model.Enum():
            body = "".join(indent(f"{doc(what)}{pascal(word)},\n") for word, what in item.values)
            return enum(name, item.doc, 'rename_all = "snake_case"', body, "Copy, Debug, Eq, ")
        case model.Union():
            body = "".join(variant(one) for one in item.variants)
            return enum(name, item.doc, f'tag = "{model.TAG}", rename_all = "snake_case"', body)
        case model.Choice():
            words = [indent(f"{doc(what)}{pascal(word)},\n") for word, what in item.words]
            others = [indent(f"{doc(what)}{pascal(key)}({rust(type_)}),\n") for key, what, type_ in item.others]
            return enum(name, item.doc, 'rename_all = "snake_case"', "".join(words + others))


def enum(name: str, what: str, serde: str, body: str, derives: str = "") -> str:
    derive = f"#[derive(Clone, {derives}PartialEq, Serialize, Deserialize, uniffi::Enum)]"
    return f"{doc(what)}{derive}\n#[serde({serde})]\n{debug(name)}pub enum {name} {{\n{body}}}\n"


def debug(name: str) -> str:
    return "#[uniffi::export(Debug)]\n" if name in DISCREET else ""


def variant(one: model.Variant) -> str:
    name = pascal(one.tag)
    if not one.fields:
        return indent(f"{doc(one.doc)}{name},\n")
    fields = "".join(field(each, "") for each in one.fields)
    return indent(f"{doc(one.doc)}{name} {{\n{fields}}},\n")


def field(one: model.Field, visibility: str) -> str:
    type_ = rust(one.type)
    # What may be left out and has no empty value of its own.
    whole = isinstance(one.type, (model.Json, model.JsonObject)) and not one.given
    optional = (
        one.nullable or whole or (not one.required and isinstance(one.type, (model.Text, model.Ref, model.Float)))
    )
    attributes = []
    if optional:
        type_ = f"Option<{type_}>"
        attributes.append('#[serde(default, skip_serializing_if = "Option::is_none")]')
    elif one.default is True:
        attributes.append('#[serde(default = "yes")]')
    elif not one.given:
        empty = {model.List: "Vec::is_empty", model.Map: "HashMap::is_empty"}.get(type(one.type))
        skip = f', skip_serializing_if = "{empty}"' if empty else ""
        attributes.append(f"#[serde(default{skip})]")
    if not one.given:
        attributes.append("#[uniffi(default = true)]" if one.default is True else "#[uniffi(default)]")
    what = f"{one.doc} JSON text.".strip() if is_json(one.type) else one.doc
    return indent("\n".join([*doc(what).splitlines(), *attributes, f"{visibility}{one.name}: {type_},\n"]))


def is_json(type_: model.Type) -> bool:
    return isinstance(type_, (model.Json, model.JsonObject))


def rust(type_: model.Type) -> str:
    match type_:
        case model.Text():
            return "String"
        case model.Flag():
            return "bool"
        # Java has no unsigned numbers, and hides from Java what Kotlin has of them.
        case model.Int(_, bits):
            return "i64" if bits > 32 else "i32"
        case model.Float(bits):
            return f"f{bits}"
        case model.Json() | model.JsonObject():
            return "Json"
        case model.Ref(name):
            return NAMES.get(name, name)
        case model.List(of):
            return f"Vec<{rust(of)}>"
        case model.Map(of):
            return f"HashMap<String, {rust(of)}>"


def errors(kinds: model.Definition) -> str:
    """One class of exceptions a kind."""
    assert isinstance(kinds, model.Enum)
    names = [pascal(word) for word, _ in kinds.values]
    inside = "    /// What failed, whose fault it is, and what had arrived.\n    details: Box<ErrorDetails>,\n"
    whats = [doc(what) for _, what in kinds.values]
    body = "".join(indent(f"{what}{name} {{\n{inside}}},\n") for name, what in zip(names, whats, strict=True))
    every = " | ".join(f"TidegateError::{name} {{ details }}" for name in names)
    arms = "".join(f"            Kind::{name} => TidegateError::{name} {{ details }},\n" for name in names)
    return f"""\
/// What failed: one class a kind.
#[derive(uniffi::Error)]
pub enum TidegateError {{
{body}}}

impl TidegateError {{
    /// What failed, whose fault it is, and what had arrived.
    pub fn details(&self) -> &ErrorDetails {{
        let ({every}) = self;
        details
    }}
}}

impl From<Box<ErrorDetails>> for TidegateError {{
    fn from(details: Box<ErrorDetails>) -> Self {{
        match details.kind {{
{arms}        }}
    }}
}}
"""


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def doc(text: str) -> str:
    # What is true of the JSON is true of these types, and what Rust calls `None` has another name in each language.
    text = text.replace("n JSON, seconds", "n seconds").replace("`None`", "nothing")
    return "".join(f"/// {line}".rstrip() + "\n" for line in text.splitlines())


def indent(text: str) -> str:
    return textwrap.indent(text, "    ")
