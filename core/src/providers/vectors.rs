//! The vectors of an embedding, one for each input.

use crate::error::{Error, Result};

/// The vectors in the order of their inputs: by the index that each says, or as they came where none says one. An answer
/// that leaves one out, says one twice or has one too many would pair texts with the vectors of others: it is an error.
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
    if vectors.iter().any(|(_, vector)| vector.is_empty()) {
        return malformed("answered an empty vector".to_owned());
    }
    Ok(vectors.into_iter().map(|(_, vector)| vector).collect())
}
