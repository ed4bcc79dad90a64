//! THE order of policies, outermost first, each with the reason why it stands there.

use crate::policies::batches::Batches;
use crate::policies::deadline::Deadline;
use crate::policies::failover::Failover;
use crate::policies::structured_output::StructuredOutput;
use crate::policies::timeout::Timeout;
use crate::policy::{Call, Ring};
use crate::wire::Wire;

/// What a call goes through.
pub(crate) fn stack() -> Ring<Call> {
    Ring::new(
        vec![
            // Outermost, so that nothing that is added below it can outlast the caller's patience.
            Box::new(Deadline),
        ],
        // The hinge: below it everything happens once an attempt.
        Failover::new(Ring::new(
            vec![
                // Below the hinge, so that a wrong answer can be tried again, and above the timeout, whose time is the
                // provider's.
                Box::new(StructuredOutput),
                // Below all that counts and pays, for which an embedding is one call however many texts it has; above the
                // timeout, so that each of its requests has the provider's whole time.
                Box::new(Batches),
                // Innermost, so that only the provider's time counts and not that of a policy of ours.
                Box::new(Timeout),
            ],
            Wire,
        )),
    )
}
