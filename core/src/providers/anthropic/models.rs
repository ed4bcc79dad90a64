//! What differs between Anthropic's models, and cannot be read from the request. Both lists are of older models and
//! closed: a model that is on neither can do what the current API can.

/// Models that take a budget of tokens for their thinking; later ones take an effort and decide for themselves.
const BUDGETED: [&str; 11] = [
    "claude-3",
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
const INSTRUCTED_ONCE: [&str; 4] = ["claude-2", "claude-opus-4-6", "claude-opus-4-7", "claude-sonnet-4-6"];

/// Whether thinking is asked for by a budget.
pub(super) fn takes_budget(model: &str) -> bool {
    names(model, &BUDGETED)
}

/// Whether instructions may stand in the middle of the conversation. Other makers' models behind this API are not known
/// to take them.
pub(super) fn takes_instructions_midway(model: &str) -> bool {
    let is_sonnet_5 = model.contains("claude-sonnet-5") && !model.contains("claude-sonnet-5-5");
    model.contains("claude") && !takes_budget(model) && !names(model, &INSTRUCTED_ONCE) && !is_sonnet_5
}

fn names(model: &str, list: &[&str]) -> bool {
    list.iter().any(|name| model.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_models_are_known_by_any_of_their_names() {
        let older = ["claude-sonnet-4-5-20250929", "anthropic.claude-opus-4-20250514-v1:0", "claude-sonnet-4@20250514"];
        assert!(older.iter().all(|model| takes_budget(model) && !takes_instructions_midway(model)));
        assert!(["claude-opus-4-6", "claude-opus-4-8", "claude-sonnet-5", "new"].iter().all(|m| !takes_budget(m)));
        assert!(["claude-opus-4-8", "claude-sonnet-5-5"].iter().all(|m| takes_instructions_midway(m)));
        assert!(["claude-opus-4-6", "claude-sonnet-5", "new"].iter().all(|m| !takes_instructions_midway(m)));
    }
}
