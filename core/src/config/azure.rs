//! A resource of Azure: where its API is, in which version, and who signs in.
//!
//! Sources: "Azure OpenAI v1 API"; "Azure OpenAI API version lifecycle"; "`DefaultAzureCredential` overview".

use std::sync::Arc;

use http::header::HeaderValue;

use super::endpoint::Resolver;
use super::sign_in::{self, SignIn};
use super::written::ProviderConfig;
use crate::auth::Sign;
use crate::auth::azure::{Application, Signer, Source};
use crate::error::Result;
use crate::model::read::Path;
use crate::providers::{Dialect, MaxTokens};
use crate::target::Addressing;

const AUTHORITY: &str = "https://login.microsoftonline.com";
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
/// Hosts of resources end so: a service, and the public cloud, that of the United States' government, or China's.
const SERVICES: [&str; 3] = [".openai", ".cognitiveservices", ".services.ai"];
const CLOUDS: [&str; 3] = [".azure.com", ".azure.us", ".azure.cn"];
/// Versions of the v1 API that stand in the address.
const UNDATED: [&str; 2] = ["preview", "latest"];
/// The version that began to know `max_completion_tokens` and `stream_options`, and the one that began to know the role
/// `developer`: "API version lifecycle", changes between versions.
const NEWER_FIELDS: &str = "2024-09-01";
const DEVELOPER: &str = "2024-12-01";

/// How a resource's API is addressed.
#[derive(Default)]
pub(super) struct Resource {
    addressing: Addressing,
    /// The resource that the environment names.
    pub(super) endpoint: Option<String>,
}

/// The keys of a table that are for Azure.
pub(super) fn keys(table: &ProviderConfig) -> sign_in::Keys {
    sign_in::Keys {
        cloud: "Azure (azure-openai)",
        set: vec![
            ("api_version", table.api_version.is_some()),
            ("tenant_id", table.tenant_id.is_some()),
            ("client_id", table.client_id.is_some()),
            ("client_secret", table.client_secret.is_some()),
            ("federated_token_file", table.federated_token_file.is_some()),
            ("managed_identity", table.managed_identity.is_some()),
            ("authority_host", table.authority_host.is_some()),
            ("scope", table.scope.is_some()),
        ],
    }
}

/// Whether an address is one of Azure's own.
pub(super) fn is_azure(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok().filter(|uri| uri.scheme_str() == Some("https"));
    let host = uri.and_then(|uri| Some(uri.host()?.to_ascii_lowercase())).unwrap_or_default();
    let service = CLOUDS.iter().find_map(|cloud| host.strip_suffix(cloud));
    service.is_some_and(|host| SERVICES.iter().any(|service| host.ends_with(service)))
}

/// Whether a table says who signs in, so that no key is looked for.
pub(super) fn signs_in(table: &ProviderConfig) -> bool {
    table.client_secret.is_some() || table.federated_token_file.is_some() || table.managed_identity == Some(true)
}

/// How an endpoint is addressed, and its quirks in that version of the API.
pub(super) fn refine(resource: Option<Resource>, mut dialect: Dialect) -> (Addressing, Dialect) {
    let addressing = resource.unwrap_or_default().addressing;
    if let Addressing::Deployment(date) = &addressing {
        if date.as_str() < NEWER_FIELDS {
            dialect.max_tokens = MaxTokens::MaxTokens;
            dialect.stream_usage = false;
        }
        dialect.developer_role &= date.as_str() >= DEVELOPER;
    }
    (addressing, dialect)
}

impl Resource {
    /// Where the API is, of the address of a resource or of the API itself.
    pub(super) fn api(&self, url: String) -> Result<String, &'static str> {
        let dated = matches!(self.addressing, Addressing::Deployment(_));
        if url.contains("/deployments/") {
            return Err("names a deployment: end it at the resource, and let the deployment be the model of a target");
        }
        match (url.strip_suffix("/v1"), dated) {
            (Some(_), true) => Err("is that of the v1 API and api_version a date: end it at the resource"),
            (Some(_), false) => Ok(url),
            (None, dated) => {
                let resource = url.strip_suffix("/openai").unwrap_or(&url);
                Ok(format!("{resource}/openai{}", if dated { "" } else { "/v1" }))
            }
        }
    }
}

