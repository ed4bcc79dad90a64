//! The core's errors as one class a kind.

use std::any::type_name;
use std::fmt;

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
}
