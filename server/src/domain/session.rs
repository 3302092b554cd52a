//! The verification session: what it holds and where it may go.
//!
//! A transition takes the session and gives back the next one with what must happen outside, or a [`Refusal`] and nothing. It holds
//! ids and codes only: what is known about a person is sealed elsewhere.

mod approval;
mod attempts;
mod attention;
mod captures;
mod customer;
mod desk;
mod handed_over;
mod images;
mod offers;
mod presence;
mod provider;
mod retention;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod uploads;
mod values;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use kyc_wire::ids::{Micros, PersonId, SessionId};
use kyc_wire::masked::Field;
use kyc_wire::session::{Act, CaptureItem, Mark, Status};
use serde::{Deserialize, Serialize};

pub use attempts::{Attempts, Measured, PoorPicture};
pub use attention::group;
pub use captures::{CaptureId, Captures};
pub use customer::{CustomerStep, Sent};
pub use images::{ResultImage, ResultImages};
pub use presence::{Call, Connection, ProcessClock, Sign};
pub use provider::{DocumentFacts, ProviderRun, ResultFacts, ResultOutcome, RunPhase};
pub use retention::{DataClass, Hold, Retention};
pub use state::State;
pub use uploads::{Precheck, Uploads};
pub use wanted::{Asked, Wanted};

use super::command::{Effect, Refusal, Report, Staff, StaffCommand};
use super::names::{ConversationId, CustomerId, Language, Queue};
use super::policy::{Policy, RuleHashes};

/// How the customer takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By video.
    #[default]
    Video,
    /// By audio, with documents uploaded.
    AudioUpload,
}

impl Channel {
    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::AudioUpload => "audio_upload",
        }
    }
}

/// Who works on a session, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who.
    pub holder: PersonId,
    /// Until when, unless renewed.
    pub until: Micros,
}

/// Somebody was asked to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Code of the reason.
    pub reason: String,
    /// When.
    pub at: Micros,
}

/// A decision, with the version of the result it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub act: Act,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Micros,
    /// Code of the reason.
    pub reason: Option<String>,
    /// Version of the provider's result; 0 when there was none.
    pub result_version: u32,
    /// The rules it was made under.
    #[serde(default)]
    pub rules: RuleHashes,
}

/// What the customer consented to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// SHA-256 of the text, in hex.
    pub hash: String,
    /// The version that the text names.
    pub version: String,
    /// The language in which she read it.
    pub language: String,
    /// When.
    pub at: Micros,
}

impl Consent {
    /// As the audit log names it: `version:language:hash`.
    pub fn code(&self) -> String {
        format!("{}:{}:{}", self.version, self.language, self.hash)
    }
}

/// What is needed to open a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Its id, from the flow or minted.
    pub id: SessionId,
    /// The queue.
    pub queue: Queue,
    /// The bank's opaque id of the customer.
    pub customer_id: CustomerId,
    /// The Genesys conversation.
    pub conversation_id: Option<ConversationId>,
    /// How the customer takes part.
    pub channel: Channel,
    /// The configured provider integration.
    pub integration: String,
    /// The customer's language.
    pub language: Language,
}

