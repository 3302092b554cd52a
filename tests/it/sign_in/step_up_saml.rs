//! Step-up by SAML: asked for by `ForceAuthn` and `RequestedAuthnContext`, judged by the instant and the class that come back.

use kyc_sandbox::saml::{Draft, SamlIdp, instant};
use kyc_tests::{Answer, Caller, Setup, TestApp};
use serde_json::json;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::saml::{Form, NAME, asked_by, at_idp, begin, post, signed_in, with_saml_in};
use super::step_up::{is_asked, last, open, reveal};

/// The tests begin at this time, and those that use it do not move it.
const NOW: OffsetDateTime = datetime!(2026-11-23 09:00:00 UTC);
const SMARTCARD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI";
const POLICY: &str =
    "step_up = { reveal = { acr_values = [\"urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI\"] } }";
const LATELY: &str = "step_up = { reveal = { max_age_seconds = 300 } }";

async fn with(policy: &'static str) -> (TestApp, SamlIdp) {
    with_saml_in(Setup { policy, ..Setup::default() }, "").await
}

/// A case that Mira holds, and Mira.
async fn held(app: &TestApp) -> (Caller<'_>, String) {
    let mira = signed_in(app, "mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    (mira, id)
}

/// The proof, given by whoever this is: the popup's last page, and what the widget is told.
async fn give(by: &mut Caller<'_>, app: &TestApp, id: &str, login: &str) -> (String, Answer) {
    let (verifier, txn, ticket) = open(by, id, &["full_name"]).await;
    let (cookie, location) = by.begin(&ticket).await;
    let form = at_idp(&location, login).await;
    let page = post(app, &format!("/auth/saml/{NAME}/acs"), Some(&cookie), form.body()).await;
    let redeemed = by.redeem(&txn, &verifier).await;
    if let Some(cookie) = redeemed.cookies().first() {
        by.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }
    (page.text, redeemed)
}

#[tokio::test]
async fn a_proof_by_saml_is_for_one_act_once() {
    let (app, _idp) = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    is_asked(&reveal(&mira, &id, "full_name").await);
    let before = mira.clone();
    let (page, redeemed) = give(&mut mira, &app, &id, "mira").await;
    assert!(page.contains("Confirmed as Mira Lindqvist"), "{page}");
    assert_eq!(redeemed.json(), json!({ "state": "redeemed" }));
    assert_eq!(before.get("/api/me").await.status, 401, "the cookie from before is dead");
    is_asked(&reveal(&mira, &id, "birth_date").await);
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 200);
    is_asked(&reveal(&mira, &id, "full_name").await);
}

#[tokio::test]
async fn it_is_asked_for_by_force_and_in_exactly_these_ways() {
    let (app, _idp) = with(POLICY).await;
    let (mira, id) = held(&app).await;
    let usual = asked_by(&begin(&app).await.location);
    assert!(!usual.contains("ForceAuthn") && !usual.contains("RequestedAuthnContext"), "{usual}");
    let (_, _, ticket) = open(&mira, &id, &["full_name"]).await;
    let asked = asked_by(&mira.begin(&ticket).await.1);
    let context = format!(
        "<samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef>{SMARTCARD}\
         </saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
    );
    assert!(asked.contains(" ForceAuthn=\"true\" ") && asked.contains(&context), "{asked}");
}

