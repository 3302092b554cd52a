//! What a review found: each was seen failing before it was mended.

use kyc_sandbox::veriff::Outcome;
use kyc_tests::TestApp;
use serde_json::json;
use sqlx::Executor;

async fn entries(app: &TestApp, id: &str, action: &str) -> usize {
    let log = app.audit_log().await;
    log.lines().filter(|line| line.contains(id) && line.contains(&format!(r#""action":"{action}""#))).count()
}

#[tokio::test]
async fn claims_that_replace_others_are_written_down_and_end_what_was_seen() {
    let app = TestApp::start().await;
    let id = app.verified_session().await;
    let mira = app.staff("mira").await;
    let seen = mira.open(&id).await["version"].clone();
    let before = entries(&app, &id, "claims_received").await;
    let path = format!("/bank/v1/sessions/{id}/claims");
    // Another person, with as many differences as before: none that the bank could know of.
    let same = kyc_tests::claims_of(&app.veriff.identities()[0]);
    assert_eq!(app.bank_system().await.put_edge(&path, &same).await.status, 204);
    assert_eq!(entries(&app, &id, "claims_received").await, before + 1);
    let take = json!({ "expected_version": seen, "reason": null });
    assert_eq!(mira.post(&format!("/api/sessions/{id}/take"), &take).await.code(), "stale_version");
    let empty = app.bank_system().await.put_edge(&path, &json!({})).await;
    assert_eq!(empty.status, 422, "nothing at all is no application: {}", empty.text);
}

#[tokio::test]
async fn what_somebody_writes_where_a_code_belongs_stays_out_of_the_log() {
    let app = TestApp::start().await;
    let id = app.verified_session().await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let words = "Ottilie Canarywood, born 1979-04-30";
    let sent = [
        mira.try_act(&id, "reject", json!({ "reason": words })).await,
        mira.try_act(&id, "mark", json!({ "item": words, "mark": "passed" })).await,
        mira.reveal(&id, "full_name", "claim", words).await,
    ];
    for answer in sent {
        assert!(answer.status == 422 || answer.status == 404, "{}", answer.text);
    }
    let log = app.audit_log().await;
    assert!(!log.contains("Canarywood"), "the log is for ever");
    assert_eq!(
        log.lines().filter(|line| line.contains(&id) && line.contains("refused")).count(),
        3,
        "but the tries are in it"
    );
}

#[tokio::test]
async fn an_export_that_was_refused_is_not_written_down_as_one() {
    let app = TestApp::start().await;
    let sanna = app.staff("sanna").await;
    assert_eq!(sanna.get("/api/audit?after=99999999").await.status, 422);
    let log = app.audit_log().await;
    assert_eq!(log.lines().filter(|line| line.contains("audit_exported")).count(), 1, "only this one");
}

#[tokio::test]
async fn a_decision_that_is_sent_again_with_a_later_time_changes_no_mind() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    app.staff("jo").await.act(&id, "approve", json!({})).await;
    app.advance(60);
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(mira.open(&id).await["flag"], json!(null));
}

/// Gives everybody who is signed in other roles and queues, as another configuration would have.
pub async fn with_roles(app: &TestApp, roles: &str, queues: &str) {
    let sql = format!("UPDATE sign_in SET roles = '{roles}', queues = '{queues}'");
    app.database.raw().await.execute(sql.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_role_in_one_queue_is_none_in_another() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (proposed, waiting) = (app.proposed_session(&mira).await, app.verified_session().await);
    let jo = app.staff("jo").await;
    with_roles(&app, r#"["agent","auditor"]"#, r#"[["agent","other"]]"#).await;
    jo.open(&waiting).await;
    let taken = jo.try_act(&waiting, "take", json!({ "reason": null })).await;
    assert_eq!(taken.code(), "not_found", "she looks at it as an auditor: {}", taken.text);
    assert_eq!(jo.post("/api/sessions/next", &json!({})).await.text, "null");
    with_roles(&app, r#"["agent","supervisor","auditor"]"#, r#"[["agent","*"],["supervisor","other"]]"#).await;
    let approved = jo.try_act(&proposed, "approve", json!({})).await;
    assert!(approved.status == 403 || approved.status == 404, "a supervisor elsewhere: {}", approved.text);
    with_roles(&app, r#"["supervisor"]"#, r#"[["supervisor","retail-de"]]"#).await;
    assert_eq!(jo.try_act(&proposed, "approve", json!({})).await.status, 200);
}

#[tokio::test]
async fn the_log_names_the_rules_that_each_decision_was_made_under() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    app.staff("jo").await.act(&id, "approve", json!({})).await;
    let log = app.audit_log().await;
    let rules: Vec<serde_json::Value> = ["session_created", "proposed", "approved"]
        .map(|action| {
            let says = |line: &&str| line.contains(&id) && line.contains(&format!(r#""action":"{action}""#));
            serde_json::from_str::<serde_json::Value>(log.lines().find(says).unwrap()).unwrap()["entry"]["detail"]
                .clone()
        })
        .to_vec();
    assert_eq!(rules[0].as_str().map(str::len), Some(64), "{rules:?}");
    assert!(rules.iter().all(|one| *one == rules[0]), "nothing changed in between: {rules:?}");
}
