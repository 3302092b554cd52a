//! What a provider says, in any order, and what was read from the document.

use super::*;

#[test]
fn a_provider_that_changes_its_mind_afterwards_raises_a_flag_and_changes_nothing_else() {
    let mut desk = Desk::proposed();
    desk.staff(jo(), StaffCommand::Approve).unwrap();
    let late = Report::Result(Box::new(result(ResultOutcome::Rejected, Outcome::Failed, 9)));
    let effects = desk.report(late.clone()).unwrap();
    assert_eq!(effects, [Effect::ProviderChangedItsMind]);
    assert_eq!(desk.session.status(), Status::Approved);
    assert_eq!(desk.session.flag.as_ref().unwrap().reason, "provider_changed_its_mind");
    assert_eq!(desk.report(late).unwrap(), [], "said once");
}

#[test]
fn a_first_result_after_the_end_changes_no_mind() {
    let mut desk = Desk::new();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), StaffCommand::Reject { reason: "customer_refuses".to_owned() }).unwrap();
    let before = desk.session.clone();
    for facts in
        [result(ResultOutcome::Verified, Outcome::Passed, 1), result(ResultOutcome::Rejected, Outcome::Failed, 2)]
    {
        assert_eq!(desk.report(Report::Result(Box::new(facts))).unwrap(), [], "nobody has decided on another one");
        assert_eq!(desk.session, before);
    }
}

#[test]
fn an_older_result_changes_nothing() {
    let mut desk = Desk::with_result();
    let before = desk.session.clone();
    desk.report(Report::Result(Box::new(result(ResultOutcome::Rejected, Outcome::Failed, 0)))).unwrap();
    assert_eq!(desk.session, before);
}

#[test]
fn uploads_are_taken_after_consent_and_while_the_case_is_with_agents() {
    let consent = Consent { hash: "h".to_owned(), version: "1".to_owned(), language: "en".to_owned(), at: START };
    let items = || [CaptureItem::DocumentFront, CaptureItem::Face].map(Report::Uploaded);
    let mut desk = Desk::new();
    for report in items().into_iter().chain([Report::UploadsSent]) {
        assert_eq!(desk.report(report).unwrap_err(), Refusal::InvalidTransition { state: Status::Created });
    }
    desk.report(Report::Consented(consent.clone())).unwrap();
    for item in items() {
        desk.report(item).unwrap();
    }
    desk.report(Report::UploadsSent).unwrap();
    assert_eq!(desk.session.status(), Status::AgentVerification);
    assert!(desk.session.result.is_none(), "photos are no result");

    let mut desk = Desk::with_result();
    desk.report(Report::Consented(consent)).unwrap();
    for item in items() {
        desk.report(item).unwrap();
    }
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
    for report in items().into_iter().chain([Report::UploadsSent]) {
        assert_eq!(desk.report(report).unwrap_err(), Refusal::InvalidTransition { state: Status::FinalApproval });
    }
}

#[test]
fn values_of_an_older_result_count_where_the_newer_one_has_none() {
    let mut desk = Desk::with_result();
    let older = ResultFacts {
        mismatches: BTreeSet::from([Field::FullName]),
        values_at: Some(at(0)),
        ..result(ResultOutcome::Rejected, Outcome::Failed, 0)
    };
    assert!(desk.session.takes_values(at(0), false));
    desk.report(Report::Result(Box::new(older))).unwrap();
    let known = desk.session.result.as_ref().unwrap();
    assert_eq!((known.outcome, known.version), (ResultOutcome::Verified, 1), "the newer result stands");
    assert_eq!(desk.session.mismatches, BTreeSet::from([Field::FullName]), "what differs is seen");
    assert!(!desk.session.takes_values(at(0), true) && desk.session.takes_values(at(1), true));
}

#[test]
fn values_that_were_kept_before_their_time_was_are_those_of_the_latest_result() {
    let desk = Desk::with_result();
    assert_eq!((desk.session.values_at(true), desk.session.values_at(false)), (Some(at(1)), None));
    assert!(!desk.session.takes_values(at(0), true));
}

#[test]
fn values_change_nothing_after_the_end() {
    let mut desk = Desk::proposed();
    desk.staff(jo(), StaffCommand::Approve).unwrap();
    let before = desk.session.clone();
    assert!(!desk.session.takes_values(at(9), false));
    let late = ResultFacts { values_at: Some(at(9)), ..result(ResultOutcome::Verified, Outcome::Passed, 9) };
    desk.report(Report::Result(Box::new(late))).unwrap();
    assert_eq!(desk.session, before);
}

