//! One session as staff see it: state, comparison, checks, what may be done next.

mod acts;
mod capture;
mod evidence;
mod requests;
mod work;

use serde::{Deserialize, Serialize};

pub use acts::{Act, Blocker, Offer};
pub use capture::{Asked, AskedItem, CaptureItem, Upload};
pub use evidence::{
    Attention, Check, CheckGroup, CheckOutcome, DocumentFacts, FieldComparison, Origin, ProviderPhase, ProviderView,
};
pub use requests::{
    AskLink, CustomerLink, MarkItem, Plain, Recapture, Reveal, StartForConversation, Take, ViewPhoto, WithReason,
    WriteNote,
};
pub use work::{ChecklistItem, Decision, HandOverCause, HandedOver, Mark, Note, TimelineEntry, Who};

use crate::ids::{Micros, PersonId, SessionId};

/// Where a session stands. The names are the guide's, in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The session exists; the customer has not handed in a document.
    Created,
    /// A document has reached the provider.
    DocumentSubmitted,
    /// The provider checks that a living person is in front of the camera.
    LivenessCheck,
    /// An agent compares, checks and decides.
    AgentVerification,
    /// A second person looks at the decision.
    FinalApproval,
    /// Verified. Final.
    Approved,
    /// Refused by a person. Final.
    Rejected,
    /// Ended for technical reasons, without a judgement about the customer. Final.
    CouldNotVerify,
    /// The customer did not come back in time. Final.
    Expired,
    /// The customer broke off. Final.
    Abandoned,
    /// A state that this widget does not know yet.
    #[serde(other)]
    Unknown,
}

impl Status {
    /// All that there are, in the order in which a session can reach them.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::DocumentSubmitted,
        Self::LivenessCheck,
        Self::AgentVerification,
        Self::FinalApproval,
        Self::Approved,
        Self::Rejected,
        Self::CouldNotVerify,
        Self::Expired,
        Self::Abandoned,
    ];

    /// Whether nothing but a reopening can change the session.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Approved | Self::Rejected | Self::CouldNotVerify | Self::Expired | Self::Abandoned)
    }

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::DocumentSubmitted => "document_submitted",
            Self::LivenessCheck => "liveness_check",
            Self::AgentVerification => "agent_verification",
            Self::FinalApproval => "final_approval",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::CouldNotVerify => "could_not_verify",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::Unknown => "unknown",
        }
    }
}

/// A member of staff as others see her.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleague {
    /// Our id of the person.
    pub id: PersonId,
    /// The name her identity provider gives.
    pub name: String,
}

/// Why somebody was asked to look: an escalation, or the provider changed its mind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flag {
    /// Code of the configured reason, or `provider_changed_its_mind`.
    pub reason: String,
    /// When it was raised.
    pub at: Micros,
}

/// How the customer is connected, apart from the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "presence")]
pub enum Presence {
    /// The customer has not connected yet.
    NotConnected,
    /// She is there: her page or her video beats, or her call goes on.
    Connected,
    /// No sign of life since `since`.
    Lost {
        /// The last sign of life.
        since: Micros,
    },
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionSummary {
    /// The session.
    pub id: SessionId,
    /// Counts changes; a command names the version it was decided on.
    pub version: u64,
    /// Where it stands.
    pub status: Status,
    /// The queue it belongs to.
    pub queue: String,
    /// The bank's opaque id of the customer.
    pub customer_id: String,
    /// `video`, or `audio_upload` after the fallback.
    pub channel: String,
    /// The provider's name.
    pub provider: String,
    /// When it was created.
    pub created_at: Micros,
    /// Since when it is in this state.
    pub state_since: Micros,
    /// Who works on it.
    pub holder: Option<Colleague>,
    /// Who works on it or did so last.
    pub last_holder: Option<Colleague>,
    /// Set when somebody was asked to look.
    pub flag: Option<Flag>,
    /// Number of the running video attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// Attempts allowed in all.
    pub attempts_allowed: u32,
    /// The customer's connection.
    pub presence: Presence,
    /// What is wrong, as codes, most serious first.
    pub attention: Vec<Attention>,
    /// When an approval or an agent is due, if this state has a due time.
    pub due_at: Option<Micros>,
}

/// The clocks that matter, computed on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clocks {
    /// The server's time when this was written.
    pub now: Micros,
    /// Seconds of the customer's part that are used.
    pub process_used_seconds: u32,
    /// Seconds the customer's part may take.
    pub process_limit_seconds: u32,
    /// Whether that clock runs now.
    pub is_process_running: bool,
    /// Until when the customer must have connected, while that is open.
    pub connect_by: Option<Micros>,
    /// Until when the customer may resume, while she is away.
    pub resume_by: Option<Micros>,
    /// Until when the holder's lease runs.
    pub lease_until: Option<Micros>,
    /// When each class of data will be deleted.
    pub retention: Vec<RetentionClock>,
}

/// When one class of data is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionClock {
    /// `documents`, `interaction` or `results`.
    pub class: String,
    /// When it goes; none while the session is open.
    pub purge_at: Option<Micros>,
    /// Whether the bank has asked to hold it.
    pub is_held: bool,
}

/// Everything about one session that the caller may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: SessionSummary,
    /// The Genesys conversation.
    pub conversation_id: Option<String>,
    /// The provider's side.
    pub provider_view: ProviderView,
    /// Facts about the document.
    pub document: DocumentFacts,
    /// Claim against document, field by field, differences first.
    pub fields: Vec<FieldComparison>,
    /// The provider's checks.
    pub checks: Vec<Check>,
    /// The agent's checklist.
    pub checklist: Vec<ChecklistItem>,
    /// Photos: those that the customer uploaded, and those that came with the provider's result.
    pub uploads: Vec<Upload>,
    /// What the customer is asked for now, if an agent wants something of her.
    pub asked: Option<Asked>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Decisions, oldest first.
    pub decisions: Vec<Decision>,
    /// The clocks.
    pub clocks: Clocks,
    /// Why the flow gave up, while the case is with an agent and if it did.
    #[serde(default)]
    pub handed_over: Option<HandedOver>,
    /// What the caller may do.
    pub offers: Vec<Offer>,
    /// Whether another session can be started for its conversation: this one ended without a judgement about the customer.
    pub can_start_anew: bool,
    /// What no new capture can be asked of any more: it was asked for as often as the policy allows.
    pub asked_enough: Vec<CaptureItem>,
    /// Whether the caller holds the lease.
    pub is_mine: bool,
}

impl SessionDetail {
    /// The offer for `act`, if the caller has it.
    pub fn offer(&self, act: Act) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.act == act)
    }
}
