//! What happened: who did what to which record, with what outcome. Kinds and codes, never values, so that the log outlives the
//! purge of what it speaks of.

pub mod chain;
pub mod export;

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId, SignInId};
use kyc_wire::masked::Field;
use kyc_wire::session::Status;
use serde::{Deserialize, Serialize};

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Actor {
    /// A signed-in member of staff.
    Person {
        /// Who.
        person: PersonId,
        /// In which sign-in.
        sign_in: SignInId,
    },
    /// A client of the flow or bank API.
    Client {
        /// Its id.
        client: String,
    },
    /// A provider.
    Provider {
        /// The integration's name.
        integration: String,
    },
    /// The customer, by her link.
    Customer,
    /// Somebody who is not signed in (yet).
    Guest,
    /// The server itself.
    System,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)+) => {
        /// What was done. The codes are kept for ever: a new meaning needs a new code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $($(#[$doc])* #[serde(rename = $code)] $name,)+ }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code, as stored and exported.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

actions! {
    /// A session was opened by the flow or an agent.
    SessionCreated = "session_created";
    /// A person looked at a session.
    SessionOpened = "session_opened";
    /// A session was taken.
    LeaseTaken = "lease_taken";
    /// A session was taken from a colleague.
    LeaseTakenOver = "lease_taken_over";
    /// A lease was renewed.
    LeaseRenewed = "lease_renewed";
    /// A session was given back.
    LeaseReleased = "lease_released";
    /// A field was shown in clear text.
    FieldRevealed = "field_revealed";
    /// A line of the checklist was marked.
    ChecklistMarked = "checklist_marked";
    /// A note was written.
    NoteAdded = "note_added";
    /// A new capture was asked for.
    RecaptureRequested = "recapture_requested";
    /// What was asked for again was taken back.
    RecaptureWithdrawn = "recapture_withdrawn";
    /// A supervisor was called.
    Escalated = "escalated";
    /// A flag was taken off.
    Unflagged = "unflagged";
    /// Sent to final approval.
    Proposed = "proposed";
    /// Refused.
    Rejected = "rejected";
    /// Ended for technical reasons.
    CouldNotVerify = "could_not_verify";
    /// Approved by a second person.
    Approved = "approved";
    /// Sent back to the agent.
    Returned = "returned";
    /// Opened again.
    Reopened = "reopened";
    /// A video attempt began.
    AttemptStarted = "attempt_started";
    /// Picture quality was reported.
    QualityReported = "quality_reported";
    /// The flow handed over to a person.
    HandedOver = "handed_over";
    /// The flow said that the customer is back, perhaps in another conversation.
    Resumed = "resumed";
    /// The customer connected, or came back.
    Connected = "customer_connected";
    /// The conversation ended.
    ConversationEnded = "conversation_ended";
    /// The customer was given a link; earlier ones ended.
    LinkIssued = "link_issued";
    /// The customer began a visit by her link.
    LinkOpened = "link_opened";
    /// Somebody showed a link that opens nothing.
    LinkRefused = "link_refused";
    /// The customer uploaded a photo; the detail is what it shows.
    DocumentUploaded = "document_uploaded";
    /// The customer said that her photos are all there.
    DocumentsSent = "documents_sent";
    /// A picture that came with a provider's result was taken in, or refused; the detail is what it shows.
    ImageReceived = "image_received";
    /// A photo was looked at; the detail is what it shows.
    DocumentViewed = "document_viewed";
    /// The customer consented; the detail is the hash of the text, with its version and language.
    ConsentGiven = "consent_given";
    /// A class of data was deleted because its time was over: the certificate. The detail is the class, how much of what went, and for how
    /// many days backups may still hold it.
    Purged = "purged";
    /// The provider has deleted its own copy; the detail is the run.
    ProviderPurged = "provider_purged";
    /// The bank wants what is kept to be held; the detail is its reference and the last second, in seconds since 1970.
    HoldPlaced = "hold_placed";
    /// The bank holds it no longer.
    HoldLifted = "hold_lifted";
    /// The bank handed over what the applicant claimed.
    ClaimsReceived = "claims_received";
    /// A start of the provider was tried.
    ProviderStarting = "provider_starting";
    /// The provider began.
    ProviderStarted = "provider_started";
    /// The provider could not be reached.
    ProviderUnreachable = "provider_unreachable";
    /// The provider has everything.
    DocumentSubmitted = "document_submitted";
    /// A result was taken in.
    ResultApplied = "result_applied";
    /// The customer did not come back in time.
    Expired = "expired";
    /// The connection was lost.
    ConnectionLost = "connection_lost";
    /// The launch named a customer who does not belong to the session.
    HintMismatch = "hint_mismatch";
    /// Somebody asked for what she may not see.
    AccessRefused = "access_refused";
    /// A client got a token.
    TokenIssued = "token_issued";
    /// A client was refused a token.
    TokenRefused = "token_refused";
    /// A sign-in began. In older logs only: anybody can begin one.
    SignInStarted = "sign_in_started";
    /// A code was typed that stands for a panel which waits to be signed in.
    SignInConfirmCodeUsed = "sign_in_confirm_code_used";
    /// A sign-in succeeded.
    SignInSucceeded = "sign_in_succeeded";
    /// A sign-in was refused.
    SignInRefused = "sign_in_refused";
    /// A proof was asked for before an act.
    StepUpRequested = "step_up_requested";
    /// It was given.
    StepUpSucceeded = "step_up_succeeded";
    /// It was not, or not well enough.
    StepUpFailed = "step_up_failed";
    /// A sign-in ended.
    SignInEnded = "sign_in_ended";
    /// Whoever had signed out here did so at her identity provider too.
    SignedOutAtIdp = "signed_out_at_idp";
    /// A sign-in was ended by somebody else, or by a newer one.
    SignInRevoked = "sign_in_revoked";
    /// An identity provider told that somebody has signed out there.
    BackchannelLogout = "backchannel_logout";
    /// An identity provider sent the browser of somebody who signed out there.
    SingleLogout = "single_logout";
    /// A request did not come from our own page.
    CrossSiteRefused = "cross_site_refused";
    /// The audit log was exported.
    AuditExported = "audit_exported";
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It was done.
    Ok,
    /// It was refused.
    Refused {
        /// Why, as a stable code.
        code: String,
    },
}

/// What a caller records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To which session, if to one.
    pub session: Option<SessionId>,
    /// How it ended.
    pub outcome: Outcome,
    /// Code of the reason given.
    pub reason: Option<String>,
    /// Fields concerned.
    pub fields: Vec<Field>,
    /// A small code that belongs to the action: the origin of a field, the line of a checklist.
    pub detail: Option<String>,
    /// The state afterwards, when it changed.
    pub status: Option<Status>,
    /// The request.
    pub request_id: String,
}

