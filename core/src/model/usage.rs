//! Tokens and money.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tokens of one answer. Totals are inclusive: a part never exceeds its total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// All tokens read, `cached_input_tokens` and `cache_write_tokens` among them.
    pub input_tokens: u64,
    /// All tokens written, `reasoning_tokens` among them.
    pub output_tokens: u64,
    /// Input that was read from the provider's cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached_input_tokens: u64,
    /// Input that was written to the provider's cache, of any lifetime.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    /// The part of `cache_write_tokens` that is kept for an hour (Anthropic), which costs more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cache_write_1h_tokens: u64,
    /// Output that was thinking.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u64,
    /// Input that was sound.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub input_audio_tokens: u64,
    /// Output that is sound.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub output_audio_tokens: u64,
    /// What a ranking is billed by where it is not by tokens (Cohere): a query with up to 100 documents is one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub search_units: u64,
    /// The gateway counted because the provider did not say.
    #[serde(default)]
    pub estimated: bool,
    /// The provider's numbers were impossible (negative, or a part above its total) and were clamped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clamped: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Usage {
    /// Input and output together.
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Both together.
    #[must_use]
    pub(crate) fn plus(&self, more: &Usage) -> Usage {
        let sum = u64::saturating_add;
        Usage {
            input_tokens: sum(self.input_tokens, more.input_tokens),
            output_tokens: sum(self.output_tokens, more.output_tokens),
            cached_input_tokens: sum(self.cached_input_tokens, more.cached_input_tokens),
            cache_write_tokens: sum(self.cache_write_tokens, more.cache_write_tokens),
            cache_write_1h_tokens: sum(self.cache_write_1h_tokens, more.cache_write_1h_tokens),
            reasoning_tokens: sum(self.reasoning_tokens, more.reasoning_tokens),
            input_audio_tokens: sum(self.input_audio_tokens, more.input_audio_tokens),
            output_audio_tokens: sum(self.output_audio_tokens, more.output_audio_tokens),
            search_units: sum(self.search_units, more.search_units),
            estimated: self.estimated || more.estimated,
            clamped: self.clamped || more.clamped,
        }
    }

    /// Makes the parts fit into the totals, and notes it in `clamped` where they did not.
    #[must_use]
    pub fn checked(mut self) -> Self {
        // OpenRouter counts what was both written and read twice, so that only each by itself has to fit.
        if self.cached_input_tokens.max(self.cache_write_tokens) > self.input_tokens {
            self.input_tokens = self.cached_input_tokens.saturating_add(self.cache_write_tokens);
            self.clamped = true;
        }
        for part in [&mut self.reasoning_tokens, &mut self.output_audio_tokens] {
            if *part > self.output_tokens {
                *part = self.output_tokens;
                self.clamped = true;
            }
        }
        if self.input_audio_tokens > self.input_tokens {
            self.input_audio_tokens = self.input_tokens;
            self.clamped = true;
        }
        if self.cache_write_1h_tokens > self.cache_write_tokens {
            self.cache_write_1h_tokens = self.cache_write_tokens;
            self.clamped = true;
        }
        self
    }
}

/// An amount of money: an integer of nano-dollars, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "WrittenMoney", from = "WrittenMoney")]
pub struct Money {
    /// Nano-dollars: 1 USD is 1,000,000,000.
    pub nano_usd: i64,
}

/// An amount of money.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Money")]
struct WrittenMoney {
    /// Nano-dollars: 1 USD is 1,000,000,000. An integer, so that sums are exact.
    nano_usd: i64,
    /// The same in dollars, as an exact decimal.
    #[serde(default)]
    usd: String,
}

impl Money {
    /// Both together.
    #[must_use]
    pub(crate) fn plus(self, more: Money) -> Money {
        Money { nano_usd: self.nano_usd.saturating_add(more.nano_usd) }
    }
}

impl From<Money> for WrittenMoney {
    fn from(money: Money) -> Self {
        WrittenMoney { nano_usd: money.nano_usd, usd: money.to_string() }
    }
}

impl From<WrittenMoney> for Money {
    /// What follows from the integer is not read back.
    fn from(money: WrittenMoney) -> Self {
        Money { nano_usd: money.nano_usd }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.nano_usd < 0 { "-" } else { "" };
        let nano = self.nano_usd.unsigned_abs();
        let text = format!("{sign}{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
