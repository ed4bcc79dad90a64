use serde_json::{Value, json};
use tidegate::{Content, FinishReason, Kind};

use super::{CLAUDE, House, answer, answers, ask, request};
use tidegate::sim::Answer;

#[test]
fn an_answer_with_every_kind_of_block() {
    let house = House::new(
        Answer::json(
            200,
            &answer(json!([
                {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": "b3BhcXVl"}},
                {"text": "Let me see. "},
                {"citationsContent": {
                    "content": [{"text": "It is so."}],
                    "citations": [{"title": "book", "sourceContent": [{"text": "so it "}, {"text": "is"}],
                        "location": {"web": {"url": "https://example.com/a", "domain": "example.com"}}}]}},
                {"toolUse": {"toolUseId": "t0", "name": "code", "input": {"x": 1}, "type": "server_tool_use"}},
                {"toolResult": {"toolUseId": "t0", "content": [{"json": {"y": 2}}], "status": "success", "type": "r"}},
                {"image": {"format": "png", "source": {"bytes": "AAAA"}}},
                {"toolUse": {"toolUseId": "t1", "name": "find", "input": {"b": [1.5], "a": "é"}}},
                {"somethingNew": {"z": true}},
            ])),
        )
        .header("x-amzn-requestid", "req-1"),
    );
    let reply = house.chat(ask()).unwrap();
    assert_eq!(reply.text(), "Let me see. It is so.");
    assert_eq!(reply.reasoning().as_deref(), Some("Hm."));
    assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (FinishReason::ToolCalls, Some("end_turn")));
    assert_eq!((reply.id.as_deref(), reply.model.as_str()), (None, "amazon.nova-lite-v1:0"));
    assert_eq!(reply.request_id.as_deref(), Some("req-1"));
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(
        kinds,
        ["reasoning", "reasoning", "text", "text", "citation", "other", "other", "image", "tool_call", "other"]
    );
    let call = reply.tool_calls().next().unwrap();
    assert_eq!((call.id.as_str(), call.arguments.as_str()), ("t1", r#"{"b":[1.5],"a":"é"}"#));
    let others = reply.parts.iter().filter_map(|part| match &part.content {
        Content::Other(other) => Some(other.kind.as_str()),
        _ => None,
    });
    assert_eq!(others.collect::<Vec<_>>(), ["server_tool_use", "toolResult", "somethingNew"]);
    let Content::Citation(citation) = &reply.parts[4].content else { panic!("no citation") };
    assert_eq!(citation.url.as_deref(), Some("https://example.com/a"));
    assert_eq!((citation.title.as_deref(), citation.cited_text.as_deref()), (Some("book"), Some("so it is")));
}

/// The next turn after an answer of `content`, at the provider `then`, as it is sent.
fn said_back(content: &Value, model: &str, then: &str) -> Value {
    let house = House::of("bedrock", model, Answer::json(200, &answer(content.clone())));
    let reply = house.chat(ask()).unwrap();
    let mut next = request(json!({"model": format!("{then}/{model}"), "messages": [
        {"role": "user", "content": "hi"}, {"role": "assistant", "content": "x"}, {"role": "user", "content": "on"}]}))
    .with(|chat| chat.messages[1] = reply.message());
    if then != "bedrock" {
        next = next.with(|chat| chat.messages[1].content.retain(|part| part.kind() != "other"));
    }
    let config =
        json!({"providers": {then: {"protocol": "bedrock-converse", "base_url": "http://b.test", "api_key": "k"}}});
    let gateway = tidegate::Gateway::from_value(config).unwrap().with_world(house.sim.clone());
    house.sim.run(gateway.chat(next)).unwrap();
    house.sent()["messages"][1]["content"].clone()
}

#[test]
fn what_was_said_goes_back_as_it_came_and_only_where_it_came_from() {
    let content = json!([
        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
        {"reasoningContent": {"redactedContent": "b3BhcXVl"}},
        {"text": "So. "},
        {"citationsContent": {"content": [{"text": "It is."}], "citations": [{"title": "a"}, {"title": "b"}]}},
        {"toolUse": {"toolUseId": "t0", "name": "code", "input": {"x": 1}, "type": "server_tool_use"}},
        {"toolResult": {"toolUseId": "t0", "content": [{"json": {"y": 2}}]}},
    ]);
    assert_eq!(said_back(&content, CLAUDE, "bedrock"), content);
    assert_eq!(said_back(&content, CLAUDE, "elsewhere"), json!([{"text": "So. "}, {"text": "It is."}]));
}

#[test]
fn unsigned_thinking_goes_back_to_models_that_read_it() {
    let content = json!([{"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "So."}]);
    assert_eq!(said_back(&content, "openai.gpt-oss-120b-1:0", "bedrock"), content);
    let text = json!([{"text": "So."}]);
    assert_eq!(said_back(&content, "us.deepseek.r1-v1:0", "bedrock"), text);
    assert_eq!(said_back(&content, CLAUDE, "bedrock"), text);
    assert_eq!(said_back(&content, "openai.gpt-oss-120b-1:0", "elsewhere"), text);
}

#[test]
fn odd_answers() {
    let reply = answers(&json!({"output": {"message": {"content": [{"text": "a"}]}}, "usage": "none"})).unwrap();
    let estimated = reply.usage.as_ref().unwrap().estimated;
    assert_eq!((reply.text().as_ref(), reply.finish_reason, estimated), ("a", FinishReason::Other, true));
    let reply = answers(&json!({"output": {}, "stopReason": "content_filtered"})).unwrap();
    assert_eq!((reply.parts.len(), reply.finish_reason), (0, FinishReason::ContentFilter));
    for (body, reason) in [
        (json!({}), "empty_response"),
        (json!({"output": {"message": {"content": []}}}), "empty_response"),
        (json!({"output": {"message": {"content": [{"text": 1}]}}}), "malformed_response"),
        (json!({"output": {"message": {"content": [7]}}}), "malformed_response"),
    ] {
        assert_eq!(answers(&body).unwrap_err().get("reason"), Some(reason), "{body}");
    }
    let error = answers(&json!({"message": "no luck"})).unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("no luck")), (Kind::Server, true));
}
