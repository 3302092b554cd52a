//! The guide's line from beginning to end, and who may decide what.

use super::*;

#[test]
fn a_capture_that_failed_for_good_is_made_again_in_another_run_but_not_for_ever() {
    let again = |decided| Report::Result(Box::new(result(ResultOutcome::NewRun, Outcome::NewCapture, decided)));
    let policy = Policy { recaptures_per_item: 2, ..Policy::default() };
    let mut session = fresh();
    for run in 1..=2_i64 {
        session = session.report(Report::ProviderStarting, &policy, at(run)).unwrap().session;
        session = session.report(Report::ProviderStarted, &policy, at(run)).unwrap().session;
        let applied = session.report(again(run), &policy, at(run)).unwrap();
        assert!(applied.effects.contains(&Effect::StartProvider), "{:?}", applied.effects);
        session = applied.session;
        assert_eq!((session.status(), session.counts(session.provider.run)), (Status::Created, false));
    }
    session = session.report(Report::ProviderStarting, &policy, at(3)).unwrap().session;
    let applied = session.report(again(3), &policy, at(3)).unwrap();
    assert!(!applied.effects.contains(&Effect::StartProvider), "{:?}", applied.effects);
    assert_eq!(applied.session.status(), Status::AgentVerification, "an agent helps her");
}

#[test]
fn a_failed_capture_starts_nothing_once_an_agent_works_on_the_case() {
    let again = Report::Result(Box::new(result(ResultOutcome::NewRun, Outcome::NewCapture, 9)));
    let session = fresh().report(clear(1), &Policy::default(), at(1)).unwrap().session;
    let applied = session.report(again, &Policy::default(), at(9)).unwrap();
    assert!(applied.effects.is_empty(), "{:?}", applied.effects);
    assert_eq!(applied.session.status(), Status::AgentVerification);
}

#[test]
fn the_guides_line_leads_from_created_to_approved() {
    let mut desk = Desk::new();
    desk.report(Report::Claims { mismatches: BTreeSet::new() }).unwrap();
    desk.report(Report::Submitted(None)).unwrap();
    assert_eq!(desk.session.status(), Status::DocumentSubmitted);
    let mut partial = result(ResultOutcome::Review, Outcome::Passed, 1);
    partial.checks.retain(|check| check.group == Group::Document);
    desk.report(Report::Result(Box::new(partial))).unwrap();
    assert_eq!(desk.session.status(), Status::LivenessCheck);
    desk.report(clear(2)).unwrap();
    assert_eq!(desk.session.status(), Status::AgentVerification);
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
    assert_eq!(desk.session.status(), Status::FinalApproval);
    let effects = desk.staff(jo(), StaffCommand::Approve).unwrap();
    assert_eq!(effects, [Effect::StatusChanged { from: Status::FinalApproval, to: Status::Approved }]);
}

#[test]
fn nobody_approves_what_she_decided_held_or_revealed() {
    for touch in [StaffCommand::Take { reason: Some("shift_change".to_owned()) }, StaffCommand::Reveal] {
        let mut desk = Desk::with_result();
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        if touch == StaffCommand::Reveal {
            desk.staff(jo(), StaffCommand::Take { reason: Some("shift_change".to_owned()) }).unwrap();
        }
        desk.staff(jo(), touch).unwrap();
        desk.staff(mira(), StaffCommand::Take { reason: Some("shift_change".to_owned()) }).unwrap();
        desk.tick_off(mira());
        desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
        assert_eq!(desk.staff(jo(), StaffCommand::Approve), Err(Refusal::Blocked(Blocker::OwnCase)));
        desk.staff(person(11), StaffCommand::Approve).unwrap();
    }
}

#[test]
fn an_agent_gives_no_second_approval() {
    let mut desk = Desk::proposed();
    assert_eq!(desk.staff(tomas(), StaffCommand::Approve), Err(Refusal::NotForRole));
}

#[test]
fn a_reveal_during_approval_does_not_spoil_it() {
    let mut desk = Desk::proposed();
    desk.staff(jo(), StaffCommand::Reveal).unwrap();
    desk.staff(jo(), StaffCommand::Approve).unwrap();
    assert_eq!(desk.session.status(), Status::Approved);
}

#[test]
fn a_stale_version_changes_nothing() {
    let desk = Desk::proposed();
    let version = desk.session.version;
    let refused = desk.session.command(&StaffCommand::Approve, jo(), Some(version - 1), (&desk.policy, desk.now));
    assert_eq!(refused, Err(Refusal::Stale { current: version }));
}

#[test]
fn three_poor_attempts_lead_to_a_person_and_no_fourth() {
    let mut desk = Desk::new();
    assert_eq!(desk.poor_attempt(), Next::Retry);
    assert_eq!(desk.poor_attempt(), Next::Retry);
    let given_up = Next::RouteToAgent { error_ref: "E-1".to_owned() };
    assert_eq!(desk.poor_attempt(), given_up);
    assert_eq!(desk.session.status(), Status::AgentVerification);
    assert_eq!(desk.poor_attempt(), given_up);
    assert_eq!(desk.session.attempts.started, 3);
}
