//! What staff do with a case: hold it, ask again, escalate.

use super::*;

#[test]
fn a_lease_ends_by_itself_and_a_colleague_needs_a_reason() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let held = Refusal::HeldByColleague { holder: mira().person };
    assert_eq!(desk.staff(tomas(), StaffCommand::Take { reason: None }), Err(held.clone()));
    assert_eq!(desk.staff(tomas(), StaffCommand::Note), Err(held));
    desk.staff(tomas(), StaffCommand::Take { reason: Some("shift_change".to_owned()) }).unwrap();
    assert!(matches!(desk.staff(mira(), StaffCommand::Renew), Err(Refusal::HeldByColleague { .. })));
    desk.wait(300);
    assert_eq!(desk.staff(tomas(), StaffCommand::Note), Err(Refusal::NotHolder));
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
}

#[test]
fn what_differs_needs_a_reason_to_be_proposed() {
    let mut desk = Desk::new();
    let mut facts = result(ResultOutcome::Verified, Outcome::Passed, 1);
    facts.mismatches.insert(Field::BirthDate);
    desk.report(Report::Result(Box::new(facts))).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    assert_eq!(desk.staff(mira(), StaffCommand::Propose { reason: None }), Err(Refusal::BadReason));
    let wrong = StaffCommand::Propose { reason: Some("blurred".to_owned()) };
    assert_eq!(desk.staff(mira(), wrong), Err(Refusal::BadReason));
    desk.staff(mira(), StaffCommand::Propose { reason: Some("typing_error".to_owned()) }).unwrap();
}

#[test]
fn escalation_flags_frees_and_blocks_approval() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    desk.staff(mira(), StaffCommand::Escalate { reason: "needs_second_look".to_owned() }).unwrap();
    assert_eq!(desk.session.lease, None);
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
    assert_eq!(desk.staff(jo(), StaffCommand::Approve), Err(Refusal::Blocked(Blocker::Flagged)));
    desk.staff(jo(), StaffCommand::Unflag).unwrap();
    desk.staff(jo(), StaffCommand::Approve).unwrap();
}

#[test]
fn a_recapture_returns_to_created_and_is_counted_per_item() {
    let mut desk = Desk::with_result();
    let ask = |item| StaffCommand::Recapture { item, reason: "glare".to_owned() };
    for time in 1..=3 {
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        let effects = desk.staff(mira(), ask(CaptureItem::DocumentBack)).unwrap();
        assert_eq!(effects.contains(&Effect::StartProvider), time == 1, "one run for what is not captured yet");
    }
    assert_eq!(desk.session.status(), Status::Created);
    assert_eq!(desk.staff(mira(), ask(CaptureItem::DocumentBack)), Err(Refusal::TooMany));
    desk.staff(mira(), ask(CaptureItem::Face)).unwrap();
    assert_eq!(desk.session.attempts.started, 0, "not a video attempt");
}

#[test]
fn a_recapture_gives_a_customer_who_left_long_ago_a_new_day() {
    for has_come in [true, false] {
        let mut desk = Desk::with_result();
        if has_come {
            desk.report(Report::Heartbeat).unwrap();
        }
        desk.wait(72 * 3600);
        assert_eq!(desk.session.status(), Status::AgentVerification, "agents have no expiry");
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
        assert_eq!(desk.session.connection, Connection::Lost { since: desk.now });
        desk.wait(24 * 3600 - 1);
        assert_eq!(desk.session.status(), Status::Created, "she has a day from now on, came before: {has_come}");
        desk.wait(1);
        assert_eq!(desk.session.status(), Status::Expired);
    }
}

#[test]
fn who_still_has_time_to_connect_keeps_it_when_a_photo_is_asked_for_again() {
    let mut desk = Desk::new();
    desk.wait(100);
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    assert_eq!(desk.session.connection, Connection::Waiting);
    assert_eq!(desk.session.connect_by(&desk.policy), Some(at(300)));
}

#[test]
fn a_recapture_gives_the_customer_her_whole_part_again() {
    let mut desk = Desk::new();
    take_part(&mut desk, 590);
    desk.report(clear(1)).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    assert_eq!(desk.session.process_used_seconds(desk.now), 0);
    take_part(&mut desk, 300);
    assert_eq!(desk.session.status(), Status::Created);
}

#[test]
fn a_case_that_ran_out_of_time_and_is_opened_again_has_all_of_it() {
    let mut desk = Desk::new();
    take_part(&mut desk, 585);
    desk.wait(15);
    assert_eq!(desk.session.status(), Status::Expired);
    desk.wait(72 * 3600);
    desk.staff(jo(), StaffCommand::Reopen { reason: "new_information".to_owned() }).unwrap();
    assert_eq!((desk.session.process_used_seconds(desk.now), desk.session.resume_by(&desk.policy)), (0, None));
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    desk.wait(3600);
    take_part(&mut desk, 300);
    assert_eq!(desk.session.status(), Status::Created);
}

