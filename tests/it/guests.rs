//! Whoever is nobody: stopped by the address, kept out of the database and of the audit log, and in nobody's way.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use kyc_tests::{Answer, Caller, TestApp, fresh_key};

/// What one address may do in vain in a minute.
const ENOUGH: usize = 300;

async fn entries(app: &TestApp) -> u64 {
    app.app.store.read(&app.app.tenant).await.unwrap().find_head().await.unwrap().seq
}

async fn form(app: &TestApp, by: &Caller<'_>, path: &str, basic: Option<&str>, body: &'static str) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {}", BASE64_STANDARD.encode(basic)));
    }
    let router = if basic.is_some() { &app.edge } else { &app.desk };
    by.send(router, request.body(Body::from(body)).unwrap()).await
}

/// Rubbish at one of the doors that are open to everybody.
async fn throw(app: &TestApp, by: &Caller<'_>, door: &str) -> u16 {
    let rubbish = fresh_key();
    let answer = match door {
        "ticket" => by.post("/auth/popup/begin", &json!({ "ticket": rubbish })).await,
        "code" => by.post("/auth/popup/confirm", &json!({ "code": rubbish })).await,
        "callback" => {
            let cookie = format!("__Host-Http-kyc-login={rubbish}");
            by.callback("/auth/oidc/bank/callback?code=a&state=b", Some(&cookie)).await
        }
        "redeem" => by.redeem(&app.new_id(), &rubbish).await,
        "cookie" => {
            let id = BASE64_URL_SAFE_NO_PAD.encode(app.app.ids.opaque());
            by.clone().with_cookie(&format!("__Host-Http-kyc={id}")).get("/api/me").await
        }
        "logout" => form(app, by, "/auth/oidc/bank/backchannel-logout", None, "logout_token=rubbish").await,
        "secret" => {
            form(app, by, "/oauth/token", Some(&format!("flow:{rubbish}")), "grant_type=client_credentials").await
        }
        "token" => by.clone().with_token(rubbish).get_edge("/flow/v1/sessions/x", None).await,
        _ => panic!("{door} is no door"),
    };
    answer.status
}

#[tokio::test]
async fn rubbish_is_stopped_at_every_door() {
    let app = TestApp::start().await;
    let thrower = app.guest().from("203.0.113.9");
    for (door, told) in [
        ("ticket", 422),
        ("callback", 200),
        ("redeem", 404),
        ("cookie", 401),
        ("logout", 400),
        ("secret", 401),
        ("token", 401),
    ] {
        for _ in 0..ENOUGH {
            assert_eq!(throw(&app, &thrower, door).await, told, "{door}");
        }
        assert_eq!(throw(&app, &thrower, door).await, 429, "{door}");
        let elsewhere = app.guest().from("198.51.100.7");
        assert_eq!(throw(&app, &elsewhere, door).await, told, "{door}: somebody else");
        app.advance(60);
        assert_eq!(throw(&app, &thrower, door).await, told, "{door}: a minute later");
    }
}

#[tokio::test]
async fn who_has_thrown_enough_is_refused_before_the_database_is_asked() {
    let app = TestApp::start().await;
    let thrower = app.guest().from("203.0.113.9");
    let doors = ["ticket", "redeem", "cookie", "token"];
    for door in doors {
        for _ in 0..ENOUGH {
            throw(&app, &thrower, door).await;
        }
    }
    let pool = app.database.raw().await;
    for table in ["sign_in_txn", "web_session", "client_token"] {
        sqlx::query(&format!("ALTER TABLE {table} RENAME TO gone_{table}")).execute(&pool).await.unwrap();
    }
    for door in doors {
        assert_eq!(throw(&app, &thrower, door).await, 429, "{door}");
        let elsewhere = app.guest().from("198.51.100.7");
        assert_eq!(throw(&app, &elsewhere, door).await, 503, "{door}: here the database is asked");
    }
}

