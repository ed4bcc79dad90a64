//! Whether the gateway read an answer as the corpus says it is.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tidegate::{Content, Error, FinishReason, Kind, Part, Response, Retry};

use crate::record::Expect;

/// One fact that is not as expected.
#[derive(Clone, Debug)]
pub struct Difference {
    pub fact: String,
    pub expected: Value,
    pub got: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.fact, short(&self.expected), short(&self.got))
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn same(&mut self, fact: &str, expected: impl Serialize, got: impl Serialize) {
        let (expected, got) = (json!(expected), json!(got));
        if !equal(&expected, &got) {
            self.0.push(Difference { fact: fact.to_owned(), expected, got });
        }
    }

    fn holds(&mut self, fact: &str, holds: bool, expected: impl Serialize, got: impl Serialize) {
        if !holds {
            self.0.push(Difference { fact: fact.to_owned(), expected: json!(expected), got: json!(got) });
        }
    }
}

/// Equality of JSON values in which 1 and 1.0 are the same number.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

/// Every fact that differs; empty where the answer was read as it should be.
pub fn check(expect: &Expect, outcome: &Result<Response, Error>) -> Vec<Difference> {
    let kinds = std::iter::once(&expect.kind).chain(&expect.kind_accept);
    let mut first = None;
    for kind in kinds {
        let mut differences = Differences::default();
        match (kind.as_str(), outcome) {
            ("chat" | "completion", Ok(response)) => chat(&expect.facts, response, &mut differences),
            ("embeddings", Ok(response)) => embeddings(&expect.facts, response, &mut differences),
            ("error", Err(error)) => refused(&expect.facts, error, &mut differences),
            ("stream_error" | "error_in_200", Err(error)) => broken(&expect.facts, error, &mut differences),
            (kind, Ok(response)) => {
                differences.same("outcome", kind, format!("an answer, finish reason {:?}", response.finish_reason));
            }
            (kind, Err(error)) => differences.same("outcome", kind, format!("{error:#}")),
        }
        if differences.0.is_empty() {
            return Vec::new();
        }
        first.get_or_insert(differences.0);
    }
    first.unwrap_or_default()
}

fn chat(facts: &Map<String, Value>, response: &Response, out: &mut Differences) {
    content(facts, response, out);
    finish(facts, response, out);
    for (fact, got) in [("id", response.id.as_deref()), ("model", Some(response.model.as_str()))] {
        if !fact_of(facts, fact).is_null() {
            out.same(fact, fact_of(facts, fact), got);
        }
    }
    usage(fact_of(facts, "usage"), response, out);
}

/// A fact; null where the corpus has none.
fn fact_of<'a>(facts: &'a Map<String, Value>, fact: &str) -> &'a Value {
    facts.get(fact).unwrap_or(&Value::Null)
}

fn content(facts: &Map<String, Value>, response: &Response, out: &mut Differences) {
    if facts.contains_key("content_is_object") {
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
        out.same("text", facts["text"].as_str().and_then(parse), parse(&response.text()));
    } else {
        out.same("text", fact_of(facts, "text"), response.text());
    }
    if let Some(parts) = facts.get("text_parts").and_then(Value::as_array) {
        let filled = |text: &&str| !text.is_empty();
        let expected: Vec<_> = parts.iter().filter_map(Value::as_str).filter(filled).collect();
        let got: Vec<_> = response.parts.iter().filter_map(Part::as_text).filter(filled).collect();
        out.same("text_parts", expected, got);
    }
    // Thinking of which nothing is shown reads as none.
    let expected = fact_of(facts, "reasoning").as_str().filter(|text| !text.is_empty());
    out.same("reasoning", expected, response.reasoning());
    let signed = response.parts.iter().any(|part| part.state.is_some());
    if fact_of(facts, "reasoning_signed") == true {
        out.same("reasoning_signed", true, signed);
    }
    out.same("refusal", fact_of(facts, "refusal"), response.refusal());
    tool_calls(fact_of(facts, "tool_calls"), response, out);
    let mut others = fact_of(facts, "other_items").clone();
    if let Some(others) = others.as_array_mut() {
        // A block of text with its sources, which the corpus counts as both, is text and sources here.
        others.retain(|name| name != "citationsContent");
    }
    out.same("other_items", others, other_items(response));
    citations(facts, response, out);
    out.same("logprobs_count", fact_of(facts, "logprobs_count"), response.logprobs.len());
}

