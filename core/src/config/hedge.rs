//! Hedging as written.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::value::{Period, positive, share};
use crate::policies::hedge::{After, HedgePolicy};

/// A second request where the first takes long: to another target if there is one, and the first good answer counts.
///
/// A table turns it on. None is sent when the route's targets fail, when content has begun, or for a request with
/// `hedge = false`. A stream races for its first content.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HedgeConfig {
    /// Whether to hedge. Default: true where there is a table.
    pub(super) enabled: Option<bool>,
    /// When the second is sent: a time such as `"800ms"`, or a quantile of the route's own recent answers such as
    /// `"p95"`; later where more take that long than `max_share` leaves room for, at the moment when most hedges win. It
    /// counts from when the request was sent. Default: `"p95"`.
    #[serde(deserialize_with = "after")]
    #[schemars(with = "Option<AfterForm>")]
    pub(super) after: Option<After>,
    /// The most of the requests that get a second one, 0 to 1. Default: 0.05.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) max_share: Option<f64>,
    /// Never sooner than this, whatever `after` says. Default: 50ms.
    #[serde(deserialize_with = "positive")]
    pub(super) min_delay: Option<Period>,
}

impl HedgeConfig {
    /// What a table says over the defaults' one. `None` is no hedging.
    pub(super) fn over(own: Option<&HedgeConfig>, base: Option<HedgePolicy>) -> Option<HedgePolicy> {
        let Some(own) = own else { return base };
        if own.enabled == Some(false) {
            return None;
        }
        let base = base.unwrap_or_default();
        Some(HedgePolicy {
            after: own.after.unwrap_or(base.after),
            max_share: own.max_share.unwrap_or(base.max_share),
            min_delay: own.min_delay.map_or(base.min_delay, |Period(time)| time),
        })
    }
}

/// How [`HedgeConfig::after`] is described.
struct AfterForm;

impl JsonSchema for AfterForm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HedgeAfter".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A quantile of the recent answers, such as \"p95\", or a time such as \"800ms\".",
            "type": "string",
            "examples": ["p95", "p99", "800ms"],
        })
    }
}

fn after<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<After>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let quantile = text.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok());
    match (quantile, humantime::parse_duration(&text)) {
        (Some(percent), _) if (50.0..100.0).contains(&percent) => Ok(Some(After::Quantile(percent / 100.0))),
        // Whoever writes p0.95 means p95: it would hedge every request.
        (Some(_), _) => Err(de::Error::custom(format_args!("'{text}' is not between p50 and p99.99, such as \"p95\""))),
        (None, Ok(time)) if time > Duration::ZERO => Ok(Some(After::Fixed(time))),
        _ => Err(de::Error::custom(format_args!(
            "'{text}' is neither a quantile such as \"p95\" nor a time such as \"800ms\""
        ))),
    }
}
