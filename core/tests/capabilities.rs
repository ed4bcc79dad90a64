//! What models can do: refused before it is sent, passed over by routes, and emulated where that is exact.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Error, Event, FinishReason, Gateway, Kind, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    fn new(targets: &[&str], settings: Value, answer: Answer) -> Self {
        let sim = Sim::new(1);
        sim.on("v.test", answer);
        let table = json!({"base_url": "http://v.test/v1", "api_key": "k"});
        let own = json!({"protocol": "openai-chat", "base_url": "http://v.test/v1"});
        let mut config = json!({
            "providers": {"openai": table, "anthropic": table, "bedrock": table, "gemini": table, "openrouter": table, "own": own},
            "routes": {"r": {"targets": targets, "retry": {"max_attempts": 1}}},
        });
        for (key, value) in settings.as_object().into_iter().flatten() {
            config["routes"]["r"][key] = value.clone();
        }
        House { gateway: Gateway::from_value(config).unwrap().with_world(sim.clone()), sim }
    }

    fn chat(&self, request: &Value) -> Result<Response> {
        self.sim.run(self.gateway.chat(asked(request)))
    }

    fn sent(&self) -> Value {
        serde_json::from_slice(&self.sim.exchanges().last().unwrap().body).unwrap()
    }
}

/// A request of the route with these fields.
fn asked(fields: &Value) -> Request {
    let mut request = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}]});
    for (key, value) in fields.as_object().unwrap() {
        request[key] = value.clone();
    }
    Request::from_value(request).unwrap()
}

fn answer() -> Answer {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"});
    Answer::json(200, &json!({"id": "c", "model": "m", "choices": [choice]}))
}

fn user(part: Value) -> Value {
    json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, part]}]})
}

fn refused(target: &str, request: Value) -> Option<(String, String)> {
    let house = House::new(&[target], Value::Null, answer());
    match house.chat(&request) {
        Ok(_) => None,
        Err(error) => {
            assert_eq!((error.kind(), house.sim.exchanges().len()), (Kind::Unsupported, 0), "{error}");
            Some((error.get("field").unwrap().to_owned(), error.to_string()))
        }
    }
}

#[test]
fn what_a_model_cannot_do_is_refused_before_it_is_sent() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let image = user(json!({"type": "image_url", "image_url": {"url": "https://e.test/a.png"}}));
    let bytes = user(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}));
    let sound = user(json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}));
    let pdf =
        user(json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}}));
    let table = [
        ("openai/gpt-3.5-turbo", image, "messages[0].content[1]", "gpt-3.5-turbo reads no images"),
        ("openai/gpt-4o-2024-08-06", sound, "messages[0].content[1]", "gpt-4o-2024-08-06 reads no sound"),
        ("openai/gpt-3.5-turbo-0125", pdf, "messages[0].content[1]", "reads no PDF documents"),
        ("openai/o1-mini", json!({"tools": tools}), "tools", "o1-mini calls no tools"),
        (
            "openai/gpt-4.1",
            json!({"reasoning": {"effort": "low"}}),
            "reasoning",
            "gpt-4.1 does not think before it answers",
        ),
        ("openai/o3", json!({"logprobs": true}), "logprobs", "o3 has no log probabilities"),
        ("openai/gpt-4o", json!({"max_tokens": 16385}), "max_tokens", "gpt-4o writes 16384 tokens at most"),
        ("bedrock/us.amazon.nova-micro-v1:0", bytes, "messages[0].content[1]", "nova-micro-v1:0 reads no images"),
        (
            "bedrock/meta.llama3-1-8b-instruct-v1:0",
            json!({"tools": tools, "tool_choice": "required"}),
            "tool_choice",
            "cannot be made to call a tool",
        ),
    ];
    for (target, request, field, words) in table {
        let (found, message) = refused(target, request).unwrap();
        assert_eq!(found, field, "{target}");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn what_is_not_known_is_sent() {
    let image = user(json!({"type": "image_url", "image_url": {"url": "https://e.test/a.png"}}));
    // Whoever runs a server names its models: this may be any.
    for target in ["own/gpt-3.5-turbo", "openai/a-model-of-tomorrow"] {
        assert_eq!(refused(target, image.clone()), None, "{target}");
    }
    // This router reads files for models that read none.
    let pdf =
        user(json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}}));
    assert_eq!(refused("openrouter/openai/gpt-3.5-turbo", pdf), None);
    assert_eq!(refused("openai/gpt-4o", json!({"max_tokens": 16384, "reasoning": {"effort": "none"}})), None);
}

#[test]
fn what_a_model_cannot_do_can_be_left_out() {
    let house = House::new(&["openai/gpt-4o"], json!({"on_unsupported": "drop"}), answer());
    let response = house.chat(&json!({"max_tokens": 99999, "reasoning": {"effort": "low"}})).unwrap();
    assert_eq!(response.dropped, ["reasoning", "max_tokens"]);
    assert_eq!(house.sent(), json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}));
}

#[test]
fn what_is_in_a_part_is_left_out_before_the_part() {
    let house = House::new(
        &["bedrock/meta.llama3-3-70b-instruct-v1:0"],
        json!({"on_unsupported": "drop"}),
        Answer::json(500, &json!({})),
    );
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}});
    let words = json!({"type": "text", "text": "see"});
    house.chat(&json!({"messages": [{"role": "user", "content": [image, words]}]})).unwrap_err();
    assert_eq!(house.sent()["messages"], json!([{"role": "user", "content": [{"text": "see"}]}]));
}

