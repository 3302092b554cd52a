//! What a person may do with a session, and what keeps her from it.

use serde::{Deserialize, Serialize};

/// What a person can do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Take the session.
    Take,
    /// Take it from a colleague, with a reason.
    TakeOver,
    /// Give it back.
    Release,
    /// See one field in clear text.
    Reveal,
    /// Mark a line of the checklist.
    Mark,
    /// Write a note.
    Note,
    /// Give the customer another link to her page.
    SendLink,
    /// Ask the customer for a new capture.
    Recapture,
    /// Take back what she was asked for again.
    Withdraw,
    /// Report that the picture is too poor to go on with.
    PoorPicture,
    /// Call a supervisor.
    Escalate,
    /// Send to final approval (or approve, where the policy wants no second person).
    Propose,
    /// Refuse the customer.
    Reject,
    /// End it for technical reasons.
    CouldNotVerify,
    /// Give the second approval.
    Approve,
    /// Send it back to the agent.
    Return,
    /// Open a finished session again.
    Reopen,
    /// Take the flag off.
    Unflag,
}

impl Act {
    /// The code, as on the wire and in the configured reasons.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::TakeOver => "take_over",
            Self::Release => "release",
            Self::Reveal => "reveal",
            Self::Mark => "mark",
            Self::Note => "note",
            Self::SendLink => "send_link",
            Self::Recapture => "recapture",
            Self::Withdraw => "withdraw",
            Self::PoorPicture => "poor_picture",
            Self::Escalate => "escalate",
            Self::Propose => "propose",
            Self::Reject => "reject",
            Self::CouldNotVerify => "could_not_verify",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Reopen => "reopen",
            Self::Unflag => "unflag",
        }
    }
}

/// One thing the caller may do now, or why not yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// What.
    pub act: Act,
    /// What is missing first; none when it can be done at once.
    pub blocked_by: Option<Blocker>,
}

/// What stands between a person and an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Blocker {
    /// No document result yet.
    NoDocument,
    /// No liveness result yet.
    NoLiveness,
    /// Lines of the checklist are open.
    ChecklistOpen,
    /// A line of the checklist failed.
    ChecklistFailed,
    /// She decided, held or revealed it herself.
    OwnCase,
    /// A flag must be cleared first.
    Flagged,
    /// What the case allows of it is used up.
    UsedUp,
}
