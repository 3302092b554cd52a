//! Signing out at the identity provider too (OpenID Connect RP-Initiated Logout 1.0), after signing out here. `plain`, `no_state` and
//! `other_state` are cases of the OpenID Foundation's conformance suite.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kyc_tests::{Answer, Caller, TestApp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use url::Url;

use super::saml;
use super::several::two_idps;
use super::step_up::last;

/// Signs out here; the ticket with which to go on.
async fn out(by: &Caller<'_>) -> Option<String> {
    let answer = by.post("/auth/logout", &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(by.get("/api/me").await.status, 401, "she is signed out here, whatever she does now");
    answer.json()["at_idp"]["ticket"].as_str().map(str::to_owned)
}

/// The popup on its way: its cookie, and where it is sent.
async fn on_the_way(by: &Caller<'_>) -> (String, Url) {
    let ticket = out(by).await.expect("it is offered");
    let (cookie, location) = by.begin(&ticket).await;
    assert_eq!(location, "/auth/leave", "no script sees the token");
    let answer = by.callback(&location, Some(&cookie)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    (cookie, Url::parse(answer.headers["location"].to_str().unwrap()).unwrap())
}

fn asked(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Where the identity provider sends the popup back to.
async fn back(to: &Url) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(to.as_str()).send().await.unwrap();
    let url = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

async fn is_refused(app: &TestApp, page: &Answer, code: &str) {
    assert!(page.text.contains("Signed out here only"), "{}", page.text);
    assert_eq!(last(app, "signed_out_at_idp").await["outcome"], json!({ "outcome": "refused", "code": code }));
}

#[tokio::test]
async fn rp_init_logout_plain() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let me = mira.get("/api/me").await.json();
    let (cookie, to) = on_the_way(&mira).await;
    assert!(to.as_str().starts_with(app.idp.issuer()), "{to}");
    let token = asked(&to, "id_token_hint").unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let sub = app.idp.people().into_iter().find(|person| person.login == "mira").unwrap().sub;
    assert_eq!((&claims["sub"], &claims["iss"]), (&json!(sub), &json!(app.idp.issuer())));
    assert_eq!(asked(&to, "client_id").as_deref(), Some("kyc-desk"));
    let left = format!("{}/auth/oidc/bank/signed-out", app.desk_url);
    assert_eq!(asked(&to, "post_logout_redirect_uri"), Some(left));
    assert!(asked(&to, "state").unwrap().len() >= 43);
    let page = mira.callback(&back(&to).await, Some(&cookie)).await;
    assert!(page.text.contains("Signed out at your bank too"), "{}", page.text);
    assert!(page.cookies()[0].starts_with("__Host-Http-kyc-login=; Path=/; Max-Age=0"));
    let entry = last(&app, "signed_out_at_idp").await;
    assert_eq!((&entry["outcome"]["outcome"], &entry["actor"]["person"]), (&json!("ok"), &me["id"]));
}

#[tokio::test]
async fn rp_init_logout_no_state() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (cookie, _) = on_the_way(&mira).await;
    let page = mira.callback("/auth/oidc/bank/signed-out", Some(&cookie)).await;
    is_refused(&app, &page, "state_missing").await;
}

#[tokio::test]
async fn rp_init_logout_other_state() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (cookie, _) = on_the_way(&mira).await;
    let page = mira.callback("/auth/oidc/bank/signed-out?state=another", Some(&cookie)).await;
    is_refused(&app, &page, "state_mismatch").await;
}

#[tokio::test]
async fn it_counts_in_its_own_browser_and_once() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (cookie, to) = on_the_way(&mira).await;
    let path = back(&to).await;
    for other in [None, Some("__Host-Http-kyc-login=stolen")] {
        is_refused(&app, &mira.callback(&path, other).await, "no_login_cookie").await;
        assert!(mira.callback("/auth/leave", other).await.text.contains("Signed out here only"));
    }
    assert!(mira.callback(&path, Some(&cookie)).await.text.contains("Signed out at your bank too"));
    assert!(mira.callback(&path, Some(&cookie)).await.text.contains("Signed out here only"), "it was used up");
    assert!(mira.callback("/auth/leave", Some(&cookie)).await.text.contains("Signed out here only"));
}

#[tokio::test]
async fn what_leads_out_leads_nobody_in() {
    let app = TestApp::start().await;
    let (mira, guest) = (app.staff("mira").await, app.guest());
    let answer = mira.post("/auth/logout", &json!({})).await.json()["at_idp"].clone();
    let (cookie, _) = guest.begin(answer["ticket"].as_str().unwrap()).await;
    let (_, _, ticket) = guest.open_txn().await;
    let (_, location) = guest.begin(&ticket).await;
    let page = guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
    assert!(page.text.contains("Sign-in was refused"), "{}", page.text);
    let redeemed = guest.redeem(answer["txn_id"].as_str().unwrap(), "verifier").await;
    assert_eq!((redeemed.status, redeemed.cookies().len()), (404, 0));
}

