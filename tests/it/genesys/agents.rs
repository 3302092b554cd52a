//! An agent works on the sessions of conversations that she is on, and on no others.

use kyc_sandbox::genesys_api::Fault;
use kyc_tests::{Caller, TestApp};
use serde_json::json;

use super::{begin, conversation, session_with, with};
use crate::regressions::with_roles;

async fn status(by: &Caller<'_>, id: &str) -> u16 {
    by.get(&format!("/api/sessions/{id}")).await.status
}

fn asked(app: &TestApp) -> usize {
    app.contact_centre().requests().len()
}

#[tokio::test]
async fn who_is_on_the_conversation_works_on_its_session_and_nobody_else() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    assert_eq!(status(&mira, &id).await, 200);
    mira.act(&id, "take", json!({ "reason": null })).await;
    assert_eq!(status(&tomas, &id).await, 404, "he is in the queue, and not on the line");
    assert_eq!(tomas.get(&format!("/api/conversations/{}/session", conversation(&id))).await.status, 404);
    let body = json!({ "expected_version": 1, "reason": "shift_change" });
    let take = tomas.post(&format!("/api/sessions/{id}/take"), &body).await;
    assert_eq!(take.status, 404);
    assert_eq!(tomas.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 404);
    let note = tomas.post(&format!("/api/sessions/{id}/notes"), &json!({ "text": "let me see" })).await;
    assert_eq!(note.status, 404);
    assert!(app.audit_log().await.matches("access_refused").count() >= 2);
}

#[tokio::test]
async fn a_command_needs_that_the_session_was_opened_first() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let mira = app.staff("mira").await;
    let take = json!({ "expected_version": mira_sees_version(&app, &id).await, "reason": null });
    let path = format!("/api/sessions/{id}/take");
    assert_eq!(mira.post(&path, &take).await.status, 404, "nobody has confirmed her yet");
    assert_eq!(status(&mira, &id).await, 200);
    assert_eq!(mira.post(&path, &take).await.status, 200);
}

async fn mira_sees_version(app: &TestApp, id: &str) -> serde_json::Value {
    app.staff("ines").await.open(id).await["version"].clone()
}

#[tokio::test]
async fn who_is_brought_in_later_is_on_it_too() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let tomas = app.staff("tomas").await;
    assert_eq!(status(&tomas, &id).await, 404);
    app.contact_centre().join(&conversation(&id), &app.contact_centre().user("tomas"));
    assert_eq!(status(&tomas, &id).await, 200);
}

#[tokio::test]
async fn supervisors_and_auditors_are_not_asked() {
    let app = with("").await;
    let id = session_with(&app, &[]).await;
    let before = asked(&app);
    for login in ["ines", "sanna"] {
        assert_eq!(status(&app.staff(login).await, &id).await, 200, "{login}");
    }
    assert_eq!(asked(&app), before);
}

#[tokio::test]
async fn a_supervisor_of_another_queue_is_asked_like_any_agent() {
    let app = with("").await;
    let (id, hers) = (session_with(&app, &["tomas"]).await, session_with(&app, &["mira"]).await);
    let mira = app.staff("mira").await;
    with_roles(&app, r#"["agent","supervisor"]"#, r#"[["agent","retail-de"],["supervisor","other"]]"#).await;
    assert_eq!((status(&mira, &id).await, status(&mira, &hers).await), (404, 200));
}

#[tokio::test]
async fn while_genesys_is_down_nobody_new_comes_in_and_who_was_in_goes_on() {
    let app = with("").await;
    let (first, second) = (session_with(&app, &["mira"]).await, session_with(&app, &["mira"]).await);
    let mira = app.staff("mira").await;
    assert_eq!(status(&mira, &first).await, 200);
    app.contact_centre().be_down(true);
    let refused = mira.get(&format!("/api/sessions/{second}")).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"));
    assert!(refused.headers.contains_key("retry-after"));
    mira.act(&first, "take", json!({ "reason": null })).await;
    assert_eq!(mira.reveal(&first, "full_name", "claim", "ask_the_customer").await.status, 200);
    app.contact_centre().be_down(false);
    app.advance(120);
    assert_eq!(status(&mira, &second).await, 200);
}

#[tokio::test]
async fn a_slow_down_is_passed_on_to_who_waits() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let mira = app.staff("mira").await;
    app.contact_centre().fail_next(&[Fault::RateLimited(17)]);
    let refused = mira.get(&format!("/api/sessions/{id}")).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "genesys_unavailable"));
    assert_eq!(refused.headers["retry-after"], "17");
}

#[tokio::test]
async fn what_genesys_said_is_remembered_and_not_asked_again() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let mira = app.staff("mira").await;
    assert_eq!(status(&mira, &id).await, 200);
    let before = asked(&app);
    mira.act(&id, "take", json!({ "reason": null })).await;
    for _ in 0..5 {
        assert_eq!(status(&mira, &id).await, 200);
    }
    app.contact_centre().end(&conversation(&id));
    assert_eq!(status(&mira, &id).await, 200, "she writes up what she has seen");
    assert_eq!(asked(&app), before);
}

