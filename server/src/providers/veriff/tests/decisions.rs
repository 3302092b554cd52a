use std::collections::BTreeMap;

use kyc_wire::masked::Agreement;
use kyc_wire::session::CaptureItem;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use super::*;
use crate::domain::check::{Group, Outcome as CheckOutcome};
use crate::domain::session::CaptureId;
use crate::pii::Pii;
use crate::providers::DocumentType;

fn checks(result: &ProviderResult) -> BTreeMap<Group, (CheckOutcome, &str, Option<&str>)> {
    let of = result.checks.iter().map(|c| (c.group, (c.outcome, c.reason.as_str(), c.provider_code.as_deref())));
    let by_group: BTreeMap<_, _> = of.collect();
    assert_eq!((by_group.len(), result.checks.len()), (4, 4), "one check per group");
    by_group
}

/// The approved fixture with some of the decision's members replaced.
fn approved_but(changes: &Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(fixture!("approved")).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        body["verification"][name] = value.clone();
    }
    serde_json::to_vec(&body).unwrap()
}

fn outcome_but(changes: &Value) -> Outcome {
    result_of(&approved_but(changes)).outcome
}

#[test]
fn an_approval_passes_all_four_groups() {
    let result = result_of(fixture!("approved"));
    assert_eq!((result.outcome, result.decided_at), (Outcome::Verified, Micros(1_772_446_580_417_000)));
    let checks = checks(&result);
    assert!(checks.values().all(|(outcome, _, code)| *outcome == CheckOutcome::Passed && *code == Some("9001")));
    assert_eq!(checks[&Group::Face].1, "approved_face");
}

