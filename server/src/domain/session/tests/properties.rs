//! What holds whatever happens.

use super::*;

/// Something of which a new capture can be asked, if there is any.
fn one_to_ask(desk: &Desk) -> CaptureItem {
    let enough = desk.session.asked_enough(&desk.policy);
    CaptureItem::ALL.into_iter().find(|item| !enough.contains(item)).unwrap_or(CaptureItem::Face)
}

fn staff_command() -> impl Strategy<Value = StaffCommand> {
    let reason = prop::sample::select(vec![
        "shift_change",
        "glare",
        "needs_second_look",
        "typing_error",
        "data_does_not_match",
        "bad_connection",
        "look_again",
        "new_information",
        "no_such_reason",
    ]);
    let lines: Vec<String> = Policy::default().checklist.into_iter().map(|line| line.code).collect();
    let mark = prop::sample::select(vec![Mark::Open, Mark::Passed, Mark::Passed, Mark::Passed, Mark::Failed]);
    let item = prop::sample::select(vec![CaptureItem::DocumentFront, CaptureItem::Face]);
    (0u8..18, reason, prop::sample::select(lines), mark, item).prop_map(|(kind, reason, line, mark, item)| {
        let reason = reason.to_owned();
        match kind {
            0 => StaffCommand::Take { reason: None },
            1 => StaffCommand::Take { reason: Some(reason) },
            2 => StaffCommand::Renew,
            3 => StaffCommand::Release,
            4 if line.len().is_multiple_of(2) => StaffCommand::Look,
            4 => StaffCommand::Reveal,
            5..=7 => StaffCommand::Mark { item: line, mark },
            8 => StaffCommand::Recapture { item, reason },
            9 => StaffCommand::Escalate { reason },
            10 => StaffCommand::Unflag,
            11 => StaffCommand::Propose { reason: Some(reason) },
            12 => StaffCommand::Propose { reason: None },
            13 => StaffCommand::Approve,
            14 => StaffCommand::Return { reason },
            15 => StaffCommand::PoorPicture,
            16 => StaffCommand::Withdraw,
            _ => StaffCommand::Reopen { reason },
        }
    })
}

fn report() -> impl Strategy<Value = Report> {
    let outcome = prop::sample::select(vec![
        ResultOutcome::Verified,
        ResultOutcome::Rejected,
        ResultOutcome::Review,
        ResultOutcome::NewCapture,
        ResultOutcome::NewRun,
        ResultOutcome::Expired,
    ]);
    let each = prop::sample::select(vec![
        Outcome::Passed,
        Outcome::Review,
        Outcome::Failed,
        Outcome::NewCapture,
        Outcome::Pending,
    ]);
    (0u8..14, outcome, each, 0i64..50, any::<bool>(), 0u32..5).prop_map(
        |(kind, outcome, each, decided, flip, attempt)| match kind {
            0 => Report::AttemptStarted { number: flip.then_some(attempt) },
            1 => Report::Quality(Quality {
                supports_video: decided != 7,
                ..measured((attempt > 0).then_some(attempt), if flip { 0.9 } else { 0.1 }, None)
            }),
            2 => [Report::Heartbeat, Report::SeenOnPage, Report::SeenInCall][usize::try_from(attempt % 3).unwrap()]
                .clone(),
            3 => Report::ConversationEnded { is_abandoned: flip, of: (attempt == 1).then(|| conversation("conv-1")) },
            4 => Report::Claims { mismatches: if flip { BTreeSet::from([Field::FullName]) } else { BTreeSet::new() } },
            5 => Report::ProviderStarted,
            6 => Report::Submitted(None),
            7 => Report::Result(Box::new(result(outcome, each, decided))),
            8 => Report::Resumed { conversation: conversation(if flip { "conv-1" } else { "conv-2" }) },
            9 if attempt == 0 => Report::HandedOver { trouble: FlowTrouble::NoReply, error_ref: "E-2".to_owned() },
            10 => Report::ProviderStarting,
            11 => Report::Uploaded(if flip { CaptureItem::Face } else { CaptureItem::DocumentFront }),
            12 => Report::UploadsSent,
            _ => Report::Tick,
        },
    )
}

#[derive(Clone, Debug)]
enum Step {
    Staff(Staff, StaffCommand),
    Report(Report),
    Wait(i64),
}

