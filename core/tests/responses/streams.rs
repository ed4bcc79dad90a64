use serde_json::{Value, json};
use tidegate::{Content, Event, FinishReason, Kind, Response};

use super::{answer, message, streams, text};

fn created() -> Value {
    json!({"type": "response.created", "response": {"id": "resp_1", "model": "gpt-5-mini", "status": "in_progress"}})
}

fn completed(output: Value) -> Value {
    json!({"type": "response.completed", "response": answer(output)})
}

fn added(at: u64, item: Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": at, "item": item})
}

fn done(at: u64, item: Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": at, "item": item})
}

fn delta(kind: &str, at: u64, delta: &str) -> Value {
    json!({"type": format!("response.{kind}.delta"), "output_index": at, "content_index": 0, "summary_index": 0,
        "delta": delta})
}

fn collected(list: &[Value]) -> Response {
    streams(list).1.unwrap()
}

fn call(arguments: &str) -> Value {
    json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": arguments})
}

#[test]
fn an_item_that_no_event_told_of_is_said_at_the_end() {
    let hello = message(json!([text("Hello")]));
    let whole = collected(&[created(), completed(json!([hello, call("{}")]))]);
    let told = collected(&[
        created(),
        added(0, message(json!([]))),
        delta("output_text", 0, "Hel"),
        delta("output_text", 0, "lo"),
        done(0, hello.clone()),
        added(1, call("")),
        delta("function_call_arguments", 1, "{}"),
        done(1, call("{}")),
        completed(json!([hello, call("{}")])),
    ]);
    assert_eq!(whole.parts, told.parts);
    // Some of it came in pieces, and some only at its end.
    let partly = collected(&[created(), delta("output_text", 0, "Hel"), completed(json!([hello, call("{}")]))]);
    assert_eq!(partly.parts, told.parts);
    assert_eq!((told.text().as_ref(), told.finish_reason), ("Hello", FinishReason::ToolCalls));
}

#[test]
fn arguments_come_in_any_order() {
    // All at the beginning and again in pieces; only at the end; before the name.
    let streams = [
        vec![added(0, call("{\"a\":1}")), delta("function_call_arguments", 0, "{\"a\":1}"), done(0, call("{\"a\":1}"))],
        vec![added(0, call("")), done(0, call("{\"a\":1}"))],
        vec![delta("function_call_arguments", 0, "{\"a\""), done(0, call("{\"a\":1}"))],
    ];
    for mut list in streams {
        list.push(completed(json!([call("{\"a\":1}")])));
        let reply = collected(&list);
        let calls: Vec<_> = reply.tool_calls().map(|call| call.arguments.as_str()).collect();
        assert_eq!(calls, ["{\"a\":1}"], "{list:?}");
    }
}

#[test]
fn calls_side_by_side_are_told_apart() {
    let one = |arguments: &str| call(arguments);
    let two =
        |input: &str| json!({"type": "custom_tool_call", "id": "c", "call_id": "call_2", "name": "g", "input": input});
    let reply = collected(&[
        created(),
        added(0, one("")),
        added(1, two("")),
        delta("function_call_arguments", 0, "{"),
        delta("custom_tool_call_input", 1, "pri"),
        delta("function_call_arguments", 0, "}"),
        delta("custom_tool_call_input", 1, "nt"),
        done(1, two("print")),
        done(0, one("{}")),
        completed(json!([one("{}"), two("print")])),
    ]);
    let calls: Vec<_> = reply.tool_calls().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("f", "{}"), ("g", "print")]);
}

#[test]
fn an_item_by_its_id_alone() {
    let reply = collected(&[
        json!({"type": "response.output_item.added", "item": {"id": "a", "type": "message", "content": []}}),
        json!({"type": "response.output_item.added", "item": {"id": "b", "type": "message", "content": []}}),
        json!({"type": "response.output_text.delta", "item_id": "a", "delta": "one"}),
        json!({"type": "response.output_text.delta", "item_id": "b", "delta": "two"}),
        json!({"type": "response.output_text.delta", "item_id": "a", "delta": " more"}),
        json!({"type": "response.completed", "response": {"status": "completed"}}),
    ]);
    assert_eq!(reply.text(), "one moretwo");
}

