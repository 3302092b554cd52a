//! The rules for relying parties, case by case: those of the OpenID Foundation's conformance suite for the code flow, and our own. Each
//! provider here does one thing wrong; who is refused leaves the reason in the audit log.

use std::sync::{Arc, Mutex};

use kyc_sandbox::idp::{ACR_PASSWORD, Forgery, Part};
use kyc_tests::{Caller, Setup, TestApp, all_at_once, captured};
use serde_json::{Value, json};
use sqlx::Row;

/// The code of the newest refusal in the audit log.
pub async fn last_refusal(app: &TestApp) -> String {
    let sql = "SELECT body FROM audit_entry WHERE body LIKE '%sign_in_refused%' ORDER BY seq DESC LIMIT 1";
    let row = sqlx::query(sql).fetch_optional(&app.database.raw().await).await.unwrap();
    let body: String = row.expect("every refusal leaves an entry").get(0);
    let entry: Value = serde_json::from_str(&body).unwrap();
    entry["outcome"]["code"].as_str().unwrap().to_owned()
}

/// Signs in, as far as the provider lets one; the reason when that is refused.
pub async fn attempt(app: &TestApp) -> Result<(), String> {
    attempt_by(app, app.guest()).await
}

/// Ten people in ten networks at once: each is refused by an entry of her own.
async fn ten_attempts(app: &TestApp) -> Vec<Result<(), String>> {
    all_at_once((0..10).map(|network| attempt_by(app, app.guest().from(&format!("203.0.113.{network}"))))).await
}

async fn attempt_by(app: &TestApp, guest: Caller<'_>) -> Result<(), String> {
    let (verifier, txn, ticket) = guest.open_txn().await;
    if let Some((cookie, location)) = try_begin(&guest, &ticket).await {
        guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
    }
    let redeemed = guest.redeem(&txn, &verifier).await;
    match redeemed.json()["state"].as_str() {
        Some("redeemed") => Ok(()),
        Some("refused") => {
            assert!(redeemed.cookies().is_empty(), "a cookie for somebody who was refused");
            Err(last_refusal(app).await)
        }
        _ => panic!("{}", redeemed.text),
    }
}

async fn try_begin(guest: &Caller<'_>, ticket: &str) -> Option<(String, String)> {
    let begun = guest.post("/auth/popup/begin", &json!({ "ticket": ticket })).await;
    let cookie = begun.cookies().first()?.split(';').next()?.to_owned();
    Some((cookie, begun.json()["location"].as_str()?.to_owned()))
}

fn refused(code: &str) -> Result<(), String> {
    Err(code.to_owned())
}

/// Changes one claim of the next ID token.
fn claim(app: &TestApp, name: &'static str, value: Value) {
    app.idp.next_token_with(move |claims| {
        claims.insert(name.to_owned(), value);
    });
}

fn without(app: &TestApp, name: &'static str) {
    app.idp.next_token_with(move |claims| {
        claims.remove(name);
    });
}

fn now(app: &TestApp) -> i64 {
    kyc_desk::clock::Clock::now(&app.clock).0 / 1_000_000
}

/// One case each: what the provider does, and what comes of it.
macro_rules! cases {
    ($($name:ident = |$app:ident| $prepare:expr => $outcome:expr;)+) => {
        $(#[tokio::test]
        async fn $name() {
            let $app = TestApp::start().await;
            $prepare;
            assert_eq!(attempt(&$app).await, $outcome);
        })+
    };
}

