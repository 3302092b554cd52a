//! What is wrong with a session, in the order in which a person should look: why the flow gave up, while that is all there is; then
//! differences, then what failed.

use kyc_wire::ids::Micros;
use kyc_wire::masked::Agreement;
use kyc_wire::session::{
    Attention, Check, CheckGroup, CheckOutcome, FieldComparison, Flag, HandedOver, ProviderPhase, SessionDetail,
};

/// One thing that needs the agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// The flow gave up: what failed decides what to do first, until there are results.
    HandedOver {
        /// Why.
        of: HandedOver,
        /// Whether there are results all the same.
        is_past: bool,
    },
    /// Claim and document differ.
    Difference(FieldComparison),
    /// A check failed, wants an eye, or a new capture.
    Check(Check),
    /// The document's last day is past.
    DocumentExpired,
    /// Somebody was asked to look.
    Flag(Flag),
    /// The provider is slow or down.
    Provider {
        /// Slow or down.
        is_down: bool,
        /// Since when.
        since: Micros,
    },
    /// The bank has not sent what the applicant claimed: nothing can be compared.
    NoClaims,
}

/// Everything that needs the agent, most telling first.
pub fn needs(detail: &SessionDetail) -> Vec<Need> {
    let is_past = has_results(detail);
    let mut gave_up = detail.handed_over.clone().map(|of| Need::HandedOver { of, is_past });
    let mut out: Vec<Need> = gave_up.take_if(|_| !is_past).into_iter().collect();
    out.extend(detail.fields.iter().filter(|f| differs(f)).cloned().map(Need::Difference));
    let mut checks = |outcome| {
        let found = detail.checks.iter().filter(move |check| check.outcome == outcome).cloned().map(Need::Check);
        out.extend(found);
    };
    checks(CheckOutcome::Failed);
    checks(CheckOutcome::Review);
    checks(CheckOutcome::NewCapture);
    if detail.document.is_expired {
        out.push(Need::DocumentExpired);
    }
    out.extend(detail.summary.flag.clone().map(Need::Flag));
    let since = detail.provider_view.since;
    match detail.provider_view.phase {
        ProviderPhase::Slow => out.push(Need::Provider { is_down: false, since }),
        ProviderPhase::Down => out.push(Need::Provider { is_down: true, since }),
        _ => {}
    }
    if detail.summary.attention.contains(&Attention::NoClaims) {
        out.push(Need::NoClaims);
    }
    out.extend(gave_up);
    out
}

/// Whether there is anything to judge by.
pub fn has_results(detail: &SessionDetail) -> bool {
    !detail.checks.is_empty() || !detail.fields.is_empty()
}

/// How many of them wait for somebody: what the flow gave up over does not, once there are results, and nobody could clear it.
pub fn count(needs: &[Need]) -> usize {
    needs.iter().filter(|need| !matches!(need, Need::HandedOver { is_past: true, .. })).count()
}

/// Whether claim and document differ.
pub fn differs(field: &FieldComparison) -> bool {
    matches!(field.agreement, Agreement::Differs { .. })
}

/// How many fields agree, of how many that could be compared.
pub fn agreeing(detail: &SessionDetail) -> (usize, usize) {
    let agree = detail.fields.iter().filter(|field| matches!(field.agreement, Agreement::Agrees)).count();
    (agree, agree + detail.fields.iter().filter(|field| differs(field)).count())
}

/// One of the four groups of checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Which.
    pub of: CheckGroup,
    /// The most serious outcome; none when the provider does not check this.
    pub outcome: Option<CheckOutcome>,
    /// Its checks.
    pub checks: Vec<Check>,
}

