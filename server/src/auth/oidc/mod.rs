//! OpenID Connect: code flow with PKCE, and everything about the ID token that must be checked.
//!
//! Nothing about a sign-in is kept in clear: state, nonce, PKCE verifier and the id of our own assertion are derived from the handle in
//! the popup's cookie, of which only a hash is stored. It refuses tokens by algorithms that are not configured, and knows none that are
//! symmetric or empty.

mod client;
mod id_token;
mod leave;
mod logout;
mod provider;
mod rules;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_wire::ids::Micros;
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, CsrfToken, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SubjectIdentifier,
    TokenResponse, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

pub use self::leave::has_left;
pub use self::logout::{Keys, LogoutToken, check_logout_token};
pub use self::transport::http_client;
pub use super::idp::IdpError as OidcError;

use self::provider::{Known, Provider};
use self::transport::send;
use super::demand::{self, Demand};
use super::derived;
use super::idp::{IdToken, Identity};
use crate::clock::Clock;
use crate::config::auth::{ClientAuth, Credential, Idp};

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

/// Every claim that userinfo gives.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Everything(Map<String, Value>);

impl AdditionalClaims for Everything {}

/// One identity provider.
pub struct Oidc {
    config: Idp,
    redirect: RedirectUrl,
    left: Url,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    provider: Provider,
}

impl Oidc {
    /// A client for this identity provider, which sends people back to `redirect`, or to `left` when they have signed out there. Nothing
    /// is fetched yet: starting up does not need it.
    pub fn new(config: Idp, (redirect, left): (Url, Url), clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let redirect = RedirectUrl::from_url(redirect);
        let http = http_client(&config.roots)?;
        let provider = Provider::new(&config.issuer, http.clone(), Arc::clone(&clock));
        Ok(Self { config, redirect, left, http, clock, provider })
    }

