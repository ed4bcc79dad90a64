//! The JSON Schema of all that callers see, derived from the types themselves: the bindings' types are generated from it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::request::{Chat, Request};
use super::{Embed, Event, Explanation, Message, Rerank, Response, TargetHealth, ToolCall};
use crate::error::Error;

/// The JSON Schema of requests, responses, events, errors, explanations and health, with their documentation.
///
/// A property that is `required` is always there in what the gateway gives out. One with a `default` may be left out of
/// what it is given.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let chat = request::<Chat>(&mut generator, "What a chat asks for.", &["messages"]);
    let embed = request::<Embed>(&mut generator, "What an embedding asks for.", &["input"]);
    let rerank = request::<Rerank>(&mut generator, "What a ranking asks for.", &["query", "documents"]);
    generator.subschema_for::<Message>();
    generator.subschema_for::<Response>();
    generator.subschema_for::<Event>();
    generator.subschema_for::<Error>();
    generator.subschema_for::<Explanation>();
    generator.subschema_for::<TargetHealth>();
    let mut definitions = generator.take_definitions(true);
    definitions.insert("ChatRequest".to_owned(), chat);
    definitions.insert("EmbedRequest".to_owned(), embed);
    definitions.insert("RerankRequest".to_owned(), rerank);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tidegate's model",
        "description": "Requests, responses, events, errors, explanations and health in their canonical form. A property that \
            is required is always there in what the gateway gives out; one with a default may be left out of what it is \
            given.",
        "$defs": definitions,
    })
}

/// What is asked for, in one object: the fields of the task, and those of every request. All but `model` and `needed`
/// may be left out.
fn request<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str, needed: &[&str]) -> Value {
    let mut every = properties(Request::json_schema(generator));
    let model = every.shift_remove("model");
    let labels = [
        ("tenant", "The tenant that asks, for reports and limits: the label `tenant`."),
        ("team", "The team that asks: the label `team`."),
        ("feature", "What it is for: the label `feature`."),
    ];
    let mut all = Map::from_iter(model.map(|model| ("model".to_owned(), model)));
    all.extend(properties(T::json_schema(generator)));
    for name in needed {
        if let Some(Value::Object(property)) = all.get_mut(*name) {
            property.shift_remove("default");
        }
    }
    all.extend(labels.map(|(name, what)| {
        let schema = json_schema!({ "description": what, "type": ["string", "null"], "default": null });
        (name.to_owned(), schema.to_value())
    }));
    all.extend(every);
    let required: Vec<&str> = std::iter::once("model").chain(needed.iter().copied()).collect();
    json!({ "description": description, "type": "object", "properties": all, "required": required })
}

fn properties(mut schema: Schema) -> Map<String, Value> {
    match schema.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

/// Adds to a response's schema what its canonical form says beside its parts.
pub(super) fn with_derived(schema: &mut Schema) {
    let call = ToolCall::schema_name();
    let derived = [
        ("text", json!({ "description": "All visible text, joined.", "type": "string" })),
        (
            "reasoning",
            json!({ "description": "All thinking that the provider shows, joined.", "type": ["string", "null"] }),
        ),
        (
            "refusal",
            json!({ "description": "The refusal's words, if the model declined.", "type": ["string", "null"] }),
        ),
        (
            "tool_calls",
            json!({
                "description": "The tool calls, in order.",
                "type": "array",
                "items": { "$ref": format!("#/$defs/{call}") },
            }),
        ),
    ];
    let own = properties(std::mem::take(schema));
    let mut all = Map::new();
    let mut required = Vec::new();
    for (name, property) in own {
        // What may be left out has a default.
        if property.get("default").is_none() {
            required.push(Value::from(name.as_str()));
        }
        let last = name == "target";
        all.insert(name, property);
        if last {
            for (name, property) in &derived {
                required.push(Value::from(*name));
                all.insert((*name).to_owned(), property.clone());
            }
        }
    }
    *schema = json_schema!({
        "description": "The whole answer, the same whichever provider gave it.",
        "type": "object",
        "properties": all,
        "required": required,
    });
}