#[tokio::test]
async fn a_sign_in_is_looked_at_before_anything_is_written() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, _) = guest.open_txn().await;
    let _writing = app.app.store.begin(&app.app.tenant).await.unwrap();
    assert_eq!(guest.redeem(&app.new_id(), "x").await.status, 404);
    assert_eq!(guest.redeem(&txn, "another-verifier").await.status, 404);
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "pending");
}

#[tokio::test]
async fn a_call_centre_behind_one_address_works_and_signs_in_while_rubbish_is_thrown_from_it() {
    const ADDRESS: &str = "203.0.113.9";
    let app = TestApp::start().await;
    let mut mira = app.guest().from(ADDRESS);
    assert_eq!(mira.sign_in("mira").await["state"], "redeemed");
    let flow = app.flow().await.from(ADDRESS);
    let id = app.session().await;
    let thrower = app.guest().from(ADDRESS);
    for door in ["ticket", "callback", "redeem", "cookie", "logout", "secret", "token"] {
        for _ in 0..=ENOUGH {
            throw(&app, &thrower, door).await;
        }
        assert_eq!(throw(&app, &thrower, door).await, 429, "{door}");
    }
    for _ in 0..2 * ENOUGH {
        assert_eq!(mira.get("/api/me").await.status, 200);
        assert_eq!(flow.get_edge(&format!("/flow/v1/sessions/{id}"), Some(&id)).await.status, 200);
    }
    for agent in 0..200 {
        let mut caller = app.guest().from(ADDRESS);
        let (verifier, txn, ticket) = caller.open_txn().await;
        let (cookie, location) = caller.begin(&ticket).await;
        for _ in 0..3 {
            assert_eq!(caller.redeem(&txn, &verifier).await.json()["state"], "pending");
        }
        caller.callback(&caller.at_idp(&location, "mira").await, Some(&cookie)).await;
        let redeemed = caller.redeem(&txn, &verifier).await;
        assert_eq!(redeemed.json()["state"], "redeemed", "agent {agent}");
        caller.cookie = Some(redeemed.cookies()[0].split(';').next().unwrap().to_owned());
        assert_eq!(caller.get("/api/me").await.status, 200, "agent {agent}");
    }
}

#[tokio::test]
async fn what_was_good_once_is_no_way_round() {
    let app = TestApp::start().await;
    let mut mira = app.guest().from("203.0.113.9");
    mira.sign_in("mira").await;
    assert_eq!(mira.get("/api/me").await.status, 200);
    mira.post("/auth/logout", &json!({})).await;
    for _ in 0..ENOUGH {
        assert_eq!(mira.get("/api/me").await.status, 401);
    }
    assert_eq!(mira.get("/api/me").await.status, 429);
}

#[tokio::test]
async fn who_is_nobody_cannot_fill_the_audit_log() {
    let app = TestApp::start().await;
    let before = entries(&app).await;
    let one = app.guest().from("203.0.113.9");
    for _ in 0..100 {
        one.open_txn().await;
        for door in ["ticket", "callback", "redeem", "cookie", "logout", "secret", "token"] {
            throw(&app, &one, door).await;
        }
    }
    assert_eq!(entries(&app).await - before, 3, "the first callback, logout token and secret");
    let before = entries(&app).await;
    for network in 0..100 {
        for door in ["callback", "logout", "secret"] {
            throw(&app, &app.guest().from(&format!("198.51.100.{network}")), door).await;
        }
    }
    let added = entries(&app).await - before;
    assert!((3..=60).contains(&added), "{added} entries, however many addresses");
    app.advance(3600);
    let before = entries(&app).await;
    assert_eq!(throw(&app, &one, "secret").await, 401);
    assert_eq!(entries(&app).await - before, 1, "an hour later it is told again");
}

#[tokio::test]
async fn whom_the_identity_provider_knows_is_somebody() {
    let app = TestApp::start().await;
    let before = entries(&app).await;
    for _ in 0..3 {
        assert_eq!(app.guest().sign_in("noa").await["code"], "no_role");
    }
    assert_eq!(entries(&app).await - before, 3, "each try of a colleague without a role is an entry");
}
