//! The simulated model: what it is asked, what it answers, whatever the wire format.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::schema;

/// How many words of a message the model repeats.
const ECHO: usize = 40;
/// How many characters of a call's arguments come at once.
const FRAGMENT: usize = 8;
/// What it answers where nothing else is configured.
const REPLY: &str = "You said \"{prompt}\". I am {model}, a simulated model: no key, no network, no bill.";

/// What the model is asked.
#[derive(Debug, Default)]
pub(super) struct Prompt {
    pub(super) model: String,
    pub(super) stream: bool,
    /// Whether a stream is to tell its usage (OpenAI).
    pub(super) wants_usage: bool,
    pub(super) turn: Turn,
    /// All that it reads, in words.
    pub(super) input_tokens: u64,
    /// Images, sounds and files in the last message.
    pub(super) attachments: usize,
    pub(super) tools: Vec<Function>,
    pub(super) choice: Choice,
    /// Whether it must not call several tools at once.
    pub(super) one_call: bool,
    pub(super) format: Format,
    pub(super) max_tokens: Option<u64>,
    pub(super) stop: Vec<String>,
    pub(super) thinking: Thinking,
    /// How many alternatives to show for each word, where log probabilities are asked for.
    pub(super) logprobs: Option<usize>,
}

/// Whether it thinks first, and says what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Thinking {
    #[default]
    Off,
    Hidden,
    Shown,
}

impl Thinking {
    pub(super) fn new(on: bool, shown: bool) -> Self {
        match (on, shown) {
            (false, _) => Thinking::Off,
            (true, false) => Thinking::Hidden,
            (true, true) => Thinking::Shown,
        }
    }
}

impl Prompt {
    /// Reads a message. The last one is what it answers.
    pub(super) fn said(&mut self, text: String, attachments: usize) {
        self.input_tokens += count(&text);
        self.attachments = attachments;
        self.turn = Turn::Said(text);
    }

    /// Reads a message that may have tools' results and, after them, a text, which is then what counts.
    pub(super) fn message(&mut self, text: String, attachments: usize, results: impl Iterator<Item = String>) {
        let mut only_results = false;
        for result in results {
            self.result(result);
            only_results = text.is_empty();
        }
        if !only_results {
            self.said(text, attachments);
        }
    }

    /// Reads a tool's result. All results in a row are answered together.
    pub(super) fn result(&mut self, text: String) {
        self.input_tokens += count(&text);
        match &mut self.turn {
            Turn::ToolResults(results) => results.push(text),
            turn @ Turn::Said(_) => *turn = Turn::ToolResults(vec![text]),
        }
    }
}

/// What has to be answered.
#[derive(Debug)]
pub(super) enum Turn {
    Said(String),
    ToolResults(Vec<String>),
}

impl Default for Turn {
    fn default() -> Self {
        Turn::Said(String::new())
    }
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The schema of its arguments.
    pub(super) parameters: Value,
}

#[derive(Debug, Default, PartialEq)]
pub(super) enum Choice {
    #[default]
    Auto,
    None,
    Named(String),
}

#[derive(Debug, Default)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
    Schema(Value),
}

/// What it answers.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reply {
    pub(super) thought: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) finish: Finish,
    pub(super) usage: Usage,
}

#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Value,
}

#[derive(Debug, Default, PartialEq)]
pub(super) enum Finish {
    #[default]
    Stop,
    StopSequence(String),
    Length,
    ToolCalls,
}

/// Tokens, which are words here.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) input: u64,
    /// All that it writes, thinking included.
    pub(super) output: u64,
    pub(super) thought: u64,
}

/// The number of words of a text.
pub(super) fn count(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// A text cut after each word: the pieces of a stream.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(char::is_whitespace)
}

/// The likeliest words in place of this one, itself among them, with their log probabilities: each half as likely as the
/// one before.
pub(super) fn likeliest(word: &str) -> impl Iterator<Item = (String, f64)> {
    let likely = |rank: u32| -std::f64::consts::LN_2 * f64::from(rank + 1);
    (0..).map(move |rank| (if rank == 0 { word.to_owned() } else { format!("{word}{rank}") }, likely(rank)))
}

/// JSON text in small pieces, as the arguments of a call arrive.
pub(super) fn fragments(text: &str) -> Vec<String> {
    let chars: Vec<_> = text.chars().collect();
    chars.chunks(FRAGMENT).map(|chunk| chunk.iter().collect()).collect()
}

