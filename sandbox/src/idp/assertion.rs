//! `private_key_jwt`: the client signs who it is (OpenID Connect Core 1.0 section 9, RFC 7523 section 3). ES256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;

use super::Provider;
use super::token::Form;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Whether the assertion is our client's, for this endpoint, fresh and new.
pub(super) fn is_valid(provider: &Provider, form: &Form, assertion: &str) -> bool {
    let config = provider.config();
    let Some(key) = &config.client_key else { return false };
    let Some(claims) = verified(key, &config.client_key_id, assertion) else { return false };
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    let is_ours = text("iss") == config.client_id && text("sub") == config.client_id;
    let is_for_us = text("aud") == format!("{}/token", provider.base);
    let now = config.clock.unix();
    let is_fresh = claims["exp"].as_i64().is_some_and(|exp| (now..=now + 300).contains(&exp));
    let is_new = !text("jti").is_empty() && provider.memory().assertions.insert(text("jti").to_owned());
    form.get("client_assertion_type").map(String::as_str) == Some(TYPE) && is_ours && is_for_us && is_fresh && is_new
}

fn verified(key: &VerifyingKey, kid: &str, assertion: &str) -> Option<Value> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let header = json(header)?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    key.verify(signed.as_bytes(), &signature).ok()?;
    (header["alg"] == "ES256" && header["kid"] == kid).then(|| json(claims))?
}
