//! From a Genesys conversation to its session.

use kyc_tests::{Answer, TestApp, new_session};
use serde_json::json;

use crate::customer::Visitor;
use crate::customer::photos::session_of;

const PATH: &str = "/api/conversations/conv-7/session";

/// A session of the conversation, in this queue.
async fn flow_session(app: &TestApp, queue: &str) -> String {
    let id = app.new_id();
    let mut new = new_session(&id);
    (new["queue"], new["conversation_id"]) = (json!(queue), json!("conv-7"));
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    app.advance(1);
    id
}

async fn start(app: &TestApp, login: &str, customer: &str) -> Answer {
    app.staff(login).await.post(PATH, &json!({ "customer_id": customer, "queue": "retail-de" })).await
}

/// Entries with this action about a session.
async fn entries(app: &TestApp, id: &str, action: &str) -> usize {
    let log = app.audit_log().await;
    log.lines().filter(|line| line.contains(&format!(r#""action":"{action}""#)) && line.contains(id)).count()
}

#[tokio::test]
async fn a_newer_session_in_a_queue_that_is_not_hers_hides_nothing() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let older = flow_session(&app, "retail-de").await;
    let hers = flow_session(&app, "retail-de").await;
    let elsewhere = flow_session(&app, "business-de").await;
    assert_eq!(mira.get(PATH).await.json()["id"], hers.as_str(), "the newest that she may see, not {older}");
    assert_eq!(app.staff("jo").await.get(PATH).await.json()["id"], elsewhere.as_str());
    assert_eq!(app.staff("sanna").await.get(PATH).await.json()["id"], elsewhere.as_str());
}

#[tokio::test]
async fn a_session_out_of_the_agents_hands_hides_nothing_either() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let older = flow_session(&app, "retail-de").await;
    let newer = flow_session(&app, "retail-de").await;
    mira.act(&newer, "take", json!({ "reason": null })).await;
    mira.act(&newer, "reject", json!({ "reason": "customer_refuses" })).await;
    assert_eq!(mira.get(PATH).await.json()["id"], newer.as_str());
    assert_eq!(tomas.get(PATH).await.json()["id"], older.as_str());
}

#[tokio::test]
async fn a_look_up_that_is_refused_is_written_down_and_one_that_finds_nothing_is_not() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    assert_eq!(mira.get(PATH).await.code(), "not_found");
    assert!(!app.audit_log().await.contains("access_refused"), "an interaction without a session is every day's");
    let elsewhere = flow_session(&app, "business-de").await;
    assert_eq!(mira.get(PATH).await.code(), "not_found");
    assert_eq!(entries(&app, &elsewhere, "access_refused").await, 1);
    assert_eq!(mira.get(&format!("/api/sessions/{elsewhere}")).await.code(), "not_found");
    assert_eq!(entries(&app, &elsewhere, "access_refused").await, 2, "as by its id");
}

#[tokio::test]
async fn a_conversation_with_an_open_session_gets_no_second_one() {
    let app = TestApp::start().await;
    let open = flow_session(&app, "retail-de").await;
    flow_session(&app, "business-de").await;
    let given = start(&app, "mira", "C-4F2A-0093").await;
    assert_eq!((given.status, given.json()["id"].as_str()), (200, Some(open.as_str())), "{}", given.text);
    assert_eq!(given.json()["is_mine"], true, "who starts it holds it");
    assert_eq!(entries(&app, &open, "lease_taken").await, 1);
    let seen = start(&app, "tomas", "C-4F2A-0093").await;
    assert_eq!((seen.status, seen.json()["id"].as_str()), (200, Some(open.as_str())), "{}", seen.text);
    assert_eq!(seen.json()["is_mine"], false, "taking it from a colleague needs a reason");
    assert_eq!(entries(&app, &open, "lease_taken").await, 1);
}

#[tokio::test]
async fn the_open_session_of_another_customer_is_not_given() {
    let app = TestApp::start().await;
    let open = flow_session(&app, "retail-de").await;
    let refused = start(&app, "mira", "C-0000").await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "customer_mismatch"), "{}", refused.text);
    assert_eq!(entries(&app, &open, "hint_mismatch").await, 1);
    assert_eq!(entries(&app, &open, "lease_taken").await, 0);
}

