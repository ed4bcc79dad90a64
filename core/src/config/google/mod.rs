//! An account of Google Cloud: project and location, and where its access tokens come from.
//!
//! Sources: "How Application Default Credentials works"; "Deployments and endpoints" of Vertex AI.

mod file;

use std::path::PathBuf;
use std::sync::Arc;

use self::file::{Found, read};
use super::endpoint::Resolver;
use super::sign_in::{self, SignIn};
use super::written::ProviderConfig;
use crate::auth::Sign;
use crate::auth::google::{PROJECT, Signer, Source};
use crate::error::Result;
use crate::model::read::Path;

const PROJECTS: [&str; 2] = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];
const LOCATIONS: [&str; 3] = ["GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION", "CLOUD_ML_REGION"];
/// Where `gcloud auth application-default login` leaves its file.
const WELL_KNOWN: &str = "application_default_credentials.json";
const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
const METADATA: &str = "metadata.google.internal";
/// Locations that are several regions, at hosts of their own kind.
const MULTI_REGIONS: [&str; 2] = ["eu", "us"];

/// The keys of a table that are for Google Cloud.
pub(super) fn keys(table: &ProviderConfig) -> sign_in::Keys {
    sign_in::Keys {
        cloud: "Google Cloud (vertex-gemini, vertex-anthropic)",
        set: vec![
            ("project", table.project.is_some()),
            ("location", table.location.is_some()),
            ("credentials", table.credentials.is_some()),
            ("credentials_file", table.credentials_file.is_some()),
        ],
    }
}

/// Project and location, as far as they are known.
#[derive(Default)]
pub(super) struct Place {
    project: Option<String>,
    location: Option<String>,
    /// Whether there is a key, with which a project is not needed ("express mode").
    keyed: bool,
    /// Whether the project, where it is not known, is asked of the metadata server with the first token.
    asks: bool,
}

impl Place {
    /// An address of Google's with project and location in it; the problem where they are not known.
    pub(super) fn address(&self, url: &str) -> Result<String, &'static str> {
        match (&self.project, &self.location) {
            (Some(project), Some(location)) => {
                let url = url.replace("{location}-aiplatform.googleapis.com", &host(location));
                Ok(url.replace(PROJECT, project).replace("{location}", location))
            }
            (None, Some(location)) if self.asks => {
                let project = Some(PROJECT.to_owned());
                Place { project, location: Some(location.clone()), ..Place::default() }.address(url)
            }
            (None, None) if self.keyed => {
                Ok(url.replace("{location}-", "").replace("/projects/{project}/locations/{location}", ""))
            }
            (Some(_), None) => Err("the key 'location' is missing, such as \"global\", \"eu\" or \"europe-west4\""),
            (None, _) => Err("the key 'project' is missing, such as \"my-project-123\""),
        }
    }

    /// An address of the caller's own, with project and location behind it where the table says them.
    pub(super) fn below(&self, url: String) -> Result<String, &'static str> {
        match (&self.project, &self.location) {
            (_, None) | (None, _) => Ok(url),
            _ if url.contains("/projects/") => Err("names a project: leave out project and location, or end it before"),
            (Some(project), Some(location)) => Ok(format!("{url}/projects/{project}/locations/{location}")),
        }
    }
}

fn host(location: &str) -> String {
    match location {
        "global" => "aiplatform.googleapis.com".to_owned(),
        _ if MULTI_REGIONS.contains(&location) => format!("aiplatform.{location}.rep.googleapis.com"),
        _ => format!("{location}-aiplatform.googleapis.com"),
    }
}

