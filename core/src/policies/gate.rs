//! Who is inside, who waits, and who comes next: a pure machine for one target's limit of concurrency.

use std::collections::VecDeque;

use super::gradient::Gradient;
use crate::config::ConcurrencyLimit;
use crate::model::Priority;

/// The gate of one target. `W` wakes one who waits.
///
/// Routes that share a target may have different limits: each attempt counts for all, and is held to the limit that it
/// came with. After every operation and [`Gate::admit`] until it is `None`, nobody waits who could be inside.
pub(crate) struct Gate<W> {
    inside: u32,
    gradient: Gradient,
    /// By [`Priority`], each in the order of arrival.
    interactive: VecDeque<Waiter<W>>,
    batch: VecDeque<Waiter<W>>,
    tickets: u64,
}

struct Waiter<W> {
    ticket: Ticket,
    limit: ConcurrencyLimit,
    wake: W,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    priority: Priority,
    number: u64,
}

impl<W> Default for Gate<W> {
    fn default() -> Self {
        Gate {
            inside: 0,
            gradient: Gradient::default(),
            interactive: VecDeque::new(),
            batch: VecDeque::new(),
            tickets: 0,
        }
    }
}

impl<W> Gate<W> {
    /// How many may be inside.
    pub(crate) fn limit(&self, limit: &ConcurrencyLimit) -> u32 {
        self.gradient.limit(limit)
    }

    /// Takes a place, where one is free.
    pub(crate) fn enter(&mut self, limit: &ConcurrencyLimit) -> bool {
        let free = self.inside < self.gradient.limit(limit);
        self.inside += u32::from(free);
        free
    }

    /// Takes a place in the queue; `None` where it is full. An interactive request then takes that of the batch request
    /// that came last, which is handed out.
    pub(crate) fn wait(
        &mut self,
        limit: &ConcurrencyLimit,
        priority: Priority,
        wake: W,
    ) -> Option<(Ticket, Option<W>)> {
        let full = self.interactive.len() + self.batch.len() >= limit.queue as usize;
        let displaced = match (full, priority) {
            (false, _) => None,
            (true, Priority::Interactive) => Some(self.batch.pop_back()?.wake),
            (true, Priority::Batch) => return None,
        };
        self.tickets += 1;
        let ticket = Ticket { priority, number: self.tickets };
        self.queue(priority).push_back(Waiter { ticket, limit: *limit, wake });
        Some((ticket, displaced))
    }

    /// Gives the place in the queue up. Changes nothing where it is not there any more.
    pub(crate) fn give_up(&mut self, ticket: Ticket) -> Option<W> {
        let queue = self.queue(ticket.priority);
        let at = queue.binary_search_by_key(&ticket.number, |waiter| waiter.ticket.number).ok()?;
        queue.remove(at).map(|waiter| waiter.wake)
    }

    /// Gives the place inside up.
    pub(crate) fn leave(&mut self) {
        self.inside = self.inside.saturating_sub(1);
    }

    /// Lets in the first who waits and may be inside; to be called until it is `None`.
    pub(crate) fn admit(&mut self) -> Option<W> {
        let (inside, gradient) = (self.inside, &self.gradient);
        let may = |waiter: &Waiter<W>| inside < gradient.limit(&waiter.limit);
        let queues = [&mut self.interactive, &mut self.batch];
        let waiter = queues.into_iter().find_map(|queue| queue.iter().position(may).and_then(|at| queue.remove(at)))?;
        self.inside += 1;
        Some(waiter.wake)
    }

    /// What the limit is made of, for what happened at the target; and how many are inside.
    pub(crate) fn gradient(&mut self) -> (&mut Gradient, u32) {
        (&mut self.gradient, self.inside)
    }

