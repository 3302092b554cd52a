//! What can be asked of a session, by whom, and why it may be refused.

use std::collections::BTreeSet;

use kyc_wire::flow::{FlowTrouble, Reporter};
use kyc_wire::ids::{Micros, PersonId};
use kyc_wire::masked::Field;
use kyc_wire::session::{Act, Blocker, CaptureItem, Mark, Status};

use super::names::ConversationId;
use super::session::{CaptureId, Consent, DataClass, Hold, Precheck, ResultFacts};

/// A member of staff who acts, with what her roles allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub person: PersonId,
    /// Whether she may approve, return, reopen and clear flags.
    pub is_supervisor: bool,
}

/// What staff can ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffCommand {
    /// Take the session; with a reason when a colleague holds it.
    Take {
        /// Code of the reason.
        reason: Option<String>,
    },
    /// Keep the lease.
    Renew,
    /// Give the session back.
    Release,
    /// See fields in clear text. Who has seen them cannot approve.
    Reveal,
    /// Look at the photos, all there are. It counts as one reveal for as long as they are shown.
    Look,
    /// Mark a line of the checklist.
    Mark {
        /// Code of the line.
        item: String,
        /// The mark.
        mark: Mark,
    },
    /// Add a note (kept apart, sealed).
    Note,
    /// Give the customer another link.
    SendLink,
    /// Ask for a new capture.
    Recapture {
        /// Of what.
        item: CaptureItem,
        /// Code of the reason.
        reason: String,
    },
    /// Take back what was asked for again, as far as it has not arrived.
    Withdraw,
    /// Report that the picture is too poor to go on with: a quality report by the agent.
    PoorPicture,
    /// Call a supervisor.
    Escalate {
        /// Code of the reason.
        reason: String,
    },
    /// Take the flag off.
    Unflag,
    /// Send to final approval.
    Propose {
        /// Code of the reason; needed when something is not clear.
        reason: Option<String>,
    },
    /// Refuse the customer.
    Reject {
        /// Code of the reason.
        reason: String,
    },
    /// End for technical reasons.
    CouldNotVerify {
        /// Code of the reason.
        reason: String,
    },
    /// Second approval.
    Approve,
    /// Back to the agent.
    Return {
        /// Code of the reason.
        reason: String,
    },
    /// Open again.
    Reopen {
        /// Code of the reason.
        reason: String,
    },
}

impl StaffCommand {
    /// Which act this is.
    pub const fn act(&self) -> Act {
        match self {
            Self::Take { reason: None } | Self::Renew => Act::Take,
            Self::Take { reason: Some(_) } => Act::TakeOver,
            Self::Release => Act::Release,
            Self::Reveal | Self::Look => Act::Reveal,
            Self::Mark { .. } => Act::Mark,
            Self::Note => Act::Note,
            Self::SendLink => Act::SendLink,
            Self::Recapture { .. } => Act::Recapture,
            Self::Withdraw => Act::Withdraw,
            Self::PoorPicture => Act::PoorPicture,
            Self::Escalate { .. } => Act::Escalate,
            Self::Unflag => Act::Unflag,
            Self::Propose { .. } => Act::Propose,
            Self::Reject { .. } => Act::Reject,
            Self::CouldNotVerify { .. } => Act::CouldNotVerify,
            Self::Approve => Act::Approve,
            Self::Return { .. } => Act::Return,
            Self::Reopen { .. } => Act::Reopen,
        }
    }

    /// The reason given, if any.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Take { reason } | Self::Propose { reason } => reason.as_deref(),
            Self::Recapture { reason, .. }
            | Self::Escalate { reason }
            | Self::Reject { reason }
            | Self::CouldNotVerify { reason }
            | Self::Return { reason }
            | Self::Reopen { reason } => Some(reason),
            _ => None,
        }
    }
}

