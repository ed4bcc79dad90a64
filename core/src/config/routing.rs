//! How a route chooses among its targets, as written and as resolved.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// How a route chooses the first target of a call. The others follow if that one fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalanceBy {
    /// The first that is well, as listed.
    #[default]
    Ordered,
    /// By chance, in proportion to the `weight` of each.
    Weighted,
    /// The one with the fewest calls in flight.
    LeastInFlight,
    /// The one that answers fastest, by a quantile of its recent answers; failures count as slow.
    Latency,
    /// The one with the lowest `price` for the request; those without a price come last.
    Cheapest,
    /// The same one for the same value of the label `sticky_label`.
    Sticky,
    /// The one that has served the same beginning of a prompt before, since it may have it in its cache.
    PromptCache,
}

/// A target of a route: `"provider/model"`, another route's name, or a table that says more of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetConfig {
    /// `provider/model`, or another route.
    pub(super) target: String,
    pub(super) weight: Option<u32>,
    pub(super) region: Option<String>,
    pub(super) price: Option<Price>,
}

/// A target with its share, place and price.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TargetTable {
    /// `provider/model`, or the name of another route, whose targets stand in its place.
    target: String,
    /// Its share of the route's calls, relative to the others' (percent, if they add up to 100). Where some targets have a
    /// weight, those without one are for failover only. For `balance = "weighted"`, which it implies, and `"sticky"`.
    weight: Option<u32>,
    /// Where it runs, for the route's `regions`. Default: the provider's `region` or `location`.
    region: Option<String>,
    /// What it costs, for `balance = "cheapest"` and the route's `max_price`.
    price: Option<Price>,
}

impl<'de> Deserialize<'de> for TargetConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = TargetConfig;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string such as \"openai/gpt-5-mini\", or a table with 'target'")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<TargetConfig, E> {
                Ok(TargetConfig { target: text.to_owned(), weight: None, region: None, price: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TargetConfig, A::Error> {
                let TargetTable { target, weight, region, price } =
                    TargetTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TargetConfig { target, weight, region, price })
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for TargetConfig {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<TargetTable>();
        json_schema!({
            "description": "`provider/model`, the name of another route, or a table that says more of it.",
            "anyOf": [{ "type": "string" }, table],
            "examples": ["openai/gpt-5-mini", { "target": "openai/gpt-5-nano", "weight": 20 }],
        })
    }
}

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    /// For a million tokens of the prompt, such as 0.25.
    #[serde(deserialize_with = "pico_dollars")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub(crate) input: u64,
    /// For a million tokens of the answer.
    #[serde(deserialize_with = "pico_dollars")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub(crate) output: u64,
}

impl Price {
    /// What a request of so many tokens costs, in pico-dollars.
    pub(crate) fn of(self, input: u64, output: u64) -> u64 {
        self.input.saturating_mul(input).saturating_add(self.output.saturating_mul(output))
    }

    /// Whether neither part is above that of `most`.
    pub(super) fn within(self, most: Price) -> bool {
        self.input <= most.input && self.output <= most.output
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "it is shown, not reckoned with")]
        let dollars = |pico: u64| pico as f64 / 1e6;
        write!(f, "{} / {} USD per million tokens", dollars(self.input), dollars(self.output))
    }
}

/// Dollars for a million tokens, as an integer of pico-dollars for one: prices have at most six digits behind the point.
fn pico_dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let dollars = f64::deserialize(deserializer)?;
    if !(0.0..=1e6).contains(&dollars) {
        return Err(de::Error::custom("is not a price in USD for a million tokens, such as 0.25"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within 0 and 10^12")]
    Ok((dollars * 1e6).round() as u64)
}

/// What a route knows of one of its targets beside where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its share of the calls; zero for failover only.
    pub(crate) weight: u32,
    /// What it costs.
    pub(crate) price: Option<Price>,
}
