//! Which of the customer's captures in one run were handed in, and on which the provider has decided.
//!
//! Veriff's "submitted" carries no time, so a late one can only be told from a new one by the attempt that it names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// More captures of one run than this are not told apart. Veriff allows ten (reason 539, "Resubmission limit exceeded").
const MAX: usize = 32;
/// The longest id that is kept.
const MAX_ID: usize = 64;

/// What the provider calls one capture (Veriff: `attemptId`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaptureId(String);

impl CaptureId {
    /// Takes a token of 1 to 64 letters, digits, `-` or `_`.
    pub fn parse(token: &str) -> Option<Self> {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ((1..=MAX_ID).contains(&token.len()) && token.bytes().all(is_fine)).then(|| Self(token.to_owned()))
    }
}

/// The captures of a run, and whether each has been decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Captures(BTreeMap<CaptureId, bool>);

impl Captures {
    /// One was handed in. Whether a decision on it is still to come.
    pub(super) fn hand_in(&mut self, capture: CaptureId) -> bool {
        if self.0.len() >= MAX && !self.0.contains_key(&capture) {
            return true;
        }
        !*self.0.entry(capture).or_insert(false)
    }

    /// One was decided on. Whether that is new.
    pub(super) fn decide(&mut self, capture: CaptureId) -> bool {
        if self.0.len() >= MAX && !self.0.contains_key(&capture) {
            return false;
        }
        self.0.insert(capture, true) != Some(true)
    }

    /// Whether one was handed in on which nothing is decided yet.
    pub(super) fn are_open(&self) -> bool {
        self.0.values().any(|is_decided| !is_decided)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(n: usize) -> CaptureId {
        CaptureId::parse(&format!("capture-{n}")).unwrap()
    }

    #[test]
    fn a_capture_is_open_until_it_is_decided_on_in_whatever_order_one_hears_of_both() {
        let mut captures = Captures::default();
        assert!(captures.hand_in(capture(1)));
        assert!(captures.are_open());
        assert!(captures.decide(capture(1)));
        assert!(!captures.decide(capture(1)), "known already");
        assert!(captures.decide(capture(2)));
        assert!(!captures.hand_in(capture(2)), "decided on before");
        assert!(!captures.are_open());
        assert!(captures.hand_in(capture(3)));
        assert!(captures.are_open());
    }

    #[test]
    fn no_provider_can_fill_a_session_with_captures() {
        let mut captures = Captures::default();
        for n in 0..1_000 {
            captures.hand_in(capture(n));
            captures.decide(capture(1_000 + n));
        }
        assert_eq!(captures.0.len(), MAX);
    }

    #[test]
    fn a_name_for_a_capture_cannot_be_about_a_person() {
        for bad in ["", "mara@example.org", "Mara Kask", "../x", &"x".repeat(65)] {
            assert_eq!(CaptureId::parse(bad), None, "{bad:?}");
        }
    }
}
