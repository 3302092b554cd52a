//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): the identity provider says that somebody has signed out, and everything
//! she has here by that ends. Case by case as in the OpenID Foundation's conformance suite, and our own.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use kyc_sandbox::idp::Forgery;
use kyc_tests::database::Kind;
use kyc_tests::{Answer, Caller, Setup, TestApp, all_at_once};
use serde_json::{Value, json};
use sqlx::Row;

use crate::two_servers::Stream;

const PATH: &str = "/auth/oidc/bank/backchannel-logout";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn now(app: &TestApp) -> i64 {
    kyc_desk::clock::Clock::now(&app.clock).0 / 1_000_000
}

/// Signs in, and tells the id of the session at the identity provider.
async fn signed_in<'a>(app: &'a TestApp, login: &str) -> (Caller<'a>, String) {
    let sid: Arc<Mutex<String>> = Arc::default();
    let seen = Arc::clone(&sid);
    app.idp.next_token_with(move |claims| claims["sid"].as_str().unwrap().clone_into(&mut seen.lock().unwrap()));
    let caller = app.staff(login).await;
    let sid = sid.lock().unwrap().clone();
    (caller, sid)
}

fn sub(app: &TestApp, login: &str) -> String {
    app.idp.people().into_iter().find(|person| person.login == login).unwrap().sub
}

/// The claims of a logout token that is right.
fn claims(app: &TestApp, sid: &str) -> Value {
    json!({
        "iss": app.idp.issuer(), "aud": "kyc-desk", "iat": now(app), "exp": now(app) + 120, "jti": app.new_id(),
        "sub": sub(app, "mira"), "sid": sid, "events": { EVENT: {} },
    })
}

async fn post(app: &TestApp, path: &str, body: String) -> Answer {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    app.guest().send(&app.desk, request.body(Body::from(body)).unwrap()).await
}

async fn tell(app: &TestApp, token: &str) -> Answer {
    post(app, PATH, format!("logout_token={token}")).await
}

/// The newest entry about a logout: how it ended.
async fn last_entry(app: &TestApp) -> Value {
    let sql = "SELECT body FROM audit_entry WHERE body LIKE '%backchannel_logout%' ORDER BY seq DESC LIMIT 1";
    let row = sqlx::query(sql).fetch_optional(&app.database.raw().await).await.unwrap();
    let body: String = row.expect("there is an entry").get(0);
    serde_json::from_str::<Value>(&body).unwrap()["outcome"].clone()
}

async fn is_in(caller: &Caller<'_>) -> bool {
    caller.get("/api/me").await.status == 200
}

/// A token is refused for this reason, and nobody is signed out by it.
async fn refuses(app: &TestApp, caller: &Caller<'_>, token: &str, code: &str) {
    let answer = tell(app, token).await;
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "invalid_request" })), "{code}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(last_entry(app).await, json!({ "outcome": "refused", "code": code }));
    assert!(is_in(caller).await, "{code}");
}

#[tokio::test]
async fn plain() {
    let app = TestApp::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}{PATH}", listener.local_addr().unwrap());
    let desk = app.desk.clone();
    tokio::spawn(async move { axum::serve(listener, desk).await });
    app.idp.reconfigure(|idp| idp.backchannel_logout_uri = Some(uri));
    let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
    assert_eq!(app.idp.end_sign_ins_of("mira").await, Some(200));
    assert!(!is_in(&mira).await && is_in(&jo).await);
    assert_eq!(last_entry(&app).await, json!({ "outcome": "ok" }));
    assert!(app.audit_log().await.contains("sign_in_revoked"));
}

#[tokio::test]
async fn by_session_or_by_person_or_both() {
    let app = TestApp::start().await;
    for (gone, ends_other) in [("sub", false), ("sid", true), ("neither", false)] {
        let (here, sid) = signed_in(&app, "mira").await;
        let (there, _) = signed_in(&app, "mira").await;
        let (jo, _) = signed_in(&app, "jo").await;
        let mut claims = claims(&app, &sid);
        claims.as_object_mut().unwrap().remove(gone);
        let answer = tell(&app, &app.idp.sign("logout+jwt", &claims)).await;
        assert_eq!(
            (answer.status, answer.headers["cache-control"].to_str().unwrap()),
            (200, "no-store"),
            "without {gone}"
        );
        assert!(!is_in(&here).await, "without {gone}");
        assert_eq!(is_in(&there).await, !ends_other, "without {gone}");
        assert!(is_in(&jo).await, "without {gone}");
        there.post("/auth/logout", &json!({})).await;
        // Who signs in in the second in which she was signed out is refused once: nobody knows which was first.
        app.advance(1);
    }
}

