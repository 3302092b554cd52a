//! What staff do with a session.

use kyc_wire::ids::{Micros, PersonId};
use kyc_wire::photo;
use kyc_wire::session::Mark;

use super::{Flag, Lease, Session, State};
use crate::domain::command::{Effect, Refusal, Staff, StaffCommand};
use crate::domain::policy::Policy;

impl Session {
    pub(super) fn carry_out(
        &mut self,
        command: &StaffCommand,
        by: Staff,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (policy, now) = at;
        Self::check_role(command, by)?;
        if !matches!(command, StaffCommand::Propose { .. })
            && let Some(code) = command.reason()
            && policy.reason(code, command.act()).is_none()
        {
            return Err(Refusal::BadReason);
        }
        match command {
            StaffCommand::Take { reason } => self.take(by, reason.is_some(), at),
            StaffCommand::Renew => self.hold(by, now).map(|()| self.lend(by, at)),
            StaffCommand::Release => self.hold(by, now).map(|()| self.lease = None),
            StaffCommand::Reveal => self.reveal(by, at),
            StaffCommand::Look => self.look(by, at),
            StaffCommand::Mark { item, mark } => self.mark(by, (item, *mark), at),
            StaffCommand::Note => self.note(by, now),
            StaffCommand::SendLink => self.hold(by, now),
            StaffCommand::Recapture { item, reason } => self.recapture(by, (*item, reason), at, effects),
            StaffCommand::Withdraw => self.withdraw(by, now, effects),
            StaffCommand::PoorPicture => self.picture_is_poor(by, at),
            StaffCommand::Escalate { reason } => self.escalate(by, reason, now),
            StaffCommand::Unflag => self.flag.take().map(|_| ()).ok_or_else(|| self.invalid()),
            StaffCommand::Propose { reason } => {
                self.work(by, now)?;
                self.propose(by, reason.as_deref(), at)
            }
            StaffCommand::Reject { reason } | StaffCommand::CouldNotVerify { reason } => {
                self.hold(by, now)?;
                self.end(command.act(), by, reason, at);
                Ok(())
            }
            StaffCommand::Approve => self.approve(by, at),
            StaffCommand::Return { reason } => self.give_back(by, reason, at),
            StaffCommand::Reopen { reason } => self.reopen(by, reason, at),
        }
    }

    fn check_role(command: &StaffCommand, by: Staff) -> Result<(), Refusal> {
        use StaffCommand::{Approve, Reopen, Return, Unflag};
        match command {
            Approve | Return { .. } | Reopen { .. } | Unflag if !by.is_supervisor => Err(Refusal::NotForRole),
            _ => Ok(()),
        }
    }

    /// The caller holds the lease, and the session is one to work on.
    pub(super) fn hold(&self, by: Staff, now: Micros) -> Result<(), Refusal> {
        if !self.state.can_be_held() {
            return Err(self.invalid());
        }
        match self.holder(now) {
            Some(holder) if holder == by.person => Ok(()),
            Some(holder) => Err(Refusal::HeldByColleague { holder }),
            None => Err(Refusal::NotHolder),
        }
    }

    /// As [`Self::hold`], in the agent's own state.
    fn work(&self, by: Staff, now: Micros) -> Result<(), Refusal> {
        if !matches!(self.state, State::AgentVerification { .. }) {
            return Err(self.invalid());
        }
        self.hold(by, now)
    }

    fn take(&mut self, by: Staff, has_reason: bool, at: (&Policy, Micros)) -> Result<(), Refusal> {
        if !self.state.can_be_held() {
            return Err(self.invalid());
        }
        match self.holder(at.1) {
            Some(holder) if holder != by.person && !has_reason => return Err(Refusal::HeldByColleague { holder }),
            _ => {}
        }
        self.involved.insert(by.person);
        self.lend(by, at);
        Ok(())
    }

    fn lend(&mut self, by: Staff, (policy, now): (&Policy, Micros)) {
        self.last_holder = Some(by.person);
        self.lease = Some(Lease { holder: by.person, until: now.plus_seconds(policy.lease_seconds.into()) });
        self.goes_on(now);
    }

    const fn is_up_for_approval_by(&self, by: Staff) -> bool {
        by.is_supervisor && matches!(self.state, State::FinalApproval { .. })
    }

    /// Whether she may see now what she was shown a moment ago: that counts no second time.
    pub fn check_reveal_again(&self, by: Staff, (policy, now): (&Policy, Micros)) -> Result<(), Refusal> {
        let settled = self.clone().settled(policy, now);
        if settled.is_up_for_approval_by(by) { Ok(()) } else { settled.hold(by, now) }
    }

    fn reveal(&mut self, by: Staff, (policy, now): (&Policy, Micros)) -> Result<(), Refusal> {
        self.may_reveal(by, now)?;
        if self.has_revealed_enough(by, policy) {
            return Err(Refusal::TooMany);
        }
        *self.reveals.entry(by.person).or_default() += 1;
        Ok(())
    }

    /// Photos are many and vanish with every glance elsewhere: one look at them is one reveal, for as long as they are shown.
    fn look(&mut self, by: Staff, (policy, now): (&Policy, Micros)) -> Result<(), Refusal> {
        if self.looks.get(&by.person).is_some_and(|until| now < *until) {
            return self.may_reveal(by, now);
        }
        self.reveal(by, (policy, now))?;
        let seconds = photo::seconds_shown(policy.reveal_seconds);
        self.looks.insert(by.person, now.plus_seconds(seconds.into()));
        Ok(())
    }

    fn may_reveal(&mut self, by: Staff, now: Micros) -> Result<(), Refusal> {
        if !self.is_up_for_approval_by(by) {
            self.hold(by, now)?;
            self.involved.insert(by.person);
        }
        Ok(())
    }

    /// Whether nothing more of the case may be shown to her.
    pub(super) fn has_revealed_enough(&self, by: Staff, policy: &Policy) -> bool {
        self.reveals.get(&by.person).is_some_and(|count| *count >= policy.reveals_per_person)
    }

    /// What was not shown does not count. Who was to see it stays one of those who took part.
    pub(super) fn take_back_reveal(&mut self, to: PersonId, is_look: bool) {
        if let Some(count) = self.reveals.get_mut(&to) {
            *count = count.saturating_sub(1);
        }
        if is_look {
            self.looks.remove(&to);
        }
    }

    fn mark(&mut self, by: Staff, (item, mark): (&str, Mark), (policy, now): (&Policy, Micros)) -> Result<(), Refusal> {
        self.hold(by, now)?;
        if !policy.checklist.iter().any(|line| line.code == item) {
            return Err(Refusal::NoSuchLine);
        }
        if mark == Mark::Open {
            self.marks.remove(item);
        } else {
            self.marks.insert(item.to_owned(), mark);
        }
        Ok(())
    }

    fn note(&self, by: Staff, now: Micros) -> Result<(), Refusal> {
        if by.is_supervisor && !self.state.is_final() {
            return Ok(());
        }
        self.hold(by, now)
    }

    fn escalate(&mut self, by: Staff, reason: &str, now: Micros) -> Result<(), Refusal> {
        self.hold(by, now)?;
        self.flag = Some(Flag { reason: reason.to_owned(), at: now });
        self.lease = None;
        Ok(())
    }
}
