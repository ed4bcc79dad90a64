//! Random requests: each is either refused as `unsupported` before anything is sent, or becomes a body that the
//! vendor's schema accepts.

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::encoder::ENCODERS;
use crate::replay::Verdict;
use crate::schema::Schemas;
use crate::seed::Seed;

/// Sends `count` random requests through each encoder.
pub async fn run(count: usize, only: Option<&Regex>, schemas: &Schemas) -> Result<Vec<Verdict>, String> {
    let mut verdicts = Vec::new();
    for encoder in &ENCODERS {
        let group = encoder.generated;
        let stages = encoder.open().await?;
        for number in 0..count {
            let id = format!("{group}:{number}");
            if only.is_none_or(|only| only.is_match(&id)) {
                let mut seed = Seed::new(&number.to_string());
                let request = chat(&mut seed, &format!("{}/model", stages[0].provider));
                let schema = encoder.check(&stages, request, seed.one_in(2), schemas).await;
                verdicts.push(Verdict { schema, ..Verdict::new(id, encoder.api, group) });
            }
        }
    }
    Ok(verdicts)
}

/// A chat that [`tidegate::Request::from_value`] accepts.
fn chat(seed: &mut Seed, model: &str) -> Value {
    let mut out = Map::new();
    out.insert("model".into(), model.into());
    out.insert("messages".into(), messages(seed).into());
    if seed.one_in(2) {
        let tools: Vec<_> = (0..=seed.below(2)).map(|index| tool(seed, index)).collect();
        out.insert("tools".into(), tools.into());
        if seed.one_in(2) {
            let choice = [json!("auto"), json!("none"), json!("required"), json!({"name": "tool_0"})];
            out.insert("tool_choice".into(), seed.pick(&choice).clone());
        }
        if seed.one_in(4) {
            out.insert("parallel_tool_calls".into(), seed.one_in(2).into());
        }
    }
    if seed.one_in(4) {
        out.insert("response_format".into(), format(seed));
    }
    if seed.one_in(4) {
        out.insert("reasoning".into(), reasoning(seed));
    }
    settings(seed, &mut out);
    out.into()
}

fn settings(seed: &mut Seed, out: &mut Map<String, Value>) {
    let choices: [(&str, usize, &[Value]); 9] = [
        ("temperature", 3, &[json!(0), json!(0.5), json!(1)]),
        ("top_p", 6, &[json!(0.1), json!(1)]),
        ("top_k", 12, &[json!(1), json!(40)]),
        ("max_tokens", 2, &[json!(1), json!(1000), json!(64000)]),
        ("stop", 4, &[json!("END"), json!(["a", "b"])]),
        ("seed", 12, &[json!(0), json!(7), json!(-1)]),
        ("frequency_penalty", 12, &[json!(-2), json!(0.5)]),
        ("presence_penalty", 12, &[json!(0), json!(2)]),
        ("logprobs", 12, &[json!(true), json!(false)]),
    ];
    for (key, rarity, values) in choices {
        if seed.one_in(rarity) {
            out.insert(key.into(), seed.pick(values).clone());
        }
    }
    if out.get("logprobs") == Some(&json!(true)) && seed.one_in(2) {
        out.insert("top_logprobs".into(), seed.below(6).into());
    }
}

fn format(seed: &mut Seed) -> Value {
    let formats = [
        json!({"type": "text"}),
        json!({"type": "json_object"}),
        json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema(), "strict": true}}),
        json!({"type": "json_schema", "schema": schema(), "description": "an answer"}),
    ];
    seed.pick(&formats).clone()
}

fn reasoning(seed: &mut Seed) -> Value {
    let choices = [
        json!("low"),
        json!("minimal"),
        json!({"effort": "medium", "include": false}),
        json!({"effort": "high"}),
        json!({"effort": "none"}),
        json!({"effort": "xhigh", "include": true}),
        json!({"budget_tokens": 2048}),
        json!({"budget_tokens": 1, "include": false}),
        json!({"include": true}),
    ];
    seed.pick(&choices).clone()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "a city"},
            "days": {"type": ["integer", "null"], "minimum": 1},
            "unit": {"type": "string", "enum": ["c", "f"]},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        },
        "required": ["city"],
        "additionalProperties": false,
        "$defs": {"tag": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
    })
}

fn tool(seed: &mut Seed, index: usize) -> Value {
    if index > 0 && seed.one_in(8) {
        let foreign = [
            json!({"type": "custom", "custom": {"name": format!("tool_{index}"), "description": text(seed)}}),
            json!({"type": "hosted", "tool": {"type": "web_search_20250305", "name": "web_search"}}),
            json!({"type": "hosted", "tool": {"googleSearch": {}}}),
        ];
        return seed.pick(&foreign).clone();
    }
    let mut function = json!({"name": format!("tool_{index}")});
    if !seed.one_in(4) {
        function["description"] = text(seed).into();
    }
    if !seed.one_in(4) {
        function["parameters"] = schema();
    }
    if seed.one_in(4) {
        function["strict"] = seed.one_in(2).into();
    }
    let mut tool = json!({"type": "function", "function": function});
    if seed.one_in(8) {
        tool["cache_control"] = marker(seed);
    }
    tool
}

