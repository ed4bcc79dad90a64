//! Answers become events.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::answer::{self, Candidate, Chunk, LogprobCandidate, LogprobsResult, UsageMetadata};
use super::calls::{Calls, OWN_ID};
use super::error::embedded;
use super::finish::{Names, finish_reason, merge, usage};
use super::sources::{same_source, sources};
use super::unsupported::OWN_PARTS;
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{
    Citation, Content, End, Event, FinishReason, Media, Other, Part, Source, Start, State, TokenLogprob,
};
use crate::providers::{ToolIds, json};
use crate::target::Target;

/// Where the state of a part says that it belongs to the thinking.
pub(super) const THOUGHT: &str = "thought";

/// Decodes one answer, whole or in chunks: a whole one is a single chunk that says everything.
pub(in crate::providers) struct ChatDecoder {
    target: Arc<Target>,
    names: &'static Names,
    started: bool,
    done: bool,
    /// How many parts there are: the index of the next one.
    parts: u32,
    /// The text or thinking that is being written.
    open: Option<(Open, u32)>,
    calls: Calls,
    cited: Vec<Citation>,
    usage: Option<UsageMetadata>,
    finish: Option<Finish>,
    /// The provider runs code of which the result has not come: an answer does not end here, whatever it says.
    runs_code: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Text,
    Reasoning,
}

/// Why the answer ended.
enum Finish {
    Reason(String),
    /// The prompt was refused: there is no answer.
    Blocked(String),
}

impl ChatDecoder {
    pub(in crate::providers) fn new(target: &Arc<Target>, names: &'static Names) -> Self {
        ChatDecoder {
            target: Arc::clone(target),
            names,
            started: false,
            done: false,
            parts: 0,
            open: None,
            calls: Calls::default(),
            cited: Vec::new(),
            usage: None,
            finish: None,
            runs_code: false,
        }
    }

    fn chunk(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        // A failure inside an array comes as an array of its own, and so does a stream that was not asked for.
        if data.trim_ascii_start().starts_with(b"[") {
            let chunks: Vec<Chunk<'_>> = json::parse(data, &room)?;
            return chunks.into_iter().try_for_each(|chunk| self.take(chunk, out));
        }
        self.take(json::parse(data, &room)?, out)
    }

