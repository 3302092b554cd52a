//! A verification session's life: created, started, submitted, decided; open again after a request for new pictures.

use serde_json::{Value, json};

use super::decision::{self, Outcome};
use super::outbox::WebhookKind;
use super::{Station, lock};
use crate::secrets;

/// After so many requests for new pictures the next one becomes a refusal.
const MAX_RESUBMISSIONS: u32 = 9;
const RESUBMISSION_LIMIT_EXCEEDED: u16 = 539;

/// There is no such session, or it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

/// What the customer does before anything is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opens the page: event 7001.
    Started,
    /// Hands in the pictures: event 7002, after 7001 if that is missing.
    Submitted,
}

/// Where the running attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Created,
    Started,
    Submitted,
    Decided(Outcome),
}

/// One session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Counts sessions, for their order.
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) token: String,
    pub(super) vendor_data: Option<String>,
    pub(super) end_user_id: Option<String>,
    pub(super) callback: Option<String>,
    pub(super) accepted_at: String,
    pub(super) attempt_id: String,
    pub(super) stage: Stage,
    pub(super) decision: Option<Value>,
    /// What a test integration was told to decide, by a word in the first name.
    pub(super) forced: Option<Outcome>,
    resubmissions: u32,
}

impl Session {
    /// A session without an attempt.
    pub(super) fn new(number: u64, vendor_data: Option<String>, accepted_at: String) -> Self {
        Self {
            number,
            id: secrets::uuid().to_string(),
            token: secrets::token(),
            vendor_data,
            end_user_id: None,
            callback: None,
            accepted_at,
            attempt_id: secrets::uuid().to_string(),
            stage: Stage::Created,
            decision: None,
            forced: None,
            resubmissions: 0,
        }
    }

    /// Whether the customer can do nothing more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Decided(outcome) if !matches!(outcome, Outcome::Resubmission(_)))
    }

    /// Whether there is a decision.
    pub(super) const fn is_decided(&self) -> bool {
        matches!(self.stage, Stage::Decided(_))
    }

    fn start(&mut self) -> Option<Value> {
        match self.stage {
            Stage::Created => {}
            Stage::Decided(Outcome::Resubmission(_)) => self.attempt_id = secrets::uuid().to_string(),
            _ => return None,
        }
        self.stage = Stage::Started;
        Some(self.event(7001, "started"))
    }

    fn submit(&mut self) -> Option<Value> {
        if self.stage != Stage::Started {
            return None;
        }
        self.stage = Stage::Submitted;
        Some(self.event(7002, "submitted"))
    }

    fn event(&self, code: u16, action: &str) -> Value {
        json!({
            "id": self.id, "attemptId": self.attempt_id, "feature": "selfid", "code": code, "action": action,
            "vendorData": self.vendor_data,
        })
    }

    fn capped(&mut self, outcome: Outcome) -> Outcome {
        if !matches!(outcome, Outcome::Resubmission(_)) {
            return outcome;
        }
        self.resubmissions += 1;
        if self.resubmissions > MAX_RESUBMISSIONS {
            return Outcome::Declined(RESUBMISSION_LIMIT_EXCEEDED);
        }
        outcome
    }
}

impl Station {
    /// The session of a page's token.
    pub(super) fn by_token(&self, token: &str) -> Option<Session> {
        self.sessions().values().find(|session| session.token == token).cloned()
    }

    /// The customer opened the page.
    pub(super) fn open(&self, id: &str) -> Result<(), Unknown> {
        let mut sessions = self.sessions();
        let session = sessions.get_mut(id).ok_or(Unknown)?;
        self.outbox.push_all(WebhookKind::Event, session.start());
        Ok(())
    }

    /// The customer handed in the pictures.
    pub(super) fn submit(&self, id: &str) -> Result<(), Unknown> {
        let mut sessions = self.sessions();
        let session = sessions.get_mut(id).ok_or(Unknown)?;
        self.outbox.push_all(WebhookKind::Event, session.start());
        self.outbox.push_all(WebhookKind::Event, session.submit());
        Ok(())
    }

    /// Veriff has decided. The answer to `GET …/decision` changes before the webhook leaves.
    pub(super) fn decide(&self, id: &str, outcome: Outcome) -> Result<(), Unknown> {
        match outcome {
            Outcome::Expired => {}
            Outcome::Abandoned => self.open(id)?,
            _ if self.sessions().get(id).is_some_and(Session::is_over) => {}
            _ => self.submit(id)?,
        }
        let decided_at = lock(&self.config).clock.stamp();
        let identity = self.identity(&self.vendor_data(id)?);
        let mut sessions = self.sessions();
        let session = sessions.get_mut(id).ok_or(Unknown)?;
        let outcome = session.capped(outcome);
        session.stage = Stage::Decided(outcome);
        let body = decision::body(session, &identity, outcome, &decided_at);
        session.decision = Some(body.clone());
        self.outbox.push_all(WebhookKind::Decision, Some(body));
        Ok(())
    }

    fn vendor_data(&self, id: &str) -> Result<String, Unknown> {
        let sessions = self.sessions();
        let session = sessions.get(id).ok_or(Unknown)?;
        Ok(session.vendor_data.clone().unwrap_or_else(|| session.id.clone()))
    }
}
