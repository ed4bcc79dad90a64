//! Why an answer ended, and what it took.

use super::answer::{ModalityTokens, UsageMetadata, Word};
use crate::model::{FinishReason, Usage};

/// The names behind the numbers of `enum-encoding=int`. The two APIs count the same reasons differently.
pub(in crate::providers) struct Names {
    finish_reasons: &'static [&'static str],
    block_reasons: &'static [&'static str],
}

impl Names {
    /// Source: `google.ai.generativelanguage.v1beta`, `Candidate.FinishReason` and `PromptFeedback.BlockReason`.
    pub(in crate::providers) const GEMINI: Names = Names {
        finish_reasons: &[
            "FINISH_REASON_UNSPECIFIED",
            "STOP",
            "MAX_TOKENS",
            "SAFETY",
            "RECITATION",
            "OTHER",
            "LANGUAGE",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "MALFORMED_FUNCTION_CALL",
            "IMAGE_SAFETY",
            "UNEXPECTED_TOOL_CALL",
        ],
        block_reasons: &[
            "BLOCK_REASON_UNSPECIFIED",
            "SAFETY",
            "OTHER",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "IMAGE_SAFETY",
        ],
    };

    /// Source: `google.cloud.aiplatform.v1`, `Candidate.FinishReason` and `PromptFeedback.BlockedReason`.
    pub(in crate::providers) const VERTEX: Names = Names {
        finish_reasons: &[
            "FINISH_REASON_UNSPECIFIED",
            "STOP",
            "MAX_TOKENS",
            "SAFETY",
            "RECITATION",
            "OTHER",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "MALFORMED_FUNCTION_CALL",
            "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "IMAGE_OTHER",
            "UNEXPECTED_TOOL_CALL",
            "NO_IMAGE",
        ],
        block_reasons: &[
            "BLOCKED_REASON_UNSPECIFIED",
            "SAFETY",
            "OTHER",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "JAILBREAK",
        ],
    };
}

const MODALITIES: [&str; 6] = ["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"];

impl Word {
    pub(super) fn finish_reason(self, names: &Names) -> String {
        self.name(names.finish_reasons)
    }

    pub(super) fn block_reason(self, names: &Names) -> String {
        self.name(names.block_reasons)
    }

    fn is_audio(&self) -> bool {
        match self {
            Word::Name(name) => name == "AUDIO",
            Word::Number(number) => usize::try_from(*number).ok().and_then(|n| MODALITIES.get(n)) == Some(&"AUDIO"),
        }
    }

    fn name(self, names: &[&str]) -> String {
        match self {
            Word::Name(name) => name,
            Word::Number(number) => match usize::try_from(number).ok().and_then(|n| names.get(n)) {
                Some(name) => (*name).to_owned(),
                None => number.to_string(),
            },
        }
    }
}

