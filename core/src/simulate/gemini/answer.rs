//! Writes answers as Gemini does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Call, Finish, Prompt, Reply, Thinking, count, likeliest, words};
use crate::simulate::vendor::{Ids, Step, signature};

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        // A call is no reason of its own here.
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => "STOP",
        Finish::Length => "MAX_TOKENS",
    }
}

/// The answer, or what of it has come so far: `candidates` does not count thinking.
fn response(prompt: &Prompt, reply: &Reply, ids: Ids, parts: &[Value], finish: Option<&str>, so_far: u64) -> Value {
    let usage = &reply.usage;
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
    if let (Some(candidate), Some(finish)) = (candidate.as_object_mut(), finish) {
        candidate.insert("finishReason".to_owned(), json!(finish));
        candidate.extend(prompt.logprobs.map(|top| ("logprobsResult".to_owned(), logprobs(&reply.text, top))));
    }
    let mut metadata = json!({
        "promptTokenCount": usage.input,
        "candidatesTokenCount": so_far,
        "totalTokenCount": usage.input + so_far + usage.thought,
        "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": usage.input }],
    });
    if let (Some(metadata), true) = (metadata.as_object_mut(), prompt.thinking != Thinking::Off) {
        metadata.insert("thoughtsTokenCount".to_owned(), json!(usage.thought));
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": metadata,
        "modelVersion": prompt.model,
        "responseId": ids.id("sim-"),
    })
}

/// One entry a word. A stream has them all in its last piece.
fn logprobs(text: &str, top: usize) -> Value {
    let token = |(token, logprob): (String, f64)| json!({ "token": token, "logProbability": logprob });
    let chosen: Value = words(text).filter_map(|word| likeliest(word).next()).map(token).collect();
    let top = words(text).map(|word| json!({ "candidates": likeliest(word).take(top).map(token).collect::<Value>() }));
    json!({ "chosenCandidates": chosen, "topCandidates": top.collect::<Value>() })
}

/// Calls come whole. The first one is signed where the model thought.
fn calls(prompt: &Prompt, reply: &Reply) -> Vec<Value> {
    let part = |(index, call): (usize, &Call)| {
        let function = json!({ "name": call.name, "args": call.arguments });
        if index == 0 && prompt.thinking != Thinking::Off {
            json!({ "functionCall": function, "thoughtSignature": signature(&call.name) })
        } else {
            json!({ "functionCall": function })
        }
    };
    reply.calls.iter().enumerate().map(part).collect()
}

fn thought(text: &str) -> Value {
    json!({ "text": text, "thought": true })
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let mut parts = Vec::new();
    if prompt.thinking == Thinking::Shown && !reply.thought.is_empty() {
        parts.push(thought(&reply.thought));
    }
    if !reply.text.is_empty() {
        parts.push(json!({ "text": reply.text }));
    }
    parts.extend(calls(prompt, reply));
    let written = reply.usage.output - reply.usage.thought;
    response(prompt, reply, ids, &parts, Some(finish(reply)), written)
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let mut so_far = 0;
    let chunk = |part: Value, so_far: u64| {
        Step::content(Piece::sse(&response(prompt, reply, ids, &[part], None, so_far).to_string()))
    };
    let mut steps = Vec::new();
    if prompt.thinking == Thinking::Shown {
        steps.extend(words(&reply.thought).map(|word| chunk(thought(word), 0)));
    }
    for word in words(&reply.text) {
        so_far += count(word);
        steps.push(chunk(json!({ "text": word }), so_far));
    }
    steps.extend(calls(prompt, reply).into_iter().map(|call| chunk(call, so_far)));
    let written = reply.usage.output - reply.usage.thought;
    let last = response(prompt, reply, ids, &[json!({ "text": "" })], Some(finish(reply)), written);
    steps.push(Step::structure(Piece::sse(&last.to_string())));
    steps
}