#[test]
fn what_was_read_from_the_document_is_taken_over() {
    let extracted = result_of(fixture!("approved")).extracted;
    assert_eq!(extracted.full_name.unwrap().compare(&Pii::parse("Liis Marie Näidistamm").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.birth_date.unwrap().compare(&Pii::parse("1986-02-11").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.document_number.unwrap().compare(&Pii::parse("XB0000052").unwrap()), Agreement::Agrees);
    let address = Pii::parse("Proovi põik 7\n50101\nTartu\nEE").unwrap();
    assert_eq!(extracted.address.unwrap().compare(&address), Agreement::Agrees);
    assert_eq!(extracted.document_type, Some(DocumentType::IdCard));
    assert_eq!((extracted.country.as_deref(), extracted.valid_until), (Some("EE"), Some(date!(2032 - 05 - 01))));
}

#[test]
fn what_has_not_the_shape_of_its_kind_is_left_out() {
    let odd = json!({"person": {"dateOfBirth": "11.02.1986", "lastName": "N\u{7}", "addresses": [{"fullAddress": "Proovi põik 7, Tartu"}]}});
    let extracted = result_of(&approved_but(&odd)).extracted;
    assert!(extracted.birth_date.is_none() && extracted.full_name.is_none() && extracted.address.is_none());
}

#[test]
fn signs_of_risk_beside_an_approval_are_for_a_person() {
    let result = result_of(fixture!("approved_with_risk"));
    assert_eq!(result.outcome, Outcome::Verified);
    let checks = checks(&result);
    assert_eq!(
        checks[&Group::Data],
        (CheckOutcome::Review, "risk_labels", Some("document_integration_level_crosslinked"))
    );
    assert_eq!(checks[&Group::Document].0, CheckOutcome::Passed);
    let watchlist = result_of(&approved_but(&json!({"person": {"pepSanctionMatch": "MATCH"}})));
    assert_eq!(checks_of(&watchlist, Group::Data), (CheckOutcome::Review, "watchlist"));
    let clear = result_of(&approved_but(&json!({"person": {"pepSanctionMatch": "NO_MATCH"}})));
    assert_eq!(checks_of(&clear, Group::Data), (CheckOutcome::Passed, "approved_data"));
}

fn checks_of(result: &ProviderResult, group: Group) -> (CheckOutcome, &str) {
    let (outcome, reason, _) = checks(result)[&group];
    (outcome, reason)
}

#[test]
fn a_declined_session_fails_what_its_reason_names_and_passes_nothing() {
    let result = result_of(fixture!("declined"));
    assert_eq!((result.outcome, result.decided_at), (Outcome::Rejected, Micros(1_772_446_580_417_250)));
    let checks = checks(&result);
    assert_eq!(checks[&Group::Document], (CheckOutcome::Failed, "102", Some("102")));
    for group in [Group::Face, Group::Liveness, Group::Data] {
        assert_eq!(checks[&group], (CheckOutcome::Review, "not_reported", None));
    }
}

#[test]
fn a_resubmission_asks_for_a_capture_and_leaves_the_rest_open() {
    let result = result_of(fixture!("resubmission"));
    assert_eq!(result.outcome, Outcome::NewCapture);
    assert!(!result.outcome.is_terminal());
    assert_eq!(checks_of(&result, Group::Document), (CheckOutcome::NewCapture, "204"));
    assert_eq!(checks_of(&result, Group::Face), (CheckOutcome::Pending, "waits_for_capture"));
    let address = Pii::parse("Proovi põik\n50101\nTartu\nEE").unwrap();
    assert_eq!(
        result.extracted.address.unwrap().compare(&address),
        Agreement::Agrees,
        "a house number \"null\" is none"
    );
    let explained = crate::providers::explain(Kind::Veriff, "204");
    assert_eq!(explained.recapture, Some(CaptureItem::DocumentFront));
}

#[test]
fn review_expiry_and_abandonment_pass_nothing() {
    for (body, outcome, reason) in [
        (fixture!("review"), Outcome::Review, "manual_review"),
        (fixture!("expired"), Outcome::Expired, "expired"),
        (fixture!("abandoned"), Outcome::Abandoned, "abandoned"),
    ] {
        let result = result_of(body);
        assert_eq!(result.outcome, outcome);
        assert!(checks(&result).values().all(|(outcome, r, _)| *outcome != CheckOutcome::Passed && *r == reason));
    }
}

#[test]
fn where_veriff_gives_no_time_the_time_of_learning_counts() {
    let result = result_of(fixture!("expired"));
    assert_eq!((result.decided_at, result.checks[0].at), (NOW, None));
    assert_eq!(parse(fixture!("expired")).unwrap().occurred_at, None);
    assert!(result.extracted.full_name.is_none() && result.extracted.document_type.is_none());
}

#[test]
fn an_older_or_equal_result_is_not_newer() {
    let result = result_of(fixture!("approved"));
    assert!(result.is_newer_than(None) && result.is_newer_than(Some(Micros(result.decided_at.0 - 1))));
    assert!(!result.is_newer_than(Some(result.decided_at)));
}

#[test]
fn every_declined_reason_leads_to_its_row() {
    for row in super::reasons::all().filter(|row| super::reasons::declined(row.code).is_some()) {
        for code in [json!(row.code), json!(row.code.parse::<u32>().unwrap())] {
            let result = result_of(&approved_but(&json!({"status": "declined", "code": 9102, "reasonCode": code})));
            assert_eq!(result.outcome, Outcome::Rejected);
            assert_eq!(checks(&result)[&row.group], (row.outcome, row.code, Some(row.code)));
            assert!(checks(&result).values().all(|(outcome, _, _)| *outcome != CheckOutcome::Passed));
        }
    }
}

#[test]
fn every_resubmission_reason_leads_to_its_row() {
    for row in super::reasons::all().filter(|row| super::reasons::resubmission(row.code).is_some()) {
        let result = result_of(&approved_but(
            &json!({"status": "resubmission_requested", "code": 9103, "reasonCode": row.code}),
        ));
        assert_eq!(result.outcome, Outcome::NewCapture);
        assert_eq!(checks_of(&result, row.group), (CheckOutcome::NewCapture, row.code));
    }
}

#[test]
fn a_reason_we_do_not_know_is_for_a_person() {
    for reason in [json!("999"), json!(null), json!(204), json!({"code": 102}), json!("102 ")] {
        let result = result_of(&approved_but(&json!({"status": "declined", "code": 9102, "reasonCode": reason})));
        let known = reason == json!("102 ");
        assert_eq!(result.outcome, Outcome::Rejected);
        assert_eq!(checks_of(&result, Group::Document).1, if known { "102" } else { "unknown_reason" });
    }
}

#[test]
fn status_and_code_must_agree() {
    for (status, code) in [
        ("approved", json!(9102)),
        ("approved", json!(null)),
        ("approved", json!("90010")),
        ("declined", json!(9001)),
        ("resubmission_requested", json!(9001)),
        ("review", json!(9001)),
        ("expired", json!(9001)),
        ("abandoned", json!(9102)),
        ("submitted", json!(9001)),
        ("started", json!(9102)),
    ] {
        let result = result_of(&approved_but(&json!({"status": status, "code": code})));
        assert_eq!(result.outcome, Outcome::Review, "{status} {code}");
        assert_eq!(checks_of(&result, Group::Document), (CheckOutcome::Review, "contradiction"));
    }
    assert_eq!(outcome_but(&json!({"code": "9001"})), Outcome::Verified);
    assert_eq!(outcome_but(&json!({"status": "abandoned", "code": 9121})), Outcome::Abandoned);
    assert_eq!(outcome_but(&json!({"status": "declined", "code": null})), Outcome::Rejected);
}

#[test]
fn a_failed_envelope_takes_its_approval_along() {
    let mut body: Value = serde_json::from_slice(fixture!("approved")).unwrap();
    body["status"] = json!("fail");
    assert_eq!(result_of(&serde_json::to_vec(&body).unwrap()).outcome, Outcome::Review);
}

#[test]
fn an_approval_without_a_time_is_for_a_person() {
    for time in [json!(null), json!("yesterday"), json!(1_772_446_580)] {
        let result = result_of(&approved_but(&json!({"decisionTime": time})));
        assert_eq!((result.outcome, checks_of(&result, Group::Data).1), (Outcome::Review, "no_time"));
    }
}

#[test]
fn times_have_any_number_of_digits_and_any_offset() {
    for (time, micros) in [
        ("2026-03-02T10:16:20Z", 1_772_446_580_000_000),
        ("2026-03-02T10:16:20.4Z", 1_772_446_580_400_000),
        ("2026-03-02T10:16:20.417250Z", 1_772_446_580_417_250),
        ("2026-03-02T12:16:20.417+02:00", 1_772_446_580_417_000),
    ] {
        assert_eq!(result_of(&approved_but(&json!({"decisionTime": time}))).decided_at, Micros(micros));
    }
}

#[test]
fn undecided_states_are_no_decision() {
    let event =
        |status: &str, code: Value| parse(&approved_but(&json!({"status": status, "code": code}))).unwrap().event;
    let capture = CaptureId::parse("22222222-bbbb-4ccc-8ddd-000000000001");
    assert!(matches!(event("submitted", json!(7002)), Event::Submitted(found) if found == capture));
    assert!(matches!(event("started", json!(7001)), Event::WakeUp));
    assert!(matches!(event("created", json!(null)), Event::WakeUp));
}

#[test]
fn members_of_a_surprising_type_do_not_lose_the_decision() {
    let odd = json!({"person": [], "document": "n/a", "riskLabels": null, "vendorData": 7, "comments": {"a": [1]}});
    let result = result_of(&approved_but(&odd));
    assert_eq!(result.outcome, Outcome::Verified);
    assert!(result.extracted.full_name.is_none() && result.extracted.document_number.is_none());
}

#[test]
fn a_status_given_twice_is_not_read() {
    let body = br#"{"verification":{"id":"s-1","status":"declined","status":"approved","code":9001}}"#;
    assert!(parse(body).is_err());
}

#[test]
fn a_key_from_an_older_table_still_gets_a_sentence() {
    let explained = crate::providers::explain(Kind::Veriff, "a_key_of_version_0");
    assert!(explained.text.has_english() && explained.recapture.is_none());
}

proptest! {
    #[test]
    fn only_approved_with_9001_verifies(status in status(), code in code(), reason in code()) {
        let is_approved = status == "approved" && (code == json!(9001) || code == json!("9001"));
        let body = approved_but(&json!({"status": status, "code": code, "reasonCode": reason}));
        let event = parse(&body).unwrap().event;
        let Event::Decision(Some(result)) = event else { return Ok(()) };
        prop_assert_eq!(result.outcome == Outcome::Verified, is_approved);
        let passes = result.checks.iter().any(|check| check.outcome == CheckOutcome::Passed);
        prop_assert_eq!(passes, is_approved);
        for check in &result.checks {
            prop_assert!(crate::providers::explain(Kind::Veriff, &check.reason).text.has_english());
            prop_assert!(check.provider_code.as_ref().is_none_or(|code| code.len() <= 80 && !code.contains(' ')));
        }
    }
}

fn status() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "approved",
            "declined",
            "resubmission_requested",
            "expired",
            "abandoned",
            "review",
            "created",
            "started",
            "submitted",
            "Approved",
            "APPROVED",
            "approved_with_conditions",
            "verified",
            "success",
            "",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{0,24}",
        ".{0,24}",
    ]
}

fn code() -> impl Strategy<Value = Value> {
    prop_oneof![
        proptest::sample::select(vec![9001, 9102, 9103, 9104, 9121, 7001, 7002]).prop_map(Value::from),
        (9000..9200_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(vec!["9001", "9102", "102", "null"]).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::Null),
        Just(json!([9001])),
        Just(json!({"code": 9001})),
    ]
}
