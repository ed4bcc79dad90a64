//! What becomes of streams.

use schemars::JsonSchema;
use serde::Deserialize;

/// What becomes of a stream.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamConfig {
    /// What to do where the stream of a chat breaks off, stalls (`timeout.idle`) or meets an error of the provider's after
    /// its first content. It goes on at most twice, and each time counts as an attempt (`retry.max_attempts`). The usage is
    /// then that of all targets together, and `estimated`. Default: `fail`.
    pub(super) on_interrupt: Option<OnInterrupt>,
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
