//! What the models of this API do that their requests have to know.
//!
//! Source: the OpenAI guides "Reasoning models" and "Models", and xAI's "Reasoning".

/// How the names of models begin that think unless they are told not to. Others refuse to be asked for encrypted thinking:
/// "Encrypted content is not supported with this model".
const THINKERS: [&str; 9] =
    ["o1", "o3", "o4", "codex-", "computer-use", "gpt-oss", "grok-3-mini", "grok-4", "grok-code"];
/// What a name has in it where a model of such a family does not think.
const THOUGHTLESS: [&str; 2] = ["-chat", "non-reasoning"];
/// From this generation on GPTs think.
const FIRST_THINKING_GPT: u32 = 5;

/// Whether a model thinks without being asked to. A name that says nothing (a deployment's) counts as no.
pub(super) fn thinks(model: &str) -> bool {
    // OpenRouter's names begin with the vendor, those of fine-tuned models with `ft:`.
    let name = model.rsplit('/').next().unwrap_or(model);
    let name = name.strip_prefix("ft:").unwrap_or(name);
    let family = THINKERS.iter().any(|prefix| name.starts_with(prefix)) || thinking_gpt(name);
    family && !THOUGHTLESS.iter().any(|word| name.contains(word))
}

fn thinking_gpt(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("gpt-") else { return false };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let generation = rest.get(..digits).and_then(|digits| digits.parse::<u32>().ok());
    generation.is_some_and(|generation| generation >= FIRST_THINKING_GPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_that_think() {
        for name in ["o3-mini", "gpt-5", "gpt-5.2-codex", "openai/gpt-5-mini", "gpt-10", "grok-4-fast", "ft:o4-mini:me"]
        {
            assert!(thinks(name), "{name}");
        }
        for name in ["gpt-4o", "gpt-4.1", "gpt-5-chat-latest", "grok-4-fast-non-reasoning", "my-deployment", "gpt-"] {
            assert!(!thinks(name), "{name}");
        }
    }
}