    /// The role mapping.
    pub const fn config(&self) -> &Idp {
        &self.config
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.config.client_id.clone())
    }

    /// Where to send the popup, and what is to be proven there.
    pub async fn begin(&self, handle: &str, demand: Option<&Demand>) -> Result<Url, OidcError> {
        let known = self.provider.known().await?;
        let verifier = PkceCodeVerifier::new(derived(handle, "pkce"));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let client = CoreClient::from_provider_metadata(known.metadata.clone(), self.client_id(), None)
            .set_redirect_uri(self.redirect.clone());
        let (state, nonce) = (derived(handle, "state"), derived(handle, "nonce"));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .set_pkce_challenge(challenge)
            .add_extra_param("response_mode", "query");
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let ways = demand::ways(demand, &self.config.acr_values);
        if self.config.asks_acrs && !ways.is_empty() {
            request = request.add_extra_param("claims", acrs_claim(ways));
        } else {
            let classes = ways.iter().cloned().map(AuthenticationContextClass::new);
            request = classes.fold(request, openidconnect::AuthorizationRequest::add_auth_context_value);
        }
        let max_age = demand.map(|demand| i64::from(demand.proof.max_age_seconds));
        let max_age = [max_age, self.config.max_age_seconds].into_iter().flatten().min();
        if let Some(seconds) = max_age {
            request = request.set_max_age(Duration::from_secs(seconds.unsigned_abs()));
        }
        // Not every provider heeds an age of nothing.
        if demand.is_some_and(Demand::is_for_now) {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        Ok(request.url().0)
    }

    /// Checks a callback against the handle of the browser it came from, and gives who it is.
    pub async fn finish(
        &self,
        handle: &str,
        callback: &Callback,
        demand: Option<&Demand>,
    ) -> Result<Identity, OidcError> {
        let known = self.provider.known().await?;
        self.check_response(handle, callback, known.sends_iss())?;
        let code = callback.code.clone().ok_or(OidcError::Refused("code_missing"))?;
        let (token, access_token) = self.exchange(&known, handle, code).await?;
        let mut claims = self.check_token(&known, (handle, demand), &token, &access_token).await?;
        if self.config.userinfo {
            self.add_userinfo(&known, access_token, &mut claims).await?;
        }
        let id_token = known.ends_sessions_at().map(|_| IdToken::new(token.to_string()));
        Ok(Identity { id_token, ..self.identity(claims)? })
    }

    fn check_response(&self, handle: &str, callback: &Callback, sends_iss: bool) -> Result<(), OidcError> {
        use subtle::ConstantTimeEq;
        let state = callback.state.as_deref().unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(derived(handle, "state").as_bytes())) {
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
    ) -> Result<(CoreIdToken, AccessToken), OidcError> {
        let endpoint = known.metadata.token_endpoint().ok_or(OidcError::Refused("no_token_endpoint"))?;
        let credential = self.config.credential.get();
        let method = match self.config.client_auth {
            ClientAuth::ClientSecretBasic => AuthType::BasicAuth,
            ClientAuth::ClientSecretPost | ClientAuth::PrivateKeyJwt => AuthType::RequestBody,
        };
        let secret = client::secret(&credential);
        let client = CoreClient::from_provider_metadata(known.metadata.clone(), self.client_id(), secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(method);
        let mut request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| OidcError::Refused("no_token_endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(derived(handle, "pkce")));
        if let Credential::Key(key) = &*credential {
            let (id, now) = (derived(handle, "assertion"), seconds(self.clock.now()));
            let assertion = client::assertion(&self.config, key, endpoint, &id, now);
            request = request.add_extra_param("client_assertion_type", client::ASSERTION_TYPE);
            request = request.add_extra_param("client_assertion", assertion);
        }
        let sender = self.http.clone();
        let answer = request.request_async(&move |request| send(sender.clone(), request)).await;
        let answer = answer.map_err(|error| match error {
            RequestTokenError::Request(_) => OidcError::Unreachable("token_endpoint"),
            RequestTokenError::ServerResponse(_) => OidcError::Refused("code_refused"),
            _ => OidcError::Refused("token_malformed"),
        })?;
        let token = answer.id_token().ok_or(OidcError::Refused("id_token_missing"))?.clone();
        Ok((token, answer.access_token().clone()))
    }

    /// Adds what only userinfo says. It must speak of the same person (OpenID Connect Core 1.0 section 5.3.2), and nothing that the ID
    /// token says is replaced by it.
    async fn add_userinfo(&self, known: &Known, token: AccessToken, claims: &mut Value) -> Result<(), OidcError> {
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        let client = CoreClient::from_provider_metadata(known.metadata.clone(), self.client_id(), None);
        let request = client
            .user_info(token, Some(SubjectIdentifier::new(subject.to_owned())))
            .map_err(|_| OidcError::Refused("no_userinfo_endpoint"))?;
        let sender = self.http.clone();
        let http = move |request| send(sender.clone(), request);
        let answer: Result<UserInfoClaims<Everything, CoreGenderClaim>, _> = request.request_async(&http).await;
        let answer = answer.map_err(|error| match error {
            UserInfoError::ClaimsVerification(_) => OidcError::Refused("userinfo_sub_mismatch"),
            UserInfoError::Request(_) => OidcError::Unreachable("userinfo"),
            _ => OidcError::Refused("userinfo_refused"),
        })?;
        let name = answer.name().and_then(|name| name.get(None)).map(|name| Value::from(name.as_str()));
        let claims = claims.as_object_mut().ok_or(OidcError::Refused("token_malformed"))?;
        for (name, value) in
            name.map(|name| ("name".to_owned(), name)).into_iter().chain(answer.additional_claims().0.clone())
        {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Reads what was verified.
    fn identity(&self, claims: Value) -> Result<Identity, OidcError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if claims.get("_claim_names").is_some() || claims.get("hasgroups").is_some() {
            return Err(OidcError::Refused("groups_left_out"));
        }
        let subject = text("sub").filter(|sub| !sub.is_empty()).ok_or(OidcError::Refused("sub_missing"))?;
        Ok(Identity {
            issuer: self.config.issuer.clone(),
            name: text("name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "—".to_owned()),
            subject,
            session: text("sid"),
            session_ends_at: None,
            issued_at: rules::seconds_in(&claims, "iat").ok_or(OidcError::Refused("iat_missing"))?,
            auth_time: rules::seconds_in(&claims, "auth_time"),
            acr: text("acr"),
            reached: rules::reached(&claims),
            claims,
            once: None,
            id_token: None,
        })
    }
}

/// Microsoft Entra is asked for an authentication context by a claim (OpenID Connect Core 1.0 section 5.5.1).
fn acrs_claim(ways: &[String]) -> String {
    let wanted = match ways {
        [one] => json!({ "essential": true, "value": one }),
        several => json!({ "essential": true, "values": several }),
    };
    json!({ "id_token": { "acrs": wanted } }).to_string()
}

fn seconds(now: Micros) -> i64 {
    now.0.div_euclid(1_000_000)
}

/// A part of a token.
fn decoded(part: &str) -> Result<Vec<u8>, OidcError> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| OidcError::Refused("token_malformed"))
}
