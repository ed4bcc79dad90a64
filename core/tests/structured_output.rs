//! Answers held to the schema that their request gives, and arguments to the parameters of their tool.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod common;

use common::{House, message, text};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Error, Kind, Request, Response, Result, Retry};

impl House {
    /// One over two upstreams, each of which gives these answers in turn.
    fn new(on_invalid_output: &str, one: &[Answer], two: &[Answer]) -> Self {
        let says = |answers: &[Answer]| Upstream { requests: answers.to_vec(), ..Upstream::default() };
        let provider = |host: &str| json!({"protocol": "openai-chat", "base_url": format!("http://{host}/v1")});
        let config = json!({
            "providers": {"one": provider("one.test"), "two": provider("two.test")},
            "routes": {"r": {"targets": ["one/m", "two/m"], "on_invalid_output": on_invalid_output}},
        });
        let house = House::configured(config);
        house.sim.on("one.test", says(one));
        house.sim.on("two.test", says(two));
        house
    }

    fn price(&self) -> Result<Response> {
        self.sim.run(self.gateway.chat(priced(schema())))
    }
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]})
}

fn priced(schema: Value) -> Request {
    Request::from_value(json!({
        "model": "r",
        "messages": [{"role": "user", "content": "how much?"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "price", "schema": schema}},
    }))
    .unwrap()
}

