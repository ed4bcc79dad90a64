//! Arguments that arrive as values with paths (Vertex AI, `streamFunctionCallArguments`), written as JSON text on the fly.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::answer::PartialArg;
use crate::error::{Error, Result};

/// The longest path, and how deep one goes: beyond them a server is broken or hostile.
const LONGEST: usize = 1024;
const DEEPEST: usize = 64;

/// One step of a path: `.city` or `[0]`.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn closing(&self) -> char {
        match self {
            Step::Key(_) => '}',
            Step::Index(_) => ']',
        }
    }
}

/// The arguments of one call as they grow. The pieces come in the order of the document.
#[derive(Default)]
pub(super) struct Arguments {
    /// The path of the last value.
    last: Vec<Step>,
    /// Whether the last value is a string that goes on.
    in_string: bool,
    /// What was begun in each container that is open, the outermost first, so that nothing is begun twice. What was begun
    /// in one that is closed needs no memory: to come back to it, it would have to be begun again itself.
    begun: Vec<HashSet<Step>>,
}

impl Arguments {
    /// The text that a piece adds.
    pub(super) fn add(&mut self, piece: &PartialArg, out: &mut String) -> Result<()> {
        if piece.json_path.len() > LONGEST {
            return Err(malformed("has a path longer than 1 KiB"));
        }
        let path = parse(&piece.json_path).ok_or_else(|| malformed("has a path that cannot be read"))?;
        if path.len() > DEEPEST {
            return Err(malformed("stands deeper than 64 levels"));
        }
        if self.in_string && path == self.last {
            out.push_str(&inside(piece.string_value.as_deref().unwrap_or_default()));
        } else {
            self.move_to(path, out)?;
            match piece {
                PartialArg { string_value: Some(text), .. } => {
                    out.push('"');
                    out.push_str(&inside(text));
                    self.in_string = true;
                }
                PartialArg { number_value: Some(number), .. } => out.push_str(&number.to_string()),
                PartialArg { bool_value: Some(flag), .. } => out.push_str(if *flag { "true" } else { "false" }),
                _ => out.push_str("null"),
            }
        }
        if !piece.will_continue {
            self.end_string(out);
        }
        Ok(())
    }

    /// The text that ends them.
    pub(super) fn finish(mut self, out: &mut String) {
        self.end_string(out);
        if self.last.is_empty() {
            out.push_str("{}");
        }
        self.close(0, out);
    }

    fn end_string(&mut self, out: &mut String) {
        if std::mem::take(&mut self.in_string) {
            out.push('"');
        }
    }

    /// Closes what the last value was in and opens what the next one is in.
    fn move_to(&mut self, path: Vec<Step>, out: &mut String) -> Result<()> {
        self.end_string(out);
        let shared = self.last.iter().zip(&path).take_while(|(a, b)| a == b).count();
        if shared == path.len() {
            return Err(malformed("comes twice"));
        }
        if self.last.is_empty() {
            out.push('{');
        } else if shared == self.last.len() {
            return Err(malformed("stands inside another value"));
        } else {
            self.close(shared + 1, out);
            out.push(',');
        }
        self.begun.resize_with(shared + 1, HashSet::new);
        self.begun.resize_with(path.len(), HashSet::new);
        for (depth, (step, begun)) in path.iter().zip(&mut self.begun).enumerate().skip(shared) {
            if !begun.insert(step.clone()) {
                return Err(malformed("comes out of order"));
            }
            if depth > shared {
                out.push(if matches!(step, Step::Key(_)) { '{' } else { '[' });
            }
            if let Step::Key(key) = step {
                out.push('"');
                out.push_str(&inside(key));
                out.push_str("\":");
            }
        }
        self.last = path;
        Ok(())
    }

    /// Closes the containers from `depth` on.
    fn close(&mut self, depth: usize, out: &mut String) {
        out.extend(self.last.iter().skip(depth).rev().map(Step::closing));
    }
}

/// A text as it stands between the quotes of JSON.
fn inside(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        return Cow::Borrowed(text);
    }
    let quoted = Value::from(text).to_string();
    Cow::Owned(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned())
}

/// `$.recipe.steps[0]['a b']`, the part of JSON Path that has one match.
fn parse(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (key, tail) = after.split_at(end);
            steps.push(Step::Key(key.to_owned()));
            rest = tail;
        } else {
            let (step, tail) = bracket(rest.strip_prefix('[')?)?;
            steps.push(step);
            rest = tail;
        }
    }
    // The arguments as a whole are an object.
    matches!(steps.first(), Some(Step::Key(_))).then_some(steps)
}

/// What follows an opening bracket: `0]`, `'a b']` or `"a b"]`.
fn bracket(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (key, tail) = quoted.split_once(&format!("{quote}]"))?;
            return Some((Step::Key(key.to_owned()), tail));
        }
    }
    let (index, tail) = text.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), tail))
}

fn malformed(problem: &str) -> Error {
    Error::protocol("malformed_response", format!("a piece of a tool call's arguments {problem}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn join(pieces: &[Value]) -> Result<String> {
        let mut arguments = Arguments::default();
        let mut out = String::new();
        for piece in pieces {
            arguments.add(&serde_json::from_value(piece.clone()).unwrap(), &mut out)?;
        }
        arguments.finish(&mut out);
        Ok(out)
    }

    #[test]
    fn pieces_become_one_document() {
        let text = join(&[
            json!({"jsonPath": "$.a.list[0].name", "stringValue": "x\"", "willContinue": true}),
            json!({"jsonPath": "$.a.list[0].name", "stringValue": "\ny"}),
            json!({"jsonPath": "$.a.list[0].n", "numberValue": 12}),
            json!({"jsonPath": "$.a.list[1].name", "stringValue": "z", "willContinue": true}),
            json!({"jsonPath": "$.a.flags[0]", "boolValue": true}),
            json!({"jsonPath": "$.a.flags[1]", "nullValue": "NULL_VALUE"}),
            json!({"jsonPath": "$['b c']", "numberValue": 1.5}),
        ]);
        assert_eq!(
            text.unwrap(),
            r#"{"a":{"list":[{"name":"x\"\ny","n":12},{"name":"z"}],"flags":[true,null]},"b c":1.5}"#
        );
    }

    #[test]
    fn nothing_is_the_empty_object() {
        assert_eq!(join(&[]).unwrap(), "{}");
    }

    #[test]
    fn what_would_not_be_json_is_refused() {
        let out_of_order = [
            json!({"jsonPath": "$.a.b", "numberValue": 1}),
            json!({"jsonPath": "$.c", "numberValue": 2}),
            json!({"jsonPath": "$.a.d", "numberValue": 3}),
        ];
        let twice = [json!({"jsonPath": "$.a", "numberValue": 1}), json!({"jsonPath": "$.a", "numberValue": 2})];
        let inside = [json!({"jsonPath": "$.a", "numberValue": 1}), json!({"jsonPath": "$.a.b", "numberValue": 2})];
        let long = [json!({"jsonPath": format!("$.{}", "a".repeat(LONGEST)), "numberValue": 1})];
        let deep = [json!({"jsonPath": format!("${}", ".a".repeat(DEEPEST + 1)), "numberValue": 1})];
        let (rootless, list) = ([json!({"jsonPath": "a.b"})], [json!({"jsonPath": "$[0]"})]);
        for pieces in [&out_of_order[..], &twice, &inside, &long, &deep, &rootless, &list] {
            assert_eq!(join(pieces).unwrap_err().get("reason"), Some("malformed_response"), "{pieces:?}");
        }
    }
}
