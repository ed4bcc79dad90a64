//! How many attempts may be under way at one target at once, and who waits for how long.

use std::num::NonZeroU32;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Period;

/// How many attempts may be under way at one target at once: of this process, and of all routes that limit it. Those of
/// routes without a limit are not counted. The table of a route replaces that of `[defaults]` as a whole.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConcurrencyConfig {
    /// The most attempts under way at a target. One ends with the end of its answer.
    pub(super) max: NonZeroU32,
    /// Whether the limit follows the target: it falls while answers begin later than usual or are refused as too many, and
    /// grows up to `max` otherwise. Default: false.
    #[serde(default)]
    pub(super) adaptive: bool,
    /// The least that an adaptive limit falls to. Default: 1.
    pub(super) min: Option<NonZeroU32>,
    /// Where an adaptive limit begins. Default: 20, or `max` where that is less.
    pub(super) initial: Option<NonZeroU32>,
    /// How many calls may wait for a place at a target; where they are too many, they go elsewhere at once. Requests of
    /// the priority `batch` wait behind the others, and make room for them. Default: 100.
    pub(super) queue: Option<u32>,
    /// How long a call waits for a place before it goes elsewhere. Default: 5s.
    pub(super) queue_timeout: Option<Period>,
}

/// A problem with a key of the table.
type Problem = (&'static str, &'static str);

impl ConcurrencyConfig {
    /// Every default filled in.
    pub(super) fn resolve(&self) -> Result<ConcurrencyLimit, Problem> {
        let max = self.max.get();
        let min = self.min.map(NonZeroU32::get);
        let initial = self.initial.map(NonZeroU32::get);
        let adaptive = match (self.adaptive, min, initial) {
            (false, Some(_), _) => return Err(("min", "is of use with adaptive = true only")),
            (false, _, Some(_)) => return Err(("initial", "is of use with adaptive = true only")),
            (false, None, None) => None,
            (true, _, _) => {
                let min = min.unwrap_or(1);
                let initial = initial.unwrap_or(INITIAL.clamp(min, max.max(min)));
                Some(Adaptive { min, initial })
            }
        };
        match adaptive {
            Some(Adaptive { min, .. }) if min > max => return Err(("min", "is more than max")),
            Some(Adaptive { min, initial }) if !(min..=max).contains(&initial) => {
                return Err(("initial", "is not between min and max"));
            }
            _ => {}
        }
        let queue_timeout = self.queue_timeout.map_or(Duration::from_secs(5), |Period(time)| time);
        Ok(ConcurrencyLimit { max, adaptive, queue: self.queue.unwrap_or(100), queue_timeout })
    }
}

/// Where an adaptive limit begins.
const INITIAL: u32 = 20;

/// How many attempts may be under way at one target at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit {
    /// The most.
    pub max: u32,
    /// Set where the limit follows the target.
    pub adaptive: Option<Adaptive>,
    /// The most that wait.
    pub queue: u32,
    /// The longest that one waits.
    pub queue_timeout: Duration,
}

/// The bounds of a limit that follows its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// It falls no lower.
    pub min: u32,
    /// It begins here.
    pub initial: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConcurrencyLimit, Problem> {
        toml::from_str::<ConcurrencyConfig>(text).unwrap().resolve()
    }

    #[test]
    fn defaults_are_filled_in() {
        let fixed = ConcurrencyLimit { max: 50, adaptive: None, queue: 100, queue_timeout: Duration::from_secs(5) };
        assert_eq!(read("max = 50"), Ok(fixed));
        assert_eq!(
            read("max = 50\nqueue = 0\nqueue_timeout = 2"),
            Ok(ConcurrencyLimit { queue: 0, queue_timeout: Duration::from_secs(2), ..fixed })
        );
        let adaptive = |text: &str| read(text).unwrap().adaptive.map(|bounds| (bounds.min, bounds.initial));
        assert_eq!(adaptive("max = 50\nadaptive = true"), Some((1, 20)));
        assert_eq!(adaptive("max = 5\nadaptive = true"), Some((1, 5)));
        assert_eq!(adaptive("max = 50\nadaptive = true\nmin = 30"), Some((30, 30)));
        assert_eq!(adaptive("max = 50\nadaptive = true\nmin = 3\ninitial = 4"), Some((3, 4)));
    }

    #[test]
    fn a_key_that_would_do_nothing_is_refused() {
        assert_eq!(read("max = 5\nmin = 2").unwrap_err().0, "min");
        assert_eq!(read("max = 5\ninitial = 2").unwrap_err().0, "initial");
        assert_eq!(read("max = 5\nadaptive = true\nmin = 6").unwrap_err().0, "min");
        assert_eq!(read("max = 5\nadaptive = true\ninitial = 6").unwrap_err().0, "initial");
    }
}