/// Answers. `says` replaces everything that the model would say or call, `template` only its small talk.
pub(super) fn reply(prompt: &Prompt, says: Option<&str>, template: Option<&str>) -> Reply {
    let calls = if says.is_some() { Vec::new() } else { calls(prompt) };
    let mut reply = Reply { calls, ..Reply::default() };
    if prompt.thinking != Thinking::Off {
        reply.thought = thought(prompt);
    }
    if reply.calls.is_empty() {
        reply.text = says.map_or_else(|| text(prompt, template), str::to_owned);
        reply.finish = stop(&mut reply.text, &prompt.stop);
    } else {
        reply.finish = Finish::ToolCalls;
    }
    limit(&mut reply, prompt.max_tokens);
    let called: u64 = reply.calls.iter().map(|call| 1 + count(&call.arguments.to_string())).sum();
    let thought = count(&reply.thought);
    reply.usage = Usage { input: prompt.input_tokens, output: thought + count(&reply.text) + called, thought };
    reply
}

/// The forced tool; else the tools that the message names; else the first.
fn calls(prompt: &Prompt) -> Vec<Call> {
    let Turn::Said(said) = &prompt.turn else { return Vec::new() };
    let mut chosen: Vec<_> = match &prompt.choice {
        Choice::None => return Vec::new(),
        Choice::Named(name) => prompt.tools.iter().filter(|tool| tool.name == *name).collect(),
        Choice::Auto => prompt.tools.iter().filter(|tool| said.contains(&tool.name)).collect(),
    };
    if chosen.is_empty() {
        chosen.extend(prompt.tools.first());
    }
    if prompt.one_call {
        chosen.truncate(1);
    }
    let call = |tool: &Function| Call { name: tool.name.clone(), arguments: schema::example(&tool.parameters, said) };
    chosen.into_iter().map(call).collect()
}

fn thought(prompt: &Prompt) -> String {
    match &prompt.turn {
        Turn::Said(said) => format!("They said \"{}\". Let me see what is best here.", shorten(said)),
        Turn::ToolResults(_) => "The tools have answered. Let me put it into words.".to_owned(),
    }
}

fn text(prompt: &Prompt, template: Option<&str>) -> String {
    let said = match &prompt.turn {
        Turn::Said(said) => shorten(said),
        Turn::ToolResults(results) => shorten(&results.join(" ")),
    };
    match (&prompt.format, &prompt.turn) {
        (Format::Json, _) => json!({ "answer": said }).to_string(),
        (Format::Schema(schema), _) => schema::example(schema, &said).to_string(),
        (Format::Text, Turn::ToolResults(_)) if template.is_none() => format!("The tools say: {said}"),
        (Format::Text, _) => {
            let mut text = template.unwrap_or(REPLY).replace("{model}", &prompt.model).replace("{prompt}", &said);
            if prompt.attachments > 0 && template.is_none() {
                let _ = write!(text, " Attachments that came with it: {}.", prompt.attachments);
            }
            text
        }
    }
}

fn shorten(text: &str) -> String {
    let mut words: Vec<_> = text.split_whitespace().take(ECHO + 1).collect();
    if words.len() > ECHO {
        words.truncate(ECHO);
        words.push("...");
    }
    words.join(" ")
}

/// Cuts the text before the first stop sequence.
fn stop(text: &mut String, sequences: &[String]) -> Finish {
    let found =
        sequences.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| Some((text.find(stop.as_str())?, stop)));
    match found.min_by_key(|(at, _)| *at) {
        Some((at, stop)) => {
            text.truncate(at);
            Finish::StopSequence(stop.clone())
        }
        None => Finish::Stop,
    }
}

/// Thinking counts first, then the text.
fn limit(reply: &mut Reply, max_tokens: Option<u64>) {
    let Some(max) = max_tokens else { return };
    let left = max.saturating_sub(count(&reply.thought));
    let fits = clip(&mut reply.thought, max) & clip(&mut reply.text, left);
    if !fits {
        reply.finish = Finish::Length;
    }
}

/// Keeps the first `max` words. Whether that is all of them.
fn clip(text: &mut String, max: u64) -> bool {
    let mut left = max;
    let mut end = 0;
    let over = words(text).any(|word| {
        let blank = word.trim().is_empty();
        if !blank && left == 0 {
            return true;
        }
        left -= u64::from(!blank);
        end += word.len();
        false
    });
    if over {
        text.truncate(end);
    }
    !over
}
