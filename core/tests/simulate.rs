//! Simulated providers, through the public API: encode, sign, frame and decode run as they do live.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::{Error, Event, FinishReason, Gateway, Kind, Request, Response, Retry, Sim, World};

/// A gateway with the simulated provider `p`, which speaks `protocol`.
fn gateway(sim: &Sim, protocol: &str, simulate: Value) -> Gateway {
    let config = json!({
        "providers": {"p": {"protocol": protocol, "simulate": simulate}},
        "routes": {"r": {"targets": ["p/model-1"], "retry": {"max_attempts": 1}}},
    });
    Gateway::from_value(config).unwrap().with_world(sim.clone())
}

const PROTOCOLS: [&str; 3] = ["openai-chat", "anthropic", "gemini"];

fn chat(protocol: &str, request: Value) -> Result<Response, Error> {
    let sim = Sim::new(1);
    sim.run(gateway(&sim, protocol, json!({})).chat(Request::from_value(request).unwrap()))
}

fn says(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

/// The events of a stream, and how it ended.
fn stream(sim: &Sim, gateway: &Gateway, request: Value) -> (Vec<Event>, Result<Response, Error>) {
    sim.run(async {
        let mut stream = match gateway.stream(Request::from_value(request).unwrap()).await {
            Ok(stream) => stream,
            Err(error) => return (Vec::new(), Err(error)),
        };
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Err(error)),
            }
        }
        (events, Ok(stream.response().unwrap().clone()))
    })
}

#[test]
fn answers_with_an_echo() {
    for protocol in PROTOCOLS {
        let reply = chat(protocol, json!({"model": "r", "messages": says("hi there")})).unwrap();
        assert_eq!(
            reply.text(),
            "You said \"hi there\". I am model-1, a simulated model: no key, no network, no bill.",
            "{protocol}"
        );
        assert_eq!((reply.finish_reason, reply.model.as_str()), (FinishReason::Stop, "model-1"), "{protocol}");
        let usage = reply.usage.unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (2, 16), "{protocol}");
        assert!(reply.id.is_some() && (reply.request_id.is_some() || protocol == "gemini"), "{protocol}");
    }
}

#[test]
fn streams_the_same_answer_word_by_word() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({"latency": "200ms", "chunk_delay": "10ms"}));
        let request =
            json!({"model": "r", "messages": says("hi there"), "reasoning": {"effort": "low", "include": true}});
        let (events, reply) = stream(&sim, &gateway, request.clone());
        let reply = reply.unwrap();
        let texts = events.iter().filter_map(Event::text).filter(|text| !text.is_empty()).count();
        assert_eq!(texts, 16, "{protocol}");
        let thoughts = events.iter().filter(|event| matches!(event, Event::Reasoning { text, .. } if !text.is_empty()));
        assert_eq!(thoughts.count(), 11, "{protocol}");
        assert_eq!(sim.now().since_start(), Duration::from_millis(200 + 26 * 10), "{protocol}");

        let whole = sim.run(gateway.chat(Request::from_value(request).unwrap())).unwrap();
        assert_eq!((whole.text(), whole.reasoning()), (reply.text(), reply.reasoning()), "{protocol}");
        assert_eq!(whole.usage, reply.usage, "{protocol}");
        assert_eq!(whole.usage.unwrap().reasoning_tokens, 11, "{protocol}");
    }
}

fn weather_tools() -> Value {
    let parameters = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city", "days"],
    });
    json!([
        {"type": "function", "function": {"name": "get_weather", "parameters": parameters}},
        {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}},
    ])
}

