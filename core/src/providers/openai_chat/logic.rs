//! What the numbers and words of an answer mean.

use super::types;
use crate::model::{FinishReason, Money, Usage};

/// The finish reason; servers that say `stop` although they call tools mean `tool_calls`.
pub(in crate::providers) fn finish_reason(raw: Option<&str>, has_tool_calls: bool) -> FinishReason {
    match raw {
        Some("stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence") | None if has_tool_calls => {
            FinishReason::ToolCalls
        }
        Some("stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence") => FinishReason::Stop,
        Some("length" | "max_tokens" | "model_length" | "model_context_window_exceeded") => FinishReason::Length,
        Some("tool_calls" | "function_call" | "tool_use") => FinishReason::ToolCalls,
        // Z.ai says "sensitive", Anthropic's models "refusal".
        Some("content_filter" | "safety" | "sensitive" | "refusal") => FinishReason::ContentFilter,
        // Gemini's OpenAI endpoint says why: "content_filter: RECITATION".
        Some(raw) if raw.starts_with("content_filter:") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

/// Total-inclusive usage. Some servers leave thinking out of `completion_tokens` (xAI, Gemini's OpenAI endpoint): there
/// the total says what was written in all.
pub(in crate::providers) fn usage(wire: &types::Usage) -> Usage {
    let prompt = wire.prompt_tokens;
    let completion = wire.completion_tokens;
    let total = wire.total_tokens;
    let prompt_details = wire.prompt_tokens_details.as_ref().or(wire.prompt_token_details.as_ref());
    let completion_details = wire.completion_tokens_details.as_ref();
    let cached = prompt_details.map(|details| details.cached_tokens).unwrap_or_default();
    let hit = wire.prompt_cache_hit_tokens.or(wire.num_cached_tokens).or(wire.cached_tokens);
    let hit = hit.or(wire.cache_read_input_tokens).unwrap_or_default();
    let written = prompt_details.map(|details| details.cache_write_tokens).filter(|count| count.value > 0);
    let written = written.or(prompt_details.map(|details| details.cache_creation_input_tokens));
    let written = written.filter(|count| count.value > 0).or(wire.cache_creation_input_tokens).unwrap_or_default();
    let heard = prompt_details.map(|details| details.audio_tokens).filter(|heard| heard.value > 0);
    let heard = heard.or(wire.audio_tokens).unwrap_or_default();
    let seconds = wire.prompt_audio_seconds.unwrap_or_default();
    let thought = completion_details.map(|details| details.reasoning_tokens);
    let thought = thought.or(wire.reasoning_tokens).unwrap_or_default();
    let spoken = completion_details.map(|details| details.audio_tokens).unwrap_or_default();
    let all = [prompt, completion, total, cached, hit, written, heard, thought, spoken];
    let rest = total.value.saturating_sub(prompt.value.saturating_add(completion.value));
    // Mistral leaves what it heard out of `prompt_tokens`.
    let beside = rest > 0 && (rest == heard.value || (heard.value == 0 && seconds.value > 0));
    let input = if beside { prompt.value.saturating_add(rest) } else { prompt.value };
    Usage {
        input_tokens: input,
        output_tokens: completion.value.max(total.value.saturating_sub(input)),
        cached_input_tokens: cached.value.max(hit.value),
        cache_write_tokens: written.value,
        reasoning_tokens: thought.value,
        input_audio_tokens: if beside { rest } else { heard.value },
        output_audio_tokens: spoken.value,
        clamped: all.iter().any(|count| count.clamped),
        ..Usage::default()
    }
    .checked()
}

/// What the provider says it cost.
pub(in crate::providers) fn cost(wire: &types::Usage) -> Option<Money> {
    let cost = wire.cost.as_ref()?;
    money(cost.get("total_cost").unwrap_or(cost).as_f64()?)
}

/// An amount of US dollars.
pub(in crate::providers) fn money(dollars: f64) -> Option<Money> {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no answer costs nine billion dollars")]
    let nano_usd = (dollars * 1e9).round() as i64;
    (dollars >= 0.0).then_some(Money { nano_usd })
}