/// The four groups, always in the same order, also while results are missing.
pub fn groups(detail: &SessionDetail) -> Vec<Group> {
    let is_done = detail.provider_view.phase == ProviderPhase::Done || detail.summary.status.is_final();
    let build = |group| {
        let checks: Vec<Check> = detail.checks.iter().filter(|check| check.group == group).cloned().collect();
        let worst = checks.iter().map(|check| check.outcome).max_by_key(|outcome| gravity(*outcome));
        Group { of: group, outcome: worst.or((!is_done).then_some(CheckOutcome::Pending)), checks }
    };
    CheckGroup::ALL.into_iter().map(build).collect()
}

const fn gravity(outcome: CheckOutcome) -> u8 {
    match outcome {
        CheckOutcome::Passed => 0,
        CheckOutcome::Pending => 1,
        CheckOutcome::Review => 2,
        CheckOutcome::NewCapture => 3,
        CheckOutcome::Failed => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{check, detail, difference};

    #[test]
    fn differences_come_first_then_failures_then_what_wants_an_eye() {
        let mut detail = detail();
        detail.checks = vec![
            check(CheckGroup::Face, CheckOutcome::Review),
            check(CheckGroup::Document, CheckOutcome::Failed),
            check(CheckGroup::Liveness, CheckOutcome::Passed),
        ];
        detail.fields.push(difference());
        detail.provider_view.phase = ProviderPhase::Slow;
        let needs = needs(&detail);
        assert!(matches!(needs[0], Need::Difference(_)));
        assert!(matches!(&needs[1], Need::Check(check) if check.outcome == CheckOutcome::Failed));
        assert!(matches!(&needs[2], Need::Check(check) if check.outcome == CheckOutcome::Review));
        assert!(matches!(needs[3], Need::Provider { is_down: false, .. }));
        assert_eq!(needs.len(), 4);
    }

    #[test]
    fn why_the_flow_gave_up_comes_first_until_there_are_results() {
        let mut detail = detail();
        detail.provider_view.phase = ProviderPhase::Slow;
        detail.handed_over = Some(HandedOver {
            cause: kyc_wire::session::HandOverCause::NoReply,
            error_ref: "E-1".into(),
            attempts: 1,
            best_permille: None,
            needed_permille: 800,
            frame_height: None,
            needed_height: 480,
        });
        let needs = needs(&detail);
        assert!(matches!((&needs[0], &needs[1]), (Need::HandedOver { is_past: false, .. }, Need::Provider { .. })));
        assert_eq!(count(&needs), 2);
        detail.fields.push(difference());
        let needs = super::needs(&detail);
        assert!(matches!((&needs[0], &needs[2]), (Need::Difference(_), Need::HandedOver { is_past: true, .. })));
        assert_eq!((needs.len(), count(&needs)), (3, 2), "nobody can clear it");
    }

    #[test]
    fn a_clean_session_needs_nothing() {
        assert_eq!(needs(&detail()), []);
    }

    #[test]
    fn only_comparable_fields_are_counted() {
        let mut detail = detail();
        let before = agreeing(&detail);
        detail.fields.push(difference());
        assert_eq!(agreeing(&detail), (before.0, before.1 + 1));
    }

    #[test]
    fn a_group_shows_its_most_serious_outcome() {
        let mut detail = detail();
        detail.checks = vec![
            check(CheckGroup::Face, CheckOutcome::Passed),
            check(CheckGroup::Face, CheckOutcome::NewCapture),
            check(CheckGroup::Face, CheckOutcome::Pending),
        ];
        let face = groups(&detail).into_iter().find(|group| group.of == CheckGroup::Face).unwrap();
        assert_eq!(face.outcome, Some(CheckOutcome::NewCapture));
    }

    #[test]
    fn a_group_without_checks_waits_until_the_provider_is_done() {
        let mut detail = detail();
        detail.checks.clear();
        detail.provider_view.phase = ProviderPhase::Processing;
        assert!(groups(&detail).iter().all(|group| group.outcome == Some(CheckOutcome::Pending)));
        detail.provider_view.phase = ProviderPhase::Done;
        assert!(groups(&detail).iter().all(|group| group.outcome.is_none()));
    }
}
