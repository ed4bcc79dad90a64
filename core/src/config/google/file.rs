//! Files of credentials, of the types that Google's own libraries read.
//!
//! Sources: AIP-4112 (service accounts), AIP-4113 (users) and AIP-4117 (external accounts) of google.aip.dev; "Service account
//! impersonation".

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use crate::auth::google::{Client, Impersonation, LIFETIME, Place, Signer, Source, Subject};
use crate::auth::jwt::Key;

/// Where tokens are got where the file does not say.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

/// Credentials, and the project that they were made in.
pub(super) struct Found {
    pub(super) signer: Signer,
    pub(super) project: Option<String>,
}

/// A file of credentials, of any type.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: Option<String>,
    project_id: Option<String>,
    quota_project_id: Option<String>,
    client_email: Option<String>,
    private_key: Option<String>,
    private_key_id: Option<String>,
    token_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
    audience: Option<String>,
    subject_token_type: Option<String>,
    token_url: Option<String>,
    credential_source: Option<CredentialSource>,
    source_credentials: Option<Box<File>>,
    service_account_impersonation_url: Option<String>,
    service_account_impersonation: Option<Options>,
    workforce_pool_user_project: Option<String>,
    #[serde(default)]
    delegates: Vec<String>,
}

/// How an account is impersonated.
#[derive(Deserialize)]
struct Options {
    token_lifetime_seconds: Option<u64>,
}

/// Where an external account has its token.
#[derive(Deserialize)]
struct CredentialSource {
    file: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    format: Option<Format>,
    environment_id: Option<String>,
}

#[derive(Deserialize)]
struct Format {
    #[serde(rename = "type")]
    kind: Option<String>,
    subject_token_field_name: Option<String>,
}

/// Reads credentials. What is wrong is said without a word of theirs.
pub(super) fn read(text: &str) -> Result<Found, String> {
    let file: File = serde_json::from_str(text).map_err(|_| {
        "is not the JSON of credentials, such as the key of a service account or gcloud's application default credentials"
            .to_owned()
    })?;
    let quota = file.quota_project_id.as_deref().and_then(|project| HeaderValue::from_str(project).ok());
    let project = file.project_id.clone();
    let (source, impersonation) = source(file)?;
    Ok(Found { signer: Signer::new(source, impersonation, quota), project })
}

fn source(mut file: File) -> Result<(Source, Option<Impersonation>), String> {
    let impersonation = file.service_account_impersonation_url.take().map(|url| {
        let delegates = std::mem::take(&mut file.delegates);
        let seconds = file.service_account_impersonation.take().and_then(|options| options.token_lifetime_seconds);
        let lifetime = seconds.map_or(LIFETIME, Duration::from_secs);
        safe(url, "service_account_impersonation_url").map(|url| Impersonation { url, delegates, lifetime })
    });
    let impersonation = impersonation.transpose()?;
    let source = match file.kind.as_deref() {
        Some("service_account") => service_account(file)?,
        Some("authorized_user") => user(file)?,
        Some("external_account") => federated(file)?,
        Some("impersonated_service_account") => {
            let inner = file.source_credentials.ok_or("lacks source_credentials")?;
            match source(*inner)? {
                (inner, None) if impersonation.is_some() => inner,
                _ => return Err("impersonates through more than one account: list them as delegates".to_owned()),
            }
        }
        Some(kind) => {
            let known = "service_account, authorized_user, external_account and impersonated_service_account";
            return Err(format!("is of type {}, which is not followed: those that are, are {known}", word(kind)));
        }
        None => return Err("lacks type".to_owned()),
    };
    Ok((source, impersonation))
}

fn service_account(file: File) -> Result<Source, String> {
    let key = need(file.private_key, "private_key")?;
    let key = Key::from_pem(&key, file.private_key_id).ok_or("private_key is no RSA key in PEM")?;
    let token_uri = safe(file.token_uri.unwrap_or_else(|| TOKENS.to_owned()), "token_uri")?;
    Ok(Source::ServiceAccount { email: need(file.client_email, "client_email")?, key, token_uri })
}

fn user(file: File) -> Result<Source, String> {
    Ok(Source::User {
        client_id: need(file.client_id, "client_id")?,
        client_secret: need(file.client_secret, "client_secret")?,
        refresh_token: need(file.refresh_token, "refresh_token")?,
        token_uri: safe(file.token_uri.unwrap_or_else(|| TOKENS.to_owned()), "token_uri")?,
    })
}

fn federated(file: File) -> Result<Source, String> {
    let from = need(file.credential_source, "credential_source")?;
    let place = match (from.file, from.url) {
        _ if from.environment_id.is_some() => {
            return Err("exchanges a signature of AWS, which is not followed: let a file have the token".to_owned());
        }
        (Some(file), _) => Place::File(file),
        (None, Some(url)) => Place::Url { url, headers: headers(from.headers)? },
        (None, None) => return Err("has its token from a program or a certificate: let a file have it".to_owned()),
    };
    let field = from.format.filter(|format| format.kind.as_deref() == Some("json"));
    let field = field.map(|format| need(format.subject_token_field_name, "subject_token_field_name"));
    let client = match (file.client_id, file.client_secret) {
        (Some(id), Some(secret)) => Some(Client { id, secret }),
        (None, None) => None,
        (Some(_), None) => return Err("lacks client_secret, which goes with client_id".to_owned()),
        (None, Some(_)) => return Err("lacks client_id, which goes with client_secret".to_owned()),
    };
    Ok(Source::Federated {
        audience: need(file.audience, "audience")?,
        subject_token_type: need(file.subject_token_type, "subject_token_type")?,
        subject: Subject { place, field: field.transpose()? },
        token_url: safe(need(file.token_url, "token_url")?, "token_url")?,
        client,
        user_project: file.workforce_pool_user_project,
    })
}

fn headers(written: BTreeMap<String, String>) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let one = |(name, value): (String, String)| Some((name.parse().ok()?, value.parse().ok()?));
    written.into_iter().map(|entry| one(entry).ok_or_else(|| "has headers that cannot be sent".to_owned())).collect()
}

fn need<T>(value: Option<T>, key: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("lacks {key}"))
}

/// An address to which secrets may be sent: over TLS, or on this machine.
fn safe(url: String, key: &str) -> Result<String, String> {
    let uri = url.parse::<http::Uri>().ok();
    let is_safe = uri.is_some_and(|uri| match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.host().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host)),
        _ => false,
    });
    if is_safe { Ok(url) } else { Err(format!("has a {key} that is no https address")) }
}

/// A word of the file that may be shown: what is none may be a secret.
fn word(text: &str) -> &str {
    let is_word = text.len() < 64 && text.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    if is_word { text } else { "another kind" }
}
