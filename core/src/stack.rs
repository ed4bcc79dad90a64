//! THE order of policies, outermost first, each with the reason why it stands there.

use std::sync::Arc;

use crate::policies::batches::Batches;
use crate::policies::concurrency::Concurrency;
use crate::policies::deadline::Deadline;
use crate::policies::failover::Failover;
use crate::policies::fallback::Fallback;
use crate::policies::fleet::Fleet;
use crate::policies::health::Health;
use crate::policies::key_pool::KeyPools;
use crate::policies::min_rate::HoldToRate;
use crate::policies::reject::{AcceptRejected, Reject};
use crate::policies::resume::Resume;
use crate::policies::structured_output::StructuredOutput;
use crate::policies::timeout::Timeout;
use crate::policies::vendor_limits::VendorLimits;
use crate::policy::{Call, Ring};
use crate::wire::Wire;

/// What a call goes through, and its hinge by itself, which can say what it would do.
pub(crate) fn stack(fleet: &Arc<Fleet>) -> (Ring<Call>, Arc<Failover>) {
    let failover = Arc::new(hinge(fleet));
    let call = Ring::new(
        vec![
            // Outermost, so that it answers for whatever fails below, a deadline that has passed too: its text costs no time,
            // and its other route goes through the deadline once more.
            Box::new(Fallback),
            // Below the fallback, since a poor answer is better than none of the route's, and above the deadline, since it is
            // there when the time is over.
            Box::new(AcceptRejected),
            // Above all that takes time, so that nothing below it can outlast the caller's patience.
            Box::new(Deadline),
        ],
        // Around the hinge, which it asks for one more answer where a stream breaks off, and below the deadline, which holds
        // for that answer too.
        Resume::new(Arc::clone(&failover)),
    );
    (call, failover)
}

/// What an attempt goes through, and who makes it.
fn hinge(fleet: &Arc<Fleet>) -> Failover {
    // The hinge asks them before it chooses.
    let keys = Arc::<KeyPools>::default();
    let limits = Arc::<VendorLimits>::default();
    // Below the hinge everything happens once an attempt.
    Failover::new(
        Ring::new(
            vec![
                // Outermost of an attempt, so that a rejected answer sends the call on and a function that judges takes no place
                // from other attempts, and above the check of schemas, which says more of what is wrong.
                Box::new(Reject),
                // Above all that sends, so that one that waits for its place has cost nothing yet, and one that is over has
                // nothing left to do when the next comes in.
                Box::new(Concurrency::default()),
                // Below the hinge, so that a wrong answer can be tried again, and above the timeout, whose time is the
                // provider's.
                Box::new(StructuredOutput),
                // Below what judges an answer, since even a wrong one shows that the key works; above the health of the target,
                // of which a key says nothing, and above the batches, which try a key together.
                Box::new(Arc::clone(&keys)),
                // Above all that sends, so that what is refused costs nothing, and below what judges an answer: a wrong
                // one is no sign that its target is down.
                Box::new(Health::new(Arc::clone(fleet))),
                // Below all that counts and pays, for which an embedding is one call however many texts it has; above the
                // timeout, so that each of its requests has the provider's whole time.
                Box::new(Batches),
                // Below the batches, so that each of their requests counts.
                Box::new(Arc::clone(&limits)),
                // Below all that takes note of an attempt, which still fails while the stream is held back; above the timeout,
                // whose idle time holds then too.
                Box::new(HoldToRate),
                // Innermost, so that only the provider's time counts and not that of a policy of ours.
                Box::new(Timeout),
            ],
            Wire,
        ),
        keys,
        limits,
        Arc::clone(fleet),
    )
}
