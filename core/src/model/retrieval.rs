//! What is asked for to find texts: vectors and rankings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Turn texts into vectors.
#[derive(Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Embed {
    /// The texts.
    #[schemars(required)]
    pub input: Vec<String>,
    /// The length of the vectors, where the model can shorten them.
    pub dimensions: Option<u32>,
    /// What the vectors are for, where the model makes others for each purpose.
    pub input_type: Option<InputType>,
}

/// What vectors are for: some models make others for a question than for the texts that may answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// A query that is to find documents.
    Query,
    /// A document that is to be found.
    Document,
    /// To tell classes of texts apart.
    Classification,
    /// To find groups of texts.
    Clustering,
    /// To compare texts of one kind with each other.
    Similarity,
}

impl InputType {
    pub(crate) const ALL: [InputType; 5] = [
        InputType::Query,
        InputType::Document,
        InputType::Classification,
        InputType::Clustering,
        InputType::Similarity,
    ];

    /// As callers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            InputType::Query => "query",
            InputType::Document => "document",
            InputType::Classification => "classification",
            InputType::Clustering => "clustering",
            InputType::Similarity => "similarity",
        }
    }
}

/// Rank documents by how much they say to a query.
#[derive(Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Rerank {
    /// What is looked for.
    #[schemars(required)]
    pub query: String,
    /// The documents.
    #[schemars(required)]
    pub documents: Vec<String>,
    /// How many to answer with, the best; all by default.
    pub top_n: Option<u32>,
}
