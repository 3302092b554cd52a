//! Step-up: who acts proves anew who she is, where the policy asks it (RFC 9470). What was asked for is no proof; only what comes back counts.

use kyc_sandbox::idp::{ACR_PASSWORD, ACR_SECURITY_KEY};
use kyc_tests::{Answer, Caller, Setup, TestApp, all_at_once, fresh_key};
use serde_json::{Value, json};
use sqlx::Row;

use crate::customer::{at_photos, hand_in, png, session_of, view};

const POLICY: &str = "step_up = { reveal = { acr_values = [\"urn:sandbox:acr:security-key\"] }, approve = {} }";
const LATELY: &str = "step_up = { reveal = { max_age_seconds = 300 } }";

async fn with(policy: &'static str) -> TestApp {
    TestApp::with(Setup { policy, ..Setup::default() }).await
}

/// A case that Mira holds, and Mira.
async fn held(app: &TestApp) -> (Caller<'_>, String) {
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    (mira, id)
}

fn value(field: &str) -> Value {
    json!({ "field": field, "origin": "claim" })
}

/// Verifier, id and ticket of a proof for these values.
pub async fn open(by: &Caller<'_>, id: &str, fields: &[&str]) -> (String, String, String) {
    let values: Vec<Value> = fields.iter().map(|field| value(field)).collect();
    let act = if fields.is_empty() { "approve" } else { "reveal" };
    let opened = by.open_step_up(&json!({ "act": act, "session_id": id, "values": values })).await;
    opened.unwrap_or_else(|answer| panic!("{}", answer.text))
}

/// The proof, given by whoever this is.
async fn give(by: &mut Caller<'_>, (verifier, txn, ticket): &(String, String, String), login: &str) -> Answer {
    let (cookie, location) = by.begin(ticket).await;
    by.callback(&by.at_idp(&location, login).await, Some(&cookie)).await;
    let redeemed = by.redeem(txn, verifier).await;
    if let Some(cookie) = redeemed.cookies().first() {
        by.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }
    redeemed
}

pub async fn prove(by: &mut Caller<'_>, id: &str, fields: &[&str], login: &str) {
    let redeemed = give(by, &open(by, id, fields).await, login).await;
    assert_eq!(redeemed.json(), json!({ "state": "redeemed" }));
}

pub async fn reveal(by: &Caller<'_>, id: &str, field: &str) -> Answer {
    by.reveal(id, field, "claim", "ask_the_customer").await
}

pub fn is_asked(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (401, "insufficient_user_authentication"), "{}", answer.text);
}

/// How the newest entry of this kind ended, and what it says.
pub async fn last(app: &TestApp, action: &str) -> Value {
    let sql = format!("SELECT body FROM audit_entry WHERE body LIKE '%\"{action}\"%' ORDER BY seq DESC LIMIT 1");
    let row = sqlx::query(&sql).fetch_optional(&app.database.raw().await).await.unwrap();
    serde_json::from_str(row.unwrap_or_else(|| panic!("no {action}")).get(0)).unwrap()
}

#[tokio::test]
async fn an_act_that_asks_for_a_proof_says_which() {
    let app = with(POLICY).await;
    let (mira, id) = held(&app).await;
    let answer = reveal(&mira, &id, "full_name").await;
    is_asked(&answer);
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:sandbox:acr:security-key\", max_age=\"0\""
    );
    let entry = last(&app, "field_revealed").await;
    assert_eq!(entry["outcome"], json!({ "outcome": "refused", "code": "insufficient_user_authentication" }));
    assert_eq!(mira.get("/api/me").await.status, 200, "the sign-in goes on");
}

#[tokio::test]
async fn where_the_policy_asks_for_none_there_is_none_to_give() {
    let app = TestApp::start().await;
    let (mira, id) = held(&app).await;
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 200);
    let refused =
        mira.open_step_up(&json!({ "act": "reveal", "session_id": id, "values": [value("full_name")] })).await;
    assert_eq!(refused.unwrap_err().code(), "invalid");
}