#[tokio::test]
async fn the_session_of_one_and_the_name_of_another_end_nothing() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    let mut claims = claims(&app, &sid);
    claims["sub"] = json!(sub(&app, "jo"));
    assert_eq!(tell(&app, &app.idp.sign("logout+jwt", &claims)).await.status, 200);
    assert!(is_in(&mira).await);
}

/// One case each: what is wrong with the claims, and what that is called.
macro_rules! cases {
    ($($name:ident = |$app:ident, $claims:ident| $change:expr => $code:literal;)+) => {
        $(#[tokio::test]
        async fn $name() {
            let $app = TestApp::start().await;
            let (mira, sid) = signed_in(&$app, "mira").await;
            let mut $claims = claims(&$app, &sid);
            $change;
            let token = $app.idp.sign("logout+jwt", &$claims);
            refuses(&$app, &mira, &token, $code).await;
        })+
    };
}

fn drop_claim(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

cases! {
    no_event = |app, claims| drop_claim(&mut claims, "events") => "event_missing";
    wrong_event = |app, claims| claims["events"] = json!({ "http://schemas.openid.net/event/another": {} }) => "event_missing";
    event_that_is_no_object = |app, claims| claims["events"] = json!({ EVENT: true }) => "event_missing";
    with_nonce = |app, claims| claims["nonce"] = json!("n") => "nonce_present";
    wrong_aud = |app, claims| claims["aud"] = json!("another-client") => "aud_mismatch";
    additional_aud = |app, claims| claims["aud"] = json!(["kyc-desk", "another-client"]) => "aud_mismatch";
    no_aud = |app, claims| drop_claim(&mut claims, "aud") => "aud_mismatch";
    wrong_iss = |app, claims| claims["iss"] = json!("https://evil.example") => "token_iss_mismatch";
    nobody_named = |app, claims| {
        drop_claim(&mut claims, "sub");
        drop_claim(&mut claims, "sid");
    } => "nobody_named";
    no_jti = |app, claims| drop_claim(&mut claims, "jti") => "jti_missing";
    endless_jti = |app, claims| claims["jti"] = json!("x".repeat(256)) => "jti_missing";
    future_iat = |app, claims| claims["iat"] = json!(now(&app) + 61) => "iat_out_of_window";
    old_iat = |app, claims| claims["iat"] = json!(now(&app) - 301) => "iat_out_of_window";
    no_iat = |app, claims| drop_claim(&mut claims, "iat") => "iat_missing";
    expired = |app, claims| claims["exp"] = json!(now(&app) - 60) => "token_expired";
    no_exp = |app, claims| drop_claim(&mut claims, "exp") => "token_expired";
}

#[tokio::test]
async fn each_forgery() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    for (forgery, code) in [
        (Forgery::AlgNone, "algorithm_not_allowed"),
        (Forgery::PublicKeyAsSecret, "algorithm_not_allowed"),
        (Forgery::SecretAsKey, "algorithm_not_allowed"),
        (Forgery::WrongKey, "bad_signature"),
        (Forgery::ChangedPayload, "bad_signature"),
    ] {
        refuses(&app, &mira, &app.idp.forge("logout+jwt", &claims(&app, &sid), forgery), code).await;
    }
}

#[tokio::test]
async fn wrong_alg() {
    let app = TestApp::with(Setup { algorithms: &["ES256"], ..Setup::default() }).await;
    let (mira, sid) = signed_in(&app, "mira").await;
    app.idp.sign_by_rsa();
    refuses(&app, &mira, &app.idp.sign("logout+jwt", &claims(&app, &sid)), "algorithm_not_allowed").await;
}