    fn take(&mut self, chunk: Chunk<'_>, out: &mut Vec<Event>) -> Result<()> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        if !self.started {
            self.started = true;
            self.calls.belong_to(chunk.response_id.as_deref());
            out.push(Event::Start(Start { id: chunk.response_id, model: chunk.model_version, ..Start::default() }));
        }
        if let Some(new) = chunk.usage_metadata {
            self.usage = Some(merge(self.usage.take(), new));
        }
        let blocked = chunk.prompt_feedback.and_then(|feedback| feedback.block_reason);
        let blocked = blocked.map(|reason| reason.block_reason(self.names));
        if let Some(reason) = blocked.filter(|reason| is_said(reason)) {
            self.finish = Some(Finish::Blocked(reason));
        }
        // The response of this gateway is one answer; the first candidate is the one without an index.
        let first = |index: Option<u64>, place: u64| index.unwrap_or(place) == 0;
        for (place, candidate) in (0_u64..).zip(chunk.candidates) {
            if first(candidate.index.map(|index| index.value), place) {
                self.candidate(candidate, out)?;
            }
        }
        Ok(())
    }

    fn candidate(&mut self, mut candidate: Candidate<'_>, out: &mut Vec<Event>) -> Result<()> {
        for part in candidate.content.take().map(|content| content.parts).unwrap_or_default() {
            self.part(part, out)?;
        }
        if let Some(result) = candidate.logprobs_result.take() {
            out.push(Event::Logprobs { tokens: logprobs(*result) });
        }
        self.cite(&mut candidate, out);
        if let Some(reason) =
            candidate.finish_reason.map(|reason| reason.finish_reason(self.names)).filter(|reason| is_said(reason))
        {
            self.finish = Some(Finish::Reason(reason));
        }
        Ok(())
    }

    fn part(&mut self, part: answer::Part<'_>, out: &mut Vec<Event>) -> Result<()> {
        self.runs_code = part.rest.contains_key("executableCode");
        if let Some(call) = part.function_call {
            self.open = None;
            let state = self.state_of(&call, part.signature);
            return self.calls.add(&call, state, &mut self.parts, out);
        }
        let whole = part.inline_data.map(|it| blob(*it)).or(part.file_data.map(|it| file(*it)));
        if let Some(content) = whole {
            self.whole(content, part.rest, part.signature, part.thought, out);
        } else if let (None, Some(kind)) = (&part.text, own_kind(&part.rest)) {
            let mut rest = part.rest;
            let data = rest.shift_remove(&kind).unwrap_or_default();
            self.whole(Content::Other(Other { kind, data }), rest, part.signature, part.thought, out);
        } else {
            let kind = if part.thought { Open::Reasoning } else { Open::Text };
            self.write(kind, part.text.unwrap_or_default(), part.signature, out);
        }
        Ok(())
    }

    /// A fragment of text: it goes on with the part that is open. One with a signature is a part of its own, even where
    /// it is empty: it has to be sent back as it came.
    fn write(&mut self, kind: Open, text: Cow<'_, str>, signature: Option<String>, out: &mut Vec<Event>) {
        if text.is_empty() && signature.is_none() {
            return;
        }
        let text = text.into_owned();
        let index = match self.open {
            Some((open, index)) if open == kind && signature.is_none() => index,
            _ => self.next_part(),
        };
        out.push(match kind {
            Open::Text => Event::Text { index, text },
            Open::Reasoning => Event::Reasoning { index, text },
        });
        self.open = signature.is_none().then_some((kind, index));
        if let Some(signature) = signature {
            out.push(Event::State { index, state: self.signed(signature) });
        }
    }

    /// A part that arrives whole, with what else stands beside it.
    fn whole(
        &mut self,
        content: Content,
        rest: Map<String, Value>,
        signature: Option<String>,
        thought: bool,
        out: &mut Vec<Event>,
    ) {
        self.open = None;
        let mut part = Part::new(content);
        let signature = signature.map(|signature| ("thoughtSignature".to_owned(), Value::String(signature)));
        // Pictures that were drawn while thinking are sent back as such.
        let thought = thought.then(|| (THOUGHT.to_owned(), Value::Bool(true)));
        let data: Map<_, _> = signature.into_iter().chain(thought).collect();
        // Without a state nothing would say whose what only one provider has is.
        let stateful = !data.is_empty() || matches!(part.content, Content::Other(_));
        part.state = stateful.then(|| self.state(data));
        part.extra = (!rest.is_empty()).then(|| Box::new(rest));
        let index = self.next_part();
        out.push(Event::Part { index, part: Box::new(part) });
    }

    fn cite(&mut self, candidate: &mut Candidate<'_>, out: &mut Vec<Event>) {
        let known = self.cited.len();
        for (citation, state) in sources(candidate, self.target.provider()) {
            let earlier = self.cited.iter().take(known);
            if earlier.into_iter().any(|other| same_source(other, &citation)) {
                continue;
            }
            self.open = None;
            self.cited.push(citation.clone());
            let index = self.next_part();
            out.push(Event::Citation { index, citation, state });
        }
    }

    fn next_part(&mut self) -> u32 {
        let index = self.parts;
        self.parts += 1;
        index
    }

    /// A call's signature, and the word that its id is the provider's own where no other may be sent back.
    fn state_of(&self, call: &answer::FunctionCall<'_>, signature: Option<String>) -> Option<Box<State>> {
        let given = call.id.as_deref().filter(|id| !id.is_empty() && self.target.dialect().tool_ids == ToolIds::Own);
        let signature = signature.map(|signature| ("thoughtSignature".to_owned(), Value::String(signature)));
        let data: Map<_, _> = given.map(|id| (OWN_ID.to_owned(), id.into())).into_iter().chain(signature).collect();
        (!data.is_empty()).then(|| self.state(data))
    }

    #[expect(clippy::unnecessary_box_returns, reason = "parts and events hold their state in a box")]
    fn signed(&self, signature: String) -> Box<State> {
        self.state(Map::from_iter([("thoughtSignature".to_owned(), Value::String(signature))]))
    }

    #[expect(clippy::unnecessary_box_returns, reason = "parts and events hold their state in a box")]
    fn state(&self, data: Map<String, Value>) -> Box<State> {
        Box::new(State { provider: self.target.provider().to_owned(), data })
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        self.done = true;
        self.calls.finish(out);
        let (reason, raw) = match self.finish.take() {
            Some(Finish::Reason(raw)) => (finish_reason(&raw, self.calls.any()), Some(raw)),
            Some(Finish::Blocked(raw)) => (FinishReason::ContentFilter, Some(format!("promptFeedback:{raw}"))),
            None => (FinishReason::Other, None),
        };
        out.push(Event::End(Box::new(End {
            finish_reason: reason,
            finish_reason_raw: raw,
            usage: self.usage.take().as_ref().and_then(usage),
            ..End::default()
        })));
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
                if self.parts == 0 && self.finish.is_none() {
                    return Err(Error::protocol(
                        "empty_response",
                        format!("{} answered without any content", self.target.label),
                    ));
                }
                self.end(out);
                Ok(())
            }
        }
    }

    /// The end of a stream is the end of its body: a finish reason may come more than once.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        if self.may_end() {
            self.end(out);
            return Ok(());
        }
        let missing = if self.runs_code { "the result of its code" } else { "a finish reason" };
        let message = format!("the stream from {} ended without {missing}", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, message).retry(Retry::After(Duration::ZERO)))
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn may_end(&self) -> bool {
        let goes_on = |reason: &Finish| self.runs_code && matches!(reason, Finish::Reason(raw) if raw == "STOP");
        self.done || self.finish.as_ref().is_some_and(|reason| !goes_on(reason))
    }
}

