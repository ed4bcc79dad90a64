//! What an answer is like, said in the first segment of the path: `/x-lat50-large-c250-p4000/v1/chat/completions`.

use std::time::Duration;

#[derive(Clone, Copy)]
pub struct Knobs {
    /// `lat50`: milliseconds before the answer begins.
    pub latency: Duration,
    /// `large`: an answer of 24 kB instead of 2 kB.
    pub large: bool,
    /// `c250`: chunks with text in a stream; 500 unless told.
    pub chunks: u32,
    /// `p4000`: microseconds between two chunks. Zero hands them over as fast as the socket takes them.
    pub pace: Duration,
}

impl Knobs {
    pub fn read(path: &str) -> Self {
        let mut knobs = Knobs { latency: Duration::ZERO, large: false, chunks: 500, pace: Duration::ZERO };
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        for word in first.split('-').skip(1) {
            let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
            let (name, number) = word.split_at(digits);
            let number = number.parse().unwrap_or(0);
            match name {
                "lat" => knobs.latency = Duration::from_millis(number.into()),
                "large" => knobs.large = true,
                "c" => knobs.chunks = number,
                "p" => knobs.pace = Duration::from_micros(number.into()),
                _ => {}
            }
        }
        knobs
    }
}
