//! The customer's connection and the clocks that hang on it. Presence is apart from the state: a lost connection changes no state
//! until the time to resume is over.
//!
//! Who says that she is there decides how long that holds:
//!
//! - **A page, or whoever carries the video and beats**, comes again every 15 seconds. After 45 silent ones she is lost.
//! - **The call**: a flow cannot beat, least of all while an agent talks to her. Once it has heard of her (a measured picture, a resumed
//!   session, her answer), she stays connected until it says that the conversation ended. An agent who holds the case and renews her lease
//!   is such a word too. A call that dies without one is lost after `policy.call_silent_seconds`, or when the time for her part is over and
//!   nobody holds the case: silence alone never ends a session that she may resume. Where somebody beats for a call, the beats count and its
//!   silence does not.
//!
//! The start of an attempt invites her and is no sign of her: the time to connect goes on until she came. And a gap is no end: where a
//! regime wants a fresh call after an interruption, one begins after the end of the last one or in another conversation, and nowhere else,
//! or whoever is silent for a minute would have her attempts back and the bank another run to pay.

use kyc_wire::ids::Micros;
use kyc_wire::session::Presence;
use serde::{Deserialize, Serialize};

use super::{Channel, Consent, Session, State, Uploads};
use crate::domain::command::{Effect, Next, Refusal};
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

/// The call that she takes part in, as far as there was word of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Not heard of.
    #[default]
    None,
    /// It goes on until its end is told.
    Open,
    /// It goes on, and somebody beats for it.
    Watched,
    /// Not heard of any more: a gap, and no end.
    Silent,
    /// Its end was told.
    Over,
}

