//! Anthropic's token counts.

use serde::Deserialize;

use crate::model;
use crate::providers::count::Count;

/// Counts as sent. A stream sends them at its start and, cumulatively, at its end.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Usage {
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
    cache_read_input_tokens: Option<Count>,
    cache_creation_input_tokens: Option<Count>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Option<Count>,
    ephemeral_1h_input_tokens: Option<Count>,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct OutputDetails {
    thinking_tokens: Option<Count>,
}

impl Usage {
    /// Takes over what a later report says; what it leaves out stands.
    pub(super) fn merge(&mut self, later: Usage) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
        self.output_tokens_details = later.output_tokens_details.or(self.output_tokens_details);
    }

    /// Total-inclusive: Anthropic's `input_tokens` is what was neither read from the cache nor written to it.
    pub(super) fn total(self) -> model::Usage {
        let mut clamped = false;
        let mut take = |count: Option<Count>| {
            let count = count.unwrap_or_default();
            clamped |= count.clamped;
            count.value
        };
        let creation = self.cache_creation.unwrap_or_default();
        let five_minutes = take(creation.ephemeral_5m_input_tokens);
        let one_hour = take(creation.ephemeral_1h_input_tokens);
        let written = match self.cache_creation_input_tokens {
            Some(count) => take(Some(count)),
            None => five_minutes.saturating_add(one_hour),
        };
        let read = take(self.cache_read_input_tokens);
        let fresh = take(self.input_tokens);
        let output = take(self.output_tokens);
        let thinking = take(self.output_tokens_details.unwrap_or_default().thinking_tokens);
        let input = fresh.saturating_add(read).saturating_add(written);
        // Like each count, their sum stays within what every language can show.
        let most = i64::MAX.unsigned_abs();
        clamped |= input > most;
        model::Usage {
            input_tokens: input.min(most),
            output_tokens: output,
            cached_input_tokens: read,
            cache_write_tokens: written,
            cache_write_1h_tokens: one_hour,
            reasoning_tokens: thinking,
            clamped,
            ..model::Usage::default()
        }
        .checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Usage {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_cache_is_part_of_the_input() {
        let mut usage = read(
            r#"{"input_tokens": 3, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 30, "output_tokens": 1,
                "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}"#,
        );
        usage.merge(read(r#"{"output_tokens": 50, "output_tokens_details": {"thinking_tokens": 40}}"#));
        let total = usage.total();
        assert_eq!((total.input_tokens, total.output_tokens), (133, 50));
        assert_eq!((total.cached_input_tokens, total.cache_write_tokens, total.cache_write_1h_tokens), (100, 30, 20));
        assert_eq!((total.reasoning_tokens, total.clamped), (40, false));
    }

    #[test]
    fn impossible_counts_are_clamped() {
        let total = read(r#"{"input_tokens": -5, "output_tokens": 1e300, "cache_read_input_tokens": null}"#).total();
        assert_eq!((total.input_tokens, total.output_tokens, total.clamped), (0, i64::MAX.unsigned_abs(), true));
    }
}
