//! What an agent asks for again: she reads what and why, hands in that alone, and the case goes on; or the agent takes it back.

use kyc_sandbox::veriff::Outcome;
use kyc_tests::TestApp;
use serde_json::{Value, json};

use super::photos::{hand_in, png, session_of};
use super::visitor::Visitor;

const DIFFICULTY: &str =
    "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area.";

fn asked(item: &str) -> Value {
    json!({ "item": item, "reason": "glare" })
}

#[tokio::test]
async fn she_is_asked_for_one_photo_and_why_and_then_the_case_goes_on() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    let mut visitor = Visitor::of(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    assert!(visitor.get("/c").await.text.contains("Please stay on the line."));
    let detail = mira.act(&id, "recapture", asked("document_back")).await;
    assert_eq!(detail["status"], "created");
    assert_eq!(detail["asked"]["items"][0]["item"], "document_back");
    let message = detail["asked"]["message"].as_str().unwrap();
    assert!(message.starts_with("Please take a new photo: Back of the document."), "{message}");

    let page = visitor.get("/c").await.text;
    assert!(page.contains("<h1>Please take a new photo</h1>"), "{page}");
    assert!(page.contains("id=\"document_back\"") && !page.contains("id=\"document_front\""), "{page}");
    assert!(!page.contains("You need not do anything") && !page.contains("/c/step/send"), "{page}");
    visitor.language = "de";
    let german = visitor.get("/c").await.text;
    assert!(german.contains("<h1>Bitte nehmen Sie ein neues Foto auf</h1>"), "{german}");
    let why = app.app.config.policy.reasons.iter().find(|reason| reason.code == "glare").unwrap();
    if let Some(why) = &why.customer_text {
        assert!(page.contains(why.pick("en")) && german.contains(why.pick("de")), "{german}");
    }

    assert_eq!(hand_in(&visitor, "document_back", &png(60, 40, 3)).await.status, 303);
    let after = mira.open(&id).await;
    assert_eq!((after["status"].as_str(), &after["asked"]), (Some("agent_verification"), &Value::Null));
    assert!(
        after["checks"].as_array().unwrap().iter().filter(|check| check["provider_code"] != Value::Null).count() > 0
    );
    assert!(visitor.get("/c").await.text.contains("Ihre Fotos sind da"), "nothing is left for her");
    let line = after["timeline"].as_array().unwrap().iter().rfind(|line| line["action"] == "document_uploaded");
    assert_eq!(line.unwrap()["status"], "agent_verification", "the timeline says that the case went on");
    let reason = mira.reason_for("propose").await;
    mira.act(&id, "propose", json!({ "reason": reason })).await;
}

#[tokio::test]
async fn where_only_the_provider_sees_it_the_page_leads_to_the_newest_run_and_says_why() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", asked("face")).await;
    assert!(visitor.get("/c").await.text.contains("A new picture is needed: A photo of you."));
    app.work().await;
    let page = visitor.get("/c").await.text;
    assert!(page.contains("A new picture is needed: A photo of you."), "{page}");
    let newest = app.veriff.sessions_of(&id).pop().unwrap();
    assert_eq!(visitor.capture().await, app.veriff.capture_url(&newest).unwrap());
    app.decide(&id, Outcome::Clean).await;
    let after = mira.open(&id).await;
    assert_eq!((after["status"].as_str(), &after["asked"]), (Some("agent_verification"), &Value::Null));
}

#[tokio::test]
async fn what_was_asked_for_is_taken_back_with_an_entry_and_the_first_result_stands() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
    let id = app.verified_session().await;
    let visitor = Visitor::of(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let before = mira.open(&id).await;
    assert_eq!(mira.try_act(&id, "withdraw", json!({})).await.status, 409, "nothing was asked for");
    mira.act(&id, "recapture", asked("document_front")).await;
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 2, "the second run has begun");
    assert_ne!(jo.try_act(&id, "withdraw", json!({})).await.status, 200, "it is not hers");
    let after = mira.act(&id, "withdraw", json!({})).await;
    assert_eq!((&after["status"], &after["asked"]), (&before["status"], &Value::Null));
    assert_eq!((&after["checks"], &after["state_since"]), (&before["checks"], &before["state_since"]));
    assert_eq!(after["provider_view"]["console_url"], before["provider_view"]["console_url"]);
    let log = app.audit_log().await;
    let entries = log.lines().filter(|line| line.contains(r#""action":"recapture_withdrawn""#));
    assert_eq!(entries.clone().filter(|line| line.contains("refused")).count(), 2);
    assert_eq!(entries.filter(|line| line.contains("agent_verification")).count(), 1, "done, with the state: {log}");
    assert!(visitor.get("/c").await.text.contains("Please stay on the line."));

    let runs = app.veriff.sessions_of(&id);
    app.advance(10);
    app.veriff.decide(runs.last().unwrap(), Outcome::Declined(102)).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let later = mira.open(&id).await;
    assert_eq!(later["checks"], before["checks"], "what was taken back says nothing any more");
    assert_eq!(session_of(&app, &id).await.recaptures.len(), 0);
}

#[tokio::test]
async fn a_recapture_that_is_taken_back_before_the_run_began_starts_none() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", asked("document_front")).await;
    mira.act(&id, "withdraw", json!({})).await;
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 1);
}

#[tokio::test]
async fn a_case_whose_customer_left_days_ago_is_asked_again_and_waits_for_her() {
    let app = TestApp::start().await;
    let id = app.verified_session().await;
    Visitor::of(&app, &id).await;
    app.advance(30 * 3600);
    app.work().await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", asked("document_back")).await;
    app.advance(5);
    app.work().await;
    assert_eq!(mira.open(&id).await["status"], "created", "it is not over within a second");
}

#[tokio::test]
async fn an_agent_who_finds_the_picture_poor_tells_the_customer_in_the_guides_words() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    let visitor = Visitor::of(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let said = format!("<p>{DIFFICULTY}</p>");
    assert!(!visitor.get("/c").await.text.contains(&said));
    let detail = mira.act(&id, "poor-picture", json!({})).await;
    assert_eq!(detail["asked"], json!({ "items": [], "message": DIFFICULTY }));
    let page = visitor.get("/c").await.text;
    assert!(page.contains(&said), "{page}");
    assert!(page.contains("data-again"), "her page looks for it by itself");
    for _ in 0..2 {
        app.advance(10);
        mira.act(&id, "poor-picture", json!({})).await;
    }
    let detail = mira.open(&id).await;
    assert_eq!(detail["channel"], "audio_upload");
    let told = detail["asked"]["message"].as_str().unwrap().to_owned();
    assert!(told.contains("We go on by voice"), "{told}");
    assert!(visitor.get("/c").await.text.contains(&told), "she is told that it goes on by voice");
    let body = json!({ "expected_version": detail["version"] });
    let link = mira.post(&format!("/api/sessions/{id}/link"), &body).await.json();
    let message = link["message"].as_str().unwrap();
    assert!(message.starts_with(&told) && message.contains(link["url"].as_str().unwrap()), "{message}");
}
