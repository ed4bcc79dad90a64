//! The codecs by themselves, for the fuzzer and the benchmark of protocols. Not part of the API: anything here may change.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::codec::{self, Frame};
use crate::config::{Config, Settings};
use crate::error::{Error, Kind, Result};
use crate::framing::Framer;
use crate::model::{Event, Request};
use crate::reading::{self, Reading};
use crate::target::Target;
use crate::world::World;

pub use crate::codec::Framing;

/// The most bytes of one event.
const LIMIT: usize = 1 << 20;

/// A protocol as a simulated vendor speaks it, and a request that it answers.
pub struct Exchange {
    codec: &'static dyn codec::Codec,
    target: Arc<Target>,
    request: Request,
    head: http::response::Parts,
}

impl Exchange {
    /// The answer to `request`, whole or as a stream. `model` is the vendor's name for the model.
    pub fn new(protocol: &str, model: &str, request: Request, stream: bool) -> Result<Self> {
        Exchange::with(&json!({"protocol": protocol, "simulate": {}}), model, request, stream)
    }

    /// The same with a vendor that says nothing but `reply`.
    pub fn replying(protocol: &str, request: Request, stream: bool, reply: &str) -> Result<Self> {
        Exchange::with(&json!({"protocol": protocol, "simulate": {"reply": reply}}), "model-1", request, stream)
    }

    fn with(vendor: &Value, model: &str, mut request: Request, stream: bool) -> Result<Self> {
        let config = json!({"providers": {"vendor": vendor}});
        let route = Settings::resolve(&Config::from_value(config)?)?.route(&format!("vendor/{model}"))?;
        let target = route.targets.first().ok_or_else(|| Error::new(Kind::NoRoute, "there is no target"))?;
        request.stream = stream;
        let (head, ()) = http::Response::new(()).into_parts();
        Ok(Exchange { codec: target.endpoint.codec, target: Arc::clone(target), request, head })
    }

    /// How the answer is cut.
    pub fn framing(&self) -> Framing {
        self.codec.framing(&self.request, &self.head)
    }

    /// Decodes an answer that came in these pieces, as the gateway does. The events that came before an error stay.
    pub fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>, out: &mut Vec<Event>) -> Result<()> {
        let decoder = self.codec.decoder(&self.request, &self.target);
        let mut pieces = pieces.into_iter();
        match self.framing() {
            Framing::Whole => reading::whole(decoder, pieces.next().unwrap_or_default(), out),
            framing => {
                let mut reading = Reading::new(decoder, framing, LIMIT);
                pieces.try_for_each(|piece| reading.feed(piece, out))?;
                reading.finish(out)
            }
        }
    }

    /// The error of an answer with this status.
    pub fn error(&self, status: http::StatusCode, body: &[u8]) -> Error {
        let mut response = http::Response::new(());
        *response.status_mut() = status;
        self.codec.error(&response.into_parts().0, body, &self.target)
    }

    /// What the simulated vendor answers: the status and the body.
    pub async fn simulated(&self, world: impl World + 'static) -> Result<(http::StatusCode, Vec<u8>)> {
        let request: http::Request<Bytes> = self.codec.encode(&self.request, &self.target)?;
        let simulation = self.target.endpoint.simulation.as_ref();
        let simulation = simulation.ok_or_else(|| Error::new(Kind::Config, "the vendor is not simulated"))?;
        let (head, mut body) =
            simulation.fetch(&self.target, &self.request, request, Arc::new(world)).await?.into_parts();
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok((head.status, bytes))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange({})", self.codec.protocol())
    }
}

/// Cuts a body that came in these pieces into frames, and hands out the name and the data of each.
pub fn frames<'a>(
    framing: Framing,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut sink: impl FnMut(&str, &[u8]),
) -> Result<()> {
    let mut framer = Framer::new(framing, LIMIT);
    let mut take = |frame: Frame<'_>| {
        match frame {
            Frame::Whole(data) => sink("", data),
            Frame::Event { name, data } => sink(name, data),
        }
        Ok(())
    };
    pieces.into_iter().try_for_each(|piece| framer.feed(piece, &mut take))?;
    framer.finish(&mut take)
}
