//! What an ID token must be before anything in it is believed: the library's checks, then those of [`super::rules`].

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreClient, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, Nonce};
use serde_json::Value;

use super::provider::Known;
use super::{Oidc, OidcError, decoded, rules, seconds};
use crate::auth::demand::{self, Demand};
use crate::auth::derived;
use crate::config::auth::Algorithm;

impl Oidc {
    /// Checks a token with the keys that are known; once more with newer ones if its key is not among them.
    pub(super) async fn check_token(
        &self,
        known: &Known,
        (handle, demand): (&str, Option<&Demand>),
        token: &CoreIdToken,
        access_token: &AccessToken,
    ) -> Result<Value, OidcError> {
        match self.verify(known, (handle, demand), token, access_token) {
            Err(OidcError::Refused("unknown_key")) => {
                let fresh = self.provider.look_again(known).await?;
                self.verify(&fresh, (handle, demand), token, access_token)
            }
            other => other,
        }
    }

    /// Gives the claims, every one of which was vouched for by the signature.
    fn verify(
        &self,
        known: &Known,
        (handle, demand): (&str, Option<&Demand>),
        token: &CoreIdToken,
        access_token: &AccessToken,
    ) -> Result<Value, OidcError> {
        use openidconnect::{ClaimsVerificationError as Bad, SignatureVerificationError as Signature};
        let now = seconds(self.clock.now());
        // Without our secret: no symmetric algorithm can ever be verified.
        let client = CoreClient::from_provider_metadata(known.metadata.clone(), self.client_id(), None);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(self.config.algorithms.iter().map(|algorithm| core(*algorithm)))
            .set_time_fn(move || date_time(now - rules::LEEWAY_SECONDS));
        let nonce = Nonce::new(derived(handle, "nonce"));
        let claims = token.claims(&verifier, &nonce).map_err(|error| {
            OidcError::Refused(match error {
                Bad::Expired(_) => "token_expired",
                Bad::InvalidAudience(_) => "aud_mismatch",
                Bad::InvalidIssuer(_) => "token_iss_mismatch",
                Bad::InvalidNonce(_) => "nonce_mismatch",
                Bad::SignatureVerification(Signature::NoMatchingKey) => "unknown_key",
                Bad::SignatureVerification(Signature::AmbiguousKeyId(_)) => "ambiguous_key",
                Bad::SignatureVerification(
                    Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) | Signature::NoSignature,
                ) => "algorithm_not_allowed",
                Bad::SignatureVerification(_) => "bad_signature",
                _ => "token_refused",
            })
        })?;
        if let Some(expected) = claims.access_token_hash() {
            check_at_hash(token, &verifier, access_token, expected)?;
        }
        let claims = payload(token)?;
        rules::issued_now(&claims, now)?;
        rules::authorized_party(&claims, &self.config.client_id)?;
        let accepted = demand::ways(demand, &self.config.acr_values);
        rules::authentication(&claims, (accepted, self.config.max_age_seconds), now)?;
        Ok(claims)
    }
}

/// The token's hash of the access token is that of the one it came with (OpenID Connect Core 1.0 section 3.1.3.8).
fn check_at_hash(
    token: &CoreIdToken,
    verifier: &CoreIdTokenVerifier<'_>,
    access_token: &AccessToken,
    expected: &AccessTokenHash,
) -> Result<(), OidcError> {
    let by = token.signing_alg().ok().zip(token.signing_key(verifier).ok());
    let actual = by.and_then(|(algorithm, key)| AccessTokenHash::from_token(access_token, algorithm, key).ok());
    if actual.as_ref() == Some(expected) { Ok(()) } else { Err(OidcError::Refused("at_hash_mismatch")) }
}

fn date_time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// The algorithm as the library calls it.
pub(super) const fn core(algorithm: Algorithm) -> CoreJwsSigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Algorithm::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        Algorithm::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Algorithm::EdDsa => CoreJwsSigningAlgorithm::EdDsa,
    }
}

/// The claims of a token whose signature was checked.
fn payload(token: &CoreIdToken) -> Result<Value, OidcError> {
    let bad = || OidcError::Refused("token_malformed");
    let text = token.to_string();
    let middle = text.split('.').nth(1).ok_or_else(bad)?;
    serde_json::from_slice(&decoded(middle)?).map_err(|_| bad())
}
