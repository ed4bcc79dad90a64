//! Writes answers as OpenAI does.

use serde_json::{Map, Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, fragments, likeliest, words};
use crate::simulate::vendor::{Ids, Step, signature};

fn usage(reply: &Reply) -> Value {
    let usage = &reply.usage;
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": { "cached_tokens": 0 },
        "output_tokens": usage.output,
        "output_tokens_details": { "reasoning_tokens": usage.thought },
        "total_tokens": usage.input + usage.output,
    })
}

fn response(prompt: &Prompt, ids: Ids, status: &str) -> Map<String, Value> {
    let response = json!({
        "id": ids.id("resp_"),
        "object": "response",
        "created_at": ids.unix_time.as_secs(),
        "status": status,
        "error": null,
        "incomplete_details": null,
        "model": prompt.model,
        "output": [],
        "store": false,
        "usage": null,
    });
    if let Value::Object(response) = response { response } else { Map::new() }
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let status = if reply.finish == Finish::Length { "incomplete" } else { "completed" };
    let mut response = response(prompt, ids, status);
    if reply.finish == Finish::Length {
        response.insert("incomplete_details".to_owned(), json!({ "reason": "max_output_tokens" }));
    }
    response.insert("output".to_owned(), output(prompt, reply, ids).into());
    response.insert("usage".to_owned(), usage(reply));
    response.into()
}

fn output(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Value> {
    let mut items = Vec::new();
    if prompt.thinking != Thinking::Off {
        items.push(reasoning(prompt, reply, ids));
    }
    if reply.calls.is_empty() {
        let text = text(&reply.text, &logprobs(prompt, &reply.text));
        items.push(json!({
            "id": ids.id("msg_"), "type": "message", "status": "completed", "role": "assistant", "content": [text],
        }));
    }
    items.extend(reply.calls.iter().enumerate().map(|(index, call)| {
        json!({
            "id": ids.call("fc_", index), "type": "function_call", "status": "completed",
            "call_id": ids.call("call_", index), "name": call.name, "arguments": call.arguments.to_string(),
        })
    }));
    items
}

/// Thinking: a summary where one is asked for, and always what comes back.
fn reasoning(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let id = ids.id("rs_");
    let shown = prompt.thinking == Thinking::Shown;
    let summary = if shown { json!([summary(&reply.thought)]) } else { json!([]) };
    json!({ "id": id, "type": "reasoning", "summary": summary, "encrypted_content": signature(&id) })
}

fn summary(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

fn text(text: &str, logprobs: &Value) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": logprobs })
}

/// One entry a word.
fn logprobs(prompt: &Prompt, text: &str) -> Value {
    let Some(top) = prompt.logprobs else { return json!([]) };
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
    words(text).map(entry).collect()
}

/// An event of a stream, named twice as the API does.
pub(super) fn event(name: &str, data: &Value) -> Piece {
    Piece::bytes(format!("event: {name}\ndata: {data}\n\n"))
}

/// The events of a stream, numbered.
struct Events {
    steps: Vec<Step>,
}

impl Events {
    fn push(&mut self, kind: &str, fields: Value, content: bool) {
        let mut data = json!({ "type": kind, "sequence_number": self.steps.len() });
        if let (Some(data), Value::Object(fields)) = (data.as_object_mut(), fields) {
            data.extend(fields);
        }
        self.steps.push(Step { piece: event(kind, &data), content });
    }

    fn say(&mut self, kind: &str, fields: Value) {
        self.push(kind, fields, false);
    }

    /// An item from its beginning to its end: `begun` is what stands at the beginning in place of what comes.
    fn item(&mut self, at: usize, item: &Value, begun: Value, inside: impl FnOnce(&mut Self)) {
        let mut first = item.clone();
        if let (Some(first), Value::Object(begun)) = (first.as_object_mut(), begun) {
            first.extend(begun);
        }
        // A call says its name at once, which is content.
        let content = item["type"] == "function_call";
        self.push("response.output_item.added", json!({ "output_index": at, "item": first }), content);
        inside(self);
        self.say("response.output_item.done", json!({ "output_index": at, "item": item }));
    }
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let mut events = Events { steps: Vec::new() };
    let begun = Value::from(response(prompt, ids, "in_progress"));
    events.say("response.created", json!({ "response": begun }));
    events.say("response.in_progress", json!({ "response": begun }));
    for (at, item) in output(prompt, reply, ids).iter().enumerate() {
        match item["type"].as_str() {
            Some("reasoning") => thinks(&mut events, at, item),
            Some("message") => says(&mut events, prompt, at, item),
            _ => calls(&mut events, at, item),
        }
    }
    let end = whole(prompt, reply, ids);
    let kind = if reply.finish == Finish::Length { "response.incomplete" } else { "response.completed" };
    events.say(kind, json!({ "response": end }));
    events.steps
}

/// The place of an event inside an item, and more.
fn at(item: &Value, at: usize, inside: Value, more: Value) -> Value {
    let mut place = json!({ "item_id": item["id"], "output_index": at });
    for more in [inside, more] {
        if let (Some(place), Value::Object(more)) = (place.as_object_mut(), more) {
            place.extend(more);
        }
    }
    place
}

fn thinks(events: &mut Events, index: usize, item: &Value) {
    events.item(index, item, json!({ "summary": [] }), |events| {
        let thought = item.pointer("/summary/0/text").and_then(Value::as_str).unwrap_or_default();
        if thought.is_empty() {
            return;
        }
        let place = |more: Value| at(item, index, json!({ "summary_index": 0 }), more);
        events.say("response.reasoning_summary_part.added", place(json!({ "part": summary("") })));
        for word in words(thought) {
            events.push("response.reasoning_summary_text.delta", place(json!({ "delta": word })), true);
        }
        events.say("response.reasoning_summary_text.done", place(json!({ "text": thought })));
        events.say("response.reasoning_summary_part.done", place(json!({ "part": summary(thought) })));
    });
}

fn says(events: &mut Events, prompt: &Prompt, index: usize, item: &Value) {
    events.item(index, item, json!({ "status": "in_progress", "content": [] }), |events| {
        let part = item.pointer("/content/0").unwrap_or(&Value::Null);
        let said = part["text"].as_str().unwrap_or_default();
        let place = |more: Value| at(item, index, json!({ "content_index": 0 }), more);
        events.say("response.content_part.added", place(json!({ "part": text("", &json!([])) })));
        for word in words(said) {
            let logprobs = logprobs(prompt, word);
            let delta = place(json!({ "delta": word, "logprobs": logprobs }));
            events.push("response.output_text.delta", delta, true);
        }
        let done = place(json!({ "text": said, "logprobs": part["logprobs"] }));
        events.say("response.output_text.done", done);
        events.say("response.content_part.done", place(json!({ "part": part })));
    });
}

fn calls(events: &mut Events, index: usize, item: &Value) {
    events.item(index, item, json!({ "status": "in_progress", "arguments": "" }), |events| {
        let arguments = item["arguments"].as_str().unwrap_or_default();
        for fragment in fragments(arguments) {
            let delta = at(item, index, Value::Null, json!({ "delta": fragment }));
            events.push("response.function_call_arguments.delta", delta, true);
        }
        let done = at(item, index, Value::Null, json!({ "arguments": arguments }));
        events.say("response.function_call_arguments.done", done);
    });
}
