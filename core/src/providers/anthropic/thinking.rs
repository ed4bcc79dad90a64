//! How much to think, in Anthropic's words.
//!
//! Source: the Anthropic guides "Adaptive thinking", "Extended thinking" and "Effort".

use serde::Serialize;

use super::models::{
    can_be_forced_thinking, can_stop_thinking, has_xhigh, is_self_willed, longest_answer, takes_budget, thinks_unasked,
};
use crate::model::{Chat, Content, Message, Reasoning, Role, ToolChoice};

/// The API requires a limit. An answer longer than this is rare, and one that is cut says so (`finish_reason` `length`). The
/// oldest models write less.
const ANSWER: u32 = 8_192;
/// The limit where the model decides how much to think, which counts as output. All models that think allow it.
const THOUGHTFUL_ANSWER: u32 = 32_000;
/// The least budget that the API accepts.
const LEAST_BUDGET: u32 = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::providers) enum Thinking {
    Enabled {
        budget_tokens: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    Adaptive {
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    Disabled,
}

/// What a request's `reasoning` and `max_tokens` come to.
#[derive(Debug, PartialEq)]
pub(in crate::providers) struct Plan {
    pub(in crate::providers) thinking: Option<Thinking>,
    pub(in crate::providers) effort: Option<&'static str>,
    pub(in crate::providers) max_tokens: u32,
}

impl Plan {
    /// The plan for a chat, or what is wrong with its `reasoning`.
    pub(in crate::providers) fn new(chat: &Chat, model: &str) -> Result<Self, String> {
        let (thinking, effort) = match &chat.reasoning {
            Some(reasoning) => thinking(reasoning, chat.max_tokens, model)?,
            None => (None, None),
        };
        let default = || match thinking {
            Some(Thinking::Enabled { budget_tokens, .. }) => budget_tokens.saturating_add(ANSWER),
            Some(Thinking::Adaptive { .. }) => THOUGHTFUL_ANSWER,
            None if thinks_unasked(model) => THOUGHTFUL_ANSWER,
            Some(Thinking::Disabled) | None => ANSWER.min(longest_answer(model)),
        };
        Ok(Plan { thinking, effort, max_tokens: chat.max_tokens.unwrap_or_else(default) })
    }

    /// The settings of `chat` that the API refuses while the model thinks, and why.
    pub(in crate::providers) fn conflicts(
        &self,
        chat: &Chat,
        model: &str,
        provider: &str,
    ) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        let budgeted = match self.thinking {
            None | Some(Thinking::Disabled) => return found,
            Some(Thinking::Enabled { .. }) => true,
            Some(Thinking::Adaptive { .. }) => false,
        };
        let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_)));
        if forced && !chat.tools.is_empty() && (budgeted || !can_be_forced_thinking(model)) {
            found.push(("tool_choice", "cannot force a tool while it thinks"));
        }
        if budgeted && calls_unsigned(&chat.messages, provider) {
            found.push(("reasoning", "cannot think between calls that came without its own thinking"));
        }
        if chat.temperature.is_some_and(|temperature| (temperature - 1.0).abs() > f64::EPSILON) {
            found.push(("temperature", "has a temperature of 1 while it thinks"));
        }
        if chat.top_p.is_some_and(|top_p| top_p < 0.95) {
            found.push(("top_p", "has a top_p of at least 0.95 while it thinks"));
        }
        if chat.top_k.is_some() {
            found.push(("top_k", "has no top_k while it thinks"));
        }
        found
    }
}

/// Whether the conversation stands between calls and what follows them, and the thinking that led to them is missing.
fn calls_unsigned(messages: &[Message], provider: &str) -> bool {
    let is_result = |message: &&Message| {
        message.role != Role::Assistant
            && message.content.iter().any(|part| matches!(part.content, Content::ToolResult(_)))
    };
    let results = messages.iter().rev().take_while(is_result).count();
    let Some(last) = messages.iter().rev().nth(results).filter(|_| results > 0) else { return false };
    let mut signed = last.content.iter().filter(|part| matches!(part.content, Content::Reasoning { .. }));
    !signed.any(|part| part.state_for(provider).is_some())
}

fn thinking(
    reasoning: &Reasoning,
    max_tokens: Option<u32>,
    model: &str,
) -> Result<(Option<Thinking>, Option<&'static str>), String> {
    let display = reasoning.include.map(|include| if include { "summarized" } else { "omitted" });
    if let Some(budget_tokens) = reasoning.budget_tokens {
        if is_self_willed(model) {
            return Err("decides itself how many tokens it thinks, give an effort".to_owned());
        }
        if budget_tokens < LEAST_BUDGET {
            return Err(format!("thinks with a budget_tokens of at least {LEAST_BUDGET}, not {budget_tokens}"));
        }
        if max_tokens.is_some_and(|most| most <= budget_tokens) {
            return Err(format!(
                "counts thinking as output, so max_tokens must be above a budget_tokens of {budget_tokens}"
            ));
        }
        return Ok((Some(Thinking::Enabled { budget_tokens, display }), None));
    }
    let effort = match reasoning.effort.as_deref() {
        None if reasoning.include == Some(true) => None,
        None => return Ok((None, None)),
        Some("none") if !can_stop_thinking(model) => {
            return Err("cannot turn the thinking of this model off".to_owned());
        }
        Some("none") => return Ok((Some(Thinking::Disabled), None)),
        Some("xhigh") if !has_xhigh(model) => return Err("has no effort 'xhigh' for this model".to_owned()),
        // The least that there is.
        Some("minimal" | "low") => Some("low"),
        Some("medium") => Some("medium"),
        Some("high") => Some("high"),
        Some("xhigh") => Some("xhigh"),
        Some("max") => Some("max"),
        Some(other) => return Err(format!("knows no effort '{other}'")),
    };
    if takes_budget(model) {
        let budget_tokens = budget(effort, max_tokens)?;
        return Ok((Some(Thinking::Enabled { budget_tokens, display }), None));
    }
    Ok((Some(Thinking::Adaptive { display }), effort))
}

/// An effort as a budget, which leaves at least half of `max_tokens` to the answer.
fn budget(effort: Option<&str>, max_tokens: Option<u32>) -> Result<u32, String> {
    let budget = match effort {
        Some("low") => 2_048,
        None | Some("medium") => 8_192,
        Some("high") => 16_384,
        // With the answer's share this is all that the smallest of these models can write.
        _ => 32_000 - ANSWER,
    };
    match max_tokens {
        None => Ok(budget),
        Some(most) if most / 2 >= LEAST_BUDGET => Ok(budget.min(most / 2)),
        Some(most) => Err(format!("cannot think within a max_tokens of {most}, it takes {} or more", 2 * LEAST_BUDGET)),
    }
}
