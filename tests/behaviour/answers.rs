//! What vendors answer now and then, and few recordings show.

use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Content, Error, FinishReason, Gateway, Kind, Media, Request, Response, Retry, Sim, Source, ToolCall};

/// Asks a built-in provider, which gives this answer.
fn ask(provider: &str, request: &Value, stream: bool, answer: Answer) -> Result<Response, Error> {
    let sim = Sim::new(1);
    sim.on("vendor.test", answer);
    let table = json!({"base_url": "http://vendor.test", "api_key": "k"});
    let config = json!({"providers": {provider: table}, "defaults": {"retry": {"max_attempts": 1}}});
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let mut body = json!({"model": format!("{provider}/m"), "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
    let request = Request::from_value(body).unwrap();
    if stream {
        sim.run(async { gateway.stream(request).await?.collect().await })
    } else {
        sim.run(gateway.chat(request))
    }
}

fn whole(provider: &str, body: &Value) -> Result<Response, Error> {
    ask(provider, &json!({}), false, Answer::json(200, body))
}

fn events(events: &[Value]) -> Answer {
    Answer::sse(events.iter().map(Value::to_string).chain(["[DONE]".to_owned()]))
}

/// A chunk of an OpenAI stream.
fn chunk(delta: &Value, finish_reason: Option<&str>) -> Value {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})
}

fn sound(response: &Response) -> Vec<&Media> {
    let parts = response.parts.iter().map(|part| &part.content);
    parts.filter_map(|content| if let Content::Audio(media) = content { Some(media) } else { None }).collect()
}

#[test]
fn sound_that_is_streamed_is_one_part() {
    let request = json!({"extra": {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}});
    let audio = |fields: Value| chunk(&json!({"audio": fields}), None);
    let answer = events(&[
        audio(json!({"id": "audio_1", "transcript": "hel"})),
        // The bytes 1 to 4 and 5 to 6, each with the padding of its own end.
        audio(json!({"id": "audio_1", "data": "AQIDBA=="})),
        audio(json!({"id": "audio_1", "transcript": "lo"})),
        audio(json!({"id": "audio_1", "data": "BQY="})),
        audio(json!({"id": "audio_1", "expires_at": 9})),
        chunk(&json!({}), Some("stop")),
    ]);
    let response = ask("openai", &request, true, answer).unwrap();
    let [sound] = sound(&response)[..] else { panic!("{:?}", response.parts) };
    let Source::Data(data) = &sound.source else { panic!("no data") };
    assert_eq!((data.as_str(), sound.transcript.as_deref()), ("AQIDBAUG", Some("hello")));
    assert_eq!(sound.mime.as_deref(), Some("audio/pcm16"));
    assert_eq!(response.parts[0].state.as_ref().unwrap().data["audio_id"], "audio_1");
}

#[test]
fn sound_that_was_heard_can_be_said_back() {
    let message =
        json!({"role": "assistant", "content": null, "audio": {"id": "a", "data": "AQID", "transcript": "hello"}});
    let body = json!({"id": "c", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
    let response = whole("openai", &body).unwrap();
    let hi = json!({"role": "user", "content": "hi"});
    let turn = |provider| sent(provider, &json!({"messages": [hi, response.message(), hi]}))["messages"][1].clone();
    assert_eq!(turn("openai"), json!({"role": "assistant", "content": null, "audio": {"id": "a"}}));
    // Another vendor does not have it, and can read what was said.
    assert_eq!(turn("groq"), json!({"role": "assistant", "content": "hello"}));
}

fn completion(message: &Value, finish_reason: &str) -> Value {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason});
    json!({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]})
}