/// Who saw her.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Her page: it comes again soon.
    Page,
    /// Whoever carries the call: it comes again soon.
    Beat,
    /// Her call: it goes on until its end is told.
    Call,
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

    /// For how long nothing may be heard of her while she is connected.
    const fn silence_seconds(&self, policy: &Policy) -> u32 {
        match self.call {
            Call::Open => policy.call_silent_seconds,
            Call::None | Call::Watched | Call::Silent | Call::Over => policy.lost_after_seconds,
        }
    }

    /// Whether there was a call that could be interrupted. What the previous release wrote down says so by its attempts.
    const fn had_call(&self) -> bool {
        !matches!(self.call, Call::None) || (self.has_connected && self.attempts.started > 0)
    }

    /// When the clock will next change something, if nothing else happens before.
    pub fn wakes_at(&self, policy: &Policy) -> Option<Micros> {
        match self.connection {
            _ if self.state.is_final() => self.next_purge(policy),
            Connection::Waiting => self.connect_by(policy),
            Connection::Lost { .. } => self.resume_by(policy),
            Connection::Connected { last_seen } => {
                let lost = last_seen.plus_seconds(self.silence_seconds(policy).into());
                Some(if self.state.has_customer() { lost.min(self.used_up_at(last_seen, policy)) } else { lost })
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
            let lost_at = last_seen.plus_seconds(self.silence_seconds(policy).into());
            let used_up_at = self.used_up_at(last_seen, policy);
            if used_up_at <= lost_at.min(now) && self.state.has_customer() {
                if self.is_heard_at(used_up_at, last_seen, policy) {
                    self.go(State::Expired, now);
                } else {
                    self.lose(last_seen);
                }
            } else if lost_at <= now {
                self.lose(last_seen);
            }
        }
        if let Some(by) = self.resume_by(policy)
            && now >= by
        {
            self.go(State::Expired, now);
        }
        self
    }

    /// When all of her part is used, if she stays connected.
    fn used_up_at(&self, last_seen: Micros, policy: &Policy) -> Micros {
        let left = i64::from(policy.process_seconds) * 1_000_000 - self.process.used_micros;
        Micros(last_seen.0.saturating_add(left))
    }

    /// Whether she can be thought to be there: her last word is not long ago, or somebody who holds the case talks to her.
    fn is_heard_at(&self, at: Micros, last_seen: Micros, policy: &Policy) -> bool {
        at < last_seen.plus_seconds(policy.lost_after_seconds.into()) || self.holder(at).is_some()
    }

    fn lose(&mut self, last_seen: Micros) {
        self.connection = Connection::Lost { since: last_seen };
        if matches!(self.call, Call::Open | Call::Watched) {
            self.call = Call::Silent;
        }
    }

    /// She uses her page.
    pub(super) fn heartbeat(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.see(Sign::Page, at, effects)
    }

    /// She is there.
    pub(super) fn see(&mut self, sign: Sign, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        self.use_time(at.1);
        if sign == Sign::Call && self.call == Call::Over {
            self.begin_fresh_call(at, effects);
        }
        self.call = match (sign, self.call) {
            (Sign::Page, call) => call,
            // One that was under way when the end was told begins no other call.
            (Sign::Beat, Call::Over) => Call::Over,
            (Sign::Beat, _) | (Sign::Call, Call::Watched) => Call::Watched,
            (Sign::Call, _) => Call::Open,
        };
        self.has_connected = true;
        self.connection = Connection::Connected { last_seen: at.1 };
        self.begin_lapsed_again(at, effects);
        Ok(())
    }

    /// The time since the last sign of life is time of her part.
    fn use_time(&mut self, now: Micros) {
        if let Connection::Connected { last_seen } = self.connection
            && self.state.has_customer()
        {
            self.process.used_micros += (now.0 - last_seen.0).max(0);
        }
    }

    /// An agent holds the case: who talks to the customer would say if she were gone. It brings nobody back who is lost.
    pub(super) fn goes_on(&mut self, now: Micros) {
        if self.call == Call::Open && matches!(self.connection, Connection::Connected { .. }) && !self.state.is_final()
        {
            self.use_time(now);
            self.connection = Connection::Connected { last_seen: now };
        }
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
            // Her page alone holds nobody in a call that is over.
            let is_in_call = !matches!(self.call, Call::Silent | Call::Over);
            let is_there = is_in_call && matches!(self.connection, Connection::Connected { .. });
            if is_there || at.0.second_conversation == SecondConversation::Refuse {
                return Err(Refusal::OtherConversation);
            }
            if self.had_call() {
                self.call = Call::Over;
            }
        }
        self.conversation_id = Some(conversation);
        self.see(Sign::Call, at, effects)
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

    /// Another call than the last one: she goes on where she was, or begins afresh where the rules of the regime want that. Then nothing
    /// that was captured or checked in the interrupted one is left.
    fn begin_fresh_call(&mut self, (policy, now): (&Policy, Micros), effects: &mut Vec<Effect>) {
        use crate::domain::policy::Resume;
        if policy.resume == Resume::PrecallOnly && self.state.has_customer() {
            self.result = None;
            self.images.clear();
            self.mismatches.clear();
            self.marks.clear();
            self.uploads = Uploads::default();
            if matches!(self.attempts.told, Some(Next::FallbackAudioUpload | Next::NoVideo)) {
                self.channel = Channel::Video;
            }
            self.attempts = super::Attempts::default();
            self.process = ProcessClock::default();
            self.wanted = None;
            self.go(State::Created, now);
            self.want_another_run(now, effects);
            effects.push(Effect::ForgetDocument);
        }
    }

    pub(super) fn end_conversation(
        &mut self,
        is_abandoned: bool,
        of: Option<&ConversationId>,
        now: Micros,
    ) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        let hers = self.conversation_id.as_ref();
        if of.is_some_and(|ended| hers.is_some_and(|hers| hers != ended)) {
            return Ok(());
        }
        if let Connection::Connected { .. } = self.connection {
            self.use_time(now);
            self.connection = Connection::Lost { since: now };
        }
        if self.had_call() {
            self.call = Call::Over;
        }
        if is_abandoned && self.state.has_customer() {
            self.go(State::Abandoned, now);
        }
        Ok(())
    }
}