/// The page that an identity provider shows a browser that has a sign-in there.
async fn page_for(cookie: &str, location: &str) -> String {
    let request = reqwest::Client::builder().build().unwrap().get(location).header("cookie", cookie);
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn whom_the_identity_provider_remembers_is_asked_again_all_the_same() {
    let (app, _idp) = with(LATELY).await;
    let begun = begin(&app).await;
    let answer = reqwest::get(format!("{}&auto=mira", begun.location)).await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let silent = page_for(&cookie, &begin(&app).await.location).await;
    assert!(!Form::in_page(&silent).response.is_empty(), "to sign in takes no typing");
    let (mira, id) = held(&app).await;
    let (_, _, ticket) = open(&mira, &id, &["full_name"]).await;
    let asked = page_for(&cookie, &mira.begin(&ticket).await.1).await;
    assert!(asked.contains("Choose who you are"), "{asked}");
}

/// The proof is refused for this reason: the widget is told the code, the auditor the reason, and nothing can be done with it.
async fn refuses(app: &TestApp, login: &str, (code, reason): (&str, &str)) {
    let (mut mira, id) = held(app).await;
    let before = mira.cookie.clone();
    let (page, redeemed) = give(&mut mira, app, &id, login).await;
    assert!(!page.contains("Confirmed as"), "{page}");
    assert_eq!(redeemed.json(), json!({ "state": "refused", "code": code }), "{reason}");
    let entry = last(app, "step_up_failed").await;
    assert_eq!(entry["outcome"], json!({ "outcome": "refused", "code": reason }));
    assert_eq!((entry["session"].as_str(), entry["detail"].as_str()), (Some(&*id), Some("reveal")));
    assert_eq!(mira.cookie, before);
    is_asked(&reveal(&mira, &id, "full_name").await);
    assert_eq!(mira.get("/api/me").await.status, 200, "the sign-in goes on");
}

fn ago(seconds: i64) -> String {
    instant(NOW - Duration::seconds(seconds))
}

/// One case each: what the identity provider says in the proof, and what comes of it.
macro_rules! refused {
    ($($name:ident($policy:expr): |$draft:ident| $change:expr => $code:literal, $reason:literal;)+) => {
        $(#[tokio::test]
        async fn $name() {
            let (app, idp) = with($policy).await;
            // The first response is of the sign-in itself.
            idp.next_response_with(|draft: &mut Draft| draft.assertion.id = "_first".to_owned());
            idp.next_response_with(|$draft: &mut Draft| { $change; });
            refuses(&app, "mira", ($code, $reason)).await;
        })+
    };
}

refused! {
    an_instant_from_before_is_no_proof(POLICY): |draft| draft.assertion.authn_instant = ago(61) => "not_proven", "auth_time_too_old";
    an_instant_from_longer_ago_than_allowed_is_no_proof(LATELY): |draft|
        draft.assertion.authn_instant = ago(361) => "not_proven", "auth_time_too_old";
    another_class_is_no_proof(POLICY): |draft| draft.assertion.context =
        Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password".to_owned()) => "not_proven", "acr_not_accepted";
    without_a_class_it_is_no_proof(POLICY): |draft| draft.assertion.context = None => "not_proven", "acr_not_accepted";
    another_name_is_another_person(POLICY): |draft|
        draft.assertion.name_id = "another".to_owned() => "other_person", "other_person";
    a_role_that_was_lost_is_missing_here_too(POLICY): |draft|
        draft.assertion.attributes.retain(|(name, _)| name != "roles") => "no_role", "no_role";
    an_assertion_that_counted_counts_no_more(POLICY): |draft|
        draft.assertion.id = "_first".to_owned() => "refused", "replayed";
    a_session_that_is_over_proves_nothing(POLICY): |draft|
        draft.assertion.session_until = Some(ago(1)) => "refused", "session_over";
}

#[tokio::test]
async fn a_colleague_who_signs_in_there_is_told_apart() {
    let (app, _idp) = with(POLICY).await;
    refuses(&app, "tomas", ("other_person", "other_person")).await;
}

#[tokio::test]
async fn an_instant_from_as_long_ago_as_allowed_counts() {
    let (app, idp) = with(LATELY).await;
    let (mut mira, id) = held(&app).await;
    idp.next_response_with(|draft| draft.assertion.authn_instant = ago(360));
    give(&mut mira, &app, &id, "mira").await;
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 200);
}

#[tokio::test]
async fn a_proof_can_shorten_the_sign_in_and_never_lengthens_it() {
    let (app, idp) = with(POLICY).await;
    idp.next_response_with(|draft| draft.assertion.session_until = Some(ago(-600)));
    let (mut mira, id) = held(&app).await;
    idp.next_response_with(|draft| draft.assertion.session_until = Some(ago(-300)));
    give(&mut mira, &app, &id, "mira").await;
    idp.next_response_with(|draft| draft.assertion.session_until = Some(ago(-900)));
    give(&mut mira, &app, &id, "mira").await;
    app.advance(299);
    assert_eq!(mira.get("/api/me").await.status, 200);
    app.advance(1);
    assert_eq!(mira.get("/api/me").await.status, 401);
}
