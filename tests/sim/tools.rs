//! Conversations with tools.

use serde_json::{Value, json};
use tidegate::{FinishReason, Gateway, Kind, Request, Sim};

use crate::{PROTOCOLS, chat, gateway, says, stream};

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
        let reply = sim.run(gateway.chat(Request::from_value(one.clone()).unwrap()));
        if protocol == "ollama" {
            assert_eq!(reply.unwrap_err().kind(), Kind::Unsupported);
        } else {
            let reply = reply.unwrap();
            let called: Vec<_> = reply.tool_calls().map(|call| call.name.as_str()).collect();
            assert_eq!(called, ["get_time"], "{protocol}");
        }
        one["tool_choice"] = json!("none");
        let reply = sim.run(gateway.chat(Request::from_value(one).unwrap())).unwrap();
        assert_eq!(reply.tool_calls().count(), 0, "{protocol}");
    }
}

#[test]
fn a_custom_tool_is_chosen_as_such() {
    let custom = json!({"type": "custom", "custom": {"name": "run"}});
    let asked = |tools: &Value| {
        let request = json!({"model": "r", "messages": says("hi"), "tools": tools, "tool_choice": custom});
        chat("openai-chat", request)
    };
    asked(&json!([custom])).unwrap();
    let error = asked(&json!([{"type": "function", "function": {"name": "walk"}}])).unwrap_err();
    assert!(error.to_string().contains("'run' not found in 'tools'"), "{error}");
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
    let models = [
        "sim-anthropic/m",
        "sim-openai-responses/m",
        "sim-bedrock/m",
        "sim-gemini/m",
        "sim-mistral/m",
        "sim-cohere/m",
        "sim-ollama/m",
        "sim/m",
        "sim-bedrock/m",
        "sim-ollama/m",
        "sim-cohere/m",
        "sim-gemini/m",
        "sim-openai-responses/m",
        "sim-mistral/m",
        "sim-anthropic/m",
    ];
    for model in models {
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