/// A conversation: perhaps instructions, then turns of the user and the model, tool calls with their results.
fn messages(seed: &mut Seed) -> Vec<Value> {
    let mut out = Vec::new();
    if seed.one_in(2) {
        let role = *seed.pick(&["system", "developer"]);
        let marked = json!([{"type": "text", "text": text(seed)},
            {"type": "text", "text": text(seed), "cache_control": marker(seed)}]);
        let content = if seed.one_in(4) { marked } else { text(seed).into() };
        out.push(json!({"role": role, "content": content}));
    }
    if seed.one_in(12) {
        let call = json!({"id": "call_c", "type": "custom", "custom": {"name": "tool_1", "input": text(seed)}});
        out.push(json!({"role": "user", "content": "go"}));
        out.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
        out.push(json!({"role": "tool", "tool_call_id": "call_c", "content": "done"}));
    }
    for turn in 0..=seed.below(3) {
        let parts: Vec<_> = (0..=seed.below(2)).map(|_| user_part(seed)).collect();
        let mut message = json!({"role": "user", "content": parts});
        if seed.one_in(12) {
            message["name"] = "ada".into();
        }
        out.push(message);
        if seed.one_in(2) {
            answer(seed, turn, &mut out);
        }
    }
    out
}

/// The model's turn, and the results where it called tools.
fn answer(seed: &mut Seed, turn: usize, out: &mut Vec<Value>) {
    let mut parts = Vec::new();
    if seed.one_in(3) {
        let mut part = json!({"type": "reasoning", "text": text(seed)});
        if seed.one_in(2) {
            part["state"] = json!({"provider": "elsewhere", "data": {"signature": "c2ln"}});
        }
        parts.push(part);
    }
    if seed.one_in(2) {
        parts.push(json!({"type": "text", "text": text(seed)}));
    }
    if seed.one_in(12) {
        parts.push(json!({"type": "refusal", "refusal": text(seed)}));
    }
    if seed.one_in(12) {
        parts.push(json!({"type": "citation", "url": "https://example.com/a", "title": text(seed)}));
    }
    if seed.one_in(12) {
        let made = [
            json!({"type": "image", "data": "aGVsbG8=", "mime": "image/png"}),
            json!({"type": "audio", "data": "aGVsbG8=", "mime": "audio/wav", "transcript": text(seed)}),
            json!({"type": "other", "kind": "web_search_call", "data": {"type": "web_search_call", "id": "ws_1"},
                "state": {"provider": "elsewhere", "data": {}}}),
        ];
        parts.push(seed.pick(&made).clone());
    }
    let calls = if seed.one_in(2) { 1 + seed.below(2) } else { 0 };
    for call in 0..calls {
        let arguments = seed.pick(&["", "{}", r#"{"city": "Oslo", "days": 2}"#]);
        parts.push(json!({"type": "tool_call", "id": format!("call_{turn}_{call}"), "name": format!("tool_{call}"),
            "arguments": arguments}));
    }
    if parts.is_empty() {
        parts.push(json!({"type": "text", "text": text(seed)}));
    }
    out.push(json!({"role": "assistant", "content": parts}));
    for call in 0..calls {
        let id = format!("call_{turn}_{call}");
        out.push(if seed.one_in(2) {
            json!({"role": "tool", "tool_call_id": id, "content": text(seed)})
        } else {
            let result = json!({"type": "tool_result", "id": id, "content": result(seed), "is_error": seed.one_in(4)});
            json!({"role": "tool", "content": [result]})
        });
    }
}

/// What a tool answers.
fn result(seed: &mut Seed) -> Value {
    let said = json!({"type": "text", "text": "{\"ok\": true}"});
    let rare = [
        json!([]),
        json!([said, {"type": "text", "text": text(seed)}]),
        json!([said, {"type": "image", "data": "aGVsbG8=", "mime": "image/png"}]),
        json!([{"type": "file", "text": text(seed), "filename": "a.txt"}]),
        json!([{"type": "file", "data": "aGVsbG8=", "mime": "application/pdf", "filename": "a.pdf"}]),
    ];
    if seed.one_in(4) { seed.pick(&rare).clone() } else { json!([said]) }
}

/// A marker for the prompt cache.
fn marker(seed: &mut Seed) -> Value {
    seed.pick(&[json!({"type": "ephemeral"}), json!({"type": "ephemeral", "ttl": "1h"})]).clone()
}

fn user_part(seed: &mut Seed) -> Value {
    let data = "aGVsbG8=";
    let rare = [
        json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}),
        json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}")}}),
        json!({"type": "image", "data": data, "mime": "image/webp"}),
        json!({"type": "image", "file_id": "file-1"}),
        json!({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}),
        json!({"type": "audio", "data": data, "mime": "audio/flac"}),
        json!({"type": "file", "file": {"file_data": format!("data:application/pdf;base64,{data}"), "filename": "a.pdf"}}),
        json!({"type": "file", "file_id": "file-1"}),
        json!({"type": "file", "url": "https://example.com/a.pdf", "mime": "application/pdf"}),
        json!({"type": "file", "text": text(seed), "filename": "a.txt"}),
        json!({"type": "file", "text": text(seed)}),
        json!({"type": "file", "data": data, "mime": "application/pdf"}),
        json!({"type": "file", "data": data, "mime": "text/csv", "filename": "a b.csv"}),
        json!({"type": "image", "data": data, "mime": "image/jpeg", "detail": "high"}),
        json!({"type": "audio", "data": data, "mime": "audio/mpeg"}),
        json!({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}),
    ];
    let mut part = if seed.one_in(4) { seed.pick(&rare).clone() } else { json!({"type": "text", "text": text(seed)}) };
    if seed.one_in(8) {
        part["cache_control"] = marker(seed);
    }
    part
}

fn text(seed: &mut Seed) -> &'static str {
    const TEXTS: [&str; 4] =
        ["hi", "Wie weit ist der Mond?", "\u{1f600} \u{2028} \"quoted\" \\ \n", "a {\"b\": [1, 2]} c"];
    TEXTS[seed.below(TEXTS.len())]
}