#[tokio::test]
async fn the_same_request_is_carried_out_once_it_is_proven() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    let body = json!({ "field": "full_name", "origin": "claim", "reason": "ask_the_customer" });
    let (path, key) = (format!("/api/sessions/{id}/reveal"), fresh_key());
    is_asked(&mira.post_keyed(&path, &key, &body).await);
    prove(&mut mira, &id, &["full_name"], "mira").await;
    assert_eq!(mira.post_keyed(&path, &key, &body).await.status, 200);
    assert_eq!(mira.post_keyed(&path, &key, &body).await.status, 200, "its repetition is the same act");
    is_asked(&mira.post_keyed(&path, &fresh_key(), &body).await);
    for (action, outcome) in [("step_up_requested", "ok"), ("step_up_succeeded", "ok"), ("field_revealed", "refused")] {
        let entry = last(&app, action).await;
        assert_eq!(entry["outcome"]["outcome"], outcome, "{action}");
        assert_eq!(entry["session"], id, "{action}");
    }
}

#[tokio::test]
async fn a_proof_is_for_what_was_asked_and_for_nothing_else() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    let other = app.verified_session().await;
    mira.act(&other, "take", json!({ "reason": null })).await;
    prove(&mut mira, &id, &["full_name", "birth_date"], "mira").await;
    is_asked(&reveal(&mira, &id, "document_number").await);
    is_asked(&mira.reveal(&id, "full_name", "document", "ask_the_customer").await);
    is_asked(&reveal(&mira, &other, "full_name").await);
    let mira_elsewhere = app.staff("mira").await;
    is_asked(&reveal(&mira_elsewhere, &id, "full_name").await);
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 200);
    assert_eq!(reveal(&mira, &id, "birth_date").await.status, 200);
    is_asked(&reveal(&mira, &id, "full_name").await);
}

#[tokio::test]
async fn a_proof_lasts_five_minutes() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    prove(&mut mira, &id, &["full_name", "birth_date"], "mira").await;
    app.advance(299);
    assert_eq!(reveal(&mira, &id, "full_name").await.status, 200);
    app.advance(1);
    mira.act(&id, "take", json!({ "reason": null })).await;
    is_asked(&reveal(&mira, &id, "birth_date").await);
}

#[tokio::test]
async fn of_many_acts_at_once_one_proof_is_good_for_one() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    prove(&mut mira, &id, &["full_name"], "mira").await;
    let answers = all_at_once((0..8).map(|_| reveal(&mira, &id, "full_name"))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn an_act_that_is_refused_leaves_its_proof() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    prove(&mut mira, &id, &["card_number"], "mira").await;
    for _ in 0..2 {
        assert_eq!(reveal(&mira, &id, "card_number").await.status, 404, "there is none, whatever is proven");
    }
    let rows = sqlx::query("SELECT object FROM step_up_grant").fetch_all(&app.database.raw().await).await.unwrap();
    assert_eq!(rows.len(), 1, "the proof is taken with the act or not at all");
}

#[tokio::test]
async fn the_second_approval_can_ask_for_it_too() {
    let app = with(POLICY).await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    let mut ines = app.staff("ines").await;
    is_asked(&ines.try_act(&id, "approve", json!({})).await);
    assert_eq!(ines.open(&id).await["status"], "final_approval");
    prove(&mut ines, &id, &[], "ines").await;
    assert_eq!(ines.act(&id, "approve", json!({})).await["status"], "approved");
}

#[tokio::test]
async fn the_browser_session_is_another_afterwards_and_the_old_one_is_dead() {
    let app = with(POLICY).await;
    let (mut mira, id) = held(&app).await;
    let before = mira.clone();
    prove(&mut mira, &id, &["full_name"], "mira").await;
    assert_ne!(mira.cookie, before.cookie);
    assert_eq!(before.get("/api/me").await.status, 401);
    assert_eq!(mira.get("/api/me").await.status, 200);
}

/// The proof is refused for this reason: the widget is told the code, the auditor the reason, and nothing can be done with it.
async fn refuses(app: &TestApp, login: &str, (code, reason): (&str, &str)) {
    let (mut mira, id) = held(app).await;
    let before = mira.cookie.clone();
    let opened = open(&mira, &id, &["full_name"]).await;
    let answer = give(&mut mira, &opened, login).await;
    assert_eq!(answer.json(), json!({ "state": "refused", "code": code }), "{reason}");
    let entry = last(app, "step_up_failed").await;
    assert_eq!(entry["outcome"], json!({ "outcome": "refused", "code": reason }));
    assert_eq!((entry["session"].as_str(), entry["detail"].as_str()), (Some(&*id), Some("reveal")));
    assert_eq!(mira.cookie, before);
    is_asked(&reveal(&mira, &id, "full_name").await);
}

