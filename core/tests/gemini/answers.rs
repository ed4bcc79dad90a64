use serde_json::{Value, json};
use tidegate::{Content, FinishReason, Kind, Message, Request, Source};

use super::{House, answer, answers, ask, signature};
use tidegate::sim::Answer;

#[test]
fn text_thinking_and_usage() {
    let mut body = answer(&json!([
        {"text": "Let me see.", "thought": true},
        {"text": "Forty-two."},
        {"text": " Really.", "thoughtSignature": "c2ln"}
    ]));
    body["usageMetadata"] = json!({
        "promptTokenCount": 10, "toolUsePromptTokenCount": 5, "candidatesTokenCount": 4, "thoughtsTokenCount": 6,
        "cachedContentTokenCount": 8, "totalTokenCount": 25,
    });
    let reply = answers(&body).unwrap();
    assert_eq!(reply.text(), "Forty-two. Really.");
    assert_eq!(reply.reasoning().as_deref(), Some("Let me see."));
    assert_eq!((reply.id.as_deref(), reply.model.as_str()), (Some("resp-1"), "gemini-2.5-flash"));
    assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (FinishReason::Stop, Some("STOP")));
    let usage = reply.usage.as_ref().unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (15, 10));
    assert_eq!((usage.cached_input_tokens, usage.reasoning_tokens), (8, 6));
    // What is signed is a part of its own, so that it can be sent back as it came.
    let signatures: Vec<_> = reply.parts.iter().map(signature).collect();
    assert_eq!(signatures, [None, None, Some("c2ln")]);
}

#[test]
fn calls_keep_their_arguments_as_written_and_get_ids() {
    let body = r#"{"candidates": [{"content": {"parts": [
        {"functionCall": {"name": "a", "args": {
            "big":  12345678901234567890123, "text": "x  y"
        }}, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "b"}},
        {"functionCall": {"id": "given", "name": "c", "args": {}}}
    ]}, "finishReason": "STOP"}], "responseId": "resp/1"}"#;
    let reply = House::new(Answer { body: vec![tidegate::sim::Piece::bytes(body)], ..Answer::default() }).chat(ask());
    let reply = reply.unwrap();
    assert_eq!(reply.finish_reason, FinishReason::ToolCalls);
    let calls: Vec<_> =
        reply.tool_calls().map(|it| (it.id.as_str(), it.name.as_str(), it.arguments.as_str())).collect();
    assert_eq!(
        calls,
        [
            ("tidegate_resp1_1", "a", r#"{"big":12345678901234567890123,"text":"x  y"}"#),
            ("tidegate_resp1_2", "b", "{}"),
            ("given", "c", "{}"),
        ]
    );
    assert_eq!(signature(&reply.parts[0]), Some("c2ln"));
}

#[test]
fn an_answer_can_be_sent_back_as_it_came() {
    let parts = json!([
        {"text": "Thinking.", "thought": true, "thoughtSignature": "czA="},
        {"executableCode": {"language": "PYTHON", "code": "print(1)", "id": "x1"}, "thoughtSignature": "czE="},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n", "id": "x1"}},
        {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["q"]}, "id": "s1"}},
        {"somethingNew": {"a": 1}, "beside": true},
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thoughtSignature": "czI="},
        {"text": "One."},
        {"functionCall": {"name": "f", "args": {"n": 1}, "id": "c1"}, "thoughtSignature": "czM="},
        {"functionCall": {"name": "f", "args": {"n": 2}}},
        {"text": "", "thoughtSignature": "czQ="}
    ]);
    let house =
        House::new(vec![Answer::json(200, &answer(&parts)), Answer::json(200, &answer(&json!([{"text": "ok"}])))]);
    let reply = house.chat(ask()).unwrap();
    let others = reply.parts.iter().filter_map(|part| match &part.content {
        Content::Other(other) => Some(other.kind.as_str()),
        _ => None,
    });
    assert_eq!(others.collect::<Vec<_>>(), ["executableCode", "codeExecutionResult", "toolCall", "somethingNew"]);

    // Through its canonical form, as a caller of another language keeps it.
    let kept: Value = serde_json::to_value(reply.message()).unwrap();
    let next = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}, kept]});
    house.chat(Request::from_value(next).unwrap()).unwrap();
    assert_eq!(house.sent()["contents"][1], json!({"role": "model", "parts": parts}));
}

#[test]
fn images_and_sound_are_parts() {
    let reply = answers(&answer(&json!([
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
        {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}},
        {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/v.mp4"}}
    ])))
    .unwrap();
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["image", "audio", "file"]);
    let Content::File(media) = &reply.parts[2].content else { panic!("not a file") };
    assert!(media.source == Source::Url("gs://b/v.mp4".to_owned()));
}

