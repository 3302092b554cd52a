//! Every door that changes something leaves an entry in the audit log, when it is opened and when it is refused. A new route that does
//! neither fails here; the exceptions each have their reason.

use serde_json::{Value, json};

use kyc_tests::{Caller, TestApp};

/// Routes that change something and write no entry, each with the reason. One that is no longer true fails.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("/api/me/activity", "feeds the idle clock of one's own sign-in; the end of the sign-in is an entry"),
    ("/auth/txn", "anybody may begin a sign-in, and nobody may fill the log; its outcome is an entry"),
    ("/auth/popup/begin", "uses up a ticket; its outcome is an entry"),
];

async fn entries(app: &TestApp) -> u64 {
    app.app.store.read(&app.app.tenant).await.unwrap().find_head().await.unwrap().seq
}

/// Takes the session if need be, then sends a command; gives how many entries that left.
async fn entries_of(app: &TestApp, by: &Caller<'_>, id: &str, act: &str, body: Value) -> u64 {
    let before = entries(app).await;
    let answer = by.try_act(id, act, body).await;
    assert_eq!(answer.status, 200, "{act}: {}", answer.text);
    entries(app).await - before
}

/// A case that uses every command once: who, which, with what.
fn steps<'a>(
    mira: &'a Caller<'a>,
    jo: &'a Caller<'a>,
    ines: &'a Caller<'a>,
) -> Vec<(&'a Caller<'a>, &'static str, Value)> {
    vec![
        (mira, "take", json!({ "reason": null })),
        (mira, "notes", json!({ "text": "checked" })),
        (mira, "mark", json!({ "item": "face_matches", "mark": "passed" })),
        (mira, "release", json!({})),
        (mira, "take", json!({ "reason": null })),
        (jo, "take", json!({ "reason": "shift_change" })),
        (mira, "take", json!({ "reason": "shift_change" })),
        (mira, "escalate", json!({ "reason": "needs_second_look" })),
        (ines, "unflag", json!({})),
        (mira, "take", json!({ "reason": null })),
        (mira, "poor-picture", json!({})),
        (mira, "mark", json!({ "item": "document_tilted", "mark": "passed" })),
        (mira, "mark", json!({ "item": "document_undamaged", "mark": "passed" })),
        (mira, "mark", json!({ "item": "knows_own_data", "mark": "passed" })),
        (mira, "mark", json!({ "item": "acts_freely", "mark": "passed" })),
        (mira, "propose", json!({ "reason": null })),
        (ines, "return", json!({ "reason": "look_again" })),
        (mira, "take", json!({ "reason": null })),
        (mira, "propose", json!({ "reason": null })),
        (ines, "approve", json!({})),
        (ines, "reopen", json!({ "reason": "new_information" })),
        (mira, "take", json!({ "reason": null })),
        (mira, "recapture", json!({ "item": "face", "reason": "glare" })),
        (mira, "withdraw", json!({})),
        (mira, "recapture", json!({ "item": "face", "reason": "glare" })),
        (mira, "reject", json!({ "reason": "customer_refuses" })),
        (ines, "reopen", json!({ "reason": "new_information" })),
        (mira, "take", json!({ "reason": null })),
        (mira, "could-not-verify", json!({ "reason": "bad_connection" })),
    ]
}

#[tokio::test]
async fn every_command_on_a_session_leaves_an_entry() {
    let app = TestApp::start().await;
    let (mira, jo, ines) = (app.staff("mira").await, app.staff("jo").await, app.staff("ines").await);
    let id = app.verified_session().await;
    for caller in [&mira, &jo, &ines] {
        caller.open(&id).await;
    }
    let mut tried = Vec::new();
    for (by, act, mut body) in steps(&mira, &jo, &ines) {
        if act == "notes" {
            let before = entries(&app).await;
            by.post(&format!("/api/sessions/{id}/notes"), &body).await;
            assert_eq!(entries(&app).await - before, 1, "notes");
        } else {
            body["expected_version"] = json!(0);
            assert_eq!(entries_of(&app, by, &id, act, body).await, 1, "{act}: use casework::command");
        }
        tried.push(act);
    }
    let document = serde_json::to_value(kyc_desk::http::openapi::document()).unwrap();
    for route in document["paths"].as_object().unwrap().keys() {
        let Some(act) = route.strip_prefix("/api/sessions/{session_id}/") else { continue };
        assert!(
            tried.contains(&act) || ["renew", "reveal", "link", "photo"].contains(&act),
            "{route} is not tried here"
        );
    }
}

