//! What each of Jumio's capabilities came to, one by one.

use kyc_wire::ids::Micros;

use super::payload::{Details, Item};
use super::reasons::{self, General, Verdict};
use crate::domain::check::{Check, Group, Outcome};
use crate::providers::lenient::Object;

/// Of longer lists only the beginning is read.
const MANY: usize = 64;

/// The capabilities that Jumio describes, in the order in which they depend on each other.
const KNOWN: [&str; 11] = [
    "usability",
    "imageChecks",
    "extraction",
    "dataChecks",
    "similarity",
    "liveness",
    "authentication",
    "watchlistScreening",
    "addressValidation",
    "proofOfResidency",
    "drivingLicenseVerification",
];

/// One thing that a capability says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// What it is about.
    pub group: Group,
    /// What it came to.
    pub outcome: Outcome,
    reason: &'static str,
    code: Option<String>,
}

impl Finding {
    /// What can be said without a label.
    pub(super) fn general(group: Group, general: General, code: Option<&str>) -> Self {
        Self { group, outcome: general.outcome(), reason: general.key(), code: code.map(str::to_owned) }
    }

    /// As it is kept.
    pub(super) fn check(&self, at: Option<Micros>) -> Check {
        Check {
            group: self.group,
            outcome: self.outcome,
            provider_code: self.code.clone(),
            reason: self.reason.to_owned(),
            at,
        }
    }

    /// Whether Jumio itself failed.
    pub(super) fn is_technical(&self) -> bool {
        self.reason == "skipped:TECHNICAL_ERROR"
    }
}

/// Everything that the capabilities say, each thing once.
pub(super) fn of(details: &Details) -> Vec<Finding> {
    let capabilities = &details.capabilities.0;
    let mut found: Vec<Finding> = Vec::new();
    // Who reads only the beginning could take a rejection at the end for an approval.
    if capabilities.len() >= MANY || capabilities.iter().any(|(_, items)| items.0.len() >= MANY) {
        found.push(Finding::general(Group::Data, General::TooLong, None));
    }
    for (name, items) in capabilities {
        for finding in items.0.iter().filter_map(|item| one(name, item)) {
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

fn one(capability: &str, item: &Object<Item>) -> Option<Finding> {
    let decision = item.0.as_ref().and_then(|item| item.decision.0.as_ref());
    let verdict = decision.and_then(|decision| decision.kind.text()).and_then(Verdict::named);
    let label = decision.and_then(|decision| decision.details.0.as_ref()).and_then(|details| details.label.code(64));
    if !KNOWN.contains(&capability) {
        return Some(Finding::general(Group::Data, General::UnknownCapability, label));
    }
    let (subject, group) = subject(capability, item);
    // That something can be read says nothing about whether it is genuine.
    if matches!(capability, "usability" | "extraction") && (verdict, label) == (Some(Verdict::Passed), Some("OK")) {
        return None;
    }
    let row = verdict.zip(label).and_then(|(verdict, label)| reasons::find(subject, verdict, label));
    Some(row.map_or_else(
        || Finding::general(group, General::UnknownLabel, label),
        |row| Finding { group, outcome: row.outcome, reason: row.key, code: label.map(str::to_owned) },
    ))
}

/// Whose labels count, and which group they belong to: `usability` looks at the document, the face and its map alike.
fn subject<'a>(capability: &'a str, item: &Object<Item>) -> (&'a str, Group) {
    let categories = || item.0.iter().flat_map(|item| &item.credentials.0).filter_map(|one| one.0.as_ref());
    let is_of = |wanted: &str| categories().any(|credential| credential.category.text() == Some(wanted));
    if capability != "usability" || is_of("ID") || is_of("DOCUMENT") {
        (capability, reasons::group(capability))
    } else if is_of("SELFIE") {
        (reasons::FACE, Group::Face)
    } else if is_of("FACEMAP") {
        (reasons::FACE, Group::Liveness)
    } else {
        (capability, reasons::group(capability))
    }
}
