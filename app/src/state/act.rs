//! What the agent does next: the one primary action of each state, the rest, and what each act asks for.

use kyc_wire::me::ReasonOption;
use kyc_wire::session::{
    Act, Blocker, CaptureItem, Check, CheckGroup, CheckOutcome, Mark, Presence, ProviderPhase, SessionDetail, Status,
};

use crate::state::need;

/// The one primary action, always at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primary {
    /// Do this.
    Do(Act),
    /// Go on with the checklist.
    NextCheck {
        /// Lines that are open.
        left: usize,
    },
    /// Nothing to do for now, and why.
    Wait(Wait),
    /// Finished: the next customer.
    NextCustomer,
    /// Finished without a judgement: another session for the same conversation.
    StartAnew,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The customer's document.
    Document,
    /// What the customer was asked for again.
    Again,
    /// The check that a living person is there.
    Liveness,
    /// A second person's approval.
    SecondPerson,
    /// A second person must do this: the caller took part.
    OwnCase,
    /// A supervisor must clear the flag.
    Flag,
    /// The caller may only look.
    ReadOnly,
}

/// Chooses the primary action from what the server offers. `has_link`: whether she has the customer's link before her.
pub fn primary(detail: &SessionDetail, has_link: bool) -> Primary {
    match of_offers(detail) {
        Primary::Wait(wait @ (Wait::Document | Wait::Liveness)) => by_customer(detail, wait, has_link),
        primary => primary,
    }
}

/// What brings the customer to do what a case lacks: her link, while she has not come by one or the case is with the agent already.
fn by_customer(detail: &SessionDetail, wait: Wait, has_link: bool) -> Primary {
    let by_link =
        if is_open(detail, Act::SendLink) && !has_link { Primary::Do(Act::SendLink) } else { Primary::Wait(wait) };
    match (detail.summary.status, detail.provider_view.phase) {
        (Status::Created, _) if detail.summary.presence == Presence::NotConnected => by_link,
        // That run brings nothing more.
        (Status::AgentVerification, ProviderPhase::Done) if is_open(detail, Act::Recapture) => {
            Primary::Do(Act::Recapture)
        }
        (Status::AgentVerification, ProviderPhase::Done | ProviderPhase::Processing) => Primary::Wait(wait),
        (Status::AgentVerification, _) => by_link,
        _ => Primary::Wait(wait),
    }
}

fn of_offers(detail: &SessionDetail) -> Primary {
    let status = detail.summary.status;
    if detail.summary.flag.is_some() && is_open(detail, Act::Unflag) {
        return Primary::Do(Act::Unflag);
    }
    if status.is_final() {
        return if detail.can_start_anew { Primary::StartAnew } else { Primary::NextCustomer };
    }
    if let Some(act) = [Act::Take, Act::TakeOver].into_iter().find(|act| is_open(detail, *act) && !detail.is_mine) {
        return Primary::Do(act);
    }
    if let Some(offer) = detail.offer(Act::Approve) {
        return offer.blocked_by.map_or(Primary::Do(Act::Approve), |blocker| blocked(detail, blocker));
    }
    if let Some(offer) = detail.offer(Act::Propose) {
        return match offer.blocked_by {
            Some(blocker) => blocked(detail, blocker),
            None if wants_capture(detail) => Primary::Do(Act::Recapture),
            None => Primary::Do(Act::Propose),
        };
    }
    Primary::Wait(match status {
        Status::Created if asks_again(detail) => Wait::Again,
        Status::Created => Wait::Document,
        Status::DocumentSubmitted | Status::LivenessCheck => Wait::Liveness,
        Status::FinalApproval => Wait::SecondPerson,
        _ if detail.summary.flag.is_some() => Wait::Flag,
        _ => Wait::ReadOnly,
    })
}