#[tokio::test]
async fn every_reveal_and_every_refused_one_leaves_an_entry() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    for (field, reason, status) in [
        ("full_name", "ask_the_customer", 200),
        ("full_name", "curiosity", 422),
        ("card_number", "ask_the_customer", 404),
    ] {
        let before = entries(&app).await;
        assert_eq!(mira.reveal(&id, field, "claim", reason).await.status, status);
        assert_eq!(entries(&app).await - before, 1, "{field} for {reason}");
    }
}

#[tokio::test]
async fn what_only_goes_on_leaves_none() {
    let app = TestApp::start().await;
    let (mira, flow) = (app.staff("mira").await, app.flow().await);
    let id = app.session().await;
    let heartbeat = async || flow.post_edge(&format!("/flow/v1/sessions/{id}/heartbeat"), Some(&id), &json!({})).await;
    assert_eq!(heartbeat().await.status, 200);
    mira.act(&id, "take", json!({ "reason": null })).await;
    let before = entries(&app).await;
    app.advance(15);
    assert_eq!(heartbeat().await.status, 200);
    assert_eq!(mira.post(&format!("/api/sessions/{id}/renew"), &json!({})).await.status, 204);
    assert_eq!(entries(&app).await, before, "signs of life and renewals are told by what they end in");
    app.advance(45);
    app.work().await;
    assert_eq!(entries(&app).await - before, 1, "a lost connection is an entry");
}

#[tokio::test]
async fn the_other_doors_leave_an_entry_too() {
    let app = TestApp::start().await;
    let (mira, flow) = (app.staff("mira").await, app.flow().await);
    let id = app.session().await;
    app.bank_system().await;
    let path = format!("/flow/v1/sessions/{id}");
    let before = entries(&app).await;
    mira.post("/api/conversations/conv-9/session", &json!({ "customer_id": "C-9", "queue": "retail-de" })).await;
    assert!(entries(&app).await > before, "starting for a conversation");
    for (door, body) in [
        ("attempts", json!({})),
        ("quality", json!({ "attempt": 1, "score": 0.9 })),
        ("end", json!({ "is_abandoned": false })),
        ("resume", json!({ "conversation_id": format!("conv-{id}"), "customer_id": "C-4F2A-0093" })),
        ("escalate", json!({ "cause": "no_reply" })),
    ] {
        app.advance(1);
        let before = entries(&app).await;
        let answer = flow.post_edge(&format!("{path}/{door}"), Some(&id), &body).await;
        assert_eq!(answer.status, 200, "{door}: {}", answer.text);
        assert_eq!(entries(&app).await - before, 1, "{door}");
    }
    let before = entries(&app).await;
    app.claims(&id, 0).await;
    assert_eq!(entries(&app).await - before, 1, "claims");
    let (_, _, ticket) = mira.open_txn().await;
    for (door, reason) in EXCEPTIONS {
        let before = entries(&app).await;
        let body = match door {
            "/auth/txn" => json!({ "challenge": "A".repeat(43) }),
            "/auth/popup/begin" => json!({ "ticket": ticket }),
            _ => json!({}),
        };
        assert!(mira.post(door, &body).await.status < 300, "{door}");
        assert_eq!(entries(&app).await, before, "{door} leaves an entry now: take it off the list ({reason})");
    }
    let before = entries(&app).await;
    mira.post("/auth/logout", &json!({})).await;
    assert_eq!(entries(&app).await - before, 1, "signing out");
}

#[tokio::test]
async fn ending_what_somebody_else_began_leaves_an_entry() {
    let app = TestApp::start().await;
    let (ravi, tomas) = (app.staff("ravi").await, app.staff("tomas").await);
    let his = ravi.get("/api/sign-ins").await.json()["items"].clone();
    let his = his.as_array().unwrap().iter().find(|of| of["person"]["name"] == "Tomás Okafor").unwrap().clone();
    let before = entries(&app).await;
    ravi.post(&format!("/api/sign-ins/{}/end", his["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(entries(&app).await - before, 1, "ending somebody's sign-in");
    drop(tomas);
    app.staff("tomas").await;
    let before = entries(&app).await;
    ravi.post(&format!("/api/people/{}/sign-ins/end", his["person"]["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(entries(&app).await - before, 1, "ending all of somebody's");
}
