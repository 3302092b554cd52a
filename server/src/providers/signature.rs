//! HMAC-SHA256 in hexadecimal, as Veriff and Onfido sign and as we sign to them.
//!
//! Keys come as a list, because a rotation leaves two of them live for a while. There is no "none" algorithm and no weaker one:
//! older schemes that a provider still offers (SHA-1, a plain hash of body and secret) are refused by their clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Bytes of a short code.
const SHORT: usize = 16;

/// Why a webhook was turned away. The sender learns none of it; the code goes into a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// A header that belongs to the signature is missing.
    #[error("the signature or the key's name is missing")]
    Missing,
    /// A header that belongs to the signature came twice.
    #[error("a header of the signature came more than once")]
    Duplicate,
    /// The header is not 64 hexadecimal digits.
    #[error("the signature is malformed")]
    Malformed,
    /// The webhook names another integration's key.
    #[error("the webhook is for another key")]
    OtherKey,
    /// Signed in a way that is no longer considered safe.
    #[error("the signature uses an outdated scheme")]
    Outdated,
    /// Signed too long ago, or in the future.
    #[error("the signature is not of this time")]
    OtherTime,
    /// Sent from an address that is not the provider's.
    #[error("the webhook comes from another address")]
    OtherSender,
    /// No live key gives this signature.
    #[error("the signature does not match")]
    Mismatch,
}

impl SignatureRefused {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Duplicate,
        Self::Malformed,
        Self::OtherKey,
        Self::Outdated,
        Self::OtherTime,
        Self::OtherSender,
        Self::Mismatch,
    ];

    /// The code for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Malformed => "malformed",
            Self::OtherKey => "other_key",
            Self::Outdated => "outdated",
            Self::OtherTime => "other_time",
            Self::OtherSender => "other_sender",
            Self::Mismatch => "mismatch",
        }
    }
}

/// The live keys of one integration, the newest first. Never empty, and no key in it is.
#[derive(Clone, Debug)]
pub struct Keys(Vec<SecretString>);

impl Keys {
    /// Takes the keys; none when the list is empty or holds an empty key, which would let anybody sign.
    pub fn new(keys: Vec<SecretString>) -> Option<Self> {
        (!keys.is_empty() && keys.iter().all(|key| !bytes(key).is_empty())).then_some(Self(keys))
    }

    /// Bytes of the shortest of them.
    pub(crate) fn shortest(&self) -> usize {
        self.0.iter().map(|key| bytes(key).len()).min().unwrap_or(0)
    }

    /// Signs with the newest key: 64 lower-case hexadecimal digits.
    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex::encode(mac(&self.0[0], message).finalize().into_bytes())
    }

    /// Signs with the newest key in 22 characters, where a provider leaves little room: the first 128 bits, in base64url. Half of the hash is
    /// the least that RFC 2104 section 5 advises.
    pub(super) fn sign_short(&self, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(&mac(&self.0[0], message).finalize().into_bytes()[..SHORT])
    }

    /// Checks what [`Self::sign_short`] wrote, in constant time against every live key.
    pub(super) fn check_short(&self, message: &[u8], code: &str) -> Result<(), SignatureRefused> {
        let tag = URL_SAFE_NO_PAD.decode(code).map_err(|_| SignatureRefused::Malformed)?;
        if tag.len() != SHORT {
            return Err(SignatureRefused::Malformed);
        }
        let is_of = |key| mac(key, message).verify_truncated_left(&tag).is_ok();
        let is_match = self.0.iter().fold(false, |found, key| is_of(key) | found);
        if is_match { Ok(()) } else { Err(SignatureRefused::Mismatch) }
    }

    /// Checks a signature in constant time against every live key. Digits may be upper or lower case.
    pub(super) fn check(&self, message: &[u8], signature: &str) -> Result<(), SignatureRefused> {
        let tag = decode(signature).ok_or(SignatureRefused::Malformed)?;
        // No early return: the time must not tell which key matched.
        let is_match = self.0.iter().fold(false, |found, key| mac(key, message).verify_slice(&tag).is_ok() | found);
        if is_match { Ok(()) } else { Err(SignatureRefused::Mismatch) }
    }
}

/// The one value of a header, or none; twice is refused, and so is one that is not ASCII.
pub(super) fn only_value<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, SignatureRefused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| SignatureRefused::Malformed),
        (Some(_), Some(_)) => Err(SignatureRefused::Duplicate),
    }
}

fn mac(key: &SecretString, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(bytes(key)).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[expect(clippy::disallowed_methods, reason = "the key goes into the MAC and nowhere else")]
fn bytes(key: &SecretString) -> &[u8] {
    key.expose_secret().as_bytes()
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let mut tag = [0; 32];
    hex::decode_to_slice(text, &mut tag).ok().map(|()| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &[&str]) -> Keys {
        Keys::new(list.iter().map(|key| SecretString::from((*key).to_owned())).collect()).unwrap()
    }

    #[test]
    fn a_known_vector_of_rfc_4231_is_reproduced() {
        // RFC 4231, test case 2.
        let tag = keys(&["Jefe"]).sign(b"what do ya want for nothing?");
        assert_eq!(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn every_live_key_is_accepted_and_an_old_one_is_not() {
        let message = b"{}";
        let (new, old, gone) = (keys(&["new"]), keys(&["old"]), keys(&["gone"]));
        let live = keys(&["new", "old"]);
        assert_eq!(live.check(message, &new.sign(message)), Ok(()));
        assert_eq!(live.check(message, &old.sign(message)), Ok(()));
        assert_eq!(live.check(message, &gone.sign(message)), Err(SignatureRefused::Mismatch));
    }

    #[test]
    fn upper_case_digits_are_the_same_signature() {
        let keys = keys(&["key"]);
        assert_eq!(keys.check(b"x", &keys.sign(b"x").to_uppercase()), Ok(()));
    }

    #[test]
    fn what_is_not_64_digits_is_malformed() {
        let keys = keys(&["key"]);
        let good = keys.sign(b"x");
        for bad in [
            "",
            "0",
            &good[..62],
            &good[..63],
            &format!("{good}00"),
            &format!(" {good}"),
            &"zz".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(keys.check(b"x", bad), Err(SignatureRefused::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn an_empty_key_is_no_key() {
        assert!(Keys::new(vec![]).is_none());
        assert!(Keys::new(vec![SecretString::from("good"), SecretString::from("")]).is_none());
    }
}
