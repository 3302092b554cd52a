//! What a workflow run or a classic check came to. Its status decides, and its reports may not contradict it: an approval beside an objection is
//! for a person. Whatever is unknown becomes "a person should look".

use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::general::General;
use super::payload::{self, Run};
use super::report::Findings;
use crate::domain::check::{Check, Group};
use crate::providers::lenient::Scalar;
use crate::providers::{Outcome, Phase, ProviderResult};

/// Whether a run is over: only then are its reports worth asking for.
pub(super) fn of_run(run: &Run) -> Result<(), Phase> {
    match run.status.text() {
        Some("awaiting_input") => Err(Phase::WaitingForCustomer),
        Some("processing") => Err(Phase::Processing),
        // It waits for data from whoever runs the workflow, and nobody here sends any.
        Some("awaiting_client_input") | None => Err(Phase::Unknown),
        Some(_) => Ok(()),
    }
}

/// The same of a classic check.
pub(super) fn of_check(check: &payload::Check) -> Result<(), Phase> {
    match check.status.text() {
        Some("awaiting_applicant") => Err(Phase::WaitingForCustomer),
        Some("in_progress" | "paused" | "reopened") => Err(Phase::Processing),
        None => Err(Phase::Unknown),
        Some(_) => Ok(()),
    }
}

/// Reads a run that is over. `learned_at` stands in for a missing time.
pub(super) fn read_run(run: &Run, mut findings: Findings, learned_at: Micros) -> ProviderResult {
    findings.sorted();
    let at = time(&run.updated_at);
    let has_objection = !findings.found.is_empty();
    let (outcome, otherwise) = match run.status.text().unwrap_or_default() {
        "approved" if has_objection => (Outcome::Review, Otherwise::Beside(General::NotReported)),
        "approved" if at.is_none() => (Outcome::Review, Otherwise::All(General::NoTime)),
        "approved" => (Outcome::Verified, Otherwise::Beside(General::NotReported)),
        "declined" | "review" if findings.is_capture_only() => {
            (Outcome::NewRun, Otherwise::Beside(General::NotReported))
        }
        "declined" => (Outcome::Rejected, Otherwise::Beside(General::Declined)),
        "review" => (Outcome::Review, Otherwise::Beside(General::ManualReview)),
        "abandoned" => (Outcome::Abandoned, Otherwise::All(General::Abandoned)),
        "error" => (Outcome::Error, Otherwise::All(General::ProviderError)),
        _ => (Outcome::Review, Otherwise::All(General::UnknownStatus)),
    };
    let failure = run.error.0.as_ref().and_then(|error| error.kind.code(64));
    let code = failure.or_else(|| run.status.code(40));
    let checks = checks(&findings, otherwise, code, at);
    ProviderResult {
        decided_at: at.unwrap_or(learned_at),
        outcome,
        checks,
        extracted: findings.extracted,
        capture: None,
    }
}

/// Reads a check that is over. It has no time of its own: what was learned last counts.
pub(super) fn read_check(check: &payload::Check, mut findings: Findings, learned_at: Micros) -> ProviderResult {
    findings.sorted();
    let is_clean = findings.found.is_empty() && findings.reports > 0;
    let beside = Otherwise::Beside(General::NotReported);
    let (outcome, otherwise) = match (check.status.text(), check.result.text()) {
        (Some("complete"), Some("clear")) if is_clean => (Outcome::Verified, beside),
        (Some("complete"), Some("clear")) => (Outcome::Review, Otherwise::Beside(General::Contradiction)),
        (Some("complete"), Some("consider")) if findings.is_suspected => (Outcome::Rejected, beside),
        (Some("complete"), Some("consider")) if findings.is_capture_only() => (Outcome::NewRun, beside),
        (Some("complete"), Some("consider")) => (Outcome::Review, beside),
        (Some("complete"), _) => (Outcome::Review, Otherwise::All(General::UnknownValue)),
        (Some("withdrawn"), _) => (Outcome::Review, Otherwise::All(General::CheckWithdrawn)),
        _ => (Outcome::Review, Otherwise::All(General::UnknownStatus)),
    };
    let code = check.result.code(40).or_else(|| check.status.code(40));
    let checks = checks(&findings, otherwise, code, None);
    ProviderResult { decided_at: learned_at, outcome, checks, extracted: findings.extracted, capture: None }
}

/// What is said about groups that no report speaks about.
#[derive(Clone, Copy)]
enum Otherwise {
    /// This, beside what the reports say.
    Beside(General),
    /// This of every group, whatever reports say.
    All(General),
}

fn checks(findings: &Findings, otherwise: Otherwise, code: Option<&str>, at: Option<Micros>) -> Vec<Check> {
    let general = |group: Group, general: General| Check {
        group,
        outcome: general.outcome(),
        provider_code: code.map(str::to_owned),
        reason: general.key().to_owned(),
        at,
    };
    let found = |group: Group| {
        let of_group = findings.found.iter().filter(move |found| found.group == group);
        of_group.map(move |found| Check {
            group,
            outcome: found.outcome,
            provider_code: Some(found.code.clone()),
            reason: found.reason.to_owned(),
            at,
        })
    };
    let of_group = |group: Group| -> Vec<Check> {
        let beside = match otherwise {
            Otherwise::All(all) => return vec![general(group, all)],
            Otherwise::Beside(beside) => beside,
        };
        let found: Vec<Check> = found(group).collect();
        if !found.is_empty() {
            found
        } else if findings.vouched.contains(&group) {
            vec![general(group, General::clear(group))]
        } else if group == Group::Data && findings.reports > 0 {
            // Nobody has to look at data again that no report was ordered for.
            Vec::new()
        } else {
            vec![general(group, beside)]
        }
    };
    Group::ALL.into_iter().flat_map(of_group).collect()
}

/// Times of Onfido are RFC 3339.
pub(super) fn time(text: &Scalar) -> Option<Micros> {
    let time = OffsetDateTime::parse(text.text()?, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).ok().map(Micros)
}
