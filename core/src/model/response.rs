//! The whole answer.

use std::borrow::Cow;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::usage::Money;
use super::{AttemptRecord, Content, Message, Part, Role, ToolCall, Usage};
use crate::error::Kind;

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model was done, or met a stop sequence.
    Stop,
    /// The token limit was reached.
    Length,
    /// The model waits for the results of its tool calls.
    ToolCalls,
    /// The provider's content policy cut it off.
    ContentFilter,
    /// Something else: `finish_reason_raw` has the provider's own word.
    #[default]
    Other,
}

impl FinishReason {
    /// As callers read it: `tool_calls`.
    pub fn as_str(self) -> &'static str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
            FinishReason::ToolCalls => "tool_calls",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Other => "other",
        }
    }
}

/// One token and how likely it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenLogprob {
    /// The token.
    pub token: String,
    /// Its natural-log probability.
    pub logprob: f64,
    /// The likeliest alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TokenLogprob>,
}

/// How much one document says to the query of a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranking {
    /// Which document: its place in the request's `documents`.
    pub index: u32,
    /// How much it says, as the model has it: most answer 0 to 1, some any number. More is better.
    pub relevance_score: f64,
}

/// What answers for a route that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// Another route.
    Route,
    /// The text that the configuration has for it: no model was asked.
    Reply,
}

impl Fallback {
    /// As callers read it: `reply`.
    pub fn as_str(self) -> &'static str {
        match self {
            Fallback::Route => "route",
            Fallback::Reply => "reply",
        }
    }
}

/// Where another target went on with the words of an answer that had broken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seam {
    /// How many characters (code points) of `text` came before.
    pub at: u64,
    /// The target that went on: `provider/model`.
    pub target: String,
    /// What became of the one before.
    pub reason: Kind,
}

/// How long an answer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// From the call to the first content, retries included; in JSON, seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub first_content: Duration,
    /// From the call to the end; in JSON, seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub total: Duration,
}

/// The whole answer, the same type whichever provider gave it.
///
/// Its JSON also has `text`, `reasoning`, `refusal` and `tool_calls`, which follow from `parts` and are not read back.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::schema::with_derived)]
pub struct Response {
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that the provider says answered; the target's where it does not say.
    pub model: String,
    /// The route (or `provider/model`) that was asked for.
    pub route: String,
    /// The target that answered: `provider/model`.
    pub target: String,
    /// Everything that was said, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The provider's own word for it.
    pub finish_reason_raw: Option<String>,
    /// The stop sequence that was met, where the provider says it.
    #[serde(default)]
    pub stop_sequence: Option<String>,
    /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of anything else.
    pub usage: Option<Usage>,
    /// What it cost; `None` where no price is known.
    pub cost: Option<Money>,
    /// Whether it came from the gateway's cache.
    pub cached: bool,
    /// Set where it is not the real thing: the route failed, as `attempts` say, and its fallback answered.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`).
    #[serde(default)]
    pub rejected: Option<String>,
    /// Where other targets went on with an answer that had broken off (`stream.on_interrupt = "continue"`).
    #[serde(default)]
    pub seams: Vec<Seam>,
    /// Log probabilities, where they were asked for.
    #[serde(default)]
    pub logprobs: Vec<TokenLogprob>,
    /// The vectors of an embedding, one an input.
    #[serde(default)]
    pub vectors: Vec<Vec<f32>>,
    /// The documents of a ranking, the best first.
    #[serde(default)]
    pub rankings: Vec<Ranking>,
    /// What the request asked for and this target cannot do, where `on_unsupported = "drop"`.
    #[serde(default)]
    pub dropped: Vec<String>,
    /// All attempts, the one that answered last.
    pub attempts: Vec<AttemptRecord>,
    /// How long it took.
    pub latency: Latency,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
}

