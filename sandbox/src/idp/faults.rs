//! ID tokens that are wrong on demand, so that a client's checks can be seen to work.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::keys::Keys;

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
pub(super) fn sign(keys: &Keys, mut claims: Value, fault: Option<TokenFault>) -> String {
    match fault {
        None => keys.sign("JWT", &claims),
        Some(TokenFault::Claims(change)) => {
            if let Value::Object(claims) = &mut claims {
                change(claims);
            }
            keys.sign("JWT", &claims)
        }
        Some(TokenFault::Signature(forgery)) => forge(keys, &claims, forgery),
    }
}

fn forge(keys: &Keys, claims: &Value, forgery: Forgery) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    match forgery {
        Forgery::AlgNone => format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims)),
        Forgery::WrongKey => keys.impostor().sign("JWT", claims),
        Forgery::ChangedPayload => {
            let token = keys.sign("JWT", claims);
            let mut changed = claims.clone();
            changed["name"] = json!("Somebody Else");
            let mut parts = token.split('.');
            let (header, signature) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
            format!("{header}.{}.{signature}", part(&changed))
        }
        Forgery::PublicKeyAsSecret => keys.sign_with_public_key("JWT", claims),
    }
}
