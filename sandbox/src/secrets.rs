//! Random tokens and keyed hashes, written here once more on purpose: the server has its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// 256 random bits in base64url.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A random UUID, version 4.
pub(crate) fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

/// HMAC-SHA256.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    mac(key, message).finalize().into_bytes().to_vec()
}

/// HMAC-SHA256 in lower-case hex.
pub(crate) fn hmac_hex(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac_sha256(key, message))
}

/// Whether `given` is the HMAC-SHA256 of `message` in hex, upper or lower case; compared in constant time.
pub(crate) fn is_hmac_hex(key: &[u8], message: &[u8], given: &str) -> bool {
    hex::decode(given).is_ok_and(|tag| mac(key, message).verify_slice(&tag).is_ok())
}

/// Whether `given` is the HMAC-SHA256 of `message`; compared in constant time.
pub(crate) fn is_hmac(key: &[u8], message: &[u8], given: &[u8]) -> bool {
    mac(key, message).verify_slice(given).is_ok()
}

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::{hmac_hex, is_hmac_hex};

    #[test]
    fn the_hex_of_rfc_4231_case_2_comes_out() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_hex(b"Jefe", b"what do ya want for nothing?"), expected);
        assert!(is_hmac_hex(b"Jefe", b"what do ya want for nothing?", &expected.to_uppercase()));
    }

    #[test]
    fn a_signature_that_is_not_hex_is_refused_without_a_panic() {
        for odd in ["", "5bd", "zz", "5bdcé1", "5bdc"] {
            assert!(!is_hmac_hex(b"Jefe", b"what do ya want for nothing?", odd), "{odd}");
        }
    }
}
