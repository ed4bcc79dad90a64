//! `MiniMax` says in each answer whether it failed, whatever the status.
//!
//! Source: the `MiniMax` API reference, "Error Codes".

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::embedded;
use crate::error::Error;
use crate::providers::count::Count;
use crate::target::Target;

/// `base_resp`. Its code is 0 where all is well.
#[derive(Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    status_code: Count,
    status_msg: Option<String>,
}

impl Outcome {
    pub(super) fn error(self, target: &Target) -> Option<Error> {
        let code = self.status_code.value;
        (code != 0).then(|| embedded(&as_openai(code, self.status_msg.as_deref().unwrap_or_default()), target))
    }
}

/// The same in OpenAI's words: a code is a status, or says what was found in a text.
fn as_openai(code: u64, message: &str) -> Value {
    let status = match code {
        1001 => 504,
        1002 | 1039 | 1041 => 429,
        1004 | 2049 => 401,
        1008 | 2056 => 402,
        1026 | 1027 => return json!({"message": message, "code": "content_filter"}),
        1042 | 2013 => 400,
        _ => 500,
    };
    json!({"message": message, "code": status})
}