#[test]
fn what_is_asked_for_again_is_all_that_is_needed_and_then_the_case_goes_on_as_before() {
    let mut desk = seen_case();
    let before = desk.session.clone();
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    let wanted = desk.session.wanted.clone().unwrap();
    assert_eq!(wanted.items[&CaptureItem::DocumentBack].reason, "glare");
    assert_eq!(desk.session.missing_uploads(), [CaptureItem::DocumentBack]);
    assert_eq!(desk.session.uploads.sent_at, None, "she has not said that this is all");
    assert_eq!(desk.report(Report::UploadsSent), Err(Refusal::Blocked(Blocker::NoDocument)));
    desk.report(Report::Uploaded(CaptureItem::Face)).unwrap();
    assert_eq!(desk.session.status(), Status::Created, "something else is not it");
    desk.now = desk.now.plus_seconds(20);
    let effects = desk.report(Report::Uploaded(CaptureItem::DocumentBack)).unwrap();
    assert_eq!(effects, [Effect::StatusChanged { from: Status::Created, to: Status::AgentVerification }]);
    let after = desk.session.clone();
    assert_eq!((&after.wanted, after.uploads.sent_at), (&None, Some(desk.now)));
    assert_eq!(
        (&after.result, &after.marks, after.channel, after.lease),
        (&before.result, &before.marks, before.channel, before.lease)
    );
    assert!(after.counts(1), "the run that counted before counts again");
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
}

#[test]
fn what_was_asked_for_again_can_be_taken_back_and_everything_is_as_it_was() {
    let mut desk = seen_case();
    let before = desk.session.clone();
    desk.now = desk.now.plus_seconds(5);
    desk.staff(mira(), ask_again(CaptureItem::DocumentFront)).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    desk.report(Report::ProviderStarting).unwrap();
    assert_eq!(desk.staff(tomas(), StaffCommand::Withdraw), Err(Refusal::HeldByColleague { holder: mira().person }));
    let effects = desk.staff(mira(), StaffCommand::Withdraw).unwrap();
    assert_eq!(effects, [Effect::StatusChanged { from: Status::Created, to: Status::AgentVerification }]);
    let after = desk.session.clone();
    assert_eq!((&after.state, after.state_since), (&before.state, before.state_since));
    assert_eq!((&after.recaptures, &after.attempts), (&before.recaptures, &before.attempts));
    assert_eq!((&after.uploads, &after.result, &after.wanted), (&before.uploads, &before.result, &None));
    assert!(matches!(desk.staff(mira(), StaffCommand::Withdraw), Err(Refusal::InvalidTransition { .. })));
}

#[test]
fn a_run_that_was_taken_back_begins_no_more_and_says_nothing() {
    for has_tried in [false, true] {
        let mut desk = seen_case();
        desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
        if has_tried {
            desk.report(Report::ProviderStarting).unwrap();
        }
        let late = desk.session.provider.run;
        desk.staff(mira(), StaffCommand::Withdraw).unwrap();
        for report in [Report::ProviderStarting, Report::ProviderStarted, Report::ProviderUnreachable] {
            desk.report(report).unwrap();
        }
        let session = &desk.session;
        assert_eq!((session.provider.run, session.provider.phase), (late, RunPhase::Done));
        assert!(session.counts(1) && (!has_tried || !session.counts(late)), "tried: {has_tried}");
        desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
        assert!(!desk.session.counts(1), "and asked for once more, another one is");
        desk.report(Report::ProviderStarting).unwrap();
        assert!(desk.session.counts(late + 1));
    }
}

#[test]
fn a_run_that_was_under_way_is_asked_at_once_when_the_later_one_is_taken_back() {
    let mut desk = Desk::new();
    desk.report(Report::ProviderStarting).unwrap();
    desk.report(Report::ProviderStarted).unwrap();
    desk.report(Report::Submitted(None)).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    let effects = desk.staff(mira(), StaffCommand::Withdraw).unwrap();
    assert!(effects.contains(&Effect::AskProvider), "{effects:?}");
    assert_eq!((desk.session.status(), desk.session.provider.phase), (Status::DocumentSubmitted, RunPhase::Processing));
}

