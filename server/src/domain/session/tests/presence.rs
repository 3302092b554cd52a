//! Whether she is there, and the clocks that hang on it.

use super::*;

#[test]
fn a_second_conversation_is_refused_where_the_policy_says_so() {
    let mut desk = Desk::new();
    desk.policy.second_conversation = SecondConversation::Refuse;
    let back = |id| Report::Resumed { conversation: conversation(id) };
    desk.report(back("conv-1")).unwrap();
    desk.wait(300);
    assert_eq!(desk.report(back("conv-2")), Err(Refusal::OtherConversation));
    desk.report(back("conv-1")).unwrap();
}

#[test]
fn who_never_connects_may_resume_for_a_day() {
    let mut desk = Desk::new();
    desk.wait(300);
    assert_eq!(desk.session.connection, Connection::Lost { since: at(300) });
    desk.wait(24 * 3600 - 1);
    assert_eq!(desk.session.status(), Status::Created);
    desk.wait(1);
    assert_eq!(desk.session.status(), Status::Expired);
}

#[test]
fn the_process_clock_stands_still_while_the_customer_is_away() {
    let mut desk = Desk::new();
    desk.report(Report::Heartbeat).unwrap();
    for _ in 0..20 {
        desk.now = desk.now.plus_seconds(15);
        desk.report(Report::Heartbeat).unwrap();
    }
    assert_eq!(desk.session.process_used_seconds(desk.now), 300);
    desk.wait(3600);
    assert!(matches!(desk.session.connection, Connection::Lost { .. }));
    assert_eq!(desk.session.process_used_seconds(desk.now), 300);
    desk.report(Report::Heartbeat).unwrap();
    for _ in 0..20 {
        desk.now = desk.now.plus_seconds(15);
        let _ = desk.report(Report::Heartbeat);
    }
    desk.wait(0);
    assert_eq!(desk.session.status(), Status::Expired, "600 s of the customer's part are used");
}

#[test]
fn the_clocks_stop_when_the_agents_part_begins() {
    let mut desk = Desk::with_result();
    desk.report(Report::Heartbeat).unwrap();
    desk.wait(48 * 3600);
    assert_eq!(desk.session.status(), Status::AgentVerification);
    assert_eq!(desk.session.wakes_at(&desk.policy), None);
}

#[test]
fn a_lost_connection_is_seen_in_the_agents_part_and_ends_nothing() {
    let mut desk = Desk::with_result();
    desk.report(Report::Heartbeat).unwrap();
    let seen = desk.now;
    assert_eq!(desk.session.wakes_at(&desk.policy), Some(seen.plus_seconds(45)));
    desk.wait(45);
    assert_eq!(desk.session.connection, Connection::Lost { since: seen });
    desk.wait(48 * 3600);
    assert_eq!(desk.session.status(), Status::AgentVerification);
    desk.report(Report::Heartbeat).unwrap();
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
}

#[test]
fn a_sign_of_life_and_a_renewed_lease_make_no_decision_stale() {
    let mut desk = Desk::with_result();
    desk.report(Report::Heartbeat).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let seen = desk.session.version;
    desk.wait(15);
    desk.report(Report::Heartbeat).unwrap();
    desk.staff(mira(), StaffCommand::Renew).unwrap();
    assert_eq!(desk.session.version, seen);
    assert_eq!(desk.session.lease.map(|lease| lease.until), Some(desk.now.plus_seconds(300)));
    desk.wait(45);
    assert!(desk.session.version > seen, "a lost connection is looked at");
}

#[test]
fn a_connection_is_lost_after_45_silent_seconds() {
    let mut desk = Desk::new();
    desk.report(Report::Heartbeat).unwrap();
    desk.wait(44);
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    desk.wait(1);
    assert_eq!(desk.session.connection, Connection::Lost { since: START });
}

#[test]
fn a_fresh_call_is_wanted_where_the_regime_says_so() {
    let mut desk = Desk::new();
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    desk.poor_attempt();
    desk.report(Report::Submitted(None)).unwrap();
    desk.report(over()).unwrap();
    desk.wait(60);
    assert_eq!(desk.report(Report::SeenOnPage).unwrap(), [], "her page is no call");
    desk.report(Report::Heartbeat).unwrap();
    assert_eq!(desk.session.attempts.started, 1, "a sign of life that was under way begins no call either");
    desk.report(Report::SeenInCall).unwrap();
    assert_eq!((desk.session.status(), desk.session.attempts.started), (Status::Created, 0));
}

