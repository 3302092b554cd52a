//! The provider's signing keys: ES256, fresh at each start, published as JWKS (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use crate::secrets;

struct Key {
    kid: String,
    key: SigningKey,
}

impl Key {
    fn fresh() -> Self {
        // All but 2^-32 of the random strings are keys; the loop is for the others.
        let key = loop {
            if let Ok(key) = SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                break key;
            }
        };
        Self { kid: secrets::token(), key }
    }

    fn jwk(&self) -> Value {
        let point = self.key.verifying_key().to_sec1_point(false);
        let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": coordinate(x), "y": coordinate(y),
        })
    }
}

/// The keys, newest first.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// One new key.
    pub(super) fn fresh() -> Self {
        Self(vec![Key::fresh()])
    }

    /// Puts a new key first.
    pub(super) fn rotate(&mut self, keeps_old: bool) {
        if !keeps_old {
            self.0.clear();
        }
        self.0.insert(0, Key::fresh());
    }

    /// The public halves.
    pub(super) fn published(&self) -> Value {
        json!({ "keys": self.0.iter().map(Key::jwk).collect::<Vec<_>>() })
    }

    /// Other keys that pretend to be these.
    pub(super) fn impostor(&self) -> Self {
        let kid = self.newest().kid.clone();
        Self(vec![Key { kid, ..Key::fresh() }])
    }

    /// A JWS whose HMAC secret is the published key's point.
    pub(super) fn sign_with_public_key(&self, typ: &str, claims: &Value) -> String {
        let Key { kid, key } = self.newest();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": typ, "kid": kid })), part(claims));
        let point = key.verifying_key().to_sec1_point(false);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(secrets::hmac_sha256(point.as_bytes(), signed.as_bytes())))
    }

    fn newest(&self) -> &Key {
        self.0.first().expect("there is always a key")
    }

    /// A compact JWS with the newest key.
    pub(super) fn sign(&self, typ: &str, claims: &Value) -> String {
        let Key { kid, key } = self.newest();
        let header = json!({ "alg": "ES256", "typ": typ, "kid": kid });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature: Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}
