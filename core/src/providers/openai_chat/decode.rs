//! OpenAI answers become events.

mod message;

use std::sync::Arc;

use serde_json::{Map, Value};

use self::message::cited;
use super::error::{embedded, unasked};
use super::logic::finish_reason;
use super::reasoning::Details;
use super::tools::Tools;
use super::types::{Choice, Completion, Message, Usage};
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{End, Event, Part, Start, State};
use crate::providers::{StreamEnd, json, status};
use crate::target::Target;

/// Decodes one answer, whole or in chunks: a whole one is a single chunk that says everything.
#[expect(clippy::struct_excessive_bools, reason = "what has come so far: independent facts")]
pub(super) struct ChatDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    /// How many parts there are: the index of the next one.
    parts: u32,
    /// What sound is asked for: `mp3`. The answer does not say it.
    audio_format: String,
    /// The sound, once any has come.
    audio: Option<u32>,
    /// The parts of the tools that Groq ran, by its own index.
    executed: Vec<(u64, u32)>,
    /// The text, thinking or refusal that is being written.
    open: Option<(Open, u32)>,
    tools: Tools,
    details: Details,
    /// The finish reason, once it came.
    finish: Option<String>,
    usage: Option<Box<Usage>>,
    /// The sources of the whole answer. Perplexity repeats them in every chunk: the last list counts.
    sources: Vec<Value>,
    has_annotations: bool,
    /// Something was said, if only by a finish reason.
    has_content: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Text,
    Reasoning,
    Refusal,
}

impl ChatDecoder {
    pub(super) fn new(target: &Arc<Target>, extra: &Map<String, Value>) -> Self {
        let format = extra.get("audio").and_then(|audio| audio.get("format")).and_then(Value::as_str);
        ChatDecoder {
            target: Arc::clone(target),
            audio_format: format.unwrap_or("wav").to_owned(),
            audio: None,
            executed: Vec::new(),
            started: false,
            done: false,
            parts: 0,
            open: None,
            tools: Tools::default(),
            details: Details::default(),
            finish: None,
            usage: None,
            sources: Vec::new(),
            has_annotations: false,
            has_content: false,
        }
    }

    /// Decodes a chunk of a stream, or the `whole` answer.
    fn chunk(&mut self, data: &[u8], whole: bool, out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let completion: Completion<'_> = json::parse(data, &room)?;
        if let Some(error) = completion.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        if let Some(error) = completion.base_resp.and_then(|outcome| outcome.error(&self.target)) {
            return Err(error);
        }
        // Azure begins with a chunk that has neither an id nor a choice, only the verdict on the prompt.
        let says_who = !completion.choices.is_empty() || completion.id.as_ref().is_some_and(|id| !id.0.is_empty());
        if !says_who
            && completion.usage.is_none()
            && let Some(error) = unasked(data, &self.target)
        {
            return Err(error);
        }
        if !self.started && says_who {
            self.started = true;
            let (id, model) = (completion.id.and_then(json::Text::said), completion.model.and_then(json::Text::said));
            out.push(Event::Start(Start { id, model, ..Start::default() }));
        }
        let (groq_usage, groq_error) = completion.x_groq.map(|groq| (groq.usage, groq.error)).unwrap_or_default();
        self.usage = completion.usage.or(groq_usage).or(self.usage.take());
        if let Some(sources) = completion.citations {
            self.sources = sources;
        }
        // The gateway never asks for more than one choice; what a server sends of others is not part of this answer.
        for choice in completion.choices.into_iter().filter(|choice| choice.index == 0) {
            self.choice(choice, whole, out)?;
        }
        match groq_error.filter(|error| !error.is_null()) {
            Some(error) => Err(embedded(&error, &self.target)),
            None => Ok(()),
        }
    }

