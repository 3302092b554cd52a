//! The provider's side of a session: how far it is, and what it said last.

use std::collections::BTreeSet;

use kyc_wire::ids::Micros;
use kyc_wire::masked::Field;
use serde::{Deserialize, Serialize};

use super::{CaptureId, Captures, Flag, Session, State};
use crate::domain::check::{Check, Group, Outcome};
use crate::domain::command::{Effect, Refusal};
use crate::domain::policy::Policy;

/// Code of the flag that is raised when a provider answers differently after somebody decided.
pub const CHANGED_ITS_MIND: &str = "provider_changed_its_mind";

/// How far a run at the provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Waits to be started.
    NotStarted,
    /// A start was tried; whether it arrived is not known yet.
    Starting,
    /// The customer has the link.
    WaitingForCustomer,
    /// Everything was handed in.
    Processing,
    /// It has answered.
    Done,
    /// It cannot be reached; retries go on.
    Down,
}

/// The run at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRun {
    /// The configured integration.
    pub integration: String,
    /// How far it is.
    pub phase: RunPhase,
    /// Since when.
    pub since: Micros,
    /// Number of the run, from 1; a recapture may need another.
    pub run: u32,
    /// How often another was begun because nothing but the capture was wrong, or none was finished.
    #[serde(default)]
    pub restarts: u32,
    /// Number of the run that counts, where a later one was asked for and then taken back.
    #[serde(default)]
    pub kept: Option<u32>,
    /// The captures of this run, where the provider tells them apart.
    #[serde(default, skip_serializing_if = "Captures::is_empty")]
    pub captures: Captures,
}

impl ProviderRun {
    /// A run that waits to be started.
    pub fn new(integration: String, now: Micros) -> Self {
        Self {
            integration,
            phase: RunPhase::NotStarted,
            since: now,
            run: 0,
            restarts: 0,
            kept: None,
            captures: Captures::default(),
        }
    }

    /// Number of the run whose word counts.
    pub fn counting(&self) -> u32 {
        self.kept.unwrap_or(self.run)
    }

    pub(super) fn go(&mut self, phase: RunPhase, now: Micros) {
        if self.phase != phase {
            self.phase = phase;
            self.since = now;
        }
    }
}

/// What a result means as a whole, in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultOutcome {
    /// Nothing to object to.
    Verified,
    /// The provider objects.
    Rejected,
    /// A person should look; also what anything unknown becomes.
    Review,
    /// The capture must be repeated, in the same run.
    NewCapture,
    /// The capture must be repeated, in another run.
    NewRun,
    /// The customer did not finish this run, and the provider waits no longer.
    Expired,
}

/// Facts about the document that are not personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// `passport`, `id_card`, `residence_permit`, `drivers_license` or `other`.
    pub document_type: Option<String>,
    /// Issuing country.
    pub country: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
}

/// A provider's result: codes only. The values it read are sealed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFacts {
    /// Counts the results of this session, from 1; set when it is taken in.
    #[serde(default)]
    pub version: u32,
    /// When the provider decided, by its own clock: later results win, whenever they arrive.
    pub decided_at: Micros,
    /// As a whole.
    pub outcome: ResultOutcome,
    /// One by one.
    pub checks: Vec<Check>,
    /// About the document.
    pub document: DocumentFacts,
    /// Fields in which claim and document differ.
    pub mismatches: BTreeSet<Field>,
    /// When the provider decided what the values that are kept were read for; none where none are kept. A later result may bring none.
    #[serde(default)]
    pub values_at: Option<Micros>,
    /// Which capture was decided on, where the provider tells them apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureId>,
}

impl ResultFacts {
    /// Whether the provider looked at this and came to something.
    pub fn has(&self, group: Group) -> bool {
        let mut checks = self.checks.iter().filter(|check| check.group == group).peekable();
        checks.peek().is_some() && checks.all(|c| !matches!(c.outcome, Outcome::Pending | Outcome::NewCapture))
    }

    /// Whether nothing can be said of who was to be seen: she must capture anew, or did not finish.
    pub(super) const fn came_to_nothing(&self) -> bool {
        matches!(self.outcome, ResultOutcome::NewCapture | ResultOutcome::NewRun | ResultOutcome::Expired)
    }

    /// Whether every check passed.
    pub fn is_clear(&self) -> bool {
        self.checks.iter().all(|check| check.outcome == Outcome::Passed)
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        (self.outcome, &self.checks) == (other.outcome, &other.checks)
    }

    /// Whether the provider is still of the same mind: a decision that is sent again may have another time.
    fn is_of_one_mind_with(&self, other: &Self) -> bool {
        let is_same = |(one, two): (&Check, &Check)| {
            (one.group, one.outcome, &one.provider_code, &one.reason)
                == (two.group, two.outcome, &two.provider_code, &two.reason)
        };
        self.outcome == other.outcome
            && self.checks.len() == other.checks.len()
            && self.checks.iter().zip(&other.checks).all(is_same)
    }
}

