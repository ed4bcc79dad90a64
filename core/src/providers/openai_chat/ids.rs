//! Ids of tool calls, in the form that a provider accepts.

use std::borrow::Cow;

use crate::providers::ToolIds;
use crate::providers::call_ids::{Form, at_most, hash};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How long an id is for Mistral.
const NINE: usize = 9;
/// The longest id that OpenAI takes here: "Expected a string with maximum length 40".
const LONGEST: usize = 40;

/// How ids are sent.
pub(super) fn form(accepted: ToolIds) -> Form {
    match accepted {
        ToolIds::Any | ToolIds::Own => |id| Cow::Borrowed(if id.is_empty() { "call" } else { id }),
        ToolIds::Forty => |id| at_most(id, LONGEST),
        ToolIds::NineAlphanumeric => nine,
    }
}

fn nine(id: &str) -> Cow<'_, str> {
    if id.len() == NINE && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Cow::Borrowed(id);
    }
    let mut rest = hash(id);
    let mut out = String::with_capacity(NINE);
    for _ in 0..NINE {
        let digit = usize::try_from(rest % 62).ok().and_then(|digit| ALPHABET.get(digit));
        out.extend(digit.map(|digit| char::from(*digit)));
        rest /= 62;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_do_not_fit_become_others_that_do() {
        let fit = form(ToolIds::NineAlphanumeric);
        assert_eq!(fit("D681PevKs"), "D681PevKs");
        for id in ["call_1", "toolu_01A09q90qw90lq917835lq9", "", "12345678-", "ninechars!"] {
            let made = fit(id);
            assert!(made.len() == NINE && made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}: {made}");
            assert_eq!(made, fit(id));
        }
        assert_ne!(fit("call_1"), fit("call_2"));
        assert_eq!(form(ToolIds::Any)("call_1"), "call_1");
        assert_eq!(form(ToolIds::Forty)(&"x".repeat(41)).len(), 21);
    }
}