#[test]
fn a_result_that_lost_the_document_during_approval_blocks_it() {
    let mut desk = Desk::proposed();
    desk.report(Report::Result(Box::new(result(ResultOutcome::NewCapture, Outcome::NewCapture, 9)))).unwrap();
    desk.staff(jo(), StaffCommand::Unflag).unwrap();
    assert_eq!(desk.staff(jo(), StaffCommand::Approve), Err(Refusal::Blocked(Blocker::NoDocument)));
}

#[test]
fn reopening_wants_a_new_approval_by_somebody_else() {
    let mut desk = Desk::proposed();
    desk.staff(jo(), StaffCommand::Approve).unwrap();
    assert_eq!(
        desk.staff(mira(), StaffCommand::Reopen { reason: "new_information".to_owned() }),
        Err(Refusal::NotForRole)
    );
    desk.staff(jo(), StaffCommand::Reopen { reason: "new_information".to_owned() }).unwrap();
    desk.staff(tomas(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(tomas(), StaffCommand::Propose { reason: None }).unwrap();
    assert_eq!(desk.staff(jo(), StaffCommand::Approve), Err(Refusal::Blocked(Blocker::OwnCase)));
    desk.staff(person(11), StaffCommand::Approve).unwrap();
}

#[test]
fn session_and_decisions_each_keep_the_rules_of_their_day() {
    let mut desk = Desk::with_result();
    let opened_under = desk.policy.hashes();
    desk.policy.checklist.pop();
    desk.policy.quality_threshold = 0.9;
    let decided_under = desk.policy.hashes();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
    assert_eq!(desk.session.rules, opened_under);
    let kept = serde_json::to_value(&desk.session.decisions[0]).unwrap();
    assert_eq!(kept["rules"], serde_json::to_value(&decided_under).unwrap());
    assert_ne!(opened_under.policy, decided_under.policy);
    assert_ne!(opened_under.checklist, decided_under.checklist);
    assert_eq!(opened_under.reasons, decided_under.reasons);
}

/// The provider wants another capture than this one.
fn wants_another(capture: &str, decided: i64) -> Report {
    let facts = result(ResultOutcome::NewCapture, Outcome::NewCapture, decided);
    Report::Result(Box::new(ResultFacts { capture: CaptureId::parse(capture), ..facts }))
}

fn handed_in(capture: &str) -> Report {
    Report::Submitted(CaptureId::parse(capture))
}

#[test]
fn a_late_word_that_a_capture_was_handed_in_does_not_take_the_next_ones_place() {
    let mut desk = Desk::new();
    desk.report(wants_another("one", 1)).unwrap();
    desk.report(handed_in("one")).unwrap();
    let stands = |desk: &Desk| (desk.session.status(), desk.session.provider.phase);
    assert_eq!(stands(&desk), (Status::Created, RunPhase::WaitingForCustomer));
    desk.report(handed_in("two")).unwrap();
    assert_eq!(stands(&desk), (Status::DocumentSubmitted, RunPhase::Processing));
}

#[test]
fn the_next_capture_may_be_handed_in_before_one_hears_that_it_was_wanted() {
    let mut desk = Desk::new();
    for capture in ["one", "two"] {
        desk.report(handed_in(capture)).unwrap();
    }
    desk.report(wants_another("one", 1)).unwrap();
    assert_eq!(desk.session.provider.phase, RunPhase::Processing);
    assert_eq!(desk.session.status(), Status::DocumentSubmitted);
    desk.report(wants_another("two", 2)).unwrap();
    assert_eq!(desk.session.provider.phase, RunPhase::WaitingForCustomer);
    assert_eq!(desk.session.status(), Status::Created);
}

#[test]
fn another_run_has_captures_of_its_own() {
    let mut desk = Desk::new();
    desk.report(wants_another("one", 1)).unwrap();
    desk.report(Report::Result(Box::new(result(ResultOutcome::NewRun, Outcome::NewCapture, 2)))).unwrap();
    assert_eq!(desk.session.provider.captures, Captures::default());
}

#[test]
fn a_run_that_nobody_finished_is_no_change_of_mind() {
    for later in [ResultOutcome::Expired, ResultOutcome::NewRun] {
        let mut desk = Desk::new();
        desk.report(wants_another("one", 1)).unwrap();
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        desk.staff(mira(), StaffCommand::CouldNotVerify { reason: "bad_connection".to_owned() }).unwrap();
        let late = Report::Result(Box::new(result(later, Outcome::Pending, 9)));
        assert_eq!((desk.report(late).unwrap(), &desk.session.flag), (vec![], &None), "{later:?}");
    }
}
