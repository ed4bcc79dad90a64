//! Ids of tool calls for wires that have none. They are not sent back.

/// How an id begins that the gateway made.
const MADE: &str = "tidegate_";
/// Ids have to be short and of few letters: those of some providers must match `[a-zA-Z0-9_-]{1,40}`.
const ANSWER: usize = 24;

/// Whether an id came from the provider.
pub(super) fn is_real(id: &str) -> bool {
    !id.is_empty() && !id.starts_with(MADE)
}

/// What tells the ids of one answer from those of the next, made of what is known of it: its id, or when it came.
pub(super) fn of_answer(known: Option<&str>) -> String {
    let fit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    known.unwrap_or_default().chars().filter(fit).take(ANSWER).collect()
}

/// The id of an answer's call of this number.
pub(super) fn made(answer: &str, number: u32) -> String {
    if answer.is_empty() { format!("{MADE}{number}") } else { format!("{MADE}{answer}_{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_are_short_and_told_from_real_ones() {
        let id = made(&of_answer(Some("2026-07-28T06:38:03.222822123Z")), 12);
        assert_eq!(id, "tidegate_2026-07-28T0638032228221_12");
        assert!(id.len() <= 40 && !is_real(&id) && is_real("call_1") && !is_real(""));
        assert_eq!(made(&of_answer(None), 1), "tidegate_1");
    }
}
