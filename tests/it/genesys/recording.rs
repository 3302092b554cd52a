//! Recordings stand still while a value is shown, if the bank wants that.

use kyc_sandbox::genesys_api::Fault;
use kyc_tests::{Setup, TestApp};
use serde_json::json;

use super::{begin, conversation, session_with, with};
use crate::customer::{at_photos, hand_in, png, session_of, view};
use crate::regressions::with_roles;
use crate::sign_in::step_up::{is_asked, prove, reveal};

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
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 0, "what is not shown does not count");
    app.contact_centre().be_down(false);
    app.advance(60);
    assert_eq!(view(&mira, &id, "face").await.status, 200);
    assert_eq!(recording(&app, &id), ["ACTIVE", "PAUSED"]);
    // The widget shows it for three times as long as a value.
    for (seconds, is_paused) in [(23, true), (38, true), (1, false)] {
        app.advance(seconds);
        app.work().await;
        assert_eq!(recording(&app, &id).last().unwrap() == "PAUSED", is_paused, "{seconds} s later");
    }
}

#[tokio::test]
async fn a_value_shown_beside_a_photo_does_not_end_its_pause() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    let mira = app.staff("mira").await;
    assert_eq!(view(&mira, &id, "face").await.status, 200);
    app.advance(5);
    assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    for (seconds, is_paused) in [(23, true), (33, true), (1, false)] {
        app.advance(seconds);
        app.work().await;
        assert_eq!(recording(&app, &id).last().unwrap() == "PAUSED", is_paused, "{seconds} s later");
    }
}

#[tokio::test]
async fn what_is_refused_pauses_no_recording() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    let (mira, ines) = (app.staff("mira").await, app.staff("ines").await);
    for _ in 0..10 {
        assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
        app.advance(20);
    }
    app.advance(2);
    app.work().await;
    let paused = recording(&app, &id);
    assert_eq!(paused.last().unwrap(), "ACTIVE");
    let before = app.contact_centre().requests().len();
    for (by, field, reason, code) in [
        (&mira, "full_name", "ask_the_customer", "limit_reached"),
        (&mira, "full_name", "curiosity", "invalid"),
        (&ines, "full_name", "ask_the_customer", "held_by_colleague"),
    ] {
        assert_eq!(by.reveal(&id, field, "claim", reason).await.code(), code);
    }
    assert_eq!(view(&mira, &id, "face").await.code(), "limit_reached");
    assert_eq!(view(&ines, &id, "face").await.code(), "held_by_colleague");
    assert_eq!(recording(&app, &id), paused);
    assert_eq!(app.contact_centre().requests().len(), before);
}

#[tokio::test]
async fn what_cannot_be_kept_out_of_the_recording_is_not_shown() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let mira = app.staff("mira").await;
    app.contact_centre().be_down(true);
    let refused = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"));
    assert!(!refused.text.contains("Mara"));
    // It was allowed and recorded first, and then that nothing was shown.
    let log = app.audit_log().await;
    let entries: Vec<_> = log.lines().filter(|line| line.contains("field_revealed")).collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(!entries[0].contains("refused") && entries[1].contains("genesys_unavailable"));
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 0, "what is not shown does not count");
}

#[tokio::test]
async fn the_same_request_may_be_sent_again_once_the_recording_can_be_paused() {
    let app = with("pause_recording = true").await;
    let id = taken(&app).await;
    let mira = app.staff("mira").await;
    let (path, body) = (
        format!("/api/sessions/{id}/reveal"),
        json!({ "field": "full_name", "origin": "claim", "reason": "ask_the_customer" }),
    );
    app.contact_centre().be_down(true);
    assert_eq!(mira.post_keyed(&path, "one-and-the-same-key", &body).await.status, 503);
    app.contact_centre().be_down(false);
    app.advance(60);
    for _ in 0..2 {
        assert_eq!(mira.post_keyed(&path, "one-and-the-same-key", &body).await.status, 200);
        assert_eq!(recording(&app, &id).last().unwrap(), "PAUSED");
    }
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 1);
    let log = app.audit_log().await;
    assert_eq!(log.lines().filter(|line| line.contains("field_revealed") && !line.contains("refused")).count(), 2);
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

