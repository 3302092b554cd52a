//! Who is signed in, and what the bank configured for her.

use serde::{Deserialize, Serialize};

use crate::ids::{Micros, SessionId, TxnId};
use crate::masked::Field;
use crate::photo::Photo;
use crate::session::{Act, Colleague, Origin};
use crate::text::Localised;

/// What a person may do in general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Verifies customers.
    Agent,
    /// Also reviews and gives the second approval.
    Supervisor,
    /// Reads everything masked, exports the audit log.
    Auditor,
    /// Configuration, keys, sign-ins.
    Admin,
}

impl Role {
    /// The code, as on the wire and in the role mapping.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }
}

/// One configured reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonOption {
    /// Its code, as kept in the audit log.
    pub code: String,
    /// `business`, `technical` or `suspicion`.
    pub family: String,
    /// For which acts it may be given.
    pub acts: Vec<Act>,
    /// What staff read.
    pub label: Localised,
}

/// A language in which customers can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LanguageChoice {
    /// Its tag, such as `de`.
    pub code: String,
    /// What it calls itself.
    pub name: String,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// Her id and name.
    #[serde(flatten)]
    pub person: Colleague,
    /// Her roles; never empty.
    pub roles: Vec<Role>,
    /// The queues her roles map to; `*` is every queue.
    pub queues: Vec<String>,
    /// When the sign-in ends without activity.
    pub idle_deadline: Micros,
    /// When it ends in any case.
    pub absolute_deadline: Micros,
    /// The server's time.
    pub now: Micros,
    /// The reasons she can choose from.
    pub reasons: Vec<ReasonOption>,
    /// For how many seconds a revealed value is shown.
    pub reveal_seconds: u32,
    /// The languages that customers can read.
    pub languages: Vec<LanguageChoice>,
}

impl Me {
    /// Whether she has `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether she may look at sessions: whoever has another role than that of an administrator.
    pub fn reads_sessions(&self) -> bool {
        self.roles.iter().any(|role| *role != Role::Admin)
    }
}

/// Opens a sign-in: the widget's half of a secret, hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTxn {
    /// Base64url of the SHA-256 of the verifier (RFC 7636 section 4.2, method `S256`).
    pub challenge: String,
    /// Which identity provider; the first configured one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp: Option<String>,
    /// Whether a code is wanted, because the popup cannot be handed the ticket.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub by_code: bool,
}

/// By whom one can sign in, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInOptions {
    /// The identity providers.
    pub idps: Vec<IdpChoice>,
    /// Whether a code may stand for a popup that cannot be reached.
    pub by_code: bool,
}

/// An identity provider that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdpChoice {
    /// Its name in the configuration, for [`NewTxn::idp`].
    pub name: String,
    /// What staff call it.
    pub label: String,
}

/// A value that is asked for in clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Which field.
    pub field: Field,
    /// Of the claim or of the document.
    pub origin: Origin,
}

/// Opens the proof that an act asks for: the same popup as for a sign-in, bound to the one that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStepUp {
    /// As in [`NewTxn`].
    pub challenge: String,
    /// For which act.
    pub act: Act,
    /// On which session.
    pub session_id: SessionId,
    /// For a reveal, of which values; each is proven for once.
    #[serde(default)]
    pub values: Vec<Place>,
    /// For a reveal, of which photos; each is proven for once.
    #[serde(default)]
    pub photos: Vec<Photo>,
}

/// A sign-in under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Txn {
    /// Its id; useless without the verifier.
    pub txn_id: TxnId,
    /// One-time ticket that the widget hands to the popup.
    pub ticket: String,
    /// The code that the agent types into the popup instead, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The sign-in has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedOut {
    /// With this the popup goes on to sign out at the identity provider too; none where that cannot be asked.
    pub at_idp: Option<Txn>,
}

/// Redeems a finished sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The verifier whose hash opened the sign-in.
    pub verifier: String,
}

/// How a sign-in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TxnState {
    /// The popup has not come back yet.
    Pending,
    /// Signed in: the cookie is set.
    Redeemed,
    /// Refused; a new one must be started. `no_role` means: signed in at the identity provider, but without access.
    Refused {
        /// Why, as a stable code.
        code: RefusalCode,
    },
}

/// Why a sign-in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// None of the person's claims maps to a role.
    NoRole,
    /// The identity provider answered with an error or something that could not be verified.
    Refused,
    /// The identity provider could not be reached.
    Unreachable,
    /// The proof was somebody else's than the one who is signed in.
    OtherPerson,
    /// The proof is not as recent or not as strong as the act asks for.
    NotProven,
    /// Something this widget does not know.
    #[serde(other)]
    Unknown,
}
