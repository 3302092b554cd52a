//! What people did: the checklist, notes, decisions, the timeline, and why a flow handed over.

use serde::{Deserialize, Serialize};

use super::{Act, Colleague, Status};
use crate::ids::{Micros, NoteId};
use crate::masked::Field;
use crate::text::Localised;

/// One line of the agent's checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChecklistItem {
    /// Code of the item in the configured checklist.
    pub code: String,
    /// What to do or ask.
    pub label: Localised,
    /// What the agent marked.
    pub mark: Mark,
}

/// What an agent marked on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Not done yet.
    Open,
    /// Done, and in order.
    Passed,
    /// Done, and not in order.
    Failed,
}

/// A note of an agent, with personal data scrubbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Note {
    /// The note.
    pub id: NoteId,
    /// Who wrote it.
    pub author: Colleague,
    /// When.
    pub at: Micros,
    /// The text, after the masking rules.
    pub text: String,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Who {
    /// A member of staff.
    Person(Colleague),
    /// The Genesys flow.
    Flow,
    /// The bank's system.
    Bank,
    /// The provider.
    Provider {
        /// Its name.
        name: String,
    },
    /// The customer, on her page.
    Customer,
    /// The server itself.
    System,
}

/// One line of the timeline: kinds and codes, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// When.
    pub at: Micros,
    /// What happened: the code of an audit action.
    pub action: String,
    /// Who did it.
    pub who: Who,
    /// Code of the reason given, if one was.
    pub reason: Option<String>,
    /// The state afterwards, when it changed.
    pub status: Option<Status>,
    /// The fields concerned, for reveals.
    pub fields: Vec<Field>,
    /// Whether it was refused.
    pub is_refused: bool,
}

/// Why the flow gave up, or cannot go on as it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HandOverCause {
    /// The picture was too poor, as often as it was tried.
    PoorPicture,
    /// The picture is too small for video: it goes on by voice and upload.
    SmallPicture,
    /// The customer's device cannot do video.
    NoVideo,
    /// The customer was invited and did not come.
    NotConnected,
    /// Attempts ran out without one that was measured.
    NoPicture,
    /// The captures failed as often as they were asked for, or were never finished.
    CaptureFailed,
    /// The customer asked for a person.
    CustomerAsked,
    /// The customer did not answer.
    NoReply,
    /// Something in the flow failed.
    FlowFailed,
    /// A cause that this widget does not know yet.
    #[serde(other)]
    Unknown,
}

/// That the flow gave up, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandedOver {
    /// Why.
    pub cause: HandOverCause,
    /// Reference that leads to this in the log and in the conversation's attributes; empty where there is none.
    pub error_ref: String,
    /// Video attempts that were made.
    pub attempts: u32,
    /// The best score that was measured, in thousandths.
    pub best_permille: Option<u16>,
    /// The score that is needed, in thousandths.
    pub needed_permille: u16,
    /// Height of the picture in pixels, where it was measured.
    pub frame_height: Option<u32>,
    /// The height that is needed.
    pub needed_height: u32,
}

/// What an agent concluded, with the result it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// What was concluded: `propose`, `reject`, `could_not_verify`, `approve`, `return` or `reopen`.
    pub act: Act,
    /// Who.
    pub by: Colleague,
    /// When.
    pub at: Micros,
    /// Code of the configured reason.
    pub reason: Option<String>,
    /// Version of the provider's result it rests on.
    pub result_version: u32,
}
