//! How we prove who we are at the token endpoint.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::ClientSecret;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::config::auth::{ClientKey, Credential, Idp};

/// How long an assertion lives.
const ASSERTION_SECONDS: i64 = 60;
/// Its kind (RFC 7523 section 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Our secret, where that is how we prove who we are.
#[expect(clippy::disallowed_methods, reason = "the token endpoint wants our secret")]
pub(super) fn secret(credential: &Credential) -> Option<ClientSecret> {
    match credential {
        Credential::Secret(secret) => Some(ClientSecret::new(secret.expose_secret().to_owned())),
        Credential::Key(_) => None,
    }
}

/// The signed statement that we are this client (OpenID Connect Core 1.0 section 9). Its audience is the token endpoint, as that section
/// recommends and most providers demand; it is sent nowhere else.
pub(super) fn assertion(idp: &Idp, key: &ClientKey, endpoint: &str, id: &str, now: i64) -> String {
    let mut header = json!({ "alg": key.algorithm(), "typ": "JWT" });
    if let Some(id) = key.id() {
        header["kid"] = json!(id);
    }
    let claims = json!({
        "iss": idp.client_id, "sub": idp.client_id, "aud": endpoint, "jti": id, "iat": now, "exp": now + ASSERTION_SECONDS,
    });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}
