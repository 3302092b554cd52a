//! Video attempts. The server owns the count: whatever a flow asks, it is told to hand over to a person in the end.

use kyc_wire::ids::Micros;
use serde::{Deserialize, Serialize};

use super::{Channel, Session, State};
use crate::domain::command::{Effect, Next, Refusal};
use crate::domain::policy::Policy;

/// How many attempts were made, and what the flow was last told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Attempts started.
    pub started: u32,
    /// The last attempt whose quality was reported.
    pub reported: u32,
    /// What the flow was told last.
    pub told: Option<Next>,
}

impl Session {
    /// Attempts that are left.
    pub const fn retries_left(&self, policy: &Policy) -> u32 {
        policy.attempts.saturating_sub(self.attempts.started)
    }

    /// What the flow must do as things stand.
    pub fn next_for_flow(&self) -> Next {
        match (&self.attempts.told, &self.state) {
            (Some(next @ (Next::RouteToAgent { .. } | Next::FallbackAudioUpload)), _) => next.clone(),
            (_, State::AgentVerification { error_ref }) => {
                Next::RouteToAgent { error_ref: error_ref.clone().unwrap_or_default() }
            }
            (Some(next), _) => next.clone(),
            (None, _) => Next::Continue,
        }
    }

    pub(super) fn start_attempt(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if !self.state.has_customer() {
            return Ok(());
        }
        // A sign of life first: where it begins a fresh call, this attempt is the first one of that.
        self.heartbeat(at, effects)?;
        if self.is_flow_finished() {
            return Ok(());
        }
        let (policy, now) = at;
        if self.attempts.started >= policy.attempts {
            self.give_up(format!("E-{}-attempts", self.attempts.started), now);
            return Ok(());
        }
        self.attempts.started += 1;
        self.attempts.told = Some(Next::Continue);
        Ok(())
    }

    /// Whether the flow was told to stop trying video.
    const fn is_flow_finished(&self) -> bool {
        matches!(self.attempts.told, Some(Next::RouteToAgent { .. } | Next::FallbackAudioUpload))
    }

    pub(super) fn judge_quality(
        &mut self,
        (attempt, score, frame_height): (u32, f64, Option<u32>),
        error_ref: String,
        (policy, now): (&Policy, Micros),
    ) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if attempt == 0 || attempt != self.attempts.started {
            return Err(Refusal::WrongAttempt { running: self.attempts.started });
        }
        if self.attempts.reported == attempt || !self.state.has_customer() {
            return Ok(());
        }
        self.attempts.reported = attempt;
        if frame_height.is_some_and(|height| height < policy.min_frame_height) {
            self.channel = Channel::AudioUpload;
            self.attempts.told = Some(Next::FallbackAudioUpload);
        } else if score >= policy.quality_threshold {
            self.attempts.told = Some(Next::Continue);
        } else if self.attempts.started < policy.attempts {
            self.attempts.told = Some(Next::Retry);
        } else {
            self.give_up(error_ref, now);
        }
        Ok(())
    }

    fn give_up(&mut self, error_ref: String, now: Micros) {
        self.attempts.told = Some(Next::RouteToAgent { error_ref: error_ref.clone() });
        self.go(State::AgentVerification { error_ref: Some(error_ref) }, now);
    }
}