impl Session {
    pub(super) fn take_claims(&mut self, mismatches: BTreeSet<Field>) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        self.has_claims = true;
        self.claims_version += 1;
        self.mismatches = mismatches;
        Ok(())
    }

    /// A start is about to be tried; none is any more that was taken back.
    pub(super) fn provider_starting(&mut self, now: Micros) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if self.provider.kept.is_none() {
            self.provider.run += 1;
            self.provider.go(RunPhase::Starting, now);
        }
        Ok(())
    }

    pub(super) fn provider_started(&mut self, now: Micros) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if self.provider.kept.is_none() {
            self.provider.go(RunPhase::WaitingForCustomer, now);
        }
        Ok(())
    }

    pub(super) fn provider_unreachable(&mut self, now: Micros) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if self.provider.kept.is_none() {
            self.provider.go(RunPhase::Down, now);
        }
        Ok(())
    }

    pub(super) fn document_submitted(&mut self, capture: Option<CaptureId>, now: Micros) {
        if self.state.is_final() {
            return;
        }
        let is_open = capture.is_none_or(|capture| self.provider.captures.hand_in(capture));
        if self.provider.phase == RunPhase::Done || !is_open {
            return;
        }
        self.provider.go(RunPhase::Processing, now);
        if self.state == State::Created {
            self.go(State::DocumentSubmitted, now);
        }
    }

    /// Takes down that a capture was decided on. Where the latest result asks for another one, that may be what it was waiting for.
    fn take_capture(&mut self, capture: CaptureId, now: Micros) {
        let wants_another = self.result.as_ref().is_some_and(|known| known.outcome == ResultOutcome::NewCapture);
        if self.provider.captures.decide(capture) && wants_another {
            self.await_capture(now);
        }
    }

    /// The provider wants another capture. It may have been handed in already.
    fn await_capture(&mut self, now: Micros) {
        let is_in = self.provider.captures.are_open();
        self.provider.go(if is_in { RunPhase::Processing } else { RunPhase::WaitingForCustomer }, now);
        if self.state.has_customer() {
            self.go(if is_in { State::DocumentSubmitted } else { State::Created }, now);
        }
    }

    /// Whether a result says anything that is not known yet.
    fn is_news(&self, result: &ResultFacts) -> bool {
        let known = self.result.as_ref();
        // What comes of one capture and comes of the next, too, is another result.
        let is_again = match result.outcome {
            ResultOutcome::NewRun => true,
            ResultOutcome::NewCapture => self.provider.phase == RunPhase::Processing,
            _ => self.provider.phase != RunPhase::Done,
        };
        let is_repeated = |known: &ResultFacts| known.says_the_same_as(result) && !is_again;
        !known.is_some_and(|known| known.decided_at >= result.decided_at || is_repeated(known))
    }

    /// Takes in a result. Of an older one than we have, nothing counts but values that are missing, so the order of arrival does not matter.
    pub(super) fn take_result(
        &mut self,
        mut result: ResultFacts,
        (policy, now): (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) {
        if !self.state.is_final() {
            self.compare_anew(&result);
            if let Some(capture) = result.capture.clone() {
                self.take_capture(capture, now);
            }
        }
        if !self.is_news(&result) {
            return;
        }
        let known = self.result.as_ref();
        let is_decided = self.state.is_final() || matches!(self.state, State::FinalApproval { .. });
        if is_decided && known.is_some_and(|known| known.is_of_one_mind_with(&result)) {
            return;
        }
        let is_first = known.is_none();
        result.version = known.map_or(1, |known| known.version + 1);
        if is_decided {
            // A first result cannot contradict one that somebody decided on, nor can a run that goes on to come to nothing.
            let is_still_nothing = result.came_to_nothing() && known.is_some_and(ResultFacts::came_to_nothing);
            if !is_first && !is_still_nothing {
                self.flag_changed_mind(now, effects);
            }
            if !self.state.is_final() {
                self.put_result(result, effects);
            }
            return;
        }
        let outcome = result.outcome;
        self.put_result(result, effects);
        if outcome == ResultOutcome::NewRun && self.state.has_customer() {
            self.begin_again((policy, now), effects);
        } else {
            self.advance(outcome, now);
        }
    }

    fn flag_changed_mind(&mut self, now: Micros, effects: &mut Vec<Effect>) {
        if self.flag.as_ref().is_some_and(|flag| flag.reason == CHANGED_ITS_MIND) {
            return;
        }
        self.flag = Some(Flag { reason: CHANGED_ITS_MIND.to_owned(), at: now });
        effects.push(Effect::ProviderChangedItsMind);
    }

    /// Walks the guide's line as far as the result carries.
    fn advance(&mut self, outcome: ResultOutcome, now: Micros) {
        match outcome {
            ResultOutcome::NewCapture => self.await_capture(now),
            // A provider that waits no longer ends its run and not our session: the customer may come back as long as our clocks let her.
            ResultOutcome::Expired | ResultOutcome::NewRun => self.provider.go(RunPhase::Done, now),
            ResultOutcome::Verified | ResultOutcome::Rejected | ResultOutcome::Review => {
                self.want_nothing();
                self.provider.go(RunPhase::Done, now);
                if self.state.has_customer() {
                    self.walk_to_agent(now);
                }
            }
        }
    }

    fn walk_to_agent(&mut self, now: Micros) {
        let has = |group| self.result.as_ref().is_some_and(|result| result.has(group));
        let (document, liveness) = (has(Group::Document), has(Group::Liveness));
        if document && liveness {
            self.go(State::AgentVerification { error_ref: None }, now);
        } else if document {
            self.go(State::LivenessCheck, now);
        } else if self.state == State::Created {
            self.go(State::DocumentSubmitted, now);
        }
    }
}
