//! A token count as providers send it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// A count of tokens, read whatever a provider makes of it: a negative or a fraction is clamped, and `clamped` says so,
/// so that a wrong number is neither lost nor ever a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) value: u64,
    pub(crate) clamped: bool,
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }
    fn visit_u64<E>(self, value: u64) -> Result<Count, E> {
        // Beyond what a signed 64-bit integer holds no language of ours can show it.
        let most = i64::MAX.unsigned_abs();
        Ok(Count { value: value.min(most), clamped: value > most })
    }
    fn visit_i64<E>(self, value: i64) -> Result<Count, E> {
        Ok(Count { value: u64::try_from(value).unwrap_or(0), clamped: value < 0 })
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is what is wanted"
    )]
    #[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "the comparison asks whether the cast was exact")]
    fn visit_f64<E>(self, value: f64) -> Result<Count, E> {
        let count = (value as u64).min(i64::MAX.unsigned_abs());
        Ok(Count { value: count, clamped: count as f64 != value })
    }
    fn visit_str<E>(self, text: &str) -> Result<Count, E> {
        Ok(text.parse().map_or(Count { value: 0, clamped: true }, |value| Count { value, clamped: false }))
    }
    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::default())
    }
    fn visit_none<E>(self) -> Result<Count, E> {
        Ok(Count::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Count, D::Error> {
        Count::deserialize(deserializer)
    }
}
