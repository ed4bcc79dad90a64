//! How long a provider asks to wait, from any of the headers that providers use.
//!
//! Sources: RFC 9110 section 10.2.3 (`Retry-After`), the rate-limit pages of OpenAI (`retry-after-ms`,
//! `x-ratelimit-reset-*` as `6m0s`), Anthropic (`anthropic-ratelimit-*-reset` as RFC 3339) and Groq.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

/// Above this a number in a reset header is a moment since 1970, not a length of time.
const EPOCH_SECONDS: f64 = 1e9;
const EPOCH_MILLISECONDS: f64 = 1e12;

/// How long the answer asks to wait, in so many words, at `unix_now` on our clock. A date is read against the answer's own
/// `Date`, so that a skewed clock does no harm. `None` where nothing says it, or nothing that can be read.
pub(crate) fn asked(headers: &HeaderMap, unix_now: Duration) -> Option<Duration> {
    if let Some(ms) = text(headers, "retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()) {
        return seconds(ms / 1e3);
    }
    let retry_after = text(headers, "retry-after")?;
    let date = || http_date(retry_after).map(|at| at.saturating_sub(server_now(headers, unix_now)));
    retry_after.parse().ok().and_then(seconds).or_else(date)
}

/// How long until the windows of a rate limit open again, for an answer that says the limit is reached: other answers
/// have these headers too.
pub(crate) fn window(headers: &HeaderMap, unix_now: Duration) -> Option<Duration> {
    let server_now = server_now(headers, unix_now);
    let left =
        |name: &str| text(headers, &name.replace("reset", "remaining")).and_then(|left| left.parse::<f64>().ok());
    let longest = |counts: &dyn Fn(&str) -> bool| {
        let resets = headers.iter().filter(|(name, _)| is_reset(name.as_str()) && counts(name.as_str()));
        resets.filter_map(|(_, value)| reset(value.to_str().ok()?.trim(), server_now)).max()
    };
    // The window that is used up says when it opens again. Where none is, it is one of which too little is left, and of
    // requests one is enough; of what remains the longest wait is safe.
    let used_up = longest(&|name| left(name) == Some(0.0));
    used_up.or_else(|| longest(&|name| !(name.contains("requests") && left(name).is_some_and(|left| left >= 1.0))))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

pub(crate) fn server_now(headers: &HeaderMap, unix_now: Duration) -> Duration {
    text(headers, "date").and_then(http_date).unwrap_or(unix_now)
}

fn is_reset(name: &str) -> bool {
    name.contains("ratelimit") && name.contains("reset")
}

/// `6m0s`, `1.5s`, seconds, a moment since 1970 in seconds or milliseconds, or RFC 3339.
pub(crate) fn reset(text: &str, server_now: Duration) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        return match number {
            n if n >= EPOCH_MILLISECONDS => seconds(n / 1e3).map(|at| at.saturating_sub(server_now)),
            n if n >= EPOCH_SECONDS => seconds(n).map(|at| at.saturating_sub(server_now)),
            n => seconds(n),
        };
    }
    if let Some(at) = rfc3339(text) {
        return Some(at.saturating_sub(server_now));
    }
    go_duration(text)
}

/// A moment since 1970: `2026-01-01T00:00:00Z`, or with an offset such as `+02:00`.
fn rfc3339(text: &str) -> Option<Duration> {
    let (local, offset) = match text.len().checked_sub("+02:00".len()).and_then(|at| text.split_at_checked(at)) {
        Some((local, zone)) if zone.starts_with(['+', '-']) && local.contains(':') => (local, Some(zone)),
        _ => (text, None),
    };
    let local = humantime::parse_rfc3339_weak(local).ok().and_then(since_1970)?;
    let Some(offset) = offset else { return Some(local) };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let ahead = Duration::from_secs(hours.parse::<u64>().ok()? * 3600 + minutes.parse::<u64>().ok()? * 60);
    if offset.starts_with('-') { local.checked_add(ahead) } else { local.checked_sub(ahead) }
}

/// A length of time as Go prints it: `1h2m3.5s`, `120ms`.
fn go_duration(mut text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    if text.is_empty() {
        return None;
    }
    while !text.is_empty() {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, rest) = text.split_at(digits);
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(letters);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            "d" => 86400.0,
            _ => return None,
        };
        total = total.checked_add(seconds(number.parse::<f64>().ok()? * scale)?)?;
        text = rest;
    }
    Some(total)
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

fn http_date(text: &str) -> Option<Duration> {
    httpdate::parse_http_date(text).ok().and_then(since_1970)
}

fn since_1970(at: SystemTime) -> Option<Duration> {
    at.duration_since(UNIX_EPOCH).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (&'a [(&'static str, &'a str)], Option<f64>);

    #[test]
    fn every_form_becomes_a_duration() {
        let now = 1_760_000_000; // Thu, 09 Oct 2025 08:53:20 GMT
        let rows: &[Row<'_>] = &[
            (&[("retry-after", "7")], Some(7.0)),
            (&[("retry-after", "0.5")], Some(0.5)),
            (&[("retry-after", "86400")], Some(86400.0)),
            (&[("retry-after-ms", "1500"), ("retry-after", "2")], Some(1.5)),
            (&[("retry-after", "Thu, 09 Oct 2025 08:53:30 GMT")], Some(10.0)),
            (&[("retry-after", "Thu, 09 Oct 2025 08:00:00 GMT")], Some(0.0)),
            // Our clock is an hour off; the answer's own date counts.
            (&[("date", "Thu, 09 Oct 2025 07:53:20 GMT"), ("retry-after", "Thu, 09 Oct 2025 07:53:25 GMT")], Some(5.0)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("x-ratelimit-reset-requests", "6m0s")], Some(360.0)),
            (&[("x-ratelimit-reset-tokens", "1h2m3.5s")], Some(3723.5)),
            (&[("x-ratelimit-reset-tokens", "120ms")], Some(0.12)),
            (&[("anthropic-ratelimit-requests-reset", "2025-10-09T08:54:20Z")], Some(60.0)),
            (&[("anthropic-ratelimit-requests-reset", "2025-10-09T10:54:20+02:00")], Some(60.0)),
            (&[("anthropic-ratelimit-requests-reset", "2025-10-09T08:24:20-00:30")], Some(60.0)),
            (&[("x-ratelimit-reset", "1760000030")], Some(30.0)),
            (&[("x-ratelimit-reset", "1760000030000")], Some(30.0)),
            (
                &[
                    ("x-ratelimit-reset-requests", "1h"),
                    ("x-ratelimit-remaining-requests", "12"),
                    ("x-ratelimit-reset-tokens", "2s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                ],
                Some(2.0),
            ),
            (&[("x-ratelimit-reset-tokens", "nonsense")], None),
            (&[], None),
        ];
        for (headers, want) in rows {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
                .collect();
            let now = Duration::from_secs(now);
            let got = asked(&map, now).or_else(|| window(&map, now)).map(|wait| wait.as_secs_f64());
            assert_eq!(got, *want, "{headers:?}");
        }
    }
}
