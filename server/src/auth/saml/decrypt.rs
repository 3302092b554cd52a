//! Assertions that were encrypted for us (SAML core section 6, XML Encryption 1.1).
//!
//! The key comes by RSA-OAEP only: PKCS #1 v1.5 has been broken by asking often enough (Bleichenbacher), and so has CBC where nobody
//! vouches for the bytes. GCM is taken always, CBC only inside a response whose signature holds. RSA and AES are those of AWS-LC: the
//! RSA that verifies elsewhere leaks private keys by its timing (RUSTSEC-2023-0071).

use std::fmt;

use bergshamra_crypto::keytransport::{OaepParams, from_uri_with_params};
use kryptering::{KeyAlgorithm, SoftwareKey};
use zeroize::Zeroizing;

use super::tree::{DS, Node, XENC, XENC11};
use super::{Refused, raw};

const OAEP: [&str; 2] = ["http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2009/xmlenc11#rsa-oaep"];
const GCM: [(&str, usize); 2] =
    [("http://www.w3.org/2009/xmlenc11#aes128-gcm", 16), ("http://www.w3.org/2009/xmlenc11#aes256-gcm", 32)];
const CBC: [(&str, usize); 2] =
    [("http://www.w3.org/2001/04/xmlenc#aes128-cbc", 16), ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", 32)];

/// The private key that assertions are encrypted for.
#[derive(Clone)]
pub struct DecryptionKey(SoftwareKey);

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// Reads an RSA key: DER of PKCS #8.
    pub fn parse(der: &[u8]) -> Result<Self, &'static str> {
        let key = SoftwareKey::from_pkcs8_der(KeyAlgorithm::Rsa, der);
        key.map(Self).map_err(|_| "must be an RSA key in PEM (BEGIN PRIVATE KEY)")
    }
}

/// Decrypts with whichever of our keys fits, and gives the XML. One code for all that fails: it must not tell what.
pub(super) fn assertion(
    encrypted: Node<'_, '_>,
    is_response_signed: bool,
    keys: &[DecryptionKey],
) -> Result<String, Refused> {
    if keys.is_empty() {
        return Err(Refused("encrypted_without_key"));
    }
    let parts = encrypted.only_children()?;
    let data = encrypted.one(XENC, "EncryptedData").ok_or(Refused("encryption_shape"))?;
    let inner = data.one(DS, "KeyInfo").and_then(|info| info.one(XENC, "EncryptedKey"));
    let places = (inner, encrypted.one(XENC, "EncryptedKey"), parts.len());
    let ((Some(key), None, 1) | (None, Some(key), 2)) = places else { return Err(Refused("encryption_shape")) };
    let (cipher, length) = cipher(data, is_response_signed)?;
    let sealed = value(data)?;
    let wrapped = value(key)?;
    let transport = method(key)?;
    let algorithm = transport.attribute("Algorithm").filter(|algorithm| OAEP.contains(algorithm));
    let algorithm = algorithm.ok_or(Refused("algorithm"))?;
    let failed = Refused("decryption");
    for ours in keys {
        let transport = from_uri_with_params(algorithm, parameters(transport)?).map_err(|_| Refused("algorithm"))?;
        let Ok(session) = transport.decrypt(&ours.0, &wrapped).map(Zeroizing::new) else { continue };
        if session.len() != length {
            return Err(failed);
        }
        let cipher = bergshamra_crypto::cipher::from_uri(cipher).map_err(|_| Refused("algorithm"))?;
        let clear = cipher.decrypt(&session, &sealed).map_err(|_| failed)?;
        return raw::text(clear).map_err(|_| failed);
    }
    Err(failed)
}

fn cipher(data: Node<'_, '_>, is_response_signed: bool) -> Result<(&'static str, usize), Refused> {
    let wanted = method(data)?.attribute("Algorithm").ok_or(Refused("encryption_shape"))?;
    let usable = GCM.iter().chain(if is_response_signed { &CBC[..] } else { &[] });
    usable.copied().find(|(algorithm, _)| *algorithm == wanted).ok_or(Refused("algorithm"))
}

fn method<'d, 'x>(of: Node<'d, 'x>) -> Result<Node<'d, 'x>, Refused> {
    of.one(XENC, "EncryptionMethod").ok_or(Refused("encryption_shape"))
}

/// The bytes; never those that are somewhere else (`CipherReference`).
fn value(of: Node<'_, '_>) -> Result<Vec<u8>, Refused> {
    let value = of.one(XENC, "CipherData").and_then(|data| data.one(XENC, "CipherValue"));
    raw::base64(&value.ok_or(Refused("encryption_shape"))?.text()?)
}

fn parameters(method: Node<'_, '_>) -> Result<OaepParams, Refused> {
    let mut parameters = OaepParams::default();
    for child in method.only_children()? {
        let algorithm = child.attribute("Algorithm").map(str::to_owned);
        match (child.is(DS, "DigestMethod"), child.is(XENC11, "MGF")) {
            (true, _) => parameters.digest_uri = algorithm,
            (_, true) => parameters.mgf_uri = algorithm,
            _ => return Err(Refused("encryption_shape")),
        }
    }
    Ok(parameters)
}
