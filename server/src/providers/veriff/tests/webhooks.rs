use proptest::prelude::*;

use super::*;
use crate::domain::session::CaptureId;

#[test]
fn a_webhook_of_either_live_secret_is_accepted() {
    let body = fixture!("approved");
    for secret in ["our-own-demo-secret", "the-secret-before"] {
        assert_eq!(offline().verify(signed_by(secret, body)).unwrap().body(), body);
    }
    assert_eq!(offline().verify(signed_by("a-guess", body)).unwrap_err(), SignatureRefused::Mismatch);
}

#[test]
fn a_signature_computed_elsewhere_is_accepted() {
    let body = br#"{"status":"success","verification":{"id":"v-1","code":9103,"status":"resubmission_requested"}}"#;
    let tag = "70b917e16354271b4d6e1909a23ffa0b914ed392a798bc6c2fc5b18c0020cd9e";
    let headers = |tag: &str| [("x-auth-client", "our-own-demo-key".to_owned()), ("x-hmac-signature", tag.to_owned())];
    assert!(offline().verify(webhook(&headers(tag), body)).is_ok());
    assert!(offline().verify(webhook(&headers(&tag.to_uppercase()), body)).is_ok());
    assert!(offline().verify(webhook(&headers(&tag.replace('7', "8")), body)).is_err());
}

