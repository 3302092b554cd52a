//! What a conversation says of its session.

use kyc_desk::store::work::JobKind;
use kyc_sandbox::genesys_api::Fault;
use kyc_tests::TestApp;
use serde_json::json;

use super::{begin, conversation, with};

fn attribute(app: &TestApp, id: &str, name: &str) -> String {
    let found = app.contact_centre().conversation(&conversation(id)).unwrap();
    found.attributes.get(name).cloned().unwrap_or_else(|| "-".to_owned())
}

fn writes(app: &TestApp) -> usize {
    let is_write = |path: &str| path.ends_with("/attributes");
    app.contact_centre().requests().iter().filter(|request| is_write(&request.path)).count()
}

/// A session whose conversation is there before it.
async fn session(app: &TestApp) -> String {
    let id = app.new_id();
    begin(app, &id, &["mira"]);
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    id
}

async fn report_poor_pictures(app: &TestApp, id: &str, attempts: u32) {
    let flow = app.flow().await;
    for attempt in 1..=attempts {
        // The wait before another.
        app.advance(10);
        let path = format!("/flow/v1/sessions/{id}");
        assert_eq!(flow.post_edge(&format!("{path}/attempts"), Some(id), &json!({})).await.status, 200);
        let body = json!({ "attempt": attempt, "score": 0.2 });
        assert_eq!(flow.post_edge(&format!("{path}/quality"), Some(id), &body).await.status, 200);
    }
}

#[tokio::test]
async fn a_conversation_says_how_its_session_stands() {
    let app = with("").await;
    let id = session(&app).await;
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_session_id"), id);
    assert_eq!(attribute(&app, &id, "kyc_status"), "created");
    assert_eq!(attribute(&app, &id, "kyc_retry_count"), "0");
    assert_eq!(attribute(&app, &id, "kyc_error_ref"), "");
    report_poor_pictures(&app, &id, 3).await;
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_status"), "agent_verification");
    assert_eq!(attribute(&app, &id, "kyc_retry_count"), "2");
    assert!(attribute(&app, &id, "kyc_error_ref").starts_with("E-"));
}

#[tokio::test]
async fn only_what_changes_the_attributes_is_written() {
    let app = with("").await;
    let id = session(&app).await;
    app.work().await;
    let before = writes(&app);
    let flow = app.flow().await;
    for _ in 0..3 {
        app.advance(5);
        flow.post_edge(&format!("/flow/v1/sessions/{id}/heartbeat"), Some(&id), &json!({})).await;
        app.work().await;
    }
    assert_eq!(writes(&app), before);
}

#[tokio::test]
async fn nothing_happens_without_the_section() {
    let app = TestApp::start().await;
    app.verified_session().await;
    let kinds = [JobKind::WriteAttributes, JobKind::WrapUp, JobKind::ResumeRecording];
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    let later = app.app.clock.now().plus_seconds(1_000_000);
    for kind in kinds {
        assert!(tx.claim_jobs(kind, later, later, 10).await.unwrap().is_empty());
    }
    let pool = app.database.raw().await;
    for table in ["genesys_outbox", "genesys_user", "on_conversation"] {
        let rows: i64 = sqlx::query_scalar(&format!("SELECT count(*) FROM {table}")).fetch_one(&pool).await.unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn being_told_to_slow_down_is_honoured() {
    let app = with("").await;
    let id = session(&app).await;
    // The token is got, then the first call is refused.
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::RateLimited(45)]);
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_status"), "-");
    let asked = app.contact_centre().requests().len();
    app.advance(44);
    app.work().await;
    assert_eq!(app.contact_centre().requests().len(), asked, "Retry-After is honoured");
    app.advance(10);
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_status"), "created");
}

#[tokio::test]
async fn after_an_interruption_the_latest_is_told_and_only_that() {
    let app = with("").await;
    let id = session(&app).await;
    app.contact_centre().be_down(true);
    app.work().await;
    report_poor_pictures(&app, &id, 3).await;
    app.work().await;
    app.contact_centre().be_down(false);
    for _ in 0..8 {
        app.advance(60);
        app.work().await;
    }
    assert_eq!(attribute(&app, &id, "kyc_status"), "agent_verification");
    assert_eq!(writes(&app), 1, "what was true meanwhile is nobody's business any more");
}