/// The first value is gone from the screen and its recording about to go on when the next one is shown: whichever of the two calls the job is
/// at, the recording stands still in the end.
#[tokio::test]
async fn a_recording_that_is_about_to_go_on_stands_still_for_the_next_value() {
    for (faults, states) in [
        (&[Fault::Held][..], &["ACTIVE", "PAUSED", "PAUSED"][..]),
        (&[Fault::Slow(0), Fault::Held][..], &["ACTIVE", "PAUSED", "PAUSED", "ACTIVE", "PAUSED"][..]),
    ] {
        let app = with("pause_recording = true").await;
        let id = taken(&app).await;
        let mira = app.staff("mira").await;
        assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
        app.advance(23);
        app.contact_centre().fail_next(faults);
        let next = async {
            app.contact_centre().wait_until_held().await;
            assert_eq!(mira.reveal(&id, "birth_date", "claim", "ask_the_customer").await.status, 200);
            app.contact_centre().let_go();
        };
        tokio::join!(app.work(), next);
        assert_eq!(recording(&app, &id), states);
        app.advance(23);
        app.work().await;
        assert_eq!(recording(&app, &id).last().unwrap(), "ACTIVE", "and then it goes on");
    }
}

/// Time goes on while Genesys is asked, and may end the session before it is known that nothing was shown.
#[tokio::test]
async fn what_time_does_to_a_session_while_genesys_is_asked_is_written_down() {
    let app = with("pause_recording = true").await;
    let id = app.session().await;
    begin(&app, &id, &["mira"]);
    assert_eq!(app.claims(&id, 0).await.status, 204);
    let mira = app.staff("mira").await;
    mira.open(&id).await;
    app.advance(300 + 24 * 3600 - 60);
    app.work().await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    app.contact_centre().fail_next(&[Fault::Held, Fault::Status(403)]);
    let time = async {
        app.contact_centre().wait_until_held().await;
        app.advance(120);
        app.contact_centre().let_go();
    };
    let (refused, ()) = tokio::join!(mira.reveal(&id, "full_name", "claim", "ask_the_customer"), time);
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(session_of(&app, &id).await.status().as_str(), "expired");
    let log = app.audit_log().await;
    let entries: Vec<_> = log.lines().filter(|line| line.contains(r#""action":"expired""#)).collect();
    assert!(entries.len() == 1 && entries[0].contains(r#""status":"expired""#), "{entries:?}");
}

/// Her proof is for an act that did not happen.
#[tokio::test]
async fn who_has_proven_who_she_is_for_what_was_not_shown_need_not_again() {
    let policy = "step_up = { reveal = { acr_values = [\"urn:sandbox:acr:security-key\"] } }";
    let app = TestApp::with(Setup { policy, genesys: Some("pause_recording = true"), ..Setup::default() }).await;
    let id = taken(&app).await;
    let mut mira = app.staff("mira").await;
    mira.open(&id).await;
    prove(&mut mira, &id, &["full_name"], "mira").await;
    let (path, body) = (
        format!("/api/sessions/{id}/reveal"),
        json!({ "field": "full_name", "origin": "claim", "reason": "ask_the_customer" }),
    );
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::Status(503)]);
    assert_eq!(mira.post_keyed(&path, "one-and-the-same-key", &body).await.status, 503);
    app.advance(60);
    assert_eq!(mira.post_keyed(&path, "one-and-the-same-key", &body).await.status, 200);
    is_asked(&reveal(&mira, &id, "full_name").await);

    let until = async || -> i64 {
        let pool = app.database.raw().await;
        sqlx::query_scalar("SELECT expires_at FROM step_up_grant").fetch_one(&pool).await.unwrap()
    };
    prove(&mut mira, &id, &["full_name"], "mira").await;
    let given = until().await;
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::Status(503)]);
    app.advance(10);
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 503);
    assert_eq!(until().await, given, "it lasts no longer for it");
}
