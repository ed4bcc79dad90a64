//! How much to think, in each generation's own words. Source: the Gemini API guide "Gemini thinking".

use serde::Serialize;

use crate::model::Reasoning;

#[derive(PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    include_thoughts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// The most that the models of a budget think; those called "pro" go a little further.
const MOST: u32 = 24_576;
const MOST_OF_PRO: u32 = 32_768;

impl ThinkingConfig {
    pub(super) fn new(asked: &Reasoning, model: &str) -> Self {
        let effort = asked.effort.as_deref();
        ThinkingConfig {
            include_thoughts: asked.include,
            thinking_budget: asked.budget_tokens.or(effort.filter(|_| !has_levels(model)).map(|it| budget(it, model))),
            thinking_level: effort.filter(|_| has_levels(model)).map(|effort| level(effort, model)),
        }
    }
}

/// Whether a model takes a level, as all do since Gemini 3; those before take a budget of tokens.
pub(super) fn has_levels(model: &str) -> bool {
    let version = model.rsplit('/').next().unwrap_or(model).strip_prefix("gemini-").unwrap_or_default();
    // Names without a version ("gemini-flash-latest") stand for the newest.
    !["1.", "2.", "2-"].iter().any(|old| version.starts_with(old))
}

/// Whether a model can answer without thinking.
pub(super) fn can_stop_thinking(model: &str) -> bool {
    !has_levels(model) && !is_pro(model)
}

fn is_pro(model: &str) -> bool {
    model.contains("-pro")
}

/// Models whose least level is low, and those that have none between low and high.
const WITHOUT_MINIMAL: [&str; 2] = ["gemini-3.7-flash", "gemini-3.8-flash"];
const WITHOUT_MEDIUM: [&str; 1] = ["gemini-3-pro"];

fn names(model: &str, list: &[&str]) -> bool {
    list.iter().any(|name| model.contains(name))
}

/// The levels that all models of a kind have: what is finer or beyond becomes the nearest.
fn level(effort: &str, model: &str) -> &'static str {
    match effort {
        "none" | "minimal" if !is_pro(model) && !names(model, &WITHOUT_MINIMAL) => "MINIMAL",
        "none" | "minimal" | "low" => "LOW",
        "medium" if !names(model, &WITHOUT_MEDIUM) => "MEDIUM",
        _ => "HIGH",
    }
}

/// The budgets by which Google's own OpenAI endpoint reads an effort; the last two are ours.
fn budget(effort: &str, model: &str) -> u32 {
    match effort {
        "none" => 0,
        "minimal" | "low" => 1024,
        "medium" => 8192,
        "max" if is_pro(model) => MOST_OF_PRO,
        _ => MOST,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config(effort: &str, model: &str) -> Value {
        let asked = Reasoning { effort: Some(effort.to_owned()), ..Reasoning::default() };
        serde_json::to_value(ThinkingConfig::new(&asked, model)).unwrap()
    }

    #[test]
    fn efforts_become_levels_or_budgets() {
        let table = [
            ("low", "gemini-3-pro-preview", json!({"thinkingLevel": "LOW"})),
            ("minimal", "gemini-3.1-pro", json!({"thinkingLevel": "LOW"})),
            ("minimal", "models/gemini-3.5-flash", json!({"thinkingLevel": "MINIMAL"})),
            ("max", "gemini-flash-latest", json!({"thinkingLevel": "HIGH"})),
            ("none", "gemini-2.5-flash", json!({"thinkingBudget": 0})),
            ("medium", "publishers/google/models/gemini-2.5-pro", json!({"thinkingBudget": 8192})),
            ("max", "gemini-2.5-pro", json!({"thinkingBudget": 32_768})),
            ("xhigh", "gemini-2.5-flash", json!({"thinkingBudget": 24_576})),
        ];
        for (effort, model, want) in table {
            assert_eq!(config(effort, model), want, "{effort} of {model}");
        }
    }

    #[test]
    fn a_budget_goes_as_it_is() {
        let asked = Reasoning { budget_tokens: Some(512), include: Some(true), effort: None };
        let config = serde_json::to_value(ThinkingConfig::new(&asked, "gemini-3.5-flash")).unwrap();
        assert_eq!(config, json!({"includeThoughts": true, "thinkingBudget": 512}));
    }

    #[test]
    fn who_can_do_without() {
        assert!(can_stop_thinking("gemini-2.5-flash"));
        assert!(!can_stop_thinking("gemini-2.5-pro"));
        assert!(!can_stop_thinking("gemini-3-flash-preview"));
    }
}
