//! A certificate of an identity provider. It is pinned: nobody vouches for it but the bank that put it into the metadata file.

use bergshamra_keys::Key;
use bergshamra_keys::loader::load_x509_cert_der;
use kyc_wire::ids::Micros;
use ring::signature::{self, UnparsedPublicKey};
use x509_cert::der::{Decode, Encode, Reader, SliceReader, asn1::UintRef};
use x509_cert::spki::ObjectIdentifier;

use super::Refused;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const MIN_RSA_BITS: usize = 2048;

/// A certificate that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: Vec<u8>,
    is_rsa: bool,
    expires_at: Micros,
}

impl Certificate {
    /// Reads one; RSA keys under 2048 bits are refused, and whatever is neither RSA nor on a curve.
    pub fn parse(der: &[u8]) -> Result<Self, &'static str> {
        let read = x509_cert::Certificate::from_der(der).map_err(|_| "is no certificate (X.509)")?;
        let info = &read.tbs_certificate.subject_public_key_info;
        let public_key = info.subject_public_key.as_bytes().ok_or("has no public key")?.to_vec();
        let is_rsa = match info.algorithm.oid {
            RSA if modulus_bits(&public_key) < MIN_RSA_BITS => return Err("has an RSA key of less than 2048 bits"),
            RSA => true,
            EC => false,
            _ => return Err("has a key that is neither RSA nor EC"),
        };
        let end = read.tbs_certificate.validity.not_after.to_unix_duration().as_secs();
        let expires_at = Micros(i64::try_from(end).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000));
        let der = read.to_der().map_err(|_| "is no certificate (X.509)")?;
        Ok(Self { der, public_key, is_rsa, expires_at })
    }

    /// When it ends. It is pinned, so that this refuses nobody; `kyc-desk doctor` warns, since identity providers change their key then.
    pub const fn expires_at(&self) -> Micros {
        self.expires_at
    }

    /// Whether it is of this key (the bits of its subject public key).
    pub fn is_of(&self, public_key: &[u8]) -> bool {
        self.public_key == public_key
    }

    /// Its SHA-256 fingerprint, as people compare it.
    pub fn fingerprint(&self) -> String {
        let digest = crate::auth::hashed(&self.der);
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Its key, for the engine.
    pub(super) fn key(&self) -> Result<Key, Refused> {
        load_x509_cert_der(&self.der).map_err(|_| Refused("certificate"))
    }

    /// Whether this is its signature, by an algorithm as the redirect binding names it (SAML bindings section 3.4.4.1).
    pub fn has_signed(&self, algorithm: &str, message: &[u8], signed: &[u8]) -> bool {
        let algorithm: &'static dyn signature::VerificationAlgorithm = match (algorithm.rsplit_once('#'), self.is_rsa) {
            (Some(("http://www.w3.org/2001/04/xmldsig-more", "rsa-sha256")), true) => {
                &signature::RSA_PKCS1_2048_8192_SHA256
            }
            (Some(("http://www.w3.org/2001/04/xmldsig-more", "rsa-sha384")), true) => {
                &signature::RSA_PKCS1_2048_8192_SHA384
            }
            (Some(("http://www.w3.org/2001/04/xmldsig-more", "rsa-sha512")), true) => {
                &signature::RSA_PKCS1_2048_8192_SHA512
            }
            (Some(("http://www.w3.org/2001/04/xmldsig-more", "ecdsa-sha256")), false) => {
                &signature::ECDSA_P256_SHA256_FIXED
            }
            _ => return false,
        };
        UnparsedPublicKey::new(algorithm, &self.public_key).verify(message, signed).is_ok()
    }
}

/// Bits of the modulus of an RSA key (RFC 8017 appendix A.1.1); 0 of what is none.
fn modulus_bits(key: &[u8]) -> usize {
    let modulus = SliceReader::new(key).and_then(|mut reader| {
        reader.sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            UintRef::decode(inner)?;
            Ok(modulus.as_bytes().to_vec())
        })
    });
    let modulus = modulus.unwrap_or_default();
    modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize)
}
