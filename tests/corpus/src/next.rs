//! The turn after an answer: what a model said can be said back to it, and arrives as it came.

use serde_json::{Value, json};
use tidegate::Response;
use tidegate::providers::{self, Dialect, Replay};

use crate::answer::Difference;
use crate::record::{Api, Protocol, Record};
use crate::replay::Stage;
use crate::same;
use crate::schema::Schemas;
use crate::server::Script;

/// Sends the answer back with the results of its calls. Every problem is a difference.
pub async fn check(stage: &Stage, record: &Record, response: &Response, schemas: &Schemas) -> Vec<Difference> {
    let request = match request(stage, response) {
        Ok(request) => request,
        Err(error) => return vec![problem("message", json!("as JSON"), json!(error.to_string()))],
    };
    let (outcome, received) = stage.send(request, false, Script::refusal()).await;
    let [one] = received.as_slice() else {
        return vec![problem(
            "next turn",
            json!("a request"),
            json!(outcome.map(|_| ()).map_err(|e| format!("{e:#}")).err()),
        )];
    };
    let body: Value = serde_json::from_slice(&one.body).unwrap_or_default();
    let complaints = schemas.check(record.api, &record.provider, &body).unwrap_or_default();
    let invalid = complaints.into_iter().filter(|_| !schemas.is_outdated(record));
    invalid
        .map(|complaint| problem("next turn's schema", json!("valid"), json!(complaint)))
        .chain(said(record).and_then(|said| changed(record, &stage.provider, &said, &body)))
        .collect()
}

fn problem(fact: &str, expected: Value, got: Value) -> Difference {
    Difference { fact: fact.to_owned(), expected, got }
}

fn request(stage: &Stage, response: &Response) -> serde_json::Result<Value> {
    let mut messages = vec![json!({"role": "user", "content": "hi"}), serde_json::to_value(response.message())?];
    for call in response.tool_calls() {
        messages.push(json!({"role": "tool", "tool_call_id": call.id, "content": "done"}));
    }
    messages.push(json!({"role": "user", "content": "go on"}));
    Ok(json!({"model": format!("{}/{}", stage.provider, response.model), "messages": messages}))
}

/// The model's turn as it was recorded, where it came as one document.
fn said(record: &Record) -> Option<Value> {
    if record.stream {
        return None;
    }
    let answer: Value = serde_json::from_str(&record.response.body_text).ok()?;
    match record.api {
        // An answer without a word is none that could be said back.
        Api::Anthropic | Api::InvokeAnthropic if answer["content"] == json!([]) => None,
        Api::Anthropic | Api::InvokeAnthropic => Some(json!({"role": "assistant", "content": answer["content"]})),
        Api::Converse => Some(answer["output"]["message"].clone()),
        Api::Gemini => Some(json!({"role": "model", "parts": answer["candidates"][0]["content"].get("parts")?})),
        // As with Anthropic's.
        Api::Mistral if answer["choices"][0]["message"]["content"] == "" && !says_calls(&answer) => None,
        Api::OpenAiChat | Api::Mistral => Some(answer["choices"][0]["message"].clone()),
        // It takes a text, which has no turns.
        Api::OpenAiCompletions => None,
        Api::OpenAiResponses => answer.get("output").cloned(),
        Api::CohereChat | Api::OllamaChat => Some(answer["message"].clone()),
        Api::OpenAiEmbeddings | Api::GeminiStream | Api::ConverseStream => None,
        Api::GeminiEmbeddings | Api::CohereEmbeddings | Api::OllamaEmbeddings => None,
    }
}

fn says_calls(answer: &Value) -> bool {
    answer["choices"][0]["message"]["tool_calls"].is_array()
}

/// The first place at which the turn that was sent is not the one that was said.
fn changed(record: &Record, provider: &str, said: &Value, body: &Value) -> Option<Difference> {
    let protocol = record.api.protocol();
    if protocol == Protocol::Responses {
        return same::first_difference(protocol, &sayable(said), &repeated(body));
    }
    let key = if protocol == Protocol::Gemini { "contents" } else { "messages" };
    let turn = |turn: &Value| {
        let mut turn = turn.clone();
        match protocol {
            Protocol::OpenAi | Protocol::Mistral => keep_sayable(&mut turn, provider),
            Protocol::Converse => drop_unread(&mut turn, record),
            Protocol::Anthropic
            | Protocol::Gemini
            | Protocol::Responses
            | Protocol::Completions
            | Protocol::Cohere
            | Protocol::Ollama => {}
        }
        json!({key: [turn]})
    };
    same::first_difference(protocol, &turn(said), &turn(&body[key][1]))
}

/// The items of an answer as they are said back: without probabilities, and without texts of no word.
fn sayable(output: &Value) -> Value {
    let mut items = output.clone();
    for item in items.as_array_mut().into_iter().flatten() {
        let Some(content) = item.get_mut("content").and_then(Value::as_array_mut) else { continue };
        content.retain(|piece| piece["text"] != "");
        content.iter_mut().filter_map(Value::as_object_mut).for_each(|piece| {
            piece.remove("logprobs");
        });
    }
    json!({"input": items})
}

/// The items of the model in a request: those between its first and its last words, but for the results of its calls.
fn repeated(body: &Value) -> Value {
    let items = body["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ours = |item: &&Value| item["role"] != "user" && item["output"] != "done";
    json!({"input": items.iter().filter(ours).collect::<Vec<_>>()})
}

/// `DeepSeek` R1 refuses to be told what it thought.
fn drop_unread(message: &mut Value, record: &Record) {
    let model = record.intent.as_ref().and_then(|intent| intent.model.as_deref()).unwrap_or_default();
    if let (true, Some(content)) = (model.contains("deepseek.r1"), message["content"].as_array_mut()) {
        content.retain(|block| block.get("reasoningContent").is_none());
    }
}

/// An answer's message has more fields than one that is sent. Thinking is said back to those who read it.
fn keep_sayable(message: &mut Value, provider: &str) {
    let dialect = providers::provider(provider).map_or(&Dialect::COMPATIBLE, |provider| &provider.dialect);
    let Some(message) = message.as_object_mut() else { return };
    let has_details = message.get("reasoning_details").is_some_and(|details| *details != json!([]));
    message.retain(|key, _| match key.as_str() {
        "role" | "content" | "tool_calls" | "refusal" => true,
        "reasoning" | "reasoning_content" => match dialect.reasoning_replay {
            Replay::Never => false,
            Replay::Field(_) | Replay::Required(_) => true,
            Replay::Details => !has_details,
        },
        "reasoning_details" => dialect.reasoning_replay == Replay::Details,
        _ => false,
    });
    message.retain(|_, value| *value != json!("") && *value != json!([]));
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten().filter_map(Value::as_object_mut) {
        call.remove("index");
    }
}
