//! Beginning another run at the provider.

use kyc_wire::ids::Micros;

use super::{Captures, ResultOutcome, RunPhase, Session, State};
use crate::domain::command::Effect;
use crate::domain::policy::Policy;

impl Session {
    /// Asks for another run. From now on nothing counts that an earlier one reports.
    pub(super) fn want_another_run(&mut self, now: Micros, effects: &mut Vec<Effect>) {
        self.provider.kept = None;
        self.provider.captures = Captures::default();
        self.provider.go(RunPhase::NotStarted, now);
        effects.push(Effect::StartProvider);
    }

    /// Whether what this run reports counts: it is the latest, and no other was asked for since; or the later one was taken back.
    pub fn counts(&self, run: u32) -> bool {
        self.provider.counting() == run && self.provider.phase != RunPhase::NotStarted
    }

    /// Whether the latest run ended because the customer did not finish it. Another one is paid for, so it begins when she is there again.
    pub fn has_lapsed(&self) -> bool {
        let is_unfinished = self.result.as_ref().is_some_and(|result| result.outcome == ResultOutcome::Expired);
        is_unfinished && self.provider.phase == RunPhase::Done
    }

    /// She is there, and the run that was hers is over: another one, which is no video attempt.
    pub(super) fn begin_lapsed_again(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) {
        if self.has_lapsed() && self.state.has_customer() && !self.wants_photo_again() {
            let told = self.attempts.told.clone();
            self.begin_again(at, effects);
            self.attempts.told = told;
        }
    }

    /// The customer is asked once more, in a run of its own; she is not sent round for ever: in the end an agent helps.
    pub(super) fn begin_again(&mut self, (policy, now): (&Policy, Micros), effects: &mut Vec<Effect>) {
        if self.provider.restarts >= policy.recaptures_per_item {
            self.provider.go(RunPhase::Done, now);
            self.go(State::AgentVerification { error_ref: None }, now);
            return;
        }
        self.provider.restarts += 1;
        self.attempts.told = None;
        self.go(State::Created, now);
        self.want_another_run(now, effects);
    }
}
