//! What the targets do, moment by moment: decided here for the gateway and for the baselines alike.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::event::Effect;
use super::profile::{Profile, TargetProfile};
use super::tally::Tally;
use crate::sim::Chance;
use crate::world::Tick;

/// How long a refusal of a connection takes.
const REFUSED: Duration = Duration::from_millis(5);
/// Stands for the call of what the gateway asks of its own accord.
const OWN: u64 = u64::MAX;
/// What a rate limit counts in.
const MINUTE: u64 = 60;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fate {
    pub(super) after: Duration,
    pub(super) what: What,
    /// What an answer says of a rate limit.
    pub(super) quota: Option<Quota>,
}

impl Fate {
    fn new(after: Duration, what: What) -> Self {
        Fate { after, what, quota: None }
    }
}

/// What is left of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quota {
    pub(super) limit: u32,
    pub(super) left: u32,
    /// How long until all of it is there again.
    pub(super) renewed: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Answer,
    Failure(u16),
    /// 429, for so long.
    Limited(Duration),
    Refused,
    Hang,
}

/// The targets of a profile, and what was asked of them.
pub(super) struct Network {
    profile: Arc<Profile>,
    seed: u64,
    state: Mutex<State>,
}

struct State {
    /// The minute and the requests that came in it, by target.
    minutes: Vec<(u64, u32)>,
    calls: HashMap<u64, Asked>,
    tally: Tally,
}

/// What one call has asked for.
struct Asked {
    /// How often, by target.
    times: Vec<u32>,
    /// How many of these requests are under way.
    under_way: u32,
}

/// A request under way. Dropping it ends it.
pub(super) struct UnderWay {
    network: Arc<Network>,
    call: u64,
}

impl Network {
    pub(super) fn new(profile: Arc<Profile>, seed: u64, tally: Tally) -> Arc<Self> {
        let minutes = profile.targets.values().map(|_| (0, 0)).collect();
        Arc::new(Network { profile, seed, state: Mutex::new(State { minutes, calls: HashMap::new(), tally }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call asks a target now, or the gateway itself does (`None`). Nothing where there is no such target.
    pub(super) fn ask(self: &Arc<Self>, label: &str, call: Option<u64>, now: Tick) -> Option<(Fate, UnderWay)> {
        let (index, (_, target)) = self.profile.targets.iter().enumerate().find(|(_, (name, _))| *name == label)?;
        let mut state = self.lock();
        let State { minutes, calls, tally } = &mut *state;
        let targets = self.profile.targets.len();
        let own = call.is_none();
        let call = call.unwrap_or(OWN);
        let asked = calls.entry(call).or_insert_with(|| Asked { times: vec![0; targets], under_way: 0 });
        let hedge = asked.under_way > 0;
        asked.under_way += 1;
        let times = asked.times.get_mut(index)?;
        *times += 1;

        // A request's chance depends on nothing but itself: with another policy the same first attempts fail.
        let mut chance = chance(self.seed, [call, index as u64 + 1, u64::from(*times)]);
        let fate = fate(target, minutes.get_mut(index)?, now.since_start(), &mut chance);
        if own {
            tally.checked();
        } else {
            tally.asked(index, now, hedge);
        }
        if fate.what == What::Answer && !own {
            let mut chance = self::chance(self.seed, [call, 0, 0]);
            let (input, output) =
                (self.profile.prompt_tokens.pick(chance.next()), self.profile.output_tokens.pick(chance.next()));
            tally.charged(index, u128::from(input * target.price.input) + u128::from(output * target.price.output));
        }
        Some((fate, UnderWay { network: Arc::clone(self), call }))
    }

    /// A call is over: it was answered by that target, or failed with that word.
    pub(super) fn ended(&self, call: u64, began: Tick, now: Tick, outcome: Result<&str, &'static str>) {
        let mut state = self.lock();
        state.calls.remove(&call);
        let outcome = outcome.map(|label| self.profile.targets.keys().position(|name| name == label));
        state.tally.ended(began, now, outcome);
    }

    /// What was counted.
    pub(super) fn tally(&self) -> Tally {
        std::mem::take(&mut self.lock().tally)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(asked) = self.network.lock().calls.get_mut(&self.call) {
            asked.under_way = asked.under_way.saturating_sub(1);
        }
    }
}

/// The chance that belongs to these numbers.
pub(super) fn chance(seed: u64, numbers: [u64; 3]) -> Chance {
    Chance::new(numbers.into_iter().fold(seed, |seed, number| Chance::new(seed ^ Chance::new(number).next()).next()))
}

/// What becomes of a request that comes at this moment of the run.
fn fate(target: &TargetProfile, minute: &mut (u64, u32), now: Duration, chance: &mut Chance) -> Fate {
    // All are drawn, so that one event does not change what another brings.
    let (failing, slowed) = (chance.share(), chance.share());
    let (failure, answer) = (target.error_latency.pick(chance), target.latency.pick(chance));
    let mut errors = (target.error_rate, target.error_status.unwrap_or(503));
    let mut slow = (target.slow_rate, target.slow_factor);
    let mut factor = 1.0;
    for effect in target.events.iter().filter_map(|event| event.at(now)) {
        match effect {
            Effect::Outage(status) => return Fate::new(failure, What::Failure(status)),
            Effect::Refuse => return Fate::new(REFUSED, What::Refused),
            Effect::Hang => return Fate::new(Duration::ZERO, What::Hang),
            Effect::Errors(rate, status) if rate > errors.0 => errors = (rate, status),
            Effect::Brownout(rate, factor) if rate > slow.0 => slow = (rate, factor),
            Effect::Slow(times) => factor *= times,
            Effect::Errors(..) | Effect::Brownout(..) | Effect::Flapping(..) => {}
        }
    }
    let mut quota = None;
    if let Some(limit) = target.rate_limit {
        let now_minute = now.as_secs() / MINUTE;
        if minute.0 != now_minute {
            *minute = (now_minute, 0);
        }
        let renewed = Duration::from_secs(MINUTE - now.as_secs() % MINUTE);
        if minute.1 >= limit.get() {
            return Fate::new(failure, What::Limited(renewed));
        }
        minute.1 += 1;
        quota = Some(Quota { limit: limit.get(), left: limit.get().saturating_sub(minute.1), renewed });
    }
    if failing < errors.0 {
        return Fate::new(failure, What::Failure(errors.1));
    }
    if slowed < slow.0 {
        factor *= slow.1;
    }
    // Nothing that is a factor of a day outlasts the longest deadline.
    let after = Duration::try_from_secs_f64(answer.as_secs_f64() * factor).unwrap_or(Duration::MAX);
    Fate { after, what: What::Answer, quota }
}
