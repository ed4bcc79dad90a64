//! What differs between the makers of models, and how each is told what the API has no field for.
//!
//! Sources: the Bedrock user guide, "Inference parameters and responses for foundation models"; the Amazon Nova 2 developer
//! guide, "Extended thinking"; recorded requests that were accepted.

use serde_json::{Map, Value, json};

use crate::model::{Chat, Reasoning};
use crate::providers::anthropic::thinking::Plan;

/// Who made a model, as far as it matters here. An id has the maker's name in it, behind a region or an account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Anthropic,
    /// Amazon's Nova; the second generation thinks.
    Nova {
        thinks: bool,
    },
    OpenAi,
    Qwen,
    Mistral,
    Cohere,
    Other,
}

impl Maker {
    pub(super) fn of(model: &str) -> Self {
        let known = [
            ("claude", Maker::Anthropic),
            ("amazon.nova-2", Maker::Nova { thinks: true }),
            ("amazon.nova", Maker::Nova { thinks: false }),
            ("openai.", Maker::OpenAi),
            ("qwen.", Maker::Qwen),
            ("mistral.", Maker::Mistral),
            ("cohere.", Maker::Cohere),
        ];
        known.into_iter().find(|(name, _)| model.contains(name)).map_or(Maker::Other, |(_, maker)| maker)
    }
}

/// Whether a model reads thinking that nobody signed: Anthropic's models refuse it, and `DeepSeek` R1 refuses any.
pub(super) fn reads_unsigned_thinking(model: &str) -> bool {
    !model.contains("claude") && !model.contains("deepseek.r1")
}

/// A field that the model cannot honour, and why.
pub(super) type Problem = (&'static str, String);

/// `additionalModelRequestFields`: the model's own names for what the API has no field for.
pub(super) fn additional(chat: &Chat, model: &str) -> Result<Map<String, Value>, Problem> {
    let maker = Maker::of(model);
    let mut fields = match &chat.reasoning {
        Some(reasoning) => thinking(chat, reasoning, maker, model).map_err(|reason| ("reasoning", reason))?,
        None => Map::new(),
    };
    if let Some(top_k) = chat.top_k {
        let (name, value) = match maker {
            Maker::Anthropic | Maker::Mistral => ("top_k", json!(top_k)),
            Maker::Nova { .. } => ("inferenceConfig", json!({ "topK": top_k })),
            Maker::Cohere => ("k", json!(top_k)),
            Maker::OpenAi | Maker::Qwen | Maker::Other => {
                return Err(("top_k", "has no top_k for this model".to_owned()));
            }
        };
        fields.insert(name.to_owned(), value);
    }
    Ok(fields)
}

fn thinking(chat: &Chat, reasoning: &Reasoning, maker: Maker, model: &str) -> Result<Map<String, Value>, String> {
    let one = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    if maker == Maker::Anthropic {
        let plan = Plan::new(chat, model)?;
        let mut fields = plan.thinking.map(|thinking| one("thinking", json!(thinking))).unwrap_or_default();
        if let Some(effort) = plan.effort {
            fields.insert("output_config".to_owned(), json!({ "effort": effort }));
        }
        return Ok(fields);
    }
    if reasoning.budget_tokens.is_some() {
        return Err("takes an effort from this model, not a budget of tokens".to_owned());
    }
    let effort = match reasoning.effort.as_deref() {
        None => return Ok(Map::new()),
        Some("none") => None,
        Some("minimal" | "low") => Some("low"),
        Some("medium") => Some("medium"),
        Some("high" | "xhigh" | "max") => Some("high"),
        Some(other) => return Err(format!("knows no effort '{other}'")),
    };
    match (maker, effort) {
        (Maker::Nova { thinks: true }, Some(effort)) => {
            Ok(one("reasoningConfig", json!({ "type": "enabled", "maxReasoningEffort": effort })))
        }
        (Maker::Nova { thinks: true }, None) => Ok(one("reasoningConfig", json!({ "type": "disabled" }))),
        (Maker::Nova { thinks: false }, None) => Ok(Map::new()),
        (Maker::OpenAi, Some(effort)) => Ok(one("reasoning_effort", json!(effort))),
        (Maker::Qwen, Some(effort)) => Ok(one("reasoning_config", json!(effort))),
        _ => Err("cannot tell this model how much to think".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(model: &str, reasoning: Value, top_k: Option<u32>) -> Result<Value, String> {
        let reasoning = serde_json::from_value(reasoning).unwrap();
        let chat = Chat { reasoning: Some(reasoning), top_k, ..Chat::default() };
        additional(&chat, model).map(Value::Object).map_err(|(field, reason)| format!("{field} {reason}"))
    }

    #[test]
    fn each_maker_is_told_in_its_own_words() {
        let table = [
            (
                "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                json!({"budget_tokens": 2048}),
                json!({"thinking": {"type": "enabled", "budget_tokens": 2048}, "top_k": 5}),
            ),
            (
                "anthropic.claude-opus-4-6-v1",
                json!({"effort": "high", "include": true}),
                json!({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"}, "top_k": 5}),
            ),
            (
                "us.amazon.nova-2-lite-v1:0",
                json!({"effort": "max"}),
                json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}, "inferenceConfig": {"topK": 5}}),
            ),
            (
                "amazon.nova-2-lite-v1:0",
                json!({"effort": "none"}),
                json!({"reasoningConfig": {"type": "disabled"}, "inferenceConfig": {"topK": 5}}),
            ),
            ("amazon.nova-pro-v1:0", json!({"effort": "none"}), json!({"inferenceConfig": {"topK": 5}})),
            ("mistral.mistral-large-2402-v1:0", json!({}), json!({"top_k": 5})),
            ("cohere.command-r-v1:0", json!({"include": true}), json!({"k": 5})),
        ];
        for (model, reasoning, want) in table {
            assert_eq!(fields(model, reasoning, Some(5)).unwrap(), want, "{model}");
        }
        assert_eq!(
            fields("openai.gpt-oss-120b-1:0", json!({"effort": "low"}), None).unwrap(),
            json!({"reasoning_effort": "low"})
        );
        assert_eq!(
            fields("qwen.qwen3-32b-v1:0", json!({"effort": "high"}), None).unwrap(),
            json!({"reasoning_config": "high"})
        );
    }

    #[test]
    fn what_a_model_cannot_be_told_is_refused() {
        for (model, reasoning, top_k, want) in [
            ("meta.llama3-2-1b-instruct-v1:0", json!({}), Some(1), "top_k has no top_k for this model"),
            (
                "us.deepseek.r1-v1:0",
                json!({"effort": "low"}),
                None,
                "reasoning cannot tell this model how much to think",
            ),
            (
                "openai.gpt-oss-20b-1:0",
                json!({"effort": "none"}),
                None,
                "reasoning cannot tell this model how much to think",
            ),
            (
                "amazon.nova-2-lite-v1:0",
                json!({"budget_tokens": 9}),
                None,
                "reasoning takes an effort from this model, not a budget of tokens",
            ),
            ("qwen.qwen3-32b-v1:0", json!({"effort": "some"}), None, "reasoning knows no effort 'some'"),
        ] {
            assert_eq!(fields(model, reasoning, top_k).unwrap_err(), want);
        }
    }
}