#[test]
fn sources_are_citations() {
    let mut body = answer(&json!([{"text": "Rain in Oslo."}]));
    body["candidates"][0]["groundingMetadata"] = json!({
        "groundingChunks": [
            {"web": {"uri": "https://a.test/1", "title": "A"}},
            {"retrievedContext": {"title": "B", "text": "It rains."}}
        ],
        "groundingSupports": [
            {"segment": {"endIndex": 4, "text": "Rain"}, "groundingChunkIndices": [0]},
            {"segment": {"startIndex": 5, "endIndex": 13}, "groundingChunkIndices": [0, 1]}
        ],
        "searchEntryPoint": {"renderedContent": "<b>"}
    });
    body["candidates"][0]["citationMetadata"] =
        json!({"citationSources": [{"startIndex": 1, "uri": "https://c.test"}]});
    let reply = answers(&body).unwrap();
    let citations: Vec<_> = reply
        .parts
        .iter()
        .filter_map(|part| match &part.content {
            Content::Citation(it) => {
                Some((it.url.as_deref(), it.title.as_deref(), it.cited_text.as_deref(), it.start, it.end))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        citations,
        [
            (Some("https://a.test/1"), Some("A"), None, Some(0), Some(4)),
            (None, Some("B"), Some("It rains."), Some(5), Some(13)),
            (Some("https://c.test"), None, None, Some(1), None),
        ]
    );
    let whole = &reply.parts[1].state.as_ref().unwrap().data["groundingMetadata"];
    assert_eq!(whole["searchEntryPoint"]["renderedContent"], "<b>");
    // Sources are not sent back.
    let house = House::new(Answer::json(200, &body));
    house.chat(Request::chat("r", vec![Message::user("hi"), reply.message(), Message::user("and?")])).unwrap();
    assert_eq!(house.sent()["contents"][1]["parts"], json!([{"text": "Rain in Oslo."}]));
}

#[test]
fn logprobs_belong_to_tokens() {
    let mut body = answer(&json!([{"text": "ab"}]));
    body["candidates"][0]["logprobsResult"] = json!({
        "chosenCandidates": [{"token": "a", "logProbability": -0.5}, {"token": "b"}],
        "topCandidates": [{"candidates": [{"token": "a", "logProbability": -0.5}, {"token": "x", "logProbability": -2}]}]
    });
    let reply = answers(&body).unwrap();
    let tokens: Vec<_> = reply.logprobs.iter().map(|it| (it.token.as_str(), it.logprob, it.top.len())).collect();
    assert_eq!(tokens, [("a", -0.5, 2), ("b", 0.0, 0)]);
}

#[test]
fn a_blocked_prompt_is_filtered_content() {
    let reply =
        answers(&json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}));
    let reply = reply.unwrap();
    assert_eq!(reply.finish_reason, FinishReason::ContentFilter);
    assert_eq!(reply.finish_reason_raw.as_deref(), Some("promptFeedback:SAFETY"));
    assert_eq!(reply.usage.unwrap().input_tokens, 4);
}

#[test]
fn only_the_first_candidate_counts() {
    let body = json!({"candidates": [
        {"content": {"parts": [{"text": "second"}]}, "finishReason": "MAX_TOKENS", "index": 1},
        {"content": {"parts": [{"text": "first"}]}, "finishReason": 1, "index": 0}
    ]});
    let reply = answers(&body).unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason_raw.as_deref()), ("first", Some("STOP")));
}

#[test]
fn what_says_nothing_is_no_answer() {
    let empty = [
        json!({}),
        json!({"candidates": null}),
        json!({"candidates": [], "usageMetadata": {"promptTokenCount": 4}}),
        json!({"candidates": [{"content": {"parts": null}}]}),
    ];
    for body in empty {
        let error = answers(&body).unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("empty_response")), "{body}");
    }
    // With a reason it is one: thinking took all the tokens.
    let body = json!({"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}]});
    assert_eq!(answers(&body).unwrap().finish_reason, FinishReason::Length);
}

#[test]
fn what_is_not_the_protocol_is_malformed() {
    let deep = format!(r#"{{"candidates": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let deep_part = format!(
        r#"{{"candidates": [{{"content": {{"parts": [{{"new": {}1{}}}]}}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let bodies: [&[u8]; 7] = [
        b"<html>sign in</html>",
        b"{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\xff\"}]}}]}",
        br#"{"candidates": [{"content": {"parts": [{"text": 1}]}}]}"#,
        br#"{"usageMetadata": {"promptTokenCount": NaN}}"#,
        br#"{"candidates": [{"#,
        deep.as_bytes(),
        deep_part.as_bytes(),
    ];
    for body in bodies {
        let piece = tidegate::sim::Piece::bytes(body.to_vec());
        let error = House::new(Answer { body: vec![piece], ..Answer::default() }).chat(ask()).unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("malformed_response")), "{error:?}");
    }
}