#[test]
fn calls_a_tool_and_answers_with_its_result() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({}));
        let mut request = Request::from_value(json!({
            "model": "r",
            "messages": says("How is the weather in Lisbon for 3 days?"),
            "tools": weather_tools(),
            "reasoning": {"effort": "low", "include": true},
        }))
        .unwrap();
        let reply = sim.run(gateway.chat(request.clone())).unwrap();
        let calls: Vec<_> = reply.tool_calls().cloned().collect();
        assert_eq!(calls.len(), 1, "{protocol}");
        assert_eq!(calls[0].name, "get_weather");
        assert_eq!(calls[0].parsed().unwrap(), json!({"city": "Lisbon", "days": 3}), "{protocol}");
        assert_eq!(reply.finish_reason, FinishReason::ToolCalls, "{protocol}");

        // The thinking goes back with its signature, which the provider checks.
        let result = json!([{"role": "tool", "tool_call_id": calls[0].id, "content": "sunny, 21 degrees"}]);
        let result = Request::from_value(json!({"model": "r", "messages": result})).unwrap();
        request = request.with(|chat| {
            chat.messages.push(reply.message());
            chat.messages.extend(result.as_chat().unwrap().messages.clone());
        });
        let reply = sim.run(gateway.chat(request)).unwrap();
        assert_eq!(reply.text(), "The tools say: sunny, 21 degrees", "{protocol}");
    }
}

#[test]
fn calls_all_tools_that_the_prompt_names_and_streams_their_arguments() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({}));
        let request = json!({
            "model": "r",
            "messages": says("Use get_weather and get_time for Oslo"),
            "tools": weather_tools(),
        });
        let (_, reply) = stream(&sim, &gateway, request.clone());
        let reply = reply.unwrap();
        let calls: Vec<_> = reply.tool_calls().map(|call| (call.name.as_str(), call.parsed().unwrap())).collect();
        let want = [("get_weather", json!({"city": "Oslo", "days": 1})), ("get_time", json!({}))];
        assert_eq!(calls, want, "{protocol}");
        assert_eq!(reply.finish_reason, FinishReason::ToolCalls, "{protocol}");

        let mut one = request;
        one["tool_choice"] = json!({"type": "function", "function": {"name": "get_time"}});
        let reply = sim.run(gateway.chat(Request::from_value(one.clone()).unwrap())).unwrap();
        assert_eq!(reply.tool_calls().map(|call| call.name.as_str()).collect::<Vec<_>>(), ["get_time"], "{protocol}");
        one["tool_choice"] = json!("none");
        let reply = sim.run(gateway.chat(Request::from_value(one).unwrap())).unwrap();
        assert_eq!(reply.tool_calls().count(), 0, "{protocol}");
    }
}

#[test]
fn follows_a_schema() {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer", "minimum": 18},
            "mood": {"type": "string", "enum": ["good", "bad"]},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        },
        "required": ["name", "age", "mood", "tags"],
        "additionalProperties": false,
    });
    for protocol in PROTOCOLS {
        let format =
            json!({"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": true}});
        let reply =
            chat(protocol, json!({"model": "r", "messages": says("Describe Ada"), "response_format": format})).unwrap();
        let value: Value = serde_json::from_str(&reply.text()).unwrap();
        assert_eq!(value, json!({"name": "Ada", "age": 18, "mood": "good", "tags": ["tags", "tags"]}), "{protocol}");
    }
}

#[test]
fn obeys_the_token_limit_and_stop_sequences() {
    for protocol in PROTOCOLS {
        let reply = chat(protocol, json!({"model": "r", "messages": says("hi"), "max_tokens": 3})).unwrap();
        assert_eq!(
            (reply.text().trim_end(), reply.finish_reason),
            ("You said \"hi\".", FinishReason::Length),
            "{protocol}"
        );
        let reply = chat(protocol, json!({"model": "r", "messages": says("hi"), "stop": ["simulated"]})).unwrap();
        assert_eq!(reply.text().trim_end(), "You said \"hi\". I am model-1, a", "{protocol}");
        assert_eq!(reply.finish_reason, FinishReason::Stop, "{protocol}");
    }
}

