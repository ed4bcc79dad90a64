//! What models can do, by provider and family: one table, which refuses what cannot work before it is sent, says which
//! targets of a route may be asked, and where something is to be emulated.
//!
//! A model that no row names can do all that its provider can: what is not known is sent, and the answer decides.
//!
//! ```
//! use tidegate::capabilities::{Ability, family};
//! let model = family("openai-chat", "gpt-3.5-turbo-0125").unwrap();
//! assert_eq!((model.context, model.output), (16_385, 4_096));
//! assert!(model.can(Ability::Tools) && !model.can(Ability::Images));
//! assert!(family("openai-chat", "a-model-of-tomorrow").is_none());
//! ```

mod check;
mod emulate;
mod families;
mod fit;

pub(crate) use check::{holds, unsupported};
pub use families::FAMILIES;
pub(crate) use fit::fit;

/// Something that a model can do or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Call tools.
    Tools,
    /// Be made to call a tool.
    ForcedTools,
    /// Call several tools at once.
    ParallelTools,
    /// Answer in JSON that follows a schema.
    JsonSchema,
    /// Read images.
    Images,
    /// Read PDF documents.
    Pdf,
    /// Read sound.
    Audio,
    /// Think before it answers.
    Reasoning,
    /// Keep a prefix of the prompt.
    PromptCaching,
    /// Say how likely its tokens were.
    Logprobs,
}

impl Ability {
    /// Every ability, in the order of the table's columns.
    pub const ALL: [Ability; 10] = [
        Ability::Tools,
        Ability::ForcedTools,
        Ability::ParallelTools,
        Ability::JsonSchema,
        Ability::Images,
        Ability::Pdf,
        Ability::Audio,
        Ability::Reasoning,
        Ability::PromptCaching,
        Ability::Logprobs,
    ];

    /// Its letter in the table.
    const fn letter(self) -> char {
        match self {
            Ability::Tools => 't',
            Ability::ForcedTools => 'f',
            Ability::ParallelTools => 'p',
            Ability::JsonSchema => 's',
            Ability::Images => 'i',
            Ability::Pdf => 'd',
            Ability::Audio => 'a',
            Ability::Reasoning => 'r',
            Ability::PromptCaching => 'c',
            Ability::Logprobs => 'l',
        }
    }

    /// As the documentation calls it: `JSON schema`.
    pub const fn title(self) -> &'static str {
        match self {
            Ability::Tools => "tools",
            Ability::ForcedTools => "forced tools",
            Ability::ParallelTools => "parallel tools",
            Ability::JsonSchema => "JSON schema",
            Ability::Images => "images",
            Ability::Pdf => "PDF",
            Ability::Audio => "audio",
            Ability::Reasoning => "reasoning",
            Ability::PromptCaching => "prompt caching",
            Ability::Logprobs => "logprobs",
        }
    }
}

/// A family of models: those whose names begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// How their names begin, behind makers, regions and folders: `gpt-4o` names `openai/gpt-4o-2024-11-20`, too.
    pub name: &'static str,
    /// The protocol that it holds for; `None` for any.
    pub protocol: Option<&'static str>,
    /// The most tokens of prompt and answer together.
    pub context: u32,
    /// The most tokens that it writes.
    pub output: u32,
    /// The letters of what it can do, and dashes.
    abilities: &'static str,
}

impl Family {
    const fn of(name: &'static str, context: u32, output: u32, abilities: &'static str) -> Self {
        Family { name, protocol: None, context, output, abilities }
    }

    const fn on(self, protocol: &'static str) -> Self {
        Family { protocol: Some(protocol), ..self }
    }

    /// Whether it can do something.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(ability.letter())
    }

    /// Whether `model` is of this family, by any of the names that providers have for it.
    fn names(&self, model: &str) -> bool {
        starts(model).any(|name| {
            let rest = name.get(..self.name.len()).filter(|start| start.eq_ignore_ascii_case(self.name));
            let next = name.get(self.name.len()..).unwrap_or_default().bytes().next();
            // `gpt-4` is neither `gpt-4o` nor `gpt-4.1`.
            rest.is_some() && next.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'.')
        })
    }
}

/// Where a maker's own name may begin: behind folders (`openai/gpt-4o`), and behind words that end in a dot
/// (`us.anthropic.claude-...`).
fn starts(model: &str) -> impl Iterator<Item = &str> {
    let model = model.rsplit('/').next().unwrap_or(model);
    let mut rest = Some(model);
    std::iter::from_fn(move || {
        let name = rest?;
        rest =
            name.split_once('.').filter(|(word, _)| word.bytes().all(|byte| byte.is_ascii_alphabetic())).map(|it| it.1);
        Some(name)
    })
}

/// The family that knows most of a model: the one with the longest name, one for this protocol before one for any.
pub fn family(protocol: &str, model: &str) -> Option<&'static Family> {
    let holds = |family: &&Family| family.protocol.is_none_or(|only| only == protocol) && family.names(model);
    FAMILIES.iter().filter(holds).max_by_key(|family| (family.name.len(), family.protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_well_formed_and_no_family_is_listed_twice() {
        let mut seen = std::collections::HashSet::new();
        for row in FAMILIES {
            let fits = |(letter, ability): (char, Ability)| letter == '-' || letter == ability.letter();
            assert_eq!(row.abilities.len(), Ability::ALL.len(), "{}", row.name);
            assert!(row.abilities.chars().zip(Ability::ALL).all(fits), "{}", row.name);
            assert!(row.output <= row.context && row.output > 0, "{}", row.name);
            assert!(seen.insert((row.name, row.protocol)), "{} is listed twice", row.name);
            assert_eq!(family(row.protocol.unwrap_or("openai-chat"), row.name), Some(row));
        }
    }

    #[test]
    fn families_are_found_by_every_name_of_a_model() {
        let table = [
            ("gpt-4o-2024-11-20", "gpt-4o"),
            ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
            ("openai/gpt-4.1-mini", "gpt-4.1"),
            ("us.anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku"),
            ("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-pro-v1:0", "nova-pro"),
            ("publishers/anthropic/models/claude-opus-4-1@20250805", "claude-opus-4-1"),
            ("models/gemini-2.5-flash", "gemini-2.5-flash"),
            ("GPT-4o", "gpt-4o"),
        ];
        for (model, name) in table {
            assert_eq!(family("openai-chat", model).map(|family| family.name), Some(name), "{model}");
        }
        for unknown in ["gpt-4ox", "gpt-4.9", "claude-opus-4-99", "my-gpt-4o", "o11", ""] {
            assert_eq!(family("openai-chat", unknown), None, "{unknown}");
        }
    }
}
