//! Grounding and citation metadata become citations.

use serde_json::{Map, Value};

use super::answer::{Candidate, CitationSource, GroundingChunk, GroundingMetadata};
use crate::model::{Citation, State};

/// A citation, with the provider's own form of it beside the first of several.
pub(super) type Sourced = (Citation, Option<Box<State>>);

/// The sources of a candidate, in its own order.
pub(super) fn sources(candidate: &mut Candidate<'_>, provider: &str) -> Vec<Sourced> {
    let mut found = Vec::new();
    if let Some(raw) = candidate.grounding_metadata.take() {
        let grounding = serde_json::from_value::<GroundingMetadata>(Value::clone(&raw)).unwrap_or_default();
        for (index, chunk) in (0_u64..).zip(&grounding.grounding_chunks) {
            found.push((grounded(chunk, index, &grounding), None));
        }
        // Search suggestions and all supported passages are in the whole of it only.
        if let Some((_, state)) = found.first_mut() {
            let mut data = Map::new();
            data.insert("groundingMetadata".to_owned(), *raw);
            *state = Some(Box::new(State { provider: provider.to_owned(), data }));
        }
    }
    let cited = candidate.citation_metadata.take().map(|metadata| metadata.citations).unwrap_or_default();
    found.extend(cited.into_iter().map(|source| (citation(source), None)));
    found
}

/// A source, and the first passage that it supports.
fn grounded(chunk: &GroundingChunk, index: u64, grounding: &GroundingMetadata) -> Citation {
    let kinds = [&chunk.web, &chunk.retrieved_context, &chunk.maps, &chunk.image];
    let source = kinds.into_iter().find_map(Option::as_ref);
    let supports = |index| {
        let mut all = grounding.grounding_supports.iter();
        all.find(|support| support.grounding_chunk_indices.iter().any(|of| of.value == index))
    };
    let segment = supports(index).and_then(|support| support.segment.as_ref());
    Citation {
        url: source.and_then(|source| source.uri.clone()),
        title: source.and_then(|source| source.title.clone()),
        cited_text: source.and_then(|source| source.text.clone()),
        start: segment.map(|segment| segment.start_index.value),
        end: segment.map(|segment| segment.end_index.value),
    }
}

fn citation(source: CitationSource) -> Citation {
    Citation {
        url: source.uri,
        title: source.title,
        cited_text: None,
        start: source.start_index.map(|count| count.value),
        end: source.end_index.map(|count| count.value),
    }
}

/// Whether a later chunk of a stream repeats a source: some streams send all that were found so far each time.
pub(super) fn same_source(a: &Citation, b: &Citation) -> bool {
    a.url == b.url && a.title == b.title && a.cited_text == b.cited_text
}