fn blocked(detail: &SessionDetail, blocker: Blocker) -> Primary {
    match blocker {
        Blocker::ChecklistOpen => Primary::NextCheck { left: open_checks(detail) },
        Blocker::ChecklistFailed if is_open(detail, Act::Reject) => Primary::Do(Act::Reject),
        Blocker::ChecklistFailed if is_open(detail, Act::Escalate) => Primary::Do(Act::Escalate),
        // Neither approving nor proposing runs out.
        Blocker::ChecklistFailed | Blocker::UsedUp => Primary::Wait(Wait::ReadOnly),
        Blocker::NoDocument if wants_capture(detail) => Primary::Do(Act::Recapture),
        Blocker::NoDocument => Primary::Wait(Wait::Document),
        Blocker::NoLiveness => Primary::Wait(Wait::Liveness),
        Blocker::OwnCase => Primary::Wait(Wait::OwnCase),
        Blocker::Flagged => Primary::Wait(Wait::Flag),
    }
}

fn wants_capture(detail: &SessionDetail) -> bool {
    is_open(detail, Act::Recapture) && detail.checks.iter().any(|check| check.outcome == CheckOutcome::NewCapture)
}

/// Whether the customer is asked for something again.
pub fn asks_again(detail: &SessionDetail) -> bool {
    detail.asked.as_ref().is_some_and(|asked| !asked.items.is_empty())
}

/// Whether the act is offered and nothing stands in its way.
pub fn is_open(detail: &SessionDetail, act: Act) -> bool {
    detail.offer(act).is_some_and(|offer| offer.blocked_by.is_none())
}

/// Lines of the checklist that nobody has marked.
pub fn open_checks(detail: &SessionDetail) -> usize {
    detail.checklist.iter().filter(|item| item.mark == Mark::Open).count()
}

/// The acts of the "more" menu, mildest first, without the primary one and without those that have their own button.
pub fn more(detail: &SessionDetail, has_link: bool) -> Vec<Act> {
    const ORDER: [Act; 12] = [
        Act::Withdraw,
        Act::PoorPicture,
        Act::Release,
        Act::SendLink,
        Act::Take,
        Act::TakeOver,
        Act::Propose,
        Act::Unflag,
        Act::Return,
        Act::CouldNotVerify,
        Act::Reject,
        Act::Reopen,
    ];
    let chosen = primary(detail, has_link);
    ORDER.into_iter().filter(|act| is_open(detail, *act) && chosen != Primary::Do(*act)).collect()
}

/// Whether the act ends the case for the customer, so that its button looks like it.
pub const fn is_grave(act: Act) -> bool {
    matches!(act, Act::Reject | Act::CouldNotVerify)
}

/// Whether the act happens at once: it can be undone, or nobody outside notices.
pub const fn is_immediate(act: Act) -> bool {
    matches!(act, Act::Take | Act::Release | Act::Withdraw | Act::PoorPicture | Act::SendLink)
}

/// What the customer most likely has to capture again: what the provider could not read, unless it was asked for often enough.
pub fn likely_item(detail: &SessionDetail) -> CaptureItem {
    let is_bad = |check: &Check| check.outcome == CheckOutcome::NewCapture;
    let likely = match detail.checks.iter().find(|check| is_bad(check)).map(|check| check.group) {
        Some(CheckGroup::Face | CheckGroup::Liveness) => CaptureItem::Face,
        None if detail.offer(Act::Propose).is_some_and(|offer| offer.blocked_by == Some(Blocker::NoLiveness)) => {
            CaptureItem::Face
        }
        _ => CaptureItem::DocumentFront,
    };
    let can_ask = |item: &CaptureItem| !detail.asked_enough.contains(item);
    if can_ask(&likely) { likely } else { CaptureItem::ALL.into_iter().find(can_ask).unwrap_or(likely) }
}

/// The configured reasons for an act.
pub fn reasons(act: Act, all: &[ReasonOption]) -> Vec<ReasonOption> {
    all.iter().filter(|reason| reason.acts.contains(&act)).cloned().collect()
}

