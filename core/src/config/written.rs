//! The configuration as written, key by key. The doc comments become the descriptions in its JSON Schema.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use super::breaker::BreakerConfig;
use super::concurrency::ConcurrencyConfig;
use super::fallback::FallbackConfig;
use super::health_check::HealthCheckConfig;
use super::hedge::HedgeConfig;
use super::reject::RejectConfig;
use super::route::{Limits, OnInvalidOutput, OnUnsupported, RetryPolicy, Timeouts};
use super::routing::{BalanceBy, Price, TargetConfig};
use super::stream::StreamConfig;
use super::value::{Period, SecretText, Size, positive, share};
use crate::policies::retry_budget::RetryBudgetPolicy;
use crate::simulate::SimulateConfig;

/// A provider: where it is, how it speaks, and its keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    /// The protocol it speaks, such as `openai-chat`. Built-in providers bring theirs.
    pub(super) protocol: Option<String>,
    /// Scheme, host and path prefix, such as `https://llm.example.com/v1`. Replaces that of a built-in provider, whose
    /// quirks stay; a key from the environment (`from_env`) is then not sent.
    pub(super) base_url: Option<String>,
    /// Its key.
    pub(super) api_key: Option<SecretText>,
    /// Several keys: each call begins with any of them, and goes on to the next where one is refused or limited.
    pub(super) api_keys: Option<Vec<SecretText>>,
    /// AWS: the region, such as `eu-central-1`.
    pub(super) region: Option<String>,
    /// AWS: the id of an access key, by which requests are signed. Bedrock takes an `api_key` instead.
    pub(super) access_key_id: Option<SecretText>,
    /// AWS: the access key's secret.
    pub(super) secret_access_key: Option<SecretText>,
    /// AWS: the token that temporary access keys come with.
    pub(super) session_token: Option<SecretText>,
    /// AWS: a profile of `~/.aws/credentials` and `~/.aws/config`, which brings access key and region. Without any of these
    /// and with `from_env`, the key is that of the environment, the default profile, the container or the instance.
    pub(super) profile: Option<String>,
    /// Google Cloud: the id of the project. Default: that of the credentials.
    pub(super) project: Option<String>,
    /// Google Cloud: where the models run, such as `europe-west4`, `eu` or `global`.
    pub(super) location: Option<String>,
    /// Google Cloud: the JSON of credentials: the key of a service account, or what gcloud makes for a user or for an
    /// identity of another cloud. Vertex AI takes an `api_key` instead. Without any of these and with `from_env`, they are
    /// the application default credentials: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's file, the metadata server.
    pub(super) credentials: Option<SecretText>,
    /// Google Cloud: the file of such credentials.
    pub(super) credentials_file: Option<String>,
    /// Azure: the version of the API: `v1`, which is the default, `preview` or `latest` of it, or a date such as `2024-10-21`,
    /// with which the model stands in the address as the deployment.
    pub(super) api_version: Option<String>,
    /// Azure: the Entra tenant of an application that signs in, or of a workload.
    pub(super) tenant_id: Option<String>,
    /// Azure: the id of the application, of the workload's identity, or of a managed identity that a user assigned.
    pub(super) client_id: Option<String>,
    /// Azure: the application's secret. Azure takes an `api_key` instead. Without any of these and with `from_env`, the
    /// identity is that of the environment: an application's secret or a workload's token (`AZURE_TENANT_ID`,
    /// `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE`), or else the managed identity.
    pub(super) client_secret: Option<SecretText>,
    /// Azure: the file with the token of a workload's identity (Kubernetes).
    pub(super) federated_token_file: Option<String>,
    /// Azure: whether to sign in as the managed identity of the machine, the app service or the container app.
    pub(super) managed_identity: Option<bool>,
    /// Azure: where to sign in, such as `https://login.microsoftonline.us`. Default: `https://login.microsoftonline.com`.
    pub(super) authority_host: Option<String>,
    /// Azure: what the token is for, such as `https://cognitiveservices.azure.us/.default`. Default: that of `azure.com`.
    pub(super) scope: Option<String>,
    /// Headers to add to every request. Their values count as secrets.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, SecretText>,
    /// Makes it a simulation: no key is needed and nothing is ever sent.
    pub(super) simulate: Option<SimulateConfig>,
}