#[test]
fn a_gap_is_no_fresh_call_however_often() {
    let mut desk = Desk::new();
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    let mut effects = Vec::new();
    for attempt in 1..=3 {
        desk.wait(400);
        effects.extend(desk.report(Report::AttemptStarted { number: Some(attempt) }).unwrap());
        let poor = measured(Some(attempt), 0.5, Some(720));
        effects.extend(desk.report(Report::Quality(poor)).unwrap());
    }
    assert!(!effects.contains(&Effect::StartProvider), "nobody pays another run: {effects:?}");
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-1".to_owned() }, "three and no more");
}

#[test]
fn another_conversation_is_a_fresh_call_without_an_end_of_the_last_one() {
    let mut desk = Desk::new();
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    let back = |id| Report::Resumed { conversation: conversation(id) };
    assert_eq!(desk.report(back("conv-1")).unwrap(), []);
    desk.poor_attempt();
    desk.wait(300);
    assert_eq!(desk.report(back("conv-1")).unwrap(), [], "the same one goes on");
    assert_eq!(desk.session.attempts.started, 1);
    desk.wait(300);
    assert!(desk.report(back("conv-2")).unwrap().contains(&Effect::StartProvider));
    assert_eq!(desk.session.attempts.started, 0);
}

#[test]
fn an_agent_who_talks_to_her_keeps_her_connected_and_the_clock_running() {
    let mut desk = Desk::new();
    desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
    desk.report(Report::Quality(measured(Some(1), 0.95, Some(720)))).unwrap();
    desk.wait(30);
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for _ in 0..4 {
        desk.wait(120);
        desk.staff(mira(), StaffCommand::Renew).unwrap();
        assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    }
    assert_eq!(desk.session.process_used_seconds(desk.now), 510);
    assert_eq!(desk.session.wakes_at(&desk.policy), Some(desk.now.plus_seconds(90)), "ten minutes are ten minutes");
    desk.wait(90);
    assert_eq!(desk.session.status(), Status::Expired);
}

#[test]
fn an_agent_brings_nobody_back() {
    let mut desk = Desk::with_result();
    desk.report(Report::SeenInCall).unwrap();
    desk.report(over()).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    assert!(matches!(desk.session.connection, Connection::Lost { .. }));
}

#[test]
fn a_call_that_dies_without_a_word_is_noticed_and_may_be_resumed() {
    let mut desk = Desk::new();
    desk.report(Report::SeenInCall).unwrap();
    desk.wait(299);
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    desk.wait(1);
    assert_eq!((desk.session.connection, desk.session.call), (Connection::Lost { since: START }, Call::Silent));
    assert_eq!(desk.session.process_used_seconds(desk.now), 0, "nobody took part");
    desk.wait(24 * 3600 - 301);
    desk.report(Report::SeenInCall).unwrap();
    assert_eq!(desk.session.status(), Status::Created);
}

#[test]
fn where_somebody_beats_for_a_call_the_beats_count() {
    let mut desk = Desk::new();
    desk.report(Report::SeenInCall).unwrap();
    desk.report(Report::Heartbeat).unwrap();
    desk.wait(15);
    desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
    desk.wait(44);
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    desk.wait(1);
    assert!(matches!(desk.session.connection, Connection::Lost { .. }));
}

#[test]
fn a_page_that_is_closed_takes_nobody_out_of_her_call_and_an_open_one_does_not_stretch_it() {
    let mut desk = Desk::new();
    desk.report(Report::SeenInCall).unwrap();
    desk.report(Report::SeenOnPage).unwrap();
    desk.wait(60);
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    desk.wait(240);
    desk.report(Report::SeenOnPage).unwrap();
    desk.wait(45);
    assert!(matches!(desk.session.connection, Connection::Lost { .. }), "the call is not heard of");
}

#[test]
fn the_flows_own_invitation_is_no_sign_of_her() {
    let mut desk = Desk::new();
    desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
    assert_eq!(desk.session.connection, Connection::Waiting);
    desk.wait(300);
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-00000007-connect".to_owned() });
    let told = desk.session.handed_over(&desk.policy).unwrap();
    assert_eq!((told.cause, told.error_ref.as_str()), (HandOverCause::NotConnected, "E-00000007-connect"));
    desk.report(Report::Quality(measured(Some(1), 0.95, None))).unwrap();
    assert_eq!((desk.session.next_for_flow(), desk.session.handed_over(&desk.policy)), (Next::Continue, None));
}

