//! Breaks answers: frames are dropped, repeated and exchanged, their JSON is edited, their bytes are.

use std::borrow::Cow;

use tidegate::internals::Framing;

use crate::chance::Chance;
use crate::json;
use crate::wire::{self, Frame};

/// The longest input. Longer ones say the same more slowly.
const LONGEST: usize = 64 << 10;

/// More frames than this say the same more slowly: of longer streams some at the beginning, in the middle and at the end are
/// taken.
const HEAD: usize = 3;
const MIDST: usize = 4;
const TAIL: usize = 3;

/// The frames of an answer under way: copied where they are changed.
type Frames<'a> = Vec<Cow<'a, Frame>>;

/// An answer made of one of the seeds, and of others.
pub fn mutate(framing: Framing, seeds: &[Vec<Frame>], chance: &mut Chance) -> Vec<u8> {
    let seed: &Vec<Frame> = chance.pick(seeds);
    let mut frames = excerpt(seed, chance);
    let other = chance.pick(seeds);
    for _ in 0..=chance.below(3) {
        if framing != Framing::Whole && chance.one_in(3) {
            rearrange(&mut frames, other, chance);
        }
        let Some(at) = (!frames.is_empty()).then(|| chance.below(frames.len())) else { continue };
        let frame = frames[at].to_mut();
        match &mut frame.json {
            Some(value) if !chance.one_in(4) => {
                let from = other.get(chance.below(other.len())).and_then(|frame| frame.json.as_ref());
                json::change(value, from.unwrap_or(&serde_json::Value::Null), chance);
                frame.data.clear();
                serde_json::to_writer(&mut frame.data, &frame.json).expect("a value is JSON");
            }
            _ => bytes(&mut frame.data, chance),
        }
    }
    let mut out = wire::write(framing, &frames);
    if chance.one_in(6) {
        bytes(&mut out, chance);
    }
    out.truncate(LONGEST);
    out
}

fn excerpt<'a>(seed: &'a [Frame], chance: &mut Chance) -> Frames<'a> {
    if seed.len() <= HEAD + MIDST + TAIL {
        return seed.iter().map(Cow::Borrowed).collect();
    }
    let (head, rest) = seed.split_at(HEAD);
    let (midst, tail) = rest.split_at(rest.len() - TAIL);
    let start = chance.below(midst.len() - MIDST + 1);
    head.iter().chain(&midst[start..start + MIDST]).chain(tail).map(Cow::Borrowed).collect()
}

fn rearrange<'a>(frames: &mut Frames<'a>, other: &'a [Frame], chance: &mut Chance) {
    let count = frames.len();
    let (one, two) = (chance.below(count), chance.below(count));
    match chance.below(6) {
        _ if count == 0 => frames.extend(excerpt(other, chance)),
        0 => drop(frames.remove(one)),
        1 => frames.insert(two, frames[one].clone()),
        2 => frames.swap(one, two),
        3 => frames.truncate(one),
        4 => frames.extend(other.iter().skip(chance.below(other.len())).take(MIDST).map(Cow::Borrowed)),
        _ => {
            let name = other.get(chance.below(other.len())).map(|frame| frame.name.clone());
            frames[one].to_mut().name = name.unwrap_or_default();
        }
    }
}

/// Changes a few bytes.
fn bytes(data: &mut Vec<u8>, chance: &mut Chance) {
    const PIECES: [&[u8]; 12] = [
        b"\\u0000",
        b"\\ud800",
        b"\\",
        b"\"",
        b"1e400",
        b"-",
        b"99999999999999999999",
        b"\xff\xfe",
        b"\xe2\x80",
        b"\r\n\r\n",
        b"{\"error\":{\"message\":\"x\"}}",
        b"[[[[[[[[[[[[[[[[",
    ];
    let length = data.len();
    let at = chance.below(length);
    let end = (at + 1 + chance.below(16)).min(length);
    match chance.below(7) {
        _ if length == 0 => data.extend_from_slice(PIECES[chance.below(PIECES.len())]),
        0 => data[at] ^= 1 << chance.below(8),
        1 => drop(data.drain(at..end)),
        2 => data.truncate(at),
        3 => {
            let again = data[at..end].to_vec();
            data.splice(at..at, again);
        }
        4 => {
            let from = data[chance.below(length)..].to_vec();
            data.truncate(at);
            data.extend_from_slice(&from);
        }
        5 => data[at] = chance.draw().to_le_bytes()[0],
        _ => {
            let piece = PIECES[chance.below(PIECES.len())];
            data.splice(at..at, piece.iter().copied());
        }
    }
}
