//! Doing a thing once, however often it is asked for.
//!
//! A key belongs to a caller, a method and a path. The first request with it acts and leaves a mark in the same transaction; the
//! same request again finds the mark and acts no more; another request with the same key is refused.

use kyc_wire::ids::SessionId;
use sha2::{Digest, Sha256};

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 8 to 128 visible ASCII characters")]
pub struct BadKey;

/// A key with everything it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The person or client, as a stable id.
    pub caller: String,
    /// The HTTP method.
    pub method: String,
    /// The path, with the ids in it.
    pub path: String,
    /// What the caller chose.
    pub key: String,
}

impl Key {
    /// Checks what a caller sent.
    pub fn parse(caller: &str, method: &str, path: &str, key: &str) -> Result<Self, BadKey> {
        if !(8..=128).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(BadKey);
        }
        Ok(Self { caller: caller.to_owned(), method: method.to_owned(), path: path.to_owned(), key: key.to_owned() })
    }
}

/// The hash of a request's body: what makes two requests the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a body.
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// As stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storing.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What the first request with a key left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// The session that it led to, where its path does not say.
    pub session: Option<SessionId>,
    /// Whether it created that session.
    pub has_created: bool,
}

/// What to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the first: act.
    Act,
    /// It was done: answer as things stand, and do nothing.
    Done,
    /// The key was used for something else: refuse.
    Refuse,
}

/// Compares a request with the mark that an earlier one left.
pub fn judge(mark: Option<Fingerprint>, request: Fingerprint) -> Verdict {
    match mark {
        None => Verdict::Act,
        Some(mark) if mark == request => Verdict::Done,
        Some(_) => Verdict::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_must_be_long_enough_and_visible() {
        assert_eq!(Key::parse("p", "POST", "/", "short"), Err(BadKey));
        assert_eq!(Key::parse("p", "POST", "/", "with space in it"), Err(BadKey));
        assert!(Key::parse("p", "POST", "/", "conv-1-quality-2").is_ok());
    }

    proptest! {
        #[test]
        fn equal_requests_act_once_and_others_are_refused(requests in prop::collection::vec((0u8..4, 0u8..3), 0..40)) {
            let mut marks: HashMap<u8, Fingerprint> = HashMap::new();
            let mut acted: HashMap<u8, u8> = HashMap::new();
            for (key, body) in requests {
                match judge(marks.get(&key).copied(), Fingerprint::of(&[body])) {
                    Verdict::Act => {
                        prop_assert!(acted.insert(key, body).is_none(), "acted twice on one key");
                        marks.insert(key, Fingerprint::of(&[body]));
                    }
                    Verdict::Done => prop_assert_eq!(acted[&key], body),
                    Verdict::Refuse => prop_assert_ne!(acted[&key], body),
                }
            }
        }
    }
}