impl NewEntry {
    /// Something that was done.
    pub fn done(actor: Actor, action: Action) -> Self {
        Self {
            actor,
            action,
            session: None,
            outcome: Outcome::Ok,
            reason: None,
            fields: Vec::new(),
            detail: None,
            status: None,
            request_id: String::new(),
        }
    }

    /// Something that was refused.
    pub fn refused(actor: Actor, action: Action, code: &str) -> Self {
        Self { outcome: Outcome::Refused { code: code.to_owned() }, ..Self::done(actor, action) }
    }

    /// On a session.
    #[must_use]
    pub fn on(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// For a reason.
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    /// About fields.
    #[must_use]
    pub fn about(mut self, fields: &[Field]) -> Self {
        self.fields = fields.to_vec();
        self
    }

    /// With a small code.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// In a request.
    #[must_use]
    pub fn in_request(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request_id);
        self
    }
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The tenant.
    pub tenant: String,
    /// Its place in the tenant's chain, from 1.
    pub seq: u64,
    /// When it was completed.
    pub at: Micros,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To which session.
    pub session: Option<SessionId>,
    /// How it ended.
    pub outcome: Outcome,
    /// Code of the reason given.
    pub reason: Option<String>,
    /// Fields concerned.
    pub fields: Vec<Field>,
    /// A small code that belongs to the action.
    pub detail: Option<String>,
    /// The state afterwards, when it changed.
    pub status: Option<Status>,
    /// The request.
    pub request_id: String,
}

impl Entry {
    /// Whether it says of the same person, session and fields what `new` would say, in whichever request.
    pub fn says_the_same_as(&self, new: &NewEntry) -> bool {
        (&self.actor, self.action, self.session, &self.outcome) == (&new.actor, new.action, new.session, &new.outcome)
            && (&self.reason, &self.fields, &self.detail) == (&new.reason, &new.fields, &new.detail)
    }
}

/// Why an entry could not be written. Whoever gets this must not act.
#[derive(Debug, thiserror::Error)]
#[error("the audit entry could not be written")]
pub struct AuditError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where entries go: implemented by the open transaction, so that the entry and what it speaks of last together or not at all.
#[async_trait]
pub trait AuditSink: Send {
    /// Writes an entry and gives its place in the chain.
    async fn record(&mut self, entry: NewEntry) -> Result<u64, AuditError>;

    /// When the latest entry was written that says the same as this one, if there is one among the last of its session.
    async fn find_recorded(&mut self, entry: &NewEntry) -> Result<Option<Micros>, AuditError>;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_actions_share_a_code() {
        let codes: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(codes.len(), Action::ALL.len());
    }
}
