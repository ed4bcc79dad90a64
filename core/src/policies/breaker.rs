use crate::world::Tick;
use std::time::Duration;
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPolicy {
    pub failures: u32,
    pub failure_rate: f64,
    pub window: Duration,
    pub min_samples: u32,
    pub open: Duration,
    pub max_open: Duration,
    pub ramp: Duration,
}
impl Default for BreakerPolicy {
    fn default() -> Self {
        BreakerPolicy {
            failures: 5,
            failure_rate: 0.25,
            window: Duration::from_secs(10),
            min_samples: 50,
            open: Duration::from_secs(1),
            max_open: Duration::from_secs(30),
            ramp: Duration::from_secs(5),
        }
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Pass,
    Probe,
    Refused { until: Tick },
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Closed,
    Open,
    Probing,
    Ramping,
}
pub struct View {
    pub state: State,
    pub since: Tick,
    pub why: Option<String>,
    pub until: Option<Tick>,
}
#[derive(Default)]
pub struct Breaker;
impl Breaker {
    pub fn admit(&mut self, _: &BreakerPolicy, _: Tick, _: u64) -> Admission {
        Admission::Pass
    }
    pub fn refuses(&self, _: &BreakerPolicy, _: Tick) -> Option<Tick> {
        None
    }
    pub fn succeeded(&mut self, _: &BreakerPolicy, _: Admission, _: u64, _: Tick) {}
    pub fn failed(&mut self, _: &BreakerPolicy, _: Admission, _: u64, _: Tick, _: u64) {}
    pub fn abandoned(&mut self, _: Admission, _: Tick) {}
    pub fn view(&self, now: Tick) -> View {
        View { state: State::Closed, since: now, why: None, until: None }
    }
}