#[test]
fn of_two_items_the_one_that_came_is_kept_when_the_other_is_taken_back() {
    let mut desk = Desk::with_result();
    consented(&mut desk);
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::DocumentFront)).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    desk.report(Report::Uploaded(CaptureItem::DocumentFront)).unwrap();
    assert_eq!(desk.session.missing_uploads(), [CaptureItem::DocumentBack]);
    desk.staff(mira(), StaffCommand::Withdraw).unwrap();
    assert_eq!(desk.session.status(), Status::AgentVerification);
    assert_eq!(desk.session.recaptures, BTreeMap::from([(CaptureItem::DocumentFront, 1)]));
    assert!(desk.session.uploads.sent_at.is_some(), "somebody must look at it");
}

#[test]
fn who_goes_by_the_provider_has_answered_with_what_it_says() {
    let mut desk = seen_case();
    let sent = desk.session.uploads.sent_at;
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    desk.report(Report::ProviderStarting).unwrap();
    desk.report(Report::ProviderStarted).unwrap();
    assert!(desk.session.wanted.is_some());
    desk.report(Report::Submitted(None)).unwrap();
    assert!(desk.session.wanted.is_some(), "what comes of it is not known yet");
    assert_eq!(
        (desk.session.status(), desk.session.customer_step()),
        (Status::DocumentSubmitted, CustomerStep::Checking)
    );
    desk.report(clear(9)).unwrap();
    assert_eq!((&desk.session.wanted, desk.session.uploads.sent_at), (&None, sent));
    assert!(matches!(desk.staff(mira(), StaffCommand::Withdraw), Err(Refusal::InvalidTransition { .. })));
}

/// A case whose customer was asked again and went to the provider, which came to this.
fn asked_again(item: CaptureItem, outcome: ResultOutcome) -> (Session, Desk) {
    let mut desk = seen_case();
    let image = |item| Report::Image { result: 1, item, is_refused: false };
    desk.report(image(CaptureItem::DocumentFront)).unwrap();
    let before = desk.session.clone();
    desk.staff(mira(), ask_again(item)).unwrap();
    for report in [Report::ProviderStarting, Report::ProviderStarted, Report::Submitted(None)] {
        desk.report(report).unwrap();
    }
    desk.report(Report::Result(Box::new(result(outcome, Outcome::Pending, 9)))).unwrap();
    (before, desk)
}

#[test]
fn a_capture_that_came_to_nothing_takes_no_result_away() {
    for outcome in [ResultOutcome::Expired, ResultOutcome::NewCapture, ResultOutcome::NewRun] {
        for has_come in [false, true] {
            let (before, mut desk) = asked_again(CaptureItem::DocumentFront, outcome);
            if has_come {
                desk.report(Report::Uploaded(CaptureItem::DocumentFront)).unwrap();
            } else {
                desk.staff(mira(), StaffCommand::Withdraw).unwrap();
            }
            let after = &desk.session;
            assert_eq!((after.status(), &after.wanted), (Status::AgentVerification, &None), "{outcome:?}");
            assert_eq!((&after.result, &after.images), (&before.result, &before.images), "{outcome:?}");
            desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
        }
    }
}

#[test]
fn a_face_may_still_be_photographed_when_the_next_capture_came_to_nothing() {
    let (_, desk) = asked_again(CaptureItem::Face, ResultOutcome::Expired);
    assert!(desk.session.takes_photo_of(CaptureItem::Face), "that somebody alive was there is known");
}

#[test]
fn values_of_a_capture_that_came_to_nothing_are_compared_all_the_same() {
    let mut desk = seen_case();
    desk.staff(mira(), ask_again(CaptureItem::DocumentFront)).unwrap();
    for report in [Report::ProviderStarting, Report::ProviderStarted] {
        desk.report(report).unwrap();
    }
    let mut read = result(ResultOutcome::NewCapture, Outcome::NewCapture, 9);
    (read.values_at, read.mismatches) = (Some(at(9)), BTreeSet::from([Field::BirthDate]));
    desk.report(Report::Result(Box::new(read))).unwrap();
    desk.staff(mira(), StaffCommand::Withdraw).unwrap();
    let session = &desk.session;
    let stands = session.result.as_ref().unwrap();
    assert_eq!((stands.outcome, stands.values_at), (ResultOutcome::Verified, Some(at(9))));
    assert_eq!((&stands.mismatches, &session.mismatches), (&session.mismatches, &BTreeSet::from([Field::BirthDate])));
}

#[test]
fn a_second_item_is_captured_in_the_run_that_is_under_way() {
    let mut desk = seen_case();
    assert!(desk.staff(mira(), ask_again(CaptureItem::DocumentFront)).unwrap().contains(&Effect::StartProvider));
    desk.report(Report::ProviderStarting).unwrap();
    desk.report(Report::ProviderStarted).unwrap();
    assert_eq!(desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap(), [], "she is in it: nobody pays another");
    assert!(desk.session.counts(2));
    desk.report(Report::Submitted(None)).unwrap();
    let effects = desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    assert!(effects.contains(&Effect::StartProvider), "this one is handed in");
}

