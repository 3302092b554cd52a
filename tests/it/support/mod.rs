//! A whole installation for one test, and typed callers who act in it.

mod app;
mod caller;
mod log;

pub use app::{Setup, TestApp};
pub use caller::{Answer, Caller};
pub use log::captured;

use serde_json::{Value, json};

/// A key that no request has used before.
pub fn fresh_key() -> String {
    format!("test-{}", uuid::Uuid::new_v4())
}

/// What an applicant claims who is the person on the document of the stand-in's identity.
pub fn claims_of(identity: &kyc_sandbox::identities::Identity) -> Value {
    identity.claims()
}

/// The body of a new session.
pub fn new_session(id: &str) -> Value {
    json!({ "session_id": id, "customer_id": "C-4F2A-0093", "conversation_id": format!("conv-{id}"), "queue": "retail-de", "channel": "video" })
}
