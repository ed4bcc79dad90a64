//! What the numbers and words at the end of an answer mean.

use super::types::{Incomplete, Usage};
use crate::model::{self, FinishReason, Money};

/// xAI's unit of money: so many are a nano-dollar. ("Cost Tracking": 1 USD is 10,000,000,000 ticks.)
const TICKS: i64 = 10;

/// The finish reason, and the vendor's words for it. A response that is complete and has calls waits for their results.
pub(super) fn finish(status: &str, why: Option<Incomplete>, has_calls: bool) -> (FinishReason, String) {
    let why = why.and_then(|why| why.reason).filter(|_| status == "incomplete");
    let reason = match (status, why.as_deref()) {
        ("completed", _) if has_calls => FinishReason::ToolCalls,
        ("completed", _) => FinishReason::Stop,
        ("incomplete", Some("max_output_tokens" | "max_tokens" | "length")) => FinishReason::Length,
        ("incomplete", Some("content_filter")) => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    };
    (reason, why.map_or_else(|| status.to_owned(), |why| format!("{status}:{why}")))
}

/// Total-inclusive usage, as the API counts by itself. Where a server leaves thinking out of its output, the total says so.
pub(super) fn usage(wire: &Usage) -> model::Usage {
    let (read, wrote) = (wire.input_tokens_details.unwrap_or_default(), wire.output_tokens_details.unwrap_or_default());
    let counts = [
        wire.input_tokens,
        wire.output_tokens,
        wire.total_tokens,
        read.cached_tokens,
        read.cache_write_tokens,
        read.audio_tokens,
        wrote.reasoning_tokens,
        wrote.audio_tokens,
    ]
    .map(Option::unwrap_or_default);
    let [input, output, total, cached, written, heard, thought, spoken] = counts.map(|count| count.value);
    model::Usage {
        input_tokens: input,
        output_tokens: output.max(total.saturating_sub(input)),
        cached_input_tokens: cached,
        cache_write_tokens: written,
        reasoning_tokens: thought,
        input_audio_tokens: heard,
        output_audio_tokens: spoken,
        clamped: counts.iter().any(|count| count.clamped),
        ..model::Usage::default()
    }
    .checked()
}

/// What the provider says it cost: in ticks (xAI), or in dollars (OpenRouter).
pub(super) fn cost(wire: &Usage) -> Option<Money> {
    if let Some(ticks) = wire.cost_in_usd_ticks {
        return Some(Money { nano_usd: i64::try_from(ticks.value).ok()? / TICKS });
    }
    let dollars = wire.cost.filter(|cost| *cost >= 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no answer costs nine billion dollars")]
    let nano_usd = (dollars * 1e9).round() as i64;
    Some(Money { nano_usd })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Usage {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn counts_include_their_parts() {
        let total = usage(&read(
            r#"{"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
                "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
                "output_tokens_details": {"reasoning_tokens": 15}}"#,
        ));
        assert_eq!((total.input_tokens, total.output_tokens, total.reasoning_tokens), (100, 20, 15));
        assert_eq!((total.cached_input_tokens, total.cache_write_tokens, total.clamped), (60, 30, false));
        // The total knows of thinking that the output leaves out.
        let hidden = usage(&read(
            r#"{"input_tokens": 10, "output_tokens": 5, "total_tokens": 35,
                "output_tokens_details": {"reasoning_tokens": 20}}"#,
        ));
        assert_eq!((hidden.output_tokens, hidden.reasoning_tokens, hidden.clamped), (25, 20, false));
        assert!(usage(&read(r#"{"input_tokens": -1}"#)).clamped);
    }

    #[test]
    fn money_in_either_unit() {
        assert_eq!(cost(&read(r#"{"cost_in_usd_ticks": 37756000}"#)), Some(Money { nano_usd: 3_775_600 }));
        assert_eq!(cost(&read(r#"{"cost": 0.00125}"#)), Some(Money { nano_usd: 1_250_000 }));
        assert_eq!(cost(&read(r#"{"cost": -1}"#)), None);
    }

    #[test]
    fn why_it_ended() {
        let because = |reason: &str| Some(Incomplete { reason: Some(reason.to_owned()) });
        let said = |status, why, calls| finish(status, why, calls);
        assert_eq!(said("completed", None, false), (FinishReason::Stop, "completed".to_owned()));
        assert_eq!(said("completed", None, true), (FinishReason::ToolCalls, "completed".to_owned()));
        let cut = (FinishReason::Length, "incomplete:max_output_tokens".to_owned());
        assert_eq!(said("incomplete", because("max_output_tokens"), true), cut);
        let filtered = (FinishReason::ContentFilter, "incomplete:content_filter".to_owned());
        assert_eq!(said("incomplete", because("content_filter"), false), filtered);
        assert_eq!(said("incomplete", None, false), (FinishReason::Other, "incomplete".to_owned()));
    }
}