#[test]
fn what_the_previous_release_wrote_is_read() {
    let mut desk = Desk::new();
    desk.poor_attempt();
    let mut kept = serde_json::to_value(&desk.session).unwrap();
    kept.as_object_mut().unwrap().remove("call");
    for new in ["best_permille", "cause"] {
        kept["attempts"].as_object_mut().unwrap().remove(new);
    }
    let read: Session = serde_json::from_value(kept).unwrap();
    assert_eq!((read.call, read.connection), (Call::None, desk.session.connection));
    desk.session = read;
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    desk.report(over()).unwrap();
    desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
    assert_eq!(desk.session.attempts.reported, 0, "its interrupted call is one, too");
}

#[test]
fn a_provider_that_waits_no_longer_ends_its_run_and_not_the_session() {
    let mut desk = Desk::new();
    for report in [Report::ProviderStarting, Report::ProviderStarted] {
        desk.report(report).unwrap();
    }
    desk.report(Report::SeenOnPage).unwrap();
    desk.wait(900);
    assert_eq!(desk.report(lapsed(900)).unwrap(), [], "nobody is there whom another run would serve");
    assert_eq!(desk.report(lapsed(901)).unwrap(), [], "said again");
    assert!(desk.session.status() == Status::Created && desk.session.has_lapsed());
    desk.wait(3600);
    assert_eq!(desk.report(Report::SeenOnPage).unwrap(), [Effect::StartProvider], "she is back");
    assert_eq!((desk.session.provider.restarts, desk.session.attempts.started), (1, 0), "a run, and no attempt");
    assert_eq!(desk.report(Report::SeenOnPage).unwrap(), [], "one is enough");
    desk.wait(24 * 3600);
    assert_eq!(desk.session.status(), Status::Expired, "our clocks end it");
}

#[test]
fn runs_that_nobody_finishes_are_not_paid_for_ever() {
    let mut desk = Desk::new();
    desk.policy.process_seconds = 86_400;
    for run in 1..=4 {
        desk.report(Report::ProviderStarting).unwrap();
        desk.report(lapsed(run * 900)).unwrap();
        let effects = desk.report(Report::SeenOnPage).unwrap();
        assert_eq!(effects.contains(&Effect::StartProvider), run <= 3, "{run}: {effects:?}");
    }
    assert_eq!(desk.session.status(), Status::AgentVerification);
    assert_eq!(desk.session.handed_over(&desk.policy).unwrap().cause, HandOverCause::CaptureFailed);
}

#[test]
fn the_agent_is_told_why_the_flow_gave_up() {
    let mut desk = Desk::new();
    for score in [0.5, 0.62, 0.41] {
        desk.wait(10);
        desk.report(Report::AttemptStarted { number: None }).unwrap();
        let attempt = Some(desk.session.attempts.started);
        desk.report(Report::Quality(measured(attempt, score, Some(720)))).unwrap();
    }
    let told = desk.session.handed_over(&desk.policy).unwrap();
    assert_eq!((told.cause, told.error_ref.as_str()), (HandOverCause::PoorPicture, "E-1"));
    assert_eq!((told.attempts, told.best_permille, told.needed_permille), (3, Some(620), 800));
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), StaffCommand::CouldNotVerify { reason: "bad_connection".to_owned() }).unwrap();
    assert_eq!(desk.session.handed_over(&desk.policy), None, "what is over needs nobody");

    let told_after = |report| {
        let mut desk = Desk::new();
        desk.report(Report::AttemptStarted { number: Some(1) }).unwrap();
        desk.report(report).unwrap();
        desk.session.handed_over(&desk.policy).map(|told| told.cause)
    };
    let give_up = |trouble| Report::HandedOver { trouble, error_ref: "E-9".to_owned() };
    let small = told_after(Report::Quality(measured(Some(1), 0.99, Some(360))));
    let without = Quality { supports_video: false, score: None, ..measured(None, 0.0, None) };
    assert_eq!(small, Some(HandOverCause::SmallPicture));
    assert_eq!(told_after(Report::Quality(without)), Some(HandOverCause::NoVideo));
    assert_eq!(told_after(give_up(FlowTrouble::CustomerAsked)), Some(HandOverCause::CustomerAsked));
    assert_eq!(told_after(give_up(FlowTrouble::NoReply)), Some(HandOverCause::NoReply));
    assert_eq!(told_after(give_up(FlowTrouble::FlowFailed)), Some(HandOverCause::FlowFailed));
    assert_eq!(told_after(clear(1)), None, "nothing failed");
}

