//! A history as a request, and what of it a vendor has to be told.

use serde_json::{Value, json};

use crate::history::{Answer, Arguments, Call, History, Id, Layout, Piece, Results, Said, Turn, Words};
use crate::vendors::Vendor;

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// A request, and the marks in it. A mark is a word that comes once in the request and nowhere by chance.
pub struct Written {
    pub request: Value,
    /// Of everything that was said: none may be lost.
    pub words: Vec<String>,
    pub secrets: Vec<Secret>,
}

/// State that only one vendor may see.
pub struct Secret {
    pub mark: String,
    pub provider: String,
    /// Whether something follows that the thinking led to: without it, some vendors do not take the thinking back.
    pub led_on: bool,
}

/// Writes a request, but for its model.
pub fn write(history: &History, vendors: &[Vendor]) -> Written {
    let mut writer = Writer { vendors, marks: 0, messages: Vec::new(), words: Vec::new(), secrets: Vec::new() };
    for turn in &history.turns {
        writer.turn(turn);
    }
    let mut request = json!({"messages": writer.messages});
    if history.tools {
        let tool = |index| {
            let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
            json!({"type": "function", "function": {"name": name(index), "parameters": parameters}})
        };
        request["tools"] = (0..3).map(tool).collect();
        request["tool_choice"] = history.choice.into();
    }
    request["stop"] = (0..history.stops).map(|index| format!("END{index}")).collect();
    request["max_tokens"] = history.max_tokens.into();
    Written { request, words: writer.words, secrets: writer.secrets }
}

fn name(tool: usize) -> String {
    format!("tool_{tool}")
}

struct Writer<'a> {
    vendors: &'a [Vendor],
    marks: usize,
    messages: Vec<Value>,
    words: Vec<String>,
    secrets: Vec<Secret>,
}

