//! The rules of a session: what several of these tests need.

mod attempts;
mod desk;
mod presence;
mod properties;
mod results;
mod reveals;
mod story;

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
        capture: None,
    }
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

fn conversation(id: &str) -> crate::domain::names::ConversationId {
    crate::domain::names::ConversationId::parse(id).unwrap()
}

const fn over() -> Report {
    Report::ConversationEnded { is_abandoned: false, of: None }
}

fn lapsed(decided: i64) -> Report {
    Report::Result(Box::new(result(ResultOutcome::Expired, Outcome::Pending, decided)))
}

fn take_part(desk: &mut Desk, seconds: u32) {
    desk.report(Report::Heartbeat).unwrap();
    for _ in 0..seconds / 15 {
        desk.now = desk.now.plus_seconds(15);
        desk.report(Report::Heartbeat).unwrap();
    }
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

fn ask_again(item: CaptureItem) -> StaffCommand {
    StaffCommand::Recapture { item, reason: "glare".to_owned() }
}