fn call(arguments: &str) -> Answer {
    let call = json!({"id": "t", "type": "function", "function": {"name": "buy", "arguments": arguments}});
    message(json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
}

fn buying() -> Request {
    Request::from_value(json!({
        "model": "r",
        "messages": [{"role": "user", "content": "buy"}],
        "tools": [{"type": "function", "function": {"name": "buy", "parameters": schema()}}],
    }))
    .unwrap()
}

const WRONG: &str = r#"{"price": "private words"}"#;
const RIGHT: &str = r#"{"price": 3.5}"#;

/// The targets that were tried, and how.
fn tried(attempts: &[tidegate::AttemptRecord]) -> Vec<(&str, Option<Kind>)> {
    attempts.iter().map(|attempt| (&*attempt.target, attempt.kind)).collect()
}

#[test]
fn an_answer_that_does_not_follow_its_schema_is_an_error_with_the_answer() {
    let error = House::new("fail", &[text(WRONG)], &[]).price().unwrap_err();
    assert_eq!((error.kind(), error.scope(), error.http_status()), (Kind::InvalidOutput, Retry::Never, Some(200)));
    let message = "the answer does not follow response_format.schema at /properties/price/type (one/m)";
    assert_eq!((error.to_string().as_str(), error.get("schema_path")), (message, Some("/properties/price/type")));
    assert!(!format!("{error:?}").contains("private"), "{error:?}");
    let partial = error.partial_response().unwrap();
    assert_eq!((partial.text().as_ref(), partial.route.as_str(), partial.target.as_str()), (WRONG, "r", "one/m"));
    assert_eq!(partial.usage.as_ref().map(|usage| usage.output_tokens), Some(5));
    assert_eq!(tried(&partial.attempts), [("one/m", Some(Kind::InvalidOutput))]);
}

#[test]
fn text_around_json_is_no_json() {
    let error = House::new("fail", &[text("Here it is: {}")], &[]).price().unwrap_err();
    assert_eq!(error.to_string(), "the answer is not JSON, as response_format asks (one/m)");
    assert_eq!(
        House::new("fail", &[text("\n {\"price\": 1}\n")], &[]).price().unwrap().text().trim(),
        r#"{"price": 1}"#
    );
}

#[test]
fn the_route_chooses_what_comes_of_it() {
    let accepted = House::new("accept", &[text(WRONG)], &[]).price().unwrap();
    assert_eq!(accepted.text(), WRONG);
    let elsewhere = House::new("failover", &[text(WRONG)], &[text(RIGHT)]).price().unwrap();
    assert_eq!(tried(&elsewhere.attempts), [("one/m", Some(Kind::InvalidOutput)), ("two/m", None)]);
    // Whichever of the two waits less comes third.
    let twice = [text(WRONG), text(RIGHT)];
    let again = House::new("retry", &twice, &twice).price().unwrap();
    let wrong = Some(Kind::InvalidOutput);
    assert_eq!(tried(&again.attempts)[..2], [("one/m", wrong), ("two/m", wrong)]);
    assert_eq!((again.attempts.len(), again.attempts[2].kind), (3, None));
    let nowhere = House::new("failover", &[text(WRONG)], &[text("no")]).price().unwrap_err();
    assert_eq!((nowhere.kind(), nowhere.attempt_records().len()), (Kind::InvalidOutput, 2));
    assert_eq!(nowhere.partial_response().unwrap().text(), "no");
}

#[test]
fn an_answer_that_was_cut_off_or_refused_says_so_itself() {
    let cut = message(json!({"role": "assistant", "content": "{\"pri"}), "length");
    assert_eq!(House::new("fail", &[cut], &[]).price().unwrap().text(), "{\"pri");
    let refused = message(json!({"role": "assistant", "content": null, "refusal": "no"}), "stop");
    assert_eq!(House::new("fail", &[refused], &[]).price().unwrap().refusal().as_deref(), Some("no"));
}

#[test]
fn a_stream_is_held_to_it_at_its_end() {
    for (words, is_right) in [(RIGHT, true), (WRONG, false)] {
        let chunk = |delta: Value, finish: Value| {
            json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
                .to_string()
        };
        let chunks =
            [chunk(json!({"content": words}), Value::Null), chunk(json!({}), json!("stop")), "[DONE]".to_owned()];
        let house = House::new("failover", &[Answer::sse(chunks)], &[]);
        let (mut seen, mut error): (String, Option<Error>) = Default::default();
        house.sim.run(async {
            let mut stream = house.gateway.stream(priced(schema())).await.unwrap();
            while let Some(event) = stream.next().await {
                match event {
                    Ok(event) => seen.extend(event.text()),
                    Err(failed) => error = Some(failed),
                }
            }
            assert_eq!(stream.response().is_some(), is_right);
        });
        assert_eq!((seen.as_str(), error.is_none()), (words, is_right));
        if let Some(error) = error {
            assert_eq!((error.kind(), error.scope()), (Kind::InvalidOutput, Retry::Never));
            let partial = error.partial_response().unwrap();
            assert_eq!((partial.text().as_ref(), partial.finish_reason_raw.as_deref()), (WRONG, Some("stop")));
            assert_eq!(tried(&partial.attempts), [("one/m", Some(Kind::InvalidOutput))]);
        }
    }
}

#[test]
fn what_is_no_json_schema_checks_nothing() {
    let google = json!({"type": "OBJECT", "properties": {"price": {"type": "NUMBER"}}});
    // References lead into the schema only: nothing is fetched.
    for schema in [google, json!({"$ref": "http://one.test/schema"})] {
        let house = House::new("fail", &[text(WRONG)], &[]);
        assert_eq!(house.sim.run(house.gateway.chat(priced(schema))).unwrap().text(), WRONG);
        assert_eq!(house.sim.exchanges().len(), 1);
    }
}

#[test]
fn arguments_are_valid_where_they_follow_the_parameters() {
    for (arguments, valid) in [(RIGHT, true), (WRONG, false), ("{\"pri", false), (r#"{"price": 1, "more": 2}"#, true)] {
        let house = House::new("fail", &[call(arguments)], &[]);
        let response = house.sim.run(house.gateway.chat(buying())).unwrap();
        let written = serde_json::to_value(&response).unwrap();
        assert_eq!(
            (written["tool_calls"][0]["args_valid"].as_bool(), response.tool_calls().next().unwrap().args_valid()),
            (Some(valid), valid),
            "{arguments}"
        );
        assert_eq!(written["tool_calls"][0]["arguments_raw"], arguments);
        assert_eq!(serde_json::from_value::<Response>(written).unwrap(), response);
    }
}

#[test]
fn arguments_can_be_tried_again_too() {
    let house = House::new("retry", &[call(WRONG)], &[call(RIGHT)]);
    let response = house.sim.run(house.gateway.chat(buying())).unwrap();
    assert_eq!(tried(&response.attempts), [("one/m", Some(Kind::InvalidOutput)), ("two/m", None)]);
    let house = House::new("failover", &[call(WRONG)], &[call("no")]);
    let error = house.sim.run(house.gateway.chat(buying())).unwrap_err();
    assert!(error.to_string().ends_with("the arguments for tool 'buy' are not valid (two/m)"), "{error}");
}
