use std::borrow::Borrow;

use kyc_wire::flow::{FlowTrouble, Reporter};
use kyc_wire::session::{Blocker, HandOverCause, Offer};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::check::{Check, Group, Outcome};
use crate::domain::command::{Next, Quality};
use crate::domain::policy::{FinalApproval, SecondConversation};

const START: Micros = Micros(1_800_000_000_000_000);

fn at(seconds: i64) -> Micros {
    START.plus_seconds(seconds)
}

fn person(n: u128) -> Staff {
    Staff { person: PersonId::new(Uuid::from_u128(n)), is_supervisor: n >= 10 }
}

fn mira() -> Staff {
    person(1)
}

fn tomas() -> Staff {
    person(2)
}

fn jo() -> Staff {
    person(10)
}

fn fresh() -> Session {
    let new = NewSession {
        id: SessionId::new(Uuid::from_u128(7)),
        queue: Queue::parse("retail-de").unwrap(),
        customer_id: CustomerId::parse("C-4F2A").unwrap(),
        conversation_id: None,
        channel: Channel::Video,
        integration: "veriff-de".to_owned(),
        language: Language::default(),
    };
    Session::open(new, &Policy::default(), START).session
}

fn result(outcome: ResultOutcome, each: Outcome, decided: i64) -> ResultFacts {
    let check = |group| Check { group, outcome: each, provider_code: None, reason: "x".to_owned(), at: None };
    ResultFacts {
        version: 0,
        decided_at: at(decided),
        outcome,
        checks: [Group::Document, Group::Face, Group::Liveness, Group::Data].map(check).to_vec(),
        document: DocumentFacts::default(),
        mismatches: BTreeSet::new(),
        values_at: None,
    }
}

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

fn clear(decided: i64) -> Report {
    Report::Result(Box::new(result(ResultOutcome::Verified, Outcome::Passed, decided)))
}

fn measured(attempt: Option<u32>, score: f64, frame_height: Option<u32>) -> Quality {
    Quality {
        attempt,
        score: Some(score),
        frame_height,
        loss: None,
        supports_video: true,
        by: Reporter::Flow,
        error_ref: "E-1".to_owned(),
    }
}

/// A desk: one session, one policy, one clock.
struct Desk {
    session: Session,
    policy: Policy,
    now: Micros,
}

impl Desk {
    fn new() -> Self {
        Self { session: fresh(), policy: Policy::default(), now: START }
    }

    fn with_result() -> Self {
        let mut desk = Self::new();
        desk.report(Report::Claims { mismatches: BTreeSet::new() }).unwrap();
        desk.report(clear(1)).unwrap();
        desk
    }

    fn proposed() -> Self {
        let mut desk = Self::with_result();
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        desk.tick_off(mira());
        desk.staff(mira(), StaffCommand::Propose { reason: None }).unwrap();
        desk
    }

    fn staff(&mut self, by: Staff, command: impl Borrow<StaffCommand>) -> Result<Vec<Effect>, Refusal> {
        let applied = self.session.clone().command(command.borrow(), by, None, (&self.policy, self.now))?;
        self.session = applied.session;
        Ok(applied.effects)
    }

    fn report(&mut self, report: Report) -> Result<Vec<Effect>, Refusal> {
        let applied = self.session.clone().report(report, &self.policy, self.now)?;
        self.session = applied.session;
        Ok(applied.effects)
    }

    fn tick_off(&mut self, by: Staff) {
        for line in self.policy.checklist.clone() {
            self.staff(by, StaffCommand::Mark { item: line.code, mark: Mark::Passed }).unwrap();
        }
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
        self.report(Report::Tick).unwrap();
    }

    fn poor_attempt(&mut self) -> Next {
        self.now = self.now.plus_seconds(10);
        self.report(Report::AttemptStarted { number: None }).unwrap();
        let quality = measured(Some(self.session.attempts.started), 0.5, Some(720));
        let _ = self.report(Report::Quality(quality));
        self.session.next_for_flow()
    }
}

