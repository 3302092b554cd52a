//! OpenID Connect: code flow with PKCE, and everything about the ID token that must be checked.
//!
//! The library checks signature, issuer, audience, expiry and nonce; here are the rules it leaves to us: the age of the token, the
//! authorized party, the access token's hash, the issuer of the response (RFC 9207). Nothing about a sign-in is kept in clear: state,
//! nonce and PKCE verifier are derived from the handle in the popup's cookie, of which only a hash is stored.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use kyc_wire::ids::Micros;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use crate::clock::Clock;
use crate::config::auth::{Algorithm, Idp};

/// How long metadata and keys are believed.
const METADATA_SECONDS: i64 = 3600;
/// After an unknown key, how long until the keys may be fetched again.
const REFETCH_SECONDS: i64 = 60;
/// Clocks may differ by this much.
const LEEWAY_SECONDS: i64 = 60;
/// An ID token older than this was not made for this sign-in.
const MAX_AGE_SECONDS: i64 = 300;
/// Longest answer of an identity provider that is read.
const MAX_ANSWER: usize = 256 * 1024;

/// Why a sign-in at the identity provider failed. Codes only: no token ever gets into a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The identity provider cannot be reached, or answers with something else.
    #[error("the identity provider cannot be reached ({0})")]
    Unreachable(&'static str),
    /// What it sent does not hold.
    #[error("the identity provider's answer was refused ({0})")]
    Refused(&'static str),
}

impl OidcError {
    /// The code, for the audit log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(code) | Self::Refused(code) => code,
        }
    }
}

/// What the identity provider vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The issuer.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// The name it gives.
    pub name: String,
    /// Its session.
    pub session: Option<String>,
    /// When she proved who she is, seconds since 1970.
    pub auth_time: Option<i64>,
    /// How.
    pub acr: Option<String>,
    /// All claims, for the role mapping.
    pub claims: Value,
}

/// What a callback carries.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct Callback {
    /// The code.
    pub code: Option<String>,
    /// Echo of our state.
    pub state: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
    /// An error instead.
    pub error: Option<String>,
}

#[derive(Clone)]
struct Known {
    metadata: CoreProviderMetadata,
    sends_iss: bool,
    fetched_at: Micros,
}

/// One identity provider.
pub struct Oidc {
    config: Idp,
    redirect: RedirectUrl,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<Known>>,
}