/// What the flow, the bank, the provider and the clock can report.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The flow starts a video attempt.
    AttemptStarted {
        /// Which, as the flow counts: one that runs already is not started again. The next one where the flow does not count.
        number: Option<u32>,
    },
    /// Somebody reports picture quality.
    Quality(Quality),
    /// A sign of life of the customer, by whoever carries her call. The next one follows within seconds.
    Heartbeat,
    /// The customer uses her page. The next sign of life follows within seconds.
    SeenOnPage,
    /// The customer is in the call, and stays there until its end is reported.
    SeenInCall,
    /// The customer is back, in this conversation.
    Resumed {
        /// The same as before, or another one that goes on with it.
        conversation: ConversationId,
    },
    /// The flow gives up and hands over to a person.
    HandedOver {
        /// Why.
        trouble: FlowTrouble,
        /// Reference for the agent and the log.
        error_ref: String,
    },
    /// What the customer's device was found capable of.
    Prechecked(Precheck),
    /// The customer uploaded a photo.
    Uploaded(CaptureItem),
    /// The customer said that it is all.
    UploadsSent,
    /// The customer consented to this text.
    Consented(Consent),
    /// The customer goes to the provider's capture.
    SentToCapture,
    /// The conversation ended.
    ConversationEnded {
        /// Which one, if that is said: the end of one that she has left for another ends nothing.
        of: Option<ConversationId>,
        /// Whether the customer broke off for good.
        is_abandoned: bool,
    },
    /// What the applicant claimed has arrived, or has changed.
    Claims {
        /// Fields in which claim and document differ, as far as there is a document.
        mismatches: BTreeSet<Field>,
    },
    /// A start of the provider is about to be tried.
    ProviderStarting,
    /// The provider has opened its session; the customer can begin.
    ProviderStarted,
    /// The provider cannot be reached at the moment.
    ProviderUnreachable,
    /// The provider says that everything was handed in; which capture that was, where it tells them apart.
    Submitted(Option<CaptureId>),
    /// The provider's result.
    Result(Box<ResultFacts>),
    /// A picture of the provider's result was taken in, or was none that may be kept.
    Image {
        /// Version of the result that it belongs to.
        result: u32,
        /// What it shows.
        item: CaptureItem,
        /// Whether it was not kept.
        is_refused: bool,
    },
    /// The bank wants what is kept to be held, or not any more.
    Held(Option<Hold>),
    /// What was counted as shown was not shown after all.
    NotShown {
        /// To whom.
        to: PersonId,
        /// Whether it was the beginning of a look at the photos.
        is_look: bool,
    },
    /// Time passed.
    Tick,
}

/// What was measured of the picture, and by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Of which attempt. None for the customer's page, which does not count: the running one, or the next where that one is judged.
    pub attempt: Option<u32>,
    /// 0 to 1.
    pub score: Option<f64>,
    /// Height of the picture in pixels, if known.
    pub frame_height: Option<u32>,
    /// Share of packets that were lost, 0 to 1, if known. It is kept and decides nothing: what it does to the picture is in the score.
    pub loss: Option<f64>,
    /// Whether the customer's device can do video at all.
    pub supports_video: bool,
    /// Who measured.
    pub by: Reporter,
    /// Reference to hand out if this ends in giving up.
    pub error_ref: String,
}

/// Something that must happen outside because a session changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The provider must be started (again).
    StartProvider,
    /// The provider may be asked at once how far the run is that counts.
    AskProvider,
    /// The time of this class of data is over.
    Purge(DataClass),
    /// The pictures of the result that was taken in may be fetched.
    FetchImages,
    /// What was read from the document must be forgotten.
    ForgetDocument,
    /// The state changed: tell the bank.
    StatusChanged {
        /// Before.
        from: Status,
        /// After.
        to: Status,
    },
    /// The provider changed its mind after somebody had decided: raise an alert.
    ProviderChangedItsMind,
}

/// Why a command is refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session changed since the caller saw it.
    #[error("the session is at version {current}")]
    Stale {
        /// Its version.
        current: u64,
    },
    /// Not in this state.
    #[error("not possible in state {}", state.as_str())]
    InvalidTransition {
        /// The state.
        state: Status,
    },
    /// Somebody else holds it.
    #[error("held by a colleague")]
    HeldByColleague {
        /// Who.
        holder: PersonId,
    },
    /// The caller must take it first.
    #[error("not held by the caller")]
    NotHolder,
    /// Something is missing first.
    #[error("something is missing first")]
    Blocked(Blocker),
    /// The reason is not in the list, or not for this.
    #[error("the reason is not one for this act")]
    BadReason,
    /// There is no such line in the checklist.
    #[error("no such line in the checklist")]
    NoSuchLine,
    /// The allowance is used up.
    #[error("the allowance is used up")]
    TooMany,
    /// The caller's role does not allow it: for her, it does not exist.
    #[error("not for this role")]
    NotForRole,
    /// The report is about an attempt that is not the running one.
    #[error("attempt {running} is running")]
    WrongAttempt {
        /// The running attempt.
        running: u32,
    },
    /// The session goes on in another conversation, or may not change it.
    #[error("the session belongs to another conversation")]
    OtherConversation,
}

/// What the flow must do next.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Next {
    /// Go on.
    Continue,
    /// Wait, then start another attempt.
    Retry,
    /// Audio and upload: the picture is too small.
    FallbackAudioUpload,
    /// The device cannot do video: the bank's mobile app, or upload.
    NoVideo,
    /// Hand over to a person.
    RouteToAgent {
        /// Reference for the agent and the log.
        error_ref: String,
    },
}

/// Where in time a rule is applied.
pub type Now = Micros;
