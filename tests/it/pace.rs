//! Who may ask how often, and who comes first: what nobody waits for leaves half of what may be asked to those who wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_sandbox::veriff::Step;
use kyc_tests::{Setup, TestApp};
use serde_json::json;

use crate::genesys::{begin, conversation, session_with};
use crate::jobs::signed;

#[tokio::test]
async fn a_client_that_asks_too_often_waits_and_no_other_does() {
    let app = TestApp::with(Setup { http: "client_requests_per_minute = 5", ..Setup::default() }).await;
    let id = app.session().await;
    let (flow, path) = (app.flow().await, format!("/flow/v1/sessions/{id}"));
    for _ in 0..4 {
        assert_eq!(flow.get_edge(&path, Some(&id)).await.status, 200, "the session was the first request");
    }
    let refused = flow.get_edge(&path, Some(&id)).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many"));
    assert_eq!(refused.headers["retry-after"], "60");
    let elsewhere = flow.clone().from("198.51.100.7").get_edge(&path, Some(&id)).await;
    assert_eq!(elsewhere.status, 429, "it is the client that is counted");
    assert_eq!(app.claims(&id, 0).await.status, 204, "another client is let in");
    app.advance(60);
    assert_eq!(flow.get_edge(&path, Some(&id)).await.status, 200);
}

/// An installation whose contact centre may be asked six times at once, and once more every ten seconds.
async fn frugal(lines: &'static str) -> TestApp {
    TestApp::with(Setup { genesys: Some(lines), ..Setup::default() }).await
}

/// Sessions of which their conversations are to be told.
async fn new_sessions(app: &TestApp, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = app.new_id();
        begin(app, &id, &["mira"]);
        let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        ids.push(id);
    }
    ids
}

/// An agent opens a case whose conversation has two agents: that takes three calls, for the conversation and for each of them.
async fn an_agent_is_let_in(app: &TestApp, id: &str) {
    let mira = app.staff("mira").await;
    let opened = mira.get(&format!("/api/sessions/{id}")).await;
    assert_eq!(opened.status, 200, "nothing is left for her: {}", opened.text);
}

#[tokio::test]
async fn what_conversations_are_told_leaves_half_to_agents_who_open_a_case() {
    let app = frugal("requests_per_minute = 6\nburst = 6").await;
    let id = session_with(&app, &["mira", "tomas"]).await;
    app.advance(600);
    app.work().await;
    new_sessions(&app, 6).await;
    app.advance(60);
    let before = app.contact_centre().requests().len();
    app.work().await;
    let asked = app.contact_centre().requests().len() - before;
    assert_eq!(asked, 3, "half of six");
    an_agent_is_let_in(&app, &id).await;
    app.advance(600);
    app.work().await;
    assert!(app.contact_centre().requests().len() > before + asked, "what had to wait goes on");
}

#[tokio::test]
async fn wrapping_up_leaves_half_to_agents_who_open_a_case() {
    for count in [1, 2, 4] {
        let app =
            frugal("requests_per_minute = 6\nburst = 6\nwrapup_codes = { agent_verification = \"code-1\" }").await;
        let id = session_with(&app, &["mira", "tomas"]).await;
        let others = new_sessions(&app, count).await;
        for _ in 0..20 {
            app.advance(30);
            app.work().await;
            for other in &others {
                let path = format!("/flow/v1/sessions/{other}/heartbeat");
                app.flow().await.post_edge(&path, Some(other), &json!({})).await;
            }
        }
        for other in &others {
            let path = format!("/flow/v1/sessions/{other}/escalate");
            let escalated = app.flow().await.post_edge(&path, Some(other), &json!({ "cause": "no_reply" })).await;
            assert_eq!(escalated.status, 200, "{}", escalated.text);
        }
        app.work().await;
        an_agent_is_let_in(&app, &id).await;
        for _ in 0..20 {
            app.advance(30);
            app.work().await;
        }
        for other in &others {
            let told = app.contact_centre().conversation(&conversation(other)).unwrap();
            assert_eq!(told.wrap_ups.len(), 1, "in the end each is wrapped up");
        }
    }
}

#[tokio::test]
async fn asking_for_lost_webhooks_leaves_half_to_customers_who_wait() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(app.session().await);
    }
    let mut world = app.leave();
    let fast = "is_default = true\nrequests_per_minute = 60000\nburst = 1000";
    world.reword(fast, "is_default = true\nrequests_per_minute = 1\nburst = 6");
    let app = TestApp::on(world).await;
    app.advance(61);
    let asked = || app.veriff.requests().iter().filter(|request| request.path.ends_with("/decision")).count();
    app.work().await;
    assert_eq!(asked(), 3, "half of six");
    // One customer has handed everything in, another waits for her link.
    let run = app.veriff.sessions_of(&ids[7]).remove(0);
    app.veriff.hold_webhooks();
    app.veriff.event(&run, Step::Submitted).await.unwrap();
    app.veriff.lose_held_webhooks();
    let body = json!({ "id": run, "attemptId": app.new_id(), "feature": "selfid", "code": 7999, "action": "changed", "vendorData": ids[7] });
    assert_eq!(signed(&app, &body).await, 200);
    app.work().await;
    assert_eq!(asked(), 4, "what a webhook announces is asked for at once");
    let new = app.session().await;
    assert_eq!(app.veriff.sessions_of(&new).len(), 1, "and she has her link");
}

#[tokio::test]
async fn a_bank_that_names_a_time_is_not_told_anything_before() {
    for answer in ["600", "Mon, 23 Nov 2026 09:10:00 GMT"] {
        let told = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&told);
        let busy = post(move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", answer)])
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/events", busy)).await });
        let app = TestApp::start().await;
        let id = app.session().await;
        let usual = app.bank.events_url();
        let mut world = app.leave();
        world.reword(&usual, &url);
        let app = TestApp::on(world).await;
        app.veriff.event(&app.veriff.sessions_of(&id)[0], Step::Submitted).await.unwrap();
        app.veriff.settle().await;
        app.work().await;
        assert_eq!(told.load(Ordering::SeqCst), 1, "{answer}");
        app.advance(599);
        app.work().await;
        assert_eq!(told.load(Ordering::SeqCst), 1, "{answer}");
        app.advance(1);
        app.work().await;
        assert_eq!(told.load(Ordering::SeqCst), 2, "{answer}");
    }
}