/// Whether a reason is one: the protocol's default stands for none.
fn is_said(reason: &str) -> bool {
    !reason.is_empty() && !reason.ends_with("_UNSPECIFIED")
}

/// What a part is whose kind this build does not know: the key of a known tool of the API's own, else the first.
fn own_kind(rest: &Map<String, Value>) -> Option<String> {
    let known = OWN_PARTS.iter().copied().find(|kind| rest.contains_key(*kind));
    known.or_else(|| rest.keys().next().map(String::as_str)).map(str::to_owned)
}

fn blob(blob: answer::Blob) -> Content {
    let mime = blob.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    media(Source::Data(blob.data), Some(mime), blob.display_name)
}

fn file(file: answer::FileData) -> Content {
    media(Source::Url(file.file_uri), file.mime_type, file.display_name)
}

fn media(source: Source, mime: Option<String>, filename: Option<String>) -> Content {
    let kind = mime.as_deref().and_then(|mime| mime.split('/').next()).unwrap_or_default().to_owned();
    let mut media = Media::new(source, mime);
    media.filename = filename;
    match kind.as_str() {
        "image" => Content::Image(media),
        "audio" => Content::Audio(media),
        _ => Content::File(media),
    }
}

fn logprobs(result: LogprobsResult) -> Vec<TokenLogprob> {
    let mut tops = result.top_candidates.into_iter();
    let token = |it: LogprobCandidate| TokenLogprob { token: it.token, logprob: it.log_probability, top: Vec::new() };
    let chosen = result.chosen_candidates.into_iter();
    chosen
        .map(|it| {
            let top = tops.next().map(|top| top.candidates.into_iter().map(token).collect()).unwrap_or_default();
            TokenLogprob { top, ..token(it) }
        })
        .collect()
}
