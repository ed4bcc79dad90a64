//! What an answer says of the vendor's own limits, and what is left of them: a pure machine.
//!
//! Sources: the rate-limit pages of OpenAI, Anthropic, Azure, Groq, Cerebras, Together AI and GitHub; the IETF's draft of
//! `RateLimit` and `RateLimit-Policy`, and the three headers of its earlier versions.

use std::time::Duration;

use http::HeaderMap;

use crate::retry_after::{reset, server_now};
use crate::world::{Tick, World};

/// No provider has more windows: of requests and tokens, of input and output, by minute and day.
const MOST: usize = 12;

/// What an answer says of the limits of its key, and what was sent since: a pure machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows(Vec<Window>);

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    counts: Counts,
    form: Form,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Requests,
    /// Those of the prompt, or of prompt and answer.
    Tokens,
    /// Those of the answer, which nobody knows before.
    Output,
}

/// How what was used comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One after the other: one in each `period` until all of the `limit` is there, which is at `full`.
    Bucket { limit: u64, period: Duration, full: Tick },
    /// All at once, when the window opens again.
    Fixed { left: u64, opens: Tick },
}

/// What is said of a window before it is known whether that is enough.
#[derive(Clone, Copy)]
struct Said<'a> {
    /// `requests`, `tokens-minute`, `input-tokens`; empty for the only window.
    name: (&'a str, &'a str),
    limit: Option<u64>,
    left: Option<u64>,
    reset: Option<Duration>,
}

impl Windows {
    /// What the headers of an answer say; `None` where that is nothing.
    pub(crate) fn read(headers: &HeaderMap, world: &dyn World) -> Option<Self> {
        // One pass that compares a few first letters: names and vendors are too many to ask for each of them.
        let mut said = headers.iter().filter(|(name, _)| place(name.as_str()).is_some()).peekable();
        said.peek()?;
        let server_now = server_now(headers, world.unix_time());
        let mut windows: Vec<Said<'_>> = Vec::with_capacity(4);
        for (name, value) in said {
            let (Some(rest), Ok(value)) = (place(name.as_str()), value.to_str()) else { continue };
            let value = value.trim();
            if rest.is_empty() {
                windows.extend(standard(value, server_now).take(MOST));
                continue;
            }
            let Some((fact, name)) = fact(rest) else { continue };
            let window = match windows.iter_mut().position(|window| window.name == name) {
                Some(at) => windows.get_mut(at),
                None if windows.len() < MOST => {
                    windows.push(Said { name, limit: None, left: None, reset: None });
                    windows.last_mut()
                }
                None => None,
            };
            let Some(window) = window else { continue };
            match fact {
                Fact::Limit => window.limit = number(value),
                Fact::Remaining => window.left = number(value),
                Fact::Reset => window.reset = reset(value, server_now),
            }
        }
        let now = world.now();
        let windows: Vec<_> = windows.iter().filter_map(|said| said.complete(now)).collect();
        (!windows.is_empty()).then_some(Windows(windows))
    }
}

impl Said<'_> {
    /// The window, where what is said of it is of use: of one that does not say when it opens, only a refusal does.
    fn complete(&self, now: Tick) -> Option<Window> {
        let (before, after) = self.name;
        let has = |word: &str| before.contains(word) || after.contains(word);
        let counts = match () {
            () if has("token") && (has("output") || has("generated")) => Counts::Output,
            () if has("token") => Counts::Tokens,
            () if has("req") || before.is_empty() && after.is_empty() => Counts::Requests,
            () => return None,
        };
        let (left, reset) = (self.left?, self.reset.filter(|reset| !reset.is_zero())?);
        let form = match self.limit.and_then(|limit| Some((limit, limit.checked_sub(left).filter(|used| *used > 0)?))) {
            // Vendors fill a window that has a name bit by bit, and say when it will be full.
            Some((limit, used)) if !(before.is_empty() && after.is_empty()) => {
                let period = nanoseconds(reset.as_nanos() / u128::from(used));
                Form::Bucket { limit, period, full: now + reset }
            }
            _ => Form::Fixed { left, opens: now + reset },
        };
        Some(Window { counts, form })
    }
}

impl Window {
    /// When at least one is left: now, or a moment that has passed, where that is so already.
    fn ready(&self) -> Tick {
        match self.form {
            Form::Fixed { left: 0, opens } => opens,
            Form::Fixed { .. } => Tick::default(),
            Form::Bucket { limit, period, full } => {
                let rest = times(period, limit.saturating_sub(1));
                Tick::new(full.since_start().saturating_sub(rest))
            }
        }
    }

    fn take(&mut self, amount: u64, now: Tick) {
        match &mut self.form {
            Form::Fixed { left, .. } => *left = left.saturating_sub(amount),
            Form::Bucket { period, full, .. } => *full = (*full).max(now) + times(*period, amount),
        }
    }

