//! What a person may do with a session now. Each offer is exactly what the command would accept, so that the page never offers what
//! the server refuses.

use kyc_wire::ids::Micros;
use kyc_wire::session::{Act, Blocker, CaptureItem, Offer};

use super::{Channel, Session, State};
use crate::domain::command::Staff;
use crate::domain::policy::Policy;

const DESK_WORK: [Act; 9] = [
    Act::Reveal,
    Act::Mark,
    Act::Note,
    Act::SendLink,
    Act::Recapture,
    Act::Escalate,
    Act::Reject,
    Act::CouldNotVerify,
    Act::Release,
];

impl Session {
    /// What this member of staff may do.
    pub fn offers(&self, by: Staff, policy: &Policy, now: Micros) -> Vec<Offer> {
        let mut offers = Vec::new();
        let no_reveal = self.has_revealed_enough(by, policy).then_some(Blocker::UsedUp);
        let no_capture = (self.asked_enough(policy).len() == CaptureItem::ALL.len()).then_some(Blocker::UsedUp);
        let mut offer = |act, blocked_by| offers.push(Offer { act, blocked_by });
        match (&self.state, self.holder(now)) {
            (state, Some(holder)) if state.can_be_held() && holder == by.person => {
                if matches!(state, State::AgentVerification { .. }) {
                    offer(Act::Propose, self.missing_to_propose(policy));
                }
                for act in DESK_WORK {
                    let blocked_by = match act {
                        Act::Reveal => no_reveal,
                        Act::Recapture => no_capture,
                        _ => None,
                    };
                    offer(act, blocked_by);
                }
                if self.wanted.is_some() {
                    offer(Act::Withdraw, None);
                }
                if self.channel == Channel::Video {
                    offer(Act::PoorPicture, None);
                }
            }
            (state, Some(_)) if state.can_be_held() => offer(Act::TakeOver, None),
            (state, None) if state.can_be_held() => offer(Act::Take, None),
            (State::FinalApproval { .. }, _) if by.is_supervisor => {
                let own = self.missing_to_approve(by.person);
                offer(Act::Approve, own);
                offer(Act::Return, None);
                offer(Act::Reveal, no_reveal);
                offer(Act::Note, None);
            }
            (state, _) if state.is_final() && by.is_supervisor && !self.is_purged() => offer(Act::Reopen, None),
            _ => {}
        }
        if self.flag.is_some() && by.is_supervisor {
            offer(Act::Unflag, None);
        }
        offers
    }
}
