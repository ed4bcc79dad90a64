//! Log probabilities, in the forms that they come in.
//!
//! Sources: the OpenAI API reference, "The chat completion object" and "The completion object"; the Together API reference,
//! "Create chat completion".

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::model::TokenLogprob;

/// The log probabilities of an answer, or of a chunk of one.
pub(in crate::providers) enum Logprobs {
    Lists(Box<Lists>),
    /// Together, in a stream: that of the chunk's text.
    OfText(f64),
}

/// The form of chats; or that of completions, which has a list for each fact, all of one length (Together has it for chats too).
#[derive(Deserialize)]
pub(in crate::providers) struct Lists {
    content: Option<Vec<Logprob>>,
    tokens: Option<Vec<String>>,
    token_logprobs: Option<Vec<Option<f64>>>,
    top_logprobs: Option<Vec<Option<Map<String, Value>>>>,
}

#[derive(Deserialize)]
struct Logprob {
    token: String,
    logprob: Option<f64>,
    top_logprobs: Option<Vec<Logprob>>,
}

impl Logprobs {
    /// One entry a token; `text` is what came with them.
    pub(in crate::providers) fn tokens(self, text: Option<&str>) -> Vec<TokenLogprob> {
        match (self, text) {
            (Logprobs::Lists(lists), _) => lists.tokens(),
            (Logprobs::OfText(logprob), Some(text)) => {
                vec![TokenLogprob { token: text.to_owned(), logprob, top: Vec::new() }]
            }
            (Logprobs::OfText(_), None) => Vec::new(),
        }
    }
}

impl Lists {
    fn tokens(self) -> Vec<TokenLogprob> {
        if let Some(content) = self.content.filter(|content| !content.is_empty()) {
            return content.into_iter().map(Logprob::token).collect();
        }
        // The first token of an echoed prompt follows nothing, and has no probability.
        let mut chances = self.token_logprobs.unwrap_or_default().into_iter();
        let mut tops = self.top_logprobs.unwrap_or_default().into_iter();
        let one = |token| TokenLogprob {
            token,
            logprob: chances.next().flatten().unwrap_or(f64::MIN),
            top: tops.next().flatten().map(alternatives).unwrap_or_default(),
        };
        self.tokens.unwrap_or_default().into_iter().map(one).collect()
    }
}

impl Logprob {
    fn token(self) -> TokenLogprob {
        TokenLogprob {
            token: self.token,
            logprob: self.logprob.unwrap_or(f64::MIN),
            top: self.top_logprobs.into_iter().flatten().map(Logprob::token).collect(),
        }
    }
}

/// The alternatives, the likeliest first.
fn alternatives(top: Map<String, Value>) -> Vec<TokenLogprob> {
    let one = |(token, chance): (String, Value)| TokenLogprob {
        token,
        logprob: chance.as_f64().unwrap_or(f64::MIN),
        top: Vec::new(),
    };
    let mut all: Vec<_> = top.into_iter().map(one).collect();
    all.sort_by(|a, b| b.logprob.total_cmp(&a.logprob));
    all
}

/// By hand: an untagged enum would copy each, and streams have one for each token.
impl<'de> Deserialize<'de> for Logprobs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LogprobsVisitor;

        impl<'de> Visitor<'de> for LogprobsVisitor {
            type Value = Logprobs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lists of log probabilities, or one")
            }
            fn visit_f64<E>(self, logprob: f64) -> Result<Logprobs, E> {
                Ok(Logprobs::OfText(logprob))
            }
            fn visit_i64<E: Error>(self, logprob: i64) -> Result<Logprobs, E> {
                i32::try_from(logprob).map(|logprob| Logprobs::OfText(logprob.into())).map_err(E::custom)
            }
            fn visit_u64<E: Error>(self, logprob: u64) -> Result<Logprobs, E> {
                i32::try_from(logprob).map(|logprob| Logprobs::OfText(logprob.into())).map_err(E::custom)
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Logprobs, M::Error> {
                Lists::deserialize(MapAccessDeserializer::new(map)).map(|lists| Logprobs::Lists(Box::new(lists)))
            }
        }

        deserializer.deserialize_any(LogprobsVisitor)
    }
}
