//! What an identity provider publishes, its metadata and its keys, and for how long that is believed.
//!
//! Both are fetched when somebody first needs them, and again every hour. A key that is not among them is reason to look once more, but
//! not oftener than once a minute: who can make us see unknown keys must not make us flood the provider.

use std::sync::{Arc, PoisonError, RwLock};

use kyc_wire::ids::Micros;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::OidcError;
use super::transport::send;
use crate::clock::Clock;

/// How long metadata and keys are believed.
const METADATA_SECONDS: i64 = 3600;
/// After an unknown key was reason to look, how long until another may be.
const REFETCH_SECONDS: i64 = 60;
/// After the provider did not answer, how long until it is asked again.
const PAUSE_SECONDS: i64 = 5;

/// What the library does not read.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct More {
    /// Whether every response names the issuer (RFC 9207 section 3).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// Where sessions are ended (RP-Initiated Logout 1.0 section 2.1).
    #[serde(default)]
    end_session_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for More {}

/// The metadata of an identity provider, with its keys.
pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What was fetched.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) metadata: Metadata,
    fetched_at: Micros,
    /// Tells one fetch from another.
    generation: u64,
}

impl Known {
    /// Whether every response must name the issuer.
    pub(super) fn sends_iss(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }

    /// Where sessions are ended. An address that is less protected than the issuer's own is none.
    pub(super) fn ends_sessions_at(&self) -> Option<&Url> {
        let at = self.metadata.additional_metadata().end_session_endpoint.as_ref()?;
        (at.scheme() == self.metadata.issuer().url().scheme()).then_some(at)
    }
}

/// When it was asked without need, and when in vain. Whoever holds this is the one who asks.
#[derive(Default)]
struct Asking {
    forced_at: Option<Micros>,
    failed: Option<(Micros, OidcError)>,
}

/// What is known of one identity provider.
pub(super) struct Provider {
    issuer: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    known: RwLock<Option<Arc<Known>>>,
    asking: Mutex<Asking>,
}

impl Provider {
    /// Nothing is fetched yet.
    pub(super) fn new(issuer: &str, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { issuer: issuer.to_owned(), http, clock, known: RwLock::default(), asking: Mutex::default() }
    }

    fn last(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Arc<Known>> {
        self.last().filter(|known| self.clock.now().seconds_since(known.fetched_at) < METADATA_SECONDS)
    }

    /// Metadata and keys that are still believed. Of many who need them at once, one asks.
    pub(super) async fn known(&self) -> Result<Arc<Known>, OidcError> {
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let mut asking = self.asking.lock().await;
        match self.fresh() {
            Some(known) => Ok(known),
            None => self.fetch(&mut asking).await,
        }
    }

    /// What is known after looking once more, because a key was not in `stale`.
    pub(super) async fn look_again(&self, stale: &Known) -> Result<Arc<Known>, OidcError> {
        let mut asking = self.asking.lock().await;
        if let Some(newer) = self.fresh().filter(|known| known.generation != stale.generation) {
            return Ok(newer);
        }
        let now = self.clock.now();
        if asking.forced_at.is_some_and(|at| now.seconds_since(at) < REFETCH_SECONDS) {
            return Err(OidcError::Refused("unknown_key"));
        }
        asking.forced_at = Some(now);
        self.fetch(&mut asking).await
    }

    async fn fetch(&self, asking: &mut Asking) -> Result<Arc<Known>, OidcError> {
        let now = self.clock.now();
        if let Some((at, error)) = &asking.failed
            && now.seconds_since(*at) < PAUSE_SECONDS
        {
            return Err(error.clone());
        }
        match self.discover().await {
            Ok(metadata) => {
                let generation = self.last().map_or(0, |known| known.generation + 1);
                let known = Arc::new(Known { metadata, fetched_at: now, generation });
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
                asking.failed = None;
                Ok(known)
            }
            Err(error) => {
                asking.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }

    async fn discover(&self) -> Result<Metadata, OidcError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|_| OidcError::Refused("issuer_not_a_url"))?;
        let sender = self.http.clone();
        let metadata = Metadata::discover_async(issuer, &move |request| send(sender.clone(), request)).await;
        let metadata = metadata.map_err(|error| match error {
            DiscoveryError::Validation(_) => OidcError::Refused("metadata_issuer_mismatch"),
            DiscoveryError::Parse(_) => OidcError::Refused("metadata_malformed"),
            _ => OidcError::Unreachable("discovery"),
        })?;
        if !has_safe_addresses(&self.issuer, &metadata) {
            return Err(OidcError::Refused("metadata_unsafe_address"));
        }
        Ok(metadata)
    }
}

/// Secrets are sent to these addresses, keys come from them, and browsers are sent there: https only, as the issuer itself, unless that
/// is on this machine. The library would follow any, and a browser takes a script for an address.
fn has_safe_addresses(issuer: &str, metadata: &Metadata) -> bool {
    let has_http = issuer.starts_with("http://");
    let is_safe = |url: &Url| url.scheme() == "https" || (has_http && url.scheme() == "http");
    is_safe(metadata.authorization_endpoint().url())
        && is_safe(metadata.jwks_uri().url())
        && metadata.token_endpoint().is_none_or(|endpoint| is_safe(endpoint.url()))
        && metadata.userinfo_endpoint().is_none_or(|endpoint| is_safe(endpoint.url()))
}
