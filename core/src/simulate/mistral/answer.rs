//! Writes answers as Mistral does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Call, Finish, Prompt, Reply, Thinking, count, words};
use crate::simulate::vendor::{Embed, Ids, Step};

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
        "total_tokens": usage.input + usage.output,
        "completion_tokens": usage.output,
        "prompt_tokens_details": { "cached_tokens": 0 },
        "service_tier": "standard",
    })
}

/// An id of nine letters and digits.
fn call_id(ids: Ids, index: usize) -> String {
    let id = ids.call("", index);
    id.get(id.len().saturating_sub(9)..).unwrap_or_default().to_owned()
}

fn calls(reply: &Reply, ids: Ids) -> Value {
    let one = |(index, call): (usize, &Call)| {
        let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
        json!({ "id": call_id(ids, index), "function": function, "index": index })
    };
    reply.calls.iter().enumerate().map(one).collect()
}

fn thinking(text: &str, closed: bool) -> Value {
    json!({ "type": "thinking", "thinking": [{ "type": "text", "text": text }], "closed": closed })
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let tool_calls = if reply.calls.is_empty() { Value::Null } else { calls(reply, ids) };
    let content = if prompt.thinking == Thinking::Shown {
        json!([thinking(&reply.thought, true), { "type": "text", "text": reply.text }])
    } else {
        json!(reply.text)
    };
    let message = json!({ "role": "assistant", "tool_calls": tool_calls, "content": content });
    json!({
        "id": ids.id("0000000000000000"),
        "created": ids.unix_time.as_secs(),
        "model": prompt.model,
        "usage": usage(reply),
        "object": "chat.completion",
        "choices": [{ "index": 0, "finish_reason": finish(reply), "message": message }],
    })
}

fn chunk(prompt: &Prompt, ids: Ids, delta: &Value, end: Option<(&str, Value)>) -> Piece {
    let finish = end.as_ref().map(|(finish, _)| *finish);
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null });
    let mut chunk = json!({
        "id": ids.id("0000000000000000"),
        "object": "chat.completion.chunk",
        "created": ids.unix_time.as_secs(),
        "model": prompt.model,
        "choices": [choice],
        "p": "abcdef",
    });
    if let (Some(chunk), Some((_, usage))) = (chunk.as_object_mut(), end) {
        chunk.insert("usage".to_owned(), usage);
    }
    Piece::sse(&chunk.to_string())
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let say = |delta: Value| chunk(prompt, ids, &delta, None);
    let mut steps = vec![Step::structure(say(json!({ "role": "assistant", "content": "" })))];
    if prompt.thinking == Thinking::Shown {
        steps.extend(
            words(&reply.thought).map(|word| Step::content(say(json!({ "content": [thinking(word, false)] })))),
        );
        steps.push(Step::structure(say(json!({ "content": [thinking("", true)] }))));
    }
    steps.extend(words(&reply.text).map(|word| Step::content(say(json!({ "content": word })))));
    // Calls come whole, with the end.
    let delta = if reply.calls.is_empty() {
        json!({ "content": "" })
    } else {
        json!({ "content": "", "tool_calls": calls(reply, ids) })
    };
    let end = chunk(prompt, ids, &delta, Some((finish(reply), usage(reply))));
    steps.push(if reply.calls.is_empty() { Step::structure(end) } else { Step::content(end) });
    steps.push(Step::structure(Piece::sse("[DONE]")));
    steps
}

pub(super) fn vectors(embed: &Embed, vectors: &[Vec<f32>]) -> Value {
    let data = vectors.iter().enumerate();
    let data = data.map(|(index, vector)| json!({ "object": "embedding", "embedding": vector, "index": index }));
    let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
    json!({
        "id": "00000000000000000000000000000000",
        "object": "list",
        "data": data.collect::<Value>(),
        "model": embed.model,
        "usage": { "prompt_audio_seconds": null, "prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0,
            "request_count": null, "prompt_tokens_details": null, "prompt_token_details": null },
    })
}
