use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SENDER: &str = "203.0.113.24";

fn reference() -> String {
    echo::write(&SessionReference::parse("vks_7Qm2Zr").unwrap(), NOW, "jumio-de", &keys(&["our-own-echo-key"]))
}

/// The fixture with some members replaced, and our code in it.
fn callback(changes: &Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(fixture!("callback")).unwrap();
    body["userReference"] = json!(reference());
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    serde_json::to_vec(&body).unwrap()
}

fn sent(body: &[u8], sender: Option<&str>) -> Unverified {
    let sender = sender.map(|sender| sender.parse::<IpAddr>().unwrap());
    Unverified::new(HeaderMap::new(), body.to_vec(), NOW).sent_by(sender)
}

fn refused(body: &[u8], sender: Option<&str>) -> SignatureRefused {
    offline().verify(sent(body, sender)).unwrap_err()
}

fn parse(body: &[u8]) -> Result<Notice, Unreadable> {
    offline().parse(&Verified::from_inbox(body.to_vec(), NOW))
}

fn of_status(status: &Value) -> Event {
    let execution = json!({ "id": WORKFLOW, "status": status, "href": "https://evil.example/" });
    parse(&callback(&json!({ "workflowExecution": execution }))).unwrap().event
}

#[test]
fn a_callback_that_brings_our_code_from_jumios_address_is_accepted() {
    let body = callback(&json!({}));
    for sender in ["203.0.113.24", "198.51.100.7", "::ffff:198.51.100.7"] {
        assert_eq!(offline().verify(sent(&body, Some(sender))).unwrap().body(), body);
    }
    let old = echo::write(&SessionReference::parse("a").unwrap(), NOW, "jumio-de", &keys(&["the-key-before"]));
    assert!(offline().verify(sent(&callback(&json!({ "userReference": old })), Some(SENDER))).is_ok());
}

#[test]
fn a_callback_from_elsewhere_or_from_nowhere_is_refused_whatever_it_brings() {
    let body = callback(&json!({}));
    for sender in [Some("198.51.100.8"), Some("2001:db8::1"), None] {
        assert_eq!(refused(&body, sender), SignatureRefused::OtherSender);
    }
}

#[test]
fn a_callback_without_our_code_is_refused_wherever_it_comes_from() {
    let of = |reference: Value| refused(&callback(&json!({ "userReference": reference })), Some(SENDER));
    assert_eq!(of(json!(null)), SignatureRefused::Missing);
    assert_eq!(of(json!("vks_7Qm2Zr")), SignatureRefused::Malformed);
    assert_eq!(of(json!(reference().replace("vks_7", "vks_8"))), SignatureRefused::Mismatch);
    let forged = echo::write(&SessionReference::parse("a").unwrap(), NOW, "jumio-de", &keys(&["a-guess"]));
    assert_eq!(of(json!(forged)), SignatureRefused::Mismatch);
    let elsewhere = echo::write(&SessionReference::parse("a").unwrap(), NOW, "jumio-at", &keys(&["our-own-echo-key"]));
    assert_eq!(of(json!(elsewhere)), SignatureRefused::Mismatch);
    let old = NOW.plus_seconds(-91 * 24 * 3600);
    let old = echo::write(&SessionReference::parse("a").unwrap(), old, "jumio-de", &keys(&["our-own-echo-key"]));
    assert_eq!(of(json!(old)), SignatureRefused::OtherTime);
    for body in [&b""[..], b"{", b"null", b"[]", b"\xff", br#"{"userReference":"a","userReference":"b"}"#] {
        assert!(offline().verify(sent(body, Some(SENDER))).is_err(), "{body:?}");
    }
}

#[test]
fn the_end_is_announced_and_everything_else_wakes_us_up() {
    for status in ["PROCESSED", "SESSION_EXPIRED", "TOKEN_EXPIRED"] {
        let Event::Announced(times) = of_status(&json!(status)) else { panic!("{status}") };
        let seconds: Vec<u64> = times.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [40, 60, 100, 160, 240, 340, 460, 600, 760, 940]);
    }
    for status in
        [json!("INITIATED"), json!("ACQUISITION_STARTED"), json!("ACQUIRED"), json!("NEW"), json!(null), json!(7)]
    {
        assert!(matches!(of_status(&status), Event::WakeUp), "{status}");
    }
}

#[test]
fn a_callback_names_session_execution_and_account_and_brings_no_result() {
    let notice = parse(&callback(&json!({}))).unwrap();
    assert_eq!(notice.provider_ref, session());
    assert_eq!(notice.our_reference.unwrap().as_str(), "vks_7Qm2Zr");
    assert_eq!(notice.occurred_at, Some(Micros(1_772_446_541_210_000)));
}

#[test]
fn a_callback_that_names_nothing_is_unreadable() {
    for changes in [
        json!({ "workflowExecution": null }),
        json!({ "workflowExecution": { "status": "PROCESSED" } }),
        json!({ "workflowExecution": { "id": "../../x", "status": "PROCESSED" } }),
        json!({ "account": null }),
        json!({ "account": { "id": "a/b" } }),
        json!({ "userReference": "mara@example.org" }),
    ] {
        assert!(parse(&callback(&changes)).is_err(), "{changes}");
    }
}

#[test]
fn a_second_delivery_has_the_same_key_and_another_callback_has_not() {
    let key = |changes: Value| parse(&callback(&changes)).unwrap().dedupe_key;
    assert_eq!(key(json!({})), key(json!({})));
    assert_ne!(key(json!({})), key(json!({ "callbackSentAt": "2026-03-02T10:15:42.210Z" })));
}

#[test]
fn nothing_prints_what_it_holds() {
    let unverified = sent(&callback(&json!({})), Some(SENDER));
    let printed = format!("{unverified:?} {:?}", offline().settings);
    for secret in [reference().as_str(), SENDER, "our-own-echo-key", "our-own-client-secret"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_are_never_accepted(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = parse(&body);
        prop_assert!(offline().verify(sent(&body, Some(SENDER))).is_err());
    }

    #[test]
    fn a_damaged_callback_never_panics_and_names_no_other_session(
        at in 0..600_usize,
        length in 0..40_usize,
        filler in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut body = callback(&json!({}));
        let at = at.min(body.len());
        let end = (at + length).min(body.len());
        body.splice(at..end, filler);
        if let Ok(verified) = offline().verify(sent(&body, Some(SENDER)))
            && let Ok(notice) = offline().parse(&verified)
        {
            let reference = notice.our_reference.unwrap();
            prop_assert_eq!(reference.as_str(), "vks_7Qm2Zr");
        }
    }
}
