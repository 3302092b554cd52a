//! Our own code inside the reference that Jumio echoes.
//!
//! Jumio signs nothing. What tells its callbacks from anybody else's is that they bring back what only Jumio was given: the session's
//! reference, the time of the start, and a code over both under a key of ours. Whoever has seen one can do no more with it than wake us up
//! for that session; the result is read from Jumio.

use kyc_wire::ids::Micros;

use crate::providers::{Keys, SessionReference, SignatureRefused};

/// Callbacks come for as long as the customer's link works (at most 60 days) and a while after.
const OLDEST_SECONDS: i64 = 90 * 24 * 3600;
/// The time is our own, so the clocks of our servers are all that may differ.
const NEWEST_SECONDS: i64 = 120;

/// What `userReference` says: the reference, a dot, the time in seconds, a dot, the code. At most 98 of the 100 characters that Jumio takes.
pub(super) fn write(reference: &SessionReference, now: Micros, integration: &str, keys: &Keys) -> String {
    let said = format!("{}.{}", reference.as_str(), seconds(now));
    let code = keys.sign_short(message(integration, &said).as_bytes());
    format!("{said}.{code}")
}

/// The reference in it, without checking the code: for what was checked on arrival.
pub(super) fn reference(text: &str) -> Option<SessionReference> {
    SessionReference::parse(text.split('.').next()?).ok()
}

/// Checks that we wrote it, for this integration and not for ever.
pub(super) fn check(text: &str, now: Micros, integration: &str, keys: &Keys) -> Result<(), SignatureRefused> {
    let (said, code) = text.rsplit_once('.').ok_or(SignatureRefused::Malformed)?;
    let (reference, at) = said.split_once('.').ok_or(SignatureRefused::Malformed)?;
    SessionReference::parse(reference).map_err(|_| SignatureRefused::Malformed)?;
    keys.check_short(message(integration, said).as_bytes(), code)?;
    let age = at.parse::<i64>().map(|at| seconds(now).saturating_sub(at)).map_err(|_| SignatureRefused::Malformed)?;
    if (-NEWEST_SECONDS..=OLDEST_SECONDS).contains(&age) { Ok(()) } else { Err(SignatureRefused::OtherTime) }
}

const fn seconds(time: Micros) -> i64 {
    time.0.div_euclid(1_000_000)
}

/// What the code is over. The integration is part of it, so that a code of one is worth nothing to another with the same key.
fn message(integration: &str, said: &str) -> String {
    format!("jumio\n{integration}\n{said}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretString;

    use super::*;

    const NOW: Micros = Micros(1_790_000_000_000_000);

    fn keys(list: &[&str]) -> Keys {
        Keys::new(list.iter().map(|key| SecretString::from(*key)).collect()).unwrap()
    }

    fn written() -> String {
        write(&SessionReference::parse("vks_7Qm2Zr").unwrap(), NOW, "jumio-de", &keys(&["demo-echo-key"]))
    }

    #[test]
    fn a_code_computed_elsewhere_is_the_same() {
        assert_eq!(written(), "vks_7Qm2Zr.1790000000.uSkpDGDWC9HsRwy5WhCMMg");
    }

    #[test]
    fn the_longest_reference_fits_what_jumio_takes() {
        let reference = SessionReference::parse("x".repeat(SessionReference::MAX)).unwrap();
        let written = write(&reference, NOW, "jumio-de", &keys(&["k"]));
        assert_eq!(written.len(), 98);
        let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        assert!(written.bytes().all(is_taken), "{written}");
    }

    #[test]
    fn what_we_wrote_is_known_under_every_live_key_and_in_its_own_integration() {
        let check = |text: &str, integration: &str, list: &[&str]| check(text, NOW, integration, &keys(list));
        assert_eq!(check(&written(), "jumio-de", &["newer", "demo-echo-key"]), Ok(()));
        assert_eq!(check(&written(), "jumio-de", &["newer"]), Err(SignatureRefused::Mismatch));
        assert_eq!(check(&written(), "jumio-at", &["demo-echo-key"]), Err(SignatureRefused::Mismatch));
        assert_eq!(reference(&written()).unwrap().as_str(), "vks_7Qm2Zr");
    }

    #[test]
    fn it_does_not_count_for_ever_and_not_before_it_was_written() {
        let check = |seconds: i64| check(&written(), NOW.plus_seconds(seconds), "jumio-de", &keys(&["demo-echo-key"]));
        for seconds in [-120, 0, 90 * 24 * 3600] {
            assert_eq!(check(seconds), Ok(()), "{seconds}");
        }
        for seconds in [-121, 90 * 24 * 3600 + 1] {
            assert_eq!(check(seconds), Err(SignatureRefused::OtherTime), "{seconds}");
        }
    }

    #[test]
    fn what_has_another_shape_is_malformed() {
        let keys = keys(&["demo-echo-key"]);
        let code = keys.sign_short(b"x");
        for text in ["", "vks_7Qm2Zr", "a.b", "..", &format!("a b.1.{code}"), "vks_7Qm2Zr.1790000000.none", "é.1.é"] {
            assert_eq!(check(text, NOW, "jumio-de", &keys), Err(SignatureRefused::Malformed), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn one_changed_character_is_refused(at in 0..written().len(), other in "[ -~]") {
            let mut text = written();
            prop_assume!(text[at..=at] != other);
            text.replace_range(at..=at, &other);
            prop_assert!(check(&text, NOW, "jumio-de", &keys(&["demo-echo-key"])).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,120}") {
            prop_assert!(check(&text, NOW, "jumio-de", &keys(&["demo-echo-key"])).is_err());
        }
    }
}
