//! How a provider is simulated, as configured.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected};

use crate::world::fraction;

/// Answers in place of a provider, in its own wire format, without a socket: `simulate = { latency = "50ms" }`.
///
/// Everything down to the network runs as it does live. The model echoes what it is asked, calls the tools that it is
/// given, obeys JSON schemas and token limits, and fails as often as it is told to. A simulated provider needs no key.
/// The model `missing-model` does not exist, and the key `wrong` is refused.
///
/// ```
/// use tidegate::{Gateway, Kind, Message, Request, Sim};
/// let sim = Sim::new(1);
/// let gateway = Gateway::from_toml(r#"
///     [providers.flaky]
///     protocol = "anthropic"
///     simulate = { latency = { min = "200ms", max = "2s" }, script = [{ status = 529 }, { text = "here I am" }] }
/// "#)?.with_world(sim.clone());
/// let reply = sim.run(gateway.chat(Request::chat("flaky/model", vec![Message::user("hi")])))?;
/// assert_eq!(reply.text(), "here I am");
/// assert_eq!(reply.attempts[0].kind, Some(Kind::Overloaded));
/// # Ok::<(), tidegate::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateConfig {
    /// Where its chance begins: the same seed and the same requests give the same answers. Without it, chance comes from
    /// the world.
    pub seed: Option<u64>,
    /// What it answers; `{prompt}` stands for the last message and `{model}` for the model. Without it, an echo.
    pub reply: Option<String>,
    /// The time before an answer begins. Default: none.
    pub latency: Span,
    /// The time between two pieces of a stream. Default: none.
    pub chunk_delay: Span,
    /// The share of requests, 0 to 1, that fail with `error_status`. Default: 0.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub error_rate: f64,
    /// The status of these failures. Default: 503.
    #[serde(deserialize_with = "status")]
    #[schemars(range(min = 400, max = 599))]
    pub error_status: Option<u16>,
    /// The share of requests, 0 to 1, that are refused with 429. Default: 0.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rate_limit_rate: f64,
    /// The share of answers, 0 to 1, that break off somewhere. Default: 0.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub break_rate: f64,
    /// What becomes of the first requests, in the order in which they come; later ones are answered as usual.
    pub script: Vec<Outcome>,
}

/// What becomes of one request: an answer as usual, or one of `status`, `text`, `hang`, `refuse`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "Written")]
#[schemars(!try_from, default)]
pub struct Outcome {
    /// An error with this status, in the provider's format. With `cut_after`, it comes inside the stream.
    #[schemars(range(min = 400, max = 599))]
    pub status: Option<u16>,
    /// How long that error asks to wait, where the provider says such a thing: `"7s"`.
    #[schemars(with = "Option<String>")]
    pub retry_after: Option<Duration>,
    /// An answer with this text.
    pub text: Option<String>,
    /// The answer breaks off after this many words.
    pub cut_after: Option<u32>,
    /// The connection stands and nothing comes.
    pub hang: bool,
    /// The connection is refused.
    pub refuse: bool,
    /// The time before any of this, in place of `latency`.
    pub delay: Option<Span>,
    /// For how many requests. Default: 1.
    #[schemars(range(min = 1))]
    pub times: Option<u32>,
}

/// A length of time: fixed, `"50ms"`, or random between two, `{ min = "20ms", max = "80ms" }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "SpanForm")]
#[schemars(with = "SpanForm")]
pub struct Span {
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
}

impl Span {
    /// A length between the two, picked by a uniformly random number.
    pub(super) fn pick(self, random: u64) -> Duration {
        self.min + self.max.saturating_sub(self.min).mul_f64(fraction(random))
    }
}

/// A [`Span`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a length of time such as \"50ms\", or { min = \"20ms\", max = \"80ms\" }")]
enum SpanForm {
    Fixed(String),
    Between(Between),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Between {
    min: String,
    max: String,
}

impl TryFrom<SpanForm> for Span {
    type Error = String;

    fn try_from(form: SpanForm) -> Result<Self, String> {
        let (min, max) = match &form {
            SpanForm::Fixed(time) => (time, time),
            SpanForm::Between(Between { min, max }) => (min, max),
        };
        let span = Span { min: duration(min)?, max: duration(max)? };
        if span.min > span.max {
            return Err(format!("min ({min}) is longer than max ({max})"));
        }
        Ok(span)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| format!("'{text}' is not a length of time such as \"50ms\" or \"2s\""))
}

/// An [`Outcome`] as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(deserialize_with = "status")]
    status: Option<u16>,
    retry_after: Option<String>,
    text: Option<String>,
    cut_after: Option<u32>,
    hang: bool,
    refuse: bool,
    delay: Option<Span>,
    times: Option<u32>,
}

impl TryFrom<Written> for Outcome {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { status, retry_after, text, cut_after, hang, refuse, delay, times } = written;
        let kinds = [status.is_some(), text.is_some(), hang, refuse];
        if kinds.iter().filter(|set| **set).count() > 1 {
            return Err("an outcome has at most one of status, text, hang, refuse".to_owned());
        }
        if retry_after.is_some() && status.is_none() {
            return Err("retry_after needs a status, such as { status = 429, retry_after = \"7s\" }".to_owned());
        }
        if cut_after.is_some() && (hang || refuse) {
            return Err("cut_after needs an answer: it goes alone, with text or with status".to_owned());
        }
        if times == Some(0) {
            return Err("times is 0: leave the outcome out".to_owned());
        }
        let retry_after = retry_after.as_deref().map(duration).transpose()?;
        Ok(Outcome { status, retry_after, text, cut_after, hang, refuse, delay, times })
    }
}

pub(crate) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(D::Error::invalid_value(Unexpected::Float(share), &"a share between 0 and 1"))
}

pub(crate) fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    match Option::<u16>::deserialize(deserializer)? {
        Some(status) if !(400..=599).contains(&status) => {
            Err(D::Error::invalid_value(Unexpected::Unsigned(status.into()), &"an error status, 400 to 599"))
        }
        status => Ok(status),
    }
}
