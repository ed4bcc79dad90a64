//! What vendors demand of a request's body: rules of their documentation that a JSON Schema does not say. Each file has
//! those of one protocol, with their sources.

mod anthropic;
mod bedrock_converse;
mod cohere;
mod gemini;
pub mod mistral;
mod ollama;
pub mod openai_chat;
pub mod openai_completions;
mod openai_responses;

use std::collections::HashSet;

use serde_json::Value;

/// What is wrong with a body for a model, if anything.
pub type Rules = fn(&Value, &str) -> Broken;

/// A rule that is broken, in words.
pub type Broken = Result<(), String>;

/// The rules of a protocol.
pub fn of(protocol: &str) -> Rules {
    match protocol {
        "anthropic" | "bedrock-anthropic" | "vertex-anthropic" => anthropic::check,
        "bedrock-converse" => bedrock_converse::check,
        "cohere" => cohere::check,
        "gemini" | "vertex-gemini" => gemini::check,
        "mistral" => mistral::check,
        "ollama" => ollama::check,
        "openai-chat" => openai_chat::check,
        "azure-openai" => openai_chat::of_openai,
        "openai-completions" => openai_completions::check,
        "openai-responses" => openai_responses::check,
        other => panic!("no rules are known for the protocol {other}: write them in tests/behaviour/rules"),
    }
}

/// Returns the error of a broken rule.
macro_rules! rule {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err(format!($($words)+));
        }
    };
}
use rule;

/// The items of a list; none where it is missing.
fn list<'a>(value: &'a Value, key: &str) -> impl DoubleEndedIterator<Item = &'a Value> + ExactSizeIterator {
    value[key].as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Whether a text has 1 to `most` characters, each a letter, a digit or one of `more`.
fn is_word(word: &str, most: usize, more: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    !word.is_empty() && word.chars().count() <= most && word.chars().all(fits)
}

/// What a message does about tools.
enum Step<'a> {
    Calls(Vec<&'a str>),
    Results(Vec<&'a str>),
    Other,
}

/// The results of all calls of a message come right after it, each once, and no two calls have the same id.
fn answered<'a>(steps: impl IntoIterator<Item = Step<'a>>) -> Broken {
    let mut seen = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for step in steps {
        match step {
            Step::Results(ids) => {
                for id in ids {
                    let place = open.iter().position(|call| *call == id);
                    open.remove(place.ok_or_else(|| format!("the result '{id}' stands behind no such call"))?);
                }
            }
            _ if !open.is_empty() => return Err(format!("no result comes right after the calls {open:?}")),
            Step::Calls(ids) => {
                for id in &ids {
                    rule!(seen.insert(*id), "two calls have the id '{id}'");
                }
                open = ids;
            }
            Step::Other => {}
        }
    }
    rule!(open.is_empty(), "no result comes for the calls {open:?}");
    Ok(())
}