    fn queue(&mut self, priority: Priority) -> &mut VecDeque<Waiter<W>> {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Batch => &mut self.batch,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sim::Chance;

    const fn limit(max: u32, queue: u32) -> ConcurrencyLimit {
        ConcurrencyLimit { max, adaptive: None, queue, queue_timeout: Duration::ZERO }
    }

    const ONE: ConcurrencyLimit = limit(1, 2);

    #[test]
    fn those_who_wait_enter_in_order_and_interactive_ones_before_batch() {
        let mut gate = Gate::default();
        let limit = limit(1, 9);
        assert!(gate.enter(&limit));
        assert!(!gate.enter(&limit));
        for (priority, name) in [
            (Priority::Batch, "b1"),
            (Priority::Interactive, "i1"),
            (Priority::Batch, "b2"),
            (Priority::Interactive, "i2"),
        ] {
            assert!(gate.wait(&limit, priority, name).is_some());
        }
        assert_eq!(gate.admit(), None);
        for name in ["i1", "i2", "b1", "b2"] {
            gate.leave();
            assert_eq!(gate.admit(), Some(name));
            assert_eq!(gate.admit(), None);
        }
    }

    #[test]
    fn a_full_queue_refuses_but_batch_makes_room_for_interactive() {
        let mut gate = Gate::default();
        assert!(gate.enter(&ONE));
        assert_eq!(gate.wait(&ONE, Priority::Batch, "b1").unwrap().1, None);
        assert_eq!(gate.wait(&ONE, Priority::Batch, "b2").unwrap().1, None);
        assert_eq!(gate.wait(&ONE, Priority::Batch, "b3"), None);
        assert_eq!(gate.wait(&ONE, Priority::Interactive, "i1").unwrap().1, Some("b2"));
        assert_eq!(gate.wait(&ONE, Priority::Interactive, "i2").unwrap().1, Some("b1"));
        assert_eq!(gate.wait(&ONE, Priority::Interactive, "i3"), None);
    }

    #[test]
    fn who_gives_up_frees_the_place() {
        let mut gate = Gate::default();
        assert!(gate.enter(&ONE));
        let (first, _) = gate.wait(&ONE, Priority::Interactive, "i1").unwrap();
        gate.wait(&ONE, Priority::Interactive, "i2").unwrap();
        assert_eq!(gate.give_up(first), Some("i1"));
        assert_eq!(gate.give_up(first), None);
        assert!(gate.wait(&ONE, Priority::Batch, "b1").is_some());
        gate.leave();
        assert_eq!(gate.admit(), Some("i2"));
    }

    #[test]
    fn each_is_held_to_its_own_limit() {
        let mut gate = Gate::default();
        let (few, many) = (limit(1, 9), limit(3, 9));
        for _ in 0..3 {
            assert!(gate.enter(&many));
        }
        gate.wait(&few, Priority::Interactive, "few").unwrap();
        gate.wait(&many, Priority::Interactive, "many").unwrap();
        gate.leave();
        assert_eq!((gate.admit(), gate.admit()), (Some("many"), None));
        for _ in 0..2 {
            gate.leave();
            assert_eq!(gate.admit(), None);
        }
        gate.leave();
        assert_eq!(gate.admit(), Some("few"));
    }

    /// Whatever happens in whatever order: never more inside than allowed, nobody waits beside a free place, nobody is
    /// lost, and each class keeps its order.
    #[test]
    fn nobody_is_lost_and_nobody_waits_beside_a_free_place() {
        for seed in 0..200 {
            let mut chance = Chance::new(seed);
            let limit = limit(u32::try_from(chance.next() % 4).unwrap() + 1, u32::try_from(chance.next() % 5).unwrap());
            let mut gate = Gate::default();
            let (mut inside, mut waiting, mut made): (u32, Vec<(Ticket, u64)>, u64) = (0, Vec::new(), 0);
            for _ in 0..300 {
                match chance.next() % 5 {
                    0 | 1 => {
                        let priority =
                            if chance.next().is_multiple_of(2) { Priority::Batch } else { Priority::Interactive };
                        if gate.enter(&limit) {
                            inside += 1;
                        } else if let Some((ticket, displaced)) = gate.wait(&limit, priority, made) {
                            waiting.retain(|(_, name)| Some(*name) != displaced);
                            waiting.push((ticket, made));
                            made += 1;
                        }
                    }
                    2 if inside > 0 => {
                        gate.leave();
                        inside -= 1;
                    }
                    3 if !waiting.is_empty() => {
                        let at = usize::try_from(chance.next()).unwrap() % waiting.len();
                        let (ticket, name) = waiting.remove(at);
                        assert_eq!(gate.give_up(ticket), Some(name));
                    }
                    _ => {}
                }
                while let Some(name) = gate.admit() {
                    let first = waiting.iter().min_by_key(|(ticket, name)| (ticket.priority == Priority::Batch, *name));
                    assert_eq!(first.unwrap().1, name);
                    waiting.retain(|(_, waits)| *waits != name);
                    inside += 1;
                }
                assert!(inside <= limit.max && waiting.len() <= limit.queue as usize);
                assert!(inside == limit.max || waiting.is_empty());
                assert_eq!((gate.inside, gate.interactive.len() + gate.batch.len()), (inside, waiting.len()));
            }
        }
    }
}
