//! Where a configuration came from, so that errors can name file and line.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Kind, Result};
use crate::model::read::Path;

/// No configuration needs more; a wrong path may point at anything.
const LARGEST: u64 = 4 << 20;

/// File and lines of the keys of a configuration. Empty for one that was a plain value.
#[derive(Clone, Default)]
pub(crate) struct Source {
    file: Option<String>,
    lines: HashMap<String, usize>,
}

impl Source {
    /// The error of the key at `path`: `tidegate.toml:12: routes.support.timeout: unknown key`.
    #[cold]
    pub(crate) fn error(&self, path: impl fmt::Display, problem: impl fmt::Display) -> Error {
        let path = path.to_string();
        let line = self.lines.get(&path).copied();
        if path.is_empty() {
            return self.error_at(line, problem);
        }
        self.error_at(line, format_args!("{path}: {problem}")).context("field", path)
    }

    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    fn error_at(&self, line: Option<usize>, problem: impl fmt::Display) -> Error {
        let message = match (&self.file, line) {
            (Some(file), Some(line)) => format!("{file}:{line}: {problem}"),
            (Some(file), None) => format!("{file}: {problem}"),
            (None, Some(line)) => format!("line {line}: {problem}"),
            (None, None) => problem.to_string(),
        };
        let mut error = Error::new(Kind::Config, message);
        if let Some(file) = &self.file {
            error = error.context("file", file);
        }
        if let Some(line) = line {
            error = error.context("line", line.to_string());
        }
        error
    }

    /// The text of a file.
    pub(crate) fn open(file: &FilePath) -> Result<(Self, String)> {
        let source = Source { file: Some(file.display().to_string()), ..Source::default() };
        let mut text = Vec::new();
        // One byte more than may be, so that what is too large is seen to be.
        File::open(file)
            .and_then(|open| open.take(LARGEST + 1).read_to_end(&mut text))
            .map_err(|error| source.error("", format_args!("the configuration cannot be read: {error}")))?;
        let text = String::from_utf8(text).map_err(|_| source.error("", "the configuration is not UTF-8 text"))?;
        Ok((source, text))
    }

    /// Parses TOML and remembers the lines of its keys.
    pub(crate) fn parse(&mut self, text: &str) -> Result<Value> {
        if text.len() as u64 > LARGEST {
            return Err(self.error("", format_args!("the configuration is larger than {LARGEST} bytes")));
        }
        let lines = Lines::new(text);
        let document = DeTable::parse(text).map_err(|error| {
            // `Display` would quote the line, which may hold a key.
            let problem = error.message().replace('\n', ", ");
            self.error_at(error.span().map(|span| lines.of(span.start)), problem)
        })?;
        self.table(document.into_inner(), &lines, &Path::Root).map(Value::Object)
    }

    fn table(&mut self, table: DeTable<'_>, lines: &Lines, path: &Path<'_>) -> Result<Map<String, Value>> {
        let mut map = Map::with_capacity(table.len());
        for (key, value) in table {
            let start = key.span().start;
            let key = key.into_inner().into_owned();
            let value = self.value(value, start, lines, &path.key(&key))?;
            map.insert(key, value);
        }
        Ok(map)
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>, start: usize, lines: &Lines, path: &Path<'_>) -> Result<Value> {
        self.lines.insert(path.to_string(), lines.of(start));
        Ok(match value.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(Value::from)
                .map_err(|_| self.error(path, "the number does not fit 64 bits"))?,
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().and_then(Number::from_f64);
                Value::Number(number.ok_or_else(|| self.error(path, "expected a finite number"))?)
            }
            DeValue::Datetime(_) => return Err(self.error(path, "no key takes a date: put text in quotes")),
            DeValue::Array(items) => {
                let items = items.into_iter().enumerate().map(|(at, item)| {
                    let start = item.span().start;
                    self.value(item, start, lines, &path.index(at))
                });
                Value::Array(items.collect::<Result<_>>()?)
            }
            DeValue::Table(table) => Value::Object(self.table(table, lines, path)?),
        })
    }
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Lines(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line of a byte, counted from 1.
    fn of(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}