#[tokio::test]
async fn a_write_whose_answer_got_lost_is_made_again_and_does_no_harm() {
    let app = with("").await;
    let id = session(&app).await;
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::Slow(0), Fault::ResetAfterwards]);
    app.work().await;
    app.advance(60);
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_status"), "created");
    assert_eq!(writes(&app), 2);
}

#[tokio::test]
async fn a_server_that_dies_before_it_told_tells_when_it_is_back() {
    let app = with("").await;
    let id = session(&app).await;
    let app = TestApp::on(app.leave()).await;
    app.work().await;
    assert_eq!(attribute(&app, &id, "kyc_status"), "created");
}

#[tokio::test]
async fn a_conversation_that_is_over_is_told_nothing_any_more() {
    let app = with("").await;
    let id = session(&app).await;
    app.work().await;
    let before = writes(&app);
    app.contact_centre().end(&conversation(&id));
    report_poor_pictures(&app, &id, 3).await;
    app.work().await;
    assert_eq!(writes(&app), before);
    assert_eq!(attribute(&app, &id, "kyc_status"), "created");
    let dead = app.app.store.read(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}

#[tokio::test]
async fn a_conversation_speaks_of_its_latest_session() {
    let app = with("").await;
    let first = session(&app).await;
    let second = app.new_id();
    app.advance(1);
    let mut body = kyc_tests::new_session(&second);
    body["conversation_id"] = json!(conversation(&first));
    assert_eq!(app.flow().await.post_edge("/flow/v1/sessions", Some(&second), &body).await.status, 201);
    report_poor_pictures(&app, &first, 3).await;
    app.work().await;
    assert_eq!(attribute(&app, &first, "kyc_session_id"), second);
    assert_eq!(attribute(&app, &first, "kyc_status"), "created");
}

#[tokio::test]
async fn a_session_that_another_has_followed_says_nothing_any_more() {
    let app = with("").await;
    let first = session(&app).await;
    app.work().await;
    let second = app.new_id();
    app.advance(1);
    let mut body = kyc_tests::new_session(&second);
    body["conversation_id"] = json!(conversation(&first));
    assert_eq!(app.flow().await.post_edge("/flow/v1/sessions", Some(&second), &body).await.status, 201);
    app.work().await;
    let before = writes(&app);
    report_poor_pictures(&app, &first, 3).await;
    app.work().await;
    assert_eq!(writes(&app), before);
    assert_eq!(attribute(&app, &first, "kyc_session_id"), second);
}

#[tokio::test]
async fn a_conversation_that_is_not_there_is_looked_for_five_times() {
    let app = with("").await;
    app.session().await;
    for _ in 0..20 {
        app.advance(60);
        app.work().await;
    }
    let is_look = |path: &str| path.contains("/conversations/");
    let looks = app.contact_centre().requests().iter().filter(|request| is_look(&request.path)).count();
    assert_eq!((looks, writes(&app)), (5, 0));
    let dead = app.app.store.read(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}

#[tokio::test]
async fn a_client_without_permission_is_an_operators_business() {
    let app = with("").await;
    session(&app).await;
    app.contact_centre().fail_next(&[Fault::Slow(0), Fault::Slow(0), Fault::Status(403)]);
    app.work().await;
    let dead = app.app.store.read(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|job| job.kind).collect::<Vec<_>>(), [JobKind::WriteAttributes]);
}

#[tokio::test]
async fn an_agents_part_is_wrapped_up_by_code_and_id() {
    let app = with("wrapup_codes = { final_approval = \"code-proposed\" }").await;
    let id = super::session_with(&app, &["mira"]).await;
    let mira = app.staff("mira").await;
    mira.open(&id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    mira.act(&id, "propose", json!({ "reason": null })).await;
    app.work().await;
    let wrapped = app.contact_centre().conversation(&conversation(&id)).unwrap().wrap_ups;
    assert_eq!(wrapped.len(), 1);
    assert_eq!(wrapped[0].code, "code-proposed");
    assert_eq!(wrapped[0].notes, format!("KYC final_approval {id}"));
}
