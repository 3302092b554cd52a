use kyc_wire::masked::Agreement;
use kyc_wire::session::CaptureItem;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use super::reasons::Verdict;
use super::*;
use crate::domain::check::{Check, Group, Outcome as CheckOutcome};
use crate::pii::Pii;
use crate::providers::{DocumentType, explain};

/// Every label of providers' documentation, by capability and verdict; the last column says what becomes of a check that has it.
const LABELS: &[(&str, &str, &[&str], CheckOutcome)] = &[
    ("imageChecks", "PASSED", &["OK"], CheckOutcome::Passed),
    ("dataChecks", "PASSED", &["OK"], CheckOutcome::Passed),
    ("similarity", "PASSED", &["MATCH"], CheckOutcome::Passed),
    ("liveness", "PASSED", &["OK"], CheckOutcome::Passed),
    ("authentication", "PASSED", &["OK"], CheckOutcome::Passed),
    ("watchlistScreening", "PASSED", &["OK"], CheckOutcome::Passed),
    (
        "usability",
        "REJECTED",
        &[
            "BAD_QUALITY",
            "BAD_QUALITY_IMAGE",
            "BLURRED",
            "GLARE",
            "BLACK_WHITE",
            "MISSING_PAGE",
            "MISSING_SIGNATURE",
            "MISSING_MANDATORY_DATAPOINTS",
            "NOT_A_DOCUMENT",
            "PHOTOCOPY",
            "PART_OF_DOCUMENT_MISSING",
            "PART_OF_DOCUMENT_HIDDEN",
            "DAMAGED_DOCUMENT",
        ],
        CheckOutcome::NewCapture,
    ),
    (
        "usability",
        "WARNING",
        &["LIVENESS_UNDETERMINED", "UNSUPPORTED_COUNTRY", "UNSUPPORTED_DOCUMENT_TYPE"],
        CheckOutcome::Review,
    ),
    ("usability", "NOT_EXECUTED", &["TECHNICAL_ERROR"], CheckOutcome::Review),
    ("usability", "NOT_EXECUTED", &["NOT_UPLOADED"], CheckOutcome::NewCapture),
    (
        "imageChecks",
        "REJECTED",
        &[
            "DIGITAL_COPY",
            "WATERMARK",
            "MANIPULATED_DOCUMENT",
            "MANIPULATED_DOCUMENT_PHOTO",
            "MANIPULATED_DOCUMENT_NAME",
            "MANIPULATED_DOCUMENT_EXPIRY",
            "MANIPULATED_DOCUMENT_ADDRESS",
            "OTHER_REJECTION",
            "GHOST_IMAGE_DIFFERENT",
            "PUNCHED",
            "SAMPLE",
            "CHIP_MISSING",
            "FAKE",
            "FAILED",
            "DIGITAL_MANIPULATION",
            "MISMATCH_FRONT_BACK",
        ],
        CheckOutcome::Failed,
    ),
    ("imageChecks", "WARNING", &["DIFFERENT_PERSON", "REPEATED_FACE"], CheckOutcome::Review),
    ("imageChecks", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    ("extraction", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    (
        "dataChecks",
        "REJECTED",
        &[
            "NFC_CERTIFICATE",
            "MISMATCHING_DATAPOINTS",
            "MRZ_CHECKSUM",
            "MISMATCHING_DATA_REPEATED_FACE",
            "MISMATCH_FRONT_BACK",
            "MISMATCH_HRZ_MRZ_DATA",
            "SUPERIMPOSED_TEXT",
            "HIGH_FRAUD_RISK",
        ],
        CheckOutcome::Failed,
    ),
    ("dataChecks", "WARNING", &["DOCUMENT_EXPIRY_WITHIN_CONFIGURED_LIMIT"], CheckOutcome::Review),
    ("dataChecks", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    ("similarity", "REJECTED", &["NO_MATCH", "NOT_MATCH"], CheckOutcome::Failed),
    ("similarity", "WARNING", &["NOT_POSSIBLE"], CheckOutcome::Review),
    ("similarity", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    (
        "liveness",
        "REJECTED",
        &["LIVENESS_UNDETERMINED", "NO_FACE_PRESENT", "FACE_NOT_FULLY_VISIBLE", "BLACK_WHITE"],
        CheckOutcome::NewCapture,
    ),
    (
        "liveness",
        "REJECTED",
        &["ID_USED_AS_SELFIE", "MULTIPLE_PEOPLE", "DIGITAL_COPY", "PHOTOCOPY", "MANIPULATED"],
        CheckOutcome::Failed,
    ),
    ("liveness", "WARNING", &["AGE_DIFFERENCE", "BAD_QUALITY"], CheckOutcome::Review),
    ("liveness", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    ("authentication", "REJECTED", &["FAILED"], CheckOutcome::Failed),
    ("authentication", "NOT_EXECUTED", &["PRECONDITION_NOT_FULFILLED", "TECHNICAL_ERROR"], CheckOutcome::Review),
    ("watchlistScreening", "WARNING", &["ALERT"], CheckOutcome::Review),
    (
        "watchlistScreening",
        "NOT_EXECUTED",
        &[
            "NOT_ENOUGH_DATA",
            "VALIDATION_FAILED",
            "INVALID_MERCHANT_SETTINGS",
            "TECHNICAL_ERROR",
            "EXTRACTION_NOT_DONE",
            "NO_VALID_ID_CREDENTIAL",
            "PRECONDITION_NOT_FULFILLED",
        ],
        CheckOutcome::Review,
    ),
];

/// The passed fixture, changed.
fn but(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(fixture!("passed")).unwrap();
    change(&mut body);
    serde_json::to_vec(&body).unwrap()
}

/// The passed fixture with another decision as a whole, and one capability that came out otherwise.
fn with(decision: &str, capability: &str, verdict: &Value, label: &Value) -> Vec<u8> {
    but(|body| {
        body["decision"]["type"] = json!(decision);
        let item = json!({ "credentials": [{ "category": "ID" }], "decision": { "type": verdict, "details": { "label": label } } });
        body["capabilities"][capability] = json!([item]);
    })
}

fn find(result: &ProviderResult, group: Group) -> Vec<&Check> {
    result.checks.iter().filter(|check| check.group == group).collect()
}

fn only(result: &ProviderResult, group: Group) -> (CheckOutcome, &str) {
    let found = find(result, group);
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].outcome, &found[0].reason)
}

fn passes_nothing(result: &ProviderResult) -> bool {
    result.checks.iter().all(|check| check.outcome != CheckOutcome::Passed)
}

#[test]
fn what_jumio_passed_in_every_check_is_verified() {
    let result = result_of(fixture!("passed"));
    assert_eq!((result.outcome, result.decided_at), (Outcome::Verified, Micros(1_772_446_540_933_000)));
    assert_eq!(only(&result, Group::Document), (CheckOutcome::Passed, "imageChecks:OK"));
    assert_eq!(only(&result, Group::Face), (CheckOutcome::Passed, "similarity:MATCH"));
    assert_eq!(only(&result, Group::Liveness), (CheckOutcome::Passed, "liveness:OK"));
    assert_eq!(only(&result, Group::Data), (CheckOutcome::Passed, "dataChecks:OK"));
    assert!(result.checks.iter().all(|check| check.at == Some(result.decided_at)));
}

#[test]
fn what_was_read_from_the_document_is_taken_over() {
    let extracted = result_of(fixture!("passed")).extracted;
    assert_eq!(extracted.full_name.unwrap().compare(&Pii::parse("Ilva Probstein").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.birth_date.unwrap().compare(&Pii::parse("1988-11-05").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.document_number.unwrap().compare(&Pii::parse("ZX000042").unwrap()), Agreement::Agrees);
    let address = Pii::parse("Musterzeile 9\n8010\nGraz\nAT").unwrap();
    assert_eq!(extracted.address.unwrap().compare(&address), Agreement::Agrees);
    assert_eq!(extracted.document_type, Some(DocumentType::IdCard));
    assert_eq!((extracted.country.as_deref(), extracted.valid_until), (Some("AT"), Some(date!(2032 - 01 - 09))));
}

#[test]
fn what_has_not_the_shape_of_its_kind_or_is_not_applicable_is_left_out() {
    let result = result_of(&but(|body| {
        body["capabilities"]["extraction"][0]["data"] = json!({
            "type": "VISA", "issuingCountry": "UNO", "firstName": "N/A", "lastName": "N/A", "dateOfBirth": "05.11.1988",
            "documentNumber": 7, "address": { "formattedAddress": "MUSTERZEILE 9 8010 GRAZ AUT" },
        });
    }));
    let extracted = result.extracted;
    assert!(extracted.full_name.is_none() && extracted.birth_date.is_none() && extracted.address.is_none());
    assert_eq!((extracted.document_type, extracted.country.as_deref()), (Some(DocumentType::Other), Some("UNO")));
}

#[test]
fn a_rejection_fails_what_it_names_and_leaves_the_rest_to_a_person() {
    let result = result_of(fixture!("rejected"));
    assert_eq!(result.outcome, Outcome::Rejected);
    let document = find(&result, Group::Document);
    assert_eq!(
        (document[0].outcome, document[0].provider_code.as_deref()),
        (CheckOutcome::Failed, Some("DIGITAL_COPY"))
    );
    assert_eq!(document[1].reason, "skipped:PRECONDITION_NOT_FULFILLED", "the extraction");
    assert_eq!(only(&result, Group::Face), (CheckOutcome::Failed, "similarity:NO_MATCH"));
    assert_eq!(only(&result, Group::Data), (CheckOutcome::Review, "skipped:PRECONDITION_NOT_FULFILLED"));
    assert_eq!(only(&result, Group::Liveness), (CheckOutcome::Passed, "liveness:OK"));
    assert!(result.extracted.full_name.is_none());
}

#[test]
fn a_warning_is_for_a_person() {
    let result = result_of(fixture!("warning"));
    assert_eq!(result.outcome, Outcome::Review);
    assert_eq!(only(&result, Group::Document), (CheckOutcome::Review, "imageChecks:REPEATED_FACE"));
    assert_eq!(only(&result, Group::Face), (CheckOutcome::Review, "similarity:NOT_POSSIBLE"));
    let own_rules = result_of(&but(|body| body["decision"]["type"] = json!("WARNING")));
    assert_eq!(own_rules.outcome, Outcome::Review);
    assert!(own_rules.checks.iter().any(|check| check.reason == "own_rules"));
}

#[test]
fn a_capture_that_cannot_be_used_asks_for_another_run() {
    let result = result_of(fixture!("new_capture"));
    assert_eq!(result.outcome, Outcome::NewRun);
    assert!(result.outcome.is_terminal(), "Jumio expects nothing more in this execution");
    assert_eq!(only(&result, Group::Document), (CheckOutcome::NewCapture, "usability:BLURRED"));
    for group in [Group::Face, Group::Liveness, Group::Data] {
        assert_eq!(only(&result, group), (CheckOutcome::Pending, "waits_for_capture"));
    }
    assert_eq!(explain(Kind::Jumio, "usability:BLURRED").recapture, Some(CaptureItem::DocumentFront));
}

#[test]
fn a_face_that_cannot_be_used_is_to_be_captured_again_and_not_the_document() {
    for (category, group) in [("SELFIE", Group::Face), ("FACEMAP", Group::Liveness)] {
        let result = result_of(&but(|body| {
            body["decision"]["type"] = json!("REJECTED");
            body["capabilities"]["usability"] = json!([{ "credentials": [{ "category": category }], "decision": { "type": "REJECTED", "details": { "label": "BLURRED" } } }]);
        }));
        assert_eq!(
            (result.outcome, only(&result, group)),
            (Outcome::NewRun, (CheckOutcome::NewCapture, "usabilityFace:BLURRED"))
        );
    }
    assert_eq!(explain(Kind::Jumio, "usabilityFace:BLURRED").recapture, Some(CaptureItem::Face));
}

#[test]
fn a_poor_capture_beside_a_forgery_is_a_rejection_and_waits_for_nobody() {
    let result = result_of(&but(|body| {
        body["decision"]["type"] = json!("REJECTED");
        body["capabilities"]["imageChecks"][0]["decision"] =
            json!({ "type": "REJECTED", "details": { "label": "FAKE" } });
        body["capabilities"]["liveness"][0]["decision"] =
            json!({ "type": "REJECTED", "details": { "label": "BLACK_WHITE" } });
    }));
    assert_eq!(result.outcome, Outcome::Rejected);
    assert_eq!(only(&result, Group::Liveness).0, CheckOutcome::Failed);
}

#[test]
fn who_ran_out_of_time_is_expired_whatever_the_decision_says() {
    let result = result_of(fixture!("token_expired"));
    assert_eq!((result.outcome, result.decided_at), (Outcome::Expired, NOW));
    assert!(result.checks.iter().all(|check| (check.outcome, &*check.reason) == (CheckOutcome::Pending, "expired")));
    for (status, outcome) in [("TOKEN_EXPIRED", Outcome::Expired), ("SESSION_EXPIRED", Outcome::Abandoned)] {
        let result = result_of(&but(|body| body["workflow"]["status"] = json!(status)));
        assert_eq!(result.outcome, outcome);
        assert!(passes_nothing(&result));
        let result = result_of(&but(|body| {
            body["decision"] =
                json!({ "type": "NOT_EXECUTED", "details": { "label": status }, "risk": { "score": -1.0 } });
        }));
        assert_eq!(result.outcome, outcome);
        assert!(passes_nothing(&result));
    }
}

#[test]
fn what_is_not_processed_is_no_decision() {
    for (status, phase) in [
        (json!("INITIATED"), Phase::WaitingForCustomer),
        (json!("ACQUISITION_STARTED"), Phase::WaitingForCustomer),
        (json!("ACQUIRED"), Phase::Processing),
        (json!("APPROVED"), Phase::Unknown),
        (json!(null), Phase::Unknown),
    ] {
        let details = serde_json::from_slice(&but(|body| body["workflow"]["status"] = status.clone())).unwrap();
        assert!(matches!(decision::read(&details, NOW), Reading::Pending(found) if found == phase), "{status}");
    }
    let unreadable = serde_json::from_slice(&but(|body| body["decision"] = json!(null))).unwrap();
    assert!(matches!(decision::read(&unreadable, NOW), Reading::Pending(Phase::Processing)));
}

#[test]
fn jumio_failing_says_nothing_about_the_customer() {
    let result = result_of(&with("NOT_EXECUTED", "dataChecks", &json!("NOT_EXECUTED"), &json!("TECHNICAL_ERROR")));
    assert_eq!(result.outcome, Outcome::Error);
    let whole = result_of(&but(|body| {
        body["decision"] = json!({ "type": "NOT_EXECUTED", "details": { "label": "TECHNICAL_ERROR" } });
        body["capabilities"] = json!({});
    }));
    assert_eq!(whole.outcome, Outcome::Error);
    assert!(whole.checks.iter().all(|check| check.reason == "technical"));
    let why =
        result_of(&but(|body| body["decision"] = json!({ "type": "NOT_EXECUTED", "details": { "label": "WHY" } })));
    assert_eq!(why.outcome, Outcome::Review);
}

#[test]
fn every_label_leads_to_its_row_and_its_sentence() {
    let mut rows = std::collections::BTreeSet::new();
    for (capability, verdict, labels, outcome) in LABELS {
        for label in *labels {
            let row = reasons::find(capability, Verdict::named(verdict).unwrap(), label);
            let row = row.unwrap_or_else(|| panic!("{capability} {verdict} {label} has no row"));
            assert_eq!(row.outcome, *outcome, "{capability} {label}");
            rows.insert(row.key);
            let whole = if *verdict == "PASSED" { "PASSED" } else { "REJECTED" };
            let result = result_of(&with(whole, capability, &json!(verdict), &json!(label)));
            let is_passed = *outcome == CheckOutcome::Passed;
            assert_eq!(result.outcome == Outcome::Verified, is_passed, "{capability} {label}");
            let check = result.checks.iter().find(|check| check.reason == row.key).unwrap();
            assert_eq!(check.provider_code.as_deref(), Some(*label));
            let explained = explain(Kind::Jumio, &check.reason);
            assert!(explained.text.has_english() && explained.look_at.is_some() != is_passed);
            assert_eq!(explained.recapture.is_some(), *outcome == CheckOutcome::NewCapture);
        }
    }
    let named = |key: &str| key.starts_with(reasons::FACE) || key == "skipped:NOT_UPLOADED";
    let more = ["addressValidation:OK", "proofOfResidency:OK", "drivingLicenseVerification:OK"];
    for row in reasons::all().filter(|row| !named(row.key) && !more.contains(&row.key)) {
        assert!(rows.contains(row.key), "{} is in no list of labels", row.key);
    }
}

#[test]
fn a_label_under_another_verdict_is_for_a_person() {
    for (capability, verdict, labels, _) in LABELS {
        for other in ["PASSED", "WARNING", "NOT_EXECUTED"].iter().filter(|other| *other != verdict) {
            for label in *labels {
                if reasons::find(capability, Verdict::named(other).unwrap(), label).is_some() {
                    continue;
                }
                let result = result_of(&with("PASSED", capability, &json!(other), &json!(label)));
                assert_ne!(result.outcome, Outcome::Verified, "{capability} {other} {label}");
            }
        }
    }
}

#[test]
fn what_we_do_not_know_is_never_verified() {
    for (verdict, label) in [
        (json!("PASSED"), json!("FINE")),
        (json!("PASSED"), json!(null)),
        (json!("APPROVED"), json!("OK")),
        (json!(null), json!("OK")),
        (json!("WARNING"), json!("NEW_LABEL")),
        (json!("NOT_EXECUTED"), json!("NEW_LABEL")),
        (json!("REJECTED"), json!("BLURRED")),
    ] {
        let result = result_of(&with("PASSED", "similarity", &verdict, &label));
        assert_eq!(result.outcome, Outcome::Review, "{verdict} {label}");
        assert_eq!(only(&result, Group::Face), (CheckOutcome::Review, "unknown_label"));
    }
    for decision in ["APPROVED", "passed", "VERIFIED", "PASSED "] {
        let result = result_of(&but(|body| body["decision"]["type"] = json!(decision)));
        let is_trimmed = decision.trim() == "PASSED";
        assert_eq!(result.outcome == Outcome::Verified, is_trimmed, "{decision:?}");
    }
    let unknown = result_of(&with("PASSED", "mindReading", &json!("PASSED"), &json!("OK")));
    assert_eq!(unknown.outcome, Outcome::Review);
    let rejected = result_of(&with("REJECTED", "similarity", &json!("REJECTED"), &json!("NEW_LABEL")));
    assert_eq!(rejected.outcome, Outcome::Rejected);
    assert!(rejected.checks.iter().any(|check| check.reason == "no_reason"));
}

#[test]
fn a_workflow_without_a_check_vouches_for_nothing_there() {
    let result = result_of(&but(|body| {
        let capabilities = body["capabilities"].as_object_mut().unwrap();
        capabilities.remove("liveness");
        capabilities.remove("similarity");
    }));
    assert_eq!(result.outcome, Outcome::Review);
    assert_eq!(only(&result, Group::Liveness), (CheckOutcome::Review, "not_in_workflow"));
    assert_eq!(only(&result, Group::Face), (CheckOutcome::Review, "not_in_workflow"), "a usable picture is no match");
    for nothing in [json!({}), json!([]), json!(null), json!("all")] {
        let result = result_of(&but(|body| body["capabilities"] = nothing.clone()));
        assert_eq!(result.outcome, Outcome::Review, "{nothing}");
        assert!(passes_nothing(&result));
    }
}

#[test]
fn a_rejection_at_the_end_of_a_long_list_is_not_overlooked() {
    let result = result_of(&but(|body| {
        let item = body["capabilities"]["similarity"][0].clone();
        let mut items = vec![item; 200];
        items.push(json!({ "decision": { "type": "REJECTED", "details": { "label": "NO_MATCH" } } }));
        body["capabilities"]["similarity"] = json!(items);
    }));
    assert_eq!(result.outcome, Outcome::Review);
    let result = result_of(&but(|body| {
        for n in 0..200 {
            body["capabilities"][format!("a{n}")] = json!([]);
        }
    }));
    assert_eq!(result.outcome, Outcome::Review);
}

#[test]
fn a_pass_without_a_time_is_for_a_person() {
    for time in [json!(null), json!("yesterday"), json!(1_772_446_580)] {
        let result = result_of(&but(|body| body["completedAt"] = time.clone()));
        assert_eq!(result.outcome, Outcome::Review, "{time}");
        assert!(result.checks.iter().any(|check| check.reason == "no_time"));
    }
}

#[test]
fn a_key_from_an_older_table_still_gets_a_sentence() {
    let explained = explain(Kind::Jumio, "a_key_of_version_0");
    assert!(explained.text.has_english() && explained.recapture.is_none());
}

#[test]
fn a_verdict_given_twice_is_not_read() {
    let text = String::from_utf8(fixture!("rejected").to_vec()).unwrap();
    let twice = text.replacen("\"type\": \"REJECTED\"", "\"type\": \"REJECTED\", \"type\": \"PASSED\"", 1);
    assert_ne!(text, twice);
    assert!(serde_json::from_str::<payload::Details>(&twice).is_err());
}

fn word(words: Vec<&'static str>) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => proptest::sample::select(words).prop_map(Value::from),
        1 => "[A-Z_]{0,20}".prop_map(Value::from),
        1 => ".{0,20}".prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json!({ "type": "PASSED" })),
    ]
}

fn verdict() -> impl Strategy<Value = Value> {
    word(vec!["PASSED", "WARNING", "REJECTED", "NOT_EXECUTED", "passed", "APPROVED"])
}

fn label() -> impl Strategy<Value = Value> {
    let all = LABELS.iter().flat_map(|(_, _, labels, _)| labels.iter().copied()).collect();
    word(all)
}

proptest! {
    #[test]
    fn only_passed_in_everything_verifies(
        whole in verdict(),
        capability in proptest::sample::select(LABELS.iter().map(|row| row.0).collect::<Vec<_>>()),
        verdict in verdict(),
        label in label(),
    ) {
        let details = serde_json::from_slice(&but(|body| {
            body["decision"]["type"] = whole.clone();
            body["capabilities"][capability] = json!([{ "decision": { "type": verdict, "details": { "label": label } } }]);
        })).unwrap();
        let Reading::Decided(result) = decision::read(&details, NOW) else { return Ok(()) };
        let is_ok = ["OK", "MATCH"].iter().any(|ok| label == json!(ok));
        if result.outcome == Outcome::Verified {
            prop_assert!(whole == json!("PASSED") && verdict == json!("PASSED") && is_ok);
            prop_assert!(result.checks.iter().all(|check| check.outcome == CheckOutcome::Passed));
        }
        for group in Group::ALL {
            prop_assert!(result.checks.iter().any(|check| check.group == group));
        }
        let waits = |check: &Check| matches!(check.outcome, CheckOutcome::NewCapture | CheckOutcome::Pending);
        let may_wait = matches!(result.outcome, Outcome::NewRun | Outcome::Expired | Outcome::Abandoned);
        prop_assert!(may_wait || !result.checks.iter().any(waits), "a case that is over waits for nothing");
        for check in &result.checks {
            prop_assert!(explain(Kind::Jumio, &check.reason).text.has_english());
            prop_assert!(check.provider_code.as_ref().is_none_or(|code| code.len() <= 64 && !code.contains(' ')));
        }
    }

    #[test]
    fn damaged_details_never_panic_and_a_rejection_never_verifies(
        at in 0..fixture!("rejected").len(),
        length in 0..40_usize,
        filler in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut body = fixture!("rejected").to_vec();
        let end = (at + length).min(body.len());
        body.splice(at..end, filler);
        if let Ok(details) = serde_json::from_slice(&body)
            && let Reading::Decided(result) = decision::read(&details, NOW)
        {
            prop_assert_ne!(result.outcome, Outcome::Verified);
        }
    }
}