/// Derives one of the secrets of a sign-in from the handle in the popup's cookie.
fn derive(handle: &str, purpose: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(handle.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

impl Oidc {
    /// A client for this identity provider. Nothing is fetched yet: starting up does not need it.
    pub fn new(config: Idp, redirect: &Url, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        let redirect = RedirectUrl::from_url(redirect.clone());
        Self { config, redirect, http, clock, known: Mutex::new(None) }
    }

    /// The role mapping.
    pub const fn config(&self) -> &Idp {
        &self.config
    }

    /// Where to send the popup.
    pub async fn begin(&self, handle: &str) -> Result<Url, OidcError> {
        let known = self.metadata(METADATA_SECONDS).await?;
        let verifier = PkceCodeVerifier::new(derive(handle, "pkce"));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let client =
            CoreClient::from_provider_metadata(known.metadata, ClientId::new(self.config.client_id.clone()), None)
                .set_redirect_uri(self.redirect.clone());
        let (state, nonce) = (derive(handle, "state"), derive(handle, "nonce"));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .set_pkce_challenge(challenge)
            .add_extra_param("response_mode", "query");
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        Ok(request.url().0)
    }

    /// Checks a callback against the handle of the browser it came from, and gives who it is.
    pub async fn finish(&self, handle: &str, callback: &Callback) -> Result<Identity, OidcError> {
        let known = self.metadata(METADATA_SECONDS).await?;
        self.check_response(handle, callback, known.sends_iss)?;
        let code = callback.code.clone().ok_or(OidcError::Refused("code_missing"))?;
        let (token, hash) = self.exchange(&known, handle, code).await?;
        self.check_token(known, handle, &token, hash).await
    }

    fn check_response(&self, handle: &str, callback: &Callback, sends_iss: bool) -> Result<(), OidcError> {
        use subtle::ConstantTimeEq;
        let state = callback.state.as_deref().unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(derive(handle, "state").as_bytes())) {
            return Err(OidcError::Refused("state_mismatch"));
        }
        match &callback.iss {
            Some(iss) if *iss != self.config.issuer => return Err(OidcError::Refused("iss_mismatch")),
            None if sends_iss => return Err(OidcError::Refused("iss_missing")),
            _ => {}
        }
        if callback.error.is_some() {
            return Err(OidcError::Refused("idp_error"));
        }
        Ok(())
    }

    async fn exchange(
        &self,
        known: &Known,
        handle: &str,
        code: String,
    ) -> Result<(CoreIdToken, Option<String>), OidcError> {
        let client = CoreClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            Some(self.secret()),
        )
        .set_redirect_uri(self.redirect.clone());
        let sender = self.http.clone();
        let http = move |request| send(sender.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| OidcError::Refused("no_token_endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(derive(handle, "pkce")))
            .request_async(&http)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::Request(_) => OidcError::Unreachable("token_endpoint"),
                _ => OidcError::Refused("token_refused"),
            })?;
        let token = answer.id_token().ok_or(OidcError::Refused("id_token_missing"))?.clone();
        Ok((token, Some(answer.access_token().secret().clone())))
    }

    async fn check_token(
        &self,
        known: Known,
        handle: &str,
        token: &CoreIdToken,
        access_token: Option<String>,
    ) -> Result<Identity, OidcError> {
        match self.verify(&known, handle, token, access_token.as_deref()) {
            Err(OidcError::Refused("unknown_key")) => {
                let fresh = self.metadata(REFETCH_SECONDS).await?;
                self.verify(&fresh, handle, token, access_token.as_deref())
            }
            other => other,
        }
    }

    fn verify(
        &self,
        known: &Known,
        handle: &str,
        token: &CoreIdToken,
        access_token: Option<&str>,
    ) -> Result<Identity, OidcError> {
        use openidconnect::{ClaimsVerificationError as Bad, SignatureVerificationError as Signature};
        let now = seconds(self.clock.now());
        let client = CoreClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            Some(self.secret()),
        );
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(self.config.algorithms.iter().map(|algorithm| core(*algorithm)))
            .set_time_fn(move || date_time(now - LEEWAY_SECONDS))
            .set_issue_time_verifier_fn(move |issued| issued_now(issued.timestamp(), now));
        let nonce = Nonce::new(derive(handle, "nonce"));
        let claims = token.claims(&verifier, &nonce).map_err(|error| {
            OidcError::Refused(match error {
                Bad::Expired(_) => "token_expired",
                Bad::InvalidAudience(_) => "aud_mismatch",
                Bad::InvalidIssuer(_) => "token_iss_mismatch",
                Bad::InvalidNonce(_) => "nonce_mismatch",
                Bad::SignatureVerification(Signature::NoMatchingKey) => "unknown_key",
                Bad::SignatureVerification(_) => "bad_signature",
                _ => "token_refused",
            })
        })?;
        if let (Some(expected), Some(access_token)) = (claims.access_token_hash(), access_token) {
            let actual = token.signing_alg().ok().zip(token.signing_key(&verifier).ok()).and_then(|(alg, key)| {
                AccessTokenHash::from_token(&openidconnect::AccessToken::new(access_token.to_owned()), alg, key).ok()
            });
            if actual.as_ref() != Some(expected) {
                return Err(OidcError::Refused("at_hash_mismatch"));
            }
        }
        self.identity(&payload(token)?)
    }

    /// Reads what was verified. The authorized party must be us where it is named (OpenID Connect Core 1.0 section 3.1.3.7).
    fn identity(&self, claims: &Value) -> Result<Identity, OidcError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("azp").is_some_and(|azp| azp != self.config.client_id) {
            return Err(OidcError::Refused("azp_mismatch"));
        }
        if claims.get("_claim_names").is_some() || claims.get("hasgroups").is_some() {
            return Err(OidcError::Refused("groups_left_out"));
        }
        let subject = text("sub").filter(|sub| !sub.is_empty()).ok_or(OidcError::Refused("sub_missing"))?;
        Ok(Identity {
            issuer: self.config.issuer.clone(),
            name: text("name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "—".to_owned()),
            subject,
            session: text("sid"),
            auth_time: claims.get("auth_time").and_then(Value::as_i64),
            acr: text("acr"),
            claims: claims.clone(),
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the token endpoint wants our secret")]
    fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.config.client_secret.get().expose_secret().to_owned())
    }

    /// Metadata and keys, at most `max_age` seconds old.
    async fn metadata(&self, max_age: i64) -> Result<Known, OidcError> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known
            && now.seconds_since(known.fetched_at) < max_age
        {
            return Ok(known);
        }
        let fresh = self.discover(now).await?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }

    async fn discover(&self, now: Micros) -> Result<Known, OidcError> {
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|_| OidcError::Refused("issuer_not_a_url"))?;
        let sends_iss = Arc::new(AtomicBool::new(false));
        let (sender, seen) = (self.http.clone(), Arc::clone(&sends_iss));
        let http = move |request| watch(sender.clone(), request, Arc::clone(&seen));
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .map_err(|_| OidcError::Unreachable("discovery"))?;
        let sends_iss = sends_iss.load(Ordering::Relaxed);
        Ok(Known { metadata, sends_iss, fetched_at: now })
    }
}

