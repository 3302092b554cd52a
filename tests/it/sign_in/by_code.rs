//! Signing in by a code that the agent types, where the widget and its window cannot reach each other; and every way in which a code is
//! worth nothing.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_tests::{Answer, Caller, TestApp, all_at_once, fresh_key};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Row;

const OFFICE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.7";

async fn with_codes() -> TestApp {
    let mut world = TestApp::start().await.leave();
    world.reword("[auth.idp.bank]", "[auth]\nconfirm_code = true\n[auth.idp.bank]\nlabel = \"Bank staff\"");
    TestApp::on(world).await
}

/// A panel that waits: its verifier, its sign-in's id and the code that it shows.
struct Panel {
    verifier: String,
    txn: String,
    code: String,
}

async fn wait_at(app: &TestApp, by: &Caller<'_>) -> Panel {
    let verifier = fresh_key();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let mut request = by.desk_request("POST", "/auth/txn");
    request = request.header("user-agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0.0.0 Safari/537.36");
    let body = json!({ "challenge": challenge, "by_code": true }).to_string();
    let opened = by.send(&app.desk, request.body(body.into()).unwrap()).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let text = |name: &str| opened.json()[name].as_str().unwrap().to_owned();
    Panel { verifier, txn: text("txn_id"), code: text("code") }
}

async fn typed(by: &Caller<'_>, code: &str) -> Answer {
    by.post("/auth/popup/confirm", &json!({ "code": code })).await
}

/// How the entries about codes ended, oldest first.
async fn entries(app: &TestApp) -> Vec<Value> {
    let sql = "SELECT body FROM audit_entry WHERE body LIKE '%sign_in_confirm_code_used%' ORDER BY seq";
    let rows = sqlx::query(sql).fetch_all(&app.database.raw().await).await.unwrap();
    let outcome = |row: &sqlx::any::AnyRow| serde_json::from_str::<Value>(&row.get::<String, _>(0)).unwrap();
    rows.iter().map(|row| outcome(row)["outcome"].clone()).collect()
}

async fn refuses(app: &TestApp, answer: &Answer, why: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{why}: {}", answer.text);
    assert_eq!(entries(app).await.last(), Some(&json!({ "outcome": "refused", "code": why })));
}

/// The same code with another last sign.
fn misread(code: &str) -> String {
    let other = if code.ends_with('A') { "B" } else { "A" };
    format!("{}{other}", &code[..7])
}

#[tokio::test]
async fn a_code_signs_in_the_panel_that_shows_it() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    let panel = wait_at(&app, &office).await;
    app.advance(60);
    let spaced = format!("{} {}", &panel.code[..4], &panel.code[4..]).to_lowercase();
    let confirmed = typed(&office, &spaced).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let shown = confirmed.json();
    assert_eq!((&shown["browser"], &shown["network"]), (&json!("Chrome, Windows"), &json!(OFFICE)));
    let since = shown["waits_since"].as_i64().unwrap();
    assert_eq!(kyc_desk::clock::Clock::now(&app.clock).0 - since, 60_000_000);
    assert_eq!(entries(&app).await, [json!({ "outcome": "ok" })]);
    let (cookie, location) = office.begin(shown["ticket"].as_str().unwrap()).await;
    office.callback(&office.at_idp(&location, "mira").await, Some(&cookie)).await;
    assert_eq!(office.redeem(&panel.txn, &panel.verifier).await.json()["state"], "redeemed");
}

#[tokio::test]
async fn a_code_counts_once() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    let panel = wait_at(&app, &office).await;
    let answers = all_at_once((0..8).map(|_| typed(&office, &panel.code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    refuses(&app, &typed(&office, &panel.code).await, "no_such_code").await;
}

#[tokio::test]
async fn a_code_lasts_three_minutes() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    let (in_time, late) = (wait_at(&app, &office).await, wait_at(&app, &office).await);
    app.advance(179);
    assert_eq!(typed(&office, &in_time.code).await.status, 200);
    app.advance(1);
    refuses(&app, &typed(&office, &late.code).await, "no_such_code").await;
}

#[tokio::test]
async fn a_code_may_be_tried_five_times() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    for (wrong, is_good_yet) in [(4, true), (5, false)] {
        let panel = wait_at(&app, &office).await;
        for _ in 0..wrong {
            refuses(&app, &typed(&office, &misread(&panel.code)).await, "wrong_code").await;
            app.advance(1);
        }
        assert_eq!(typed(&office, &panel.code).await.status == 200, is_good_yet, "after {wrong} wrong ones");
        app.advance(3_600);
    }
}

