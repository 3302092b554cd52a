//! Deciding and approving: what must be there first, and who may not approve.

use kyc_wire::ids::{Micros, PersonId};
use kyc_wire::session::{Act, Blocker, Mark};

use super::{Decision, Session, State};
use crate::domain::check::Group;
use crate::domain::command::{Refusal, Staff};
use crate::domain::policy::{FinalApproval, Policy};

impl Session {
    /// What is missing before the agent can send it to final approval.
    pub fn missing_to_propose(&self, policy: &Policy) -> Option<Blocker> {
        let has = |group| self.result.as_ref().is_some_and(|result| result.has(group));
        let mark = |code: &str| self.marks.get(code).copied().unwrap_or(Mark::Open);
        // A photo is a document to look at; that somebody alive was in front of a camera it does not show.
        if !has(Group::Document) && self.uploads.sent_at.is_none() {
            Some(Blocker::NoDocument)
        } else if !has(Group::Document) || !has(Group::Liveness) {
            Some(Blocker::NoLiveness)
        } else if policy.checklist.iter().any(|line| mark(&line.code) == Mark::Failed) {
            Some(Blocker::ChecklistFailed)
        } else if policy.checklist.iter().any(|line| mark(&line.code) == Mark::Open) {
            Some(Blocker::ChecklistOpen)
        } else {
            None
        }
    }

    /// What stands between this supervisor and the approval.
    pub fn missing_to_approve(&self, person: PersonId) -> Option<Blocker> {
        let has = |group| self.result.as_ref().is_some_and(|result| result.has(group));
        if self.involved.contains(&person) {
            Some(Blocker::OwnCase)
        } else if !has(Group::Document) {
            Some(Blocker::NoDocument)
        } else if !has(Group::Liveness) {
            Some(Blocker::NoLiveness)
        } else if self.flag.is_some() {
            Some(Blocker::Flagged)
        } else {
            None
        }
    }

    /// Whether something is not clear: a check, a mismatch, a recapture or a flag.
    pub fn is_risky(&self) -> bool {
        let is_clear = self.result.as_ref().is_some_and(super::ResultFacts::is_clear);
        !is_clear
            || !self.has_claims
            || !self.mismatches.is_empty()
            || !self.recaptures.is_empty()
            || self.uploads.sent_at.is_some()
            || self.flag.is_some()
    }

    /// Whether the agent must say why she proposes a case all the same.
    pub fn wants_reason_to_propose(&self) -> bool {
        let is_clear = self.result.as_ref().is_some_and(super::ResultFacts::is_clear);
        !is_clear || !self.mismatches.is_empty()
    }

    const fn needs_second_person(policy: &Policy, is_risky: bool) -> bool {
        match policy.final_approval {
            FinalApproval::Always => true,
            FinalApproval::Risk => is_risky,
            FinalApproval::Never => false,
        }
    }

    pub(super) fn propose(&mut self, by: Staff, reason: Option<&str>, at: (&Policy, Micros)) -> Result<(), Refusal> {
        let (policy, now) = at;
        if let Some(missing) = self.missing_to_propose(policy) {
            return Err(Refusal::Blocked(missing));
        }
        if (self.wants_reason_to_propose() && reason.is_none())
            || reason.is_some_and(|code| policy.reason(code, Act::Propose).is_none())
        {
            return Err(Refusal::BadReason);
        }
        self.decide(Act::Propose, by.person, reason, at);
        self.lease = None;
        if Self::needs_second_person(policy, self.is_risky()) {
            self.go(State::FinalApproval { proposed_by: by.person }, now);
        } else {
            self.go(State::Approved { decided_by: by.person, approved_by: None }, now);
        }
        Ok(())
    }

    pub(super) fn approve(&mut self, by: Staff, at: (&Policy, Micros)) -> Result<(), Refusal> {
        let State::FinalApproval { proposed_by } = self.state else {
            return Err(self.invalid());
        };
        if let Some(missing) = self.missing_to_approve(by.person) {
            return Err(Refusal::Blocked(missing));
        }
        self.decide(Act::Approve, by.person, None, at);
        self.go(State::Approved { decided_by: proposed_by, approved_by: Some(by.person) }, at.1);
        Ok(())
    }

    pub(super) fn give_back(&mut self, by: Staff, reason: &str, at: (&Policy, Micros)) -> Result<(), Refusal> {
        if !matches!(self.state, State::FinalApproval { .. }) {
            return Err(self.invalid());
        }
        self.decide(Act::Return, by.person, Some(reason), at);
        self.go(State::AgentVerification { error_ref: None }, at.1);
        Ok(())
    }

    pub(super) fn reopen(&mut self, by: Staff, reason: &str, at: (&Policy, Micros)) -> Result<(), Refusal> {
        if !self.state.is_final() || self.is_purged() {
            return Err(self.invalid());
        }
        // What is uploaded from now on has its own time.
        self.retention.gone.clear();
        self.involved.insert(by.person);
        self.decide(Act::Reopen, by.person, Some(reason), at);
        self.begin_her_part(at);
        self.go(State::AgentVerification { error_ref: None }, at.1);
        Ok(())
    }

    pub(super) fn end(&mut self, act: Act, by: Staff, reason: &str, at: (&Policy, Micros)) {
        self.decide(act, by.person, Some(reason), at);
        self.lease = None;
        let reason = reason.to_owned();
        self.go(if act == Act::Reject { State::Rejected { reason } } else { State::CouldNotVerify { reason } }, at.1);
    }

    fn decide(&mut self, act: Act, by: PersonId, reason: Option<&str>, (policy, at): (&Policy, Micros)) {
        if matches!(act, Act::Propose | Act::Reject | Act::CouldNotVerify) {
            self.involved.insert(by);
        }
        let result_version = self.result.as_ref().map_or(0, |result| result.version);
        let (reason, rules) = (reason.map(str::to_owned), policy.hashes());
        self.decisions.push(Decision { act, by, at, reason, result_version, rules });
    }
}
