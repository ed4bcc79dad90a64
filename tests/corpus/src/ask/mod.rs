//! From an exchange's intent to the request that a user of the gateway would write.
//!
//! An intent leaves out what is opaque: bytes of files, signatures, blocks of one provider's own. Those are taken from
//! the recorded body, as a user has them from the answer before.

mod completions;
mod converse;
mod ollama;
mod openai;
mod own;
mod reasoning;
mod responses;

use serde_json::{Map, Value, json};

use crate::record::{Api, Intent, Protocol, Record, ToolSpec};
use crate::same;

/// The request, for the provider of this name in the configuration.
pub fn request(record: &Record, provider: &str) -> Value {
    // Without a word of its own, a request uses a template that the vendor keeps.
    let says = |intent: &&Intent| !intent.messages.is_empty() || intent.has_texts() || intent.prompt.is_some();
    let Some(intent) = record.intent.as_ref().filter(says) else {
        return minimal(record, provider);
    };
    let sent = same::vendor_spelling(record.api.protocol(), &record.sent());
    let mut out = Map::new();
    out.insert("model".into(), format!("{provider}/{}", intent.model.as_deref().unwrap_or("model")).into());
    if record.api == Api::OpenAiEmbeddings {
        embedding(&sent, &mut out);
        return Value::Object(out);
    }
    if intent.has_texts() {
        out.insert("input".into(), intent.inputs.clone());
        copy(&intent.settings, "dimensions", &mut out, "dimensions");
        let purpose = intent.settings.get("input_type").and_then(Value::as_str);
        // Cohere says what the vectors are to be searched for.
        out.extend(purpose.map(|it| ("input_type".to_owned(), it.trim_start_matches("search_").into())));
        // An intent leaves out the parameters of Vertex AI's `predict`.
        if let Some(dimensions) = sent.pointer("/parameters/outputDimensionality") {
            out.insert("dimensions".into(), dimensions.clone());
        }
        return Value::Object(out);
    }
    if let Some(prompt) = &intent.prompt {
        completions::fill(prompt, &sent, &mut out);
        return Value::Object(out);
    }
    out.insert("messages".into(), messages(record.api.protocol(), intent, &sent));
    if !intent.tools.is_empty() {
        out.insert("tools".into(), tools(record.api.protocol(), &intent.tools, &sent));
    }
    settings(record, provider, intent, &sent, &mut out);
    Value::Object(out)
}

/// A request that asks for nothing special, for answers that were recorded without theirs.
pub fn minimal(record: &Record, provider: &str) -> Value {
    let model = record.expect.facts.get("model").and_then(Value::as_str).unwrap_or("model");
    if record.api.embeds() {
        return json!({"model": format!("{provider}/{model}"), "input": ["hi"]});
    }
    json!({"model": format!("{provider}/{model}"), "messages": [{"role": "user", "content": "hi"}]})
}

/// An embedding, from what was sent, of which an intent leaves some out.
fn embedding(sent: &Value, out: &mut Map<String, Value>) {
    let mut extra = Map::new();
    for (key, value) in sent.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        match key.as_str() {
            // In which form vectors come is the gateway's to choose.
            "model" | "encoding_format" => {}
            "output_dimension" => drop(out.insert("dimensions".into(), value.clone())),
            "input" | "dimensions" | "input_type" => drop(out.insert(key.clone(), value.clone())),
            _ => drop(extra.insert(key.clone(), value.clone())),
        }
    }
    if !extra.is_empty() {
        out.insert("extra".into(), extra.into());
    }
}

fn messages(protocol: Protocol, intent: &Intent, sent: &Value) -> Value {
    let recorded = match protocol {
        Protocol::Gemini => &sent["contents"],
        Protocol::Responses => &sent["input"],
        Protocol::OpenAi
        | Protocol::Completions
        | Protocol::Mistral
        | Protocol::Anthropic
        | Protocol::Converse
        | Protocol::Cohere
        | Protocol::Ollama => &sent["messages"],
    };
    let mut out = Vec::new();
    if let Some(system) = &intent.system {
        let blocks =
            if protocol == Protocol::Converse { converse::blocks(&sent["system"]) } else { sent["system"].clone() };
        out.push(json!({"role": "system", "content": instructions(system, &blocks)}));
    }
    let mut calls = own::Calls::default();
    for (index, turn) in intent.messages.iter().enumerate() {
        out.push(match protocol {
            Protocol::OpenAi | Protocol::Completions | Protocol::Mistral | Protocol::Cohere => {
                openai::message(turn, &recorded[index])
            }
            Protocol::Ollama => ollama::message(turn, &recorded[index], &mut calls),
            Protocol::Responses => responses::message(turn, &recorded[index]),
            Protocol::Anthropic | Protocol::Gemini => own::message(turn, &recorded[index], &mut calls),
            Protocol::Converse => own::message(turn, &converse::message(&recorded[index]), &mut calls),
        });
    }
    Value::Array(out)
}

