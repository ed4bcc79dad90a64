//! A completion, whose intent is little more than its prompt: the settings are those of the recorded body.

use serde_json::{Map, Value, json};

/// Fields that a request has under the same name, or that the gateway writes itself.
const SETTINGS: [&str; 6] = ["temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty"];
const OWN: [&str; 5] = ["model", "prompt", "stream", "stream_options", "n"];

/// Adds the prompt, as the only message, and the settings.
pub fn fill(prompt: &Value, sent: &Value, out: &mut Map<String, Value>) {
    let text = if prompt.is_array() { &prompt[0] } else { prompt };
    out.insert("messages".into(), json!([{"role": "user", "content": text}]));
    let mut extra = Map::new();
    for (key, value) in sent.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let number = value.as_f64().unwrap_or_default();
        match key.as_str() {
            own if OWN.contains(&own) => {}
            "temperature" if number > 2.0 => drop(extra.insert(key.clone(), value.clone())),
            "max_tokens" if number >= 1.0 => drop(out.insert(key.clone(), value.clone())),
            "logprobs" => drop(out.insert("top_logprobs".into(), value.clone())),
            name if SETTINGS.contains(&name) => drop(out.insert(key.clone(), value.clone())),
            // What a request has no field for, or refuses, goes to the provider as it is.
            _ => drop(extra.insert(key.clone(), value.clone())),
        }
    }
    if !extra.is_empty() {
        out.insert("extra".into(), extra.into());
    }
}
