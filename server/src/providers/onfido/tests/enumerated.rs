//! Every value that the reference of Onfido's API enumerates, each with what becomes of it.

use super::*;
use crate::domain::check::Outcome as CheckOutcome;
use crate::providers::Phase;

/// The names of reports, by what they are about.
const DOCUMENTS: &[&str] = &[
    "document",
    "document_video",
    "document_with_address_information",
    "document_with_driving_licence_information",
    "document_with_driver_verification",
    "document_video_with_address_information",
];
const FACES: &[&str] = &[
    "facial_similarity_photo",
    "facial_similarity_photo_fully_auto",
    "facial_similarity_video",
    "facial_similarity_motion",
];
const DATA: &[&str] = &[
    "identity_enhanced",
    "watchlist_aml",
    "watchlist_enhanced",
    "watchlist_standard",
    "watchlist_peps_only",
    "watchlist_sanctions_only",
    "proof_of_address",
    "us_driving_licence",
    "device_intelligence",
    "india_pan",
];

type Parts = [(&'static str, &'static [&'static str])];

/// The breakdown of document reports.
const DOCUMENT: &Parts = &[
    (
        "data_comparison",
        &[
            "issuing_country",
            "gender",
            "date_of_expiry",
            "last_name",
            "document_type",
            "document_numbers",
            "first_name",
            "date_of_birth",
        ],
    ),
    (
        "data_validation",
        &["gender", "date_of_birth", "document_numbers", "document_expiration", "expiry_date", "mrz", "barcode"],
    ),
    ("image_integrity", &["image_quality", "supported_document", "colour_picture", "conclusive_document_quality"]),
    (
        "visual_authenticity",
        &[
            "fonts",
            "picture_face_integrity",
            "template",
            "security_features",
            "original_document_present",
            "digital_tampering",
            "other",
            "face_detection",
        ],
    ),
    (
        "data_consistency",
        &[
            "date_of_expiry",
            "document_numbers",
            "issuing_country",
            "document_type",
            "date_of_birth",
            "gender",
            "first_name",
            "last_name",
            "nationality",
            "multiple_data_sources_present",
        ],
    ),
    ("police_record", &[]),
    ("compromised_document", &["document_database", "repeat_attempts"]),
    ("age_validation", &["minimum_accepted_age"]),
    ("issuing_authority", &["nfc_active_authentication", "nfc_passive_authentication"]),
];

/// The breakdown of reports about the face.
const FACE: &Parts = &[
    ("face_comparison", &["face_match"]),
    ("image_integrity", &["face_detected", "source_integrity"]),
    ("visual_authenticity", &["spoofing_detection", "liveness_detected"]),
];

/// Named reasons: report, part, detail, reasons.
const NAMED: &[(&str, &str, &str, &[&str])] = &[
    (
        "document",
        "image_integrity",
        "image_quality",
        &[
            "dark_photo",
            "glare_on_photo",
            "blurred_photo",
            "covered_photo",
            "other_photo_issue",
            "damaged_document",
            "incorrect_side",
            "cut_off_document",
            "no_document_in_image",
            "two_documents_uploaded",
        ],
    ),
    (
        "document",
        "image_integrity",
        "conclusive_document_quality",
        &[
            "obscured_data_points",
            "obscured_security_features",
            "abnormal_document_features",
            "watermarks_digital_text_overlay",
            "corner_removed",
            "punctured_document",
            "missing_back",
            "digital_document",
        ],
    ),
    (
        "document",
        "visual_authenticity",
        "original_document_present",
        &["photo_of_screen", "screenshot", "document_on_printed_paper", "scan"],
    ),
    (
        "facial_similarity_photo",
        "image_integrity",
        "source_integrity",
        &["digital_tampering", "fake_webcam", "time_of_capture", "emulator"],
    ),
];

#[test]
fn every_status_of_a_run_has_its_meaning() {
    let phase = |status: &str| {
        let run: Run = serde_json::from_value(json!({"id": RUN, "status": status})).unwrap();
        decision::of_run(&run).err()
    };
    for (status, expected) in [
        ("processing", Phase::Processing),
        ("awaiting_input", Phase::WaitingForCustomer),
        ("awaiting_client_input", Phase::Unknown),
    ] {
        assert_eq!(phase(status), Some(expected), "{status}");
    }
    for (status, expected) in [
        ("approved", Outcome::Verified),
        ("declined", Outcome::Rejected),
        ("review", Outcome::Review),
        ("abandoned", Outcome::Abandoned),
        ("error", Outcome::Error),
        ("something_new", Outcome::Review),
    ] {
        let result = run_result(&but(&fixture!("approved_run"), &json!({"status": status})), &[]);
        assert_eq!((phase(status), result.outcome), (None, expected), "{status}");
        assert!(result.checks.iter().all(|check| check.outcome != CheckOutcome::Passed), "{status}");
    }
}

#[test]
fn the_type_of_an_error_is_kept_and_its_words_are_not() {
    let error = json!({"status": "error", "error": {"type": "task_failed", "message": "Maarika Näidisson"}});
    let result = run_result(&but(&fixture!("approved_run"), &error), &[]);
    assert!(result.checks.iter().all(|check| check.provider_code.as_deref() == Some("task_failed")));
}

#[test]
fn every_status_and_result_of_a_check_has_its_meaning() {
    for (status, expected) in [
        ("in_progress", Some(Phase::Processing)),
        ("awaiting_applicant", Some(Phase::WaitingForCustomer)),
        ("paused", Some(Phase::Processing)),
        ("reopened", Some(Phase::Processing)),
        ("complete", None),
        ("withdrawn", None),
        ("something_new", None),
    ] {
        let check: Check = serde_json::from_value(json!({"id": CHECK, "status": status})).unwrap();
        assert_eq!(decision::of_check(&check).err(), expected, "{status}");
    }
    let clear = [fixture!("approved_document"), fixture!("approved_face")];
    for (status, result, expected) in [
        ("complete", json!("clear"), Outcome::Verified),
        ("complete", json!("consider"), Outcome::Review),
        ("complete", json!(null), Outcome::Review),
        ("complete", json!("something_new"), Outcome::Review),
        ("withdrawn", json!(null), Outcome::Review),
        ("withdrawn", json!("clear"), Outcome::Review),
        ("something_new", json!("clear"), Outcome::Review),
    ] {
        let check = but(&fixture!("check"), &json!({"status": status, "result": result}));
        assert_eq!(check_result(&check, &clear).outcome, expected, "{status} {result}");
    }
}

#[test]
fn every_status_of_a_report_has_its_meaning() {
    for (status, reason) in [
        ("awaiting_data", "report_pending"),
        ("awaiting_approval", "report_pending"),
        ("cancelled", "report_withdrawn"),
        ("withdrawn", "report_withdrawn"),
        ("complete", "clear_document"),
    ] {
        let report = but(&fixture!("approved_document"), &json!({"status": status}));
        let result = run_result(&fixture!("approved_run"), &[("document_check", report)]);
        assert_eq!(result.checks[0].reason, reason, "{status}");
        assert_eq!(result.outcome == Outcome::Verified, status == "complete");
    }
}

#[test]
fn every_result_and_sub_result_without_a_breakdown_has_its_meaning() {
    for (name, result, sub_result, reason, outcome) in [
        ("document", "clear", json!("clear"), "clear_document", CheckOutcome::Passed),
        ("document", "consider", json!("rejected"), "rejected", CheckOutcome::NewCapture),
        ("document", "consider", json!("suspected"), "suspected", CheckOutcome::Failed),
        ("document", "consider", json!("caution"), "caution", CheckOutcome::Review),
        ("document", "consider", json!(null), "consider", CheckOutcome::Review),
        ("document", "unidentified", json!(null), "unidentified_document", CheckOutcome::NewCapture),
        ("facial_similarity_photo", "consider", json!(null), "consider", CheckOutcome::Review),
        ("facial_similarity_photo", "unidentified", json!(null), "unidentified_face", CheckOutcome::NewCapture),
    ] {
        let report = json!({"name": name, "status": "complete", "result": result, "sub_result": sub_result});
        let result = run_result(&fixture!("review_run"), &[("a_check", report)]);
        let found: Vec<_> = result.checks.iter().map(|check| (check.reason.as_str(), check.outcome)).collect();
        assert!(found.contains(&(reason, outcome)), "{name} {sub_result}: {found:?}");
    }
}

#[test]
fn every_report_is_explained_when_it_objects_and_vouches_for_nothing_foreign_when_it_is_clear() {
    let passed = |name: &str| {
        let clear = json!({"name": name, "status": "complete", "result": "clear"});
        let result = run_result(&fixture!("approved_run"), &[("x_check", clear)]);
        let passed = result.checks.iter().filter(|check| check.outcome == CheckOutcome::Passed);
        passed.map(|check| check.reason.clone()).collect::<Vec<_>>()
    };
    let all = [
        (DOCUMENTS, &["clear_document"][..]),
        (FACES, &["clear_face", "clear_liveness"]),
        (DATA, &["clear_data"]),
        (&["known_faces"], &[]),
    ];
    for (names, expected) in all {
        for name in names {
            assert_eq!(passed(name), expected, "{name}");
            let objecting = json!({"name": name, "status": "complete", "result": "consider"});
            let result = run_result(&fixture!("approved_run"), &[("x_check", objecting)]);
            assert_eq!(result.outcome, Outcome::Review, "{name}");
            let own =
                result.checks.iter().find(|c| c.provider_code.as_ref().is_some_and(|code| code.starts_with(name)));
            let reason = &own.unwrap_or_else(|| panic!("{name}: {result:?}")).reason;
            assert!(crate::providers::explain(Kind::Onfido, reason).look_at.is_some(), "{name}");
        }
    }
}

/// Every place of the two breakdowns, and every named reason in them, has a row of its own.
#[test]
fn every_place_of_a_breakdown_leads_to_its_row() {
    for (name, subject, parts) in [("document", "document", DOCUMENT), ("facial_similarity_photo", "face", FACE)] {
        for (part, details) in parts {
            leads((name, subject), &[part], &json!({"result": "consider"}));
            for detail in *details {
                let inner = json!({"result": "consider", "breakdown": {*detail: {"result": "consider", "properties": {"score": 0.2}}}});
                leads((name, subject), &[part, detail], &inner);
            }
        }
    }
}

#[test]
fn every_named_reason_leads_to_its_row() {
    for (name, part, detail, reasons) in NAMED {
        for reason in *reasons {
            let inner = json!({"result": "consider", "breakdown": {*detail: {"result": "consider", "properties": {*reason: "some words of Onfido"}}}});
            let subject = if *name == "document" { "document" } else { "face" };
            leads((name, subject), &[part, detail, reason], &inner);
        }
    }
}

/// An objection at this place is explained by exactly this place, and keeps Onfido's name for it.
fn leads((name, subject): (&str, &str), place: &[&str], part: &Value) {
    let report = json!({"name": name, "status": "complete", "result": "consider", "breakdown": {place[0]: part}});
    let result = run_result(&fixture!("approved_run"), &[("x_check", report)]);
    let key = [&[subject], place].concat().join(".");
    let row = reasons::at(&key).unwrap_or_else(|| panic!("{key} has no row"));
    let found = result.checks.iter().find(|check| check.reason == key).unwrap_or_else(|| panic!("{key}: {result:?}"));
    let code = [&[name], place].concat().join(".");
    assert_eq!(
        (found.group, found.outcome, found.provider_code.as_deref()),
        (row.group, row.outcome, Some(code.as_str()))
    );
    assert_eq!(result.outcome, Outcome::Review, "approved beside {key}");
}
