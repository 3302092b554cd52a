//! A whole installation for one test, and typed callers who act in it. A library because both test binaries, `it` and `browser`, begin
//! with it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod app;
mod caller;
mod log;

pub use app::{Setup, TestApp};
pub use caller::{Answer, Caller};
pub use log::captured;

use std::sync::atomic::{AtomicU64, Ordering};

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
