//! Beginning another run at the provider.

use kyc_wire::ids::Micros;

use super::{RunPhase, Session, State};
use crate::domain::command::Effect;
use crate::domain::policy::Policy;

impl Session {
    /// Asks for another run. From now on nothing counts that an earlier one reports.
    pub(super) fn want_another_run(&mut self, now: Micros, effects: &mut Vec<Effect>) {
        self.provider.kept = None;
        self.provider.go(RunPhase::NotStarted, now);
        effects.push(Effect::StartProvider);
    }

    /// Whether what this run reports counts: it is the latest, and no other was asked for since; or the later one was taken back.
    pub fn counts(&self, run: u32) -> bool {
        self.provider.counting() == run && self.provider.phase != RunPhase::NotStarted
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
