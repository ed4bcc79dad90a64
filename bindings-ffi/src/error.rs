//! The core's errors as one class a kind.

use std::any::type_name;
use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tidegate::{Error, Kind};

use crate::json::convert;
use crate::records::{self, ErrorDetails, Origin};

pub use crate::records::TidegateError;

impl From<Error> for TidegateError {
    #[cold]
    fn from(error: Error) -> Self {
        convert::<ErrorDetails>(&error).map_or_else(|mismatch| mismatch, |details| Box::new(details).into())
    }
}

impl fmt::Display for TidegateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details().message)
    }
}

impl fmt::Debug for TidegateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?})", self.details().kind)
    }
}

impl std::error::Error for TidegateError {}

/// The error of a call that was cancelled, or whose answer somebody else has already taken.
pub(crate) fn cancelled() -> TidegateError {
    Error::new(Kind::Cancelled, "the call was cancelled").into()
}

/// Runs a future whose panic becomes an error. It says nothing of what the panic said: that may be a prompt.
pub(crate) async fn guarded<T>(work: impl Future<Output = tidegate::Result<T>>) -> tidegate::Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        let message = "the call panicked: a bug in Tidegate, please report it";
        Err(Error::new(Kind::Protocol, message).origin(tidegate::Origin::Gateway))
    })
}

/// The error of a value of the core that the records have no room for. It says nothing of the value: it may be a prompt.
#[cold]
pub(crate) fn mismatch<T>() -> TidegateError {
    Box::new(ErrorDetails {
        kind: records::Kind::Protocol,
        message: format!("a value does not fit {}: the library and its sources differ in version", type_name::<T>()),
        origin: Origin::Gateway,
        retryable: false,
        status: None,
        provider: None,
        request_id: None,
        retry_after: None,
        context: [].into(),
        partial: None,
        attempts: Vec::new(),
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_class_that_the_core_names() {
        for kind in Kind::ALL {
            let error = TidegateError::from(Error::new(*kind, "what failed"));
            assert_eq!(format!("{:?}", error.details().kind), kind.class_name());
            assert_eq!(error.to_string(), "what failed");
        }
    }

    #[test]
    fn what_a_panic_said_is_not_told() {
        let panics = async { panic!("a prompt") };
        let error = guarded::<()>(panics).now_or_never().and_then(Result::err).expect("an error at once");
        assert_eq!(error.to_string(), "the call panicked: a bug in Tidegate, please report it");
        assert_eq!((error.kind(), error.fault()), (Kind::Protocol, tidegate::Origin::Gateway));
    }
}
