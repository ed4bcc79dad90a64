//! Answers become events.

use std::sync::Arc;

use serde_json::Map;
use serde_json::value::RawValue;

use super::answer::{Chunk, Logprob, Message, ToolCall, usage};
use super::error::embedded;
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result};
use crate::model::{End, Event, FinishReason, Start, State, Usage};
use crate::providers::json;
use crate::providers::made_ids::{made, of_answer};
use crate::providers::status::AGAIN;
use crate::target::Target;

/// Decodes one answer, whole or line by line: a whole one is a single line that says everything.
pub(super) struct ChatDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    /// How many parts there are: the index of the next one.
    parts: u32,
    /// The text or thinking that is being written.
    open: Option<(Open, u32)>,
    calls: u32,
    /// What tells the ids of this answer's calls from those of the next.
    answer: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Text,
    Thinking,
}

impl ChatDecoder {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        ChatDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            parts: 0,
            open: None,
            calls: 0,
            answer: String::new(),
        }
    }

    fn chunk(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let chunk: Chunk<'_> = json::parse(data, &room)?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        if !self.started {
            self.started = true;
            self.answer = of_answer(chunk.created_at.as_deref());
            out.push(Event::Start(Start { id: None, model: chunk.model, ..Start::default() }));
        }
        if let Some(message) = chunk.message {
            self.message(message, out);
        }
        if let Some(logprobs) = chunk.logprobs.filter(|logprobs| !logprobs.is_empty()) {
            out.push(Event::Logprobs { tokens: logprobs.into_iter().map(Logprob::token).collect() });
        }
        if chunk.done == Some(true) {
            self.end(chunk.done_reason, usage(chunk.prompt_eval_count, chunk.eval_count), out);
        }
        Ok(())
    }

    fn message(&mut self, message: Message<'_>, out: &mut Vec<Event>) {
        self.write(Open::Thinking, message.thinking.unwrap_or_default(), out);
        self.write(Open::Text, message.content.unwrap_or_default(), out);
        for call in message.tool_calls.into_iter().flatten() {
            self.call(call, out);
        }
    }

    /// A fragment of text: it goes on with the part that is open, or begins the next.
    fn write(&mut self, kind: Open, text: String, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        let (index, begins) = match self.open {
            Some((open, index)) if open == kind => (index, false),
            _ => (self.next_part(), true),
        };
        self.open = Some((kind, index));
        match kind {
            Open::Text => out.push(Event::Text { index, text }),
            Open::Thinking => {
                out.push(Event::Reasoning { index, text });
                if begins {
                    // It says whose it is: thinking goes back to the same provider only.
                    let state = State { provider: self.target.provider().to_owned(), data: Map::new() };
                    out.push(Event::State { index, state: Box::new(state) });
                }
            }
        }
    }

    fn call(&mut self, call: ToolCall<'_>, out: &mut Vec<Event>) {
        let Some(function) = call.function else { return };
        self.open = None;
        self.calls += 1;
        let index = self.next_part();
        let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| made(&self.answer, self.calls));
        out.push(Event::ToolCall { index, id, name: function.name.unwrap_or_default() });
        out.extend(function.arguments.and_then(json_text).map(|fragment| Event::Arguments { index, fragment }));
    }

    fn next_part(&mut self) -> u32 {
        let index = self.parts;
        self.parts += 1;
        index
    }

    fn end(&mut self, raw: Option<String>, usage: Option<Usage>, out: &mut Vec<Event>) {
        self.done = true;
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), self.calls > 0),
            finish_reason_raw: raw.filter(|raw| !raw.is_empty()),
            usage,
            ..End::default()
        })));
    }
}

/// Arguments as JSON text. They are an object; some proxies send it as a text.
fn json_text(arguments: &RawValue) -> Option<String> {
    let json = arguments.get();
    if json.starts_with('"') { serde_json::from_str(json).ok() } else { Some(json.to_owned()) }
}

/// The finish reason. The API says `stop` for an answer that waits for tools too; of a model that was only loaded or
/// unloaded, there is no answer.
fn finish_reason(raw: Option<&str>, has_calls: bool) -> FinishReason {
    match raw {
        Some("stop" | "") | None if has_calls => FinishReason::ToolCalls,
        Some("stop") => FinishReason::Stop,
        Some("length") => FinishReason::Length,
        _ => FinishReason::Other,
    }
}

impl Decoder for ChatDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            // A proxy may end the stream as OpenAI's end.
            Frame::Event { data, .. } if matches!(data.trim_ascii(), b"" | b"[DONE]") => Ok(()),
            Frame::Event { data, .. } => self.chunk(data, out),
            Frame::Whole(body) => {
                self.chunk(body, out)?;
                if self.parts == 0 && !self.done {
                    let message = format!("{} answered without any content", self.target.label);
                    return Err(Error::protocol("empty_response", message));
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let message = format!("the answer of {} ended without done: true", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, message).retry(AGAIN))
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_reasons() {
        let table = [
            (Some("stop"), false, FinishReason::Stop),
            (Some("stop"), true, FinishReason::ToolCalls),
            (Some("length"), true, FinishReason::Length),
            (Some("load"), false, FinishReason::Other),
            (Some("unload"), false, FinishReason::Other),
            (None, true, FinishReason::ToolCalls),
            (None, false, FinishReason::Other),
        ];
        for (raw, calls, want) in table {
            assert_eq!(finish_reason(raw, calls), want, "{raw:?}");
        }
    }
}
