//! Signing in to a cloud: what stands in place of a key, by the scheme of the provider.

use std::sync::Arc;

use super::aws::{self, in_region};
use super::azure;
use super::endpoint::Resolver;
use super::google;
use super::written::ProviderConfig;
use crate::auth::{Scheme, Sign};
use crate::codec::Provider;
use crate::error::Result;
use crate::model::read::Path;

/// What a table, or the process, says of a cloud. All are `None` for providers that have keys only.
#[derive(Default)]
pub(super) struct SignIn {
    /// Signs where there is no key.
    pub(super) signer: Option<Arc<dyn Sign>>,
    /// What stands for `{region}` in an address.
    pub(super) region: Option<String>,
    /// What stands for `{project}` and `{location}`.
    pub(super) google: Option<google::Place>,
    /// A resource of Azure's.
    pub(super) azure: Option<azure::Resource>,
}

impl SignIn {
    /// An address of a vendor's with its places filled in; the problem where one of them is not known.
    pub(super) fn address(&self, url: &str) -> Result<String, &'static str> {
        match &self.google {
            Some(place) => place.address(url),
            None => {
                in_region(url, self.region.as_deref()).ok_or("the key 'region' is missing, such as \"eu-central-1\"")
            }
        }
    }

    /// An address of the caller's own, with what stands behind it.
    pub(super) fn own_address(&self, url: String) -> Result<String, &'static str> {
        match &self.google {
            Some(place) => place.below(url),
            None => match &self.azure {
                Some(resource) => resource.api(url),
                None => Ok(url),
            },
        }
    }

    /// The address that the environment has in place of a vendor's.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.azure.as_ref()?.endpoint.as_deref()
    }
}

/// Whether a provider has an address in each region, or in each project and location, and none without.
pub(super) fn is_placed(url: &str) -> bool {
    url.contains('{')
}

/// Keys of a table that one cloud alone has a use for.
pub(super) struct Keys {
    /// Whose they are: "AWS (bedrock-converse, bedrock-anthropic)".
    pub(super) cloud: &'static str,
    /// Each key, and whether it is set.
    pub(super) set: Vec<(&'static str, bool)>,
}

impl Resolver<'_> {
    /// What a table says of the cloud of a provider `like` this one. `keyed` says whether there is a plain key, and
    /// `ambient` whether the process may be asked where the table says nothing, which no address of one's own gets to see.
    pub(super) fn sign_in(
        &self,
        path: &Path<'_>,
        table: &ProviderConfig,
        like: &Provider,
        protocol: &str,
        keyed: bool,
        ambient: bool,
    ) -> Result<SignIn> {
        if !matches!(like.auth, Scheme::Aws(_)) {
            self.refuse(path, &aws::keys(table), protocol)?;
        }
        if like.auth != Scheme::Google {
            self.refuse(path, &google::keys(table), protocol)?;
        }
        if like.auth != Scheme::Azure {
            self.refuse(path, &azure::keys(table), protocol)?;
        }
        match like.auth {
            Scheme::Aws(service) => self.aws(path, table, service, ambient),
            Scheme::Google => self.google(path, table, keyed, ambient),
            Scheme::Azure => self.azure(path, table, ambient),
            _ => Ok(SignIn::default()),
        }
    }

    /// Refuses keys of a cloud where nothing would use them.
    fn refuse(&self, path: &Path<'_>, keys: &Keys, protocol: &str) -> Result<()> {
        match keys.set.iter().find(|(_, set)| *set) {
            Some((key, _)) => {
                let problem = format_args!("is for {}, and this provider speaks {protocol}", keys.cloud);
                Err(self.source.error(path.key(key), problem))
            }
            None => Ok(()),
        }
    }
}