#[test]
fn refuses_as_its_provider_does() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let config = json!({"providers": {"p": {"protocol": protocol, "simulate": {}, "api_key": "wrong"}}});
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        let ask = |model: &str| Request::from_value(json!({"model": model, "messages": says("hi")})).unwrap();
        let error = sim.run(gateway.chat(ask("p/x"))).unwrap_err();
        assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere), "{protocol}: {error:#}");
        let gateway = self::gateway(&sim, protocol, json!({}));
        let error = sim.run(gateway.chat(ask("p/missing-model"))).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (Kind::NotFound, Some(404)), "{protocol}: {error:#}");
        let extra = Request::from_value(json!({
            "model": "r", "messages": says("hi"),
            "extra": {"temperature": "hot", "generationConfig": {"temperature": "hot"}},
        }))
        .unwrap();
        let error = sim.run(gateway.chat(extra)).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (Kind::InvalidRequest, Some(400)), "{protocol}: {error:#}");
    }
}

#[test]
fn a_script_decides_the_first_requests() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let script = json!([
            {"status": 503},
            {"status": 429, "retry_after": "7s"},
            {"text": "as scripted", "times": 2},
            {"refuse": true},
            {"hang": true, "delay": "1s"},
            {"cut_after": 3},
            {},
        ]);
        let gateway = gateway(&sim, protocol, json!({"script": script, "reply": "{model}: {prompt}"}));
        let ask = || sim.run(gateway.chat(Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap()));
        assert_eq!(ask().unwrap_err().kind(), Kind::Overloaded, "{protocol}");
        let limited = ask().unwrap_err();
        assert_eq!((limited.kind(), limited.wait()), (Kind::RateLimited, Some(Duration::from_secs(7))), "{protocol}");
        assert_eq!(ask().unwrap().text(), "as scripted", "{protocol}");
        assert_eq!(ask().unwrap().text(), "as scripted", "{protocol}");
        assert_eq!(ask().unwrap_err().get("reason"), Some("refused"), "{protocol}");
        assert_eq!(ask().unwrap_err().get("timeout"), Some("first_content"), "{protocol}");
        assert_eq!(ask().unwrap_err().get("reason"), Some("incomplete_body"), "{protocol}");
        assert_eq!(ask().unwrap().text(), "model-1: hi", "{protocol}");
        assert_eq!(ask().unwrap().text(), "model-1: hi", "{protocol}");
    }
}

#[test]
fn a_stream_breaks_off_where_the_script_says() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let script = json!([{"cut_after": 3}, {"cut_after": 0}, {"status": 503, "cut_after": 2}, {"cut_after": 99}]);
        let gateway = gateway(&sim, protocol, json!({"script": script, "reply": "one two three four five"}));
        let ask = || stream(&sim, &gateway, json!({"model": "r", "messages": says("hi")})).1.unwrap_err();
        let partial = |error: &Error| error.partial_response().map(|partial| partial.text().into_owned());
        let cut = ask();
        assert_eq!(
            (cut.kind(), partial(&cut).as_deref()),
            (Kind::StreamIncomplete, Some("one two three ")),
            "{protocol}"
        );
        let before = ask();
        assert_eq!((before.kind(), partial(&before)), (Kind::StreamIncomplete, None), "{protocol}");
        let failed = ask();
        assert_eq!(partial(&failed).as_deref(), Some("one two "), "{protocol}: {failed:#}");
        assert!(matches!(failed.kind(), Kind::Overloaded | Kind::Server), "{protocol}: {failed:#}");
        assert_eq!(partial(&ask()).as_deref(), Some("one two three four five"), "{protocol}");
    }
}

/// Everything that can be seen of four streams at a provider that fails in every way.
fn log(gateway: &Gateway, seed: u64) -> String {
    let sim = Sim::new(seed);
    let gateway = gateway.with_world(sim.clone());
    let mut log = String::new();
    for turn in 0..4 {
        let (events, end) = stream(&sim, &gateway, json!({"model": "r", "messages": says(&format!("turn {turn}"))}));
        log += &format!("{:?} {end:?}\n", sim.now());
        log += &serde_json::to_string(&events).unwrap();
    }
    log
}

