//! The bodies, made once. Fields and sizes are those of real answers.

use bytes::Bytes;
use serde_json::{Value, json};

const WORDS: [&str; 40] = [
    "The",
    " gateway",
    " forwards",
    " each",
    " request",
    " to",
    " a",
    " provider",
    " and",
    " the",
    " response",
    " is",
    " parsed",
    " into",
    " typed",
    " models",
    ".",
    " Retries",
    ",",
    " timeouts",
    " and",
    " budgets",
    " apply",
    " before",
    " the",
    " call",
    ";\n",
    " \"quoted\"",
    " values",
    ",",
    " na\u{ef}ve",
    " caf\u{e9}",
    " tokens",
    " and",
    " code",
    " like",
    " `fn main() {}`",
    " appear",
    " too",
    ".\n\n",
];
const ID: &str = "chatcmpl-BxY0a1b2c3d4e5f6g7h8i9j0k1l2m";
const MODEL: &str = "gpt-4o-mini-2024-07-18";

pub struct Answers {
    /// 200 tokens, 2 kB.
    pub small: Bytes,
    /// 4,000 tokens, 24 kB.
    pub large: Bytes,
    pub first: Bytes,
    pub words: Vec<Bytes>,
    pub last: Bytes,
    pub usage: Bytes,
    pub done: Bytes,
}

impl Answers {
    pub fn new() -> Self {
        Answers {
            small: whole(200),
            large: whole(4000),
            first: chunk(
                &delta(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null),
                Value::Null,
            ),
            words: WORDS.iter().map(|word| chunk(&delta(json!({"content": word}), Value::Null), Value::Null)).collect(),
            last: chunk(&delta(json!({}), json!("stop")), Value::Null),
            usage: chunk(&json!([]), usage(500)),
            done: Bytes::from_static(b"data: [DONE]\n\n"),
        }
    }
}

fn usage(tokens: usize) -> Value {
    json!({
        "prompt_tokens": 25, "completion_tokens": tokens, "total_tokens": tokens + 25,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
        }
    })
}

fn whole(tokens: usize) -> Bytes {
    let text: String = WORDS.iter().cycle().take(tokens).copied().collect();
    let answer = json!({
        "id": ID, "object": "chat.completion", "created": 1_760_000_000, "model": MODEL,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
            "logprobs": null, "finish_reason": "stop"
        }],
        "usage": usage(tokens), "service_tier": "default", "system_fingerprint": "fp_34a54ae93c"
    });
    answer.to_string().into()
}

fn delta(delta: Value, finish: Value) -> Value {
    json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}])
}

fn chunk(choices: &Value, usage: Value) -> Bytes {
    let chunk = json!({
        "id": ID, "object": "chat.completion.chunk", "created": 1_760_000_000, "model": MODEL,
        "service_tier": "default", "system_fingerprint": "fp_34a54ae93c",
        "choices": choices, "usage": usage, "obfuscation": "aB3dE6"
    });
    format!("data: {chunk}\n\n").into()
}