#[tokio::test]
async fn who_was_on_which_conversation_is_forgotten_after_a_month() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    assert_eq!(status(&app.staff("mira").await, &id).await, 200);
    let pool = app.database.raw().await;
    for (days, left) in [(29, 1), (2, 0)] {
        app.advance(days * 24 * 3600);
        kyc_desk::jobs::sweep(&app.app).await.unwrap();
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM on_conversation").fetch_one(&pool).await.unwrap();
        assert_eq!(kept, left);
    }
}

#[tokio::test]
async fn who_starts_a_session_for_a_conversation_is_on_it() {
    let app = with("").await;
    begin(&app, "failed", &["mira"]);
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let path = format!("/api/conversations/{}/session", conversation("failed"));
    let body = json!({ "customer_id": "C-9", "queue": "retail-de" });
    let refused = tomas.post(&path, &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "not_on_conversation"));
    assert_eq!(mira.post(&path, &body).await.status, 201);
    assert_eq!(mira.post("/api/conversations/conv-unknown/session", &body).await.status, 403);
    assert_eq!(tomas.post(&path, &body).await.status, 403, "and is told the same when there is one");
}

#[tokio::test]
async fn who_asks_for_the_next_is_handed_none_of_others() {
    let app = with("").await;
    let (theirs, hers) = (session_with(&app, &["tomas"]).await, session_with(&app, &["mira"]).await);
    let mira = app.staff("mira").await;
    assert_eq!(mira.post("/api/sessions/next", &json!({})).await.json(), json!(null), "none that is known to be hers");
    assert_eq!(status(&mira, &hers).await, 200);
    let handed = mira.post("/api/sessions/next", &json!({})).await.json();
    assert_eq!(handed["id"], json!(hers));
    assert_eq!(status(&mira, &theirs).await, 404);
}

#[tokio::test]
async fn who_is_nobody_in_genesys_opens_nothing() {
    let app = with("user_claims = [\"upn\"]").await;
    let id = session_with(&app, &["mira"]).await;
    let before = asked(&app);
    assert_eq!(status(&app.staff("mira").await, &id).await, 404);
    assert_eq!(asked(&app), before);
}

#[tokio::test]
async fn another_user_with_her_address_in_the_past_is_not_her() {
    let app = with("").await;
    let id = session_with(&app, &["mira"]).await;
    let mira = app.contact_centre().user("mira");
    app.contact_centre().reconfigure(|config| {
        let user = config.users.iter_mut().find(|user| user.id == mira).unwrap();
        user.state = "deleted".to_owned();
    });
    assert_eq!(status(&app.staff("mira").await, &id).await, 404);
}

#[tokio::test]
async fn a_user_can_be_known_by_her_id() {
    // The stand-in's identity provider gives the subject, and its contact centre knows users by it.
    let app = with("user_by = \"id\"\nuser_claims = [\"sub\"]").await;
    let subject = kyc_sandbox::idp::people().into_iter().find(|person| person.login == "mira").unwrap().sub;
    let id = app.verified_session().await;
    app.contact_centre().begin(&conversation(&id), &[&subject]);
    assert_eq!(status(&app.staff("mira").await, &id).await, 200);
    assert_eq!(status(&app.staff("tomas").await, &id).await, 404);
}

#[tokio::test]
async fn an_administrator_may_switch_the_check_off() {
    let app = with("check_agent = false").await;
    let id = session_with(&app, &[]).await;
    assert_eq!(status(&app.staff("mira").await, &id).await, 200);
}

#[tokio::test]
async fn one_person_does_not_use_up_what_all_may_ask() {
    let app = with("").await;
    let tomas = app.staff("tomas").await;
    let path = |n: u32| format!("/api/conversations/conv-guess-{n}/session");
    let body = json!({ "customer_id": "C-9", "queue": "retail-de" });
    for n in 0..30 {
        // At the pace that the gate allows.
        app.advance(1);
        assert_eq!(tomas.post(&path(n), &body).await.status, 403, "{n}");
    }
    let before = asked(&app);
    let refused = tomas.post(&path(31), &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many"));
    assert_eq!(asked(&app), before);
}

/// Who never was on a conversation is kept out for as long as anybody can know that, and then for good.
#[tokio::test]
async fn a_conversation_that_is_forgotten_lets_nobody_in() {
    let app = with("").await;
    let id = app.session().await;
    begin(&app, &id, &["mira"]);
    app.advance(25 * 3600);
    app.work().await;
    let (mira, tomas, ines) = (app.staff("mira").await, app.staff("tomas").await, app.staff("ines").await);
    assert_eq!(ines.open(&id).await["status"], "expired");
    assert_eq!((status(&mira, &id).await, status(&tomas, &id).await), (200, 404), "she may start anew");
    app.advance(31 * 24 * 3600);
    app.work().await;
    let (mira, tomas, ines) = (app.staff("mira").await, app.staff("tomas").await, app.staff("ines").await);
    assert_eq!((status(&mira, &id).await, status(&tomas, &id).await), (404, 404));
    ines.act(&id, "reopen", json!({ "reason": "new_information" })).await;
    assert_eq!((status(&tomas, &id).await, status(&ines, &id).await), (404, 200));
    assert_eq!(tomas.post("/api/sessions/next", &json!({})).await.text, "null", "nor is it handed out");
}