/// A verification session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Counts changes.
    pub version: u64,
    /// The queue.
    pub queue: Queue,
    /// The bank's opaque id of the customer.
    pub customer_id: CustomerId,
    /// The Genesys conversation.
    pub conversation_id: Option<ConversationId>,
    /// How the customer takes part.
    pub channel: Channel,
    /// The customer's language.
    #[serde(default)]
    pub language: Language,
    /// When it was opened.
    pub created_at: Micros,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub state_since: Micros,
    /// Video attempts.
    pub attempts: Attempts,
    /// New captures asked for, per item.
    pub recaptures: BTreeMap<CaptureItem, u32>,
    /// What the customer is asked for again now.
    #[serde(default)]
    pub wanted: Option<Wanted>,
    /// The customer's connection.
    pub connection: Connection,
    /// Whether the customer ever connected.
    #[serde(default)]
    pub has_connected: bool,
    /// The call that she takes part in.
    #[serde(default)]
    pub call: Call,
    /// What the customer consented to on her page, if she has.
    #[serde(default)]
    pub consent: Option<Consent>,
    /// What the customer's device was found capable of, if it was looked at.
    #[serde(default)]
    pub precheck: Option<Precheck>,
    /// What the customer uploaded.
    #[serde(default)]
    pub uploads: Uploads,
    /// To which capture she was sent last, if she was.
    #[serde(default)]
    pub sent_to_capture: Option<Sent>,
    /// The clock of the customer's part.
    pub process: ProcessClock,
    /// Who works on it.
    pub lease: Option<Lease>,
    /// Who held it last, while nobody does.
    pub last_holder: Option<PersonId>,
    /// Set when somebody was asked to look.
    pub flag: Option<Flag>,
    /// The provider's side.
    pub provider: ProviderRun,
    /// The provider's latest result.
    pub result: Option<ResultFacts>,
    /// The pictures that came with it.
    #[serde(default)]
    pub images: ResultImages,
    /// Whether the bank has sent what the applicant claimed.
    pub has_claims: bool,
    /// How often it has: what was compared with earlier ones is worth nothing.
    #[serde(default)]
    pub claims_version: u32,
    /// Fields in which claim and document differ.
    pub mismatches: BTreeSet<Field>,
    /// The agent's marks; a line without a mark is open.
    pub marks: BTreeMap<String, Mark>,
    /// Who decided, held or revealed before the case went to final approval: none of them may approve.
    pub involved: BTreeSet<PersonId>,
    /// Reveals per person.
    pub reveals: BTreeMap<PersonId, u32>,
    /// Until when the photos are shown to whom. Looking at them until then counts no second time.
    #[serde(default)]
    pub looks: BTreeMap<PersonId, Micros>,
    /// Decisions, oldest first.
    pub decisions: Vec<Decision>,
    /// What of it is gone, and what must not go.
    #[serde(default)]
    pub retention: Retention,
    /// The rules it was opened under. They are kept for the auditor: what counts are the rules in force.
    pub rules: RuleHashes,
}

/// A session after a command, with what must happen outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The session; the same version as before when nothing changed that somebody may have looked at.
    pub session: Session,
    /// What must happen outside.
    pub effects: Vec<Effect>,
}

impl Session {
    /// Opens a session.
    pub fn open(new: NewSession, policy: &Policy, now: Micros) -> Applied {
        let session = Self {
            id: new.id,
            version: 1,
            queue: new.queue,
            customer_id: new.customer_id,
            conversation_id: new.conversation_id,
            channel: new.channel,
            language: new.language,
            created_at: now,
            state: State::Created,
            state_since: now,
            attempts: Attempts::default(),
            recaptures: BTreeMap::new(),
            wanted: None,
            connection: Connection::Waiting,
            has_connected: false,
            call: Call::None,
            consent: None,
            precheck: None,
            uploads: Uploads::default(),
            sent_to_capture: None,
            process: ProcessClock::default(),
            lease: None,
            last_holder: None,
            flag: None,
            provider: ProviderRun::new(new.integration, now),
            result: None,
            images: ResultImages::new(),
            has_claims: false,
            claims_version: 0,
            mismatches: BTreeSet::new(),
            marks: BTreeMap::new(),
            involved: BTreeSet::new(),
            reveals: BTreeMap::new(),
            looks: BTreeMap::new(),
            decisions: Vec::new(),
            retention: Retention::default(),
            rules: policy.hashes(),
        };
        Applied { session, effects: vec![Effect::StartProvider] }
    }

    /// Where it stands, as a code.
    pub const fn status(&self) -> Status {
        self.state.status()
    }

    /// Does what a member of staff asks, if it may be done. `expected` is the version she saw; commands that do not depend on what
    /// she saw leave it out.
    pub fn command(
        self,
        command: &StaffCommand,
        by: Staff,
        expected: Option<u64>,
        (policy, now): (&Policy, Micros),
    ) -> Result<Applied, Refusal> {
        if let Some(expected) = expected
            && expected != self.version
        {
            return Err(Refusal::Stale { current: self.version });
        }
        let before = self.clone();
        let mut after = self.settled(policy, now);
        let mut effects = Vec::new();
        after.carry_out(command, by, (policy, now), &mut effects)?;
        Ok(after.finish(&before, effects))
    }

    /// Takes in what the flow, the bank, the provider or the clock reports.
    pub fn report(self, report: Report, policy: &Policy, now: Micros) -> Result<Applied, Refusal> {
        let before = self.clone();
        let mut after = self.settled(policy, now);
        let mut effects = Vec::new();
        after.take_in(report, (policy, now), &mut effects)?;
        Ok(after.finish(&before, effects))
    }

