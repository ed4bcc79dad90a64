use serde_json::json;
use tidegate::{Content, FinishReason, Kind, Part};

use super::{answer, answers, message, text};

#[test]
fn an_answer_has_all_its_facts() {
    let mut body = answer(json!([message(json!([
        {"type": "output_text", "text": "Hello", "annotations": [
            {"type": "url_citation", "url": "https://a.test/", "title": "A", "start_index": 0, "end_index": 5},
            {"type": "container_file_citation", "file_id": "cfile_1", "filename": "a.txt", "container_id": "c",
                "start_index": 1, "end_index": 2},
        ], "logprobs": [{"token": "Hello", "logprob": -0.5, "bytes": [], "top_logprobs": [
            {"token": "Hi", "logprob": -1.5, "bytes": []}]}]},
    ]))]));
    body["usage"] = json!({
        "input_tokens": 10, "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 6, "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 16,
        "cost_in_usd_ticks": 37_756_000,
    });
    let reply = answers(body).unwrap();
    assert_eq!((reply.text(), reply.id.as_deref()), ("Hello".into(), Some("resp_1")));
    assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (FinishReason::Stop, Some("completed")));
    let sources: Vec<_> = reply
        .parts
        .iter()
        .filter_map(|part| match &part.content {
            Content::Citation(citation) => Some((citation.url.as_deref(), citation.title.as_deref(), citation.end)),
            _ => None,
        })
        .collect();
    assert_eq!(sources, [(Some("https://a.test/"), Some("A"), Some(5)), (None, Some("a.txt"), Some(2))]);
    assert_eq!((reply.logprobs[0].token.as_str(), reply.logprobs[0].top.len()), ("Hello", 1));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.cached_input_tokens), (10, 4));
    assert_eq!((usage.output_tokens, usage.reasoning_tokens), (6, 2));
    assert_eq!(reply.cost.unwrap().nano_usd, 3_775_600);
}

#[test]
fn what_only_the_vendor_has_is_kept_whole() {
    let items =
        ["code_interpreter_call", "image_generation_call", "mcp_list_tools", "computer_call", "from_the_future"];
    let output: Vec<_> = items.iter().map(|kind| json!({"type": kind, "id": "x", "deep": {"er": [1]}})).collect();
    let reply = answers(answer(json!(output))).unwrap();
    for (part, item) in reply.parts.iter().zip(output) {
        let Content::Other(other) = &part.content else { panic!("{part:?}") };
        assert_eq!((other.kind.as_str(), &other.data), (item["type"].as_str().unwrap(), &item));
    }
    assert_eq!((reply.parts.len(), reply.finish_reason), (5, FinishReason::Stop));
}

#[test]
fn forgiven_and_not() {
    // Ids, counts and details of a wrong type must not lose an answer.
    let mut odd = answer(json!([{"type": "message", "content": [text("Hello"), 7], "id": 5, "status": null}]));
    odd["id"] = json!(7);
    odd["usage"] = json!("none");
    let reply = answers(odd).unwrap();
    assert_eq!((reply.text().as_ref(), &reply.id), ("Hello", &None));
    assert!(reply.usage.unwrap().estimated);
    // Arguments as an object, and a call without an id.
    let call = json!({"type": "function_call", "id": "fc_1", "name": "f", "arguments": {"a": 1}});
    let reply = answers(answer(json!([call]))).unwrap();
    let calls: Vec<_> = reply.tool_calls().collect();
    assert_eq!((calls[0].id.as_str(), calls[0].parsed()), ("fc_1", Some(json!({"a": 1}))));
    assert_eq!(reply.finish_reason, FinishReason::ToolCalls);
    for body in [json!({"output": {}}), json!({"output": [], "status": 3}), json!({"output": ["x"]})] {
        let error = answers(body.clone()).unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("malformed_response")), "{body}");
    }
    assert_eq!(answers(json!({"id": "resp_1"})).unwrap_err().get("reason"), Some("empty_response"));
}

#[test]
fn a_refusal_is_no_text() {
    let reply = answers(answer(json!([message(json!([{"type": "refusal", "refusal": "No."}]))]))).unwrap();
    assert_eq!((reply.text().as_ref(), reply.refusal().as_deref()), ("", Some("No.")));
}

#[test]
fn empty_texts_are_no_parts() {
    let reply = answers(answer(json!([message(json!([text(""), text("a")]))]))).unwrap();
    assert_eq!(reply.parts.iter().filter_map(Part::as_text).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn incomplete_says_why() {
    for (reason, finish) in [
        ("max_output_tokens", FinishReason::Length),
        ("content_filter", FinishReason::ContentFilter),
        ("boredom", FinishReason::Other),
    ] {
        let mut body = answer(json!([message(json!([text("Hel")]))]));
        body["status"] = json!("incomplete");
        body["incomplete_details"] = json!({"reason": reason});
        let reply = answers(body).unwrap();
        assert_eq!((reply.text().as_ref(), reply.finish_reason), ("Hel", finish));
        assert_eq!(reply.finish_reason_raw.unwrap(), format!("incomplete:{reason}"));
    }
}
