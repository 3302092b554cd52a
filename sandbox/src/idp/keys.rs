//! The provider's signing keys: ES256 or RS256, fresh at each start, published as JWKS (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use rsa::pkcs1v15;
use rsa::signature::SignatureEncoding as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};

use crate::secrets;

/// What RFC 7518 section 3.3 asks for at least.
const RSA_BITS: usize = 2048;

enum Private {
    Ec(Box<SigningKey>),
    Rsa(Box<rsa::RsaPrivateKey>),
}

struct Key {
    kid: String,
    key: Private,
}

impl Key {
    fn fresh() -> Self {
        // All but 2^-32 of the random strings are keys; the loop is for the others.
        let key = loop {
            if let Ok(key) = SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                break key;
            }
        };
        Self { kid: secrets::token(), key: Private::Ec(Box::new(key)) }
    }

    fn fresh_rsa() -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).expect("this size can be made");
        Self { kid: secrets::token(), key: Private::Rsa(Box::new(key)) }
    }

    /// Another key of the same kind under the same id.
    fn impostor(&self) -> Self {
        let other = match self.key {
            Private::Ec(_) => Self::fresh(),
            Private::Rsa(_) => Self::fresh_rsa(),
        };
        Self { kid: self.kid.clone(), ..other }
    }

    const fn algorithm(&self) -> &'static str {
        match self.key {
            Private::Ec(_) => "ES256",
            Private::Rsa(_) => "RS256",
        }
    }

    /// The public key as everybody can read it, in the bytes that are easiest to take for a secret.
    fn public_bytes(&self) -> Vec<u8> {
        match &self.key {
            Private::Ec(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Private::Rsa(key) => key.n().to_bytes_be(),
        }
    }

    fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.key {
            Private::Ec(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Private::Rsa(key) => {
                json!({ "kty": "RSA", "n": text(&key.n().to_bytes_be()), "e": text(&key.e().to_bytes_be()) })
            }
        };
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk["kid"] = json!(self.kid);
        jwk
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Private::Ec(key) => {
                let signature: Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Private::Rsa(key) => {
                let key = pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new((**key).clone());
                rsa::signature::Signer::sign(&key, message).to_vec()
            }
        }
    }
}

/// The keys, newest first.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// One new key.
    pub(super) fn fresh() -> Self {
        Self(vec![Key::fresh()])
    }

    /// One new RSA key.
    pub(super) fn fresh_rsa() -> Self {
        Self(vec![Key::fresh_rsa()])
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
        Self(vec![self.newest().impostor()])
    }

    /// A JWS by HMAC with this secret, or with the bytes of the published key.
    pub(super) fn sign_by_hmac(&self, typ: &str, claims: &Value, secret: Option<&[u8]>) -> String {
        let key = self.newest();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": typ, "kid": key.kid })), part(claims));
        let secret = secret.map_or_else(|| key.public_bytes(), <[u8]>::to_vec);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(secrets::hmac_sha256(&secret, signed.as_bytes())))
    }

    fn newest(&self) -> &Key {
        self.0.first().expect("there is always a key")
    }

    /// A compact JWS with the newest key.
    pub(super) fn sign(&self, typ: &str, claims: &Value) -> String {
        self.sign_with(typ, claims, |header| header)
    }

    /// The same with another header.
    pub(super) fn sign_with(&self, typ: &str, claims: &Value, header: impl FnOnce(Value) -> Value) -> String {
        let key = self.newest();
        let header = header(json!({ "alg": key.algorithm(), "typ": typ, "kid": key.kid }));
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())))
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}
