//! Plays a scripted answer on the clock of any world.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;

use super::script::{Answer, Beat, End};
use crate::error::{Error, Kind, Result};
use crate::fault;
use crate::world::{ByteStream, World};

/// Completes with the head of the answer; its body goes on by itself.
pub(crate) async fn play(answer: Answer, host: &str, world: Arc<dyn World>) -> Result<http::Response<ByteStream>> {
    pause(&*world, answer.delay).await;
    if answer.raw.is_some() {
        return Err(silence(answer, host, &*world).await);
    }
    let (status, headers) = answer.head();
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response
        .body(body(answer, world))
        .map_err(|error| Error::new(Kind::Config, format!("the script of '{host}' has an impossible answer: {error}")))
}

/// What follows the last byte of a body.
enum Last {
    Nothing,
    Broken(&'static str),
    Hang,
}

fn body(answer: Answer, world: Arc<dyn World>) -> ByteStream {
    let last = match answer.end {
        End::Hang => Last::Hang,
        _ if answer.is_whole() => Last::Nothing,
        End::Rst => Last::Broken("connection reset"),
        End::Fin | End::Keep | End::Close => Last::Broken("end of file before the end of the message"),
    };
    Box::pin(stream::unfold((answer.beats(), last, world), |(mut beats, last, world)| async move {
        while let Some(beat) = beats.next() {
            match beat {
                Beat::Bytes(bytes) => return Some((Ok(bytes), (beats, last, world))),
                Beat::Wait(time) => pause(&*world, time).await,
            }
        }
        match last {
            Last::Nothing => None,
            Last::Broken(cause) => Some((Err(fault::incomplete(cause)), (beats, Last::Nothing, world))),
            Last::Hang => pending().await,
        }
    }))
}

/// An answer without a head.
async fn silence(answer: Answer, host: &str, world: &dyn World) -> Error {
    let end = answer.ending();
    for beat in answer.beats() {
        match beat {
            Beat::Wait(time) => pause(world, time).await,
            Beat::Bytes(_) => {
                let problem =
                    format!("the script of '{host}' has raw bytes, which need a socket: give status and body");
                return Error::new(Kind::Config, problem);
            }
        }
    }
    match end {
        End::Hang => pending().await,
        End::Rst => fault::broke(host, "connection reset"),
        End::Keep | End::Close | End::Fin => fault::closed(host),
    }
}

pub(super) async fn pause(world: &dyn World, time: Duration) {
    if !time.is_zero() {
        world.sleep(world.now() + time).await;
    }
}