impl Response {
    /// All visible text, joined.
    pub fn text(&self) -> Cow<'_, str> {
        join(self.parts.iter().filter_map(Part::as_text))
    }

    /// All thinking that the provider shows, joined.
    pub fn reasoning(&self) -> Option<Cow<'_, str>> {
        let mut texts = self.parts.iter().filter_map(|part| match &part.content {
            Content::Reasoning { text } if !text.is_empty() => Some(text.as_str()),
            _ => None,
        });
        let first = texts.next()?;
        Some(join(std::iter::once(first).chain(texts)))
    }

    /// The refusal's words, if the model declined.
    pub fn refusal(&self) -> Option<Cow<'_, str>> {
        let mut texts = self.parts.iter().filter_map(|part| match &part.content {
            Content::Refusal { text } => Some(text.as_str()),
            _ => None,
        });
        let first = texts.next()?;
        Some(join(std::iter::once(first).chain(texts)))
    }

    /// The tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| match &part.content {
            Content::ToolCall(call) => Some(call),
            _ => None,
        })
    }

    /// The answer as a message, to be appended to the conversation for the next turn. It keeps the provider's state.
    pub fn message(&self) -> Message {
        Message::new(Role::Assistant, self.parts.clone())
    }
}

/// The canonical form, the same in every language.
impl Serialize for Response {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Canonical<'a> {
            id: Option<&'a str>,
            model: &'a str,
            route: &'a str,
            target: &'a str,
            text: Cow<'a, str>,
            reasoning: Option<Cow<'a, str>>,
            refusal: Option<Cow<'a, str>>,
            tool_calls: Vec<&'a ToolCall>,
            parts: &'a [Part],
            finish_reason: FinishReason,
            finish_reason_raw: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            stop_sequence: Option<&'a str>,
            usage: Option<&'a Usage>,
            cost: Option<Money>,
            cached: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            fallback: Option<Fallback>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rejected: Option<&'a str>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            seams: &'a [Seam],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            logprobs: &'a [TokenLogprob],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            vectors: &'a [Vec<f32>],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            rankings: &'a [Ranking],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            dropped: &'a [String],
            attempts: &'a [AttemptRecord],
            latency: Latency,
            request_id: Option<&'a str>,
        }
        Canonical {
            id: self.id.as_deref(),
            model: &self.model,
            route: &self.route,
            target: &self.target,
            text: self.text(),
            reasoning: self.reasoning(),
            refusal: self.refusal(),
            tool_calls: self.tool_calls().collect(),
            parts: &self.parts,
            finish_reason: self.finish_reason,
            finish_reason_raw: self.finish_reason_raw.as_deref(),
            stop_sequence: self.stop_sequence.as_deref(),
            usage: self.usage.as_ref(),
            cost: self.cost,
            cached: self.cached,
            fallback: self.fallback,
            rejected: self.rejected.as_deref(),
            seams: &self.seams,
            logprobs: &self.logprobs,
            vectors: &self.vectors,
            rankings: &self.rankings,
            dropped: &self.dropped,
            attempts: &self.attempts,
            latency: self.latency,
            request_id: self.request_id.as_deref(),
        }
        .serialize(serializer)
    }
}

/// Joins fragments, without copying where there is only one.
fn join<'a>(mut texts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let Some(first) = texts.next() else { return Cow::Borrowed("") };
    let Some(second) = texts.next() else { return Cow::Borrowed(first) };
    Cow::Owned([first, second].into_iter().chain(texts).collect())
}

/// Durations as seconds in canonical JSON.
pub(super) mod seconds {
    use super::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(time.as_secs_f64())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Why;

    #[test]
    fn the_json_has_what_follows_from_the_parts_and_reads_back() {
        let call = ToolCall::new("c1", "now", "{\"a\"");
        let response = Response {
            model: "m".into(),
            parts: vec![Part::text("a"), Part::new(Content::ToolCall(call)), Part::text("b")],
            attempts: vec![AttemptRecord {
                kind: Some(Kind::Overloaded),
                status: Some(503),
                time: Duration::from_millis(1500),
                ..AttemptRecord::new("p/m", Why::First)
            }],
            ..Response::default()
        };
        let json = serde_json::to_value(&response).unwrap();
        assert_eq!(json["text"], "ab");
        assert_eq!(json["tool_calls"][0]["args_valid"], false);
        assert_eq!(json["attempts"][0]["time"], 1.5);
        assert_eq!(serde_json::from_value::<Response>(json).unwrap(), response);
    }
}