#[test]
fn the_same_seed_gives_the_same_log() {
    let simulate = json!({
        "latency": {"min": "10ms", "max": "900ms"}, "chunk_delay": {"min": "1ms", "max": "50ms"},
        "error_rate": 0.1, "rate_limit_rate": 0.1, "break_rate": 0.2,
    });
    for protocol in PROTOCOLS {
        let gateway = gateway(&Sim::new(0), protocol, simulate.clone());
        let first = log(&gateway, 7);
        assert!((0..100).all(|_| log(&gateway, 7) == first), "{protocol}");
        assert_ne!(log(&gateway, 8), first, "{protocol}");
    }
}

#[test]
fn a_seed_of_its_own_makes_a_provider_independent_of_the_world() {
    let texts = |world: u64, seed: u64| {
        let sim = Sim::new(world);
        let gateway = gateway(&sim, "openai-chat", json!({"seed": seed, "error_rate": 0.5}));
        let ask = || Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap();
        (0..20)
            .map(|_| sim.run(gateway.chat(ask())).map(|reply| reply.id).map_err(|error| error.kind()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(1, 5), texts(2, 5));
    assert_ne!(texts(1, 5), texts(1, 6));
}

#[test]
fn rates_are_kept() {
    let sim = Sim::new(3);
    let gateway = gateway(&sim, "openai-chat", json!({"error_rate": 0.3, "error_status": 500, "rate_limit_rate": 0.2}));
    let ask = || Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap();
    let kinds: Vec<_> = (0..1000).map(|_| sim.run(gateway.chat(ask())).err().map(|error| error.kind())).collect();
    let share = |kind: Option<Kind>| kinds.iter().filter(|seen| **seen == kind).count();
    assert!((250..350).contains(&share(Some(Kind::Server))), "{}", share(Some(Kind::Server)));
    assert!((150..250).contains(&share(Some(Kind::RateLimited))), "{}", share(Some(Kind::RateLimited)));
    assert_eq!(share(None) + share(Some(Kind::Server)) + share(Some(Kind::RateLimited)), 1000);
}

#[test]
fn an_hour_of_outage_takes_no_time() {
    let sim = Sim::new(1);
    let config = json!({
        "providers": {"p": {"protocol": "openai-chat", "simulate": {"script": [{"status": 503, "delay": "1h"}]}}},
        "routes": {"r": {"targets": ["p/m"], "timeout": {"first_content": "2h", "total": "3h"}}},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let reply =
        sim.run(gateway.chat(Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap())).unwrap();
    assert_eq!(reply.attempts.len(), 2);
    assert_eq!(reply.attempts[0].kind, Some(Kind::Overloaded));
    assert!(sim.now().since_start() >= Duration::from_secs(3600));
}

#[test]
fn embeds_texts_as_unit_vectors() {
    for protocol in ["openai-chat", "gemini"] {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({}));
        let embed =
            |input: Value| Request::from_value(json!({"model": "r", "input": input, "dimensions": 16})).unwrap();
        let vectors = sim.run(gateway.embed(embed(json!(["a", "b", "a"])))).unwrap().vectors;
        assert_eq!((vectors.len(), vectors[0].len()), (3, 16), "{protocol}");
        assert_eq!(vectors[0], vectors[2]);
        assert_ne!(vectors[0], vectors[1]);
        let norm: f32 = vectors[0].iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-5, "{protocol}: {norm}");
    }
}

#[test]
fn wrong_settings_are_refused_with_their_place() {
    let rows = [
        (json!({"latency": "fast"}), "latency"),
        (json!({"latency": {"min": "2s", "max": "1s"}}), "longer than max"),
        (json!({"error_rate": 1.5}), "between 0 and 1"),
        (json!({"error_status": 200}), "400 to 599"),
        (json!({"script": [{"status": 503, "text": "x"}]}), "at most one of"),
        (json!({"script": [{"stauts": 503}]}), "stauts"),
        (json!({"speed": 1}), "speed"),
    ];
    for (simulate, part) in rows {
        let config = json!({"providers": {"p": {"protocol": "openai-chat", "simulate": simulate}}});
        let error = Gateway::from_value(config).err().unwrap();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.to_string().contains("providers.p.simulate"), "{error}");
    }
}

#[test]
fn the_built_in_providers_need_nothing() {
    let sim = Sim::new(1);
    let gateway = Gateway::builtin().unwrap().with_world(sim.clone());
    for model in ["sim/hello", "sim-anthropic/hello", "sim-gemini/hello"] {
        let request = Request::from_value(json!({"model": model, "messages": says("hi")})).unwrap();
        let reply = sim.run(gateway.chat(request)).unwrap();
        assert!(reply.text().starts_with("You said \"hi\". I am hello"), "{model}");
    }
    assert!(sim.exchanges().is_empty());
}

#[test]
fn gives_log_probabilities() {
    for protocol in ["openai-chat", "gemini"] {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({"reply": "one two"}));
        let request = json!({"model": "r", "messages": says("hi"), "logprobs": true, "top_logprobs": 2});
        let whole = sim.run(gateway.chat(Request::from_value(request.clone()).unwrap())).unwrap();
        let tokens: Vec<_> = whole.logprobs.iter().map(|token| (token.token.as_str(), token.top.len())).collect();
        assert_eq!(tokens, [("one ", 2), ("two", 2)], "{protocol}");
        assert!(whole.logprobs.iter().all(|token| token.logprob < 0.0));
        let (_, streamed) = stream(&sim, &gateway, request);
        assert_eq!(streamed.unwrap().logprobs, whole.logprobs, "{protocol}");
    }
}

