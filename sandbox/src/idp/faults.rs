//! ID tokens that are wrong on demand, so that a client's checks can be seen to work.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::keys::Keys;
use super::{Part, Provider, lock};

/// How a signature is forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// `"alg": "none"` and an empty signature (RFC 7515 appendix A.5).
    AlgNone,
    /// Signed by a key that is published nowhere, under the `kid` of the published one.
    WrongKey,
    /// Signed rightly, then a claim is changed.
    ChangedPayload,
    /// HMAC with the public key as the secret, which clients that trust the header's `alg` accept (RFC 8725 section 2.1).
    PublicKeyAsSecret,
    /// HMAC with the client's secret: a right signature by an algorithm that a client which asked for asymmetric ones must refuse.
    SecretAsKey,
}

/// Changes claims.
type Change = Box<dyn FnOnce(&mut Map<String, Value>) + Send>;

/// What goes wrong with one ID token.
pub(super) enum TokenFault {
    /// Its claims are changed before signing.
    Claims(Change),
    /// Its signature is forged.
    Signature(Forgery),
}

impl fmt::Debug for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claims(_) => f.write_str("Claims"),
            Self::Signature(forgery) => write!(f, "Signature({forgery:?})"),
        }
    }
}

/// The ID token for these claims, right or wrong.
pub(super) fn sign(keys: &Keys, provider: &Provider, mut claims: Value, fault: Option<TokenFault>) -> String {
    let header = |header: Value| provider.behaviour.say(Part::TokenHeader, header);
    match fault {
        None => keys.sign_with("JWT", &claims, header),
        Some(TokenFault::Claims(change)) => {
            if let Value::Object(claims) = &mut claims {
                change(claims);
            }
            keys.sign_with("JWT", &claims, header)
        }
        Some(TokenFault::Signature(forgery)) => {
            let secret = lock(&provider.config).client_secret.clone();
            forge(keys, ("JWT", &claims), forgery, &secret)
        }
    }
}

/// A token with these claims whose signature is worth nothing.
pub(super) fn forge(keys: &Keys, (typ, claims): (&str, &Value), forgery: Forgery, secret: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    match forgery {
        Forgery::AlgNone => format!("{}.{}.", part(&json!({ "alg": "none", "typ": typ })), part(claims)),
        Forgery::WrongKey => keys.impostor().sign(typ, claims),
        Forgery::ChangedPayload => {
            let token = keys.sign(typ, claims);
            let mut changed = claims.clone();
            changed["name"] = json!("Somebody Else");
            let mut parts = token.split('.');
            let (header, signature) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
            format!("{header}.{}.{signature}", part(&changed))
        }
        Forgery::PublicKeyAsSecret => keys.sign_by_hmac(typ, claims, None),
        Forgery::SecretAsKey => keys.sign_by_hmac(typ, claims, Some(secret.as_bytes())),
    }
}
