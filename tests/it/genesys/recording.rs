//! Recordings stand still while a value is shown, if the bank wants that.

use kyc_sandbox::genesys_api::Fault;
use kyc_tests::TestApp;
use serde_json::json;

use super::{conversation, session_with, with};
use crate::customer::{at_photos, hand_in, png, view};
use crate::regressions::with_roles;

fn recording(app: &TestApp, id: &str) -> Vec<String> {
    app.contact_centre().conversation(&conversation(id)).unwrap().recording
}

async fn taken(app: &TestApp) -> String {
    let id = session_with(app, &["mira"]).await;
    let mira = app.staff("mira").await;
    mira.open(&id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    id
}

#[tokio::test]
async fn a_recording_is_paused_while_a_value_is_shown_and_goes_on_afterwards() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let mira = app.staff("mira").await;
    assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    app.work().await;
    assert_eq!(recording(&app, &id), ["ACTIVE", "PAUSED"]);
    app.advance(15);
    assert_eq!(mira.reveal(&id, "birth_date", "claim", "ask_the_customer").await.status, 200);
    app.advance(15);
    app.work().await;
    assert_eq!(recording(&app, &id), ["ACTIVE", "PAUSED", "PAUSED"], "the second value is still shown");
    app.advance(8);
    app.work().await;
    assert_eq!(recording(&app, &id).last().unwrap(), "ACTIVE");
}

#[tokio::test]
async fn a_recording_is_paused_while_a_photo_is_shown_too() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    let mira = app.staff("mira").await;
    app.contact_centre().be_down(true);
    let refused = view(&mira, &id, "face").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"));
    app.contact_centre().be_down(false);
    app.advance(60);
    assert_eq!(view(&mira, &id, "face").await.status, 200);
    assert_eq!(recording(&app, &id), ["ACTIVE", "PAUSED"]);
    app.advance(60);
    app.work().await;
    assert_eq!(recording(&app, &id).last().unwrap(), "ACTIVE");
}

#[tokio::test]
async fn what_cannot_be_kept_out_of_the_recording_is_not_shown() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let mira = app.staff("mira").await;
    app.contact_centre().be_down(true);
    let refused = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"));
    assert!(!app.audit_log().await.contains("field_revealed"));
}

#[tokio::test]
async fn a_pause_that_is_refused_keeps_the_value_back_too() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let mira = app.staff("mira").await;
    // The conversation is read, and its recording cannot be paused.
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::Status(403)]);
    let refused = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"), "{}", refused.text);
    assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
}

#[tokio::test]
async fn who_may_not_work_on_a_case_pauses_no_recording_of_it() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let tomas = app.staff("tomas").await;
    with_roles(&app, r#"["agent"]"#, r#"[["agent","other"]]"#).await;
    let before = app.contact_centre().requests().len();
    assert_eq!(tomas.reveal(&id, "full_name", "claim", "ask_the_customer").await.code(), "not_found");
    assert_eq!(view(&tomas, &id, "face").await.code(), "not_found");
    assert_eq!(app.contact_centre().requests().len(), before);
    assert_eq!(recording(&app, &id), ["ACTIVE"]);
}

#[tokio::test]
async fn a_recording_goes_on_even_if_the_server_was_away() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    assert_eq!(app.staff("mira").await.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    let app = TestApp::on(app.leave()).await;
    app.advance(30);
    app.work().await;
    assert_eq!(recording(&app, &id), ["ACTIVE", "PAUSED", "ACTIVE"]);
}

#[tokio::test]
async fn after_the_conversation_nothing_is_recorded_and_nothing_paused() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    app.contact_centre().end(&conversation(&id));
    assert_eq!(app.staff("mira").await.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    assert_eq!(recording(&app, &id), ["ACTIVE"]);
}

#[tokio::test]
async fn recordings_are_left_alone_unless_the_bank_wants_it() {
    let app = with("").await;
    let id = taken(&app).await;
    assert_eq!(app.staff("mira").await.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    assert_eq!(recording(&app, &id), ["ACTIVE"]);
}