impl Writer<'_> {
    fn mark(&mut self, letter: char) -> String {
        self.marks += 1;
        format!("{letter}{}x", self.marks)
    }

    fn text(&mut self, words: Words) -> String {
        let text = match words {
            Words::Empty => return String::new(),
            Words::Blank => return " \n\t".to_owned(),
            Words::Plain => "says hello",
            Words::Trailing => "waits: \n",
            Words::Odd => "\"\\ \u{2028}\u{1f600}e\u{301}\u{0}\n<|im_end|> {\"a\":[1]}",
        };
        let mark = self.mark('w');
        let text = format!("{mark} {text}");
        self.words.push(mark);
        text
    }

    fn turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Instructions { role, words } => {
                let text = self.text(*words);
                self.messages.push(json!({"role": role, "content": text}));
            }
            Turn::User(pieces) => {
                let parts: Vec<Value> = pieces.iter().map(|piece| self.piece(piece)).collect();
                self.messages.push(json!({"role": "user", "content": parts}));
            }
            Turn::Assistant(said) => {
                let parts = self.said(said, false);
                self.messages.push(json!({"role": "assistant", "content": parts}));
            }
            Turn::Calls { said, calls, results } => self.calls(said, calls, results),
        }
    }

    fn piece(&mut self, piece: &Piece) -> Value {
        match piece {
            Piece::Text(words) => json!({"type": "text", "text": self.text(*words)}),
            Piece::Image => json!({"type": "image", "data": PIXEL, "mime": "image/png"}),
            Piece::ImageAddress => {
                json!({"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}})
            }
            Piece::Pdf => json!({"type": "file", "data": "JVBERi0=", "mime": "application/pdf", "filename": "a.pdf"}),
            Piece::Document(words) => json!({"type": "file", "text": self.text(*words), "filename": "a.txt"}),
        }
    }

    fn said(&mut self, said: &[Said], calls: bool) -> Vec<Value> {
        let speaks = |said: &Said| match said {
            Said::Text(words) => !matches!(words, Words::Blank | Words::Empty),
            Said::Refusal => true,
            Said::Reasoning(_) | Said::Citation => false,
        };
        let mut parts = Vec::with_capacity(said.len());
        for (at, one) in said.iter().enumerate() {
            let led_on = calls || said.iter().skip(at).any(speaks);
            parts.push(match one {
                Said::Text(words) => json!({"type": "text", "text": self.text(*words)}),
                Said::Refusal => json!({"type": "refusal", "refusal": self.text(Words::Plain)}),
                Said::Citation => json!({"type": "citation", "url": "https://example.com/a", "title": "A"}),
                Said::Reasoning(vendor) => self.reasoning(*vendor, led_on),
            });
        }
        parts
    }

    fn reasoning(&mut self, vendor: Option<usize>, led_on: bool) -> Value {
        let mut part = json!({"type": "reasoning", "text": "hm"});
        let Some(vendor) = vendor.map(|index| &self.vendors[index]) else { return part };
        let mark = self.mark('s');
        if let Some(data) = vendor.state(&mark) {
            part["state"] = json!({"provider": vendor.name, "data": data});
            self.secrets.push(Secret { mark, provider: vendor.name.clone(), led_on });
        }
        part
    }

    fn calls(&mut self, said: &[Said], calls: &[Call], results: &Results) {
        let mut parts = self.said(said, true);
        let ids: Vec<String> = calls.iter().enumerate().map(|(index, call)| id(call.id, index)).collect();
        for (call, id) in calls.iter().zip(&ids) {
            let arguments = match call.arguments {
                Arguments::None => String::new(),
                Arguments::Object => json!({"city": self.text(Words::Plain)}).to_string(),
            };
            parts.push(json!({"type": "tool_call", "id": id, "name": name(call.tool), "arguments": arguments}));
        }
        self.messages.push(json!({"role": "assistant", "content": parts}));
        let mut order: Vec<usize> = (0..calls.len()).collect();
        // Where ids do not tell the calls apart, only the order does.
        if calls.iter().filter(|call| call.id == Id::Empty).count() < 2 {
            order.sort_by_key(|index| results.order.get(*index));
        }
        let results_of_calls: Vec<Value> =
            order.into_iter().map(|index| self.result(&ids[index], &calls[index].answer)).collect();
        self.lay_out(results_of_calls, results.layout);
    }

    fn result(&mut self, id: &str, answer: &Answer) -> Value {
        let (content, failed) = match answer {
            Answer::Text(words) => (json!([{"type": "text", "text": self.text(*words)}]), false),
            Answer::Failed(words) => (json!([{"type": "text", "text": self.text(*words)}]), true),
            Answer::Json => {
                let text = json!({"degrees": self.text(Words::Plain)}).to_string();
                (json!([{"type": "text", "text": text}]), false)
            }
            Answer::WithImage => {
                let text = self.text(Words::Plain);
                let image = json!({"type": "image", "data": PIXEL, "mime": "image/png"});
                (json!([{"type": "text", "text": text}, image]), false)
            }
        };
        json!({"type": "tool_result", "id": id, "content": content, "is_error": failed})
    }

    fn lay_out(&mut self, results: Vec<Value>, layout: Layout) {
        let tool = |parts: Vec<Value>| json!({"role": "tool", "content": parts});
        match layout {
            Layout::Each => self.messages.extend(results.into_iter().map(|result| tool(vec![result]))),
            Layout::Together => self.messages.push(tool(results)),
            Layout::InUser { before, after } => {
                let mut parts = Vec::new();
                if before {
                    parts.push(json!({"type": "text", "text": self.text(Words::Plain)}));
                }
                parts.extend(results);
                if after {
                    parts.push(json!({"type": "text", "text": self.text(Words::Plain)}));
                }
                self.messages.push(json!({"role": "user", "content": parts}));
            }
            Layout::Interrupted { by } => {
                let between = results.len() / 2;
                for (index, result) in results.into_iter().enumerate() {
                    if index == between {
                        let text = self.text(Words::Plain);
                        self.messages.push(json!({"role": by, "content": text}));
                    }
                    self.messages.push(tool(vec![result]));
                }
            }
        }
    }
}

fn id(shape: Id, index: usize) -> String {
    match shape {
        Id::Empty => String::new(),
        Id::OpenAi => format!("call_{index}"),
        Id::Anthropic => format!("toolu_01A09q90qw90lq917835lq{index}"),
        Id::Kimi => format!("functions.f:{index}"),
        Id::Twin => format!("functions_f_{index}"),
        Id::Mistral => format!("D681PevK{index}"),
        Id::Long => format!("chatcmpl-tool-{index}-0123456789abcdef0123456789abcdef"),
        Id::Longest => format!("{}{index}", "x".repeat(100)),
        Id::Uuid => format!("0b7c3a52-6d1e-4f0a-9c1b-2f6d8e4a1c0{index}"),
        Id::Foreign => format!("r\u{e9}sultat {index}/\u{1f600}"),
    }
}
