//! Source: the Gemini API reference, "Generating content" (at most 5 stop sequences), the guides "Function calling" and
//! "Thought signatures"; the API's own errors "Please ensure that the number of function response parts is equal to the
//! number of function call parts of the function call turn", "… that function response turn comes immediately after a
//! function call turn", and "contents.parts must not be empty". A call may stand at the very beginning: the API has answered
//! such conversations.

use serde_json::Value;

use super::{Broken, list, rule, text};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(list(body, "contents").len() > 0, "there are no contents");
    if let Some(system) = body.get("systemInstruction") {
        rule!(list(system, "parts").len() > 0, "instructions without parts");
        for part in list(system, "parts") {
            rule!(!text(part, "text").is_empty(), "an instruction without a text");
        }
    }
    let stops = list(&body["generationConfig"], "stopSequences").len();
    rule!(stops <= 5, "{stops} stop sequences");
    let mut open: Vec<&Value> = Vec::new();
    let mut before = "";
    for content in list(body, "contents") {
        let role = text(content, "role");
        rule!(["user", "model"].contains(&role), "the role '{role}'");
        rule!(list(content, "parts").len() > 0, "a content of '{role}' without parts");
        for part in list(content, "parts") {
            parted(part)?;
        }
        let of = |kind: &str| -> Vec<&Value> { list(content, "parts").filter_map(|part| part.get(kind)).collect() };
        let (calls, responses) = (of("functionCall"), of("functionResponse"));
        rule!(calls.is_empty() || role == "model", "'{role}' calls a function");
        rule!(calls.is_empty() || before != "model", "calls stand behind '{before}'");
        rule!(responses.is_empty() || role == "user", "'{role}' has a response");
        matching(&open, &responses)?;
        open = calls;
        before = role;
    }
    rule!(open.is_empty(), "calls without responses");
    Ok(())
}

/// A part is exactly one thing, and a text that is there says something or is signed.
fn parted(part: &Value) -> Broken {
    const KINDS: [&str; 5] = ["text", "inlineData", "fileData", "functionCall", "functionResponse"];
    let kinds = KINDS.iter().filter(|kind| part.get(**kind).is_some()).count();
    rule!(kinds == 1, "a part is {kinds} things at once");
    let silent = part["text"] == "" && part.get("thoughtSignature").is_none();
    rule!(!silent, "an empty text");
    Ok(())
}

/// One response a call; in the order of the calls where ids do not say which is which.
fn matching(calls: &[&Value], responses: &[&Value]) -> Broken {
    rule!(calls.len() == responses.len(), "{} calls and {} responses", calls.len(), responses.len());
    for (at, response) in responses.iter().enumerate() {
        rule!(response["response"].is_object(), "a response that is no object");
        let call = match response.get("id") {
            Some(id) => calls.iter().find(|call| call.get("id") == Some(id)),
            None => calls.get(at).filter(|call| call.get("id").is_none()),
        };
        let call = call.ok_or("a response belongs to no call")?;
        rule!(call["name"] == response["name"], "a response has the name of another function");
    }
    for (at, call) in calls.iter().enumerate() {
        let again = call.get("id").is_some_and(|id| calls.iter().skip(at + 1).any(|other| other.get("id") == Some(id)));
        rule!(!again, "two calls have the id {}", call["id"]);
    }
    Ok(())
}
