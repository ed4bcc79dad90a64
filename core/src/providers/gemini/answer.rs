//! Answers as they come over the wire. Source: the reference of `GenerateContentResponse` (Gemini API and Vertex AI).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::providers::count::Count;
use crate::providers::json;

/// A whole answer, or one chunk of a stream: they have the same form.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk<'a> {
    #[serde(default, borrow, deserialize_with = "nullable")]
    pub(super) candidates: Vec<Candidate<'a>>,
    pub(super) prompt_feedback: Option<PromptFeedback>,
    pub(super) usage_metadata: Option<UsageMetadata>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) error: Option<Box<Value>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<Count>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    pub(super) finish_reason: Option<Word>,
    pub(super) grounding_metadata: Option<Box<Value>>,
    pub(super) citation_metadata: Option<CitationMetadata>,
    pub(super) logprobs_result: Option<Box<LogprobsResult>>,
}

#[derive(serde::Deserialize)]
pub(super) struct Content<'a> {
    #[serde(default, borrow, deserialize_with = "nullable")]
    pub(super) parts: Vec<Part<'a>>,
}

/// One part. It has at most one of the kinds; what is not known stays in `rest` as it came. All but text is boxed: a part is
/// moved more than it is read.
#[derive(Default)]
pub(super) struct Part<'a> {
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) thought: bool,
    pub(super) signature: Option<String>,
    pub(super) function_call: Option<Box<FunctionCall<'a>>>,
    pub(super) inline_data: Option<Box<Blob>>,
    pub(super) file_data: Option<Box<FileData>>,
    pub(super) rest: Map<String, Value>,
}

/// By hand: a flattened rest would copy every text, and could not keep arguments as they are written.
impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor<'a>(std::marker::PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for PartVisitor<'a> {
            type Value = Part<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a part")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Part<'a>, M::Error> {
                let mut part = Part::default();
                while let Some(json::Text(key)) = map.next_key()? {
                    match &*key {
                        "text" => part.text = map.next_value::<Option<json::Text<'a>>>()?.map(|text| text.0),
                        "thought" => part.thought = map.next_value::<Option<bool>>()?.unwrap_or_default(),
                        "thoughtSignature" => part.signature = map.next_value()?,
                        "functionCall" => part.function_call = map.next_value()?,
                        "inlineData" => part.inline_data = map.next_value()?,
                        "fileData" => part.file_data = map.next_value()?,
                        _ => {
                            part.rest.insert(key.into_owned(), map.next_value()?);
                        }
                    }
                }
                Ok(part)
            }
        }

        deserializer.deserialize_map(PartVisitor(std::marker::PhantomData))
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionCall<'a> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
    /// Vertex AI: pieces of the arguments, where the request asks for them.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) partial_args: Vec<PartialArg>,
    pub(super) will_continue: Option<bool>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialArg {
    pub(super) json_path: String,
    pub(super) string_value: Option<String>,
    pub(super) number_value: Option<Number>,
    pub(super) bool_value: Option<bool>,
    #[serde(default)]
    pub(super) will_continue: bool,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob {
    pub(super) mime_type: Option<String>,
    #[serde(default)]
    pub(super) data: String,
    pub(super) display_name: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileData {
    pub(super) mime_type: Option<String>,
    pub(super) file_uri: String,
    pub(super) display_name: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    pub(super) block_reason: Option<Word>,
}

/// A value of an enumeration: its name, or its number where the client asked for `enum-encoding=int`.
pub(super) enum Word {
    Name(String),
    Number(i64),
}

/// By hand: an untagged enum would copy each, and chunks have one for each kind of token.
impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordVisitor;

        impl Visitor<'_> for WordVisitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a number")
            }
            fn visit_str<E>(self, name: &str) -> Result<Word, E> {
                Ok(Word::Name(name.to_owned()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Word, E> {
                Ok(Word::Number(number))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Word, E> {
                i64::try_from(number).map(Word::Number).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(WordVisitor)
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CitationMetadata {
    /// The Gemini API says `citationSources`, Vertex AI `citations`.
    #[serde(default, alias = "citationSources", deserialize_with = "nullable")]
    pub(super) citations: Vec<CitationSource>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CitationSource {
    pub(super) start_index: Option<Count>,
    pub(super) end_index: Option<Count>,
    pub(super) uri: Option<String>,
    pub(super) title: Option<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroundingMetadata {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) grounding_chunks: Vec<GroundingChunk>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) grounding_supports: Vec<GroundingSupport>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroundingChunk {
    pub(super) web: Option<Source>,
    pub(super) retrieved_context: Option<Source>,
    pub(super) maps: Option<Source>,
    pub(super) image: Option<Source>,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    #[serde(alias = "sourceUri")]
    pub(super) uri: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroundingSupport {
    pub(super) segment: Option<Segment>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) grounding_chunk_indices: Vec<Count>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    /// Zero is left out.
    #[serde(default)]
    pub(super) start_index: Count,
    #[serde(default)]
    pub(super) end_index: Count,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogprobsResult {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) chosen_candidates: Vec<LogprobCandidate>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) top_candidates: Vec<TopCandidates>,
}

#[derive(serde::Deserialize)]
pub(super) struct TopCandidates {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) candidates: Vec<LogprobCandidate>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogprobCandidate {
    #[serde(default)]
    pub(super) token: String,
    /// Zero, which is certainty, is left out.
    #[serde(default)]
    pub(super) log_probability: f64,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsageMetadata {
    pub(super) prompt_token_count: Option<Count>,
    pub(super) tool_use_prompt_token_count: Option<Count>,
    pub(super) candidates_token_count: Option<Count>,
    pub(super) thoughts_token_count: Option<Count>,
    pub(super) cached_content_token_count: Option<Count>,
    pub(super) prompt_tokens_details: Option<Vec<ModalityTokens>>,
    pub(super) candidates_tokens_details: Option<Vec<ModalityTokens>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModalityTokens {
    pub(super) modality: Option<Word>,
    #[serde(default)]
    pub(super) token_count: Count,
}

/// Null for a list is an empty list.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_forgives_what_is_odd_and_keeps_what_is_unknown() {
        let room = json::Room::default();
        let part: Part<'_> = json::parse(br#"{"text": "a", "thought": "yes", "new": [1]}"#, &room).unwrap();
        assert_eq!((part.text.as_deref(), part.thought), (Some("a"), false));
        assert_eq!(part.rest.get("new"), Some(&serde_json::json!([1])));
    }

    #[test]
    fn words_are_names_or_numbers() {
        let read = |json: &str| match serde_json::from_str(json) {
            Ok(Word::Name(name)) => name,
            Ok(Word::Number(number)) => number.to_string(),
            Err(_) => "none".to_owned(),
        };
        assert_eq!(
            [r#""STOP""#, "-1", "7", "1.5", "18446744073709551615", "[]"].map(read),
            ["STOP", "-1", "7", "none", "none", "none"]
        );
    }
}