#[test]
fn headers_that_are_missing_doubled_or_foreign_are_refused() {
    let body = fixture!("approved");
    let client = || ("x-auth-client", "our-own-demo-key".to_owned());
    let tag = || ("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(body));
    let refused = |headers: &[_]| offline().verify(webhook(headers, body)).unwrap_err();
    assert_eq!(refused(&[]), SignatureRefused::Missing);
    assert_eq!(refused(&[client()]), SignatureRefused::Missing);
    assert_eq!(refused(&[tag()]), SignatureRefused::Missing);
    assert_eq!(refused(&[client(), client(), tag()]), SignatureRefused::Duplicate);
    assert_eq!(refused(&[client(), tag(), tag()]), SignatureRefused::Duplicate);
    assert_eq!(refused(&[("x-auth-client", "another-key".to_owned()), tag()]), SignatureRefused::OtherKey);
    assert_eq!(refused(&[client(), ("x-hmac-signature", "none".to_owned())]), SignatureRefused::Malformed);
    assert_eq!(refused(&[client(), ("x-hmac-signature", String::new())]), SignatureRefused::Malformed);
}

#[test]
fn the_legacy_signature_is_refused_however_right_it_is() {
    let body = fixture!("approved");
    let legacy = {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new_with_prefix(body);
        hash.update(b"our-own-demo-secret");
        hex::encode(hash.finalize())
    };
    let headers = [("x-auth-client", "our-own-demo-key".to_owned()), ("x-signature", legacy)];
    assert_eq!(offline().verify(webhook(&headers, body)).unwrap_err(), SignatureRefused::Outdated);
}

#[test]
fn a_signed_body_that_is_no_message_is_unreadable_and_not_unsigned() {
    for body in [
        &b""[..],
        b"{",
        b"null",
        b"[]",
        b"\"x\"",
        b"{}",
        b"\xff\xfe",
        br#"{"verification":{}}"#,
        br#"{"id":"../../x"}"#,
    ] {
        let verified = offline().verify(signed_by("our-own-demo-secret", body)).unwrap();
        assert!(offline().parse(&verified).is_err(), "{body:?}");
    }
}

#[test]
fn events_tell_how_far_the_customer_is() {
    let started = parse(fixture!("event_started")).unwrap();
    assert!(matches!(started.event, Event::Started));
    assert_eq!((started.provider_ref.id(), started.occurred_at), (SESSION, None));
    assert_eq!(started.our_reference.unwrap().as_str(), "vks_7Qm2Zr");
    let Event::Submitted(capture) = parse(fixture!("event_submitted")).unwrap().event else { panic!("not submitted") };
    assert_eq!(capture, CaptureId::parse("22222222-bbbb-4ccc-8ddd-000000000001"), "the attempt");
}

#[test]
fn an_event_that_contradicts_itself_or_is_new_only_wakes_us_up() {
    for body in [
        r#"{"id":"s-1","code":7001,"action":"submitted"}"#,
        r#"{"id":"s-1","code":7005,"action":"submitted","addressId":"a-1"}"#,
        r#"{"id":"s-1","code":9001,"action":"approved"}"#,
        r#"{"id":"s-1"}"#,
        r#"{"status":"success","eventType":"fullauto","sessionId":"s-1","data":{"verification":{"decision":"approved"}}}"#,
    ] {
        assert!(matches!(parse(body.as_bytes()).unwrap().event, Event::WakeUp), "{body}");
    }
}

#[test]
fn a_reference_that_is_not_ours_is_not_taken() {
    let body = r#"{"id":"s-1","vendorData":"mara@example.org"}"#;
    assert_eq!(parse(body.as_bytes()).unwrap().our_reference, None);
}

#[test]
fn a_second_delivery_has_the_same_key_and_another_message_has_not() {
    let key = |body: &[u8]| parse(body).unwrap().dedupe_key;
    assert_eq!(key(fixture!("approved")), key(fixture!("approved")));
    assert_ne!(key(fixture!("approved")), key(fixture!("declined")));
    assert_eq!(key(fixture!("approved")).len(), 64);
}

#[test]
fn a_webhook_does_not_print_what_it_holds() {
    let unverified = signed_by("our-own-demo-secret", fixture!("approved"));
    let printed = format!("{unverified:?}");
    let verified = offline().verify(unverified).unwrap();
    let notice = offline().parse(&verified).unwrap();
    let printed = format!("{printed} {verified:?} {notice:?} {:?}", offline());
    for secret in ["NÄIDISTAMM", "XB0000052", "1986-02-11", "Proovi", "203.0.113.24", "our-own-demo-secret"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

proptest! {
    #[test]
    fn one_changed_bit_is_refused(position in 0..fixture!("approved").len(), bit in 0..8_u8) {
        let body = fixture!("approved");
        let headers = [("x-auth-client", "our-own-demo-key".to_owned()), ("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(body))];
        let mut changed = body.to_vec();
        changed[position] ^= 1 << bit;
        prop_assert_eq!(offline().verify(webhook(&headers, &changed)).unwrap_err(), SignatureRefused::Mismatch);
    }

    #[test]
    fn one_changed_digit_of_the_signature_is_refused(position in 0..64_usize, digit in 0..16_u32) {
        let body = fixture!("approved");
        let mut tag = keys(&["our-own-demo-secret"]).sign(body).into_bytes();
        let changed = u8::try_from(char::from_digit(digit, 16).unwrap()).unwrap();
        prop_assume!(tag[position] != changed);
        tag[position] = changed;
        let headers = [("x-auth-client", "our-own-demo-key".to_owned()), ("x-hmac-signature", String::from_utf8(tag).unwrap())];
        prop_assert!(offline().verify(webhook(&headers, body)).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = parse(&body);
    }

    #[test]
    fn a_damaged_decision_never_panics_and_never_verifies_without_its_words(
        at in 0..fixture!("declined").len(),
        length in 0..40_usize,
        filler in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut body = fixture!("declined").to_vec();
        let end = (at + length).min(body.len());
        body.splice(at..end, filler);
        if let Ok(Notice { event: Event::Decision(Some(result)), .. }) = parse(&body) {
            prop_assert_ne!(result.outcome, Outcome::Verified);
        }
    }

    #[test]
    fn headers_of_any_bytes_never_panic(value in proptest::collection::vec(any::<u8>(), 0..100)) {
        if let Ok(value) = http::HeaderValue::from_bytes(&value) {
            let mut headers = HeaderMap::new();
            headers.insert("x-auth-client", "our-own-demo-key".parse().unwrap());
            headers.insert("x-hmac-signature", value);
            prop_assert!(offline().verify(Unverified::new(headers, fixture!("approved").to_vec(), NOW)).is_err());
        }
    }
}