impl Resolver<'_> {
    /// The account that a table names, or, with `ambient`, the one that the process runs in. `keyed` says whether there is
    /// a plain key.
    pub(super) fn google(&self, path: &Path<'_>, table: &ProviderConfig, keyed: bool, ambient: bool) -> Result<SignIn> {
        let given = self.given_credentials(path, table)?;
        let env = |names: &[&str]| names.iter().filter(|_| ambient).find_map(|name| (self.env)(name));
        let project = table.project.clone().or_else(|| given.as_ref()?.project.clone());
        let project = project.or_else(|| env(&PROJECTS));
        let location = table.location.clone().or_else(|| env(&LOCATIONS));
        let found = match given {
            Some(found) => Some(found),
            None if ambient => Some(self.default_credentials(path)?),
            None => None,
        };
        let project = project.or_else(|| found.as_ref()?.project.clone());
        self.check_name(path, "project", project.as_deref(), "my-project-123")?;
        self.check_name(path, "location", location.as_deref(), "europe-west4")?;
        if table.base_url.is_some() && table.project.is_some() && location.is_none() {
            return Err(self.source.error(path.key("project"), "needs location too"));
        }
        if table.base_url.is_some() && location.is_some() && project.is_none() {
            return Err(self.source.error(path.key("location"), "needs project too"));
        }
        let asks = found.as_ref().is_some_and(|found| found.signer.knows_its_project());
        let signer = found.map(|found| Arc::new(found.signer) as Arc<dyn Sign>);
        Ok(SignIn { signer, google: Some(Place { project, location, keyed, asks }), ..SignIn::default() })
    }

    /// Both become parts of the address.
    fn check_name(&self, path: &Path<'_>, key: &str, name: Option<&str>, example: &str) -> Result<()> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.:".contains(&c);
        match name {
            Some(name) if name.is_empty() || !name.bytes().all(fits) => {
                Err(self.source.error(path.key(key), format_args!("expected a {key} such as \"{example}\"")))
            }
            _ => Ok(()),
        }
    }

    /// The credentials in the table itself.
    fn given_credentials(&self, path: &Path<'_>, table: &ProviderConfig) -> Result<Option<Found>> {
        let (key, text) = match (&table.credentials, &table.credentials_file) {
            (Some(_), Some(_)) => {
                let problem = "goes without credentials: set one of them";
                return Err(self.source.error(path.key("credentials_file"), problem));
            }
            (Some(text), None) => ("credentials", self.text(&path.key("credentials"), text)?),
            (None, Some(file)) => {
                let path = path.key("credentials_file");
                let text = std::fs::read_to_string(file);
                let text = text.map_err(|error| self.source.error(path, format_args!("'{file}': {error}")))?;
                ("credentials_file", text)
            }
            (None, None) => return Ok(None),
        };
        if table.api_key.is_some() || table.api_keys.is_some() {
            return Err(self.source.error(path.key(key), "goes without api_key: set one of them"));
        }
        read(&text).map(Some).map_err(|problem| self.source.error(path.key(key), problem))
    }

    /// The credentials of where the process runs: the file that its environment names, the one that gcloud left, the
    /// metadata server.
    fn default_credentials(&self, path: &Path<'_>) -> Result<Found> {
        let env = self.env;
        if let Some(file) = env(VARIABLE) {
            let problem = match std::fs::read_to_string(&file) {
                Ok(text) => match read(&text) {
                    Ok(found) => return Ok(found),
                    Err(problem) => problem,
                },
                Err(error) => error.to_string(),
            };
            return Err(self.source.error(path, format_args!("the file of {VARIABLE}: {problem}")));
        }
        let left = self.well_known().and_then(|file| std::fs::read_to_string(file).ok());
        if let Some(text) = left {
            let problem = |problem| self.source.error(path, format_args!("gcloud's {WELL_KNOWN}: {problem}"));
            return read(&text).map_err(problem);
        }
        let host = env("GCE_METADATA_HOST").unwrap_or_else(|| METADATA.to_owned());
        Ok(Found { signer: Signer::new(Source::Metadata { host }, None, None), project: None })
    }

    fn well_known(&self) -> Option<PathBuf> {
        let env = self.env;
        let folder = env("CLOUDSDK_CONFIG").map(PathBuf::from);
        let folder = folder.or_else(|| Some(PathBuf::from(env("APPDATA")?).join("gcloud")));
        let folder = folder.or_else(|| Some(PathBuf::from(env("HOME")?).join(".config").join("gcloud")));
        folder.map(|folder| folder.join(WELL_KNOWN))
    }
}