#[tokio::test]
async fn an_open_session_in_a_queue_that_is_not_hers_does_not_exist_for_her() {
    let app = TestApp::start().await;
    let elsewhere = flow_session(&app, "business-de").await;
    let started = start(&app, "mira", "C-4F2A-0093").await;
    assert_eq!(started.status, 201, "{}", started.text);
    assert_ne!(started.json()["id"], elsewhere.as_str());
    assert_eq!(started.json()["is_mine"], true);
    assert_eq!(entries(&app, &elsewhere, "lease_taken").await, 0);
}

#[tokio::test]
async fn after_one_that_is_over_another_is_started() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let over = flow_session(&app, "retail-de").await;
    mira.act(&over, "take", json!({ "reason": null })).await;
    mira.act(&over, "reject", json!({ "reason": "customer_refuses" })).await;
    let started = start(&app, "mira", "C-4F2A-0093").await;
    assert_eq!(started.status, 201, "{}", started.text);
    assert_ne!(started.json()["id"], over.as_str());
}

#[tokio::test]
async fn after_one_that_came_to_nothing_another_is_started_for_the_same_customer() {
    let app = TestApp::start().await;
    let id = flow_session(&app, "retail-de").await;
    assert_eq!(app.staff("mira").await.open(&id).await["can_start_anew"], false);
    app.advance(300);
    app.work().await;
    app.advance(24 * 3600);
    app.work().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let ended = mira.get(PATH).await.json();
    assert_eq!((ended["id"].as_str(), ended["status"].as_str()), (Some(&*id), Some("expired")));
    assert_eq!(ended["can_start_anew"], true);
    assert_eq!(app.staff("sanna").await.open(&id).await["can_start_anew"], false, "an auditor starts nothing");
    let customer = ended["customer_id"].as_str().unwrap();
    let anew = start(&app, "mira", customer).await;
    assert_eq!(anew.status, 201, "{}", anew.text);
    assert_ne!(anew.json()["id"], id.as_str());
    assert_eq!(anew.json()["is_mine"], true);
    assert_eq!(mira.get(PATH).await.json()["id"], anew.json()["id"], "the conversation leads to the new one");
    // Who still has the old one before her is led to the new one, not to a third.
    let again = start(&app, "tomas", customer).await;
    assert_eq!((again.status, &again.json()["id"]), (200, &anew.json()["id"]));
    assert_eq!(tomas.open(&id).await["can_start_anew"], true);
}

#[tokio::test]
async fn after_a_judgement_nothing_is_started_anew() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    for (act, path, expected) in [("reject", "reject", false), ("could_not_verify", "could-not-verify", true)] {
        let id = flow_session(&app, "retail-de").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        let ended = mira.act(&id, path, json!({ "reason": mira.reason_for(act).await })).await;
        assert_eq!(ended["can_start_anew"], expected, "{act}");
    }
}

#[tokio::test]
async fn a_session_that_an_agent_starts_has_the_same_steps_and_the_language_that_she_chose() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let mut new = json!({ "customer_id": "C-7", "queue": "retail-de", "language": "{{lang}}" });
    assert_eq!(mira.post(PATH, &new).await.code(), "invalid");
    new["language"] = json!("de-AT");
    let started = mira.post(PATH, &new).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let id = started.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(session_of(&app, &id).await.language.as_str(), "de");
    let link = mira.try_act(&id, "link", json!({ "in_force": true })).await.json();
    let message = link["message"].as_str().unwrap();
    assert!(
        message.starts_with("Bitte machen Sie hier mit der Prüfung von Ausweis und Gesicht weiter: http"),
        "{message}"
    );
    app.work().await;
    let visitor = Visitor::by_link(&app, link["url"].as_str().unwrap()).await;
    assert_eq!(visitor.capture().await, app.veriff.capture_url(&app.veriff.sessions_of(&id)[0]).unwrap());
    let me = mira.get("/api/me").await.json();
    assert_eq!(me["languages"][1], json!({ "code": "de", "name": "Deutsch" }));
}