/// Whether the act needs a reason for this session. Sending a clean case to approval explains itself.
pub fn needs_reason(act: Act, detail: &SessionDetail) -> bool {
    match act {
        Act::Propose => !is_clear(detail),
        Act::TakeOver
        | Act::Reveal
        | Act::Recapture
        | Act::Escalate
        | Act::Reject
        | Act::CouldNotVerify
        | Act::Return
        | Act::Reopen => true,
        Act::Take
        | Act::Release
        | Act::Mark
        | Act::Note
        | Act::SendLink
        | Act::Withdraw
        | Act::PoorPicture
        | Act::Approve
        | Act::Unflag => false,
    }
}

/// Whether every check is fine and nothing differs. The server decides; this only says what to ask for.
fn is_clear(detail: &SessionDetail) -> bool {
    let is_fine = |check: &Check| check.outcome == CheckOutcome::Passed;
    detail.checks.iter().all(is_fine) && !detail.fields.iter().any(need::differs)
}

#[cfg(test)]
mod tests {
    use kyc_wire::ids::Micros;
    use kyc_wire::session::{Asked, AskedItem, Flag};

    use super::*;
    use crate::state::fixtures::{check, detail, difference, offers};

    #[test]
    fn a_session_that_is_not_mine_is_taken_first() {
        let mut detail = detail();
        detail.is_mine = false;
        detail.offers = offers(&[(Act::Take, None), (Act::Note, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Take));
    }

    #[test]
    fn open_checks_lead_to_the_checklist() {
        let mut detail = detail();
        detail.offers = offers(&[(Act::Propose, Some(Blocker::ChecklistOpen))]);
        assert_eq!(primary(&detail, false), Primary::NextCheck { left: 2 });
    }

    #[test]
    fn a_complete_session_goes_to_final_approval() {
        let mut detail = detail();
        detail.offers = offers(&[(Act::Propose, None), (Act::Reject, None), (Act::Release, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Propose));
        assert_eq!(more(&detail, false), [Act::Release, Act::Reject]);
    }

    #[test]
    fn a_bad_capture_is_asked_for_again_before_anything_is_decided() {
        let mut detail = detail();
        detail.checks = vec![check(CheckGroup::Document, CheckOutcome::NewCapture)];
        detail.offers = offers(&[(Act::Propose, None), (Act::Recapture, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Recapture));
        assert_eq!(more(&detail, false), [Act::Propose]);
        assert_eq!(likely_item(&detail), CaptureItem::DocumentFront);
        detail.checks = vec![check(CheckGroup::Liveness, CheckOutcome::NewCapture)];
        assert_eq!(likely_item(&detail), CaptureItem::Face);
    }

    #[test]
    fn what_was_asked_for_again_is_waited_for_and_can_be_taken_back() {
        let mut detail = detail();
        detail.summary.status = Status::Created;
        detail.offers = offers(&[(Act::Recapture, None), (Act::Withdraw, None), (Act::Release, None)]);
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Document));
        let item = AskedItem { item: CaptureItem::Face, reason: "glare".into(), at: Micros(0), is_there: false };
        detail.asked = Some(Asked { items: vec![item], message: "m".into() });
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Again));
        assert_eq!(more(&detail, false), [Act::Withdraw, Act::Release]);
        assert!(is_immediate(Act::Withdraw) && !needs_reason(Act::Withdraw, &detail));
    }

    #[test]
    fn her_own_case_waits_for_a_second_person() {
        let mut detail = detail();
        detail.summary.status = Status::FinalApproval;
        detail.offers = offers(&[(Act::Approve, Some(Blocker::OwnCase))]);
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::OwnCase));
        detail.offers = offers(&[(Act::Approve, None), (Act::Return, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Approve));
        assert_eq!(more(&detail, false), [Act::Return]);
    }

    #[test]
    fn a_flag_is_cleared_before_anything_is_decided() {
        let mut detail = detail();
        detail.summary.flag = Some(Flag { reason: "second_look".into(), at: Micros(0) });
        detail.offers = offers(&[(Act::Propose, Some(Blocker::Flagged))]);
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Flag));
        detail.is_mine = false;
        detail.offers = offers(&[(Act::Take, None), (Act::Unflag, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Unflag));
    }

    #[test]
    fn a_failed_line_of_the_checklist_leads_to_a_decision() {
        let mut detail = detail();
        detail.offers = offers(&[(Act::Propose, Some(Blocker::ChecklistFailed)), (Act::Escalate, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::Escalate));
        detail.offers.extend(offers(&[(Act::Reject, None)]));
        assert_eq!(primary(&detail, false), Primary::Do(Act::Reject));
    }

    #[test]
    fn a_finished_session_leads_to_the_next_customer() {
        let mut detail = detail();
        detail.summary.status = Status::Rejected;
        detail.offers = offers(&[(Act::Reopen, None)]);
        assert_eq!(primary(&detail, false), Primary::NextCustomer);
        assert_eq!(more(&detail, false), [Act::Reopen]);
    }

    #[test]
    fn sending_a_case_with_a_difference_to_approval_needs_a_reason() {
        let mut detail = detail();
        assert!(!needs_reason(Act::Propose, &detail));
        detail.fields.push(difference());
        assert!(needs_reason(Act::Propose, &detail));
    }

    #[test]
    fn one_that_ended_without_a_judgement_leads_to_another_for_the_same_customer() {
        let mut detail = detail();
        detail.summary.status = Status::Expired;
        assert_eq!(primary(&detail, false), Primary::NextCustomer);
        detail.can_start_anew = true;
        assert_eq!(primary(&detail, false), Primary::StartAnew);
    }

    #[test]
    fn what_was_asked_for_often_enough_is_not_the_likely_item() {
        let mut detail = detail();
        assert_eq!(likely_item(&detail), CaptureItem::DocumentFront);
        detail.asked_enough = vec![CaptureItem::DocumentFront];
        assert_eq!(likely_item(&detail), CaptureItem::DocumentBack);
        detail.checks = vec![check(CheckGroup::Face, CheckOutcome::NewCapture)];
        assert_eq!(likely_item(&detail), CaptureItem::Face);
    }

    #[test]
    fn a_customer_who_has_not_come_yet_needs_the_link() {
        let mut detail = detail();
        detail.summary.status = Status::Created;
        detail.summary.presence = Presence::NotConnected;
        detail.offers = offers(&[(Act::SendLink, None), (Act::Release, None)]);
        assert_eq!(primary(&detail, false), Primary::Do(Act::SendLink));
        assert_eq!(more(&detail, false), [Act::Release]);
        assert_eq!(primary(&detail, true), Primary::Wait(Wait::Document), "she has it before her");
        detail.summary.presence = Presence::Connected;
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Document));
        detail.summary.presence = Presence::NotConnected;
        detail.offers = offers(&[(Act::Take, None)]);
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Document), "it is not hers to send");
    }

    #[test]
    fn a_missing_liveness_check_is_asked_for_by_the_link_or_by_another_run() {
        let mut detail = detail();
        detail.summary.status = Status::AgentVerification;
        let all = [(Act::Propose, Some(Blocker::NoLiveness)), (Act::Recapture, None), (Act::SendLink, None)];
        detail.offers = offers(&all);
        detail.provider_view.phase = ProviderPhase::WaitingForCustomer;
        assert_eq!(primary(&detail, false), Primary::Do(Act::SendLink));
        assert_eq!(primary(&detail, true), Primary::Wait(Wait::Liveness), "she has it before her");
        detail.provider_view.phase = ProviderPhase::Processing;
        assert_eq!(primary(&detail, false), Primary::Wait(Wait::Liveness));
        detail.provider_view.phase = ProviderPhase::Done;
        assert_eq!(primary(&detail, false), Primary::Do(Act::Recapture));
        assert_eq!(likely_item(&detail), CaptureItem::Face);
    }
}
