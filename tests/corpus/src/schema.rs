//! The vendors' own schemas of request bodies.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::record::{Api, Protocol};

/// The vendors' schemas, where there is one.
pub struct Schemas {
    openai: Validator,
    anthropic: Validator,
    gemini: Validator,
}

/// Where a schema and traffic that the vendor accepted disagree: traffic wins.
struct Disagreement {
    protocol: Protocol,
    /// The place in the body, as a JSON pointer in which `*` stands for any one step and a final `**` for all below.
    place: &'static str,
    #[allow(dead_code, reason = "the reasons are for readers")]
    reason: &'static str,
}

static DISAGREEMENTS: &[Disagreement] = &[];

impl Schemas {
    pub fn load(dir: &Path) -> Result<Self, String> {
        Ok(Schemas {
            openai: load(dir, "openai-chat")?,
            anthropic: load(dir, "anthropic")?,
            gemini: load(dir, "vertex-gemini")?,
        })
    }

    /// The schema for bodies of this API that go to this provider. Providers that only resemble OpenAI publish none, and
    /// there is none of Gemini's embeddings.
    fn of(&self, api: Api, provider: &str) -> Option<&Validator> {
        match api {
            Api::OpenAiChat => ["openai", "azure"].contains(&provider).then_some(&self.openai),
            Api::Anthropic => Some(&self.anthropic),
            Api::Gemini | Api::GeminiStream => Some(&self.gemini),
            Api::GeminiEmbeddings => None,
        }
    }

    /// What the vendor's schema says against a body; `None` where there is no schema.
    pub fn check(&self, api: Api, provider: &str, body: &Value) -> Option<Vec<String>> {
        let validator = self.of(api, provider)?;
        let known = |place: &str| DISAGREEMENTS.iter().any(|d| d.protocol == api.protocol() && matches(d.place, place));
        Some(
            validator
                .iter_errors(body)
                .filter(|error| !known(error.instance_path().as_str()))
                .map(|error| {
                    let text: String = error.to_string().chars().take(300).collect();
                    format!("{}: {text}", error.instance_path())
                })
                .collect(),
        )
    }
}

fn load(dir: &Path, name: &str) -> Result<Validator, String> {
    let path = dir.join(format!("{name}.request.schema.json"));
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let schema = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    jsonschema::draft202012::new(&schema).map_err(|error| format!("{}: {error}", path.display()))
}

fn matches(pattern: &str, place: &str) -> bool {
    let (mut pattern, mut place) = (pattern.split('/'), place.split('/'));
    loop {
        match (pattern.next(), place.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}
