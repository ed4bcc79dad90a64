//! The way out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::endpoint::Resolver;
use super::value::SecretText;
use crate::error::Result;
use crate::model::read::Path;
use crate::proxy::Proxy;

/// The way out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkConfig {
    /// An HTTP proxy that connects to providers over https and to where their tokens come from, such as
    /// `http://user:password@proxy.example:3128`. Servers over http are reached without it. The environment's `HTTPS_PROXY`
    /// counts where it is named: `${env:HTTPS_PROXY}`. Default: none.
    pub(super) https_proxy: Option<SecretText>,
}

impl NetworkConfig {
    /// The proxy, if there is to be one.
    pub(super) fn proxy(&self, resolver: &Resolver<'_>) -> Result<Option<Proxy>> {
        let Some(written) = &self.https_proxy else { return Ok(None) };
        let path = Path::Root.key("network");
        let path = path.key("https_proxy");
        let text = resolver.text(&path, written)?;
        Proxy::parse(&text).map(Some).map_err(|problem| resolver.source.error(path, problem))
    }
}
