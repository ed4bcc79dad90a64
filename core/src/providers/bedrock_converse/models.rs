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

/// What the model is told beside what the API has a field for in every case.
#[derive(Default)]
pub(super) struct Told {
    /// `additionalModelRequestFields`: the model's own names.
    pub(super) fields: Map<String, Value>,
    /// `outputConfig.effort`, for models without a name of their own for it.
    pub(super) effort: Option<&'static str>,
}

impl Told {
    fn field(name: &str, value: Value) -> Self {
        Told { fields: Map::from_iter([(name.to_owned(), value)]), effort: None }
    }
}

/// What `chat` comes to for `model`.
pub(super) fn told(chat: &Chat, model: &str) -> Result<Told, Problem> {
    let maker = Maker::of(model);
    let mut told = match &chat.reasoning {
        Some(reasoning) => thinking(chat, reasoning, maker, model).map_err(|reason| ("reasoning", reason))?,
        None => Told::default(),
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
        told.fields.insert(name.to_owned(), value);
    }
    Ok(told)
}

fn thinking(chat: &Chat, reasoning: &Reasoning, maker: Maker, model: &str) -> Result<Told, String> {
    if maker == Maker::Anthropic {
        let plan = Plan::new(chat, model)?;
        let mut told = plan.thinking.map(|thinking| Told::field("thinking", json!(thinking))).unwrap_or_default();
        if let Some(effort) = plan.effort {
            told.fields.insert("output_config".to_owned(), json!({ "effort": effort }));
        }
        return Ok(told);
    }
    if reasoning.budget_tokens.is_some() {
        return Err("takes an effort from this model, not a budget of tokens".to_owned());
    }
    let effort = match reasoning.effort.as_deref() {
        None => return Ok(Told::default()),
        Some("none") => None,
        Some("minimal" | "low") => Some("low"),
        Some("medium") => Some("medium"),
        Some("high") => Some("high"),
        Some("xhigh") => Some("xhigh"),
        Some("max") => Some("max"),
        Some(other) => return Err(format!("knows no effort '{other}'")),
    };
    // These have three levels.
    let of_three = |effort: &'static str| if matches!(effort, "xhigh" | "max") { "high" } else { effort };
    match (maker, effort) {
        (Maker::Nova { thinks: true }, Some(effort)) => {
            let config = json!({ "type": "enabled", "maxReasoningEffort": of_three(effort) });
            Ok(Told::field("reasoningConfig", config))
        }
        (Maker::Nova { thinks: true }, None) => Ok(Told::field("reasoningConfig", json!({ "type": "disabled" }))),
        (Maker::Nova { thinks: false }, None) => Ok(Told::default()),
        (Maker::Nova { thinks: false }, Some(_)) => Err("has models that think since Nova 2 only".to_owned()),
        (Maker::OpenAi, Some(effort)) => Ok(Told::field("reasoning_effort", json!(of_three(effort)))),
        (Maker::Qwen, Some(effort)) => Ok(Told::field("reasoning_config", json!(of_three(effort)))),
        (_, Some(effort)) => Ok(Told { effort: Some(effort), ..Told::default() }),
        (_, None) => Err("cannot turn the thinking of this model off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(model: &str, reasoning: Value, top_k: Option<u32>) -> Result<Value, String> {
        let reasoning = serde_json::from_value(reasoning).unwrap();
        let chat = Chat { reasoning: Some(reasoning), top_k, ..Chat::default() };
        let told = told(&chat, model).map(|told| (told.fields, told.effort));
        told.map(|(fields, effort)| effort.map_or(Value::Object(fields), |it| json!({ "effort": it })))
            .map_err(|(field, reason)| format!("{field} {reason}"))
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
        assert_eq!(fields("zai.glm-5", json!({"effort": "max"}), None).unwrap(), json!({"effort": "max"}));
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
                json!({"effort": "none"}),
                None,
                "reasoning cannot turn the thinking of this model off",
            ),
            (
                "openai.gpt-oss-20b-1:0",
                json!({"effort": "none"}),
                None,
                "reasoning cannot turn the thinking of this model off",
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