/// Names of everything that is neither text, thinking, a call nor a source.
fn other_items(response: &Response) -> Vec<String> {
    let name = |part: &Part| match &part.content {
        Content::Other(other) => Some(other.kind.clone()),
        Content::Image(media) | Content::Audio(media) | Content::File(media) => {
            Some(format!("inline:{}", media.mime.as_deref().unwrap_or_default()))
        }
        Content::Reasoning { .. } => {
            let state = part.state.as_ref()?;
            let hidden = ["redacted_thinking", "redactedContent"];
            hidden.into_iter().find(|key| state.data.contains_key(*key)).map(str::to_owned)
        }
        _ => None,
    };
    response.parts.iter().filter_map(name).collect()
}

fn citations(facts: &Map<String, Value>, response: &Response, out: &mut Differences) {
    // The source of one of the caller's own search results (Anthropic) may be an address; the corpus counts it as none.
    let counted = |part: &&Part| {
        let kind = part.state.as_ref().and_then(|state| state.data.get("type"));
        kind != Some(&json!("search_result_location"))
    };
    let mut urls: Vec<&str> = Vec::new();
    let mut count = 0;
    for part in &response.parts {
        let Content::Citation(citation) = &part.content else { continue };
        count += 1;
        let url = citation.url.as_deref().filter(|url| url.starts_with("http") && counted(&part));
        if let Some(url) = url.filter(|url| !urls.contains(url)) {
            urls.push(url);
        }
    }
    out.same("citations_count", fact_of(facts, "citations_count"), count);
    // The corpus counts the id of a file as an address where there is no other; ours is in the citation's state.
    let expected = fact_of(facts, "citation_urls").as_array().into_iter().flatten();
    let expected: Vec<_> = expected.filter_map(Value::as_str).filter(|url| url.starts_with("http")).collect();
    out.same("citation_urls", expected, urls);
}

fn tool_calls(expected: &Value, response: &Response, out: &mut Differences) {
    let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    let got: Vec<_> = response.tool_calls().collect();
    out.same("tool_calls.len", expected.len(), got.len());
    for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
        let fact = |key: &str| format!("tool_calls[{index}].{key}");
        if expected["id"].is_null() {
            out.holds(&fact("id"), !got.id.is_empty(), "an id made by the gateway", &got.id);
        } else {
            out.same(&fact("id"), &expected["id"], &got.id);
        }
        out.same(&fact("name"), &expected["name"], &got.name);
        if let Some(raw) = expected.get("arguments_raw") {
            out.same(&fact("arguments_raw"), raw, &got.arguments);
        }
        // Free text of a custom tool, or arguments that were cut off, have no parsed form.
        if !expected["arguments"].is_null() && !expected["arguments"].is_string() {
            out.same(&fact("arguments"), &expected["arguments"], got.parsed());
        }
    }
}

fn finish(facts: &Map<String, Value>, response: &Response, out: &mut Differences) {
    let accept = fact_of(facts, "finish_reason_accept");
    let mapped: Vec<&str> = accept.as_array().into_iter().flatten().map(ours).collect();
    let got = response.finish_reason.as_str();
    out.holds("finish_reason", mapped.contains(&got), accept, got);
    let raw = fact_of(facts, "finish_reason_raw").as_str().filter(|raw| !raw.is_empty());
    out.same("finish_reason_raw", raw, response.finish_reason_raw.as_deref());
    if !fact_of(facts, "stop_sequence").is_null() {
        out.same("stop_sequence", fact_of(facts, "stop_sequence"), response.stop_sequence.as_deref());
    }
}