    fn choice(&mut self, choice: Choice, whole: bool, out: &mut Vec<Event>) -> Result<()> {
        let (first, second) = if whole { (choice.message, choice.delta) } else { (choice.delta, choice.message) };
        let answer = choice.messages.map(|messages| self.run_by_vendor(messages, out)).transpose()?.flatten();
        let message = first.or(second).or(answer);
        let text = message.as_deref().and_then(Message::text);
        let tokens = choice.logprobs.map(|logprobs| logprobs.tokens(text)).unwrap_or_default();
        if let Some(message) = message {
            self.message(*message, whole, out);
        }
        if !tokens.is_empty() {
            out.push(Event::Logprobs { tokens });
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish = Some(reason);
        }
        self.usage = choice.usage.or(self.usage.take());
        match choice.error.filter(|error| !error.is_null()) {
            Some(error) => Err(embedded(&error, &self.target)),
            None => Ok(()),
        }
    }

    /// A fragment of text: it goes on with the part that is open, or begins the next.
    fn write(&mut self, kind: Open, text: String, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        self.has_content = true;
        let index = match self.open {
            Some((open, index)) if open == kind => index,
            _ => self.begin(kind),
        };
        out.push(match kind {
            Open::Text => Event::Text { index, text },
            Open::Reasoning => Event::Reasoning { index, text },
            Open::Refusal => Event::Refusal { index, text },
        });
    }

    fn begin(&mut self, kind: Open) -> u32 {
        let index = self.next_part();
        self.open = Some((kind, index));
        index
    }

    fn next_part(&mut self) -> u32 {
        let index = self.parts;
        self.parts += 1;
        index
    }

    /// The part that `reasoning_details` belong to: the thinking under way, or one without visible text.
    fn reasoning_index(&mut self) -> u32 {
        match self.open {
            Some((Open::Reasoning, index)) => index,
            _ => match self.details.index() {
                Some(index) => index,
                None => self.begin(Open::Reasoning),
            },
        }
    }

    fn part(&mut self, part: Part, out: &mut Vec<Event>) {
        self.open = None;
        self.has_content = true;
        let index = self.next_part();
        out.push(Event::Part { index, part: Box::new(part) });
    }

    fn state(&self, key: &str, value: Value) -> State {
        let mut data = Map::new();
        data.insert(key.to_owned(), value);
        State { provider: self.target.provider().to_owned(), data }
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let failed = matches!(self.finish.as_deref(), Some("error" | "network_error"));
        if failed && !self.has_content {
            // Z.ai and Mistral say so of a model that broke.
            return Err(status::failed(Kind::Server, status::AGAIN, "the model failed", &self.target));
        }
        self.done = true;
        self.tools.finish(&mut self.parts, out);
        if let Some((index, details)) = self.details.take() {
            out.push(Event::State { index, state: Box::new(self.state("reasoning_details", details)) });
        }
        if !self.has_annotations {
            for source in std::mem::take(&mut self.sources) {
                let (citation, index) = (cited(&source), self.next_part());
                out.push(Event::Citation { index, citation, state: None });
            }
        }
        let raw = self.finish.take();
        let usage = self.usage.take();
        let cost = usage.as_deref().and_then(super::logic::cost);
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), self.tools.any()),
            finish_reason_raw: raw,
            usage: usage.as_deref().map(super::logic::usage),
            cost,
            ..End::default()
        })));
        Ok(())
    }
}

impl Decoder for ChatDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => {
                self.chunk(body, true, out)?;
                if !self.has_content && self.finish.is_none() {
                    return Err(Error::protocol(
                        "empty_response",
                        format!("{} answered without any content", self.target.label),
                    ));
                }
                self.end(out)
            }
            // Some send spaces after it.
            Frame::Event { data, .. } if data.trim_ascii() == b"[DONE]" => {
                if self.finish.is_none() {
                    return self.finish(out);
                }
                self.end(out)
            }
            Frame::Event { data, .. } if data.trim_ascii().is_empty() => Ok(()),
            Frame::Event { data, .. } => self.chunk(data, false, out),
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let missing = match (self.finish.is_some(), self.target.dialect().stream_end) {
            (true, StreamEnd::FinishReason) => return self.end(out),
            (true, StreamEnd::Sentinel) => "[DONE]",
            (false, _) => "a finish reason",
        };
        Err(Error::new(
            Kind::StreamIncomplete,
            format!("the stream from {} ended without {missing}", self.target.label),
        )
        .retry(Retry::After(std::time::Duration::ZERO)))
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn may_end(&self) -> bool {
        self.done || (self.finish.is_some() && self.target.dialect().stream_end == StreamEnd::FinishReason)
    }
}
