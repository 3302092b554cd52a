//! Invented sessions for the tests of this folder.

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::{Agreement, Difference, Field};
use kyc_wire::session::{
    Act, Blocker, Check, CheckGroup, CheckOutcome, ChecklistItem, Clocks, DocumentFacts, FieldComparison, Mark, Offer,
    Presence, ProviderPhase, ProviderView, SessionDetail, SessionSummary, Status,
};
use kyc_wire::text::Localised;

/// A row of a list.
pub fn summary(n: u128) -> SessionSummary {
    SessionSummary {
        id: SessionId::new(uuid::Uuid::from_u128(n)),
        version: 4,
        status: Status::AgentVerification,
        queue: "KYC".into(),
        customer_id: "C-4F2A".into(),
        channel: "video".into(),
        provider: "veriff".into(),
        created_at: Micros(0),
        state_since: Micros(0),
        holder: None,
        last_holder: None,
        flag: None,
        attempt: 1,
        attempts_allowed: 3,
        presence: Presence::Connected,
        attention: vec![],
        due_at: None,
    }
}

/// A session in which everything agrees and two lines of the checklist are open.
pub fn detail() -> SessionDetail {
    let line = |code: &str, mark| ChecklistItem { code: code.into(), label: Localised::new("a", "b"), mark };
    SessionDetail {
        summary: summary(1),
        conversation_id: None,
        provider_view: ProviderView {
            name: "veriff".into(),
            phase: ProviderPhase::Done,
            since: Micros(0),
            console_url: None,
        },
        document: DocumentFacts::default(),
        fields: vec![],
        checks: vec![],
        checklist: vec![line("a", Mark::Open), line("b", Mark::Passed), line("c", Mark::Open)],
        uploads: vec![],
        asked: None,
        notes: vec![],
        timeline: vec![],
        decisions: vec![],
        clocks: Clocks {
            now: Micros(0),
            process_used_seconds: 0,
            process_limit_seconds: 600,
            is_process_running: false,
            connect_by: None,
            resume_by: None,
            lease_until: None,
            retention: vec![],
        },
        handed_over: None,
        offers: vec![],
        asked_enough: vec![],
        can_start_anew: false,
        is_mine: true,
    }
}

/// A check with this outcome.
pub fn check(group: CheckGroup, outcome: CheckOutcome) -> Check {
    Check { group, outcome, provider_code: None, explanation: Localised::new("a", "b"), look_at: None, at: None }
}

/// A birth date that differs.
pub fn difference() -> FieldComparison {
    FieldComparison {
        field: Field::BirthDate,
        claim: None,
        document: None,
        agreement: Agreement::Differs { difference: Difference::Year },
    }
}

/// What the server offers.
pub fn offers(acts: &[(Act, Option<Blocker>)]) -> Vec<Offer> {
    acts.iter().map(|(act, blocked_by)| Offer { act: *act, blocked_by: *blocked_by }).collect()
}