impl ProviderConfig {
    /// The table without what signs in to a cloud: a simulation asks nobody for a token. Plain keys stay, since a pool of
    /// them behaves unlike one.
    pub(super) fn unsigned(&self) -> Self {
        ProviderConfig {
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            profile: None,
            credentials: None,
            credentials_file: None,
            tenant_id: None,
            client_id: None,
            client_secret: None,
            federated_token_file: None,
            managed_identity: None,
            authority_host: None,
            scope: None,
            ..self.clone()
        }
    }
}

/// What holds for every route that does not say otherwise, and for models asked for as `provider/model`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Defaults {
    /// The four timeouts.
    pub(super) timeout: TimeoutConfig,
    /// When to try again.
    pub(super) retry: RetryConfig,
    /// When a target that fails is left alone.
    pub(super) breaker: BreakerConfig,
    /// A second request where the first takes long. Default: none.
    pub(super) hedge: Option<HedgeConfig>,
    /// Asks the targets of routes now and then how they are. Default: no.
    pub(super) health_check: Option<HealthCheckConfig>,
    /// How a route chooses among its targets. Default: `ordered`.
    pub(super) balance: Option<BalanceBy>,
    /// The label whose value keeps its calls at one target, for `balance = "sticky"`.
    pub(super) sticky_label: Option<String>,
    /// The most that an answer may have.
    pub(super) limits: LimitsConfig,
    /// How many attempts may be under way at each target at once. Default: any number.
    pub(super) concurrency: Option<ConcurrencyConfig>,
    /// What to do with a field of a request that a target cannot honour. Default: `refuse`.
    pub(super) on_unsupported: Option<OnUnsupported>,
    /// What to do with an answer that does not follow the JSON Schema of its request. A stream shows its content before it
    /// is whole: its error comes at the end, and nothing is tried again. Default: `fail`.
    #[serde(default, deserialize_with = "OnInvalidOutput::read")]
    pub(super) on_invalid_output: Option<OnInvalidOutput>,
    /// Which answers count as failures.
    pub(super) reject: RejectConfig,
    /// What becomes of streams.
    pub(super) stream: StreamConfig,
    /// What answers where a route fails.
    pub(super) fallback: FallbackConfig,
}

/// A name for an ordered list of targets. What it does not set comes from `[defaults]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteConfig {
    /// Where a request goes, in order of preference: `provider/model`, the name of another route for all its targets, or a
    /// table that says more.
    pub(super) targets: Vec<TargetConfig>,
    /// The four timeouts.
    #[serde(default)]
    pub(super) timeout: TimeoutConfig,
    /// When to try again.
    #[serde(default)]
    pub(super) retry: RetryConfig,
    /// When a target that fails is left alone.
    #[serde(default)]
    pub(super) breaker: BreakerConfig,
    /// A second request where the first takes long.
    pub(super) hedge: Option<HedgeConfig>,
    /// Asks its targets now and then how they are.
    pub(super) health_check: Option<HealthCheckConfig>,
    /// How it chooses among its targets.
    pub(super) balance: Option<BalanceBy>,
    /// The label whose value keeps its calls at one target, for `balance = "sticky"`.
    pub(super) sticky_label: Option<String>,
    /// The regions that its calls may go to, such as `["eu-central-1", "europe-*"]`. Targets whose region is another one or
    /// is not known are left out.
    pub(super) regions: Option<Vec<String>>,
    /// The most that its targets may cost. Those that cost more, or whose price is not known, are left out.
    pub(super) max_price: Option<Price>,
    /// The most that an answer may have.
    #[serde(default)]
    pub(super) limits: LimitsConfig,
    /// How many attempts may be under way at each target at once.
    pub(super) concurrency: Option<ConcurrencyConfig>,
    /// What to do with a field of a request that a target cannot honour.
    pub(super) on_unsupported: Option<OnUnsupported>,
    /// What to do with an answer that does not follow the JSON Schema of its request.
    #[serde(default, deserialize_with = "OnInvalidOutput::read")]
    pub(super) on_invalid_output: Option<OnInvalidOutput>,
    /// Which answers count as failures.
    #[serde(default)]
    pub(super) reject: RejectConfig,
    /// What becomes of streams.
    #[serde(default)]
    pub(super) stream: StreamConfig,
    /// What answers where the route fails.
    #[serde(default)]
    pub(super) fallback: FallbackConfig,
}