#[test]
fn what_a_tool_of_the_vendor_did_keeps_its_place() {
    let search = |status: &str| json!({"type": "web_search_call", "id": "ws_1", "status": status});
    let hello = message(json!([text("Hello")]));
    let (events, reply) = streams(&[
        created(),
        added(0, search("in_progress")),
        json!({"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"}),
        // A field that is a text elsewhere.
        json!({"type": "response.mcp_call_arguments.delta", "output_index": 0, "delta": {"a": 1}}),
        added(1, message(json!([]))),
        delta("output_text", 1, "Hello"),
        done(1, hello.clone()),
        done(0, search("completed")),
        completed(json!([search("completed"), hello])),
    ]);
    let reply = reply.unwrap();
    let Content::Other(other) = &reply.parts[0].content else { panic!("{:?}", reply.parts) };
    assert_eq!((other.kind.as_str(), &other.data["status"]), ("web_search_call", &json!("completed")));
    assert_eq!((reply.parts.len(), reply.text().as_ref()), (2, "Hello"));
    assert_eq!(events.iter().filter(|event| event.is_content()).count(), 2);
}

#[test]
fn sources_and_probabilities_are_said_once() {
    let source = json!({"type": "url_citation", "url": "https://a.test/"});
    let token = json!({"token": "Hello", "logprob": -0.5});
    let mut item = message(json!([text("Hello")]));
    item["content"][0]["annotations"] = json!([source]);
    item["content"][0]["logprobs"] = json!([token]);
    let mut piece = delta("output_text", 0, "Hello");
    piece["logprobs"] = json!([token]);
    let cited = json!({"type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0,
        "annotation": source});
    for list in
        [vec![piece, cited, done(0, item.clone())], vec![delta("output_text", 0, "Hello"), done(0, item.clone())]]
    {
        let mut list = list;
        list.push(completed(json!([item])));
        let reply = collected(&list);
        let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
        assert_eq!((kinds.as_slice(), reply.logprobs.len()), (["text", "citation"].as_slice(), 1));
    }
}

#[test]
fn thinking_of_either_kind() {
    let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "content": [
        {"type": "reasoning_text", "text": "Hm."}]});
    let reply = collected(&[
        added(0, json!({"type": "reasoning", "id": "rs_1", "summary": []})),
        delta("reasoning_text", 0, "Hm"),
        delta("reasoning_text", 0, "."),
        // Whichever comes first is shown; it is the same thought.
        delta("reasoning_summary_text", 0, "In short: hm."),
        done(0, item.clone()),
        completed(json!([item])),
    ]);
    assert_eq!(reply.reasoning().unwrap(), "Hm.");
}

#[test]
fn the_encrypted_form_is_the_one_at_the_end() {
    let item =
        |encrypted: &str| json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": encrypted});
    let reply = collected(&[added(0, item("early")), done(0, item("late")), completed(json!([item("late")]))]);
    assert_eq!(reply.parts[0].state.as_ref().unwrap().data["item"]["encrypted_content"], "late");
}

#[test]
fn only_the_end_of_the_response_ends_it() {
    let list = [created(), delta("output_text", 0, "Hel")];
    for end in [vec![], vec![done(0, message(json!([text("Hel")])))]] {
        let (_, outcome) = streams(&[&list[..], &end].concat());
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::StreamIncomplete);
        assert_eq!(error.partial_response().unwrap().text(), "Hel");
    }
    // What follows it is not of this answer.
    let (events, reply) = streams(&[created(), completed(json!([])), delta("output_text", 0, "more")]);
    assert_eq!((reply.unwrap().text().as_ref(), events.len()), ("", 2));
}

#[test]
fn the_end_may_be_incomplete() {
    let mut response = answer(json!([message(json!([text("Hel")]))]));
    response["status"] = json!("incomplete");
    response["incomplete_details"] = json!({"reason": "max_output_tokens"});
    let (events, reply) = streams(&[
        created(),
        delta("output_text", 0, "Hel"),
        json!({"type": "response.incomplete", "response": response}),
    ]);
    let reply = reply.unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason), ("Hel", FinishReason::Length));
    assert!(matches!(events.first(), Some(Event::Start(start)) if start.id.as_deref() == Some("resp_1")));
}