/// Our word for one of the corpus: it tells more apart.
fn ours(reason: &Value) -> &str {
    let known = [FinishReason::Stop, FinishReason::Length, FinishReason::ToolCalls, FinishReason::ContentFilter];
    let word = reason.as_str().unwrap_or_default();
    known.iter().map(|reason| reason.as_str()).find(|known| *known == word).unwrap_or("other")
}

fn usage(expected: &Value, response: &Response, out: &mut Differences) {
    let got = response.usage.as_ref().filter(|usage| !usage.estimated);
    // A usage object without a single count is none.
    let counts = ["input_tokens", "output_tokens", "input_tokens_total", "output_tokens_total"];
    if counts.iter().all(|key| expected[key].is_null()) {
        let zero = got.is_none_or(|usage| usage.total_tokens() == 0);
        out.holds("usage", zero, Value::Null, got);
        return;
    }
    let Some(got) = got else {
        out.same("usage", expected, Value::Null);
        return;
    };
    // A provider's impossible count (thinking beyond all output) is clamped and flagged: parts never exceed totals.
    let written = expected["output_tokens_total"].as_u64().unwrap_or(0);
    // Cohere counts it, which the facts leave out.
    let thought = &expected["raw"]["tokens"]["reasoning_tokens"];
    let thought = if thought.is_u64() { thought } else { &expected["reasoning_tokens"] };
    let impossible = thought.as_u64().is_some_and(|thought| thought > written);
    let rows = [
        ("input_tokens_total", got.input_tokens),
        ("output_tokens_total", got.output_tokens),
        ("cached_input_tokens", got.cached_input_tokens),
        ("cache_write_tokens", got.cache_write_tokens),
        ("reasoning_tokens", got.reasoning_tokens),
    ];
    for (fact, got) in rows {
        // Mistral's older name for it, which the facts leave out.
        let older = (fact == "cached_input_tokens").then(|| expected["raw"]["num_cached_tokens"].as_u64()).flatten();
        let count = if fact == "reasoning_tokens" { thought } else { &expected[fact] };
        let count = count.as_u64().or(older).unwrap_or(0);
        let count = if fact == "reasoning_tokens" { count.min(written) } else { count };
        out.same(&format!("usage.{fact}"), count, got);
    }
    if let Some(hour) = expected["cache_write_1h"].as_u64() {
        out.same("usage.cache_write_1h", hour, got.cache_write_1h_tokens);
    }
    out.same("usage.clamped", impossible, got.clamped);
}

/// An answer with an error status.
fn refused(facts: &Map<String, Value>, error: &Error, out: &mut Differences) {
    kind(fact_of(facts, "error_kind_accept"), error, out);
    out.same("status", fact_of(facts, "status"), error.http_status());
    message(fact_of(facts, "message"), error, out);
    let again = matches!(error.scope(), Retry::After(_));
    out.same("retryable", fact_of(facts, "retryable"), again);
    if again {
        let waits = ["retry_after", "retry_delay_s"].into_iter().filter_map(|fact| {
            let value = fact_of(facts, fact);
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        });
        let longest = waits.fold(0.0, f64::max);
        let got = error.wait().map_or(0.0, |wait| wait.as_secs_f64());
        // Other headers may ask for more; never may less be waited for.
        out.holds("retry_after", got >= longest, longest, got);
    }
}

/// An error inside an answer with status 200.
fn broken(facts: &Map<String, Value>, error: &Error, out: &mut Differences) {
    let accept = fact_of(facts, "error_kind_accept");
    if accept.is_null() {
        let said = !matches!(error.kind(), Kind::StreamIncomplete | Kind::Protocol);
        out.holds("error_kind", said, "what the provider says", error.kind());
    } else {
        kind(accept, error, out);
    }
    let raw = fact_of(facts, "error_raw");
    let said = [fact_of(facts, "message"), &raw["message"], &raw["error"]["message"], raw];
    message(said.into_iter().find(|text| text.is_string()).unwrap_or(&Value::Null), error, out);
    let partial = error.partial_response();
    if let Some(text) = fact_of(facts, "text").as_str().filter(|text| !text.is_empty()) {
        out.same("partial.text", text, partial.map(Response::text));
    }
    if let Some(text) = fact_of(facts, "reasoning").as_str().filter(|text| !text.is_empty()) {
        out.same("partial.reasoning", text, partial.and_then(Response::reasoning));
    }
}