cases! {
    idtoken_sig_es256 = |app| app.idp.behave() => Ok(());
    idtoken_sig_rs256 = |app| app.idp.sign_by_rsa() => Ok(());
    nonce_invalid = |app| claim(&app, "nonce", json!("another")) => refused("nonce_mismatch");
    nonce_missing = |app| without(&app, "nonce") => refused("nonce_mismatch");
    idtoken_sig_none = |app| app.idp.forge_next_token(Forgery::AlgNone) => refused("algorithm_not_allowed");
    invalid_sig_es256 = |app| app.idp.forge_next_token(Forgery::WrongKey) => refused("bad_signature");
    invalid_sig_rs256 = |app| {
        app.idp.sign_by_rsa();
        app.idp.forge_next_token(Forgery::WrongKey);
    } => refused("bad_signature");
    changed_after_signing = |app| app.idp.forge_next_token(Forgery::ChangedPayload) => refused("bad_signature");
    invalid_sig_hs256 = |app| app.idp.forge_next_token(Forgery::PublicKeyAsSecret) => refused("algorithm_not_allowed");
    hs256_with_the_clients_secret = |app| app.idp.forge_next_token(Forgery::SecretAsKey) => refused("algorithm_not_allowed");
    invalid_iss = |app| claim(&app, "iss", json!("https://evil.example")) => refused("token_iss_mismatch");
    iss_with_another_slash = |app| {
        let issuer = format!("{}/", app.idp.issuer());
        claim(&app, "iss", json!(issuer));
    } => refused("token_iss_mismatch");
    invalid_aud = |app| claim(&app, "aud", json!("another-client")) => refused("aud_mismatch");
    missing_aud = |app| without(&app, "aud") => refused("aud_mismatch");
    additional_aud = |app| claim(&app, "aud", json!(["kyc-desk", "another-client"])) => refused("aud_mismatch");
    azp_of_another_client = |app| claim(&app, "azp", json!("another-client")) => refused("azp_mismatch");
    azp_of_ours = |app| claim(&app, "azp", json!("kyc-desk")) => Ok(());
    missing_iat = |app| without(&app, "iat") => refused("token_malformed");
    iat_too_old = |app| {
        let iat = now(&app) - 301;
        claim(&app, "iat", json!(iat));
    } => refused("iat_out_of_window");
    iat_in_the_future = |app| {
        let iat = now(&app) + 61;
        claim(&app, "iat", json!(iat));
    } => refused("iat_out_of_window");
    iat_of_a_clock_that_is_a_minute_ahead = |app| {
        let iat = now(&app) + 60;
        claim(&app, "iat", json!(iat));
    } => Ok(());
    expired = |app| {
        let exp = now(&app) - 60;
        claim(&app, "exp", json!(exp));
    } => refused("token_expired");
    missing_exp = |app| without(&app, "exp") => refused("token_malformed");
    missing_sub = |app| without(&app, "sub") => refused("token_malformed");
    empty_sub = |app| claim(&app, "sub", json!("")) => refused("sub_missing");
    kid_absent_single_jwks = |app| app.idp.rewrite(Part::TokenHeader, drop_kid) => Ok(());
    kid_absent_multiple_jwks = |app| {
        app.idp.rotate_key_keeping_old();
        app.idp.rewrite(Part::TokenHeader, drop_kid);
    } => refused("ambiguous_key");
    invalid_athash = |app| claim(&app, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")) => refused("at_hash_mismatch");
    missing_athash = |app| without(&app, "at_hash") => Ok(());
    another_typ = |app| app.idp.rewrite(Part::TokenHeader, |header| header["typ"] = json!("logout+jwt")) => refused("token_refused");
    critical_header = |app| app.idp.rewrite(Part::TokenHeader, |header| header["crit"] = json!(["b64"])) => refused("token_refused");
    auth_time_in_the_future = |app| {
        let at = now(&app) + 61;
        claim(&app, "auth_time", json!(at));
    } => refused("auth_time_in_future");
    groups_left_out = |app| claim(&app, "_claim_names", json!({ "groups": "src1" })) => refused("groups_left_out");
    discovery_issuer_mismatch = |app| {
        app.idp.rewrite(Part::Metadata, |metadata| metadata["issuer"] = json!("https://evil.example"));
    } => refused("metadata_issuer_mismatch");
    metadata_that_sends_the_browser_into_a_script = |app| {
        app.idp.rewrite(Part::Metadata, |metadata| metadata["authorization_endpoint"] = json!("javascript:alert(1)"));
    } => refused("metadata_unsafe_address");
    metadata_without_end = |app| {
        app.idp.rewrite(Part::Metadata, |metadata| metadata["padding"] = json!("x".repeat(300 * 1024)));
    } => refused("discovery");
    id_token_missing = |app| app.idp.rewrite(Part::TokenAnswer, |answer| {
        answer.as_object_mut().unwrap().remove("id_token");
    }) => refused("id_token_missing");
    answer_with_another_state = |app| app.idp.rewrite(Part::Answer, |answer| answer["state"] = json!("x")) => refused("state_mismatch");
    answer_of_another_issuer = |app| {
        app.idp.rewrite(Part::Answer, |answer| answer["iss"] = json!("https://evil.example"));
    } => refused("iss_mismatch");
    answer_without_its_issuer = |app| app.idp.rewrite(Part::Answer, drop_iss) => refused("iss_missing");
    answer_without_its_issuer_where_none_is_promised = |app| {
        app.idp.rewrite(Part::Metadata, |metadata| {
            metadata.as_object_mut().unwrap().remove("authorization_response_iss_parameter_supported");
        });
        app.idp.rewrite(Part::Answer, drop_iss);
    } => Ok(());
    answer_without_a_code = |app| app.idp.rewrite(Part::Answer, |answer| {
        answer.as_object_mut().unwrap().remove("code");
    }) => refused("code_missing");
    answer_with_an_error = |app| app.idp.rewrite(Part::Answer, |answer| answer["error"] = json!("access_denied")) => refused("idp_error");
    answer_with_another_code = |app| app.idp.rewrite(Part::Answer, |answer| answer["code"] = json!("x")) => refused("code_refused");
}

fn drop_kid(header: &mut Value) {
    header.as_object_mut().unwrap().remove("kid");
}

fn drop_iss(answer: &mut Value) {
    answer.as_object_mut().unwrap().remove("iss");
}

#[tokio::test]
async fn an_algorithm_that_is_not_configured_is_refused() {
    let app = TestApp::with(Setup { algorithms: &["RS256"], ..Setup::default() }).await;
    assert_eq!(attempt(&app).await, refused("algorithm_not_allowed"), "the identity provider signs with ES256");
}

#[tokio::test]
async fn signing_key_rotation() {
    let app = TestApp::start().await;
    assert_eq!(attempt(&app).await, Ok(()));
    app.idp.rotate_key_keeping_old();
    app.advance(3600);
    assert_eq!(attempt(&app).await, Ok(()));
    assert_eq!(app.idp.asked("/jwks"), 2, "the keys were read anew with the hour, not because one was unknown");
}

#[tokio::test]
async fn signing_key_rotation_just_before_signing() {
    let app = TestApp::start().await;
    assert_eq!(attempt(&app).await, Ok(()));
    app.idp.rotate_key();
    assert_eq!(attempt(&app).await, Ok(()), "an unknown key is reason to look once more");
    assert_eq!(app.idp.asked("/jwks"), 2);
    app.idp.rotate_key();
    assert_eq!(attempt(&app).await, refused("unknown_key"), "but not twice in a minute");
    assert_eq!(app.idp.asked("/jwks"), 2);
    app.advance(60);
    assert_eq!(attempt(&app).await, Ok(()));
}

#[tokio::test]
async fn a_key_that_nobody_has_makes_us_look_once() {
    let app = TestApp::start().await;
    assert_eq!(attempt(&app).await, Ok(()));
    app.idp.rewrite(Part::TokenHeader, |header| header["kid"] = json!("nobody's"));
    let attempts = ten_attempts(&app).await;
    assert!(attempts.iter().all(|attempt| *attempt == refused("unknown_key")), "{attempts:?}");
    assert_eq!(app.idp.asked("/jwks"), 2, "ten at once, and one look");
}

#[tokio::test]
async fn of_many_who_begin_at_once_one_asks_for_the_metadata() {
    let app = TestApp::start().await;
    let begun = all_at_once((0..10).map(|_| app.app.idps["bank"].begin("handle", None))).await;
    assert!(begun.iter().all(Result::is_ok), "{begun:?}");
    assert_eq!(app.idp.asked("/.well-known/openid-configuration"), 1);
}

#[tokio::test]
async fn metadata_is_believed_for_an_hour() {
    let app = TestApp::start().await;
    assert_eq!(attempt(&app).await, Ok(()));
    app.idp.rewrite(Part::Metadata, |metadata| metadata["issuer"] = json!("https://evil.example"));
    app.advance(3599);
    assert_eq!(attempt(&app).await, Ok(()));
    app.advance(1);
    assert_eq!(attempt(&app).await, refused("metadata_issuer_mismatch"));
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_asked_by_everybody_and_found_again() {
    let app = TestApp::start().await;
    app.idp.go_down();
    let attempts = ten_attempts(&app).await;
    assert!(attempts.iter().all(|attempt| *attempt == refused("discovery")), "{attempts:?}");
    assert_eq!(app.idp.asked("/.well-known/openid-configuration"), 1);
    app.idp.behave();
    app.advance(5);
    assert_eq!(attempt(&app).await, Ok(()));
}

/// An installation whose identity provider is configured with these lines too.
async fn with_lines(lines: &str) -> TestApp {
    let mut world = TestApp::start().await.leave();
    world.reword("client_id = \"kyc-desk\"", &format!("client_id = \"kyc-desk\"\n{lines}"));
    TestApp::on(world).await
}

#[tokio::test]
async fn who_proved_it_too_long_ago_must_do_it_again() {
    let app = with_lines("max_age_minutes = 30").await;
    assert_eq!(attempt(&app).await, Ok(()));
    for (ago, outcome) in [(30 * 60 + 60, Ok(())), (30 * 60 + 61, refused("auth_time_too_old"))] {
        let at = now(&app) - ago;
        claim(&app, "auth_time", json!(at));
        assert_eq!(attempt(&app).await, outcome, "{ago} s ago");
    }
    without(&app, "auth_time");
    assert_eq!(attempt(&app).await, refused("auth_time_missing"));
    claim(&app, "auth_time", json!("now"));
    assert_eq!(attempt(&app).await, refused("token_malformed"));
}

#[tokio::test]
async fn max_age_and_acr_are_asked_for() {
    let app = with_lines("max_age_minutes = 30\nacr_values = [\"a\", \"b\"]").await;
    let guest = app.guest();
    let (_, _, ticket) = guest.open_txn().await;
    let (_, location) = guest.begin(&ticket).await;
    assert!(location.contains("max_age=1800") && location.contains("acr_values=a+b"), "{location}");
    let plain = TestApp::start().await;
    let (_, _, ticket) = plain.guest().open_txn().await;
    let (_, location) = plain.guest().begin(&ticket).await;
    assert!(!location.contains("max_age") && !location.contains("acr_values"), "{location}");
}

#[tokio::test]
async fn what_was_reached_must_be_among_what_is_accepted() {
    let app = with_lines(&format!("acr_values = [\"phr\", \"{ACR_PASSWORD}\"]")).await;
    assert_eq!(attempt(&app).await, Ok(()));
    for odd in [json!("0"), json!(""), json!(null)] {
        claim(&app, "acr", odd.clone());
        assert_eq!(attempt(&app).await, refused("acr_not_accepted"), "{odd}");
    }
    without(&app, "acr");
    assert_eq!(attempt(&app).await, refused("acr_not_accepted"), "what was asked for is no proof");
    app.idp.next_token_with(|claims| {
        claims.remove("acr");
        claims.insert("acrs".to_owned(), json!(["c1", "phr"]));
    });
    assert_eq!(attempt(&app).await, Ok(()), "a list, as Entra writes it");
}

#[tokio::test]
async fn roles_may_come_from_userinfo() {
    let app = with_lines("userinfo = true").await;
    without(&app, "roles");
    assert_eq!(attempt(&app).await, Ok(()));
    assert_eq!(app.idp.asked("/userinfo"), 1, "by the header: the provider takes the token nowhere else");
    let plain = TestApp::start().await;
    without(&plain, "roles");
    assert_eq!(attempt(&plain).await, refused("no_role"));
    assert_eq!(plain.idp.asked("/userinfo"), 0);
}

#[tokio::test]
async fn userinfo_invalid_sub() {
    let app = with_lines("userinfo = true").await;
    for odd in [json!("somebody-else"), json!("")] {
        let sub = odd.clone();
        app.idp.rewrite(Part::Userinfo, move |about| about["sub"] = sub.clone());
        assert_eq!(attempt(&app).await, refused("userinfo_sub_mismatch"), "{odd}");
    }
    app.idp.rewrite(Part::Userinfo, |about| {
        about.as_object_mut().unwrap().remove("sub");
    });
    assert_eq!(attempt(&app).await, refused("userinfo_refused"));
}

#[tokio::test]
async fn userinfo_replaces_nothing_that_the_id_token_says() {
    let app = with_lines("userinfo = true").await;
    claim(&app, "roles", json!([]));
    assert_eq!(attempt(&app).await, refused("no_role"));
}

#[tokio::test]
async fn no_token_is_in_any_log_or_entry_or_answer() {
    let app = with_lines("userinfo = true").await;
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (tokens, codes) = (Arc::clone(&seen), Arc::clone(&seen));
    app.idp.rewrite(Part::TokenAnswer, move |answer| {
        for name in ["id_token", "access_token"] {
            tokens.lock().unwrap().push(answer[name].as_str().unwrap().to_owned());
        }
    });
    app.idp.rewrite(Part::Answer, move |answer| {
        for name in ["code", "state"] {
            codes.lock().unwrap().push(answer[name].as_str().unwrap().to_owned());
        }
    });
    assert_eq!(attempt(&app).await, Ok(()));
    for forgery in [Forgery::AlgNone, Forgery::WrongKey, Forgery::SecretAsKey] {
        app.idp.forge_next_token(forgery);
        assert!(attempt(&app).await.is_err());
    }
    for missing in ["aud", "iat", "sub", "nonce"] {
        without(&app, missing);
        assert!(attempt(&app).await.is_err());
    }
    app.idp.rewrite(Part::Userinfo, |about| about["sub"] = json!("somebody-else"));
    assert!(attempt(&app).await.is_err());
    let log = captured();
    let entries: Vec<String> = sqlx::query("SELECT body FROM audit_entry")
        .fetch_all(&app.database.raw().await)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let answers = app.answers.lock().unwrap().clone();
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 30, "{}", seen.len());
    for secret in seen.iter() {
        assert!(!log.contains(secret), "the log holds a token");
        assert!(entries.iter().all(|entry| !entry.contains(secret)), "the audit log holds a token");
        // The state is ours, and is in the address that the popup goes to.
        assert!(secret.len() == 43 || !answers.contains(secret), "an answer holds a token");
    }
}
