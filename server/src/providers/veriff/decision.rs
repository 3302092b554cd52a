//! What a decision of Veriff means. The status decides, the code only has to agree: one page of Veriff's documentation gives 9121
//! another name. Whatever is unknown or contradicts itself becomes "a person should look".

use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::extract;
use super::general::General;
use super::payload::Verification;
use super::reasons::{self, Row};
use crate::domain::check::{Check, Group};
use crate::domain::session::CaptureId;
use crate::providers::lenient::Scalar;
use crate::providers::{Outcome, Phase, ProviderResult};

/// What stands in a decision.
pub(super) enum Reading {
    /// No decision, but how far the session is.
    Pending(Phase),
    /// A decision.
    Decided(Box<ProviderResult>),
}

/// Why the checks stand as they do.
enum Basis {
    /// The same for all groups.
    All(General),
    /// Veriff vouches for everything.
    Approved,
    /// One group by Veriff's reason, the others by default.
    Reason(&'static Row, General),
}

/// Reads a decision. `learned_at` stands in for a missing time; `is_success` says whether the envelope does not contradict it.
pub(super) fn read(verification: &Verification, is_success: bool, learned_at: Micros) -> Reading {
    let decided_at = decided_at(verification);
    let (outcome, basis) = match judge(verification, is_success, decided_at.is_some()) {
        Ok(judgement) => judgement,
        Err(phase) => return Reading::Pending(phase),
    };
    let checks = Group::ALL.into_iter().map(|group| check(verification, &basis, group, decided_at)).collect();
    let extracted = extract::read(verification);
    Reading::Decided(Box::new(ProviderResult {
        decided_at: decided_at.unwrap_or(learned_at),
        outcome,
        checks,
        extracted,
        capture: capture(&verification.attempt_id),
    }))
}

/// The attempt that a message is about.
pub(super) fn capture(attempt: &Scalar) -> Option<CaptureId> {
    attempt.text().and_then(CaptureId::parse)
}

/// When Veriff decided; its times have three or six fractional digits.
pub(super) fn decided_at(verification: &Verification) -> Option<Micros> {
    let time = OffsetDateTime::parse(verification.decision_time.text()?, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).ok().map(Micros)
}

fn judge(verification: &Verification, is_success: bool, has_time: bool) -> Result<(Outcome, Basis), Phase> {
    let reason = verification.reason_code.text().unwrap_or_default();
    let review = |general| Ok((Outcome::Review, Basis::All(general)));
    let status = verification.status.text().unwrap_or_default();
    if !agrees(status, verification.code.text(), is_success) {
        return review(General::Contradiction);
    }
    match status {
        "approved" if has_time => Ok((Outcome::Verified, Basis::Approved)),
        "approved" => review(General::NoTime),
        "declined" => Ok((Outcome::Rejected, named(reasons::declined(reason), General::NotReported))),
        "resubmission_requested" => {
            Ok((Outcome::NewCapture, named(reasons::resubmission(reason), General::WaitsForCapture)))
        }
        "review" => review(General::ManualReview),
        "expired" => Ok((Outcome::Expired, Basis::All(General::Expired))),
        "abandoned" => Ok((Outcome::Abandoned, Basis::All(General::Abandoned))),
        "created" | "started" => Err(Phase::WaitingForCustomer),
        "submitted" => Err(Phase::Processing),
        _ => review(General::UnknownStatus),
    }
}

/// Whether status, code and envelope belong together. An approval must have its code; elsewhere a missing code is no contradiction.
fn agrees(status: &str, code: Option<&str>, is_success: bool) -> bool {
    match (status, code) {
        ("approved", code) => code == Some("9001") && is_success,
        ("declined", Some(code)) => code == "9102",
        ("resubmission_requested", Some(code)) => code == "9103",
        ("expired", Some(code)) => code == "9104",
        ("abandoned", Some(code)) => code == "9104" || code == "9121",
        ("review", Some(code)) => code == "9121",
        ("created" | "started" | "submitted", Some(code)) => !code.starts_with('9'),
        _ => true,
    }
}

fn named(row: Option<&'static Row>, others: General) -> Basis {
    row.map_or(Basis::All(General::UnknownReason), |row| Basis::Reason(row, others))
}

fn check(verification: &Verification, basis: &Basis, group: Group, at: Option<Micros>) -> Check {
    let own = |general: General, code: Option<&str>| Check {
        group,
        outcome: general.outcome(),
        provider_code: code.map(str::to_owned),
        reason: general.key().to_owned(),
        at,
    };
    let code = verification.reason_code.code(16).or_else(|| verification.code.code(16));
    match basis {
        Basis::All(general) => own(*general, code),
        Basis::Reason(row, others) if row.group != group => own(*others, None),
        Basis::Reason(row, _) => Check {
            group,
            outcome: row.outcome,
            provider_code: Some(row.code.to_owned()),
            reason: row.code.to_owned(),
            at,
        },
        Basis::Approved => match remark(verification, group) {
            Some((general, label)) => own(general, label),
            None => own(General::approved(group), code),
        },
    }
}

/// What Veriff remarks although it approved. Labels and watchlists belong to the data.
fn remark(verification: &Verification, group: Group) -> Option<(General, Option<&str>)> {
    if group != Group::Data {
        return None;
    }
    let is_clear =
        |text: &str| ["no_match", "no match", "false", "none"].iter().any(|clear| text.eq_ignore_ascii_case(clear));
    let watchlist = verification.person.0.as_ref().and_then(|person| person.pep_sanction_match.text());
    if watchlist.is_some_and(|text| !is_clear(text)) {
        return Some((General::Watchlist, None));
    }
    verification.risk_labels.0.as_ref().map(|risk| (General::RiskLabels, risk.label.code(80)))
}
