//! The bank's own system: what it is told, by signed event. What it hands over (claims) goes one way and has no type here,
//! because clear text never belongs to the shared vocabulary.

use serde::{Deserialize, Serialize};

use crate::ids::{EventId, Micros, SessionId};
use crate::session::Status;

/// An event for the bank's system, signed as Standard Webhooks describes. Ids and codes only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionEvent {
    /// The event; the same on every delivery.
    pub id: EventId,
    /// `session.created` or `session.status_changed`.
    pub r#type: String,
    /// When it happened.
    pub at: Micros,
    /// The session.
    pub session_id: SessionId,
    /// The bank's opaque id of the customer.
    pub customer_id: String,
    /// The Genesys conversation, with `session.created` where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The state.
    pub status: Status,
    /// The session's version.
    pub version: u64,
    /// Code of the reason, when the state has one. The suspicion family is told as `suspicion` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
