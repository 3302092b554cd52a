//! The customer's connection and the clocks that hang on it. Presence is apart from the state: a lost connection changes no state
//! until the time to resume is over.

use kyc_wire::ids::Micros;
use kyc_wire::session::Presence;
use serde::{Deserialize, Serialize};

use super::{Consent, Session, State};
use crate::domain::command::{Effect, Refusal};
use crate::domain::names::ConversationId;
use crate::domain::policy::{Policy, SecondConversation};

/// Whether the customer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "connection")]
pub enum Connection {
    /// She has not connected yet.
    Waiting,
    /// Signs of life arrive.
    Connected {
        /// The latest.
        last_seen: Micros,
    },
    /// None since `since`.
    Lost {
        /// The last sign of life, or when she should have connected.
        since: Micros,
    },
}

impl Connection {
    /// As staff see it.
    pub const fn presence(&self) -> Presence {
        match self {
            Self::Waiting => Presence::NotConnected,
            Self::Connected { .. } => Presence::Connected,
            Self::Lost { since } => Presence::Lost { since: *since },
        }
    }
}

/// How much of the customer's part is used: it runs from one sign of life to the next and stands still in between losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessClock {
    /// Microseconds used up to the last sign of life.
    pub used_micros: i64,
}

impl Session {
    /// Seconds of the customer's part that are used at `now`.
    pub fn process_used_seconds(&self, now: Micros) -> u32 {
        let running = match self.connection {
            Connection::Connected { last_seen } if self.state.has_customer() => (now.0 - last_seen.0).max(0),
            _ => 0,
        };
        u32::try_from((self.process.used_micros + running) / 1_000_000).unwrap_or(u32::MAX)
    }

    /// Whether the clock of the customer's part runs.
    pub const fn is_process_running(&self) -> bool {
        self.state.has_customer() && matches!(self.connection, Connection::Connected { .. })
    }

    /// Whether the time to connect went by, and nobody came.
    pub const fn never_connected(&self) -> bool {
        !self.has_connected && matches!(self.connection, Connection::Lost { .. })
    }

    /// Until when the customer must have connected, while that is open.
    pub fn connect_by(&self, policy: &Policy) -> Option<Micros> {
        (self.state.has_customer() && self.connection == Connection::Waiting)
            .then(|| self.created_at.plus_seconds(policy.connect_seconds.into()))
    }

    /// Until when a lost customer may resume.
    pub fn resume_by(&self, policy: &Policy) -> Option<Micros> {
        match self.connection {
            Connection::Lost { since } if self.state.has_customer() => {
                Some(since.plus_seconds(policy.resume_seconds.into()))
            }
            _ => None,
        }
    }

    /// When the clock will next change something, if nothing else happens before.
    pub fn wakes_at(&self, policy: &Policy) -> Option<Micros> {
        match self.connection {
            _ if self.state.is_final() => self.next_purge(policy),
            Connection::Waiting => self.connect_by(policy),
            Connection::Lost { .. } => self.resume_by(policy),
            Connection::Connected { last_seen } => {
                let lost = last_seen.plus_seconds(policy.lost_after_seconds.into());
                let left = i64::from(policy.process_seconds) * 1_000_000 - self.process.used_micros;
                let used_up = Micros(last_seen.0.saturating_add(left));
                Some(if self.state.has_customer() { lost.min(used_up) } else { lost })
            }
        }
    }

    /// Applies what time alone has done since the last change.
    pub(super) fn settled(mut self, policy: &Policy, now: Micros) -> Self {
        if self.state.is_final() {
            return self;
        }
        if let Some(by) = self.connect_by(policy)
            && now >= by
        {
            self.connection = Connection::Lost { since: by };
        }
        if let Connection::Connected { last_seen } = self.connection {
            let limit = i64::from(policy.process_seconds) * 1_000_000;
            let silence = (now.0 - last_seen.0).max(0);
            let lost_after = i64::from(policy.lost_after_seconds) * 1_000_000;
            if self.state.has_customer() && self.process.used_micros + silence.min(lost_after) >= limit {
                self.go(State::Expired, now);
            } else if silence >= lost_after {
                self.connection = Connection::Lost { since: last_seen };
            }
        }
        if let Some(by) = self.resume_by(policy)
            && now >= by
        {
            self.go(State::Expired, now);
        }
        self
    }

    pub(super) fn heartbeat(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let now = at.1;
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if let Connection::Connected { last_seen } = self.connection
            && self.state.has_customer()
        {
            self.process.used_micros += (now.0 - last_seen.0).max(0);
        }
        if matches!(self.connection, Connection::Lost { .. }) {
            self.resume(at, effects);
        }
        self.has_connected = true;
        self.connection = Connection::Connected { last_seen: now };
        Ok(())
    }

    /// The customer is back. Another conversation goes on with the session where the policy allows it, and never while she is there in
    /// the first one: two conversations at once are not one customer.
    pub(super) fn come_back(
        &mut self,
        conversation: ConversationId,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if self.conversation_id.as_ref().is_some_and(|first| *first != conversation) {
            let is_there = matches!(self.connection, Connection::Connected { .. });
            if is_there || at.0.second_conversation == SecondConversation::Refuse {
                return Err(Refusal::OtherConversation);
            }
        }
        self.conversation_id = Some(conversation);
        self.heartbeat(at, effects)
    }

    /// She consents: a sign of life too. Once is enough; another text, or another language, is another consent.
    pub(super) fn take_consent(
        &mut self,
        consent: Consent,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.heartbeat(at, effects)?;
        if self.consent.as_ref().is_none_or(|given| given.hash != consent.hash) {
            self.consent = Some(consent);
        }
        Ok(())
    }

    /// A customer who comes back goes on where she was, or begins the call afresh where the rules of the regime want that: nothing that
    /// was captured or checked in the interrupted one is left.
    fn resume(&mut self, (policy, now): (&Policy, Micros), effects: &mut Vec<Effect>) {
        use crate::domain::policy::Resume;
        if policy.resume == Resume::PrecallOnly && self.has_connected && self.state.has_customer() {
            self.result = None;
            self.images.clear();
            self.mismatches.clear();
            self.marks.clear();
            self.attempts = super::Attempts::default();
            self.process = ProcessClock::default();
            self.wanted = None;
            self.go(State::Created, now);
            self.want_another_run(now, effects);
            effects.push(Effect::ForgetDocument);
        }
    }

    pub(super) fn end_conversation(&mut self, is_abandoned: bool, now: Micros) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if let Connection::Connected { last_seen } = self.connection {
            if self.state.has_customer() {
                self.process.used_micros += (now.0 - last_seen.0).max(0);
            }
            self.connection = Connection::Lost { since: now };
        }
        if is_abandoned && self.state.has_customer() {
            self.go(State::Abandoned, now);
        }
        Ok(())
    }
}
