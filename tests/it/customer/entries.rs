//! What cannot be written down does not happen: of what a customer does on her page, and of what staff do about it.

use kyc_sandbox::veriff::{Outcome, Step};
use kyc_tests::TestApp;
use serde_json::{Value, json};

use super::photos::{at_photos, files, hand_in, png, session_of, view};
use super::visitor::{Visitor, link, path};

async fn documents(app: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM document").fetch_one(&app.database.raw().await).await.unwrap()
}

#[tokio::test]
async fn what_a_customer_does_that_cannot_be_written_down_has_not_happened() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let link = link(&app, &id).await;
    let mut visitor = Visitor::new(&app);
    app.database.refuse_entries().await;
    let begun = visitor.press_start(&link).await;
    assert_eq!((begun.status, begun.cookies().len()), (503, 0));
    app.database.take_entries().await;
    assert_eq!(visitor.press_start(&link).await.status, 303);

    app.database.refuse_entries().await;
    assert_eq!(visitor.consent().await.status, 503);
    assert!(session_of(&app, &id).await.consent.is_none(), "without an entry there is no consent");
    app.database.take_entries().await;
    assert_eq!(visitor.consent().await.status, 303);

    app.database.refuse_entries().await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 1)).await.status, 503);
    assert!(session_of(&app, &id).await.uploads.items.is_empty());
    assert_eq!((documents(&app).await, files(&app).len()), (0, 0), "nothing of it is left");
    app.database.take_entries().await;
    for item in ["face", "document_front"] {
        assert_eq!(hand_in(&visitor, item, &png(60, 40, 1)).await.status, 303);
    }

    app.database.refuse_entries().await;
    assert_eq!(visitor.press("/c/step/send").await.status, 503);
    assert_eq!(session_of(&app, &id).await.status().as_str(), "created");
    app.database.take_entries().await;
    assert_eq!(visitor.press("/c/step/send").await.status, 303);
}

#[tokio::test]
async fn a_link_and_a_look_at_a_photo_that_cannot_be_written_down_are_none() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let old = link(&app, &id).await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 1)).await.status, 303);
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;

    app.database.refuse_entries().await;
    assert_eq!(mira.try_act(&id, "link", json!({})).await.status, 503);
    assert_eq!(visitor.get(&old).await.status, 200, "the old one is as good as before");
    assert_eq!(view(&mira, &id, "face").await.status, 503);
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 0);
    app.database.take_entries().await;

    assert_eq!(view(&mira, &id, "face").await.status, 200);
    let issued = mira.try_act(&id, "link", json!({})).await;
    assert_eq!(issued.status, 200, "{}", issued.text);
    assert_ne!(path(issued.json()["url"].as_str().unwrap()), old);
}

#[tokio::test]
async fn a_link_that_the_flow_asks_for_is_issued_with_its_entry_or_not() {
    let app = TestApp::start().await;
    let id = app.new_id();
    let mut body = kyc_tests::new_session(&id);
    body["channel"] = json!("audio_upload");
    let flow = app.flow().await;
    let links = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM customer_link").fetch_one(&app.database.raw().await).await.unwrap()
    };
    let at = format!("/flow/v1/sessions/{id}");
    assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&id), &body).await.status, 201);
    app.work().await;
    let pool = app.database.raw().await;
    sqlx::query("DELETE FROM customer_link").execute(&pool).await.unwrap();
    app.database.refuse_entries().await;
    assert_eq!((flow.get_edge(&at, Some(&id)).await.status, links().await), (503, 0));
    app.database.take_entries().await;
    let told = flow.get_edge(&at, Some(&id)).await;
    assert!(told.json()["capture_url"].as_str().unwrap().contains("/c/"), "{}", told.text);
    assert_eq!(links().await, 1);
}

/// She has handed something in, and the provider ends her run all the same: the next sign of life begins another one, which is paid for.
async fn lapse(app: &TestApp, id: &str) {
    let run = app.veriff.sessions_of(id).pop().unwrap();
    app.veriff.event(&run, Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    app.veriff.decide(&run, Outcome::Abandoned).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let session = session_of(app, id).await;
    assert!(session.has_lapsed() && session.status().as_str() == "document_submitted", "{session:?}");
}

/// The newest entry about a session.
async fn last(app: &TestApp, id: &str) -> Value {
    let sql = "SELECT body FROM audit_entry WHERE session_id = $1 ORDER BY seq DESC LIMIT 1";
    let body: String = sqlx::query_scalar(sql).bind(id).fetch_one(&app.database.raw().await).await.unwrap();
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn going_to_the_provider_again_is_an_entry_with_the_state_or_does_not_happen() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    visitor.capture().await;
    lapse(&app, &id).await;
    let before = session_of(&app, &id).await;
    app.database.refuse_entries().await;
    assert_eq!(visitor.get("/c/step/capture").await.status, 503);
    assert_eq!(session_of(&app, &id).await, before, "nothing has begun");
    app.database.take_entries().await;
    assert_eq!(visitor.get("/c/step/capture").await.status, 303);
    assert_eq!(session_of(&app, &id).await.status().as_str(), "created");
    let entry = last(&app, &id).await;
    assert_eq!((&entry["action"], &entry["status"]), (&json!("customer_connected"), &json!("created")), "{entry}");
}

#[tokio::test]
async fn a_consent_that_begins_a_run_again_says_so() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let mut visitor = Visitor::of(&app, &id).await;
    lapse(&app, &id).await;
    visitor.language = "de";
    assert_eq!(visitor.consent().await.status, 303);
    let entry = last(&app, &id).await;
    assert_eq!((&entry["action"], &entry["status"]), (&json!("consent_given"), &json!("created")), "{entry}");
}
