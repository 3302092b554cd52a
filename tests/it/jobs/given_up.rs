//! What cannot be done is tried so often and then left to an operator; what is only down is tried for as long as it is.

use kyc_desk::store::work::JobKind;
use kyc_sandbox::veriff::Step;
use kyc_tests::TestApp;
use sqlx::Executor;

use super::new_session;

async fn given_up(app: &TestApp) -> Vec<JobKind> {
    let dead = app.app.store.read(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    dead.iter().map(|job| job.kind).collect()
}

#[tokio::test]
async fn work_that_fails_for_a_reason_of_its_own_is_given_up_after_twenty_tries() {
    let app = TestApp::start().await;
    let id = new_session(&app).await;
    let spoil = format!("UPDATE session SET body = '{{}}' WHERE id = '{id}'");
    app.database.raw().await.execute(spoil.as_str()).await.unwrap();
    for tries in 1..20 {
        app.work().await;
        assert_eq!(given_up(&app).await, [], "after {tries}");
        app.advance(60);
    }
    app.work().await;
    assert_eq!(given_up(&app).await, [JobKind::StartProvider]);
}

#[tokio::test]
async fn work_that_waits_for_the_database_is_never_given_up() {
    let app = TestApp::start().await;
    let id = new_session(&app).await;
    app.database.refuse_entries().await;
    for _ in 0..30 {
        app.work().await;
        app.advance(60);
    }
    assert_eq!(given_up(&app).await, []);
    assert!(app.veriff.sessions_of(&id).is_empty(), "nothing is begun without its entry");
    app.database.take_entries().await;
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 1);
}

#[tokio::test]
async fn news_that_the_bank_never_takes_are_an_operators_business_in_the_end() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.bank.fail_next(1_000);
    app.veriff.event(&app.veriff.sessions_of(&id)[0], Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let mut quarters = 0;
    while given_up(&app).await.is_empty() && quarters < 800 {
        app.advance(900);
        app.work().await;
        quarters += 1;
    }
    let hours = quarters / 4;
    assert!((48..120).contains(&hours), "about three days: {hours}");
    assert!(given_up(&app).await.iter().all(|kind| *kind == JobKind::DeliverEvent));
    assert!(app.bank.refused().len() >= 40);
}