/// A system text: in the blocks that were sent where there were several, with the cache markers that an intent leaves out.
fn instructions(system: &str, sent: &Value) -> Value {
    match sent.as_array().map(Vec::as_slice) {
        Some([block]) if block["type"] == "text" => {
            json!([{"type": "text", "text": system, "cache_control": block["cache_control"]}])
        }
        Some(blocks) if blocks.iter().all(|block| block["text"].as_str().is_some_and(|text| system.contains(text))) => {
            json!(blocks)
        }
        _ => system.into(),
    }
}

fn tools(protocol: Protocol, specs: &[ToolSpec], sent: &Value) -> Value {
    let sent = if protocol == Protocol::Converse { converse::tools(sent) } else { sent["tools"].clone() };
    let recorded = sent.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |(index, spec): (usize, &ToolSpec)| {
        let custom = recorded.get(index).filter(|tool| tool["type"] == "custom" && protocol == Protocol::OpenAi);
        if let Some(custom) = custom {
            return custom.clone();
        }
        let Some(builtin) = &spec.builtin else {
            let mut tool = json!({"type": "function", "function": {
                "name": spec.name, "description": spec.description, "parameters": spec.parameters, "strict": spec.strict,
            }});
            if matches!(protocol, Protocol::Anthropic | Protocol::Converse) {
                tool["cache_control"] =
                    recorded.get(index).map(|tool| tool["cache_control"].clone()).unwrap_or_default();
            }
            return tool;
        };
        // Gemini groups its functions, so that a provider's tool is found by its key and not by its place.
        let tool = match protocol {
            Protocol::Gemini => {
                let key = same::camel(builtin);
                let found = recorded.iter().find_map(|tool| tool.get(&key)).cloned().unwrap_or_else(|| json!({}));
                json!({key: found})
            }
            _ => recorded.get(index).cloned().unwrap_or_else(|| json!({"type": builtin})),
        };
        json!({"type": "hosted", "tool": tool})
    };
    specs.iter().enumerate().map(one).collect()
}

/// Settings that an intent and a request call the same.
const SAME_NAME: [&str; 10] = [
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
];

/// Everything but the conversation and the tools.
fn settings(record: &Record, provider: &str, intent: &Intent, sent: &Value, out: &mut Map<String, Value>) {
    let mut extra = Map::new();
    for (key, value) in &intent.settings {
        match key.as_str() {
            "stream" => {}
            "max_output_tokens" => copy(&intent.settings, key, out, "max_tokens"),
            // What our request refuses can still be asked for: as it is.
            "temperature" if value.as_f64().is_some_and(|value| !(0.0..=2.0).contains(&value)) => {
                extra.insert(key.clone(), value.clone());
            }
            name if SAME_NAME.contains(&name) => copy(&intent.settings, key, out, key),
            "tool_choice" => tool_choice(record.api.protocol(), value, sent, out, &mut extra),
            "response_format" => {
                let places = [
                    &sent["text"]["format"],
                    &sent["response_format"]["json_schema"],
                    &sent["outputConfig"]["textFormat"]["structure"]["jsonSchema"],
                ];
                let recorded = places.into_iter().find(|place| !place.is_null()).unwrap_or(&Value::Null);
                response_format(value, recorded, out);
            }
            "reasoning" => reasoning::settings(record, provider, value, out, &mut extra),
            // A response is one answer: a request cannot ask for several, and one is the default.
            "n" => {}
            // What a request has no field for goes to the provider as it is.
            other => {
                extra.insert(other.to_owned(), value.clone());
            }
        }
    }
    if !extra.is_empty() {
        out.insert("extra".into(), extra.into());
    }
}

fn copy(from: &Map<String, Value>, key: &str, to: &mut Map<String, Value>, name: &str) {
    if let Some(value) = from.get(key) {
        to.insert(name.to_owned(), value.clone());
    }
}

fn tool_choice(
    protocol: Protocol,
    value: &Value,
    sent: &Value,
    out: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
) {
    if value.get("names").is_some() || value.get("other").is_some() {
        // A choice among some of the tools, or in a form of the client's own: only `extra` can say it.
        let key = if protocol == Protocol::Gemini { "toolConfig" } else { "tool_choice" };
        extra.insert(key.into(), sent[key].clone());
    } else {
        out.insert("tool_choice".into(), value.clone());
    }
}

fn response_format(value: &Value, recorded: &Value, out: &mut Map<String, Value>) {
    let mut format = value.as_object().cloned().unwrap_or_default();
    if format.get("schema").is_some_and(Value::is_object) {
        // Cohere has one name for both.
        format.insert("type".into(), "json_schema".into());
    }
    format.insert("description".into(), recorded["description"].clone());
    format.retain(|_, value| !value.is_null());
    out.insert("response_format".into(), format.into());
}
