//! The flow API: what a Genesys data action sends and reads. Flat JSON, because data actions map flat fields best.

use serde::{Deserialize, Serialize};

use crate::ids::{Micros, SessionId};
use crate::session::Status;

/// Creates a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The flow's own id; minted by the server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The bank's opaque id of the customer: 1 to 64 characters, no e-mail, no card number, no spaces.
    pub customer_id: String,
    /// The Genesys conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The Genesys queue's name or id, as in the role mapping.
    pub queue: String,
    /// `video` (the default) or `audio_upload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which configured provider integration; the first one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// What the flow learns of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowSession {
    /// The session.
    pub session_id: SessionId,
    /// Where it stands.
    pub status: Status,
    /// Counts changes.
    pub version: u64,
    /// Number of the running attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// Attempts that are left.
    pub retries_left: u32,
    /// Whether the state is final.
    pub is_final: bool,
    /// Where the customer captures document and face, once the provider was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_url: Option<String>,
    /// When it was created.
    pub created_at: Micros,
}

/// Reports the picture quality of the running attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QualityReport {
    /// Which attempt is reported.
    pub attempt: u32,
    /// 0 (unusable) to 1 (perfect).
    pub score: f64,
    /// Height of the received picture in pixels, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_height: Option<u32>,
}

/// What the flow must do next. The server owns the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Go on.
    Continue,
    /// Wait, then try again.
    Retry,
    /// Audio and document upload by link.
    FallbackAudioUpload,
    /// Hand over to a person.
    RouteToAgent,
}

/// The answer to an attempt or a quality report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowDecision {
    /// What to do.
    pub action: NextAction,
    /// How long to wait before it, in seconds.
    pub wait_seconds: u32,
    /// Number of the running attempt.
    pub attempt: u32,
    /// Attempts that are left.
    pub retries_left: u32,
    /// What to tell the customer, as a code; empty when there is nothing to say.
    pub message_code: String,
    /// What to tell the customer, in English; empty when there is nothing to say.
    pub message: String,
    /// Reference for the agent and the log when the flow gives up; empty otherwise.
    pub error_ref: String,
    /// The session's state.
    pub status: Status,
}

/// Why the conversation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndOfConversation {
    /// Whether the customer broke off; otherwise the conversation just ended and the session can be resumed.
    pub is_abandoned: bool,
}

/// A token request (RFC 6749 section 4.4.2), sent as a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: String,
    /// Space-separated scopes; all of the client's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// A token (RFC 6749 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenResponse {
    /// The opaque token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Lifetime in seconds.
    pub expires_in: u32,
    /// The scopes granted.
    pub scope: String,
}