    fn take_in(&mut self, report: Report, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        match report {
            Report::AttemptStarted { number } => self.start_attempt(number, at, effects),
            Report::Quality(quality) => self.judge_quality(quality, at, effects),
            Report::Heartbeat => self.see(Sign::Beat, at, effects),
            Report::SeenOnPage => self.see(Sign::Page, at, effects),
            Report::SeenInCall => self.see(Sign::Call, at, effects),
            Report::Resumed { conversation } => self.come_back(conversation, at, effects),
            Report::HandedOver { trouble, error_ref } => self.hand_over(trouble, error_ref, at.1),
            Report::Prechecked(found) => self.take_precheck(found, at, effects),
            Report::Uploaded(item) => self.take_upload(item, at, effects),
            Report::UploadsSent => self.send_uploads(at, effects),
            Report::Consented(consent) => self.take_consent(consent, at, effects),
            Report::SentToCapture => self.go_to_capture(at, effects),
            Report::ConversationEnded { is_abandoned, of } => self.end_conversation(is_abandoned, of.as_ref(), at.1),
            Report::Claims { mismatches } => self.take_claims(mismatches),
            Report::ProviderStarting => self.provider_starting(at.1),
            Report::ProviderStarted => self.provider_started(at.1),
            Report::ProviderUnreachable => self.provider_unreachable(at.1),
            Report::Submitted(capture) => {
                self.document_submitted(capture, at.1);
                Ok(())
            }
            Report::Result(result) => {
                self.take_result(*result, at, effects);
                Ok(())
            }
            Report::Image { result, item, is_refused } => {
                self.take_image(result, item, ResultImage { at: at.1, is_refused })
            }
            Report::Held(hold) => self.keep_from_purge(hold, at.0),
            Report::NotShown { to, is_look } => {
                self.take_back_reveal(to, is_look);
                Ok(())
            }
            Report::Tick => {
                self.purge(at, effects);
                Ok(())
            }
        }
    }

    /// Counts the version up if anything changed that somebody may have looked at, and tells of a new state.
    fn finish(mut self, before: &Self, mut effects: Vec<Effect>) -> Applied {
        if !self.looks_like(before) {
            self.version = before.version + 1;
        }
        let (from, to) = (before.status(), self.status());
        if from != to {
            effects.push(Effect::StatusChanged { from, to });
        }
        Applied { session: self, effects }
    }

    /// Whether nobody has to look again: one more sign of life and a renewed lease are kept, but a decision made on the session as it was a
    /// second before still holds.
    fn looks_like(&self, before: &Self) -> bool {
        let mut same = self.clone();
        // Only her page tells the difference.
        same.sent_to_capture = before.sent_to_capture;
        if let (Connection::Connected { .. }, Connection::Connected { .. }) = (before.connection, self.connection) {
            (same.connection, same.process) = (before.connection, before.process);
        }
        if let (Some(now), Some(earlier)) = (self.lease, before.lease)
            && now.holder == earlier.holder
        {
            same.lease = before.lease;
        }
        same == *before
    }

    fn go(&mut self, state: State, now: Micros) {
        if self.state.status() != state.status() {
            self.state_since = now;
        }
        self.state = state;
        // Handing something in is no answer yet: what comes of it may be nothing.
        if !matches!(self.state, State::Created | State::DocumentSubmitted) {
            self.want_nothing();
        }
    }

    fn invalid(&self) -> Refusal {
        Refusal::InvalidTransition { state: self.status() }
    }

    /// Who holds it now, if the lease still runs.
    pub fn holder(&self, now: Micros) -> Option<PersonId> {
        self.lease.filter(|lease| lease.until > now).map(|lease| lease.holder)
    }

    /// Whether an agent may see it in detail: she could take it, it ended by itself (and the customer may call again), or she had it in
    /// her hands.
    pub fn is_for_agent(&self, person: PersonId) -> bool {
        let ended_by_itself = matches!(self.state, State::Expired | State::Abandoned);
        self.state.can_be_held()
            || ended_by_itself
            || self.last_holder == Some(person)
            || self.involved.contains(&person)
    }

    /// Whether it ended without a judgement about the customer, while a conversation with her may go on: another one can follow it.
    pub const fn can_be_started_anew(&self) -> bool {
        self.conversation_id.is_some()
            && matches!(self.state, State::Expired | State::Abandoned | State::CouldNotVerify { .. })
    }

    /// When somebody should have taken it, or approved it. Who has it before her is not hurried.
    pub fn due_at(&self, policy: &Policy, now: Micros) -> Option<Micros> {
        let seconds = match self.state {
            State::AgentVerification { .. } if self.holder(now).is_none() => policy.agent_due_seconds,
            State::FinalApproval { .. } => policy.approval_due_seconds,
            _ => return None,
        };
        Some(self.state_since.plus_seconds(seconds.into()))
    }
}
