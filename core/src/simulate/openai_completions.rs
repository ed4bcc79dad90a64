//! OpenAI's legacy completions, from the provider's side.
//!
//! Source: the OpenAI API reference, "Completions".
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::model::{Finish, Prompt, Reply, likeliest, words};
use super::openai::OpenAi;
use super::vendor::{Embed, Ids, Refusal, Rerank, Step, Task, Vendor, bearer, parse};
use crate::sim::Piece;

pub(super) struct Completions;

/// What a completion is asked for. What it does not list, it refuses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model: String,
    prompt: Texts,
    suffix: Option<String>,
    echo: Option<bool>,
    best_of: Option<u32>,
    n: Option<u32>,
    max_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u32>,
    stop: Option<Texts>,
    seed: Option<i64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    logprobs: Option<u8>,
    logit_bias: Option<Map<String, Value>>,
    user: Option<String>,
    #[serde(default)]
    stream: bool,
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of strings")]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn into_vec(self) -> Vec<String> {
        match self {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        }
    }
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

fn read(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    if body.stream_options.is_some() && !body.stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Refusal::invalid(message).field("stream_options"));
    }
    if body.logprobs.is_some_and(|top| top > 5) {
        return Err(Refusal::invalid("Invalid value for 'logprobs': must be at most 5.").field("logprobs"));
    }
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        wants_usage: body.stream_options.is_some_and(|options| options.include_usage),
        // It is short unless it is asked not to be.
        max_tokens: body.max_tokens.or(Some(16)),
        stop: body.stop.map(Texts::into_vec).unwrap_or_default(),
        logprobs: body.logprobs.map(usize::from),
        ..Prompt::default()
    };
    prompt.said(body.prompt.into_vec().concat(), 0);
    Ok(prompt)
}

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => "stop",
        Finish::Length => "length",
    }
}

fn usage(reply: &Reply) -> Value {
    let (input, output) = (reply.usage.input, reply.usage.output);
    json!({ "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output })
}

/// A list for each fact, one entry a word.
fn logprobs(prompt: &Prompt, text: &str) -> Value {
    let Some(top) = prompt.logprobs else { return Value::Null };
    let likeliest = |word| likeliest(word).take(top.max(1)).collect::<Vec<_>>();
    let all: Vec<_> = words(text).map(likeliest).collect();
    let offsets = words(text).scan(0, |end, word| {
        let start = *end;
        *end += word.len();
        Some(start)
    });
    let tops = all.iter().map(|entry| {
        let alternatives = entry.iter().take(top).map(|(token, chance)| (token.clone(), json!(chance)));
        Value::Object(alternatives.collect())
    });
    json!({
        "tokens": words(text).collect::<Vec<_>>(),
        "token_logprobs": all.iter().map(|entry| entry.first().map(|(_, chance)| *chance)).collect::<Vec<_>>(),
        "top_logprobs": if top == 0 { Value::Null } else { tops.collect() },
        "text_offset": offsets.collect::<Vec<_>>(),
    })
}

fn document(prompt: &Prompt, ids: Ids, choices: &Value) -> Map<String, Value> {
    let document = json!({
        "id": ids.id("cmpl-"),
        "object": "text_completion",
        "created": ids.unix_time.as_secs(),
        "model": prompt.model,
        "choices": choices,
    });
    document.as_object().cloned().unwrap_or_default()
}

fn choice(prompt: &Prompt, text: &str, finish: Option<&str>) -> Value {
    json!([{ "text": text, "index": 0, "logprobs": logprobs(prompt, text), "finish_reason": finish }])
}

impl Vendor for Completions {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let path = request.uri().path();
        if path.ends_with("/completions") && !path.ends_with("/chat/completions") {
            return read(request.body()).map(Task::Chat);
        }
        // Embeddings and rankings stand beside it.
        OpenAi.read(request)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        let mut whole = document(prompt, ids, &choice(prompt, &reply.text, Some(finish(reply))));
        whole.insert("usage".to_owned(), usage(reply));
        Value::Object(whole)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        let piece = |choices: &Value, usage: Option<Value>| {
            let mut chunk = document(prompt, ids, choices);
            if let Some(usage) = usage {
                chunk.insert("usage".to_owned(), usage);
            }
            Piece::sse(&Value::Object(chunk).to_string())
        };
        let none = || prompt.wants_usage.then_some(Value::Null);
        let mut steps: Vec<_> =
            words(&reply.text).map(|word| Step::content(piece(&choice(prompt, word, None), none()))).collect();
        steps.push(Step::structure(piece(&choice(prompt, "", Some(finish(reply))), none())));
        if prompt.wants_usage {
            steps.push(Step::structure(piece(&json!([]), Some(usage(reply)))));
        }
        steps.push(Step::structure(Piece::sse("[DONE]")));
        steps
    }

    fn shows_thinking(&self, _: bool) -> bool {
        false
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        OpenAi.vectors(embed, vectors)
    }

    fn rankings(&self, rerank: &Rerank, scores: &[(usize, f64)], ids: Ids) -> Value {
        OpenAi.rankings(rerank, scores, ids)
    }

    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        OpenAi.error(refusal, ids)
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        OpenAi.stream_error(refusal, ids)
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        OpenAi.headers(ids)
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        OpenAi.wait(wait, ids)
    }
}