impl Desk {
    fn go(&mut self, step: Step) -> Result<Vec<Effect>, Refusal> {
        match step {
            Step::Staff(who, command) => self.staff(who, command),
            Step::Report(report) => self.report(report),
            Step::Wait(seconds) => {
                self.wait(seconds);
                Ok(vec![])
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let who = prop::sample::select(vec![mira(), tomas(), jo(), person(11)]);
    prop_oneof![
        6 => (who, staff_command()).prop_map(|(who, command)| Step::Staff(who, command)),
        3 => report().prop_map(Step::Report),
        1 => (0i64..400).prop_map(Step::Wait),
    ]
}

/// What a capture comes to that came to nothing.
fn vain_outcome() -> impl Strategy<Value = ResultOutcome> {
    prop::sample::select(vec![ResultOutcome::NewCapture, ResultOutcome::NewRun, ResultOutcome::Expired])
}

/// A start from which random steps reach the end often enough to say something.
fn start(kind: u8, approval: FinalApproval) -> Desk {
    let mut desk = match kind {
        0 => Desk::new(),
        1 => Desk::with_result(),
        _ => Desk::proposed(),
    };
    desk.policy.final_approval = approval;
    // She has consented before: photos are taken.
    desk.session.consent =
        Some(Consent { hash: "h".to_owned(), version: "1".to_owned(), language: "en".to_owned(), at: START });
    desk
}

/// What a decision may rest on.
fn seen(session: &Session) -> String {
    let holder = session.lease.map(|lease| lease.holder);
    let work = (&session.marks, &session.decisions, &session.flag, &session.involved, &session.reveals, holder);
    let facts = (&session.result, &session.provider, session.claims_version, &session.mismatches, &session.recaptures);
    let customer = (&session.attempts, session.channel, session.connection.presence(), &session.wanted);
    format!("{:?} {work:?} {facts:?} {customer:?}", session.state)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_approved_without_document_liveness_decision_and_second_person(
        kind in 0u8..3,
        approval in prop::sample::select(vec![FinalApproval::Always, FinalApproval::Risk, FinalApproval::Never]),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut desk = start(kind, approval);
        for step in steps {
            let before = desk.session.clone();
            let outcome = desk.go(step);
            if outcome.is_err() {
                prop_assert_eq!(&desk.session, &before, "a refusal changed something");
            }
            if desk.session.version == before.version {
                prop_assert_eq!(seen(&desk.session), seen(&before), "the version hides a change");
            } else {
                prop_assert_eq!(desk.session.version, before.version + 1);
            }
            prop_assert!(desk.session.attempts.started <= desk.policy.attempts);
            prop_assert!(desk.session.provider.restarts <= desk.policy.recaptures_per_item);
            if before.status() != Status::Approved && desk.session.status() == Status::Approved {
                let State::Approved { decided_by, approved_by } = desk.session.state else { unreachable!() };
                let facts = desk.session.result.as_ref().expect("a result");
                prop_assert!(facts.has(Group::Document) && facts.has(Group::Liveness));
                prop_assert!(desk.session.decisions.iter().any(|d| d.act == Act::Propose && d.by == decided_by));
                let needs_second = match approval {
                    FinalApproval::Always => true,
                    FinalApproval::Risk => desk.session.is_risky(),
                    FinalApproval::Never => false,
                };
                if needs_second || approved_by.is_some() {
                    let second = approved_by.expect("a second person");
                    prop_assert_ne!(second, decided_by);
                    prop_assert!(!desk.session.involved.contains(&second));
                }
            }
        }
    }

    /// Who is connected was heard of within the time that her witness promises; only what sees her brings her back; only a call that is
    /// another one takes attempts back.
    #[test]
    fn presence_tells_the_truth(is_precall in any::<bool>(), steps in prop::collection::vec(step(), 1..60)) {
        let mut desk = Desk::new();
        if is_precall {
            desk.policy.resume = crate::domain::policy::Resume::PrecallOnly;
        }
        for step in steps {
            let before = desk.session.clone();
            let is_sign = matches!(&step, Step::Report(Report::AttemptStarted { .. } | Report::Quality(_) | Report::Heartbeat
                | Report::SeenOnPage | Report::SeenInCall | Report::Resumed { .. }));
            let opens = matches!(&step, Step::Report(Report::AttemptStarted { .. } | Report::SeenInCall | Report::Resumed { .. }));
            let _ = desk.go(step);
            let now = &desk.session;
            if let Connection::Connected { last_seen } = now.connection && !now.state.is_final() {
                let allowed = if now.call == Call::Open { 300 } else { 45 };
                // The last command may have been refused, and a refusal settles nothing.
                let settled = now.clone().settled(&desk.policy, desk.now);
                let is_heard = desk.now.0 - last_seen.0 < allowed * 1_000_000;
                prop_assert_eq!(matches!(settled.connection, Connection::Connected { .. }) && !settled.state.is_final(),
                    is_heard && !settled.state.is_final());
                prop_assert!(now.has_connected);
                if !matches!(before.connection, Connection::Connected { .. }) {
                    prop_assert!(is_sign, "nothing saw her");
                }
            }
            let is_lost_in_call = matches!((now.connection, now.call), (Connection::Lost { .. }, Call::Open | Call::Watched));
            prop_assert!(now.state.is_final() || !is_lost_in_call, "a lost call goes on");
            if now.attempts.started < before.attempts.started {
                prop_assert!(is_precall && opens && (before.call == Call::Over || now.conversation_id != before.conversation_id));
            }
        }
    }

    #[test]
    fn what_is_wanted_is_waited_for_and_taken_back_leaves_no_trace(
        kind in 0u8..3,
        steps in prop::collection::vec(step(), 1..60),
        item in prop::sample::select(vec![CaptureItem::DocumentFront, CaptureItem::DocumentBack, CaptureItem::Face]),
        vain in prop::collection::vec((any::<bool>(), vain_outcome()), 0..5),
    ) {
        let mut desk = start(kind, FinalApproval::Always);
        for step in steps {
            let _ = desk.go(step);
            let session = &desk.session;
            if let Some(wanted) = &session.wanted {
                prop_assert!(matches!(session.status(), Status::Created | Status::DocumentSubmitted));
                prop_assert!(wanted.open().next().is_some(), "nothing is waited for");
                prop_assert_eq!(session.uploads.sent_at, None);
            }
            prop_assert!(session.provider.kept.is_none_or(|kept| kept <= session.provider.run));
        }
        let before = desk.session.clone();
        let Some(holder) = [mira(), tomas(), jo(), person(11)].into_iter().find(|who| before.hold(*who, desk.now).is_ok())
        else { return Ok(()) };
        if before.wanted.is_some() || desk.staff(holder, ask_again(item)).is_err() {
            return Ok(());
        }
        let mut in_vain = Desk { session: desk.session.clone(), policy: desk.policy.clone(), now: desk.now };
        for (decided, (is_handed_in, outcome)) in (100..).zip(vain) {
            for report in [Report::ProviderStarting, Report::ProviderStarted] {
                in_vain.report(report).unwrap();
            }
            if is_handed_in {
                in_vain.report(Report::Submitted(None)).unwrap();
            }
            in_vain.report(Report::Result(Box::new(result(outcome, Outcome::Pending, decided)))).unwrap();
        }
        // After too many an agent helps, and nothing is wanted any more.
        if in_vain.session.wanted.is_some() {
            in_vain.staff(holder, StaffCommand::Withdraw).unwrap();
        }
        if before.result.as_ref().is_some_and(|result| !result.came_to_nothing()) {
            prop_assert_eq!((&in_vain.session.result, &in_vain.session.images), (&before.result, &before.images));
        }
        desk.staff(holder, StaffCommand::Withdraw).expect("nothing has arrived");
        let after = &desk.session;
        prop_assert_eq!((&after.state, after.state_since), (&before.state, before.state_since));
        prop_assert_eq!((&after.uploads, &after.recaptures), (&before.uploads, &before.recaptures));
        prop_assert_eq!((&after.attempts, &after.result, &after.marks), (&before.attempts, &before.result, &before.marks));
        let has_begun = !matches!(before.provider.phase, RunPhase::NotStarted | RunPhase::Starting | RunPhase::Down);
        prop_assert!(!has_begun || after.counts(before.provider.counting()));
    }

    #[test]
    fn what_is_offered_is_accepted(kind in 0u8..3, steps in prop::collection::vec(step(), 0..40), who in 0usize..4) {
        let mut desk = start(kind, FinalApproval::Always);
        for step in steps {
            let _ = desk.go(step);
        }
        let who = [mira(), tomas(), jo(), person(11)][who];
        for Offer { act, blocked_by } in desk.session.offers(who, &desk.policy, desk.now) {
            let reason = |code: &str| code.to_owned();
            let command = match act {
                Act::Take => StaffCommand::Take { reason: None },
                Act::TakeOver => StaffCommand::Take { reason: Some(reason("shift_change")) },
                Act::Release => StaffCommand::Release,
                Act::Reveal => StaffCommand::Reveal,
                Act::Mark => StaffCommand::Mark { item: desk.policy.checklist[0].code.clone(), mark: Mark::Passed },
                Act::Note => StaffCommand::Note,
                Act::PoorPicture => StaffCommand::PoorPicture,
                Act::Withdraw => StaffCommand::Withdraw,
                Act::SendLink => StaffCommand::SendLink,
                Act::Recapture => StaffCommand::Recapture { item: one_to_ask(&desk), reason: reason("glare") },
                Act::Escalate => StaffCommand::Escalate { reason: reason("needs_second_look") },
                Act::Propose => StaffCommand::Propose { reason: Some(reason("typing_error")) },
                Act::Reject => StaffCommand::Reject { reason: reason("data_does_not_match") },
                Act::CouldNotVerify => StaffCommand::CouldNotVerify { reason: reason("bad_connection") },
                Act::Approve => StaffCommand::Approve,
                Act::Return => StaffCommand::Return { reason: reason("look_again") },
                Act::Reopen => StaffCommand::Reopen { reason: reason("new_information") },
                Act::Unflag => StaffCommand::Unflag,
            };
            let outcome = desk.session.clone().command(&command, who, None, (&desk.policy, desk.now));
            match (blocked_by, outcome) {
                (None, Ok(_)) | (Some(Blocker::UsedUp), Err(Refusal::TooMany)) => {}
                (Some(missing), Err(Refusal::Blocked(said))) => prop_assert_eq!(missing, said),
                (blocked, outcome) => prop_assert!(false, "{act:?}: offered as {blocked:?}, but {outcome:?}"),
            }
        }
    }
}
