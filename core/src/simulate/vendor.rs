//! What each wire format does for a simulated provider: it reads requests, and writes answers and errors.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::{Prompt, Reply};
use super::openai::Form;
use crate::sim::{Answer, Chance, Piece};
use crate::world::fraction;

/// One wire format, from the provider's side.
///
/// Requests are read strictly, by types of their own: a request that our encoder gets wrong is refused here as the
/// provider would. Answers are written as literal documents, as a provider's documentation shows them, so that nothing
/// is shared with the codecs that read them.
pub(super) trait Vendor: Send + Sync {
    /// The key of a request.
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str>;

    /// Understands a request.
    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal>;

    /// An answer as one document.
    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value;

    /// An answer in pieces, each complete in itself.
    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step>;

    /// Whether thinking is shown where the request asks for it; `can` is what the dialect says.
    fn shows_thinking(&self, can: bool) -> bool {
        can
    }

    /// The content type of a stream.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }

    /// Vectors as one document.
    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value;

    /// A ranking as one document: documents and their scores, the best first. Who has none reads no request as one.
    fn rankings(&self, _: &Rerank, _: &[(usize, f64)], _: Ids) -> Value {
        Value::Null
    }

    /// An error's status, where the API has one of its own for it.
    fn status(&self, refusal: &Refusal) -> u16 {
        refusal.status
    }

    /// An error's document.
    fn error(&self, refusal: &Refusal, ids: Ids) -> Value;

    /// An error inside a stream.
    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece;

    /// The headers of an answer.
    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)>;

    /// The headers that ask to wait.
    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)>;
}

/// What is asked for.
pub(super) enum Task {
    Chat(Prompt),
    Embed(Embed),
    Rerank(Rerank),
}

/// Vectors are asked for.
#[derive(Default)]
pub(super) struct Embed {
    pub(super) model: String,
    pub(super) input: Vec<String>,
    pub(super) dimensions: Option<usize>,
    /// Whether they are wanted as base64 of little-endian floats (OpenAI).
    pub(super) base64: bool,
    /// What they are for, in the provider's own word.
    pub(super) purpose: Option<String>,
}

/// A ranking is asked for.
#[derive(Default)]
pub(super) struct Rerank {
    pub(super) model: String,
    pub(super) query: String,
    pub(super) documents: Vec<String>,
    /// How many are wanted.
    pub(super) most: Option<usize>,
    pub(super) form: Form,
}

/// A piece of a stream.
pub(super) struct Step {
    pub(super) piece: Piece,
    /// Whether it brings content, not only structure.
    pub(super) content: bool,
}

impl Step {
    pub(super) fn content(piece: Piece) -> Self {
        Step { piece, content: true }
    }

    pub(super) fn structure(piece: Piece) -> Self {
        Step { piece, content: false }
    }
}

/// Why a request is not answered.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
    /// The field that is at fault.
    pub(super) field: Option<String>,
    pub(super) reason: Reason,
    pub(super) retry_after: Option<Duration>,
}

/// What the status alone does not say.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Reason {
    #[default]
    Other,
    BadKey,
    NoModel,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Refusal { status, message: message.into(), ..Refusal::default() }
    }

    /// A request that is wrong in itself.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Refusal::new(400, message)
    }

    pub(super) fn field(self, field: impl Into<String>) -> Self {
        Refusal { field: Some(field.into()), ..self }
    }

    pub(super) fn because(self, reason: Reason) -> Self {
        Refusal { reason, ..self }
    }
}

/// The key of `Authorization: Bearer KEY`.
pub(super) fn bearer(headers: &http::HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Parses a request's body.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("Invalid request body: {error}")))
}

/// What tells one answer from another, and when it is given.
#[derive(Clone, Copy)]
pub(super) struct Ids {
    pub(super) number: u64,
    pub(super) unix_time: Duration,
}

impl Ids {
    pub(super) fn id(self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.number)
    }

    /// The id of the call at `index`.
    pub(super) fn call(self, prefix: &str, index: usize) -> String {
        format!("{prefix}{:016x}", self.number.wrapping_add(1 + index as u64))
    }
}

/// How a signature begins.
const SIGNED: &str = "sim-";

/// A stand-in for a signature: it holds for this text and no other.
pub(super) fn signature(text: &str) -> String {
    format!("{SIGNED}{:016x}", fingerprint(text))
}

/// Whether `signed` is the signature that is wanted. What a real provider signed is not ours to judge.
pub(super) fn holds(signed: &str, wanted: &str) -> bool {
    signed == wanted || !(signed.is_empty() || signed.starts_with(SIGNED))
}

/// A unit vector that depends on the text and on what it is for, alone.
pub(super) fn vector(text: &str, purpose: Option<&str>, dimensions: usize) -> Vec<f32> {
    let mut chance = Chance::new(purpose.map_or(0, fingerprint) ^ fingerprint(text));
    let raw: Vec<f64> = (0..dimensions).map(|_| fraction(chance.next()) - 0.5).collect();
    let norm = raw.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_possible_truncation, reason = "vectors are single precision")]
    raw.into_iter().map(|x| (x / norm) as f32).collect()
}

/// Documents with their scores, the best first: how many of the query's words each has.
pub(super) fn scores(rerank: &Rerank) -> Vec<(usize, f64)> {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let asked = words(&rerank.query);
    #[expect(clippy::cast_precision_loss, reason = "no query has that many words")]
    let share = |text: &String| asked.intersection(&words(text)).count() as f64 / asked.len().max(1) as f64;
    let mut scores: Vec<_> = rerank.documents.iter().map(share).enumerate().collect();
    scores.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    scores.truncate(rerank.most.unwrap_or(usize::MAX));
    scores
}

/// FNV-1a.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// An answer that is an error.
pub(super) fn refuse(vendor: &dyn Vendor, refusal: &Refusal, ids: Ids) -> Answer {
    let mut answer = Answer::json(vendor.status(refusal), &vendor.error(refusal, ids));
    let wait = refusal.retry_after.map(|wait| vendor.wait(wait, ids)).unwrap_or_default();
    for (name, value) in vendor.headers(ids).into_iter().chain(wait) {
        answer = answer.header(name, value);
    }
    answer
}
