//! Embeddings: how providers differ in them, and the vectors of an answer, one for each text.

use crate::codec::Unsupported;
use crate::error::{Error, Result};
use crate::model::{Embed, InputType};
use crate::target::Target;

/// How a provider's embeddings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embeddings {
    /// The field that sets the length of the vectors.
    pub dimensions: &'static str,
    /// The field that says what they are for, if there is one.
    pub input_types: Option<InputTypes>,
    /// The field, and what it says, that asks for vectors as base64 of their numbers, which is a third as long as the
    /// numbers in JSON and faster to read. `None` where it is not known to work.
    pub base64: Option<(&'static str, &'static str)>,
    /// What one request may hold. More texts go in several requests.
    pub batch: Batch,
}

impl Embeddings {
    /// As `OpenAI`'s API has them, with nothing known of what a request may hold.
    pub const PLAIN: Embeddings =
        Embeddings { dimensions: "dimensions", input_types: None, base64: None, batch: Batch::ANY };

    /// How base64 is mostly asked for.
    pub const BASE64: Option<(&str, &str)> = Some(("encoding_format", "base64"));
}

/// How a provider is told what vectors are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputTypes {
    /// The field.
    pub field: &'static str,
    /// The provider's word for each purpose that it knows.
    pub words: &'static [(InputType, &'static str)],
}

impl InputTypes {
    /// Cohere's, wherever its models are.
    pub(crate) const COHERE: InputTypes = InputTypes {
        field: "input_type",
        words: &[
            (InputType::Query, "search_query"),
            (InputType::Document, "search_document"),
            (InputType::Classification, "classification"),
            (InputType::Clustering, "clustering"),
        ],
    };

    /// Google's: the Gemini API's field. "Embeddings", "Task types": there are three more, for `extra`.
    pub(crate) const GEMINI: InputTypes = InputTypes {
        field: "taskType",
        words: &[
            (InputType::Query, "RETRIEVAL_QUERY"),
            (InputType::Document, "RETRIEVAL_DOCUMENT"),
            (InputType::Classification, "CLASSIFICATION"),
            (InputType::Clustering, "CLUSTERING"),
            (InputType::Similarity, "SEMANTIC_SIMILARITY"),
        ],
    };

    /// The provider's word.
    pub(crate) fn word(&self, purpose: InputType) -> Option<&'static str> {
        self.words.iter().find(|(known, _)| *known == purpose).map(|(_, word)| *word)
    }

    /// Notes a purpose that is not among `types`.
    pub(crate) fn check(types: Option<&InputTypes>, embed: &Embed, target: &Target, found: &mut Vec<Unsupported>) {
        let Some(purpose) = embed.input_type else { return };
        if types.and_then(|types| types.word(purpose)).is_none() {
            let problem = format!("{} has no vectors made for '{}'", target.label, purpose.as_str());
            found.push(Unsupported::new("input_type", problem));
        }
    }
}

/// The most that one request for vectors may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Texts.
    pub texts: usize,
    /// Bytes of all texts, where the provider limits their tokens: hardly any text has more than a token for two bytes.
    /// A text that is longer by itself goes alone.
    pub bytes: usize,
}

impl Batch {
    /// Anything.
    pub const ANY: Batch = Batch::texts(usize::MAX);

    /// So many texts of any length.
    pub const fn texts(texts: usize) -> Self {
        Batch { texts, bytes: usize::MAX }
    }

    /// So many texts that have so many tokens together.
    pub const fn tokens(texts: usize, tokens: usize) -> Self {
        Batch { texts, bytes: 2 * tokens }
    }
}

/// The vectors in the order of their inputs: by the index that each says, or as they came where none says one. An answer
/// that leaves one out, says one twice or has one too many would pair texts with the vectors of others: it is an error. So
/// is one whose vectors cannot be compared.
pub(crate) fn in_order(
    mut vectors: Vec<(Option<usize>, Vec<f32>)>,
    inputs: usize,
    label: &str,
) -> Result<Vec<Vec<f32>>> {
    if vectors.is_empty() {
        return Err(Error::protocol("empty_response", format!("{label} answered without any vector")));
    }
    let malformed = |problem: String| Err(Error::protocol("malformed_response", format!("{label} {problem}")));
    if vectors.len() != inputs {
        return malformed(format!("answered {} vectors for {inputs} texts", vectors.len()));
    }
    if vectors.iter().any(|(index, _)| index.is_some()) {
        vectors.sort_by_key(|(index, _)| *index);
        if (0..).zip(&vectors).any(|(at, (index, _))| *index != Some(at)) {
            return malformed("answered vectors whose indices are not those of the texts".to_owned());
        }
    }
    let vectors: Vec<_> = vectors.into_iter().map(|(_, vector)| vector).collect();
    if vectors.iter().any(Vec::is_empty) {
        return malformed("answered an empty vector".to_owned());
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return malformed("answered a vector with numbers that are none".to_owned());
    }
    same_length(&vectors, label)?;
    Ok(vectors)
}

/// An error where vectors differ in length: they are of different models, and say nothing of each other.
pub(crate) fn same_length(vectors: &[Vec<f32>], label: &str) -> Result<()> {
    let length = vectors.first().map_or(0, Vec::len);
    let Some(other) = vectors.iter().find(|vector| vector.len() != length) else { return Ok(()) };
    let problem = format!("{label} answered vectors of different lengths, {length} and {}", other.len());
    Err(Error::protocol("malformed_response", problem))
}
