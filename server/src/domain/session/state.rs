//! The states, each with the data that only it has.

use kyc_wire::ids::PersonId;
use kyc_wire::session::Status;
use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum State {
    /// Waits for a document.
    Created,
    /// A document has reached the provider.
    DocumentSubmitted,
    /// The provider looks for a living person.
    LivenessCheck,
    /// An agent works or is waited for.
    AgentVerification {
        /// Reference of the error that brought it here, when the flow gave up.
        error_ref: Option<String>,
    },
    /// A second person is waited for.
    FinalApproval {
        /// Who proposed it.
        proposed_by: PersonId,
    },
    /// Verified.
    Approved {
        /// Who decided.
        decided_by: PersonId,
        /// Who approved; none where the policy wants no second person.
        approved_by: Option<PersonId>,
    },
    /// Refused.
    Rejected {
        /// Code of the reason.
        reason: String,
    },
    /// Ended for technical reasons.
    CouldNotVerify {
        /// Code of the reason.
        reason: String,
    },
    /// The customer did not come back in time.
    Expired,
    /// The customer broke off.
    Abandoned,
}

impl State {
    /// The code.
    pub const fn status(&self) -> Status {
        match self {
            Self::Created => Status::Created,
            Self::DocumentSubmitted => Status::DocumentSubmitted,
            Self::LivenessCheck => Status::LivenessCheck,
            Self::AgentVerification { .. } => Status::AgentVerification,
            Self::FinalApproval { .. } => Status::FinalApproval,
            Self::Approved { .. } => Status::Approved,
            Self::Rejected { .. } => Status::Rejected,
            Self::CouldNotVerify { .. } => Status::CouldNotVerify,
            Self::Expired => Status::Expired,
            Self::Abandoned => Status::Abandoned,
        }
    }

    /// Whether only a reopening can change it.
    pub const fn is_final(&self) -> bool {
        self.status().is_final()
    }

    /// Whether the customer takes part in this state: only then do her clocks run.
    pub const fn has_customer(&self) -> bool {
        matches!(self, Self::Created | Self::DocumentSubmitted | Self::LivenessCheck)
    }

    /// Whether an agent may hold and work on it.
    pub const fn can_be_held(&self) -> bool {
        self.has_customer() || matches!(self, Self::AgentVerification { .. })
    }
}