impl Resolver<'_> {
    /// The resource that a table names and who signs in there; with `ambient`, it may be the identity of the process.
    pub(super) fn azure(&self, path: &Path<'_>, table: &ProviderConfig, ambient: bool) -> Result<SignIn> {
        let endpoint = match &table.base_url {
            None if self.from_env => (self.env)("AZURE_OPENAI_ENDPOINT"),
            _ => None,
        };
        // The version of the environment is that of its resource.
        let version = table.api_version.clone();
        let version = version.or_else(|| endpoint.as_ref().and_then(|_| (self.env)("OPENAI_API_VERSION")));
        let addressing = self.addressing(path, version)?;
        if table.authority_host.as_deref().is_some_and(|host| !is_authority(host)) {
            let problem = "expected an address such as \"https://login.microsoftonline.com\"";
            return Err(self.source.error(path.key("authority_host"), problem));
        }
        let source = self.identity(path, table)?;
        let source = source.or_else(|| ambient.then(|| self.ambient_identity(table)).flatten());
        let signs_in = matches!(source, Some(Source::Secret { .. } | Source::Workload { .. }));
        if table.authority_host.is_some() && !signs_in {
            let problem = "needs client_secret or federated_token_file too";
            return Err(self.source.error(path.key("authority_host"), problem));
        }
        if table.scope.is_some() && source.is_none() {
            let problem = "needs client_secret, federated_token_file or managed_identity too";
            return Err(self.source.error(path.key("scope"), problem));
        }
        let scope = table.scope.clone().unwrap_or_else(|| SCOPE.to_owned());
        let signer = source.map(|source| Arc::new(Signer::new(source, scope)) as Arc<dyn Sign>);
        Ok(SignIn { signer, azure: Some(Resource { addressing, endpoint }), ..SignIn::default() })
    }

    fn addressing(&self, path: &Path<'_>, version: Option<String>) -> Result<Addressing> {
        let Some(version) = version.filter(|version| version != "v1") else { return Ok(Addressing::Path) };
        if UNDATED.contains(&version.as_str()) {
            return Ok(Addressing::Version(version));
        }
        let day = version.strip_suffix("-preview").unwrap_or(&version);
        let dated = day.len() == "2024-10-21".len()
            && day.char_indices().all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() });
        if dated {
            return Ok(Addressing::Deployment(version));
        }
        let problem =
            format_args!("'{version}' is no version, expected v1, preview, latest or a date such as 2024-10-21");
        Err(self.source.error(path.key("api_version"), problem))
    }

    /// Who signs in, as the table says.
    fn identity(&self, path: &Path<'_>, table: &ProviderConfig) -> Result<Option<Source>> {
        let goes_without = |key: &str, other: &str| {
            Err(self.source.error(path.key(key), format_args!("goes without {other}: set one of them")))
        };
        let needs = |key: &str, others: &str| Err(self.source.error(path.key(key), format_args!("needs {others} too")));
        let managed = table.managed_identity == Some(true);
        if table.api_key.is_some() || table.api_keys.is_some() {
            let set = [("client_secret", table.client_secret.is_some()), ("managed_identity", managed)];
            let set = set.into_iter().chain([("federated_token_file", table.federated_token_file.is_some())]);
            if let Some((key, _)) = set.into_iter().find(|(_, set)| *set) {
                return goes_without(key, "api_key");
            }
        }
        match (&table.client_secret, &table.federated_token_file) {
            (Some(_), Some(_)) => goes_without("federated_token_file", "client_secret"),
            (Some(_), None) if managed => goes_without("managed_identity", "client_secret"),
            (None, Some(_)) if managed => goes_without("managed_identity", "federated_token_file"),
            (Some(secret), None) => {
                let secret = self.text(&path.key("client_secret"), secret)?;
                let Some(application) = self.application(path, table)? else {
                    return needs("client_secret", "tenant_id and client_id");
                };
                Ok(Some(Source::Secret { application, secret }))
            }
            (None, Some(file)) => {
                let Some(application) = self.application(path, table)? else {
                    return needs("federated_token_file", "tenant_id and client_id");
                };
                Ok(Some(Source::Workload { application, file: file.clone() }))
            }
            (None, None) if table.tenant_id.is_some() => needs("tenant_id", "client_secret or federated_token_file"),
            (None, None) if managed => {
                let problem = "IDENTITY_ENDPOINT and IDENTITY_HEADER name no service of this machine";
                let missing = || self.source.error(path.key("managed_identity"), problem);
                self.managed_identity(table.client_id.clone()).ok_or_else(missing).map(Some)
            }
            (None, None) if table.client_id.is_some() => {
                needs("client_id", "client_secret, federated_token_file or managed_identity")
            }
            (None, None) => Ok(None),
        }
    }

    /// The application that a table names; `None` where it does not.
    fn application(&self, path: &Path<'_>, table: &ProviderConfig) -> Result<Option<Application>> {
        let (Some(tenant), Some(id)) = (&table.tenant_id, &table.client_id) else { return Ok(None) };
        if !is_tenant(tenant) {
            return Err(self.source.error(path.key("tenant_id"), "expected the id or the domain of a tenant"));
        }
        let authority = authority(table.authority_host.as_deref().unwrap_or(AUTHORITY));
        Ok(Some(Application { authority, tenant: tenant.clone(), id: id.clone() }))
    }

    /// The identity of where the process runs: its environment's, or the managed one.
    fn ambient_identity(&self, table: &ProviderConfig) -> Option<Source> {
        let env = self.env;
        let client_id = env("AZURE_CLIENT_ID");
        if let (Some(tenant), Some(id)) = (env("AZURE_TENANT_ID").filter(|tenant| is_tenant(tenant)), client_id.clone())
        {
            let host = table.authority_host.clone().or_else(|| env("AZURE_AUTHORITY_HOST"));
            let host = host.filter(|host| is_authority(host));
            let authority = authority(host.as_deref().unwrap_or(AUTHORITY));
            let application = Application { authority, tenant, id };
            if let Some(secret) = env("AZURE_CLIENT_SECRET") {
                return Some(Source::Secret { application, secret });
            }
            if let Some(file) = env("AZURE_FEDERATED_TOKEN_FILE") {
                return Some(Source::Workload { application, file });
            }
        }
        table.managed_identity.unwrap_or(true).then(|| self.managed_identity(client_id)).flatten()
    }

    /// The managed identity: at the address that the platform gives, or at that of machines.
    /// An address that is no good is no reason to take another identity: then there is none.
    fn managed_identity(&self, client_id: Option<String>) -> Option<Source> {
        let Some(url) = (self.env)("IDENTITY_ENDPOINT") else { return Some(Source::Machine { client_id }) };
        let header = (self.env)("IDENTITY_HEADER").and_then(|header| HeaderValue::from_str(&header).ok());
        let mut header = header.filter(|_| is_next_door(&url))?;
        header.set_sensitive(true);
        Some(Source::Platform { url, header, client_id })
    }
}

/// Whether a secret may be sent there.
fn is_authority(host: &str) -> bool {
    host.starts_with("https://") && !host.contains(['?', '#', '@'])
}

fn authority(host: &str) -> String {
    host.trim_end_matches('/').to_owned()
}

fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.".contains(&c))
}

/// Whether a platform's own address is one of this machine's, or of its link. A name that only looks like one is neither.
fn is_next_door(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let address = host.parse::<std::net::Ipv4Addr>();
    ["localhost", "[::1]"].contains(&host) || address.is_ok_and(|it| it.is_loopback() || it.is_link_local())
}
