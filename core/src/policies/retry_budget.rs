use crate::world::Tick;
use std::time::Duration;
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudgetPolicy {
    pub ratio: f64,
    pub floor: u32,
    pub ttl: Duration,
}
impl Default for RetryBudgetPolicy {
    fn default() -> Self {
        RetryBudgetPolicy { ratio: 0.1, floor: 10, ttl: Duration::from_secs(10) }
    }
}
#[derive(Default)]
pub struct RetryBudget;
impl RetryBudget {
    pub fn deposit(&mut self, _: &RetryBudgetPolicy, _: Tick) {}
    pub fn withdraw(&mut self, _: &RetryBudgetPolicy, _: Tick) -> bool {
        true
    }
    pub fn refund(&mut self, _: &RetryBudgetPolicy, _: Tick) {}
    pub fn credits(&self, _: &RetryBudgetPolicy, _: Tick) -> f64 {
        10.0
    }
}
