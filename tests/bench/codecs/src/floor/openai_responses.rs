//! Responses.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Response {
    id: String,
    created_at: Option<u64>,
    model: String,
    status: String,
    output: Vec<Item>,
    incomplete_details: Option<Incomplete>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    status: Option<String>,
    role: Option<String>,
    content: Option<Vec<Piece>>,
    summary: Option<Vec<Piece>>,
    encrypted_content: Option<String>,
    call_id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    refusal: Option<String>,
    annotations: Option<Vec<Annotation>>,
}

#[derive(Deserialize)]
struct Annotation {
    url: Option<String>,
    title: Option<String>,
    start_index: Option<u64>,
    end_index: Option<u64>,
}

#[derive(Deserialize)]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    input_tokens_details: Option<Input>,
    output_tokens_details: Option<Output>,
}

#[derive(Deserialize)]
struct Input {
    cached_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Output {
    reasoning_tokens: Option<u64>,
}

#[derive(Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: String,
    sequence_number: Option<u64>,
    response: Option<Response>,
    item: Option<Item>,
    part: Option<Piece>,
    item_id: Option<String>,
    output_index: Option<u64>,
    content_index: Option<u64>,
    summary_index: Option<u64>,
    delta: Option<String>,
    text: Option<String>,
    arguments: Option<String>,
}
