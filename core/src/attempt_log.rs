//! What a call tried so far, shared by all its clones: it outlives a future that a timeout drops.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Kind};
use crate::model::{AttemptRecord, Skipped};
use crate::world::Tick;

/// The attempts of a call, some of which may be under way at once.
#[derive(Debug, Default)]
pub struct AttemptLog(Mutex<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    record: AttemptRecord,
    /// When it began, while it is still open.
    open: Option<Tick>,
}

impl Entry {
    fn close(&mut self, now: Tick) {
        if let Some(began) = self.open.take() {
            self.record.time = now - began;
        }
    }

    fn fail(&mut self, error: &Error) {
        self.record.kind = Some(error.kind());
        self.record.status = error.http_status().or(self.record.status);
        self.record.message = Some(error.to_string());
        self.record.skipped = error.skipped();
    }
}

impl AttemptLog {
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        // A panic while the lock is held leaves the records as they were: they stay good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().get_mut(id) {
            change(entry);
        }
    }

    /// An attempt begins. What it returns names it.
    pub fn begin(&self, record: AttemptRecord, now: Tick) -> usize {
        let mut entries = self.lock();
        entries.push(Entry { record, open: Some(now) });
        entries.len() - 1
    }

    /// The attempt answers.
    pub fn answered(&self, id: usize, status: u16, now: Tick) {
        self.change(id, |entry| {
            entry.close(now);
            entry.record.status = Some(status);
        });
    }

    /// The attempt failed, or nothing could be sent.
    pub fn failed(&self, id: usize, error: &Error, now: Tick) {
        self.change(id, |entry| {
            entry.close(now);
            entry.fail(error);
        });
    }

    /// The answer that had begun fails in the middle.
    pub fn broke(&self, error: &Error) {
        if let Some(entry) = self.lock().iter_mut().rfind(|entry| entry.open.is_none() && entry.record.kind.is_none()) {
            entry.fail(error);
        }
    }

    /// A target is passed over.
    pub fn passed(&self, record: AttemptRecord, why: Skipped, error: &Error) {
        let mut entry = Entry { record, open: None };
        entry.fail(error);
        entry.record.skipped = Some(why);
        self.lock().push(entry);
    }

    /// The attempts that are still under way have lost a race, and may have cost so many tokens.
    pub fn lost(&self, tokens: u64, now: Tick) {
        for entry in self.lock().iter_mut().filter(|entry| entry.open.is_some()) {
            entry.close(now);
            entry.record.kind = Some(Kind::Cancelled);
            entry.record.message = Some("another attempt answered first".to_owned());
            entry.record.estimated_tokens = Some(tokens);
        }
    }

    /// All attempts. One that is still under way is one that the deadline cut off.
    pub fn records(&self, now: Tick) -> Vec<AttemptRecord> {
        let entries = self.lock();
        let records = entries.iter().map(|entry| match entry.open {
            Some(began) => AttemptRecord { kind: Some(Kind::Timeout), time: now - began, ..entry.record.clone() },
            None => entry.record.clone(),
        });
        records.collect()
    }
}