/// One case each: what the identity provider does with the proof, and what comes of it.
macro_rules! refused {
    ($($name:ident($policy:expr): |$claims:ident, $now:ident| $change:expr => $code:literal, $reason:literal;)+) => {
        $(#[tokio::test]
        async fn $name() {
            let app = with($policy).await;
            let $now = kyc_desk::clock::Clock::now(&app.clock).0 / 1_000_000;
            // The first token is of the sign-in itself.
            app.idp.next_token_with(|_| {});
            app.idp.next_token_with(move |$claims| { let _ = $now; $change; });
            refuses(&app, "mira", ($code, $reason)).await;
        })+
    };
}

refused! {
    without_the_time_it_is_no_proof(POLICY): |claims, now| claims.remove("auth_time") => "not_proven", "auth_time_missing";
    what_was_proven_before_is_no_proof(POLICY): |claims, now|
        claims.insert("auth_time".to_owned(), json!(now - 61)) => "not_proven", "auth_time_too_old";
    what_is_from_longer_ago_than_allowed_is_no_proof(LATELY): |claims, now|
        claims.insert("auth_time".to_owned(), json!(now - 361)) => "not_proven", "auth_time_too_old";
    a_weaker_way_is_no_proof(POLICY): |claims, now|
        claims.insert("acr".to_owned(), json!(ACR_PASSWORD)) => "not_proven", "acr_not_accepted";
    without_a_way_it_is_no_proof(POLICY): |claims, now| claims.remove("acr") => "not_proven", "acr_not_accepted";
    somebody_elses_proof_is_none(POLICY): |claims, now|
        claims.insert("sub".to_owned(), json!("another")) => "other_person", "other_person";
    who_has_lost_her_role_gets_nowhere(POLICY): |claims, now| claims.remove("roles") => "no_role", "no_role";
}

#[tokio::test]
async fn a_colleague_who_signs_in_in_the_popup_is_told_apart() {
    let app = with(POLICY).await;
    refuses(&app, "tomas", ("other_person", "other_person")).await;
    let known = "SELECT COUNT(*) FROM person WHERE name LIKE 'Tom%'";
    let count: i64 = sqlx::query(known).fetch_one(&app.database.raw().await).await.unwrap().get(0);
    assert_eq!(count, 0, "who never signed in here is not kept");
}

#[tokio::test]
async fn a_proof_from_as_long_ago_as_allowed_and_by_entras_list_counts() {
    for (policy, change) in
        [(LATELY, json!({ "auth_time": -360 })), (POLICY, json!({ "acr": null, "acrs": [ACR_SECURITY_KEY] }))]
    {
        let app = with(policy).await;
        let (mut mira, id) = held(&app).await;
        let now = kyc_desk::clock::Clock::now(&app.clock).0 / 1_000_000;
        app.idp.next_token_with(move |claims| {
            for (name, value) in change.as_object().unwrap() {
                claims.insert(name.clone(), value.as_i64().map_or(value.clone(), |ago| json!(now + ago)));
            }
        });
        prove(&mut mira, &id, &["full_name"], "mira").await;
        assert_eq!(reveal(&mira, &id, "full_name").await.status, 200, "{policy}");
    }
}

#[tokio::test]
async fn it_is_asked_for_as_the_identity_provider_understands() {
    let app = with(POLICY).await;
    let (mira, id) = held(&app).await;
    let (_, _, ticket) = open(&mira, &id, &["full_name"]).await;
    let (_, location) = mira.begin(&ticket).await;
    for part in ["prompt=login", "max_age=0", "acr_values=urn%3Asandbox%3Aacr%3Asecurity-key"] {
        assert!(location.contains(part), "{part} is not in {location}");
    }
    let mut world = app.leave();
    world.reword("client_id = \"kyc-desk\"", "client_id = \"kyc-desk\"\nasks_acrs = true");
    let app = TestApp::on(world).await;
    let mira = app.staff("mira").await;
    let (_, _, ticket) = open(&mira, &id, &["full_name"]).await;
    let (_, location) = mira.begin(&ticket).await;
    let url = url::Url::parse(&location).unwrap();
    let claims = url.query_pairs().find(|(name, _)| name == "claims").map(|(_, value)| value.into_owned());
    let wanted: Value = serde_json::from_str(&claims.unwrap()).unwrap();
    assert_eq!(wanted["id_token"]["acrs"], json!({ "essential": true, "value": ACR_SECURITY_KEY }));
    assert!(!location.contains("acr_values"));
}

