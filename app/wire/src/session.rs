//! One session as staff see it: state, comparison, checks, what may be done next.

use serde::{Deserialize, Serialize};

use crate::ids::{Micros, NoteId, PersonId, SessionId};
use crate::masked::{Agreement, Field, MaskedValue};
use crate::photo::{Photo, PhotoSource};
use crate::text::Localised;

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

/// One thing that needs a person's eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Attention {
    /// A flag was raised.
    Flagged,
    /// A check failed.
    CheckFailed(CheckGroup),
    /// Claim and document differ.
    Mismatch(Field),
    /// A check wants a human look.
    CheckReview(CheckGroup),
    /// The provider asks for another capture.
    NewCapture(CheckGroup),
    /// The provider has not answered in the usual time.
    ProviderSlow,
    /// The provider cannot be reached.
    ProviderDown,
    /// The bank has not sent what the applicant claimed.
    NoClaims,
}

/// The four groups in which checks are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckGroup {
    /// Is the document genuine, readable, valid?
    Document,
    /// Is the person the one on the document?
    Face,
    /// Is a living person in front of the camera?
    Liveness,
    /// Data, device and watchlist checks.
    Data,
}

impl CheckGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Document, Self::Face, Self::Liveness, Self::Data];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Face => "face",
            Self::Liveness => "liveness",
            Self::Data => "data",
        }
    }
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing to object to.
    Passed,
    /// A person should look; also what any unknown answer of a provider becomes.
    Review,
    /// The provider objects.
    Failed,
    /// The capture was not good enough to say.
    NewCapture,
    /// No answer yet.
    Pending,
}

/// One check of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// Where it is shown.
    pub group: CheckGroup,
    /// What it came to.
    pub outcome: CheckOutcome,
    /// The provider's own code, for those who look.
    pub provider_code: Option<String>,
    /// The reason in plain words.
    pub explanation: Localised,
    /// What the agent should look at, if anything.
    pub look_at: Option<Localised>,
    /// When the provider decided.
    pub at: Option<Micros>,
}

/// One field: what the applicant claimed beside what the document says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldComparison {
    /// Which field.
    pub field: Field,
    /// The claim, masked.
    pub claim: Option<MaskedValue>,
    /// The document's value, masked.
    pub document: Option<MaskedValue>,
    /// Whether they agree; compared on the server in clear text.
    pub agreement: Agreement,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// What the applicant told the bank.
    Claim,
    /// What the provider read from the document.
    Document,
}

impl Origin {
    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Document => "document",
        }
    }
}

/// Facts about the document that are not personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentFacts {
    /// `passport`, `id_card`, `residence_permit`, `drivers_license` or `other`.
    pub document_type: Option<String>,
    /// Issuing country, as the provider writes it (ISO 3166).
    pub country: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// Whether that day is past, in the bank's time zone.
    pub is_expired: bool,
}

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

/// How far the provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProviderPhase {
    /// Waits to be started.
    NotStarted,
    /// Started; the customer has the link.
    WaitingForCustomer,
    /// The provider has everything and works.
    Processing,
    /// It has answered.
    Done,
    /// It takes longer than usual.
    Slow,
    /// It cannot be reached; retries go on.
    Down,
}

/// The provider's side of the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderView {
    /// `veriff`, `onfido` or `jumio`.
    pub name: String,
    /// How far it is.
    pub phase: ProviderPhase,
    /// Since when.
    pub since: Micros,
    /// Link to the session in the provider's own console, for those with an account there.
    pub console_url: Option<String>,
}

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

/// A command without more to say than what it was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Plain {
    /// The version the caller saw.
    pub expected_version: u64,
}

/// Asks for a link to the customer's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskLink {
    /// The version that the caller saw.
    pub expected_version: u64,
    /// Whether the one in force will do, so that what the customer has begun by it goes on. Another one is issued where there is none.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub in_force: bool,
}

/// A link to the customer's page. Whoever has it is taken for the customer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerLink {
    /// The address.
    pub url: String,
    /// When it ends.
    pub expires_at: Micros,
    /// The sentence with which it is sent to her, in her language.
    pub message: String,
}

impl core::fmt::Debug for CustomerLink {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CustomerLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A command with a reason from the configured list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WithReason {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the reason.
    pub reason: String,
}

/// Take a session; with a reason when a colleague holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the reason; needed to take over.
    pub reason: Option<String>,
}

/// See one field in clear text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Which field.
    pub field: Field,
    /// Of the claim or of the document.
    pub origin: Origin,
    /// Code of the reason.
    pub reason: String,
}

/// Ask for a new capture of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recapture {
    /// The version the caller saw.
    pub expected_version: u64,
    /// What to capture again.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
}

/// What an agent wants of the customer now: it stands on her page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asked {
    /// What she is to capture again; nothing where the picture of the call is too poor.
    pub items: Vec<AskedItem>,
    /// The sentence that says it, in her language: for the chat.
    pub message: String,
}

/// One item that is wanted again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedItem {
    /// Which.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
    /// When it was asked for.
    pub at: Micros,
    /// Whether it has arrived, while another one has not.
    pub is_there: bool,
}

/// What can be captured again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaptureItem {
    /// Front of the document.
    DocumentFront,
    /// Back of the document.
    DocumentBack,
    /// The customer's face.
    Face,
}

impl CaptureItem {
    /// All items, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::DocumentFront, Self::DocumentBack, Self::Face];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentFront => "document_front",
            Self::DocumentBack => "document_back",
            Self::Face => "face",
        }
    }

    /// The item with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == code)
    }
}

/// A photo that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upload {
    /// Who handed it over.
    pub source: PhotoSource,
    /// What it shows.
    pub item: CaptureItem,
    /// When it last arrived.
    pub at: Micros,
}

impl Upload {
    /// Which photo it is.
    pub const fn photo(&self) -> Photo {
        Photo { source: self.source, item: self.item }
    }
}

/// Look at a photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewPhoto {
    /// Who handed it over; the customer, where nothing is said.
    #[serde(default)]
    pub source: PhotoSource,
    /// What it shows.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
}

impl ViewPhoto {
    /// Which photo is asked for.
    pub const fn photo(&self) -> Photo {
        Photo { source: self.source, item: self.item }
    }
}

/// Mark one line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkItem {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the line.
    pub item: String,
    /// The mark; `open` takes it back.
    pub mark: Mark,
}

/// Write a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteNote {
    /// The text, at most 2,000 characters.
    pub text: String,
}

/// Start a session for a conversation whose flow failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartForConversation {
    /// The bank's opaque id of the customer.
    pub customer_id: String,
    /// The queue; must be one of the caller's.
    pub queue: String,
    /// The customer's language, as a tag such as `de`; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}