/// The finish reason. The protocol says `STOP` for an answer that waits for tools too.
pub(super) fn finish_reason(raw: &str, has_tool_calls: bool) -> FinishReason {
    match raw {
        "STOP" if has_tool_calls => FinishReason::ToolCalls,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "JAILBREAK" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

/// Takes over what a later chunk says; what it leaves out stays as it was.
pub(super) fn merge(known: Option<UsageMetadata>, new: UsageMetadata) -> UsageMetadata {
    let Some(old) = known else { return new };
    UsageMetadata {
        prompt_token_count: new.prompt_token_count.or(old.prompt_token_count),
        tool_use_prompt_token_count: new.tool_use_prompt_token_count.or(old.tool_use_prompt_token_count),
        candidates_token_count: new.candidates_token_count.or(old.candidates_token_count),
        thoughts_token_count: new.thoughts_token_count.or(old.thoughts_token_count),
        cached_content_token_count: new.cached_content_token_count.or(old.cached_content_token_count),
        prompt_tokens_details: new.prompt_tokens_details.or(old.prompt_tokens_details),
        candidates_tokens_details: new.candidates_tokens_details.or(old.candidates_tokens_details),
    }
}

/// Total-inclusive usage: tool results that the provider read count as input, thinking as output. `None` where no count
/// came at all.
pub(super) fn usage(wire: &UsageMetadata) -> Option<Usage> {
    let counts = [
        wire.prompt_token_count,
        wire.tool_use_prompt_token_count,
        wire.candidates_token_count,
        wire.thoughts_token_count,
        wire.cached_content_token_count,
    ];
    if counts.iter().all(Option::is_none) {
        return None;
    }
    let [prompt, tool_use, candidates, thoughts, cached] = counts.map(Option::unwrap_or_default);
    let usage = Usage {
        input_tokens: prompt.value.saturating_add(tool_use.value),
        output_tokens: candidates.value.saturating_add(thoughts.value),
        cached_input_tokens: cached.value,
        reasoning_tokens: thoughts.value,
        input_audio_tokens: audio(wire.prompt_tokens_details.as_deref()),
        output_audio_tokens: audio(wire.candidates_tokens_details.as_deref()),
        clamped: [prompt, tool_use, candidates, thoughts, cached].iter().any(|count| count.clamped),
        ..Usage::default()
    };
    Some(usage.checked())
}

fn audio(details: Option<&[ModalityTokens]>) -> u64 {
    let heard = details.unwrap_or_default().iter().filter(|it| it.modality.as_ref().is_some_and(Word::is_audio));
    heard.fold(0, |sum, it| sum.saturating_add(it.token_count.value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> UsageMetadata {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn totals_include_their_parts() {
        let usage = usage(&read(json!({
            "promptTokenCount": 100, "toolUsePromptTokenCount": 20, "cachedContentTokenCount": 60,
            "candidatesTokenCount": 7, "thoughtsTokenCount": 30,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 75}, {"modality": "AUDIO", "tokenCount": 25}],
            "candidatesTokensDetails": [{"modality": 4, "tokenCount": 3}]
        })));
        let usage = usage.unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (120, 37));
        assert_eq!((usage.cached_input_tokens, usage.reasoning_tokens), (60, 30));
        assert_eq!((usage.input_audio_tokens, usage.output_audio_tokens), (25, 3));
        assert!(!usage.clamped);
    }

    #[test]
    fn a_later_chunk_replaces_what_it_says() {
        let first = read(json!({"promptTokenCount": 9, "thoughtsTokenCount": 4}));
        let last = read(json!({"promptTokenCount": 10, "candidatesTokenCount": 2}));
        let usage = usage(&merge(Some(first), last)).unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.reasoning_tokens), (10, 6, 4));
    }

    #[test]
    fn impossible_counts_are_clamped_and_said() {
        let wire = r#"{"promptTokenCount": -5, "candidatesTokenCount": 1e30,
            "cachedContentTokenCount": 99999999999999999999}"#;
        let wire = serde_json::from_str(wire).unwrap();
        let usage = usage(&wire).unwrap();
        assert!(usage.clamped);
        assert!(usage.cached_input_tokens <= usage.input_tokens);
    }

    #[test]
    fn no_count_is_no_usage() {
        assert_eq!(usage(&read(json!({"trafficType": "ON_DEMAND"}))), None);
    }

    #[test]
    fn finish_reasons() {
        let table = [
            ("STOP", false, FinishReason::Stop),
            ("STOP", true, FinishReason::ToolCalls),
            ("MAX_TOKENS", true, FinishReason::Length),
            ("SPII", false, FinishReason::ContentFilter),
            ("MALFORMED_FUNCTION_CALL", false, FinishReason::Other),
            ("SOMETHING_NEW", false, FinishReason::Other),
        ];
        for (raw, calls, want) in table {
            assert_eq!(finish_reason(raw, calls), want, "{raw}");
        }
        let (gemini, vertex) = (&Names::GEMINI, &Names::VERTEX);
        assert_eq!([gemini, vertex].map(|it| Word::Number(2).finish_reason(it)), ["MAX_TOKENS", "MAX_TOKENS"]);
        assert_eq!([gemini, vertex].map(|it| Word::Number(8).finish_reason(it)), ["PROHIBITED_CONTENT", "SPII"]);
        assert_eq!(Word::Number(-1).finish_reason(gemini), "-1");
        assert_eq!([gemini, vertex].map(|it| Word::Number(5).block_reason(it)), ["IMAGE_SAFETY", "MODEL_ARMOR"]);
    }
}