    /// Whether it has nothing to say any more.
    fn is_over(&self, now: Tick) -> bool {
        let (Form::Fixed { opens: end, .. } | Form::Bucket { full: end, .. }) = self.form;
        end <= now
    }
}

impl Windows {
    /// An attempt begins, with a prompt of about as many tokens.
    pub(crate) fn sent(&mut self, tokens: u64, now: Tick) {
        for window in &mut self.0 {
            match window.counts {
                Counts::Requests => window.take(1, now),
                Counts::Tokens => window.take(tokens, now),
                Counts::Output => {}
            }
        }
    }

    /// When something is left of each: the time zero where that is now.
    pub(crate) fn ready(&self, now: Tick) -> Tick {
        self.0.iter().map(Window::ready).filter(|at| *at > now).max().unwrap_or_default()
    }

    /// Whether all that was said has passed.
    pub(crate) fn is_over(&self, now: Tick) -> bool {
        self.0.iter().all(|window| window.is_over(now))
    }
}

fn times(period: Duration, count: u64) -> Duration {
    nanoseconds(period.as_nanos().saturating_mul(u128::from(count)))
}

fn nanoseconds(count: u128) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(u64::MAX))
}

enum Fact {
    Limit,
    Remaining,
    Reset,
}

/// What stands behind the prefix of a header of rate limits: `remaining-requests`, `requests-remaining`, or nothing.
fn place(name: &str) -> Option<&str> {
    let bare = name.strip_prefix("x-").or_else(|| name.strip_prefix("anthropic-")).unwrap_or(name);
    let rest = bare.strip_prefix("ratelimit")?;
    if rest.is_empty() && bare.len() == name.len() { Some(rest) } else { rest.strip_prefix('-') }
}

/// The fact that a header states, and the name of its window: what stands before and after the fact.
fn fact(rest: &str) -> Option<(Fact, (&str, &str))> {
    let mut at = 0;
    for word in rest.split('-') {
        let fact = match word {
            "limit" => Some(Fact::Limit),
            "remaining" => Some(Fact::Remaining),
            "reset" => Some(Fact::Reset),
            _ => None,
        };
        if let Some(fact) = fact {
            let (before, after) = (rest.get(..at)?, rest.get(at + word.len()..)?);
            return Some((fact, (before.trim_end_matches('-'), after.trim_start_matches('-'))));
        }
        at += word.len() + 1;
    }
    None
}

/// The IETF's form: `"burst";r=0;t=4, "daily";r=100;t=3600`, or, earlier, `limit=100, remaining=0, reset=4`.
fn standard(value: &str, server_now: Duration) -> impl Iterator<Item = Said<'_>> {
    let facts = move |item: &str, separator: char, left: &str, at: &str| {
        let mut said = Said { name: ("", ""), limit: None, left: None, reset: None };
        for (key, value) in item.split(separator).filter_map(|pair| pair.split_once('=')) {
            match key.trim() {
                key if key == left => said.left = number(value.trim()),
                key if key == at => said.reset = reset(value.trim(), server_now),
                _ => {}
            }
        }
        said
    };
    let early = facts(value, ',', "remaining", "reset");
    value.split(',').map(move |item| facts(item, ';', "r", "t")).chain([early]).filter(|said| said.left.is_some())
}