#[tokio::test]
async fn a_code_that_is_typed_in_another_network_is_worth_nothing_any_more() {
    let app = with_codes().await;
    let (office, elsewhere) = (app.guest().from(OFFICE), app.guest().from(ELSEWHERE));
    let panel = wait_at(&app, &office).await;
    refuses(&app, &typed(&elsewhere, &panel.code).await, "other_network").await;
    refuses(&app, &typed(&office, &panel.code).await, "no_such_code").await;
    assert_eq!(office.redeem(&panel.txn, &panel.verifier).await.json()["state"], "pending");
}

#[tokio::test]
async fn what_is_no_code_is_refused_and_repeats_nothing() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    for odd in ["", "AB3D4FG", "AB3D4FG78", "UUUUUUUU", "Ünterwegs", &"A".repeat(400)] {
        let answer = typed(&office, odd).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{odd}");
        assert!(odd.is_empty() || !answer.text.contains(odd), "{}", answer.text);
    }
}

#[tokio::test]
async fn without_the_switch_there_are_no_codes() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let challenge = "A".repeat(43);
    let refused = guest.post("/auth/txn", &json!({ "challenge": challenge, "by_code": true })).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "invalid"));
    assert_eq!(typed(&guest, "AB3D4FG7").await.status, 404);
    assert_eq!(guest.get("/auth/options").await.json()["by_code"], false);
}

#[tokio::test]
async fn whom_one_can_sign_in_with_is_told_and_nothing_else() {
    let app = with_codes().await;
    let told = app.guest().get("/auth/options").await.json();
    assert_eq!(told, json!({ "idps": [{ "name": "bank", "label": "Bank staff" }], "by_code": true }));
}

#[tokio::test]
async fn no_code_and_no_network_is_kept_in_clear() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    let panel = wait_at(&app, &office).await;
    let row = sqlx::query("SELECT selector, hash, network_hash, browser FROM confirm_code");
    let row = row.fetch_one(&app.database.raw().await).await.unwrap();
    let (selector, browser): (String, String) = (row.get(0), row.get(3));
    assert_eq!((selector.as_str(), browser.as_str()), (&panel.code[..3], "Chrome, Windows"));
    let hashes: [Vec<u8>; 2] = [row.get(1), row.get(2)];
    assert!(hashes.iter().all(|hash| hash.len() == 32), "{hashes:?}");
    assert!(!app.audit_log().await.contains(OFFICE));
}

#[tokio::test]
async fn who_guesses_codes_waits_and_a_code_that_is_typed_elsewhere_counts() {
    let app = with_codes().await;
    let (guesser, office) = (app.guest().from(ELSEWHERE), app.guest().from(OFFICE));
    for _ in 0..300 {
        assert_eq!(typed(&guesser, &fresh_key()).await.status, 422);
    }
    let refused = typed(&guesser, &fresh_key()).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many"));
    assert_eq!(refused.headers["retry-after"], "60");
    let panel = wait_at(&app, &office).await;
    assert_eq!(typed(&office, &panel.code).await.status, 200);
}

#[tokio::test]
async fn a_use_that_cannot_be_written_down_is_none() {
    let app = with_codes().await;
    let office = app.guest().from(OFFICE);
    let panel = wait_at(&app, &office).await;
    app.database.refuse_entries().await;
    assert_eq!(typed(&office, &panel.code).await.status, 503);
    app.database.take_entries().await;
    assert_eq!(typed(&office, &panel.code).await.status, 200, "the code is as good as before");
}
