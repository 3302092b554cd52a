//! The flow API: what a Genesys data action sends and reads. Flat JSON, because data actions map flat fields best.

use serde::{Deserialize, Serialize};

use crate::ids::{Micros, SessionId};
use crate::session::Status;

/// Creates a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The flow's own id; minted by the server when absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "id_or_empty")]
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
    /// The customer's language as a tag such as `de` or `en-US`; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A data action has no way to leave a field out.
fn id_or_empty<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<SessionId>, D::Error> {
    let text: Option<std::borrow::Cow<'de, str>> = Deserialize::deserialize(from)?;
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| serde::de::Error::custom("no id"))).transpose()
}

/// What the flow is told, whatever it asks. Every field is always there, and none is nested: a data action maps it as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowAnswer {
    /// The session.
    pub session_id: SessionId,
    /// Where it stands.
    pub status: Status,
    /// Counts changes.
    pub version: u64,
    /// Whether the state is final.
    pub is_final: bool,
    /// What to do.
    pub action: NextAction,
    /// How long to wait before it, in seconds.
    pub wait_seconds: u32,
    /// What to tell the customer, as a code.
    pub message_code: FlowMessage,
    /// What to tell the customer, in the language of the session; empty when there is nothing to say.
    pub message: String,
    /// Number of the running attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// Attempts that are left after the running one.
    pub retries_left: u32,
    /// The customer's own link: her page, where she consents, is led to the capture, uploads and reads how it goes on. There from the first
    /// answer on, the same until another is issued; empty when an agent cannot work on the case any more.
    pub capture_url: String,
    /// Reference for the agent and the log when the flow gives up; empty otherwise.
    pub error_ref: String,
    /// When the session was created.
    pub created_at: Micros,
}

/// Starts a video attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAttempt {
    /// Which, from 1, as the flow counts. One that runs already is not started again. The next one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

/// Who measured the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reporter {
    /// The flow itself.
    #[default]
    Flow,
    /// The customer's page, before or during the call.
    CustomerPage,
    /// The agent who looks at it.
    Agent,
    /// The service that carries the video.
    VideoService,
}

impl Reporter {
    /// The code, as on the wire and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::CustomerPage => "customer_page",
            Self::Agent => "agent",
            Self::VideoService => "video_service",
        }
    }
}

/// Reports the picture quality of the running attempt: a score or a MOS, the picture's height, or that there is no video at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QualityReport {
    /// Which attempt is reported. Needed unless there is no video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// 0 (unusable) to 1 (perfect).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// In place of the score: a mean opinion score from 1 (bad) to 5 (excellent; ITU-T P.800.1). The score is (MOS - 1) / 4, so that 4.2
    /// is 0.8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mos: Option<f64>,
    /// Height of the received picture in pixels; 0 or absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_height: Option<u32>,
    /// Share of packets lost, 0 to 1, if known. It is kept and decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// False when the device or browser cannot do video (no WebRTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supports_video: Option<bool>,
    /// Who measured; the flow when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
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
    /// The device cannot do video: the bank's mobile app or document upload, which the link offers both.
    MobileApp,
    /// Hand over to a person.
    RouteToAgent,
}

/// What the customer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowMessage {
    /// Nothing.
    None,
    /// To open the link.
    OpenLink,
    /// To look for better light, and that it is tried again.
    PoorPicture,
    /// That her browser cannot do video, and what she can do instead.
    NoVideo,
    /// That it goes on by voice and upload.
    ContinueByAudio,
    /// That a person takes over.
    AgentTakesOver,
}

/// The customer is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignOfLife {
    /// True from who cannot say so again: she stays connected until the conversation's end is reported, or until nothing was heard of her for
    /// `policy.call_silent_seconds` (five minutes). Otherwise another sign of life must follow within 45 seconds; send one every 15.
    #[serde(default)]
    pub until_end: bool,
}

/// The customer is back, perhaps in another conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResumeSession {
    /// The conversation she is in now.
    pub conversation_id: String,
    /// Whose session the flow believes it is; another customer's is refused and recorded.
    pub customer_id: String,
}

/// Why a flow hands over to a person by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowTrouble {
    /// The customer asked for a person.
    CustomerAsked,
    /// The customer does not answer.
    NoReply,
    /// Something in the flow failed.
    FlowFailed,
}

impl FlowTrouble {
    /// The code, as on the wire and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerAsked => "customer_asked",
            Self::NoReply => "no_reply",
            Self::FlowFailed => "flow_failed",
        }
    }
}

/// Hands the session over to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Why.
    pub cause: FlowTrouble,
}

/// Why the conversation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndOfConversation {
    /// Whether the customer broke off; otherwise the conversation just ended and the session can be resumed.
    pub is_abandoned: bool,
    /// The conversation that ended. The end of one that she has left for another changes nothing; without it, it is the one she is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
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
