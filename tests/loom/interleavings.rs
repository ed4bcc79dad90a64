//! Calls on two and three threads that share a breaker or a retry budget behind a lock, in every order that there is.
//!
//! Only the locks are loom's: they are what is checked. Counters and `Arc` are not, since each step of theirs would be played
//! in every order too, which takes hours.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use loom::sync::Mutex;
use loom::thread;
use tidegate_loom::breaker::{Breaker, BreakerPolicy, State, Why};
use tidegate_loom::permit::{Gate, Permit};
use tidegate_loom::retry_budget::{RetryBudget, RetryBudgetPolicy};
use tidegate_loom::world::Tick;

fn at(seconds: u64) -> Tick {
    Tick::new(Duration::from_secs(seconds))
}

fn policy() -> BreakerPolicy {
    BreakerPolicy { failures: 2, ..BreakerPolicy::default() }
}

/// A breaker behind a lock, at a moment.
#[derive(Clone)]
struct Shared {
    breaker: Arc<Mutex<Breaker>>,
    now: Tick,
}

impl Gate for Shared {
    fn now(&self) -> Tick {
        self.now
    }

    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        act(&mut self.breaker.lock().unwrap())
    }
}

impl Shared {
    fn new() -> Self {
        Shared { breaker: Arc::new(Mutex::new(Breaker::default())), now: at(0) }
    }

    fn take(&self) -> Option<Permit<Self>> {
        Permit::take(self.clone(), &policy(), 0).ok()
    }

    /// Fails until it opens, and goes on to when the probe may go.
    fn fallen() -> Self {
        let shared = Shared::new();
        for request in 0..2 {
            shared.take().expect("it is closed").failed(&policy(), request, 0);
        }
        Shared { now: at(2), ..shared }
    }

    fn state(&self) -> State {
        self.breaker(|breaker| breaker.view(self.now).state)
    }
}

/// How an attempt ends.
#[derive(Clone, Copy)]
enum End {
    Succeeded,
    Failed,
    Dropped,
}

impl End {
    fn of(self, permit: Permit<Shared>, request: u64) {
        match self {
            End::Succeeded => permit.succeeded(&policy(), request),
            End::Failed => permit.failed(&policy(), request, 0),
            End::Dropped => drop(permit),
        }
    }
}

#[test]
fn never_are_two_probes_out() {
    for ends in [[End::Failed, End::Dropped, End::Dropped], [End::Dropped, End::Succeeded, End::Failed]] {
        loom::model(move || {
            let (shared, out) = (Shared::fallen(), Arc::new(AtomicU32::new(0)));
            let threads = (10..).zip(ends).map(|(request, end)| {
                let (shared, out) = (shared.clone(), Arc::clone(&out));
                thread::spawn(move || {
                    let Some(permit) = shared.take() else { return 0 };
                    // After a good probe others pass, and are no probes.
                    if !permit.probes() {
                        return 0;
                    }
                    assert_eq!(out.fetch_add(1, Ordering::SeqCst), 0, "a second probe is out");
                    // The others have their turn here.
                    assert_eq!(shared.state(), State::Probing);
                    out.fetch_sub(1, Ordering::SeqCst);
                    end.of(permit, request);
                    1
                })
            });
            let probes: u32 = threads.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).sum();
            assert!(probes >= 1);
            assert_ne!(shared.state(), State::Probing, "no probe is out any more");
        });
    }
}

#[test]
fn a_dropped_probe_gives_its_slot_back() {
    loom::model(|| {
        let shared = Shared::fallen();
        let threads = [(); 2].map(|()| {
            let shared = shared.clone();
            thread::spawn(move || shared.take().is_some_and(|permit| permit.probes()))
        });
        let probes = threads.map(|thread| thread.join().unwrap());
        assert!(probes.contains(&true));
        assert!(shared.take().is_some_and(|permit| permit.probes()), "the slot is free");
    });
}

#[test]
fn an_attempt_of_before_the_outage_says_nothing_of_now() {
    for end in [End::Succeeded, End::Failed, End::Dropped] {
        loom::model(move || {
            let before = Shared::new();
            let old = [before.take(), before.take()].map(|permit| permit.expect("it is closed"));
            for request in 0..2 {
                before.take().expect("it is closed").failed(&policy(), request, 0);
            }
            let shared = Shared { now: at(2), ..before };
            let [first, second] = old;
            let late = thread::spawn(move || {
                end.of(first, 7);
                end.of(second, 8);
            });
            let probe = shared.take().expect("its time is over");
            assert!(probe.probes());
            probe.succeeded(&policy(), 9);
            late.join().unwrap();
            assert_eq!(shared.state(), State::Ramping);
        });
    }
}

#[test]
fn failures_of_many_threads_open_it_once() {
    loom::model(|| {
        let shared = Shared::new();
        let threads = [1, 2, 3].map(|request| {
            let shared = shared.clone();
            thread::spawn(move || {
                if let Some(permit) = shared.take() {
                    permit.failed(&policy(), request, 0);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        let (opened, why) = shared.breaker(|breaker| (breaker.opened(), breaker.view(at(0)).why));
        assert_eq!((opened, why), (1, Some(Why::Failures(2))));
    });
}

/// A budget behind a lock, with so many credits left of its floor.
fn budget(policy: RetryBudgetPolicy, credits: u32) -> (RetryBudgetPolicy, Arc<Mutex<RetryBudget>>) {
    let mut budget = RetryBudget::default();
    for _ in credits..policy.floor {
        assert!(budget.withdraw(&policy, at(0)));
    }
    (policy, Arc::new(Mutex::new(budget)))
}

#[test]
fn no_credit_is_spent_twice() {
    loom::model(|| {
        let (policy, shared) = budget(RetryBudgetPolicy { floor: 3, ..RetryBudgetPolicy::default() }, 2);
        let threads = [(); 3].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || u32::from(shared.lock().unwrap().withdraw(&policy, at(1))))
        });
        let taken: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(taken, 2);
        assert!(shared.lock().unwrap().credits(&policy, at(1)) < 0.001);
    });
}

#[test]
fn a_credit_that_comes_back_is_there_once() {
    loom::model(|| {
        let half = RetryBudgetPolicy { floor: 2, ratio: 0.5, ..RetryBudgetPolicy::default() };
        let (policy, shared) = budget(half, 1);
        let act = |act: fn(&mut RetryBudget, &RetryBudgetPolicy) -> i32| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || act(&mut shared.lock().unwrap(), &policy))
        };
        let earns = act(|budget, policy| {
            budget.deposit(policy, at(1));
            0
        });
        let spends = act(|budget, policy| i32::from(budget.withdraw(policy, at(1))));
        // Taken and given back under two locks, so that others come between.
        let mut taken = i32::from(shared.lock().unwrap().withdraw(&policy, at(1)));
        if taken == 1 {
            shared.lock().unwrap().refund(&policy, at(1));
            taken = 0;
        }
        taken += earns.join().unwrap() + spends.join().unwrap();
        let left = shared.lock().unwrap().credits(&policy, at(1));
        assert!((left + f64::from(taken) - 1.5).abs() < 0.001, "{left} left, {taken} taken");
    });
}
