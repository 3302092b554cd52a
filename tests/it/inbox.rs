//! Many webhooks at the same time: nobody's is lost, nobody's is taken twice, each is answered.

use std::sync::Arc;
use std::task::{Context, Waker};

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp};
use sha2::Sha256;
use tokio::task::JoinSet;

/// As many as may wait behind the one that is being written.
const MOST: u32 = 1_000;

/// Sends a decision of Veriff, another for each number. Gives what it is answered.
async fn send(app: Arc<TestApp>, number: u32) -> u16 {
    let (wanted, own) = ("22222222-bbbb-4ccc-8ddd-000000000001", format!("22222222-bbbb-4ccc-8ddd-{number:012x}"));
    let body = include_str!("../../fuzz/corpus/veriff_webhook/approved.json").replace(wanted, &own);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"veriff-secret").unwrap();
    mac.update(body.as_bytes());
    let request = Request::post("/webhooks/veriff/veriff-de")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", hex::encode(mac.finalize().into_bytes()));
    app.guest().send(&app.edge, request.body(Body::from(body)).unwrap()).await.status
}

/// How many different webhooks are kept, and how many in all.
async fn kept(app: &TestApp) -> (i64, i64) {
    let pool = app.database.raw().await;
    let count = async |what: &str| {
        sqlx::query_scalar(&format!("SELECT count({what}) FROM inbox")).fetch_one(&pool).await.unwrap()
    };
    (count("DISTINCT dedupe_key").await, count("*").await)
}

#[tokio::test]
async fn webhooks_that_arrive_together_are_all_kept_and_each_once() {
    let app = Arc::new(TestApp::start().await);
    let answers: JoinSet<u16> = (0..100).map(|number| send(Arc::clone(&app), number / 2)).collect();
    assert_eq!(answers.join_all().await, [200; 100]);
    assert_eq!(kept(&app).await, (50, 50));
}

#[tokio::test]
async fn whoever_hangs_up_while_she_writes_holds_up_nobody() {
    let app = Arc::new(TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await);
    // From here on the key of the day is known: nothing is written but the webhooks.
    assert_eq!(send(Arc::clone(&app), 0).await, 200);
    let writing = app.app.store.begin(&app.app.tenant).await.unwrap();
    let mut first = Box::pin(send(Arc::clone(&app), 1));
    let mut now = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut now).is_pending());
    let mut others: Vec<_> = (2..7).map(|number| Box::pin(send(Arc::clone(&app), number))).collect();
    for other in &mut others {
        assert!(other.as_mut().poll(&mut now).is_pending());
    }
    drop((first, writing));
    for other in others {
        assert_eq!(other.await, 200);
    }
    assert_eq!(send(Arc::clone(&app), 7).await, 200, "and whoever comes later writes for herself");
    let (different, all) = kept(&app).await;
    assert!(all == different && (7..=8).contains(&all), "{all}, of which {different} differ");
}

#[tokio::test]
async fn more_than_can_wait_are_told_to_come_again_and_nobody_else_is() {
    let app = Arc::new(TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await);
    assert_eq!(send(Arc::clone(&app), 0).await, 200);
    let writing = app.app.store.begin(&app.app.tenant).await.unwrap();
    let mut answers: JoinSet<u16> = (1..=MOST + 3).map(|number| send(Arc::clone(&app), number)).collect();
    for _ in 0..2 {
        assert_eq!(answers.join_next().await.unwrap().unwrap(), 503);
    }
    drop(writing);
    assert!(answers.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(kept(&app).await, (i64::from(MOST) + 2, i64::from(MOST) + 2));
}
