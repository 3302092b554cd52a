//! A request that is sent again with its key acts once and is answered as the first was: afterwards, and while the first is still under
//! way.

use std::sync::Arc;

use kyc_tests::database::Kind;
use kyc_tests::{Answer, Setup, TestApp};
use serde_json::{Value, json};

const KEY: &str = "one-intent-of-mine";
const OTHER: &str = "another-intent-of-mine";

/// Entries about a session with this action, by how they ended.
async fn entries(app: &TestApp, id: &str, action: &str, outcome: &str) -> usize {
    let log = app.audit_log().await;
    let says = |line: &&str| line.contains(id) && line.contains(&format!(r#""action":"{action}""#));
    log.lines().filter(says).filter(|line| line.contains(&format!(r#""outcome":"{outcome}""#))).count()
}

async fn done(app: &TestApp, id: &str, action: &str) -> usize {
    entries(app, id, action, "ok").await
}

fn a_name() -> Value {
    json!({ "field": "full_name", "origin": "claim", "reason": "ask_the_customer" })
}

#[tokio::test]
async fn next_asked_again_hands_out_the_same_session() {
    let app = TestApp::start().await;
    let first = app.verified_session().await;
    app.advance(1);
    let second = app.verified_session().await;
    let mira = app.staff("mira").await;
    for _ in 0..2 {
        assert_eq!(mira.post_keyed("/api/sessions/next", KEY, &json!({})).await.json()["id"], first.as_str());
    }
    let another = mira.post_keyed("/api/sessions/next", OTHER, &json!({})).await;
    assert_eq!(another.json()["id"], second.as_str(), "another key is another wish");
    let other = mira.post_keyed("/api/sessions/next", KEY, &json!({ "another": "body" })).await;
    assert_eq!(other.code(), "idempotency_key_reused");
    assert_eq!(done(&app, &first, "lease_taken").await, 1);
    let tomas = app.staff("tomas").await;
    assert_eq!(tomas.post_keyed("/api/sessions/next", KEY, &json!({})).await.text, "null", "a key is its caller's own");
    let third = app.verified_session().await;
    let again = tomas.post_keyed("/api/sessions/next", KEY, &json!({})).await;
    assert_eq!(again.text, "null", "she was told that nobody waits");
    assert_eq!(done(&app, &third, "lease_taken").await, 0);
}

#[tokio::test]
async fn starting_for_a_conversation_again_gives_the_same_session() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let path = "/api/conversations/conv-7/session";
    let body = json!({ "customer_id": "C-7", "queue": "retail-de" });
    let started = mira.post_keyed(path, KEY, &body).await;
    let id = started.json()["id"].as_str().unwrap().to_owned();
    // It may be over by then: the answer is still about the session that was started.
    mira.act(&id, "reject", json!({ "reason": "customer_refuses" })).await;
    let again = mira.post_keyed(path, KEY, &body).await;
    assert_eq!((started.status, again.status), (201, 201), "{}", again.text);
    assert_eq!(again.json()["id"], id.as_str());
    assert_eq!(again.json()["status"], "rejected");
    let other = mira.post_keyed(path, KEY, &json!({ "customer_id": "C-8", "queue": "retail-de" })).await;
    assert_eq!(other.code(), "idempotency_key_reused");
    let anew = mira.post_keyed(path, OTHER, &body).await;
    assert_eq!(anew.status, 201);
    assert_ne!(anew.json()["id"], id.as_str());
}

#[tokio::test]
async fn a_reveal_asked_for_again_is_answered_and_not_counted_twice() {
    let app = TestApp::with(Setup { policy: "reveals_per_person = 1", ..Setup::default() }).await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let path = format!("/api/sessions/{id}/reveal");
    for _ in 0..3 {
        let shown = mira.post_keyed(&path, KEY, &a_name()).await;
        assert_eq!((shown.status, shown.json()["text"].as_str()), (200, Some("Toomas Proovik")), "{}", shown.text);
    }
    let log = app.audit_log().await;
    assert_eq!(log.lines().filter(|line| line.contains("field_revealed")).count(), 1, "{log}");
    let mut other = a_name();
    other["field"] = json!("birth_date");
    assert_eq!(mira.post_keyed(&path, KEY, &other).await.code(), "idempotency_key_reused");
    assert_eq!(mira.post_keyed(&path, OTHER, &a_name()).await.code(), "limit_reached");
}

#[tokio::test]
async fn a_reveal_asked_for_again_after_its_time_is_another_one() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let path = format!("/api/sessions/{id}/reveal");
    assert_eq!(mira.post_keyed(&path, KEY, &a_name()).await.status, 200);
    app.advance(29);
    assert_eq!(mira.post_keyed(&path, KEY, &a_name()).await.status, 200);
    assert_eq!(done(&app, &id, "field_revealed").await, 1);
    app.advance(1);
    assert_eq!(mira.post_keyed(&path, KEY, &a_name()).await.status, 200);
    assert_eq!(mira.post_keyed(&path, KEY, &a_name()).await.status, 200);
    assert_eq!(done(&app, &id, "field_revealed").await, 2, "no clear text without an entry of its time");
}

#[tokio::test]
async fn a_reveal_asked_for_again_by_who_lost_the_case_is_refused() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let path = format!("/api/sessions/{id}/reveal");
    assert_eq!(mira.post_keyed(&path, KEY, &a_name()).await.status, 200);
    tomas.act(&id, "take", json!({ "reason": "shift_change" })).await;
    let again = mira.post_keyed(&path, KEY, &a_name()).await;
    assert_eq!(again.code(), "held_by_colleague", "{}", again.text);
    assert_eq!(entries(&app, &id, "field_revealed", "refused").await, 1);
}

/// Sends one request so often at the same time, on several threads.
async fn at_once(app: &Arc<TestApp>, cookie: &str, path: &str, body: &Value, keys: &[&'static str]) -> Vec<Answer> {
    let sent = keys.iter().map(|key| {
        let (app, cookie, path, body, key) = (Arc::clone(app), cookie.to_owned(), path.to_owned(), body.clone(), *key);
        tokio::spawn(async move { app.guest().with_cookie(&cookie).post_keyed(&path, key, &body).await })
    });
    let sent: Vec<_> = sent.collect();
    let mut answers = Vec::new();
    for one in sent {
        answers.push(one.await.unwrap());
    }
    answers
}

fn same(answers: &[Answer], status: u16) -> Value {
    for answer in answers {
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let each: Vec<(Value, Value)> =
        answers.iter().map(|answer| (answer.json()["id"].clone(), answer.json()["version"].clone())).collect();
    assert!(each.iter().all(|one| *one == each[0]), "{each:?}");
    each[0].0.clone()
}

async fn stage(kind: Kind) -> (Arc<TestApp>, String) {
    let app = Arc::new(TestApp::with(Setup { database: kind, ..Setup::default() }).await);
    let cookie = app.staff("mira").await.cookie.clone().unwrap();
    (app, cookie)
}

async fn a_command_is_carried_out_once(kind: Kind) {
    let (app, cookie) = stage(kind).await;
    let id = app.verified_session().await;
    let version = app.guest().with_cookie(&cookie).open(&id).await["version"].clone();
    let path = format!("/api/sessions/{id}/take");
    let answers =
        at_once(&app, &cookie, &path, &json!({ "expected_version": version, "reason": null }), &[KEY; 20]).await;
    same(&answers, 200);
    assert_eq!(done(&app, &id, "lease_taken").await, 1);
    assert_eq!(entries(&app, &id, "lease_taken", "refused").await, 0, "a repeat is no refusal");
}

async fn a_note_is_written_once(kind: Kind) {
    let (app, cookie) = stage(kind).await;
    let id = app.verified_session().await;
    app.guest().with_cookie(&cookie).act(&id, "take", json!({ "reason": null })).await;
    let path = format!("/api/sessions/{id}/notes");
    let answers = at_once(&app, &cookie, &path, &json!({ "text": "checked" }), &[KEY; 20]).await;
    same(&answers, 200);
    assert_eq!(answers[0].json()["notes"].as_array().unwrap().len(), 1);
    assert_eq!(done(&app, &id, "note_added").await, 1);
}

async fn next_hands_out_one(kind: Kind) {
    let (app, cookie) = stage(kind).await;
    let ids = [app.verified_session().await, app.verified_session().await];
    let answers = at_once(&app, &cookie, "/api/sessions/next", &json!({}), &[KEY; 20]).await;
    let id = same(&answers, 200);
    let mut taken = 0;
    for waiting in &ids {
        taken += done(&app, waiting, "lease_taken").await;
    }
    assert_eq!(taken, 1, "{id} alone");
}

async fn a_reveal_is_one(kind: Kind) {
    let (app, cookie) = stage(kind).await;
    let id = app.verified_session().await;
    app.guest().with_cookie(&cookie).act(&id, "take", json!({ "reason": null })).await;
    let answers = at_once(&app, &cookie, &format!("/api/sessions/{id}/reveal"), &a_name(), &[KEY; 20]).await;
    for answer in &answers {
        assert_eq!(answer.json()["text"], "Toomas Proovik", "{}", answer.text);
    }
    assert_eq!(done(&app, &id, "field_revealed").await, 1);
    assert_eq!(entries(&app, &id, "field_revealed", "refused").await, 0);
}

async fn one_session_is_started(kind: Kind) {
    let (app, cookie) = stage(kind).await;
    let body = json!({ "customer_id": "C-7", "queue": "retail-de" });
    let answers = at_once(&app, &cookie, "/api/conversations/conv-7/session", &body, &[KEY; 20]).await;
    let id = same(&answers, 201);
    assert_eq!(done(&app, id.as_str().unwrap(), "session_created").await, 1);
    assert_eq!(app.audit_log().await.matches("session_created").count(), 1);
    // So many wishes for one conversation: one starts it, the others are given it.
    let keys = ["wish-number-1", "wish-number-2", "wish-number-3", "wish-number-4", "wish-number-5"];
    let answers = at_once(&app, &cookie, "/api/conversations/conv-8/session", &body, &keys).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 201], "{answers:?}");
    assert_eq!(app.audit_log().await.matches("session_created").count(), 2);
}

/// Each on both databases, whatever the others run on.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $story() {
                super::$story(super::Kind::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $story() {
                super::$story(super::Kind::Postgres).await;
            })+
        }
    };
}

on_both! {
    a_command_is_carried_out_once,
    a_note_is_written_once,
    next_hands_out_one,
    a_reveal_is_one,
    one_session_is_started,
}