#[test]
fn a_flow_that_gives_up_or_a_poor_picture_takes_nothing_back() {
    let mut desk = seen_case();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    desk.report(Report::HandedOver { trouble: FlowTrouble::NoReply, error_ref: "E-9".to_owned() }).unwrap();
    assert_eq!(desk.session.next_for_flow(), Next::RouteToAgent { error_ref: "E-9".to_owned() });
    assert!(desk.session.wanted.is_some());
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    while desk.staff(mira(), StaffCommand::PoorPicture).is_ok() {
        desk.wait(10);
    }
    assert_eq!((desk.session.channel, desk.session.status()), (Channel::AudioUpload, Status::Created));
    assert!(desk.session.wanted.is_some());
}

#[test]
fn a_photo_of_the_face_does_where_the_provider_has_seen_that_she_is_alive() {
    assert!(!Desk::new().session.takes_photo_of(CaptureItem::Face));
    assert!(Desk::new().session.takes_photo_of(CaptureItem::DocumentBack));
    assert!(Desk::with_result().session.takes_photo_of(CaptureItem::Face));
}

#[test]
fn a_session_of_the_release_before_wants_nothing() {
    let mut body = serde_json::to_value(seen_case().session).unwrap();
    body.as_object_mut().unwrap().remove("wanted");
    body["provider"].as_object_mut().unwrap().remove("kept");
    let session: Session = serde_json::from_value(body).unwrap();
    assert!(session.wanted.is_none() && session.counts(1));
    let mut desk = seen_case();
    desk.staff(mira(), ask_again(CaptureItem::Face)).unwrap();
    let kept = serde_json::to_string(&desk.session).unwrap();
    assert_eq!(serde_json::from_str::<Session>(&kept).unwrap(), desk.session);
}

#[test]
fn the_customer_is_told_of_a_poor_picture_while_the_agents_word_is_the_last() {
    let mut desk = Desk::with_result();
    desk.report(Report::Quality(measured(None, 0.3, None))).unwrap();
    assert_eq!(desk.session.poor_picture(), None, "a machine's word is for the flow");
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
    assert_eq!(desk.session.poor_picture(), Some(PoorPicture::LookForLight));
    for _ in 0..2 {
        desk.wait(10);
        desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
    }
    assert_eq!(desk.session.channel, Channel::AudioUpload);
    assert_eq!(desk.session.poor_picture(), Some(PoorPicture::GoOnByPhotos));
    desk.tick_off(mira());
    desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
    assert_eq!(desk.session.poor_picture(), None);
}

#[test]
fn work_on_a_case_needs_that_it_is_in_ones_hands() {
    let reasons = Policy::default().reasons;
    let why = |act| reasons.iter().find(|reason| reason.acts.contains(&act)).unwrap().code.clone();
    let work = [
        ask_again(CaptureItem::Face),
        StaffCommand::Withdraw,
        StaffCommand::PoorPicture,
        StaffCommand::Mark { item: "face_matches".to_owned(), mark: Mark::Passed },
        StaffCommand::Reveal,
        StaffCommand::Look,
        StaffCommand::Note,
        StaffCommand::SendLink,
        StaffCommand::Renew,
        StaffCommand::Release,
        StaffCommand::Escalate { reason: why(Act::Escalate) },
        StaffCommand::Reject { reason: why(Act::Reject) },
        StaffCommand::CouldNotVerify { reason: why(Act::CouldNotVerify) },
        StaffCommand::Propose { reason: None },
    ];
    for command in work {
        let mut held = seen_case();
        let refused = held.staff(tomas(), &command);
        assert_eq!(refused, Err(Refusal::HeldByColleague { holder: mira().person }), "{command:?}");
        let mut free = seen_case();
        free.staff(mira(), StaffCommand::Release).unwrap();
        assert_eq!(free.staff(tomas(), &command), Err(Refusal::NotHolder), "{command:?}");
    }
}

#[test]
fn who_is_asked_again_is_told_nothing_of_an_earlier_picture() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.staff(mira(), StaffCommand::PoorPicture).unwrap();
    assert_eq!(desk.session.poor_picture(), Some(PoorPicture::LookForLight));
    desk.staff(mira(), ask_again(CaptureItem::DocumentBack)).unwrap();
    assert_eq!((desk.session.poor_picture(), desk.session.next_for_flow()), (None, Next::Continue));
}
