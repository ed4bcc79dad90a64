//! Writes answers as OpenAI does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, fragments, likeliest, words};
use crate::simulate::vendor::{Ids, Step};

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop | Finish::StopSequence(_) => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
    }
}

fn usage(reply: &Reply) -> Value {
    let usage = &reply.usage;
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": usage.thought, "audio_tokens": 0 },
    })
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let calls = reply.calls.iter().enumerate().map(|(index, call)| {
        let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
        json!({ "id": ids.call("call_", index), "type": "function", "function": function })
    });
    let content = if reply.calls.is_empty() { json!(reply.text) } else { Value::Null };
    let mut message = json!({ "role": "assistant", "content": content, "refusal": null, "annotations": [] });
    if let Some(message) = message.as_object_mut() {
        if prompt.thinking == Thinking::Shown {
            message.insert("reasoning_content".to_owned(), json!(reply.thought));
        }
        if !reply.calls.is_empty() {
            message.insert("tool_calls".to_owned(), calls.collect());
        }
    }
    let logprobs = logprobs(prompt, &reply.text);
    let choice = json!({ "index": 0, "message": message, "logprobs": logprobs, "finish_reason": finish(reply) });
    json!({
        "id": ids.id("chatcmpl-"),
        "object": "chat.completion",
        "created": ids.unix_time.as_secs(),
        "model": prompt.model,
        "choices": [choice],
        "usage": usage(reply),
        "service_tier": "default",
        "system_fingerprint": "fp_sim",
    })
}

/// One entry a word.
fn logprobs(prompt: &Prompt, text: &str) -> Value {
    let Some(top) = prompt.logprobs else { return Value::Null };
    let token = |(token, logprob): (String, f64)| {
        let bytes = token.as_bytes();
        json!({ "token": token, "logprob": logprob, "bytes": bytes })
    };
    let entry = |word| {
        let mut entry = likeliest(word).next().map(token).unwrap_or_default();
        if let Some(entry) = entry.as_object_mut() {
            entry.insert("top_logprobs".to_owned(), likeliest(word).take(top).map(token).collect());
        }
        entry
    };
    json!({ "content": words(text).map(entry).collect::<Value>(), "refusal": null })
}

/// Makes the chunks of one answer.
struct Chunks<'a> {
    prompt: &'a Prompt,
    ids: Ids,
}

impl Chunks<'_> {
    fn chunk(&self, choices: &Value, usage: Option<Value>) -> Piece {
        let mut chunk = json!({
            "id": self.ids.id("chatcmpl-"),
            "object": "chat.completion.chunk",
            "created": self.ids.unix_time.as_secs(),
            "model": self.prompt.model,
            "system_fingerprint": "fp_sim",
            "choices": choices,
        });
        if let (Some(chunk), Some(usage)) = (chunk.as_object_mut(), usage) {
            chunk.insert("usage".to_owned(), usage);
        }
        Piece::sse(&chunk.to_string())
    }

    fn delta(&self, delta: &Value, finish: Option<&str>) -> Piece {
        self.choice(&json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }))
    }

    fn choice(&self, choice: &Value) -> Piece {
        // With usage asked for, every chunk but the last says that it is not there yet.
        self.chunk(&json!([choice]), self.prompt.wants_usage.then_some(Value::Null))
    }

    fn word(&self, word: &str) -> Step {
        let logprobs = logprobs(self.prompt, word);
        let delta = json!({ "content": word });
        let choice = json!({ "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": null });
        Step::content(self.choice(&choice))
    }

    fn thought(&self, word: &str) -> Step {
        Step::content(self.delta(&json!({ "reasoning_content": word }), None))
    }
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let chunks = Chunks { prompt, ids };
    let mut steps =
        vec![Step::structure(chunks.delta(&json!({ "role": "assistant", "content": "", "refusal": null }), None))];
    if prompt.thinking == Thinking::Shown {
        steps.extend(words(&reply.thought).map(|word| chunks.thought(word)));
    }
    steps.extend(words(&reply.text).map(|word| chunks.word(word)));
    for (index, call) in reply.calls.iter().enumerate() {
        let function = json!({ "name": call.name, "arguments": "" });
        let head = json!({ "index": index, "id": ids.call("call_", index), "type": "function", "function": function });
        steps.push(Step::content(chunks.delta(&json!({ "tool_calls": [head] }), None)));
        for fragment in fragments(&call.arguments.to_string()) {
            let more = json!({ "index": index, "function": { "arguments": fragment } });
            steps.push(Step::content(chunks.delta(&json!({ "tool_calls": [more] }), None)));
        }
    }
    steps.push(Step::structure(chunks.delta(&json!({}), Some(finish(reply)))));
    if prompt.wants_usage {
        steps.push(Step::structure(chunks.chunk(&json!([]), Some(usage(reply)))));
    }
    steps.push(Step::structure(Piece::sse("[DONE]")));
    steps
}
