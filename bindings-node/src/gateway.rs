//! The gateway.

use std::sync::Mutex;

use napi::bindgen_prelude::{FnArgs, Function};
use napi::{Error, Result};
use napi_derive::napi;
use tidegate::{Config, Request};

use crate::bridge::{Bridge, lock};
use crate::check;
use crate::hooks::{self, Subscription, Told};
use crate::json::camel_text;
use crate::raise;
use crate::sim::Sim;
use crate::stream::Stream;

/// A gateway of the core, until it is closed.
#[napi]
pub struct Gateway(Mutex<Option<tidegate::Gateway>>);

fn read(text: &str) -> Result<tidegate::Result<Config>> {
    let value = serde_json::from_str(text).map_err(|error| Error::from_reason(error.to_string()))?;
    Ok(Config::from_value(value))
}

fn open(config: tidegate::Result<Config>) -> Result<Gateway> {
    let gateway = config.and_then(|config| tidegate::Gateway::new(&config)).map_err(|error| raise(&error))?;
    Ok(Gateway(Mutex::new(Some(gateway))))
}

#[napi]
impl Gateway {
    /// From a configuration as JSON text.
    #[napi(factory)]
    pub fn from_json(text: String) -> Result<Self> {
        open(read(&text)?)
    }

    /// From a TOML file.
    #[napi(factory)]
    pub fn from_file(path: String) -> Result<Self> {
        open(Config::from_file(path))
    }

    /// From TOML text.
    #[napi(factory)]
    pub fn from_toml(text: String) -> Result<Self> {
        open(Config::from_toml(&text))
    }

    /// The same gateway in a simulated world.
    #[napi]
    pub fn with_sim(&self, sim: &Sim) -> Result<Gateway> {
        Ok(Gateway(Mutex::new(Some(self.gateway()?.with_world(sim.0.clone())))))
    }

    /// The same gateway with a function that judges answers: it is called with an id and a response as JSON text, and what
    /// it says is `judged`.
    #[napi]
    pub fn with_check(&self, name: String, ask: Function<'_, FnArgs<(u32, String)>, ()>) -> Result<Gateway> {
        let gateway = check::give(&self.gateway()?, name, &ask)?;
        Ok(Gateway(Mutex::new(Some(gateway))))
    }

    /// Takes another configuration, as JSON text.
    #[napi]
    pub fn reload(&self, text: String) -> Result<()> {
        let (gateway, config) = (self.gateway()?, read(&text)?);
        config.and_then(|config| gateway.reload(&config)).map_err(|error| raise(&error))
    }

    /// Reads the file of the configuration again.
    #[napi]
    pub fn reload_file(&self) -> Result<()> {
        self.gateway()?.reload_file().map(drop).map_err(|error| raise(&error))
    }

    /// Reads the file again whenever it has changed, and tells of each change: null, or the error as JSON text.
    #[napi]
    pub fn watch(&self, every: f64, told: Told<'_>) -> Result<Subscription> {
        hooks::watch(&self.gateway()?, every, &told)
    }

    /// What would become of a request, as JSON text.
    #[napi]
    pub fn explain(&self, request: String) -> Result<String> {
        let gateway = self.gateway()?;
        let explanation = Request::from_json(&request).and_then(|request| gateway.explain(request));
        camel_text(&explanation.map_err(|error| raise(&error))?)
    }

    /// How the targets are, as JSON text.
    #[napi]
    pub fn health(&self) -> Result<String> {
        camel_text(&self.gateway()?.health())
    }

    /// Tells of each target whose state changes, as JSON text.
    #[napi]
    pub fn observe_health(&self, told: Told<'_>) -> Result<Subscription> {
        hooks::observe(&self.gateway()?, &told)
    }

    /// Forgets the core's gateway: calls that run go on, new ones are refused.
    #[napi]
    pub fn close(&self) {
        lock(&self.0).take();
    }

    /// Starts an `embed`, a `rerank` or a `chat`, whose end is delivered under `id`.
    #[napi]
    pub fn call(&self, bridge: &Bridge, id: u32, request: String, method: String) -> Result<()> {
        let gateway = self.gateway()?;
        bridge.calls.start(id, async move {
            let request = Request::from_json(&request)?;
            match method.as_str() {
                "embed" => gateway.embed(request).await,
                "rerank" => gateway.rerank(request).await,
                _ => gateway.chat(request).await,
            }
        })
    }

    /// Starts a stream.
    #[napi]
    pub fn stream(&self, bridge: &Bridge, request: String) -> Result<Stream> {
        Stream::start(&bridge.calls, self.gateway()?, request)
    }

    fn gateway(&self) -> Result<tidegate::Gateway> {
        let gateway = lock(&self.0).clone();
        gateway.ok_or_else(|| raise(&tidegate::Error::invalid("gateway", "it is closed: make a new one")))
    }
}