/// What the server derives from the handle in the popup's cookie.
fn derived(handle: &str, purpose: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(handle.as_bytes()).unwrap();
    mac.update(purpose.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn what_leads_out_leads_nobody_in_who_knows_how_everything_is_derived() {
    let app = TestApp::start().await;
    let (mira, guest) = (app.staff("mira").await, app.guest());
    let (cookie, _) = guest.begin(&out(&mira).await.unwrap()).await;
    let handle = cookie.split_once('=').unwrap().1;
    let (_, _, ticket) = guest.open_txn().await;
    let (_, location) = guest.begin(&ticket).await;
    let mut asked = Url::parse(&location).unwrap();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(derived(handle, "pkce")));
    let ours = |name: &str, value: String| match name {
        "state" | "nonce" => derived(handle, name),
        "code_challenge" => challenge.clone(),
        _ => value,
    };
    let query: Vec<(String, String)> =
        asked.query_pairs().map(|(name, value)| (name.to_string(), ours(&name, value.into_owned()))).collect();
    asked.query_pairs_mut().clear().extend_pairs(query);
    let page = guest.callback(&guest.at_idp(asked.as_str(), "mira").await, Some(&cookie)).await;
    assert!(page.text.contains("Sign-in was refused"), "{}", page.text);
    assert_eq!(
        last(&app, "sign_in_refused").await["outcome"],
        json!({ "outcome": "refused", "code": "no_login_cookie" })
    );
}

#[tokio::test]
async fn it_comes_back_by_the_door_of_its_own_identity_provider() {
    let (app, _second) = two_idps().await;
    let mira = app.staff("mira").await;
    let (cookie, to) = on_the_way(&mira).await;
    let path = back(&to).await;
    let mixed_up = path.replace("/oidc/bank/", "/oidc/second/");
    assert_ne!(mixed_up, path);
    assert!(mira.callback(&mixed_up, Some(&cookie)).await.text.contains("Signed out here only"));
    assert!(mira.callback(&path, Some(&cookie)).await.text.contains("Signed out at your bank too"));
}

async fn tokens(app: &TestApp) -> Vec<Option<String>> {
    let rows =
        sqlx::query("SELECT id_token FROM sign_in ORDER BY created_at, id").fetch_all(&app.database.raw().await).await;
    rows.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn leaving(app: &TestApp) -> i64 {
    let sql = "SELECT COUNT(*) FROM sign_in_txn WHERE purpose LIKE '%leave%'";
    sqlx::query(sql).fetch_one(&app.database.raw().await).await.unwrap().get(0)
}

#[tokio::test]
async fn the_token_is_kept_sealed_and_no_longer_than_the_sign_in() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let kept = tokens(&app).await.remove(0).unwrap();
    let (_, to) = on_the_way(&mira).await;
    assert_eq!(tokens(&app).await, [None]);
    let token = asked(&to, "id_token_hint").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    assert!(parts.len() == 3 && kept.len() > 200 && parts.iter().all(|part| !kept.contains(part)), "{kept}");
    assert!(!kyc_tests::captured().contains(&token), "it is in the log");
}

#[tokio::test]
async fn the_token_of_somebody_else_does_not_open_in_its_place() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = tomas.get("/api/me").await.json()["id"].as_str().unwrap().to_owned();
    let sql = "UPDATE sign_in SET id_token = (SELECT id_token FROM sign_in WHERE person_id = $1) WHERE person_id <> $1";
    sqlx::query(sql).bind(id).execute(&app.database.raw().await).await.unwrap();
    let (cookie, location) = mira.begin(&out(&mira).await.unwrap()).await;
    let answer = mira.callback(&location, Some(&cookie)).await;
    assert_eq!((answer.status, answer.headers.contains_key("location")), (500, false), "{}", answer.text);
}

#[tokio::test]
async fn nobody_is_signed_out_there_who_did_not_sign_out_here() {
    let app = TestApp::start().await;
    let (idle, ended, ravi) = (app.staff("mira").await, app.staff("tomas").await, app.staff("ravi").await);
    let all = ravi.get("/api/sign-ins").await.json();
    let his = all["items"].as_array().unwrap().iter().find(|of| of["person"]["name"] == "Tomás Okafor").unwrap();
    ravi.post(&format!("/api/sign-ins/{}/end", his["id"].as_str().unwrap()), &json!({})).await;
    app.advance(16 * 60);
    for caller in [&idle, &ended] {
        assert_eq!(caller.post("/auth/logout", &json!({})).await.status, 401);
    }
    assert_eq!(leaving(&app).await, 0);
}

#[tokio::test]
async fn where_it_cannot_be_asked_it_is_not_offered() {
    let (app, _idp) = saml::with_saml("").await;
    assert_eq!(out(&saml::signed_in(&app, "mira").await).await, None);
    assert_eq!(leaving(&app).await, 0);
}

#[tokio::test]
async fn the_offer_ends_with_its_five_minutes() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let ticket = out(&mira).await.unwrap();
    app.advance(300);
    assert_eq!(mira.post("/auth/popup/begin", &json!({ "ticket": ticket })).await.status, 422);
}
