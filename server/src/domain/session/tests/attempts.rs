//! Attempts at video: counted once, never for ever.

use super::*;

#[test]
fn a_flow_that_never_reports_quality_is_stopped_too() {
    let mut desk = Desk::new();
    for _ in 0..4 {
        desk.report(Report::AttemptStarted { number: None }).unwrap();
    }
    assert!(matches!(desk.session.next_for_flow(), Next::RouteToAgent { .. }));
}

#[test]
fn below_480_lines_it_goes_on_by_audio_and_upload() {
    let mut desk = Desk::new();
    desk.report(Report::AttemptStarted { number: None }).unwrap();
    desk.report(Report::Quality(measured(Some(1), 0.99, Some(479)))).unwrap();
    assert_eq!((desk.session.next_for_flow(), desk.session.channel), (Next::FallbackAudioUpload, Channel::AudioUpload));
}

#[test]
fn a_report_about_another_attempt_is_refused_and_a_repeated_one_is_harmless() {
    let mut desk = Desk::new();
    desk.poor_attempt();
    let report = |attempt| Report::Quality(measured(Some(attempt), 0.1, None));
    assert_eq!(desk.report(report(2)), Err(Refusal::WrongAttempt { running: 1 }));
    let before = desk.session.clone();
    desk.report(report(1)).unwrap();
    assert_eq!(desk.session, before);
}

#[test]
fn a_retry_begins_when_the_wait_is_over_and_not_before() {
    let mut desk = Desk::new();
    assert_eq!(desk.poor_attempt(), Next::Retry);
    assert_eq!(desk.session.retry_wait_seconds(desk.now), 10);
    desk.wait(9);
    desk.report(Report::AttemptStarted { number: Some(2) }).unwrap();
    assert_eq!((desk.session.attempts.started, desk.session.next_for_flow()), (1, Next::Retry));
    assert_eq!(desk.session.retry_wait_seconds(desk.now), 1);
    desk.wait(1);
    desk.report(Report::AttemptStarted { number: Some(2) }).unwrap();
    assert_eq!((desk.session.attempts.started, desk.session.next_for_flow()), (2, Next::Continue));
    assert_eq!(desk.session.retry_wait_seconds(desk.now), 0);
}

#[test]
fn an_attempt_that_runs_already_is_not_started_again() {
    let mut desk = Desk::new();
    for _ in 0..3 {
        desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
        assert_eq!((desk.session.attempts.started, desk.session.next_for_flow()), (1, Next::Continue));
    }
}

#[test]
fn retries_are_what_comes_after_the_first_attempt() {
    let mut desk = Desk::new();
    let mut left = vec![desk.session.retries_left(&desk.policy)];
    for _ in 0..3 {
        desk.poor_attempt();
        left.push(desk.session.retries_left(&desk.policy));
    }
    assert_eq!(left, [2, 2, 1, 0]);
}

#[test]
fn the_customers_page_counts_too_and_cannot_go_on_for_ever() {
    let mut desk = Desk::new();
    let poor = || Report::Quality(Quality { by: Reporter::CustomerPage, ..measured(None, 0.3, Some(720)) });
    for attempt in 1..=2 {
        desk.report(poor()).unwrap();
        desk.report(poor()).unwrap();
        assert_eq!((desk.session.attempts.started, desk.session.next_for_flow()), (attempt, Next::Retry));
        desk.wait(10);
    }
    desk.report(poor()).unwrap();
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-1".to_owned() });
}

#[test]
fn page_and_flow_count_the_same_attempt() {
    let mut desk = Desk::new();
    desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
    desk.report(Report::Quality(measured(None, 0.3, None))).unwrap();
    desk.wait(10);
    desk.report(Report::Quality(measured(None, 0.95, None))).unwrap();
    desk.report(Report::AttemptStarted { number: Some(2) }).unwrap();
    assert_eq!((desk.session.attempts.started, desk.session.next_for_flow()), (2, Next::Continue));
}

#[test]
fn a_device_without_video_needs_no_attempt_and_loses_none() {
    let mut desk = Desk::new();
    let report = Quality { supports_video: false, score: None, ..measured(None, 0.0, None) };
    desk.report(Report::Quality(report)).unwrap();
    assert_eq!((desk.session.next_for_flow(), desk.session.channel), (Next::NoVideo, Channel::AudioUpload));
    assert_eq!(desk.session.attempts.started, 0);
    desk.report(Report::AttemptStarted { number: None }).unwrap();
    assert_eq!((desk.session.next_for_flow(), desk.session.attempts.started), (Next::NoVideo, 0));
}

#[test]
fn the_agents_word_counts_as_a_report() {
    let mut desk = Desk::new();
    desk.report(Report::AttemptStarted { number: None }).unwrap();
    assert_eq!(desk.staff(mira(), StaffCommand::PoorPicture), Err(Refusal::NotHolder));
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for left in [2, 1] {
        desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
        desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
        assert_eq!((desk.session.next_for_flow(), desk.session.retries_left(&desk.policy)), (Next::Retry, left));
        desk.wait(10);
    }
    desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
    assert_eq!(desk.session.status(), Status::AgentVerification);
    desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
    assert_eq!(desk.session.channel, Channel::AudioUpload, "with a person there, it goes on by voice");
    assert!(matches!(desk.staff(mira(), StaffCommand::PoorPicture), Err(Refusal::InvalidTransition { .. })));
}

#[test]
fn a_flow_whose_customer_never_came_is_told_to_fetch_a_person() {
    let mut desk = Desk::new();
    desk.wait(299);
    assert_eq!(desk.session.next_for_flow(), Next::Continue);
    desk.wait(1);
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-00000007-connect".to_owned() });
    desk.report(Report::Heartbeat).unwrap();
    assert_eq!(desk.session.next_for_flow(), Next::Continue, "she came after all");
}

#[test]
fn a_flow_that_asks_about_a_session_that_ended_by_itself_is_told_to_fetch_a_person() {
    let mut desk = Desk::new();
    desk.report(Report::ConversationEnded { is_abandoned: true, of: None }).unwrap();
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-00000007-abandoned".to_owned() });
}

#[test]
fn a_flow_hands_over_and_its_reference_stays() {
    let mut desk = Desk::new();
    let give_up =
        |error_ref: &str| Report::HandedOver { trouble: FlowTrouble::NoReply, error_ref: error_ref.to_owned() };
    desk.report(give_up("E-9")).unwrap();
    assert_eq!(desk.session.status(), Status::AgentVerification);
    desk.report(give_up("E-10")).unwrap();
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-9".to_owned() });
}

#[test]
fn a_second_conversation_goes_on_when_the_first_is_over() {
    let mut desk = Desk::new();
    let back = |id| Report::Resumed { conversation: conversation(id) };
    desk.report(back("conv-1")).unwrap();
    assert_eq!(desk.report(back("conv-2")), Err(Refusal::OtherConversation), "she is there in the first one");
    desk.wait(299);
    assert_eq!(desk.report(back("conv-2")), Err(Refusal::OtherConversation), "a flow does not beat");
    desk.wait(1);
    desk.report(back("conv-2")).unwrap();
    assert_eq!(desk.session.conversation_id, Some(conversation("conv-2")));
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
}
