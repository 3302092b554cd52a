//! What must hold of an ID token beyond what the library checks. It checks signature, algorithm, issuer, audience, expiry and nonce; the
//! age of the token, the authorized party, and when and how the person proved who she is are left to us.

use serde_json::Value;

use super::OidcError;

/// Clocks may differ by this much.
pub(super) const LEEWAY_SECONDS: i64 = 60;
/// A token older than this was not made for what it is shown for.
const MAX_AGE_SECONDS: i64 = 300;

/// Seconds since 1970 in a claim; fractions are allowed (RFC 7519 section 2) and dropped.
#[expect(clippy::cast_possible_truncation, reason = "a time that does not fit is far from now, and refused as such")]
pub(super) fn seconds_in(claims: &Value, name: &str) -> Option<i64> {
    let claim = claims.get(name)?;
    claim.as_i64().or_else(|| claim.as_f64().map(|seconds| seconds.floor() as i64))
}

/// The token was issued within the last minutes, and not in the future.
pub(super) fn issued_now(claims: &Value, now: i64) -> Result<(), OidcError> {
    let issued = seconds_in(claims, "iat").ok_or(OidcError::Refused("iat_missing"))?;
    let window = now - MAX_AGE_SECONDS..=now + LEEWAY_SECONDS;
    if window.contains(&issued) { Ok(()) } else { Err(OidcError::Refused("iat_out_of_window")) }
}

/// The authorized party is us where it is named (OpenID Connect Core 1.0 section 3.1.3.7).
pub(super) fn authorized_party(claims: &Value, client_id: &str) -> Result<(), OidcError> {
    match claims.get("azp") {
        Some(azp) if azp.as_str() != Some(client_id) => Err(OidcError::Refused("azp_mismatch")),
        _ => Ok(()),
    }
}

/// The ways in which she proved it: `acr`, and Entra's list `acrs`.
pub(super) fn reached(claims: &Value) -> Vec<String> {
    let one = claims.get("acr").and_then(Value::as_str);
    let list = claims.get("acrs").and_then(Value::as_array);
    one.into_iter().chain(list.into_iter().flatten().filter_map(Value::as_str)).map(str::to_owned).collect()
}

/// She proved who she is recently enough, and in one of the accepted ways (any when there are none). What was asked for is no proof: only
/// what comes back counts.
pub(super) fn authentication(
    claims: &Value,
    (accepted, max_age_seconds): (&[String], Option<i64>),
    now: i64,
) -> Result<(), OidcError> {
    let auth_time = seconds_in(claims, "auth_time");
    if auth_time.is_some_and(|at| at > now + LEEWAY_SECONDS) {
        return Err(OidcError::Refused("auth_time_in_future"));
    }
    if let Some(max_age) = max_age_seconds {
        let at = auth_time.ok_or(OidcError::Refused("auth_time_missing"))?;
        if now - at > max_age + LEEWAY_SECONDS {
            return Err(OidcError::Refused("auth_time_too_old"));
        }
    }
    if accepted.is_empty() || reached(claims).iter().any(|acr| accepted.contains(acr)) {
        Ok(())
    } else {
        Err(OidcError::Refused("acr_not_accepted"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_must_be_fresh_and_not_from_the_future() {
        let at = |iat: i64| issued_now(&json!({ "iat": iat }), 1000);
        assert!(at(1000).is_ok() && at(700).is_ok() && at(1060).is_ok());
        assert!(at(699).is_err() && at(1061).is_err());
        assert!(issued_now(&json!({ "iat": 999.7 }), 1000).is_ok(), "RFC 7519 allows fractions");
        for odd in [json!({}), json!({ "iat": "1000" }), json!({ "iat": 1e300 })] {
            assert!(issued_now(&odd, 1000).is_err(), "{odd}");
        }
    }

    #[test]
    fn an_authorized_party_is_us_or_not_named() {
        assert!(
            authorized_party(&json!({}), "kyc").is_ok() && authorized_party(&json!({ "azp": "kyc" }), "kyc").is_ok()
        );
        for odd in [json!("other"), json!(["kyc"]), json!(null), json!("")] {
            assert!(authorized_party(&json!({ "azp": odd }), "kyc").is_err(), "{odd}");
        }
    }
}