#[test]
fn a_conversation_that_makes_no_sense_is_refused() {
    let call = json!({"id": "c1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}});
    let assistant = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let user = json!({"role": "user", "content": "hi"});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "name": "get_time", "content": "noon"});
    let rows = [
        json!([user, assistant]),
        json!([user, assistant, user]),
        json!([user, result("c1")]),
        json!([user, assistant, result("c1"), result("c1")]),
    ];
    for protocol in PROTOCOLS {
        for messages in &rows {
            let request = json!({"model": "r", "messages": messages, "tools": weather_tools()});
            let error = chat(protocol, request).unwrap_err();
            assert_eq!(
                (error.kind(), error.http_status()),
                (Kind::InvalidRequest, Some(400)),
                "{protocol}: {messages}"
            );
        }
        let request = json!({"model": "r", "messages": [user, assistant, result("c1")], "tools": weather_tools()});
        assert_eq!(chat(protocol, request).unwrap().text(), "The tools say: noon", "{protocol}");
    }
}

#[test]
fn a_conversation_goes_from_one_provider_to_the_next() {
    let sim = Sim::new(1);
    let gateway = Gateway::builtin().unwrap().with_world(sim.clone());
    let mut request = Request::from_value(json!({
        "model": "sim/m",
        "messages": says("What is the time?"),
        "tools": weather_tools(),
        "reasoning": {"effort": "low", "include": true},
    }))
    .unwrap();
    for model in ["sim-anthropic/m", "sim-gemini/m", "sim/m", "sim-gemini/m", "sim-anthropic/m"] {
        model.clone_into(&mut request.model);
        let reply = sim.run(gateway.chat(request.clone())).unwrap();
        let calls: Vec<_> = reply.tool_calls().map(|call| call.id.clone()).collect();
        assert_eq!(calls.len(), 1, "{model}");
        let result = json!([
            {"role": "tool", "tool_call_id": calls[0], "content": "noon"},
            {"role": "user", "content": "And now?"},
        ]);
        let result = Request::from_value(json!({"model": "m", "messages": result})).unwrap();
        request = request.with(|chat| {
            chat.messages.push(reply.message());
            chat.messages.extend(result.as_chat().unwrap().messages.clone());
        });
    }
}

#[test]
fn answers_in_the_real_world_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let config = json!({"providers": {"sim": {"simulate": {"latency": "1ms", "chunk_delay": "1ms"}}}});
    let gateway = Gateway::from_value(config).unwrap();
    let request = Request::from_value(json!({"model": "sim/hello", "messages": says("hi")})).unwrap();
    let stream = runtime.block_on(async { gateway.stream(request).await.unwrap().collect().await });
    assert!(stream.unwrap().text().starts_with("You said \"hi\"."));
}
