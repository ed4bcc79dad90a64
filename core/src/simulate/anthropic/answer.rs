//! Writes answers as Anthropic does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, fragments, words};
use crate::simulate::vendor::{Ids, Step, signature};

/// The reason to stop, and the sequence that was met.
fn stop(reply: &Reply) -> (&'static str, Option<&str>) {
    match &reply.finish {
        Finish::Stop => ("end_turn", None),
        Finish::StopSequence(sequence) => ("stop_sequence", Some(sequence)),
        Finish::Length => ("max_tokens", None),
        Finish::ToolCalls => ("tool_use", None),
    }
}

fn usage(reply: &Reply, output: u64) -> Value {
    json!({
        "input_tokens": reply.usage.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
        "output_tokens_details": { "thinking_tokens": reply.usage.thought.min(output) },
        "service_tier": "standard",
    })
}

/// Thinking as it is shown: left out, its signature stays.
fn shown<'a>(prompt: &Prompt, reply: &'a Reply) -> &'a str {
    if prompt.thinking == Thinking::Shown { &reply.thought } else { "" }
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let mut content = Vec::new();
    if prompt.thinking != Thinking::Off {
        let thinking = shown(prompt, reply);
        content.push(json!({ "type": "thinking", "thinking": thinking, "signature": signature(thinking) }));
    }
    if !reply.text.is_empty() {
        content.push(json!({ "type": "text", "text": reply.text }));
    }
    content.extend(reply.calls.iter().enumerate().map(|(index, call)| {
        json!({ "type": "tool_use", "id": ids.call("toolu_", index), "name": call.name, "input": call.arguments })
    }));
    let (reason, sequence) = stop(reply);
    json!({
        "id": ids.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": prompt.model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": sequence,
        "usage": usage(reply, reply.usage.output),
    })
}

/// An event of a stream, named twice as the API does.
pub(super) fn event(name: &str, data: &Value) -> Piece {
    Piece::bytes(format!("event: {name}\ndata: {data}\n\n"))
}

/// The events of one block.
struct Block {
    index: usize,
}

impl Block {
    fn start(&self, block: &Value) -> Step {
        let data = json!({ "type": "content_block_start", "index": self.index, "content_block": block });
        Step::structure(event("content_block_start", &data))
    }

    fn delta(&self, delta: &Value) -> Piece {
        let data = json!({ "type": "content_block_delta", "index": self.index, "delta": delta });
        event("content_block_delta", &data)
    }

    fn stop(&self) -> Step {
        let data = json!({ "type": "content_block_stop", "index": self.index });
        Step::structure(event("content_block_stop", &data))
    }
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let message = json!({
        "id": ids.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": prompt.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage(reply, 1.min(reply.usage.output)),
    });
    let start = json!({ "type": "message_start", "message": message });
    let mut steps = vec![
        Step::structure(event("message_start", &start)),
        Step::structure(event("ping", &json!({ "type": "ping" }))),
    ];
    let mut index = 0;
    let mut block = |events: &dyn Fn(&Block) -> Vec<Step>| {
        steps.extend(events(&Block { index }));
        index += 1;
    };
    if prompt.thinking != Thinking::Off {
        block(&|block| thinking(block, shown(prompt, reply)));
    }
    if !reply.text.is_empty() {
        block(&|block| text(block, &reply.text));
    }
    for (at, call) in reply.calls.iter().enumerate() {
        block(&|block| tool_use(block, &ids.call("toolu_", at), &call.name, &call.arguments));
    }
    let (reason, sequence) = stop(reply);
    let end = json!({
        "type": "message_delta",
        "delta": { "stop_reason": reason, "stop_sequence": sequence },
        "usage": usage(reply, reply.usage.output),
    });
    steps.push(Step::structure(event("message_delta", &end)));
    steps.push(Step::structure(event("message_stop", &json!({ "type": "message_stop" }))));
    steps
}

fn thinking(block: &Block, thinking: &str) -> Vec<Step> {
    let mut steps = vec![block.start(&json!({ "type": "thinking", "thinking": "", "signature": "" }))];
    let delta = |word| Step::content(block.delta(&json!({ "type": "thinking_delta", "thinking": word })));
    steps.extend(words(thinking).map(delta));
    let signed = json!({ "type": "signature_delta", "signature": signature(thinking) });
    steps.extend([Step::structure(block.delta(&signed)), block.stop()]);
    steps
}

fn text(block: &Block, text: &str) -> Vec<Step> {
    let mut steps = vec![block.start(&json!({ "type": "text", "text": "" }))];
    steps.extend(words(text).map(|word| Step::content(block.delta(&json!({ "type": "text_delta", "text": word })))));
    steps.push(block.stop());
    steps
}

fn tool_use(block: &Block, id: &str, name: &str, arguments: &Value) -> Vec<Step> {
    let start = block.start(&json!({ "type": "tool_use", "id": id, "name": name, "input": {} }));
    let mut steps = vec![Step { content: true, ..start }];
    let delta = |json: String| Step::content(block.delta(&json!({ "type": "input_json_delta", "partial_json": json })));
    steps.extend(fragments(&arguments.to_string()).into_iter().map(delta));
    steps.push(block.stop());
    steps
}
