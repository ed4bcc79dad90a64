//! What becomes of streams.

use std::num::NonZeroU32;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Period, positive};
use crate::policies::min_rate::MinRate;

/// What becomes of a stream.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamConfig {
    /// What to do where the stream of a chat breaks off, stalls (`timeout.idle`) or meets an error of the provider's after
    /// its first content. It goes on at most twice, and each time counts as an attempt (`retry.max_attempts`). The usage is
    /// then that of all targets together, and `estimated`. Default: `fail`.
    pub(super) on_interrupt: Option<OnInterrupt>,
    /// How fast the content of a stream has to come at least. Default: at any rate.
    pub(super) min_rate: Option<MinRateConfig>,
}

impl StreamConfig {
    /// The least rate that this table sets over the defaults' one.
    pub(super) fn min_rate(&self, base: Option<MinRate>) -> Option<MinRate> {
        let Some(own) = &self.min_rate else { return base };
        let chars_per_second = NonZeroU32::new(own.chars_per_second)?;
        let window = own.window.map_or(Duration::from_secs(5), |Period(time)| time);
        Some(MinRate { chars_per_second, window })
    }
}

/// How fast the content of a stream has to come: text, thinking, and the arguments of tool calls. The table of a route replaces
/// that of `[defaults]`.
///
/// Nothing is shown until the characters of one window have come, or the whole answer where it is shorter. A stream that takes
/// longer than a window for that has failed like one without content, and the next target is tried. One that becomes slow later
/// is an interruption (`timeout`, as that of `timeout.idle`), for which there is `on_interrupt`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MinRateConfig {
    /// The least characters a second. 0 is any rate.
    pub(super) chars_per_second: u32,
    /// The time over which the rate is judged. A healthy stream has its characters together in a small part of it. Default: 5s.
    #[serde(default, deserialize_with = "positive")]
    pub(super) window: Option<Period>,
}

/// What to do where a stream is interrupted after its first content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupt {
    /// End it with an error, which has what came as its partial response.
    #[default]
    Fail,
    /// Begin anew at the next target, behind an event `restart`: what came before it is void.
    Restart,
    /// Go on with the words so far, behind an event `continued`, at a target that documents it: Claude up to 4.5, and
    /// Mistral's models. Begin anew where there is none, and where more than text is under way: tool calls, JSON, thinking,
    /// or an answer that `reject` has to judge as a whole.
    Continue,
}