#[tokio::test]
async fn a_proof_is_redeemed_in_its_own_sign_in_only() {
    let app = with(POLICY).await;
    let (mira, id) = held(&app).await;
    let (verifier, txn, ticket) = open(&mira, &id, &["full_name"]).await;
    let (cookie, location) = mira.begin(&ticket).await;
    mira.callback(&mira.at_idp(&location, "mira").await, Some(&cookie)).await;
    for other in [app.guest(), app.staff("tomas").await, app.staff("mira").await] {
        let answer = other.redeem(&txn, &verifier).await;
        assert_eq!((answer.status, answer.cookies().len()), (404, 0));
        assert_eq!(last(&app, "step_up_failed").await["outcome"]["code"], "other_sign_in");
    }
    mira.post("/auth/logout", &json!({})).await;
    assert_eq!(mira.redeem(&txn, &verifier).await.status, 404, "the sign-in has ended meanwhile");
}

#[tokio::test]
async fn photos_are_proven_for_and_then_seen_once() {
    let app = with(POLICY).await;
    let mut mira = app.staff("mira").await;
    let (id, other) = (app.session().await, app.session().await);
    for id in [&id, &other] {
        let visitor = at_photos(&app, id).await;
        for item in ["face", "document_front", "document_back"] {
            assert_eq!(hand_in(&visitor, item, &png(60, 40, 5)).await.status, 303);
        }
        mira.act(id, "take", json!({ "reason": null })).await;
    }
    is_asked(&view(&mira, &id, "face").await);
    let photos = json!([{ "source": "customer", "item": "face" }, { "source": "customer", "item": "document_front" }]);
    let wanted = json!({ "act": "reveal", "session_id": id, "photos": photos });
    let opened = mira.open_step_up(&wanted).await.unwrap_or_else(|answer| panic!("{}", answer.text));
    is_asked(&view(&mira, &id, "face").await);
    assert_eq!(give(&mut mira, &opened, "mira").await.json(), json!({ "state": "redeemed" }));
    for action in ["step_up_requested", "step_up_succeeded"] {
        let detail = last(&app, action).await["detail"].clone();
        assert_eq!(detail, "reveal:face:document_front", "{action}: the log says of which");
    }
    is_asked(&view(&mira, &other, "face").await);
    is_asked(&view(&mira, &id, "document_back").await);
    is_asked(&reveal(&mira, &id, "full_name").await);
    is_asked(&view(&app.staff("mira").await, &id, "face").await);
    for item in ["face", "document_front"] {
        assert_eq!(view(&mira, &id, item).await.status, 200, "{item}");
        is_asked(&view(&mira, &id, item).await);
    }
    let reveals = session_of(&app, &id).await.reveals;
    assert_eq!(reveals.values().sum::<u32>(), 1, "one look");
    let approve = json!({ "act": "approve", "session_id": id, "photos": [{ "source": "customer", "item": "face" }] });
    assert_eq!(mira.open_step_up(&approve).await.unwrap_err().code(), "invalid");
}

#[tokio::test]
async fn whose_case_it_is_not_cannot_ask() {
    let app = with(POLICY).await;
    let (mira, id) = held(&app).await;
    let unknown = app.new_id();
    let wanted = |id: &str, act: &str, values: Value| json!({ "act": act, "session_id": id, "values": values });
    let one = json!([value("full_name")]);
    for (body, code) in [
        (wanted(&unknown, "reveal", one.clone()), "not_found"),
        (wanted(&id, "reject", json!([])), "invalid"),
        (wanted(&id, "reveal", json!([])), "invalid"),
        (wanted(&id, "approve", one.clone()), "invalid"),
    ] {
        assert_eq!(mira.open_step_up(&body).await.unwrap_err().code(), code, "{body}");
    }
    let sanna = app.staff("sanna").await;
    assert_eq!(sanna.open_step_up(&wanted(&id, "reveal", one)).await.unwrap_err().status, 404);
}
