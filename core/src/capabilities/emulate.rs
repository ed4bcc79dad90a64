//! What a target lacks, said in what it has, where the answer is exactly the same.
//!
//! JSON that follows a schema: a tool that takes that schema and has to be called. Its arguments become the answer's text.

use crate::codec::{Decoder, Frame};
use crate::error::Result;
use crate::model::{Chat, Content, Event, FinishReason, Request, ResponseFormat, Task, Tool, ToolChoice};
use crate::target::Target;
use serde_json::Value;

/// The name of the tool where the schema has none that every provider takes.
const NAME: &str = "answer";
/// What the model is told of it where the schema says nothing.
const DESCRIPTION: &str = "Gives the answer. Its arguments are all that is read.";
/// The longest name of a tool that every provider takes.
const LONGEST_NAME: usize = 64;

/// The request that has a tool in the place of its schema, and the tool's name. `None` where it has no schema, or none that
/// a tool can take, or calls tools of its own: then its answer may be either.
pub(super) fn as_tool(request: &Request, target: &Target) -> Option<(Request, String)> {
    let chat = request.as_chat()?;
    let ResponseFormat::Schema { name, description, schema, .. } = chat.response_format.as_ref()? else { return None };
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    if !is_object || !chat.tools.is_empty() || has_calls(chat) {
        return None;
    }
    let name = name.as_deref().filter(|name| is_common(name)).unwrap_or(NAME).to_owned();
    let tool = Tool::Function {
        name: name.clone(),
        description: Some(description.as_deref().unwrap_or(DESCRIPTION).to_owned()),
        parameters: Some(schema.clone()),
        strict: None,
        cache_control: None,
    };
    let mut request = request.clone();
    if let Task::Chat(chat) = &mut request.task {
        chat.response_format = None;
        chat.tools = vec![tool];
        chat.tool_choice = Some(ToolChoice::Tool(name.clone()));
        // One answer, where that can be said.
        chat.parallel_tool_calls = target.dialect().can.parallel_tool_calls.then_some(false);
    }
    Some((request, name))
}

fn has_calls(chat: &Chat) -> bool {
    let mut parts = chat.messages.iter().flat_map(|message| &message.content);
    parts.any(|part| matches!(part.content, Content::ToolCall(_) | Content::ToolResult(_)))
}

fn is_common(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain)
}

/// Turns the call of that tool back into text.
pub(super) struct FromTool {
    inner: Box<dyn Decoder>,
    name: String,
    /// The part that the call is.
    call: Option<u32>,
    scratch: Vec<Event>,
}

impl FromTool {
    pub(super) fn new(inner: Box<dyn Decoder>, name: String) -> Self {
        FromTool { inner, name, call: None, scratch: Vec::new() }
    }

    fn turn(&mut self, out: &mut Vec<Event>) {
        for event in self.scratch.drain(..) {
            match event {
                Event::ToolCall { index, name, .. } if self.call.is_none() && name == self.name => {
                    self.call = Some(index);
                }
                Event::Arguments { index, fragment } if self.call == Some(index) => {
                    out.push(Event::Text { index, text: fragment });
                }
                // It belongs to a call, which the next turn will not have.
                Event::State { index, .. } if self.call == Some(index) => {}
                Event::End(mut end) => {
                    if self.call.is_some() && end.finish_reason == FinishReason::ToolCalls {
                        end.finish_reason = FinishReason::Stop;
                    }
                    out.push(Event::End(end));
                }
                other => out.push(other),
            }
        }
    }
}

impl Decoder for FromTool {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let outcome = self.inner.frame(frame, &mut self.scratch);
        self.turn(out);
        outcome
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let outcome = self.inner.finish(&mut self.scratch);
        self.turn(out);
        outcome
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn may_end(&self) -> bool {
        self.inner.may_end()
    }
}