#[test]
fn a_route_goes_to_the_first_target_that_can() {
    let image = user(json!({"type": "image_url", "image_url": {"url": "https://e.test/a.png"}}));
    // Nothing was sent to the first two, so the one attempt that the route has is left for the third.
    let house = House::new(&["openai/gpt-4", "openai/o3-mini", "openai/gpt-4o"], Value::Null, answer());
    let response = house.chat(&image).unwrap();
    let tried: Vec<_> = response.attempts.iter().map(|attempt| (&*attempt.target, attempt.kind)).collect();
    let unsupported = Some(Kind::Unsupported);
    assert_eq!(tried, [("openai/gpt-4", unsupported), ("openai/o3-mini", unsupported), ("openai/gpt-4o", None)]);
    assert_eq!(house.sim.exchanges().len(), 1);
}

#[test]
fn a_prompt_goes_first_to_targets_that_have_room_for_it() {
    let long = json!({"messages": [{"role": "user", "content": "word ".repeat(20_000)}]});
    for (request, target) in [(json!({}), "openai/gpt-4"), (long, "openai/gpt-4o")] {
        let house = House::new(&["openai/gpt-4", "openai/gpt-4o"], Value::Null, answer());
        assert_eq!(house.chat(&request).unwrap().target, target);
    }
}

const CLAUDE: &str = "anthropic/claude-3-haiku-20240307";

fn schema() -> Value {
    json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})
}

fn demand(schema: Value) -> Value {
    json!({"response_format": {"type": "json_schema", "json_schema": {"name": "count", "schema": schema}}})
}

#[test]
fn a_schema_becomes_a_tool_where_a_vendor_lacks_it() {
    let call = json!({"type": "tool_use", "id": "t", "name": "count", "input": {"n": 3}});
    let message = json!({"id": "m", "type": "message", "role": "assistant", "model": "claude", "content": [call],
        "stop_reason": "tool_use", "usage": {"input_tokens": 9, "output_tokens": 4}});
    let house = House::new(&[CLAUDE], Value::Null, Answer::json(200, &message));
    let response = house.chat(&demand(schema())).unwrap();
    let said = (response.text(), response.tool_calls().count(), response.finish_reason);
    assert_eq!(said, (r#"{"n":3}"#.into(), 0, FinishReason::Stop));
    assert_eq!(response.finish_reason_raw.as_deref(), Some("tool_use"));
    let sent = house.sent();
    assert_eq!((&sent["tools"][0]["name"], &sent["tools"][0]["input_schema"]), (&json!("count"), &schema()));
    assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": "count", "disable_parallel_tool_use": true}));
    assert!(sent.get("output_config").is_none() && sent.get("output_format").is_none(), "{sent}");
    // The next turn has no call that would want a result.
    assert!(response.message().content.iter().all(|part| part.as_text().is_some()));
}

#[test]
fn its_stream_is_text_from_the_first_fragment_on() {
    let events = [
        json!({"type": "message_start", "message": {"id": "m", "model": "claude", "usage": {"input_tokens": 9, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "count", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{\"n\""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": ":3}"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 4}}),
        json!({"type": "message_stop"}),
    ];
    let house = House::new(&[CLAUDE], Value::Null, Answer::sse(events.map(|event| event.to_string())));
    let mut seen = Vec::new();
    house.sim.run(async {
        let mut stream = house.gateway.stream(asked(&demand(schema()))).await.unwrap();
        while let Some(event) = stream.next().await {
            seen.push(event.unwrap());
        }
        assert_eq!(stream.response().unwrap().text(), r#"{"n":3}"#);
    });
    let texts: Vec<_> = seen.iter().filter_map(Event::text).collect();
    assert_eq!(texts, ["{\"n\"", ":3}"]);
    assert!(seen.iter().all(|event| !matches!(event, Event::ToolCall { .. } | Event::Arguments { .. })));
}

#[cfg(feature = "structured-output")]
#[test]
fn what_comes_of_the_tool_is_held_to_the_schema() {
    let call = json!({"type": "tool_use", "id": "t", "name": "count", "input": {"n": "three"}});
    let message = json!({"id": "m", "type": "message", "role": "assistant", "model": "claude", "content": [call],
        "stop_reason": "tool_use", "usage": {"input_tokens": 9, "output_tokens": 4}});
    let error = House::new(&[CLAUDE], Value::Null, Answer::json(200, &message)).chat(&demand(schema())).unwrap_err();
    assert_eq!((error.kind(), error.get("schema_path")), (Kind::InvalidOutput, Some("/properties/n/type")));
}

#[test]
fn where_it_would_not_be_exact_it_is_refused() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let mut with_tools = demand(schema());
    with_tools["tools"] = tools;
    let list = demand(json!({"type": "array", "items": {"type": "integer"}}));
    for request in [with_tools, list] {
        let (field, message) = refused(CLAUDE, request).unwrap();
        assert_eq!(field, "response_format", "{message}");
    }
    // Its tools cannot be forced, so there is nothing to emulate with.
    let error: Error = House::new(&["bedrock/meta.llama3-1-8b-instruct-v1:0"], Value::Null, answer())
        .chat(&demand(schema()))
        .unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("response_format")));
}
