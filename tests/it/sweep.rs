//! What is done is kept for as long as somebody may come back to it, and not for ever.

use kyc_desk::jobs;
use kyc_desk::store::work::JobKind;
use kyc_tests::TestApp;
use kyc_tests::database::Kind;
use serde_json::json;
use sqlx::Executor;

const DAY: u64 = 24 * 3600;

async fn rows(app: &TestApp, table: &str) -> i64 {
    sqlx::query_scalar(&format!("SELECT count(*) FROM {table}")).fetch_one(&app.database.raw().await).await.unwrap()
}

#[tokio::test]
async fn what_is_done_is_forgotten_after_thirty_days_and_what_is_not_stays() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    app.work().await;
    let pool = app.database.raw().await;
    pool.execute(
        "INSERT INTO outbox SELECT tenant_id, 'waits', session_id, body, created_at, NULL FROM outbox LIMIT 1",
    )
    .await
    .unwrap();
    pool.execute("UPDATE inbox SET applied_at = NULL WHERE id = (SELECT min(id) FROM inbox)").await.unwrap();
    app.advance(DAY);
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!(rows(&app, "session_access").await, 0, "nobody asks any more when she last looked");
    app.advance(29 * DAY - 1);
    jobs::sweep(&app.app).await.unwrap();
    let (inbox, outbox) = (rows(&app, "inbox").await, rows(&app, "outbox").await);
    assert!(inbox > 1 && outbox > 1, "{inbox} webhooks and {outbox} events: forgotten too soon");
    assert_eq!(rows(&app, "sign_in").await, 1);
    app.advance(DAY);
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!(rows(&app, "outbox").await, 1, "an event that waits is kept, and no other");
    assert_eq!(rows(&app, "inbox").await, 1, "a webhook that was not applied is kept, and no other");
    assert_eq!(rows(&app, "sign_in").await, 0);
    let log = app.audit_log().await;
    assert!(log.contains("lease_taken"), "the audit log keeps everything");
}

/// A webhook that nobody could apply holds what is known about a customer: it goes with everything else about her, and so do the keys.
#[tokio::test]
async fn a_webhook_that_nobody_could_apply_goes_when_results_do_with_the_key_of_its_day() {
    let app = TestApp::start().await;
    app.verified_session().await;
    let pool = app.database.raw().await;
    pool.execute("UPDATE inbox SET applied_at = NULL").await.unwrap();
    let keys = async || {
        let keys = "SELECT count(*) FROM data_key WHERE scope LIKE 'inbox:%'";
        sqlx::query_scalar::<_, i64>(keys).fetch_one(&pool).await.unwrap()
    };
    app.advance(90 * DAY - 3600);
    jobs::sweep(&app.app).await.unwrap();
    assert!(rows(&app, "inbox").await > 0 && keys().await == 1, "too soon");
    app.advance(2 * DAY);
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!((rows(&app, "inbox").await, keys().await), (0, 0));
}

#[tokio::test]
async fn a_webhook_that_comes_again_within_thirty_days_is_known() {
    let app = TestApp::start().await;
    let body = include_str!("../fixtures/veriff/event_started.json").parse().unwrap();
    let send = async || assert_eq!(crate::jobs::signed(&app, &body).await, 200);
    send().await;
    app.work().await;
    for (days, kept) in [(30 * DAY - 60, 1), (60, 0)] {
        app.advance(days);
        jobs::sweep(&app.app).await.unwrap();
        assert_eq!(rows(&app, "inbox").await, kept);
        send().await;
        assert_eq!(rows(&app, "inbox").await, 1);
    }
}

#[tokio::test]
async fn however_much_is_over_all_of_it_goes() {
    let app = TestApp::start().await;
    let pool = app.database.raw().await;
    for n in 0..1_203 {
        let sql = format!("INSERT INTO outbox VALUES ('default', 'e{n}', 's', '{{}}', 1, 1)");
        pool.execute(sql.as_str()).await.unwrap();
    }
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!(rows(&app, "outbox").await, 0);
}

/// What was accepted and never applied is not lost without a word: its job says so until an operator has seen it.
#[tokio::test]
async fn a_webhook_that_goes_before_it_was_applied_leaves_a_dead_job() {
    let app = TestApp::start().await;
    let body = include_str!("../fixtures/veriff/event_started.json").parse().unwrap();
    assert_eq!(crate::jobs::signed(&app, &body).await, 200);
    let dead = async || app.app.store.read(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    app.advance(90 * DAY - 1);
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!((rows(&app, "inbox").await, dead().await.len()), (1, 0), "too soon");
    app.advance(1);
    jobs::sweep(&app.app).await.unwrap();
    assert_eq!(rows(&app, "inbox").await, 0);
    let jobs = dead().await;
    assert!(jobs.len() == 1 && jobs[0].kind == JobKind::ApplyWebhook, "{jobs:?}");
    assert!(kyc_tests::captured().contains(&jobs[0].subject), "the log names it");
    app.work().await;
    assert_eq!(dead().await.len(), 1, "it waits for somebody to look");
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    assert_eq!(tx.update_jobs_revived(None, app.app.clock.now()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    app.work().await;
    assert_eq!(rows(&app, "job").await, 0, "seen, it is done");
}

/// The sweep looks at what is over and at nothing else, however much there is: it writes, and who waits behind it waits for what it reads.
#[tokio::test]
async fn what_is_over_is_found_by_an_index() {
    let app = TestApp::start().await;
    let pool = app.database.raw().await;
    let (explain, found) = match app.database.kind {
        Kind::Sqlite => ("EXPLAIN QUERY PLAN", "USING INDEX inbox_by_arrival"),
        Kind::Postgres => {
            // An empty table is read as a whole, whatever indexes there are.
            pool.execute("SET enable_seqscan = off").await.unwrap();
            ("EXPLAIN", "inbox_by_arrival")
        }
    };
    let sql = "SELECT id FROM inbox WHERE tenant_id = 'default' AND applied_at IS NULL AND received_at <= 1 LIMIT 500";
    let plan = pool.fetch_all(format!("{explain} {sql}").as_str()).await.unwrap();
    let column = if app.database.kind == Kind::Sqlite { 3 } else { 0 };
    let plan: Vec<String> = plan.iter().map(|row| sqlx::Row::get(row, column)).collect();
    assert!(plan.iter().any(|line| line.contains(found)), "{plan:#?}");
}
