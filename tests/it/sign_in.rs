//! Signing in: the protocol, and every way in which it must refuse.

mod administration;
mod by_code;
mod conformance;
mod leaving;
mod logout;
mod people;
mod proving;
mod saml;
mod several;
mod single_logout;
pub mod step_up;
mod step_up_saml;

use axum::body::Body;
use kyc_wire::ids::PersonId;
use serde_json::json;

use kyc_tests::{Caller, TestApp};

#[tokio::test]
async fn an_agent_signs_in_and_out() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let me = mira.get("/api/me").await.json();
    assert_eq!((me["name"].as_str(), me["roles"][0].as_str()), (Some("Mira Lindqvist"), Some("agent")));
    let out = mira.post("/auth/logout", &json!({})).await;
    assert_eq!(out.status, 200);
    let removal = "__Host-Http-kyc=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None; Partitioned";
    assert_eq!(out.cookies(), [removal]);
    assert_eq!(mira.get("/api/me").await.status, 401);
    let person: PersonId = me["id"].as_str().unwrap().parse().unwrap();
    let mut tx = app.app.store.read(&app.app.tenant).await.unwrap();
    let now = app.app.clock.now();
    let live = tx.list_live_sign_ins(person, now.plus_seconds(-900), now).await.unwrap();
    assert!(live.is_empty(), "the sign-in itself has ended, not only the cookie: {live:?}");
}

#[tokio::test]
async fn the_cookie_is_partitioned_and_for_us_alone() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (cookie, location) = guest.begin(&ticket).await;
    guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
    let set = guest.redeem(&txn, &verifier).await.cookies();
    let (name, attributes) = set[0].split_once(';').unwrap();
    assert!(name.starts_with("__Host-Http-kyc=") && name.len() > 30);
    assert_eq!(attributes, " Path=/; Max-Age=36000; Secure; HttpOnly; SameSite=None; Partitioned");
}

#[tokio::test]
async fn a_ticket_works_once() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (_, _, ticket) = guest.open_txn().await;
    guest.begin(&ticket).await;
    assert_eq!(guest.post("/auth/popup/begin", &json!({ "ticket": ticket })).await.code(), "invalid");
}

#[tokio::test]
async fn without_the_verifier_a_finished_sign_in_gives_nothing() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (cookie, location) = guest.begin(&ticket).await;
    guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
    assert_eq!(guest.redeem(&txn, "another-verifier").await.status, 404);
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "redeemed");
    let again = guest.redeem(&txn, &verifier).await;
    assert_eq!(
        (again.json()["state"].as_str(), again.cookies().len()),
        (Some("refused"), 0),
        "it can be redeemed once"
    );
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (_, location) = guest.begin(&ticket).await;
    let callback = guest.at_idp(&location, "mira").await;
    assert!(guest.callback(&callback, None).await.text.contains("refused"));
    assert!(guest.callback(&callback, Some("__Host-Http-kyc-login=stolen")).await.text.contains("refused"));
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "pending");
}

#[tokio::test]
async fn who_has_no_role_gets_no_access() {
    let app = TestApp::start().await;
    let mut noa = app.guest();
    let told = noa.sign_in("noa").await;
    assert_eq!((told["state"].as_str(), told["code"].as_str()), (Some("refused"), Some("no_role")));
    assert!(noa.cookie.is_none());
}

#[tokio::test]
async fn idle_and_absolute_limits_end_a_sign_in() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    for _ in 0..20 {
        app.advance(14 * 60);
        assert_eq!(mira.get("/api/me").await.status, 200);
        assert_eq!(mira.post("/api/me/activity", &json!({})).await.status, 204);
    }
    app.advance(15 * 60);
    assert_eq!(mira.get("/api/me").await.status, 401, "idle");
    assert_eq!(mira.post("/api/me/activity", &json!({})).await.status, 401, "and not to be revived");
    let tomas = app.staff("tomas").await;
    for _ in 0..42 {
        app.advance(14 * 60);
        tomas.post("/api/me/activity", &json!({})).await;
    }
    assert_eq!(tomas.get("/api/me").await.status, 200);
    app.advance(13 * 60);
    assert_eq!(tomas.get("/api/me").await.status, 401, "10 hours are over");
}

#[tokio::test]
async fn a_fourth_sign_in_ends_the_oldest() {
    let app = TestApp::start().await;
    let first = app.staff("mira").await;
    for _ in 0..3 {
        app.advance(1);
        app.staff("mira").await;
    }
    assert_eq!(first.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn requests_in_flight_cannot_revive_a_dead_sign_in() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let router = &app.desk;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let request = mira.desk_request("POST", "/api/me/activity").body(Body::from("{}")).unwrap();
        let router = router.clone();
        tasks.spawn(async move { tower::ServiceExt::oneshot(router, request).await.unwrap().status().as_u16() });
    }
    mira.post("/auth/logout", &json!({})).await;
    while let Some(status) = tasks.join_next().await {
        // A slow machine may keep some waiting for the database for longer than they may wait.
        assert!(matches!(status.unwrap(), 204 | 401 | 503));
    }
    assert_eq!(mira.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn every_sign_of_another_page_is_refused_on_every_door() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    for path in ["/auth/txn", "/auth/popup/begin", "/auth/logout", "/api/me/activity", "/api/sessions/next"] {
        for (header, value) in
            [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("x-kycdesk-csrf", "0")]
        {
            let mut request = mira.desk_request("POST", path).body(Body::from("{}")).unwrap();
            request.headers_mut().insert(header, value.parse().unwrap());
            let answer = mira.send(&app.desk, request).await;
            assert_eq!((answer.status, answer.code().as_str()), (403, "cross_site"), "{path} with {header}");
        }
    }
    assert_eq!(mira.get("/api/me").await.status, 200, "still signed in");
}

#[tokio::test]
async fn the_pages_of_the_popup_cannot_be_framed_and_keep_their_opener() {
    let app = TestApp::start().await;
    let page = app.guest().get("/auth/popup").await;
    let header = |name: &str| page.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert!(header("content-security-policy").ends_with("frame-ancestors 'none'"));
    assert_eq!(header("cross-origin-opener-policy"), "unsafe-none");
    assert_eq!(header("x-frame-options"), "DENY");
}

#[tokio::test]
async fn others_than_supervisors_do_not_know_the_supervisors_doors() {
    let app = TestApp::start().await;
    let (mira, sanna): (Caller<'_>, Caller<'_>) = (app.staff("mira").await, app.staff("sanna").await);
    let id = app.session().await;
    assert_eq!(mira.get("/api/floor").await.status, 404);
    assert_eq!(mira.get("/api/audit").await.status, 404);
    let body = json!({ "expected_version": 1 });
    assert_eq!(mira.post(&format!("/api/sessions/{id}/approve"), &body).await.status, 404);
    assert_eq!(
        sanna.post(&format!("/api/sessions/{id}/take"), &json!({ "expected_version": 1, "reason": null })).await.status,
        404
    );
    assert_eq!(sanna.open(&id).await["offers"], json!([]));
}
