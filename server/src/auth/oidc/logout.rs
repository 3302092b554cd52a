//! Logout tokens: an identity provider tells us that somebody's session there has ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! Nobody's browser is involved, so the token alone is the proof. It refuses every other kind of token: an ID token would end the
//! session it began.

use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, SignatureVerificationError};
use serde::Deserialize;
use serde_json::Value;

use super::id_token::core;
use super::{Oidc, OidcError, decoded, rules, seconds};
use crate::config::auth::{Algorithm, Idp};

/// What makes a token a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Longest id of a token that is remembered.
const MAX_ID: usize = 255;

/// A logout token that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Its id: it counts once.
    pub id: String,
    /// Who was signed out.
    pub subject: Option<String>,
    /// In which session there; every session when none is named.
    pub session: Option<String>,
    /// When it was issued, seconds since 1970.
    pub issued_at: i64,
}

/// What the JOSE header may say. A critical extension is one that we do not know (RFC 7515 section 4.1.11).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

const fn refused<T>(code: &'static str) -> Result<T, OidcError> {
    Err(OidcError::Refused(code))
}

/// The keys that an identity provider publishes (RFC 7517 section 5).
#[derive(Clone, Debug)]
pub struct Keys(CoreJsonWebKeySet);

impl Keys {
    /// Reads them as they are published; keys of unknown kinds are left out.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }
}

impl Oidc {
    /// Checks a logout token. Whether it was seen before is for the caller to know.
    pub async fn logout_token(&self, token: &str) -> Result<LogoutToken, OidcError> {
        let known = self.provider.known().await?;
        let now = seconds(self.clock.now());
        match checked(token, known.metadata.jwks(), &self.config, now) {
            Err(OidcError::Refused("unknown_key")) => {
                let fresh = self.provider.look_again(&known).await?;
                checked(token, fresh.metadata.jwks(), &self.config, now)
            }
            token => token,
        }
    }
}

/// Checks a logout token by keys that are known: what [`Oidc::logout_token`] does once it has them. `now` is in seconds since 1970.
pub fn check_logout_token(token: &str, keys: &Keys, idp: &Idp, now: i64) -> Result<LogoutToken, OidcError> {
    checked(token, &keys.0, idp, now)
}

fn checked(token: &str, keys: &CoreJsonWebKeySet, idp: &Idp, now: i64) -> Result<LogoutToken, OidcError> {
    read(&signed_claims(keys, &idp.algorithms, token)?, idp, now)
}

/// Section 2.6.
fn read(claims: &Value, idp: &Idp, now: i64) -> Result<LogoutToken, OidcError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("iss") != Some(&idp.issuer) {
        return refused("token_iss_mismatch");
    }
    let is_ours = |aud: &Value| aud.as_str() == Some(&idp.client_id);
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(list)) => !list.is_empty() && list.iter().all(is_ours),
        Some(aud) => is_ours(aud),
        None => false,
    };
    if !is_for_us {
        return refused("aud_mismatch");
    }
    rules::issued_now(claims, now)?;
    if rules::seconds_in(claims, "exp").is_none_or(|exp| exp <= now - rules::LEEWAY_SECONDS) {
        return refused("token_expired");
    }
    if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return refused("event_missing");
    }
    if claims.get("nonce").is_some() {
        return refused("nonce_present");
    }
    let (subject, session) = (text("sub").map(str::to_owned), text("sid").map(str::to_owned));
    if subject.is_none() && session.is_none() {
        return refused("nobody_named");
    }
    let id = text("jti").filter(|id| id.len() <= MAX_ID).ok_or(OidcError::Refused("jti_missing"))?.to_owned();
    let issued_at = rules::seconds_in(claims, "iat").ok_or(OidcError::Refused("iat_missing"))?;
    Ok(LogoutToken { id, subject, session, issued_at })
}

/// The claims, if one of the provider's keys signed them by an algorithm that is allowed. The library verifies signatures of ID tokens
/// only; the signature itself is left to it.
fn signed_claims(keys: &CoreJsonWebKeySet, allowed: &[Algorithm], token: &str) -> Result<Value, OidcError> {
    const MALFORMED: OidcError = OidcError::Refused("token_malformed");
    let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, claims) = signed.split_once('.').ok_or(MALFORMED)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| MALFORMED)?;
    let algorithm = allowed.iter().find(|algorithm| algorithm.as_str() == header.alg);
    let algorithm = core(*algorithm.ok_or(OidcError::Refused("algorithm_not_allowed"))?);
    if header.crit.is_some() || !is_logout_type(header.typ.as_deref()) {
        return refused("not_a_logout_token");
    }
    let keys =
        keys.keys().iter().filter(|key| header.kid.is_none() || header.kid.as_ref() == key.key_id().map(|id| &**id));
    verify(keys, &algorithm, signed.as_bytes(), &decoded(signature)?)?;
    serde_json::from_slice(&decoded(claims)?).map_err(|_| MALFORMED)
}

/// A provider that types its tokens types this one so (section 2.4); `JWT`, or none, says nothing. Whatever else is another kind of token.
fn is_logout_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| {
        let typ = typ.to_ascii_lowercase();
        ["jwt", "logout+jwt"].contains(&typ.strip_prefix("application/").unwrap_or(&typ))
    })
}

/// Exactly one key fits, and its signature is right.
fn verify<'a>(
    keys: impl Iterator<Item = &'a CoreJsonWebKey>,
    algorithm: &CoreJwsSigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), OidcError> {
    let tried = keys.map(|key| key.verify_signature(algorithm, message, signature));
    let mut fitting = tried.filter(|tried| !matches!(tried, Err(SignatureVerificationError::InvalidKey(_))));
    match (fitting.next(), fitting.next()) {
        (None, _) => refused("unknown_key"),
        (Some(_), Some(_)) => refused("ambiguous_key"),
        (Some(tried), None) => tried.map_err(|_| OidcError::Refused("bad_signature")),
    }
}