#[tokio::test]
async fn a_token_of_another_kind() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    for typ in ["at+jwt", "application/secevent+jwt", ""] {
        refuses(&app, &mira, &app.idp.sign(typ, &claims(&app, &sid)), "not_a_logout_token").await;
    }
    let id_token = json!({
        "iss": app.idp.issuer(), "aud": "kyc-desk", "iat": now(&app), "exp": now(&app) + 300, "nonce": "n",
        "sub": sub(&app, "mira"), "sid": sid,
    });
    refuses(&app, &mira, &app.idp.sign("JWT", &id_token), "event_missing").await;
    for odd in ["", "x", "a.b.c", "..", "e30.e30.e30"] {
        refuses(&app, &mira, odd, "token_malformed").await;
    }
    for typ in ["JWT", "application/logout+jwt"] {
        let (mira, sid) = signed_in(&app, "mira").await;
        assert_eq!(tell(&app, &app.idp.sign(typ, &claims(&app, &sid))).await.status, 200, "{typ}");
        assert!(!is_in(&mira).await, "{typ}");
    }
}

#[tokio::test]
async fn oversize_or_no_token_at_all() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    let mut long = claims(&app, &sid);
    long["padding"] = json!("x".repeat(20 * 1024));
    refuses(&app, &mira, &app.idp.sign("logout+jwt", &long), "no_logout_token").await;
    assert_eq!(post(&app, PATH, String::new()).await.status, 400);
    let unknown = PATH.replace("bank", "nobody");
    assert_eq!(post(&app, &unknown, "logout_token=x".to_owned()).await.status, 404);
}

#[tokio::test]
async fn replayed() {
    let app = TestApp::start().await;
    let (_, sid) = signed_in(&app, "mira").await;
    let mut by_person = claims(&app, &sid);
    drop_claim(&mut by_person, "sid");
    let token = app.idp.sign("logout+jwt", &by_person);
    assert_eq!(tell(&app, &token).await.status, 200);
    app.advance(1);
    let (mira, _) = signed_in(&app, "mira").await;
    refuses(&app, &mira, &token, "replayed").await;
}

#[tokio::test]
async fn by_a_new_key() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    app.idp.rotate_key();
    assert_eq!(tell(&app, &app.idp.sign("logout+jwt", &claims(&app, &sid))).await.status, 200);
    assert!(!is_in(&mira).await);
    assert_eq!(app.idp.asked("/jwks"), 2);
    let forged = app.idp.sign("logout+jwt", &claims(&app, &sid));
    app.idp.rotate_key();
    let other = app.idp.sign("logout+jwt", &claims(&app, &sid));
    assert_eq!((tell(&app, &forged).await.status, tell(&app, &other).await.status), (200, 400));
    assert_eq!(app.idp.asked("/jwks"), 2, "unknown keys are no reason to ask again and again");
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_a_reason_to_try_again() {
    let app = TestApp::start().await;
    app.idp.go_down();
    let answer = tell(&app, &app.idp.sign("logout+jwt", &claims(&app, "sid"))).await;
    assert_eq!((answer.status, answer.headers.contains_key("retry-after")), (503, true));
}

#[tokio::test]
async fn what_waits_to_be_redeemed_ends_too() {
    let app = TestApp::start().await;
    for gone in ["sub", "sid"] {
        let guest = app.guest();
        let sid: Arc<Mutex<String>> = Arc::default();
        let seen = Arc::clone(&sid);
        app.idp.next_token_with(move |claims| claims["sid"].as_str().unwrap().clone_into(&mut seen.lock().unwrap()));
        let (verifier, txn, ticket) = guest.open_txn().await;
        let (cookie, location) = guest.begin(&ticket).await;
        guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
        let mut claims = claims(&app, &sid.lock().unwrap());
        drop_claim(&mut claims, gone);
        assert_eq!(tell(&app, &app.idp.sign("logout+jwt", &claims)).await.status, 200);
        assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "refused", "without {gone}");
        app.advance(1);
    }
}