fn kind(accept: &Value, error: &Error, out: &mut Differences) {
    let accepted = accept.as_array().into_iter().flatten().filter_map(Value::as_str);
    let kinds: Vec<Kind> = accepted.flat_map(|word| kinds(word).iter().copied()).collect();
    out.holds("error_kind", kinds.contains(&error.kind()), accept, error.kind());
}

/// Our kinds for one of the corpus.
fn kinds(word: &str) -> &'static [Kind] {
    match word {
        "auth" => &[Kind::Unauthenticated, Kind::PermissionDenied],
        "permission" => &[Kind::PermissionDenied],
        "not_found" => &[Kind::NotFound],
        "invalid_request" => &[Kind::InvalidRequest],
        "rate_limited" => &[Kind::RateLimited],
        "quota" => &[Kind::QuotaExhausted],
        "context_length" => &[Kind::ContextTooLong],
        "content_filter" => &[Kind::ContentFiltered],
        "overloaded" => &[Kind::Overloaded],
        "timeout" => &[Kind::Timeout],
        "server" => &[Kind::Server],
        _ => &[],
    }
}

/// The provider's own words have to reach the caller.
fn message(expected: &Value, error: &Error, out: &mut Differences) {
    let Some(words) = expected.as_str() else { return };
    let got = error.to_string();
    out.holds("message", quotes(&got, words), words, got);
}

/// Whether `text` quotes `words`: on one line, what looks like a key redacted, possibly cut short after some words.
fn quotes(text: &str, words: &str) -> bool {
    const ENOUGH: usize = 8;
    let text: Vec<&str> = text.split_whitespace().collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let agrees = |(said, word): (&&str, &&str)| said.starts_with(*word) || *said == "[redacted]";
    text.iter().enumerate().any(|(start, _)| {
        let said = &text[start..];
        let agreed = said.iter().zip(&words).take_while(|pair| agrees(*pair)).count();
        let cut = said.get(agreed).is_some_and(|word| word.ends_with('…'));
        agreed == words.len() || (cut && agreed >= ENOUGH)
    })
}

fn embeddings(facts: &Map<String, Value>, response: &Response, out: &mut Differences) {
    out.same("count", fact_of(facts, "count"), response.vectors.len());
    let first = response.vectors.first().map(Vec::as_slice).unwrap_or_default();
    out.same("dimensions", fact_of(facts, "dimensions"), first.len());
    let expected: Vec<f64> =
        fact_of(facts, "first").as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let near = first.len() >= expected.len()
        && expected
            .iter()
            .zip(first)
            .all(|(expected, got)| (expected - f64::from(*got)).abs() <= 1e-6 * expected.abs().max(1.0));
    out.holds("first", near, &expected, &first[..first.len().min(4)]);
    if !fact_of(facts, "model").is_null() {
        out.same("model", fact_of(facts, "model"), &response.model);
    }
    let usage_expected = fact_of(facts, "usage");
    if let Some(input) = usage_expected["input_tokens_total"].as_u64() {
        out.same("usage.input_tokens_total", input, response.usage.as_ref().map(|usage| usage.input_tokens));
    }
}

#[cfg(test)]
mod tests {
    use super::quotes;

    #[test]
    fn a_quote_may_be_redacted_or_cut_and_nothing_else() {
        assert!(quotes("groq: Invalid API Key", "Invalid API\nKey"));
        assert!(quotes("no key [redacted] is known", "key sk-abc is known"));
        assert!(quotes(
            "one two three four five six seven eight nine…",
            "one two three four five six seven eight nineteen"
        ));
        assert!(!quotes("one two…", "one two three"));
        assert!(!quotes("groq: Invalid Key", "Invalid API Key"));
        assert!(!quotes("ends with Invalid", "Invalid API Key"));
    }
}
