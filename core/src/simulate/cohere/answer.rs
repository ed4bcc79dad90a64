//! Writes answers as Cohere does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, count, fragments, likeliest, words};
use crate::simulate::vendor::{Embed, Ids, Step};

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop => "COMPLETE",
        Finish::StopSequence(_) => "STOP_SEQUENCE",
        Finish::Length => "MAX_TOKENS",
        Finish::ToolCalls => "TOOL_CALL",
    }
}

fn usage(reply: &Reply) -> Value {
    let usage = &reply.usage;
    json!({
        "billed_units": { "input_tokens": usage.input, "output_tokens": usage.output },
        "tokens": { "input_tokens": usage.input, "output_tokens": usage.output, "reasoning_tokens": usage.thought },
        "cached_tokens": 0,
    })
}

/// Before it calls tools, the model says so.
const PLAN: &str = "I will use the tools.";

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let mut content = Vec::new();
    if prompt.thinking == Thinking::Shown && !reply.thought.is_empty() {
        content.push(json!({ "type": "thinking", "thinking": reply.thought }));
    }
    if !reply.text.is_empty() {
        content.push(json!({ "type": "text", "text": reply.text }));
    }
    let mut message = json!({ "role": "assistant", "content": content });
    if let (Some(message), false) = (message.as_object_mut(), reply.calls.is_empty()) {
        let calls = reply.calls.iter().enumerate().map(|(index, call)| {
            let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
            json!({ "id": ids.call("call_", index), "type": "function", "function": function })
        });
        message.insert("tool_plan".to_owned(), json!(PLAN));
        message.insert("tool_calls".to_owned(), calls.collect());
    }
    let mut answer = json!({
        "id": ids.id("sim-"),
        "message": message,
        "finish_reason": finish(reply),
        "usage": usage(reply),
    });
    if let (Some(answer), Some(_)) = (answer.as_object_mut(), prompt.logprobs) {
        answer.insert("logprobs".to_owned(), words(&reply.text).map(logprob).collect());
    }
    answer
}

/// One token a word.
fn logprob(word: &str) -> Value {
    let logprobs: Vec<f64> = likeliest(word).take(1).map(|(_, logprob)| logprob).collect();
    json!({ "text": word, "token_ids": [word.len()], "logprobs": logprobs })
}

/// An event under the name of its type.
pub(super) fn event(data: &Value) -> Piece {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    Piece::bytes(format!("event: {name}\ndata: {data}\n\n").into_bytes())
}

/// What is new of the message.
fn piece(kind: &str, index: usize, message: &Value) -> Piece {
    event(&json!({ "type": kind, "index": index, "delta": { "message": message } }))
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let nothing = json!({ "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [] });
    let start = json!({ "id": ids.id("sim-"), "type": "message-start", "delta": { "message": nothing } });
    let mut steps = vec![Step::structure(event(&start))];
    let mut blocks = 0;
    let mut block = |kind: &str, text: &str, logprobs: bool| {
        let start = json!({ "content": { "type": kind, kind: "" } });
        steps.push(Step::structure(piece("content-start", blocks, &start)));
        for word in words(text) {
            let mut delta = json!({
                "type": "content-delta", "index": blocks, "delta": { "message": { "content": { kind: word } } },
            });
            if let (Some(delta), true) = (delta.as_object_mut(), logprobs) {
                delta.insert("logprobs".to_owned(), logprob(word));
            }
            steps.push(Step::content(event(&delta)));
        }
        steps.push(Step::structure(event(&json!({ "type": "content-end", "index": blocks }))));
        blocks += 1;
    };
    if prompt.thinking == Thinking::Shown && !reply.thought.is_empty() {
        block("thinking", &reply.thought, false);
    }
    if !reply.text.is_empty() {
        block("text", &reply.text, prompt.logprobs.is_some());
    }
    if !reply.calls.is_empty() {
        steps.extend(words(PLAN).map(|word| {
            let delta = json!({ "message": { "tool_plan": word } });
            Step::structure(event(&json!({ "type": "tool-plan-delta", "delta": delta })))
        }));
    }
    for (index, call) in reply.calls.iter().enumerate() {
        let function = json!({ "name": call.name, "arguments": "" });
        let head = json!({ "id": ids.call("call_", index), "type": "function", "function": function });
        steps.push(Step::content(piece("tool-call-start", index, &json!({ "tool_calls": head }))));
        for fragment in fragments(&call.arguments.to_string()) {
            let more = json!({ "tool_calls": { "function": { "arguments": fragment } } });
            steps.push(Step::content(piece("tool-call-delta", index, &more)));
        }
        steps.push(Step::structure(event(&json!({ "type": "tool-call-end", "index": index }))));
    }
    let delta = json!({ "finish_reason": finish(reply), "usage": usage(reply) });
    steps.push(Step::structure(event(&json!({ "type": "message-end", "delta": delta }))));
    steps.push(Step::structure(Piece::sse("[DONE]")));
    steps
}

pub(super) fn vectors(embed: &Embed, vectors: &[Vec<f32>]) -> Value {
    let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
    json!({
        "id": "sim-embedding",
        "embeddings": { "float": vectors },
        "texts": embed.input,
        "meta": { "api_version": { "version": "2" }, "billed_units": { "input_tokens": tokens } },
        "response_type": "embeddings_by_type",
    })
}
