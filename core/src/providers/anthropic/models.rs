//! What differs between Anthropic's models, and cannot be read from the request. Source: the Anthropic guides "Models
//! overview", "What's new" of each model, "Adaptive thinking" and "Effort".
//!
//! A model that is on none of these lists can do what the API can. What other vendors' models differ in too, such as their sizes
//! and whether they follow schemas, stands in `capabilities/families.rs`.

use crate::capabilities::family;

/// Models that take a budget of tokens for their thinking; later ones take an effort and decide for themselves.
const BUDGETED: [&str; 12] = [
    "claude-3",
    "claude-4-",
    "claude-haiku-4",
    "claude-opus-4-0",
    "claude-opus-4-1",
    // The dated name of Opus 4 itself, as of Sonnet 4 below.
    "claude-opus-4-2",
    "claude-opus-4-5",
    "claude-opus-4@",
    "claude-sonnet-4-0",
    "claude-sonnet-4-2",
    "claude-sonnet-4-5",
    "claude-sonnet-4@",
];

/// Further models that take instructions at the beginning only.
const INSTRUCTED_ONCE: [&str; 5] =
    ["claude-2", "claude-instant", "claude-opus-4-6", "claude-opus-4-7", "claude-sonnet-4-6"];

/// Models that sample as they see fit, and take an effort but no budget.
const SELF_WILLED: [&str; 6] =
    ["claude-opus-4-7", "claude-opus-4-8", "claude-opus-5", "claude-sonnet-5", "claude-fable", "claude-mythos"];

/// Of these, the ones that think unless they are told not to.
const THOUGHTFUL: [&str; 4] = ["claude-opus-5", "claude-sonnet-5", "claude-fable", "claude-mythos"];

/// And those that cannot be told.
const ALWAYS_THOUGHTFUL: [&str; 4] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable", "claude-mythos"];

/// Models that cannot be made to call a tool.
const UNFORCED: [&str; 4] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-1"];

/// The models of 4.6: they have no effort `xhigh`, and cannot be forced to call a tool while they think as they like.
const OF_4_6: [&str; 2] = ["claude-opus-4-6", "claude-sonnet-4-6"];

/// Models that take one of `temperature` and `top_p`.
const ONE_SAMPLING: [&str; 2] = ["claude-opus-4-1", "claude-sonnet-4-5"];

/// Whether thinking is asked for by a budget.
pub(in crate::providers) fn takes_budget(model: &str) -> bool {
    names(model, &BUDGETED)
}

/// Whether instructions may stand in the middle of the conversation. Other makers' models behind this API are not known
/// to take them.
pub(in crate::providers) fn takes_instructions_midway(model: &str) -> bool {
    let is_sonnet_5 = model.contains("claude-sonnet-5") && !model.contains("claude-sonnet-5-5");
    model.contains("claude") && !takes_budget(model) && !names(model, &INSTRUCTED_ONCE) && !is_sonnet_5
}

/// Whether it takes no settings of sampling and no budget.
pub(in crate::providers) fn is_self_willed(model: &str) -> bool {
    names(model, &SELF_WILLED)
}

/// Whether it thinks unless it is told not to.
pub(in crate::providers) fn thinks_unasked(model: &str) -> bool {
    names(model, &THOUGHTFUL)
}

/// Whether it can answer without thinking.
pub(in crate::providers) fn can_stop_thinking(model: &str) -> bool {
    !names(model, &ALWAYS_THOUGHTFUL)
}

/// Whether it can be made to call a tool.
pub(in crate::providers) fn can_be_forced(model: &str) -> bool {
    !names(model, &UNFORCED)
}

/// Whether it can be forced to call a tool while it thinks as much as it likes.
pub(in crate::providers) fn can_be_forced_thinking(model: &str) -> bool {
    !names(model, &OF_4_6)
}

/// Whether it knows the effort `xhigh`.
pub(in crate::providers) fn has_xhigh(model: &str) -> bool {
    !names(model, &OF_4_6)
}

/// Whether it takes both `temperature` and `top_p`.
pub(in crate::providers) fn takes_both_samplings(model: &str) -> bool {
    !names(model, &ONE_SAMPLING)
}

/// Whether it goes on with words that are put into its mouth: a last message of the assistant's.
pub(in crate::providers) fn goes_on(model: &str) -> bool {
    takes_budget(model) || names(model, &["claude-2", "claude-instant"]) || !model.contains("claude")
}

/// The most tokens that it writes, where that is known.
pub(in crate::providers) fn longest_answer(model: &str) -> u32 {
    family("anthropic", model).map_or(u32::MAX, |family| family.output)
}

fn names(model: &str, list: &[&str]) -> bool {
    list.iter().any(|name| model.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_models_are_known_by_any_of_their_names() {
        let older = [
            "claude-4-sonnet-20250514",
            "claude-sonnet-4-5-20250929",
            "anthropic.claude-opus-4-20250514-v1:0",
            "claude-sonnet-4@20250514",
        ];
        assert!(older.iter().all(|model| takes_budget(model) && !takes_instructions_midway(model)));
        assert!(["claude-opus-4-6", "claude-opus-4-8", "claude-sonnet-5", "new"].iter().all(|m| !takes_budget(m)));
        assert!(["claude-opus-4-8", "claude-sonnet-5-5"].iter().all(|m| takes_instructions_midway(m)));
        assert!(["claude-opus-4-6", "claude-sonnet-5", "new"].iter().all(|m| !takes_instructions_midway(m)));
    }
}
