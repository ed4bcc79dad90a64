//! Writes answers as Ollama does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, count, likeliest, words};
use crate::simulate::vendor::{Embed, Ids, Step};

/// The moment of the answer, which tells it from others.
fn moment(ids: Ids) -> String {
    let (number, seconds) = (ids.number % 1_000_000_000, ids.unix_time.as_secs() % 60);
    format!("2026-01-01T00:00:{seconds:02}.{number:09}Z")
}

/// A line with what is new of the message.
fn chunk(prompt: &Prompt, ids: Ids, message: &Value) -> Value {
    json!({ "model": prompt.model, "created_at": moment(ids), "message": message, "done": false })
}

/// The end of an answer. A call is no reason of its own here.
fn end(mut answer: Value, reply: &Reply) -> Value {
    let reason = if reply.finish == Finish::Length { "length" } else { "stop" };
    let counts = json!({
        "done": true,
        "done_reason": reason,
        "total_duration": 2_000_000,
        "load_duration": 500_000,
        "prompt_eval_count": reply.usage.input,
        "prompt_eval_duration": 500_000,
        "eval_count": reply.usage.output,
        "eval_duration": 1_000_000,
    });
    if let (Some(answer), Value::Object(counts)) = (answer.as_object_mut(), counts) {
        answer.extend(counts);
    }
    answer
}

fn calls(reply: &Reply, ids: Ids) -> Vec<Value> {
    let calls = reply.calls.iter().enumerate();
    calls
        .map(|(index, call)| {
            let function = json!({ "index": index, "name": call.name, "arguments": call.arguments });
            json!({ "id": ids.call("call_", index), "function": function })
        })
        .collect()
}

/// One entry a word.
fn logprobs(prompt: &Prompt, text: &str) -> Option<Value> {
    let top = prompt.logprobs?;
    let token = |(token, logprob): (String, f64)| json!({ "token": token, "logprob": logprob });
    let entry = |word| {
        let mut entry = likeliest(word).next().map(token).unwrap_or_default();
        if let Some(entry) = entry.as_object_mut() {
            entry.insert("top_logprobs".to_owned(), likeliest(word).take(top).map(token).collect());
        }
        entry
    };
    Some(words(text).map(entry).collect())
}

fn with_logprobs(mut answer: Value, logprobs: Option<Value>) -> Value {
    if let (Some(answer), Some(logprobs)) = (answer.as_object_mut(), logprobs) {
        answer.insert("logprobs".to_owned(), logprobs);
    }
    answer
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let mut message = json!({ "role": "assistant", "content": reply.text });
    if let Some(message) = message.as_object_mut() {
        if prompt.thinking == Thinking::Shown {
            message.insert("thinking".to_owned(), json!(reply.thought));
        }
        if !reply.calls.is_empty() {
            message.insert("tool_calls".to_owned(), json!(calls(reply, ids)));
        }
    }
    with_logprobs(end(chunk(prompt, ids, &message), reply), logprobs(prompt, &reply.text))
}

pub(super) fn line(value: &Value) -> Piece {
    Piece::bytes(format!("{value}\n").into_bytes())
}

/// Calls come whole.
pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let step = |message: Value| Step::content(line(&chunk(prompt, ids, &message)));
    let mut steps = Vec::new();
    if prompt.thinking == Thinking::Shown {
        let thought = |word| step(json!({ "role": "assistant", "content": "", "thinking": word }));
        steps.extend(words(&reply.thought).map(thought));
    }
    steps.extend(words(&reply.text).map(|word| {
        let chunk = chunk(prompt, ids, &json!({ "role": "assistant", "content": word }));
        Step::content(line(&with_logprobs(chunk, logprobs(prompt, word))))
    }));
    let calls = calls(reply, ids).into_iter();
    steps.extend(calls.map(|call| step(json!({ "role": "assistant", "content": "", "tool_calls": [call] }))));
    let last = end(chunk(prompt, ids, &json!({ "role": "assistant", "content": "" })), reply);
    steps.push(Step::structure(line(&last)));
    steps
}

pub(super) fn vectors(embed: &Embed, vectors: &[Vec<f32>]) -> Value {
    let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
    json!({
        "model": embed.model,
        "embeddings": vectors,
        "total_duration": 2_000_000,
        "load_duration": 500_000,
        "prompt_eval_count": tokens,
    })
}
