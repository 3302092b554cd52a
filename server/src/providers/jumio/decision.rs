//! What Jumio's workflow details mean. Its status decides whether there is a decision at all, because a session that ran out of time was
//! seen with one. Then `decision.type` decides; the risk score does not, because its bands are the tenant's own. Whatever is unknown or
//! contradicts itself becomes "a person should look".

use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::extract;
use super::findings::{self, Finding};
use super::payload::{Decision, Details};
use super::reasons::{General, Verdict};
use crate::domain::check::{Check, Group, Outcome as CheckOutcome};
use crate::providers::lenient::Object;
use crate::providers::{Outcome, Phase, ProviderResult};

/// What stands in workflow details.
pub(super) enum Reading {
    /// No decision, but how far the workflow is.
    Pending(Phase),
    /// A decision.
    Decided(Box<ProviderResult>),
}

/// How far a workflow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing is decided yet.
    Pending(Phase),
    /// The customer's time is over.
    Ended(Outcome),
    /// It was decided.
    Processed,
}

/// How far a workflow of this status is. One that we do not know is no decision.
pub(super) fn stage(status: &str) -> Stage {
    match status {
        "INITIATED" | "ACQUISITION_STARTED" => Stage::Pending(Phase::WaitingForCustomer),
        "ACQUIRED" => Stage::Pending(Phase::Processing),
        "PROCESSED" => Stage::Processed,
        "TOKEN_EXPIRED" => Stage::Ended(Outcome::Expired),
        "SESSION_EXPIRED" => Stage::Ended(Outcome::Abandoned),
        _ => Stage::Pending(Phase::Unknown),
    }
}

/// Reads workflow details. `learned_at` stands in for a missing time.
pub(super) fn read(details: &Details, learned_at: Micros) -> Reading {
    let status = details.workflow.0.as_ref().and_then(|workflow| workflow.status.text()).unwrap_or_default();
    let at = completed_at(details);
    let decided = |outcome, checks| {
        let extracted = extract::read(details);
        Reading::Decided(Box::new(ProviderResult {
            decided_at: at.unwrap_or(learned_at),
            outcome,
            checks,
            extracted,
            capture: None,
        }))
    };
    match stage(status) {
        Stage::Pending(phase) => Reading::Pending(phase),
        Stage::Ended(outcome) => decided(outcome, ended(outcome, at)),
        // It was decided, and the decision is not readable yet.
        Stage::Processed if kind(&details.decision).is_none() => Reading::Pending(Phase::Processing),
        Stage::Processed => {
            let mut found = findings::of(details);
            let outcome = judge(&details.decision, &mut found, at.is_some());
            decided(outcome, checks(outcome, &found, at))
        }
    }
}

/// When Jumio decided.
fn completed_at(details: &Details) -> Option<Micros> {
    let time = OffsetDateTime::parse(details.completed_at.text()?, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).ok().map(Micros)
}

fn kind(decision: &Object<Decision>) -> Option<&str> {
    decision.0.as_ref()?.kind.text()
}

fn label(decision: &Object<Decision>) -> Option<&str> {
    decision.0.as_ref()?.details.0.as_ref()?.label.code(64)
}

/// The decision as a whole. Adds what must be said about it beside the single checks.
fn judge(decision: &Object<Decision>, found: &mut Vec<Finding>, has_time: bool) -> Outcome {
    let (outcome, remark) = match kind(decision).and_then(Verdict::named) {
        None => (Outcome::Review, Some(General::UnknownDecision)),
        Some(Verdict::Passed) if !has_time => (Outcome::Review, Some(General::NoTime)),
        Some(Verdict::Passed) if is_clear(found) && covers_all(found) => (Outcome::Verified, None),
        Some(Verdict::Warning) if is_clear(found) => (Outcome::Review, Some(General::OwnRules)),
        Some(Verdict::Passed | Verdict::Warning) => (Outcome::Review, None),
        Some(Verdict::Rejected) if needs_capture(found) => (Outcome::NewRun, None),
        Some(Verdict::Rejected) if has(found, CheckOutcome::Failed) => (Outcome::Rejected, None),
        Some(Verdict::Rejected) => (Outcome::Rejected, Some(General::NoReason)),
        Some(Verdict::NotExecuted) => not_executed(label(decision), found),
    };
    found.extend(remark.map(|general| Finding::general(Group::Data, general, label(decision))));
    outcome
}

fn not_executed(label: Option<&str>, found: &[Finding]) -> (Outcome, Option<General>) {
    match label {
        Some("TOKEN_EXPIRED") => (Outcome::Expired, None),
        Some("SESSION_EXPIRED") => (Outcome::Abandoned, None),
        _ if needs_capture(found) => (Outcome::NewRun, None),
        Some("TECHNICAL_ERROR") => (Outcome::Error, Some(General::Technical)),
        _ if found.iter().any(Finding::is_technical) => (Outcome::Error, None),
        _ => (Outcome::Review, Some(General::UnknownDecision)),
    }
}

fn is_clear(found: &[Finding]) -> bool {
    found.iter().all(|finding| finding.outcome == CheckOutcome::Passed)
}

fn covers_all(found: &[Finding]) -> bool {
    Group::ALL.into_iter().all(|group| found.iter().any(|finding| finding.group == group))
}

fn has(found: &[Finding], outcome: CheckOutcome) -> bool {
    found.iter().any(|finding| finding.outcome == outcome)
}

/// Whether nothing but the capture was wrong.
fn needs_capture(found: &[Finding]) -> bool {
    has(found, CheckOutcome::NewCapture) && !has(found, CheckOutcome::Failed)
}

fn ended(outcome: Outcome, at: Option<Micros>) -> Vec<Check> {
    let general = if outcome == Outcome::Expired { General::Expired } else { General::Abandoned };
    Group::ALL.into_iter().map(|group| Finding::general(group, general, None).check(at)).collect()
}

/// One check or more for each group, in the groups' order.
fn checks(outcome: Outcome, found: &[Finding], at: Option<Micros>) -> Vec<Check> {
    if matches!(outcome, Outcome::Expired | Outcome::Abandoned) {
        return ended(outcome, at);
    }
    let of_group = |group| {
        let mut own: Vec<Check> =
            found.iter().filter(|finding| finding.group == group).filter_map(|f| shown(f, outcome, at)).collect();
        if own.is_empty() {
            own.push(Finding::general(group, missing(outcome), None).check(at));
        }
        own
    };
    Group::ALL.into_iter().flat_map(of_group).collect()
}

/// Of a run that is to be repeated, only what has to be captured again counts. In a run that is over, nothing waits for a capture.
fn shown(finding: &Finding, outcome: Outcome, at: Option<Micros>) -> Option<Check> {
    let mut check = finding.check(at);
    match (outcome, check.outcome) {
        (Outcome::NewRun, CheckOutcome::NewCapture) => {}
        (Outcome::NewRun, _) => return None,
        (Outcome::Rejected, CheckOutcome::NewCapture) => check.outcome = CheckOutcome::Failed,
        (_, CheckOutcome::NewCapture) => check.outcome = CheckOutcome::Review,
        _ => {}
    }
    Some(check)
}

const fn missing(outcome: Outcome) -> General {
    match outcome {
        Outcome::NewRun => General::WaitsForCapture,
        Outcome::Rejected => General::NotReported,
        Outcome::Error => General::Technical,
        _ => General::NotInWorkflow,
    }
}