#[test]
fn the_guides_line_leads_from_created_to_approved() {
    let mut desk = Desk::new();
    desk.report(Report::Claims { mismatches: BTreeSet::new() }).unwrap();
    desk.report(Report::Submitted).unwrap();
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

fn conversation(id: &str) -> crate::domain::names::ConversationId {
    crate::domain::names::ConversationId::parse(id).unwrap()
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
    desk.report(Report::ConversationEnded { is_abandoned: true }).unwrap();
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
    desk.report(Report::Submitted).unwrap();
    desk.report(over()).unwrap();
    desk.wait(60);
    assert_eq!(desk.report(Report::SeenOnPage).unwrap(), [], "her page is no call");
    desk.report(Report::Heartbeat).unwrap();
    assert_eq!(desk.session.attempts.started, 1, "a sign of life that was under way begins no call either");
    desk.report(Report::SeenInCall).unwrap();
    assert_eq!((desk.session.status(), desk.session.attempts.started), (Status::Created, 0));
}

const fn over() -> Report {
    Report::ConversationEnded { is_abandoned: false }
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

fn lapsed(decided: i64) -> Report {
    Report::Result(Box::new(result(ResultOutcome::Expired, Outcome::Pending, decided)))
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
    desk.report(Report::SeenInCall).unwrap();
    desk.report(over()).unwrap();
    let effects = desk.report(Report::AttemptStarted { number: None }).unwrap();
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
    desk.report(Report::Submitted).unwrap();
    desk.wait(300);
    assert!(matches!(desk.session.connection, Connection::Lost { .. }));
    assert_eq!(desk.report(Report::Heartbeat).unwrap(), []);
    assert_eq!(desk.session.status(), Status::DocumentSubmitted);
}

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
    for _ in 0..3 {
        desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
        let effects = desk.staff(mira(), ask(CaptureItem::DocumentBack)).unwrap();
        assert!(effects.contains(&Effect::StartProvider));
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

fn take_part(desk: &mut Desk, seconds: u32) {
    desk.report(Report::Heartbeat).unwrap();
    for _ in 0..seconds / 15 {
        desk.now = desk.now.plus_seconds(15);
        desk.report(Report::Heartbeat).unwrap();
    }
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

fn consented(desk: &mut Desk) {
    let consent = Consent { hash: "h".to_owned(), version: "1".to_owned(), language: "en".to_owned(), at: START };
    desk.report(Report::Consented(consent)).unwrap();
}

/// A case that an agent holds, of a customer whose photos are sent and whose run at the provider is done.
fn seen_case() -> Desk {
    let mut desk = Desk::new();
    consented(&mut desk);
    desk.report(Report::ProviderStarting).unwrap();
    desk.report(Report::ProviderStarted).unwrap();
    desk.report(Report::Uploaded(CaptureItem::DocumentFront)).unwrap();
    desk.report(Report::Uploaded(CaptureItem::Face)).unwrap();
    desk.report(Report::UploadsSent).unwrap();
    desk.report(clear(1)).unwrap();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    desk.tick_off(mira());
    desk
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
    desk.report(Report::Submitted).unwrap();
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
    desk.report(Report::Submitted).unwrap();
    assert_eq!((&desk.session.wanted, desk.session.uploads.sent_at), (&None, sent));
    assert!(matches!(desk.staff(mira(), StaffCommand::Withdraw), Err(Refusal::InvalidTransition { .. })));
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

fn ask_again(item: CaptureItem) -> StaffCommand {
    StaffCommand::Recapture { item, reason: "glare".to_owned() }
}

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

#[test]
fn reveals_run_out() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for _ in 0..desk.policy.reveals_per_person {
        desk.staff(mira(), StaffCommand::Reveal).unwrap();
    }
    assert_eq!(desk.staff(mira(), StaffCommand::Reveal), Err(Refusal::TooMany));
}

#[test]
fn one_look_at_the_photos_is_one_reveal_for_as_long_as_they_are_shown() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let seconds = i64::from(3 * desk.policy.reveal_seconds);
    for looks in 1..=desk.policy.reveals_per_person {
        desk.staff(mira(), StaffCommand::Renew).unwrap();
        for _ in 0..6 {
            desk.staff(mira(), StaffCommand::Look).unwrap();
            assert_eq!(desk.session.reveals[&mira().person], looks);
        }
        desk.wait(seconds - 1);
        desk.staff(mira(), StaffCommand::Look).unwrap();
        assert_eq!(desk.session.reveals[&mira().person], looks, "they are still shown");
        assert!(desk.staff(tomas(), StaffCommand::Look).is_err(), "her look is nobody else's");
        desk.wait(1);
    }
    desk.staff(mira(), StaffCommand::Renew).unwrap();
    assert_eq!(desk.staff(mira(), StaffCommand::Look), Err(Refusal::TooMany));
    assert_eq!(desk.staff(mira(), StaffCommand::Reveal), Err(Refusal::TooMany));
    let offer = |act| desk.session.offers(mira(), &desk.policy, desk.now).into_iter().find(|offer| offer.act == act);
    assert_eq!(offer(Act::Reveal).unwrap().blocked_by, Some(Blocker::UsedUp));
    assert_eq!(offer(Act::Escalate).unwrap().blocked_by, None);
}

#[test]
fn what_was_not_shown_after_all_does_not_count() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for (command, is_look) in [(StaffCommand::Look, true), (StaffCommand::Reveal, false)] {
        desk.staff(mira(), command.clone()).unwrap();
        desk.report(Report::NotShown { to: mira().person, is_look }).unwrap();
        assert_eq!(desk.session.reveals[&mira().person], 0, "{command:?}");
    }
    desk.staff(mira(), StaffCommand::Look).unwrap();
    assert_eq!(desk.session.reveals[&mira().person], 1, "a look that never began does not go on");
    assert!(desk.session.involved.contains(&mira().person), "but she was there");
}

#[test]
fn a_case_kept_by_the_previous_release_has_no_look_under_way() {
    let mut kept = serde_json::to_value(&Desk::with_result().session).unwrap();
    kept.as_object_mut().unwrap().remove("looks").unwrap();
    assert!(serde_json::from_value::<Session>(kept).unwrap().looks.is_empty());
}

#[test]
fn an_item_that_was_asked_for_often_enough_is_not_offered() {
    let mut desk = Desk::with_result();
    for item in CaptureItem::ALL {
        let is_offered = |desk: &Desk| {
            let offers = desk.session.offers(mira(), &desk.policy, desk.now);
            offers.iter().any(|offer| offer.act == Act::Recapture && offer.blocked_by.is_none())
        };
        for _ in 0..desk.policy.recaptures_per_item {
            desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
            assert!(is_offered(&desk));
            desk.staff(mira(), StaffCommand::Recapture { item, reason: "glare".to_owned() }).unwrap();
        }
        assert!(desk.session.asked_enough(&desk.policy).contains(&item));
    }
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let offers = desk.session.offers(mira(), &desk.policy, desk.now);
    let ask = offers.iter().find(|offer| offer.act == Act::Recapture).unwrap();
    assert_eq!(ask.blocked_by, Some(Blocker::UsedUp));
}

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
            3 => Report::ConversationEnded { is_abandoned: flip },
            4 => Report::Claims { mismatches: if flip { BTreeSet::from([Field::FullName]) } else { BTreeSet::new() } },
            5 => Report::ProviderStarted,
            6 => Report::Submitted,
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

fn step() -> impl Strategy<Value = Step> {
    let who = prop::sample::select(vec![mira(), tomas(), jo(), person(11)]);
    prop_oneof![
        6 => (who, staff_command()).prop_map(|(who, command)| Step::Staff(who, command)),
        3 => report().prop_map(Step::Report),
        1 => (0i64..400).prop_map(Step::Wait),
    ]
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
            let outcome = match step {
                Step::Staff(who, command) => desk.staff(who, command).map(|_| ()),
                Step::Report(report) => desk.report(report).map(|_| ()),
                Step::Wait(seconds) => { desk.wait(seconds); Ok(()) }
            };
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
            let _ = match step {
                Step::Staff(who, command) => desk.staff(who, command),
                Step::Report(report) => desk.report(report),
                Step::Wait(seconds) => { desk.wait(seconds); Ok(vec![]) }
            };
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
    ) {
        let mut desk = start(kind, FinalApproval::Always);
        for step in steps {
            let _ = match step {
                Step::Staff(who, command) => desk.staff(who, command),
                Step::Report(report) => desk.report(report),
                Step::Wait(seconds) => { desk.wait(seconds); Ok(vec![]) }
            };
            let session = &desk.session;
            if let Some(wanted) = &session.wanted {
                prop_assert_eq!(session.status(), Status::Created);
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
            let _ = match step {
                Step::Staff(who, command) => desk.staff(who, command),
                Step::Report(report) => desk.report(report),
                Step::Wait(seconds) => { desk.wait(seconds); Ok(vec![]) }
            };
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