/// The token was issued within the last minutes, and not in the future.
fn issued_now(issued: i64, now: i64) -> Result<(), String> {
    if (now - MAX_AGE_SECONDS..=now + LEEWAY_SECONDS).contains(&issued) { Ok(()) } else { Err("iat".to_owned()) }
}

fn seconds(now: Micros) -> i64 {
    now.0.div_euclid(1_000_000)
}

fn date_time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

const fn core(algorithm: Algorithm) -> CoreJwsSigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Algorithm::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        Algorithm::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Algorithm::EdDsa => CoreJwsSigningAlgorithm::EdDsa,
    }
}

/// The claims of a token whose signature was checked.
fn payload(token: &CoreIdToken) -> Result<Value, OidcError> {
    let bad = || OidcError::Refused("token_refused");
    let text = token.to_string();
    let middle = text.split('.').nth(1).ok_or_else(bad)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(middle).map_err(|_| bad())?;
    serde_json::from_slice(&bytes).map_err(|_| bad())
}

/// What goes wrong when asking the identity provider.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the identity provider cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer is no HTTP")]
    Build(#[from] axum::http::Error),
}

/// As [`send`]; notes whether the document promises the issuer in every response (RFC 9207 section 3), which the library does not read.
async fn watch(
    client: reqwest::Client,
    request: HttpRequest,
    sends_iss: Arc<AtomicBool>,
) -> Result<HttpResponse, SendError> {
    let answer = send(client, request).await?;
    let document = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    if document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)) {
        sends_iss.store(true, Ordering::Relaxed);
    }
    Ok(answer)
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, SendError> {
    let mut answer = client.execute(reqwest::Request::try_from(request)?).await?;
    let mut builder = axum::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        builder = builder.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(SendError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(builder.body(body)?)
}

/// A client for identity providers: no redirects (a provider could send us anywhere), and time-outs.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_must_be_fresh_and_not_from_the_future() {
        assert!(issued_now(1000, 1000).is_ok() && issued_now(700, 1000).is_ok() && issued_now(1060, 1000).is_ok());
        assert!(issued_now(699, 1000).is_err() && issued_now(1061, 1000).is_err());
    }

    #[test]
    fn the_secrets_of_a_sign_in_differ_and_depend_on_the_handle() {
        assert_ne!(derive("h", "state"), derive("h", "nonce"));
        assert_ne!(derive("h", "pkce"), derive("g", "pkce"));
        assert!(derive("h", "pkce").len() >= 43, "RFC 7636 section 4.1");
    }
}
