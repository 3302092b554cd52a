use proptest::prelude::*;

use super::*;
use crate::providers::Event;

fn webhook(headers: &[(&'static str, String)], body: &[u8]) -> Unverified {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Unverified::new(map, body.to_vec(), NOW)
}

fn signed_by(token: &str, body: &[u8]) -> Unverified {
    webhook(&[("x-sha2-signature", keys(&[token]).sign(body))], body)
}

fn parse(body: &[u8]) -> Result<Notice, Unreadable> {
    offline().parse(&Verified::from_inbox(body.to_vec(), NOW))
}

fn notice(action: &str, object: &Value, resource: &Value) -> Notice {
    let body = json!({"payload": {"resource_type": "x", "action": action, "object": object, "resource": resource}});
    parse(&serde_json::to_vec(&body).unwrap()).unwrap()
}

#[test]
fn a_webhook_of_either_live_token_is_accepted() {
    let body = b"{\"payload\": {}}\n";
    for token in ["our-own-demo-token", "the-token-before"] {
        assert_eq!(offline().verify(signed_by(token, body)).unwrap().body(), body);
    }
    assert_eq!(offline().verify(signed_by("a-guess", body)).unwrap_err(), SignatureRefused::Mismatch);
}

#[test]
fn a_signature_computed_elsewhere_is_accepted_and_covers_every_byte() {
    let body = br#"{"payload":{"resource_type":"workflow_run","action":"workflow_run.completed","object":{"id":"w-1","status":"review"}}}"#;
    let tag = "e80a7b66f764b62e5d9f679d1085f58a22836f7d4ea6bdfed59436eb2db8af3a";
    let with = |tag: &str, body: &[u8]| offline().verify(webhook(&[("x-sha2-signature", tag.to_owned())], body));
    assert!(with(tag, body).is_ok());
    assert!(with(&tag.to_uppercase(), body).is_ok());
    assert_eq!(with(&tag.replacen('8', "9", 1), body).unwrap_err(), SignatureRefused::Mismatch);
    assert_eq!(with(tag, &[&body[..], b"\n"].concat()).unwrap_err(), SignatureRefused::Mismatch);
    let again = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(body).unwrap()).unwrap();
    assert_eq!(with(tag, &again).unwrap_err(), SignatureRefused::Mismatch);
    for odd in ["", "none", "e80a", &"0".repeat(63), &"0".repeat(65)] {
        assert_eq!(with(odd, body).unwrap_err(), SignatureRefused::Malformed, "{odd}");
    }
}

#[test]
fn headers_that_are_missing_doubled_or_outdated_are_refused() {
    let body = b"{}";
    let tag = || ("x-sha2-signature", keys(&["our-own-demo-token"]).sign(body));
    let refused = |headers: &[_]| offline().verify(webhook(headers, body)).unwrap_err();
    assert_eq!(refused(&[]), SignatureRefused::Missing);
    assert_eq!(refused(&[tag(), tag()]), SignatureRefused::Duplicate);
    assert_eq!(refused(&[("x-signature", "0".repeat(40))]), SignatureRefused::Outdated);
}

#[test]
fn a_completed_run_is_to_be_asked_for_and_names_our_reference() {
    let found = parse(&serde_json::to_vec(&fixture!("webhook_run_completed")).unwrap()).unwrap();
    assert_eq!(found.provider_ref.id(), RUN);
    assert_eq!(found.our_reference.unwrap().as_str(), "vks_7Qm2Zr");
    assert!(matches!(found.event, Event::Decision(None)), "a result in a message is not believed");
    assert_eq!(found.occurred_at, Some(Micros(1_772_446_540_000_000)));
}

#[test]
fn a_task_and_a_report_lead_to_what_they_belong_to() {
    let task = parse(&serde_json::to_vec(&fixture!("webhook_task_completed")).unwrap()).unwrap();
    assert_eq!((task.provider_ref.id(), task.our_reference.is_none()), (RUN, true));
    let report = notice("report.completed", &json!({"id": "r-1"}), &json!({"check_id": CHECK}));
    assert_eq!(report.provider_ref.id(), CHECK);
}

#[test]
fn every_action_has_its_meaning() {
    let event = |action: &str| notice(action, &json!({"id": "x-1"}), &json!(null)).event;
    for action in ["workflow_run.completed", "check.completed"] {
        assert!(matches!(event(action), Event::Decision(None)), "{action}");
    }
    for action in ["workflow_task.started", "check.started"] {
        assert!(matches!(event(action), Event::Started), "{action}");
    }
    assert!(matches!(event("check.form_completed"), Event::Submitted(None)));
    for action in [
        "audit_log.created",
        "watchlist_monitor.matches_updated",
        "workflow_task.completed",
        "check.reopened",
        "check.withdrawn",
        "report.withdrawn",
        "report.resumed",
        "report.cancelled",
        "report.awaiting_approval",
        "report.completed",
        "workflow_timeline_file.created",
        "workflow_run_evidence_folder.created",
        "something.new",
    ] {
        assert!(matches!(event(action), Event::WakeUp), "{action}");
    }
}

#[test]
fn a_tag_is_our_reference_only_where_it_stands_alone() {
    let of = |resource: Value| notice("check.completed", &json!({"id": CHECK}), &resource).our_reference;
    assert_eq!(of(json!({"tags": ["vks_7Qm2Zr"]})).unwrap().as_str(), "vks_7Qm2Zr");
    assert!(of(json!({"tags": ["branch-7", "vks_7Qm2Zr"]})).is_none());
    assert!(of(json!({"tags": ["two words"]})).is_none() && of(json!({})).is_none());
}

#[test]
fn the_same_message_has_the_same_key_and_another_another() {
    let body = serde_json::to_vec(&fixture!("webhook_run_completed")).unwrap();
    let key = |body: &[u8]| parse(body).unwrap().dedupe_key;
    assert_eq!((key(&body), key(&body).len()), (key(&body), 64));
    let later = String::from_utf8(body.clone()).unwrap().replace("10:15:40", "10:15:41");
    assert_ne!(key(&body), key(later.as_bytes()));
}

#[test]
fn a_signed_body_that_is_no_message_is_unreadable_and_not_unsigned() {
    for body in [
        &b""[..],
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{}",
        br#"{"payload":null}"#,
        br#"{"payload":{"action":"x"}}"#,
        br#"{"payload":{"object":{"id":"x"}}}"#,
        br#"{"payload":{"action":"x","object":{}}}"#,
        br#"{"payload":{"action":"x","object":{"id":"../../applicants"}}}"#,
        br#"{"payload":{"action":"x","object":{"id":"a","id":"b"}}}"#,
    ] {
        let verified = offline().verify(signed_by("our-own-demo-token", body)).unwrap();
        let error = offline().parse(&verified).unwrap_err();
        assert!(!error.to_string().contains("applicants"));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _: Result<_, _> = parse(&bytes);
    }
}