#[test]
fn a_fresh_call_begins_at_the_provider_too_and_with_nothing_of_the_last_one() {
    let mut desk = Desk::new();
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    desk.report(Report::Claims { mismatches: BTreeSet::new() }).unwrap();
    desk.report(Report::AttemptStarted { number: None }).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    let mut partial = result(ResultOutcome::Review, Outcome::Passed, 1);
    partial.checks.retain(|check| check.group == Group::Document);
    partial.mismatches.insert(Field::BirthDate);
    desk.report(Report::Result(Box::new(partial))).unwrap();
    assert_eq!(desk.session.status(), Status::LivenessCheck);
    consented(&mut desk);
    desk.report(Report::Uploaded(CaptureItem::Face)).unwrap();
    desk.report(Report::SeenInCall).unwrap();
    desk.report(Report::Quality(measured(None, 0.9, Some(360)))).unwrap();
    assert_eq!(desk.session.channel, Channel::AudioUpload);
    desk.report(over()).unwrap();
    let effects = desk.report(Report::AttemptStarted { number: None }).unwrap();
    assert_eq!((desk.session.channel, &desk.session.uploads), (Channel::Video, &Uploads::default()));
    assert!(effects.contains(&Effect::StartProvider), "{effects:?}");
    let session = &desk.session;
    assert_eq!((session.status(), session.attempts.started), (Status::Created, 1), "this attempt is the first");
    assert!(session.result.is_none() && session.mismatches.is_empty() && session.marks.is_empty(), "{session:?}");
    assert_eq!(session.provider.phase, RunPhase::NotStarted);
    assert!(session.has_claims, "what came before the call is kept");
}

#[test]
fn who_connects_late_for_the_first_time_had_no_call_that_could_be_interrupted() {
    let mut desk = Desk::new();
    desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
    desk.report(Report::Submitted(None)).unwrap();
    desk.wait(300);
    assert!(matches!(desk.session.connection, Connection::Lost { .. }));
    assert_eq!(desk.report(Report::Heartbeat).unwrap(), []);
    assert_eq!(desk.session.status(), Status::DocumentSubmitted);
}

#[test]
fn a_call_that_dies_late_is_lost_too_and_may_be_resumed() {
    let mut desk = Desk::new();
    for seconds in [0, 100, 100, 100, 100] {
        desk.now = desk.now.plus_seconds(seconds);
        desk.report(Report::SeenInCall).unwrap();
    }
    assert_eq!(desk.session.wakes_at(&desk.policy), Some(at(600)), "all of her part would be used");
    desk.wait(200);
    assert_eq!((desk.session.connection, desk.session.call), (Connection::Lost { since: at(400) }, Call::Silent));
    assert_eq!((desk.session.status(), desk.session.process_used_seconds(desk.now)), (Status::Created, 400));
    desk.wait(3600);
    desk.report(Report::SeenInCall).unwrap();
    desk.wait(200);
    assert_eq!(desk.session.status(), Status::Created, "silence again");
}

#[test]
fn ten_minutes_of_which_one_hears_are_ten_minutes() {
    let mut desk = Desk::new();
    for _ in 0..=14 {
        desk.report(Report::SeenInCall).unwrap();
        desk.now = desk.now.plus_seconds(40);
    }
    desk.wait(0);
    assert_eq!(desk.session.status(), Status::Expired);
}

#[test]
fn a_call_goes_on_by_voice_when_the_video_is_left() {
    let mut desk = Desk::with_result();
    desk.report(Report::Heartbeat).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    desk.report(Report::Quality(measured(None, 0.9, Some(360)))).unwrap();
    for _ in 0..4 {
        desk.wait(40);
        desk.staff(mira(), StaffCommand::Renew).unwrap();
    }
    assert!(matches!(desk.session.connection, Connection::Connected { .. }), "she talks to her");
}

#[test]
fn the_end_of_a_conversation_that_she_has_left_ends_nothing() {
    let mut desk = Desk::new();
    desk.report(Report::Resumed { conversation: conversation("conv-1") }).unwrap();
    desk.wait(300);
    desk.report(Report::Resumed { conversation: conversation("conv-2") }).unwrap();
    let end = |of| Report::ConversationEnded { is_abandoned: true, of: Some(conversation(of)) };
    desk.report(end("conv-1")).unwrap();
    assert!(matches!(desk.session.connection, Connection::Connected { .. }));
    desk.report(end("conv-2")).unwrap();
    assert_eq!(desk.session.status(), Status::Abandoned);
}