#[test]
fn an_answer_that_is_only_an_error_says_what_failed() {
    let again = Retry::After(std::time::Duration::ZERO);
    let rows = [
        ("databricks", json!({"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "words"}), Kind::RateLimited, again),
        ("databricks", json!({"error_code": "BAD_REQUEST", "message": "words"}), Kind::InvalidRequest, Retry::Never),
        (
            "databricks",
            json!({"error_code": "PERMISSION_DENIED", "message": "words"}),
            Kind::PermissionDenied,
            Retry::Elsewhere,
        ),
        ("databricks", json!({"error_code": "INTERNAL_ERROR", "message": "words"}), Kind::Server, again),
        (
            "vllm",
            json!({"object": "error", "message": "words", "type": "BadRequestError", "code": 400}),
            Kind::InvalidRequest,
            Retry::Never,
        ),
        ("deepinfra", json!({"detail": "words"}), Kind::Server, again),
        (
            "minimax",
            json!({"id": "1", "choices": null, "base_resp": {"status_code": 1002, "status_msg": "words"}}),
            Kind::RateLimited,
            again,
        ),
        (
            "minimax",
            json!({"base_resp": {"status_code": 1004, "status_msg": "words"}}),
            Kind::Unauthenticated,
            Retry::Elsewhere,
        ),
        (
            "minimax",
            json!({"base_resp": {"status_code": 1008, "status_msg": "words"}}),
            Kind::QuotaExhausted,
            Retry::Elsewhere,
        ),
        (
            "minimax",
            json!({"base_resp": {"status_code": 1026, "status_msg": "words"}}),
            Kind::ContentFiltered,
            Retry::Never,
        ),
        (
            "minimax",
            json!({"base_resp": {"status_code": 2013, "status_msg": "words"}}),
            Kind::InvalidRequest,
            Retry::Never,
        ),
    ];
    for (provider, body, kind, retry) in rows {
        let error = whole(provider, &body).unwrap_err();
        assert_eq!((error.kind(), error.scope()), (kind, retry), "{body}");
        assert!(error.to_string().ends_with(": words"), "{error}");
        let streamed = ask(provider, &json!({}), true, events(&[chunk(&json!({"content": "hal"}), None), body]));
        let error = streamed.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.partial_response().unwrap().text(), "hal");
    }
    let well = json!({"status_code": 0, "status_msg": ""});
    let mut body = completion(&json!({"content": "hi"}), "stop");
    body["base_resp"] = well;
    assert_eq!(whole("minimax", &body).unwrap().text(), "hi");
}

#[test]
fn groq_says_beside_a_chunk_that_the_stream_failed() {
    let mut failed = chunk(&json!({}), None);
    failed["x_groq"] = json!({"id": "r", "error": "Rate limit reached"});
    let answer = events(&[chunk(&json!({"content": "hal"}), None), failed]);
    let error = ask("groq", &json!({}), true, answer).unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert!(error.to_string().ends_with("Rate limit reached"), "{error}");
    assert_eq!(error.partial_response().unwrap().text(), "hal");
}

#[test]
fn errors_are_read_in_the_form_of_their_gateway() {
    let rows = [
        ("cloudflare", 404, json!({"success": false, "errors": [{"code": 7003, "message": "words"}]}), Kind::NotFound),
        (
            "openai",
            401,
            json!({"errors": [{"code": "token_not_valid", "message": "words"}], "trace": "t"}),
            Kind::Unauthenticated,
        ),
        (
            "fireworks",
            401,
            json!({"fault": {"faultstring": "words", "detail": {"errorcode": "oauth"}}}),
            Kind::Unauthenticated,
        ),
        ("huggingface", 422, json!({"error": ["words"], "error_type": "validation"}), Kind::InvalidRequest),
        ("novita", 403, json!({"code": 403, "reason": "NOT_ENOUGH_BALANCE", "message": "words"}), Kind::QuotaExhausted),
        (
            "alibaba",
            400,
            json!({"error": {"code": "data_inspection_failed", "message": "words"}}),
            Kind::ContentFiltered,
        ),
    ];
    for (provider, status, body, kind) in rows {
        let error = ask(provider, &json!({}), false, Answer::json(status, &body)).unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        assert!(error.to_string().ends_with(": words"), "{error}");
    }
    let words =
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens";
    let body = json!({"error": {"message": words, "type": "invalid_request_error"}});
    let error = ask("together", &json!({}), false, Answer::json(422, &body)).unwrap_err();
    assert_eq!((error.kind(), error.scope()), (Kind::ContextTooLong, Retry::Elsewhere));
}

#[test]
fn the_older_form_of_a_call_is_one() {
    let called = |response: Response| {
        assert_eq!(response.finish_reason, FinishReason::ToolCalls);
        response.tool_calls().map(|call| (call.name.clone(), call.arguments.clone())).collect::<Vec<_>>()
    };
    let want = [("f".to_owned(), r#"{"a":1}"#.to_owned())];
    let message = json!({"content": null, "function_call": {"name": "f", "arguments": r#"{"a":1}"#}});
    assert_eq!(called(whole("openai", &completion(&message, "function_call")).unwrap()), want);
    let pieces = [json!({"name": "f", "arguments": ""}), json!({"arguments": r#"{"a""#}), json!({"arguments": ":1}"})];
    let mut stream: Vec<_> = pieces.iter().map(|piece| chunk(&json!({"function_call": piece}), None)).collect();
    stream.push(chunk(&json!({}), Some("function_call")));
    assert_eq!(called(ask("openai", &json!({}), true, events(&stream)).unwrap()), want);
}

#[test]
fn log_probabilities_are_read_in_the_form_of_together() {
    let read = |response: Response| {
        let token = |token: &tidegate::TokenLogprob| (token.token.clone(), token.logprob);
        response.logprobs.iter().map(token).collect::<Vec<_>>()
    };
    let want = [("hi".to_owned(), -0.5), (" you".to_owned(), -1.0)];
    let mut body = completion(&json!({"content": "hi you"}), "eos");
    body["choices"][0]["logprobs"] =
        json!({"token_ids": [1, 2], "tokens": ["hi", " you"], "token_logprobs": [-0.5, -1.0]});
    assert_eq!(read(whole("together", &body).unwrap()), want);
    let piece = |text: &str, logprob: Value, finish_reason| {
        let mut chunk = chunk(&json!({"token_id": 1, "content": text}), finish_reason);
        chunk["choices"][0]["logprobs"] = logprob;
        chunk
    };
    let answer = events(&[piece("hi", json!(-0.5), None), piece(" you", json!(-1), Some("eos"))]);
    assert_eq!(read(ask("together", &json!({}), true, answer).unwrap()), want);
}

#[test]
fn models_behind_other_apis_keep_their_words_for_the_end() {
    let rows = [
        ("eos_token", FinishReason::Stop),
        ("refusal", FinishReason::ContentFilter),
        ("model_context_window_exceeded", FinishReason::Length),
    ];
    for (raw, want) in rows {
        let response = whole("databricks", &completion(&json!({"content": "hi"}), raw)).unwrap();
        assert_eq!((response.finish_reason, response.finish_reason_raw.as_deref()), (want, Some(raw)));
    }
}

/// What a provider is sent for a request.
fn sent(provider: &str, request: &Value) -> Value {
    let sim = Sim::new(1);
    sim.on("vendor.test", Answer::json(400, &json!({"error": "read and refused"})));
    let table = json!({"base_url": "http://vendor.test", "api_key": "k"});
    let gateway = Gateway::from_value(json!({"providers": {provider: table}})).unwrap().with_world(sim.clone());
    let mut request = request.clone();
    request["model"] = json!(format!("{provider}/gemini-3-pro-image"));
    sim.run(gateway.chat(Request::from_value(request).unwrap())).unwrap_err();
    serde_json::from_slice(&sim.exchanges()[0].body).unwrap()
}

#[test]
fn a_picture_that_was_drawn_while_thinking_goes_back_as_such() {
    let picture = |data: &str| json!({"inlineData": {"mimeType": "image/png", "data": data}});
    let mut thought = picture("AAAA");
    thought["thought"] = json!(true);
    let parts = json!([thought, picture("BBBB")]);
    let answer = json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]});
    let hi = json!({"role": "user", "content": "hi"});
    let turn = whole("gemini", &answer).unwrap().message();
    assert_eq!(sent("gemini", &json!({"messages": [hi, turn, hi]}))["contents"][1]["parts"], parts);
}

#[test]
fn where_no_field_says_that_a_tool_failed_its_result_does() {
    let call = ToolCall::new("call12345", "f", "{}");
    let request = json!({"messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "tool_calls": [call]},
        {"role": "tool", "content": [{"type": "tool_result", "id": "call12345", "is_error": true,
            "content": [{"type": "text", "text": "no such city"}]}]},
    ]});
    for provider in ["openai", "mistral", "cohere", "ollama"] {
        assert_eq!(sent(provider, &request)["messages"][2]["content"], "error: no such city", "{provider}");
    }
}

#[test]
fn bedrock_answers_with_sound() {
    let sound_block = json!({"audio": {"format": "wav", "source": {"bytes": "AQID"}}});
    let answer = json!({"output": {"message": {"content": [sound_block]}}, "stopReason": "end_turn"});
    let response = whole("bedrock", &answer).unwrap();
    assert_eq!(sound(&response)[0].mime.as_deref(), Some("audio/wav"));
}

#[test]
fn a_tool_that_groq_runs_in_a_stream_is_one_part() {
    let called = json!({"index": 0, "type": "search", "arguments": "{}"});
    let mut answered = called.clone();
    answered["output"] = json!("found");
    let tool = |tool: &Value| chunk(&json!({"executed_tools": [tool]}), None);
    let answer = events(&[
        tool(&called),
        tool(&answered),
        tool(&json!({"index": 1, "type": "visit"})),
        chunk(&json!({"content": "hi"}), Some("stop")),
    ]);
    let response = ask("groq", &json!({}), true, answer).unwrap();
    let others = response.parts.iter().filter_map(|part| match &part.content {
        Content::Other(other) => Some((other.kind.as_str(), other.data.get("output"))),
        _ => None,
    });
    let want = [("executed_tool:search", Some(&json!("found"))), ("executed_tool:visit", None)];
    assert_eq!(others.collect::<Vec<_>>(), want);
}

#[test]
fn calls_that_are_all_called_null_are_calls_of_their_own() {
    let call = |name: &str| json!({"id": "null", "function": {"name": name, "arguments": "{}"}});
    let response =
        whole("mistral", &completion(&json!({"content": "", "tool_calls": [call("f"), call("g")]}), "tool_calls"));
    let response = response.unwrap();
    let calls: Vec<_> = response.tool_calls().map(|call| (call.id.as_str(), call.name.as_str())).collect();
    assert_eq!(calls, [("call_0", "f"), ("call_1", "g")]);
}
