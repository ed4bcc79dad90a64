//! How much to think: each provider's own object becomes our `reasoning` where it says the same, else `extra`.

use serde_json::{Map, Value, json};

use tidegate::providers::{self, Dialect, ReasoningStyle};

use crate::record::{Protocol, Record};

pub fn settings(
    record: &Record,
    provider: &str,
    value: &Value,
    out: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
) {
    if record.api.protocol() == Protocol::Responses {
        return responses(value, out, extra);
    }
    let dialect = providers::provider(provider).map_or(&Dialect::COMPATIBLE, |provider| &provider.dialect);
    let ours = match record.api.protocol() {
        Protocol::OpenAi | Protocol::Responses | Protocol::Completions | Protocol::Mistral => {
            openai(value, dialect.reasoning)
        }
        Protocol::Anthropic => anthropic(value),
        Protocol::Gemini => gemini(value),
        Protocol::Converse => converse(value),
        Protocol::Cohere => cohere(value),
        Protocol::Ollama => ollama(value),
    };
    match ours {
        Some(ours) => {
            out.insert("reasoning".into(), ours);
        }
        None if record.api.protocol() == Protocol::Converse => {
            let name = "additionalModelRequestFields";
            extra.insert(name.into(), record.sent()[name].clone());
        }
        None => {
            for (key, value) in value.as_object().into_iter().flatten() {
                extra.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The effort and whether there is a summary; all else that the object says goes as it is.
fn responses(value: &Value, out: &mut Map<String, Value>, extra: &mut Map<String, Value>) {
    let mut rest = value.as_object().cloned().unwrap_or_default();
    let mut ours = Map::new();
    if let Some(effort) = rest.remove("effort") {
        ours.insert("effort".into(), effort);
    }
    if rest.get("summary") == Some(&json!("auto")) {
        rest.remove("summary");
        ours.insert("include".into(), json!(true));
    }
    if !ours.is_empty() {
        out.insert("reasoning".into(), ours.into());
    }
    if !rest.is_empty() {
        extra.insert("reasoning".into(), rest.into());
    }
}

/// The keys of an object, sorted, for matching on a whole shape.
fn shape(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

/// In OpenAI's own spelling or one of the others; a spelling that is not the provider's stays as it is.
fn openai(value: &Value, style: ReasoningStyle) -> Option<Value> {
    match (style, shape(value).as_slice()) {
        (ReasoningStyle::Effort, ["reasoning_effort"]) => Some(json!({"effort": value["reasoning_effort"]})),
        (ReasoningStyle::Object, ["reasoning"]) => match shape(&value["reasoning"]).as_slice() {
            ["effort"] => Some(json!({"effort": value["reasoning"]["effort"]})),
            ["max_tokens"] => Some(json!({"budget_tokens": value["reasoning"]["max_tokens"]})),
            _ => None,
        },
        (ReasoningStyle::Thinking, ["thinking"]) if value["thinking"] == json!({"type": "disabled"}) => {
            Some(json!({"effort": "none"}))
        }
        (ReasoningStyle::EnableThinking, ["enable_thinking"]) if value["enable_thinking"] == json!(false) => {
            Some(json!({"effort": "none"}))
        }
        _ => None,
    }
}

fn anthropic(value: &Value) -> Option<Value> {
    let thinking = &value["thinking"];
    let include = (thinking["display"] == "summarized").then_some(true);
    match (thinking["type"].as_str()?, shape(value).as_slice()) {
        ("enabled", ["thinking"]) => Some(json!({"budget_tokens": thinking["budget_tokens"], "include": include})),
        ("disabled", ["thinking"]) => Some(json!({"effort": "none"})),
        ("adaptive", ["effort", "thinking"]) => Some(json!({"effort": value["effort"], "include": include})),
        _ => None,
    }
}

/// What Anthropic's models take, or the effort of others.
fn converse(value: &Value) -> Option<Value> {
    match (value["type"].as_str(), value["display"].as_str()) {
        (Some("enabled"), None) => Some(json!({"budget_tokens": value["budget_tokens"]})),
        (Some("adaptive"), Some("summarized")) => Some(json!({"include": true})),
        (None, None) => Some(json!({"effort": value.as_str()?})),
        _ => None,
    }
}

/// On, off, or on with a budget.
fn cohere(value: &Value) -> Option<Value> {
    match (value["type"].as_str(), value["token_budget"].as_u64()) {
        (Some("enabled"), None) => Some(json!({"include": true})),
        (Some("enabled"), Some(budget)) => Some(json!({"budget_tokens": budget})),
        (Some("disabled"), None) => Some(json!({"effort": "none"})),
        _ => None,
    }
}

/// A switch, or an effort.
fn ollama(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(true) => Some(json!({"include": true})),
        Value::Bool(false) => Some(json!({"effort": "none"})),
        effort => Some(json!({"effort": effort.as_str()?})),
    }
}

/// Gemini's own object, in either spelling.
fn gemini(value: &Value) -> Option<Value> {
    let either = |camel: &str, snake: &str| value.get(camel).or(value.get(snake)).cloned();
    let budget = either("thinkingBudget", "thinking_budget");
    let level = either("thinkingLevel", "thinking_level");
    let include = either("includeThoughts", "include_thoughts");
    if budget == Some(json!(0)) {
        return Some(json!({"effort": "none", "include": include}));
    }
    let level = level.as_ref().and_then(Value::as_str).map(str::to_lowercase);
    Some(json!({"effort": level, "budget_tokens": budget, "include": include}))
}
