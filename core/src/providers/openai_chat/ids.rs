//! Ids of tool calls, in the form that a provider accepts.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::providers::ToolIds;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How long an id is for Mistral.
const NINE: usize = 9;

/// An id as it is sent. One that does not fit becomes the same other one in the call and in its result.
pub(super) fn wire_id(id: &str, accepted: ToolIds) -> Cow<'_, str> {
    let fits = match accepted {
        ToolIds::Any | ToolIds::Own => true,
        ToolIds::NineAlphanumeric => id.len() == NINE && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    if fits { Cow::Borrowed(id) } else { Cow::Owned(nine(id)) }
}

fn nine(id: &str) -> String {
    // Its keys are fixed: every process makes the same of an id, so that the provider's prompt cache still fits.
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let mut rest = hasher.finish();
    let mut out = String::with_capacity(NINE);
    for _ in 0..NINE {
        let digit = usize::try_from(rest % 62).ok().and_then(|digit| ALPHABET.get(digit));
        out.extend(digit.map(|digit| char::from(*digit)));
        rest /= 62;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_do_not_fit_become_others_that_do() {
        let fit = |id| wire_id(id, ToolIds::NineAlphanumeric).into_owned();
        assert_eq!(fit("D681PevKs"), "D681PevKs");
        for id in ["call_1", "toolu_01A09q90qw90lq917835lq9", "", "12345678-", "ninechars!"] {
            let made = fit(id);
            assert!(made.len() == NINE && made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}: {made}");
            assert_eq!(made, fit(id));
        }
        assert_ne!(fit("call_1"), fit("call_2"));
        assert_eq!(wire_id("call_1", ToolIds::Any), "call_1");
    }
}
