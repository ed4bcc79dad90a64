//! Handles: the slots of one table, with generations. One that was freed, or never was, is found out, never followed.

use std::any::Any;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use slotmap::{DefaultKey, Key as _, KeyData, SlotMap};

type Table = SlotMap<DefaultKey, Arc<dyn Any + Send + Sync>>;

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

/// No code of others runs while the lock is held, so a panic leaves the table whole: values are dropped outside of it.
fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key<H>(handle: *const H) -> DefaultKey {
    KeyData::from_ffi(handle.addr() as u64).into()
}

/// Keeps a value until its handle ends. The handle is a number in the form of a pointer, and never null.
#[allow(clippy::cast_possible_truncation, reason = "lib.rs builds this for 64-bit pointers only")]
pub(super) fn insert<H>(value: impl Any + Send + Sync) -> *mut H {
    let key = table().insert(Arc::new(value));
    std::ptr::without_provenance_mut(key.data().as_ffi() as usize)
}

/// The value of a handle, if it is alive and of this type.
pub(super) fn find<T: Any + Send + Sync, H>(handle: *const H) -> Option<Arc<T>> {
    let found = Arc::clone(table().get(key(handle))?);
    found.downcast().ok()
}

/// The same for an argument: `name` is in the error.
pub(super) fn get<T: Any + Send + Sync, H>(name: &str, handle: *const H) -> tidegate::Result<Arc<T>> {
    let problem = if handle.is_null() { "is NULL" } else { "is no open handle of this type: it ended, or never was" };
    find(handle).ok_or_else(|| tidegate::Error::invalid(name, problem))
}

/// Ends a handle, and gives its value if it was alive and of this type.
pub(super) fn remove<T: Any + Send + Sync, H>(handle: *const H) -> Option<Arc<T>> {
    let mut table = table();
    let found = Arc::clone(table.get(key(handle))?).downcast().ok()?;
    table.remove(key(handle));
    Some(found)
}

/// How many are alive.
pub(super) fn count() -> usize {
    table().len()
}
