use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::House;

/// The body that messages become for a provider, and the field that they are refused for.
fn sent(provider: &str, request: Value, on_unsupported: &str) -> Result<Value, String> {
    let message = json!({"role": "assistant", "content": "hello"});
    let answer = json!({"id": "c1", "model": "m", "choices": [{"message": message, "finish_reason": "stop"}]});
    let house = House::new(provider, Answer::json(200, &answer), on_unsupported);
    house.chat(request).map_err(|error| error.get("field").unwrap().to_owned())?;
    Ok(serde_json::from_slice(&house.sim.exchanges()[0].body).unwrap())
}

fn messages(provider: &str, messages: Value) -> Value {
    sent(provider, json!({"messages": messages}), "refuse").unwrap()["messages"].take()
}

fn call(id: &str) -> Value {
    json!({"type": "tool_call", "id": id, "name": "f", "arguments": ""})
}

fn result(id: &str, text: &str) -> Value {
    json!({"type": "tool_result", "id": id, "content": text})
}

#[test]
fn results_stand_right_behind_their_calls_whatever_came_between() {
    let sent = messages(
        "openai",
        json!([
            {"role": "assistant", "content": [call("a"), call("b")]},
            {"role": "user", "content": [{"type": "text", "text": "wait"}, result("b", "2")]},
            {"role": "system", "content": "Be brief."},
            {"role": "tool", "content": [result("a", "1")]},
        ]),
    );
    let order: Vec<&Value> = sent.as_array().unwrap()[1..].iter().map(|message| &message["content"]).collect();
    assert_eq!(order, ["2", "1", "wait", "Be brief."]);
    assert_eq!(sent[0]["tool_calls"][0]["function"]["arguments"], "{}");
}

#[test]
fn ids_are_told_apart_and_fit() {
    let long = "x".repeat(41);
    let turns = ["a", "a", &long, ""].map(|id| {
        [json!({"role": "assistant", "content": [call(id)]}), json!({"role": "tool", "content": [result(id, "1")]})]
    });
    let sent = messages("openai", turns.concat().into());
    let call_id = |turn: usize| sent[2 * turn]["tool_calls"][0]["id"].as_str().unwrap();
    assert_eq!([call_id(0), call_id(1)], ["a", "a_2"]);
    for turn in 0..4 {
        assert_eq!(sent[2 * turn + 1]["tool_call_id"], call_id(turn));
        assert!((1..=40).contains(&call_id(turn).len()));
    }
}

#[test]
fn functions_and_custom_tools_are_forced_by_name() {
    let custom = json!({"type": "custom", "custom": {"name": "run"}});
    let function = json!({"type": "function", "function": {"name": "f"}});
    let forced = |choice: &Value| {
        let request = json!({"messages": [{"role": "user", "content": "hi"}], "tools": [custom, function]});
        let mut request = request.as_object().unwrap().clone();
        request.insert("tool_choice".to_owned(), choice.clone());
        sent("openai", request.into(), "refuse").unwrap()["tool_choice"].take()
    };
    for choice in [custom.clone(), json!({"type": "custom", "name": "run"}), json!({"name": "run"})] {
        assert_eq!(forced(&choice), custom, "{choice}");
    }
    assert_eq!(forced(&function), function);
}

#[test]
fn there_are_at_most_so_many_stop_sequences() {
    let request = json!({"messages": [{"role": "user", "content": "hi"}], "stop": ["1", "2", "3", "4", "5"]});
    assert_eq!(sent("openai", request.clone(), "refuse"), Err("stop".to_owned()));
    assert_eq!(sent("deepseek", request, "refuse").unwrap()["stop"].as_array().unwrap().len(), 5);
}

#[test]
fn of_a_result_only_what_cannot_be_sent_is_left_out() {
    let image = json!({"type": "image", "data": "aGk=", "mime": "image/png"});
    let content = json!([{"type": "text", "text": "see"}, image]);
    let result = json!({"type": "tool_result", "id": "a", "content": content});
    let request = json!({"messages": [
        {"role": "assistant", "content": [call("a")]},
        {"role": "tool", "content": [result]},
    ]});
    assert_eq!(sent("openai", request.clone(), "refuse"), Err("messages[1].content[0].content[1]".to_owned()));
    assert_eq!(sent("openai", request, "drop").unwrap()["messages"][1]["content"], "see");
}
