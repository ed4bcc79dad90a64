//! Gathers what balancing needs to know of a route's targets, and lets it choose.

use std::sync::Arc;

use super::balance::{Balance, Candidate, Order, order};
use super::fleet::{Fleet, RouteState};
use super::latency::WARM;
use crate::capabilities;
use crate::config::Choice;
use crate::model::Why;
use crate::model::fingerprint::Hash;
use crate::policy::Call;
use crate::target::Target;
use crate::world::Tick;

/// The tokens of an answer of which nothing is known, to compare prices.
const USUAL_ANSWER: u64 = 500;

/// The targets of a call in the order in which they are to be tried.
pub(super) struct Choosing {
    pub(super) targets: Vec<usize>,
    /// Why the first one is the first.
    pub(super) why: Why,
}

/// Orders the targets of a call. Those whose context window the prompt would overflow come last.
pub(super) fn choose(fleet: &Fleet, route: &RouteState, call: &Call, now: Tick) -> Choosing {
    let count = call.route.targets.len();
    if count < 2 {
        return Choosing { targets: (0..count).collect(), why: Why::First };
    }
    let mut choosing = match call.route.balance {
        Balance::Ordered => Choosing { targets: (0..count).collect(), why: Why::First },
        _ => balanced(fleet, route, call, now),
    };
    let holds = |index: &usize| match call.route.targets.get(*index) {
        Some(target) => capabilities::holds(&call.request, target),
        None => false,
    };
    if !choosing.targets.iter().all(holds) {
        choosing.targets.sort_by_cached_key(|index| !holds(index));
    }
    choosing
}

fn balanced(fleet: &Fleet, route: &RouteState, call: &Call, now: Tick) -> Choosing {
    let balance = &call.route.balance;
    let key = match balance {
        Balance::Sticky { label } => {
            call.request.labels.get(label).map(|value| Hash::new().add(value.as_bytes()).finish())
        }
        Balance::PromptCache => call.request.beginning(),
        _ => None,
    };
    let warm = match (balance, key) {
        (Balance::PromptCache, Some(key)) => route.lock().warm.get(&key).copied(),
        _ => None,
    };
    let tokens = match balance {
        Balance::Cheapest => {
            let answer = call.request.as_chat().and_then(|chat| chat.max_tokens).map_or(USUAL_ANSWER, u64::from);
            Some((call.request.rough_tokens(), answer))
        }
        _ => None,
    };
    let candidate = |(target, choice): (&Arc<Target>, &Choice)| {
        let mut candidate = Candidate { weight: choice.weight, ..Candidate::default() };
        if let (Some((prompt, answer)), Some(price)) = (tokens, choice.price) {
            candidate.price = Some(price.of(prompt, answer));
        }
        if key.is_some() {
            candidate.name_hash = Hash::new().add(target.label.as_bytes()).finish();
            candidate.warm_until = warm.filter(|(name, _)| *name == candidate.name_hash).map(|(_, until)| until);
        }
        if matches!(balance, Balance::LeastInFlight | Balance::Latency { .. }) {
            let state = fleet.target(target);
            let vitals = state.lock();
            candidate.in_flight = vitals.underway.count();
            candidate.failure_rate = vitals.failure_rate(now);
            if let Balance::Latency { quantile } = balance {
                let sketch = if call.request.stream { &vitals.first_content } else { &vitals.total };
                let known = sketch.weight(now) >= WARM;
                candidate.latency = known.then(|| sketch.quantile_with(*quantile, &vitals.underway, now)).flatten();
            }
        }
        candidate
    };
    let candidates: Vec<_> = call.route.targets.iter().zip(&call.route.choices).map(candidate).collect();
    let Order { places, why } = order(balance, &candidates, key, &mut || call.world.random(), now);
    Choosing { targets: places, why }
}