#[tokio::test]
async fn what_was_vouched_for_before_lets_nobody_in_afterwards() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (cookie, location) = guest.begin(&ticket).await;
    let callback = guest.at_idp(&location, "mira").await;
    let mut by_person = claims(&app, "");
    drop_claim(&mut by_person, "sid");
    assert_eq!(tell(&app, &app.idp.sign("logout+jwt", &by_person)).await.status, 200);
    guest.callback(&callback, Some(&cookie)).await;
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "refused");
    assert_eq!(super::conformance::last_refusal(&app).await, "ended_at_idp");
    app.advance(1);
    assert_eq!(super::conformance::attempt(&app).await, Ok(()), "whoever signs in anew is let in");
}

#[tokio::test]
async fn every_widget_learns_at_once() {
    let app = TestApp::start().await;
    let (mira, sid) = signed_in(&app, "mira").await;
    let mut streams = [Stream::open(&app, &mira).await, Stream::open(&app, &mira).await];
    tell(&app, &app.idp.sign("logout+jwt", &claims(&app, &sid))).await;
    for stream in &mut streams {
        stream.until("signed_out").await;
        assert!(stream.next().await.is_none());
    }
}

#[tokio::test]
async fn every_widget_at_another_server_learns_at_once() {
    let first = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let second = first.beside().await;
    let (mira, sid) = signed_in(&first, "mira").await;
    let mut stream = Stream::open(&second, &mira.at(&second)).await;
    tell(&first, &first.idp.sign("logout+jwt", &claims(&first, &sid))).await;
    stream.until("signed_out").await;
    assert!(stream.next().await.is_none());
}

/// Requests of every kind that touches a sign-in, while it is ended from outside.
async fn nothing_revives(kind: Kind) {
    let app = TestApp::with(Setup { database: kind, ..Setup::default() }).await;
    let (mira, sid) = signed_in(&app, "mira").await;
    let token = app.idp.sign("logout+jwt", &claims(&app, &sid));
    let requests = (0..200).map(async |n| {
        if n == 60 {
            return tell(&app, &token).await.status;
        }
        match n % 3 {
            0 => mira.post("/api/me/activity", &json!({})).await.status,
            1 => mira.get("/api/me").await.status,
            _ => mira.post("/api/sessions/next", &json!({})).await.status,
        }
    });
    let statuses = all_at_once(requests).await;
    assert_eq!(statuses[60], 200);
    // A slow machine may keep some waiting for the database for longer than they may wait.
    assert!(statuses.iter().all(|status| matches!(status, 200 | 204 | 401 | 503)), "{statuses:?}");
    assert!(statuses.contains(&401), "none came after the end");
    assert!(!is_in(&mira).await);
    let sql = "SELECT COUNT(*) AS live FROM sign_in WHERE revoked_at IS NULL";
    let live: i64 = sqlx::query(sql).fetch_one(&app.database.raw().await).await.unwrap().get("live");
    assert_eq!(live, 0);
}

#[tokio::test]
async fn two_hundred_requests_in_flight_cannot_revive_it() {
    nothing_revives(Kind::Sqlite).await;
}

#[tokio::test]
async fn two_hundred_requests_in_flight_cannot_revive_it_on_postgres() {
    nothing_revives(Kind::Postgres).await;
}

/// Sign-ins that are being redeemed while their person is signed out: whichever comes first, none of them lives.
#[tokio::test]
async fn none_that_is_redeemed_meanwhile_survives_on_postgres() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let guest = app.guest();
    let mut finished = Vec::new();
    for _ in 0..6 {
        let (verifier, txn, ticket) = guest.open_txn().await;
        let (cookie, location) = guest.begin(&ticket).await;
        guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
        finished.push((txn, verifier));
    }
    let mut by_person = claims(&app, "");
    drop_claim(&mut by_person, "sid");
    let token = app.idp.sign("logout+jwt", &by_person);
    let answers = all_at_once((0..7).map(async |n| match n {
        3 => tell(&app, &token).await,
        n => {
            let (txn, verifier) = &finished[if n < 3 { n } else { n - 1 }];
            guest.redeem(txn, verifier).await
        }
    }))
    .await;
    assert_eq!(answers[3].status, 200, "{}", answers[3].text);
    for cookie in answers.iter().flat_map(Answer::cookies) {
        let caller = guest.clone().with_cookie(cookie.split(';').next().unwrap());
        assert!(!is_in(&caller).await);
    }
}
