use kyc_wire::masked::Agreement;
use kyc_wire::session::CaptureItem;
use proptest::prelude::*;
use time::macros::date;

use super::*;
use crate::domain::check::{Group, Outcome as CheckOutcome};
use crate::pii::Pii;
use crate::providers::DocumentType;

/// The checks of a group: outcome, reason and Onfido's name.
fn of(result: &ProviderResult, group: Group) -> Vec<(CheckOutcome, &str, &str)> {
    let of_group = result.checks.iter().filter(|check| check.group == group);
    of_group.map(|c| (c.outcome, c.reason.as_str(), c.provider_code.as_deref().unwrap_or_default())).collect()
}

#[test]
fn an_approval_with_clear_reports_passes_all_four_groups() {
    let result = run_result(&fixture!("approved_run"), &approved());
    assert_eq!((result.outcome, result.decided_at), (Outcome::Verified, Micros(1_772_446_540_000_000)));
    for (group, reason) in [
        (Group::Document, "clear_document"),
        (Group::Face, "clear_face"),
        (Group::Liveness, "clear_liveness"),
        (Group::Data, "clear_data"),
    ] {
        assert_eq!(of(&result, group), [(CheckOutcome::Passed, reason, "approved")]);
    }
}

#[test]
fn what_was_read_from_the_document_is_taken_over() {
    let mut document = fixture!("approved_document");
    document["properties"]["address_lines"] =
        json!({"street_address": "Näidise tn 4", "postal_code": "10111", "city": "Tallinn", "country_code": "EE"});
    let extracted = run_result(&fixture!("approved_run"), &[("document_check", document)]).extracted;
    assert_eq!(extracted.full_name.unwrap().compare(&Pii::parse("Maarika Näidisson").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.birth_date.unwrap().compare(&Pii::parse("1991-04-17").unwrap()), Agreement::Agrees);
    assert_eq!(extracted.document_number.unwrap().compare(&Pii::parse("KX0000017").unwrap()), Agreement::Agrees);
    let address = Pii::parse("Näidise tn 4\n10111\nTallinn\nEE").unwrap();
    assert_eq!(extracted.address.unwrap().compare(&address), Agreement::Agrees);
    assert_eq!(extracted.document_type, Some(DocumentType::Passport));
    assert_eq!((extracted.country.as_deref(), extracted.valid_until), (Some("EE"), Some(date!(2031 - 04 - 16))));
}

#[test]
fn fraud_fails_what_the_reports_name_and_passes_what_they_vouch_for() {
    let reports = [("document_check", fixture!("declined_document")), ("face_check", fixture!("declined_face"))];
    let result = run_result(&fixture!("declined_run"), &reports);
    assert_eq!(result.outcome, Outcome::Rejected);
    let screen = "document.visual_authenticity.original_document_present.photo_of_screen";
    let other = "document.visual_authenticity.other";
    assert_eq!(
        of(&result, Group::Document),
        [(CheckOutcome::Failed, screen, screen), (CheckOutcome::Failed, other, other)]
    );
    assert_eq!(
        of(&result, Group::Face),
        [(
            CheckOutcome::Failed,
            "face.face_comparison.face_match",
            "facial_similarity_photo.face_comparison.face_match"
        )]
    );
    assert_eq!(of(&result, Group::Liveness)[0].0, CheckOutcome::Passed);
}

#[test]
fn pictures_that_cannot_be_used_ask_for_another_run() {
    let reports = [("document_check", fixture!("review_document")), ("face_check", fixture!("review_face"))];
    let result = run_result(&fixture!("review_run"), &reports);
    assert_eq!(result.outcome, Outcome::NewRun);
    let blurred = "document.image_integrity.image_quality.blurred_photo";
    let obscured = "document.image_integrity.conclusive_document_quality.obscured_data_points";
    assert_eq!(
        of(&result, Group::Document),
        [(CheckOutcome::NewCapture, obscured, obscured), (CheckOutcome::NewCapture, blurred, blurred)]
    );
    assert_eq!(crate::providers::explain(Kind::Onfido, blurred).recapture, Some(CaptureItem::DocumentFront));
    // A doubt beside it is for a person.
    let declined =
        run_result(&fixture!("declined_run"), &[reports[0].clone(), ("face_check", fixture!("declined_face"))]);
    assert_eq!(declined.outcome, Outcome::Rejected);
}

#[test]
fn an_approval_beside_an_objection_is_for_a_person() {
    for (report, at) in [
        (objecting("police_record", "x", "consider", &json!({})), "document.police_record"),
        (objecting("visual_authenticity", "fonts", "consider", &json!({})), "document.visual_authenticity.fonts"),
        (objecting("quantum_integrity", "spin", "consider", &json!({})), "unknown_reason"),
        (objecting("visual_authenticity", "fonts", "perhaps", &json!({})), "unknown_value"),
    ] {
        let result = run_result(&fixture!("approved_run"), &[("document_check", report), approved().remove(1)]);
        assert_eq!(result.outcome, Outcome::Review, "{at}");
        assert_eq!(of(&result, Group::Document)[0].1, at);
    }
}

#[test]
fn an_approval_without_a_time_is_for_a_person() {
    for time in [json!(null), json!("yesterday"), json!(1_772_446_580)] {
        let result = run_result(&but(&fixture!("approved_run"), &json!({"updated_at": time})), &approved());
        assert_eq!((result.outcome, of(&result, Group::Face)[0].1), (Outcome::Review, "no_time"));
        assert_eq!(result.decided_at, NOW);
    }
}

#[test]
fn what_no_report_speaks_about_is_not_called_fine() {
    let result = run_result(&fixture!("approved_run"), &[]);
    assert_eq!(result.outcome, Outcome::Verified, "that is what Onfido says");
    assert!(result.checks.iter().all(|check| check.outcome == CheckOutcome::Review && check.reason == "not_reported"));
    let document_only = run_result(&fixture!("approved_run"), &approved()[..1]);
    assert_eq!(of(&document_only, Group::Face), [(CheckOutcome::Review, "not_reported", "approved")]);
}

#[test]
fn a_genuine_camera_does_not_show_that_somebody_was_alive() {
    let face = json!({"name": "facial_similarity_photo", "status": "complete", "result": "consider", "breakdown": {
        "face_comparison": {"result": "consider"},
        "image_integrity": {"result": "clear", "breakdown": {"source_integrity": {"result": "clear"}}},
        "visual_authenticity": {"result": null, "breakdown": {"spoofing_detection": {"result": null}}},
    }});
    let result = run_result(&fixture!("declined_run"), &[("face_check", face)]);
    assert_eq!(of(&result, Group::Liveness), [(CheckOutcome::Review, "declined", "declined")]);
}

#[test]
fn a_comparison_with_our_placeholder_says_that_it_is_one() {
    let report = objecting("data_comparison", "last_name", "consider", &json!({}));
    let result = run_result(&fixture!("review_run"), &[("document_check", report)]);
    let (outcome, reason, _) = of(&result, Group::Data)[0];
    assert_eq!((outcome, result.outcome), (CheckOutcome::Review, Outcome::Review));
    assert!(format!("{:?}", crate::providers::explain(Kind::Onfido, reason).text).contains("placeholder"));
}

#[test]
fn minor_doubts_fail_nothing() {
    let mut report = objecting("visual_authenticity", "fonts", "consider", &json!({}));
    report["sub_result"] = json!("caution");
    let result = run_result(&fixture!("review_run"), &[("document_check", report)]);
    assert_eq!(of(&result, Group::Document)[0].0, CheckOutcome::Review);
}

#[test]
fn a_report_that_contradicts_itself_passes_nothing() {
    let clear = fixture!("approved_document");
    for (report, reason) in [
        (but(&clear, &json!({"sub_result": "suspected"})), "contradiction"),
        (but(&clear, &json!({"result": "consider", "sub_result": "clear"})), "contradiction"),
        (but(&clear, &json!({"breakdown": {"police_record": {"result": "consider"}}})), "contradiction"),
        (but(&clear, &json!({"result": null})), "unknown_value"),
        (but(&clear, &json!({"result": "clear_enough"})), "unknown_value"),
        (but(&clear, &json!({"sub_result": "fine"})), "contradiction"),
        (but(&clear, &json!({"status": "done"})), "unknown_value"),
        (but(&clear, &json!({"status": "withdrawn"})), "report_withdrawn"),
    ] {
        let result = run_result(&fixture!("approved_run"), &[("document_check", report.clone())]);
        assert_eq!(result.outcome, Outcome::Review, "{report}");
        assert!(of(&result, Group::Document).iter().any(|(_, found, _)| *found == reason), "{reason}: {result:?}");
        assert!(of(&result, Group::Document).iter().all(|(outcome, ..)| *outcome != CheckOutcome::Passed));
    }
}

#[test]
fn a_task_is_read_like_a_report_by_what_is_in_it() {
    let mut output = fixture!("approved_face");
    output.as_object_mut().unwrap().remove("name");
    let result = run_result(&fixture!("approved_run"), &[("selfie_step_9", output)]);
    assert_eq!(of(&result, Group::Face)[0].1, "clear_face");
    let unknown = json!({"status": "complete", "result": "clear", "breakdown": {"aura": {"result": "clear"}}});
    let result = run_result(&fixture!("approved_run"), &[("aura_check", unknown)]);
    assert!(
        result.checks.iter().all(|check| check.outcome != CheckOutcome::Passed),
        "what we do not know vouches for nothing"
    );
}

#[test]
fn a_name_that_is_none_of_onfidos_is_no_code() {
    let report = json!({"name": "document", "status": "complete", "result": "consider", "breakdown": {
        "Maarika Näidisson": {"result": "consider", "breakdown": {"1991-04-17": {"result": "consider"}}},
    }});
    let result = run_result(&fixture!("review_run"), &[("document_check", report)]);
    assert_eq!(of(&result, Group::Document), [(CheckOutcome::Review, "unknown_reason", "document")]);
}

#[test]
fn a_classic_check_is_read_with_its_reports() {
    let reports = [fixture!("approved_document"), fixture!("approved_face")];
    let result = check_result(&fixture!("check"), &reports);
    assert_eq!((result.outcome, result.decided_at), (Outcome::Verified, NOW));
    assert_eq!(check_result(&fixture!("check"), &[]).outcome, Outcome::Review, "clear without a report");
    let consider = but(&fixture!("check"), &json!({"result": "consider"}));
    let fraud = [fixture!("declined_document"), fixture!("declined_face")];
    assert_eq!(check_result(&consider, &fraud).outcome, Outcome::Rejected);
    assert_eq!(check_result(&fixture!("check"), &fraud).outcome, Outcome::Review, "clear beside fraud");
    let blurred = [fixture!("review_document"), fixture!("review_face")];
    assert_eq!(check_result(&consider, &blurred).outcome, Outcome::NewRun);
    assert_eq!(check_result(&consider, &reports).outcome, Outcome::Review);
}

#[test]
fn the_order_in_which_reports_come_does_not_matter() {
    let mut reports =
        vec![("document_check", fixture!("declined_document")), ("face_check", fixture!("declined_face"))];
    let one = run_result(&fixture!("declined_run"), &reports);
    reports.reverse();
    assert_eq!(one.checks, run_result(&fixture!("declined_run"), &reports).checks);
}

#[test]
fn members_of_a_surprising_type_do_not_lose_the_decision() {
    let odd = json!({"name": [], "status": "complete", "result": "clear", "sub_result": null, "breakdown": "n/a", "properties": []});
    let result = run_result(
        &but(&fixture!("approved_run"), &json!({"tags": 7, "link": [], "error": null})),
        &[("document_check", odd)],
    );
    assert_eq!((result.outcome, of(&result, Group::Document)[0].1), (Outcome::Verified, "clear_document"));
}

#[test]
fn a_key_from_an_older_table_still_gets_a_sentence() {
    let explained = crate::providers::explain(Kind::Onfido, "a_key_of_version_0");
    assert!(explained.text.has_english() && explained.recapture.is_none());
}

proptest! {
    #[test]
    fn only_approved_verifies_and_only_clear_passes(status in word(), result in word(), sub in word(), inner in word()) {
        let mut report = objecting("visual_authenticity", "fonts", &inner, &json!({}));
        report["result"] = json!(result);
        report["sub_result"] = json!(sub);
        let run = but(&fixture!("approved_run"), &json!({"status": status}));
        let read: Run = serde_json::from_value(run.clone()).unwrap();
        if decision::of_run(&read).is_err() { return Ok(()) }
        let came_to = run_result(&run, &[("document_check", report)]);
        let sub_is_clear = sub.is_empty() || sub == "null" || sub == "clear";
        let inner_is_clear = inner.is_empty() || inner == "null" || inner == "clear";
        let is_clear = result == "clear" && sub_is_clear && inner_is_clear;
        prop_assert_eq!(came_to.outcome == Outcome::Verified, status == "approved" && is_clear);
        for check in &came_to.checks {
            prop_assert!(crate::providers::explain(Kind::Onfido, &check.reason).text.has_english());
            prop_assert!(check.provider_code.as_ref().is_none_or(|code| code.len() <= 120 && !code.contains(' ')));
            prop_assert!(check.outcome != CheckOutcome::Passed || is_clear || check.group != Group::Document);
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "approved",
            "declined",
            "review",
            "abandoned",
            "error",
            "clear",
            "consider",
            "unidentified",
            "rejected",
            "suspected",
            "caution",
            "Approved",
            "CLEAR",
            "verified",
            "complete",
            "null",
            "",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{0,16}",
    ]
}
