//! Many webhooks at the same time: nobody's is lost, nobody's is taken twice, each is answered.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use hmac::{Hmac, KeyInit, Mac};
use kyc_desk::http::error::ApiError;
use kyc_desk::inbox::{Inbox, NotKept, Room};
use kyc_desk::store::work::StoredWebhook;
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp};
use kyc_wire::ids::{InboxId, Micros};
use sha2::Sha256;
use tokio::task::JoinSet;
use uuid::Uuid;

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

/// A webhook with so many bytes, another for each number.
fn webhook(number: u128, bytes: usize) -> StoredWebhook {
    StoredWebhook {
        id: InboxId::new(Uuid::from_u128(number)),
        integration: "veriff-de".to_owned(),
        dedupe_key: format!("decision-{number}"),
        received_at: Micros(1),
        key_scope: "2026-11-23".to_owned(),
        sealed: Some(vec![7; bytes]),
    }
}

#[tokio::test]
async fn more_than_can_wait_are_told_to_come_again_and_nobody_else_is() {
    let app = TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await;
    let inbox = Inbox::new(&app.app.store, &app.app.tenant, Room { webhooks: 3, bytes: 1_000 });
    let mut now = Context::from_waker(Waker::noop());
    let writing = app.app.store.begin(&app.app.tenant).await.unwrap();
    let mut waiting = Vec::new();
    // The first is being written. Of those behind it the third is too large, and the last one too many.
    for (number, bytes, has_room) in
        [(1, 2_000, true), (2, 400, true), (3, 400, true), (4, 400, false), (5, 10, true), (6, 10, false)]
    {
        let mut kept = Box::pin(inbox.keep(webhook(number, bytes)));
        match kept.as_mut().poll(&mut now) {
            Poll::Pending => waiting.push(kept),
            Poll::Ready(refused) => {
                let refused = refused.unwrap_err();
                assert!(!has_room && matches!(refused, NotKept::Full), "{number}: {refused}");
                assert_eq!(ApiError::from(refused).into_response().status(), 503);
                continue;
            }
        }
        assert!(has_room, "{number}");
    }
    drop(writing);
    for kept in waiting {
        assert!(kept.await.unwrap());
    }
    assert_eq!(kept(&app).await, (4, 4));
    assert!(inbox.keep(webhook(7, 900)).await.unwrap(), "there is room again");
}

#[test]
fn what_waits_takes_no_more_memory_than_that() {
    assert_eq!(Room::default(), Room { webhooks: 1_000, bytes: 32 * 1024 * 1024 });
}