/// A count; some vendors write it with a fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of what is out of range saturates")]
fn number(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Sim};

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    /// Read at the moment zero, on 2026-01-01.
    fn read(headers: &[(&'static str, &str)]) -> Option<Windows> {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        Windows::read(&headers, &Sim::new(1))
    }

    /// When there is something left, in milliseconds.
    fn ready(headers: &[(&'static str, &str)]) -> u128 {
        read(headers).unwrap().ready(at(0)).since_start().as_millis()
    }

    #[test]
    fn what_is_used_up_opens_when_the_vendor_says() {
        // OpenAI, Groq: the reset is when all of it is back, and one of 600 a minute is back in 100 ms.
        let openai = |left, reset| {
            [
                ("x-ratelimit-limit-requests", "600"),
                ("x-ratelimit-remaining-requests", left),
                ("x-ratelimit-reset-requests", reset),
                ("x-ratelimit-limit-tokens", "30000"),
                ("x-ratelimit-remaining-tokens", "29000"),
                ("x-ratelimit-reset-tokens", "2s"),
            ]
        };
        assert_eq!(ready(&openai("0", "1m0s")), 100);
        assert_eq!(ready(&openai("1", "59.9s")), 0);
        // Without the limit, all of it is waited for.
        assert_eq!(ready(&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "2s")]), 2000);
        let anthropic = |left| {
            [
                ("anthropic-ratelimit-input-tokens-limit", "60000"),
                ("anthropic-ratelimit-input-tokens-remaining", "60000"),
                ("anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:00:00Z"),
                ("anthropic-ratelimit-output-tokens-limit", "8000"),
                ("anthropic-ratelimit-output-tokens-remaining", left),
                ("anthropic-ratelimit-output-tokens-reset", "2026-01-01T00:01:20Z"),
            ]
        };
        assert_eq!(ready(&anthropic("0")), 10);
        assert_eq!(ready(&anthropic("1000")), 0);
        // One window for all, as GitHub and OpenRouter have it, begins anew as a whole.
        let single =
            |left, reset| [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", left), ("x-ratelimit-reset", reset)];
        assert_eq!(ready(&single("0", "1767225630")), 30_000);
        assert_eq!(ready(&single("0", "1767225630000")), 30_000);
        assert_eq!(ready(&single("0", "30")), 30_000);
        assert_eq!(ready(&single("7", "30")), 0);
        assert_eq!(ready(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "5")]), 5000);
        assert_eq!(ready(&[("ratelimit", "limit=10, remaining=0, reset=5")]), 5000);
        assert_eq!(ready(&[("ratelimit", "\"burst\";r=0;t=4, \"daily\";r=100;t=3600")]), 4000);
        assert_eq!(ready(&[("ratelimit", "\"burst\";r=3;t=4"), ("ratelimit-policy", "\"burst\";q=10;w=60")]), 0);
        // The answer's own clock counts.
        let skewed = [("date", "Thu, 01 Jan 2026 01:00:00 GMT"), ("x-ratelimit-remaining", "0")];
        assert_eq!(ready(&[skewed[0], skewed[1], ("x-ratelimit-reset", "1767229205")]), 5000);
    }

    #[test]
    fn what_cannot_be_used_says_nothing() {
        assert_eq!(read(&[]), None);
        for useless in [
            [("content-type", "application/json"), ("x-request-id", "r")],
            // When it opens is not said.
            [("x-ratelimit-limit-req-minute", "60"), ("x-ratelimit-remaining-req-minute", "0")],
            [("x-ratelimit-remaining-requests", "soon"), ("x-ratelimit-reset-requests", "1s")],
            [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "whenever")],
            [("x-ratelimit-remaining-images", "0"), ("x-ratelimit-reset-images", "1s")],
            [("ratelimit", "nonsense"), ("ratelimit-policy", "\"a\";q=1;w=2")],
            [("anthropic-ratelimit-unified-status", "allowed"), ("anthropic-ratelimit-unified-reset", "1767225630")],
        ] {
            assert_eq!(read(&useless), None, "{useless:?}");
        }
    }

    #[test]
    fn what_is_sent_counts_until_the_next_word() {
        let said = read(&[("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "10")]).unwrap();
        let mut windows = said.clone();
        windows.sent(5, at(1));
        assert_eq!(windows.ready(at(1)), at(0));
        windows.sent(5, at(2));
        assert_eq!(windows.ready(at(2)), at(10_000));
        assert_eq!(windows.ready(at(10_000)), at(0));
        // Ten requests a second, of which one is left; then one is back every 100 ms.
        let bucket = [
            ("x-ratelimit-limit-requests", "10"),
            ("x-ratelimit-remaining-requests", "1"),
            ("x-ratelimit-reset-requests", "900ms"),
        ];
        let mut windows = read(&bucket).unwrap();
        windows.sent(5, at(0));
        assert_eq!(windows.ready(at(0)), at(100));
        windows.sent(5, at(100));
        assert_eq!(windows.ready(at(100)), at(200));
        // A bucket that is full again holds no more than it can.
        for _ in 0..10 {
            assert_eq!(windows.ready(at(60_000)), at(0));
            windows.sent(5, at(60_000));
        }
        assert_eq!(windows.ready(at(60_000)), at(60_100));
        let tokens = [
            ("x-ratelimit-limit-tokens", "1000"),
            ("x-ratelimit-remaining-tokens", "400"),
            ("x-ratelimit-reset-tokens", "600ms"),
        ];
        let mut windows = read(&tokens).unwrap();
        windows.sent(500, at(0));
        assert_eq!(windows.ready(at(0)), at(101));
    }

    /// Nothing that a vendor may write makes more of it than it is, or breaks the arithmetic.
    #[test]
    fn any_header_is_survived() {
        const NAMES: [&str; 8] = [
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "ratelimit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ];
        const VALUES: [&str; 14] = [
            "0",
            "1",
            "-1",
            "18446744073709551615",
            "1e300",
            "NaN",
            "",
            ";",
            "a;r=0;t=99999999999999999999",
            "9999999h",
            "0s",
            "1ns",
            "2026-01-01T00:00:00Z",
            "r=1,,=,remaining=0,reset=1",
        ];
        for seed in 0..2000 {
            let mut chance = Chance::new(seed);
            let mut any = |count: usize| usize::try_from(chance.next() % count as u64).unwrap();
            let headers: Vec<_> = (0..any(9)).map(|_| (NAMES[any(8)], VALUES[any(14)])).collect();
            let Some(mut windows) = read(&headers) else { continue };
            for step in 0..20 {
                windows.sent([0, 1, u64::MAX][any(3)], at(step));
                let ready = windows.ready(at(step));
                assert!(ready == at(0) || ready > at(step), "{headers:?}");
            }
        }
    }
}
