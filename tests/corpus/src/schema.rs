//! The vendors' own schemas of request bodies.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::record::{Api, Record};
use crate::same;

/// The vendors' schemas, where there is one.
pub struct Schemas {
    openai: Validator,
    embeddings: Validator,
    responses: Validator,
    mistral: Validator,
    anthropic: Validator,
    gemini: Validator,
    converse: Validator,
}

impl Schemas {
    pub fn load(dir: &Path) -> Result<Self, String> {
        Ok(Schemas {
            openai: load(dir, "openai-chat")?,
            embeddings: load(dir, "openai-embeddings")?,
            responses: load(dir, "openai-responses")?,
            mistral: load(dir, "mistral")?,
            anthropic: load(dir, "anthropic")?,
            gemini: load(dir, "vertex-gemini")?,
            converse: load(dir, "bedrock-converse")?,
        })
    }

    /// The schema for bodies of this API that go to this provider. Providers that only resemble OpenAI publish none, and
    /// there is none of completions and of Gemini's embeddings.
    fn of(&self, api: Api, provider: &str) -> Option<&Validator> {
        match api {
            Api::OpenAiChat => ["openai", "azure"].contains(&provider).then_some(&self.openai),
            Api::OpenAiEmbeddings => ["openai", "azure"].contains(&provider).then_some(&self.embeddings),
            Api::OpenAiResponses => ["openai", "azure"].contains(&provider).then_some(&self.responses),
            Api::Mistral => Some(&self.mistral),
            Api::Anthropic => Some(&self.anthropic),
            Api::Gemini | Api::GeminiStream => Some(&self.gemini),
            Api::Converse | Api::ConverseStream => Some(&self.converse),
            // Anthropic's own has other fields for model and version, and Bedrock publishes none.
            Api::GeminiEmbeddings | Api::InvokeAnthropic | Api::OpenAiCompletions => None,
            // Neither vendor has one of its requests alone.
            Api::CohereChat | Api::CohereEmbeddings | Api::OllamaChat | Api::OllamaEmbeddings => None,
        }
    }

    /// What the vendor's schema says against a body; `None` where there is no schema.
    pub fn check(&self, api: Api, provider: &str, body: &Value) -> Option<Vec<String>> {
        let validator = self.of(api, provider)?;
        let body = of_vendor(api, provider, body.clone());
        let body = if provider == "google" { without_unlisted(&body) } else { body };
        let text = |error: jsonschema::ValidationError<'_>| -> String {
            format!("{}: {error}", error.instance_path()).chars().take(400).collect()
        };
        Some(validator.iter_errors(&body).map(text).collect())
    }

    /// Whether the recorded body does not follow the schema either. Traffic wins: what the vendor accepted it may be sent,
    /// and what it refused was recorded to see how it refuses.
    ///
    /// Seen so far: newer beta features (Anthropic's computer use, advisor, tools added in the conversation), what only the
    /// Gemini API has and not Vertex AI (`fileSearch`, ids of executed code), and schemas of callers in a spelling that
    /// the vendor reads and does not list (`property_ordering`).
    pub fn is_outdated(&self, record: &Record) -> bool {
        let refuses = |validator: &Validator| {
            let body = same::vendor_spelling(record.api.protocol(), &record.sent());
            !validator.is_valid(&of_vendor(record.api, &record.provider, body))
        };
        self.of(record.api, &record.provider).is_some_and(refuses)
    }
}

/// Fields that the Gemini API has and Vertex AI's schema, which stands in for its own, does not list: the object that has
/// it, the field, and why it is right.
const UNLISTED: [(&str, &str, &str); 1] = [(
    "/toolConfig",
    "includeServerSideToolInvocations",
    "asked for where functions stand beside the vendor's tools; recorded bodies that were accepted have it",
)];

/// A body as the vendor whose schema it is would get it: one for Anthropic's API on Vertex AI has a version in place of the
/// model.
fn of_vendor(api: Api, provider: &str, mut body: Value) -> Value {
    if let (Api::Anthropic, "vertex", Some(body)) = (api, provider, body.as_object_mut()) {
        body.remove("anthropic_version");
        body.insert("model".into(), "claude".into());
    }
    body
}

fn without_unlisted(body: &Value) -> Value {
    let mut body = body.clone();
    for (place, field, _) in UNLISTED {
        if let Some(object) = body.pointer_mut(place).and_then(Value::as_object_mut) {
            object.remove(field);
        }
    }
    body
}

fn load(dir: &Path, name: &str) -> Result<Validator, String> {
    let path = dir.join(format!("{name}.request.schema.json"));
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut schema: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    // A keyword of an older draft, which this one has under another name and with another type.
    if let Some(filter) = schema.pointer_mut("/$defs/CompoundFilter").and_then(Value::as_object_mut) {
        filter.remove("$recursiveAnchor");
    }
    jsonschema::draft202012::new(&schema).map_err(|error| format!("{}: {error}", path.display()))
}