/// The four timeouts. Each is named in the error when it passes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TimeoutConfig {
    /// Name resolution, TCP and TLS. Default: 5s.
    #[serde(deserialize_with = "positive")]
    pub(super) connect: Option<Period>,
    /// From sending an attempt to its first content; for a plain answer, to the answer. Default: 120s.
    #[serde(deserialize_with = "positive")]
    pub(super) first_content: Option<Period>,
    /// Between two contents of a stream; pings are not content. Default: 30s.
    #[serde(deserialize_with = "positive")]
    pub(super) idle: Option<Period>,
    /// For everything: all attempts, the waits between them and the whole stream. Default: 600s.
    #[serde(deserialize_with = "positive")]
    pub(super) total: Option<Period>,
}

impl TimeoutConfig {
    pub(super) fn over(&self, base: Timeouts) -> Timeouts {
        let pick = |own: Option<Period>, base| own.map_or(base, |Period(time)| time);
        Timeouts {
            connect: pick(self.connect, base.connect),
            first_content: pick(self.first_content, base.first_content),
            idle: pick(self.idle, base.idle),
            total: pick(self.total, base.total),
        }
    }
}

/// When to try again. The wait before a target is tried once more is random, between zero and a bound that doubles.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryConfig {
    /// The most attempts of a call, over all its targets. Default: 3, or one a target where there are more.
    pub(super) max_attempts: Option<NonZeroU32>,
    /// The bound of the first wait. Default: 250ms.
    pub(super) base_delay: Option<Period>,
    /// No wait is longer; a target that asks for more is not waited for. Default: 10s.
    pub(super) max_delay: Option<Period>,
    /// How many calls may be tried again.
    #[serde(default)]
    pub(super) budget: RetryBudgetConfig,
}

/// How many calls may be tried again, so that an outage is not made worse by those who wait for its end.
///
/// Calls earn credits, and each attempt beyond a call's first costs one, at a target that fails as at one that was tried
/// before. To go on to another target that is well costs none.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetryBudgetConfig {
    /// How many further attempts there may be for each call, 0 to 1. Default: 0.09, which with the edges of any ten
    /// seconds is a tenth.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) ratio: Option<f64>,
    /// How many there may be at first, and after a quiet time. Default: 10.
    pub(super) floor: Option<u32>,
    /// How long a credit is good for. Default: 10s.
    #[serde(deserialize_with = "positive")]
    pub(super) ttl: Option<Period>,
}

impl RetryBudgetConfig {
    fn over(&self, base: RetryBudgetPolicy) -> RetryBudgetPolicy {
        RetryBudgetPolicy {
            ratio: self.ratio.unwrap_or(base.ratio),
            floor: self.floor.unwrap_or(base.floor),
            ttl: self.ttl.map_or(base.ttl, |Period(time)| time),
        }
    }
}

impl RetryConfig {
    pub(super) fn over(&self, base: RetryPolicy) -> RetryPolicy {
        let pick = |own: Option<Period>, base| own.map_or(base, |Period(time)| time);
        RetryPolicy {
            max_attempts: self.max_attempts.map_or(base.max_attempts, NonZeroU32::get),
            base_delay: pick(self.base_delay, base.base_delay),
            max_delay: pick(self.max_delay, base.max_delay),
            budget: self.budget.over(base.budget),
        }
    }
}

/// The most that an answer may have.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    /// Bytes of a whole answer, decompressed. Default: 32MiB.
    pub(super) body: Option<Size>,
    /// Bytes of one event of a stream. Default: 1MiB.
    pub(super) event: Option<Size>,
}

impl LimitsConfig {
    pub(super) fn over(&self, base: Limits) -> Limits {
        let pick = |own: Option<Size>, base| own.map_or(base, |Size(bytes)| bytes);
        Limits { body: pick(self.body, base.body), event: pick(self.event, base.event) }
    }
}
