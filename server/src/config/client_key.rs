//! The private key by which we prove who we are at an identity provider (`private_key_jwt`).
//!
//! It signs with `ring`, in constant time: the crate that verifies the signatures of others leaks a private RSA key by its timing
//! (RUSTSEC-2023-0071), so it is never given one.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};

#[derive(Clone)]
enum Pair {
    Ec(Arc<EcdsaKeyPair>),
    Rsa(Arc<RsaKeyPair>),
    Ed(Arc<Ed25519KeyPair>),
}

/// A private key, with the id under which the identity provider has its public half.
#[derive(Clone)]
pub struct ClientKey {
    pair: Pair,
    id: Option<String>,
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({}, {:?})", self.algorithm(), self.id)
    }
}

impl ClientKey {
    /// Reads a key: PEM of PKCS #8, as `openssl genpkey` writes it. An empty id is none.
    #[expect(clippy::disallowed_methods, reason = "the key is read")]
    pub fn parse(pem: &SecretString, id: &str) -> Result<Self, &'static str> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes())
            .map_err(|_| "must be a private key in PEM (BEGIN PRIVATE KEY)")?;
        let der = der.secret_pkcs8_der();
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new());
        let pair = ec.map(|key| Pair::Ec(Arc::new(key)));
        let pair = pair.or_else(|_| RsaKeyPair::from_pkcs8(der).map(|key| Pair::Rsa(Arc::new(key))));
        let pair = pair.or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(|key| Pair::Ed(Arc::new(key))));
        let pair =
            pair.map_err(|_| "must be an EC key on P-256, an RSA key of 2048 to 4096 bits, or an Ed25519 key")?;
        Ok(Self { pair, id: (!id.is_empty()).then(|| id.to_owned()) })
    }

    /// The JWS algorithm (RFC 7518, RFC 8037).
    pub const fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// Its public half, where it is an RSA key: DER as in RFC 8017 appendix A.1.1.
    pub fn rsa_public_key(&self) -> Option<&[u8]> {
        match &self.pair {
            Pair::Rsa(key) => Some(key.public().as_ref()),
            _ => None,
        }
    }

    /// Its id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(key) => key.sign(&random, message).expect("the machine has random numbers").as_ref().to_vec(),
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("the buffer has the modulus' length");
                signature
            }
            Pair::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}
