//! A whole installation for one test, and typed callers who act in it. A library because both test binaries, `it` and `browser`, begin
//! with it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod app;
mod caller;
pub mod database;
pub mod fuzz;
mod log;
pub mod postgres;

pub use app::{Setup, TestApp, World};
pub use caller::{Answer, Caller};
pub use log::captured;

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use serde_json::{Value, json};

/// A key that no request has used before.
pub fn fresh_key() -> String {
    static USED: AtomicU64 = AtomicU64::new(0);
    format!("test-key-{}", USED.fetch_add(1, Ordering::Relaxed))
}

/// What an applicant claims who is the person on the document of the stand-in's identity.
pub fn claims_of(identity: &kyc_sandbox::identities::Identity) -> Value {
    identity.claims()
}

/// The body of a new session.
pub fn new_session(id: &str) -> Value {
    json!({ "session_id": id, "customer_id": "C-4F2A-0093", "conversation_id": format!("conv-{id}"), "queue": "retail-de", "channel": "video" })
}

/// Waits for all of them, each going on while the others wait.
pub async fn all_at_once<F: Future<Output = T>, T>(all: impl Iterator<Item = F>) -> Vec<T> {
    let mut futures: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, slot) in futures.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
