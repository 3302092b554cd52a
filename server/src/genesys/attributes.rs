//! What a conversation says of its session, for the flow, for scripts and for reports: ids and codes, and nothing about anybody. Whoever
//! handles the conversation later, or plays its recording, can read it.

use serde_json::{Value, json};

use crate::domain::command::Next;
use crate::domain::session::{Session, State};

/// The attributes, by the names that the flow knows. All four, always: what is empty replaces what was not.
pub fn of(session: &Session) -> Value {
    json!({
        "kyc_session_id": session.id.to_string(),
        "kyc_status": session.status().as_str(),
        "kyc_retry_count": session.attempts.started.saturating_sub(1).to_string(),
        "kyc_error_ref": error_ref(session),
    })
}

/// The reference of the error by which the flow gave up; it stays when the session goes on.
fn error_ref(session: &Session) -> &str {
    match (&session.attempts.told, &session.state) {
        (Some(Next::RouteToAgent { error_ref }), _) | (_, State::AgentVerification { error_ref: Some(error_ref) }) => {
            error_ref
        }
        _ => "",
    }
}
