//! What needs a person's eye, most serious first.

use kyc_wire::ids::Micros;
use kyc_wire::session::{Attention, CheckGroup};

use super::{RunPhase, Session};
use crate::domain::check::{Group, Outcome};

impl Session {
    /// Everything that needs a look. `slow_after_seconds` is the usual patience with this provider.
    pub fn attention(&self, slow_after_seconds: u32, now: Micros) -> Vec<Attention> {
        let mut found = Vec::new();
        if self.flag.is_some() {
            found.push(Attention::Flagged);
        }
        let checks = self.result.as_ref().map_or(&[][..], |result| &result.checks);
        found.extend(checks.iter().filter_map(|check| match check.outcome {
            Outcome::Failed => Some(Attention::CheckFailed(group(check.group))),
            Outcome::Review => Some(Attention::CheckReview(group(check.group))),
            Outcome::NewCapture => Some(Attention::NewCapture(group(check.group))),
            Outcome::Passed | Outcome::Pending => None,
        }));
        if self.uploads.sent_at.is_some() {
            found.push(Attention::CheckReview(CheckGroup::Document));
        }
        found.extend(self.mismatches.iter().map(|field| Attention::Mismatch(*field)));
        if !self.state.is_final() {
            found.extend(self.provider_trouble(slow_after_seconds, now));
            if !self.has_claims {
                found.push(Attention::NoClaims);
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn provider_trouble(&self, slow_after_seconds: u32, now: Micros) -> Option<Attention> {
        match self.provider.phase {
            RunPhase::Down => Some(Attention::ProviderDown),
            RunPhase::Starting | RunPhase::Processing if self.is_provider_slow(slow_after_seconds, now) => {
                Some(Attention::ProviderSlow)
            }
            _ => None,
        }
    }

    /// Whether the provider has kept us waiting for longer than usual.
    pub fn is_provider_slow(&self, slow_after_seconds: u32, now: Micros) -> bool {
        matches!(self.provider.phase, RunPhase::Starting | RunPhase::Processing)
            && now.seconds_since(self.provider.since) >= i64::from(slow_after_seconds)
    }
}

/// The group as staff see it.
pub const fn group(group: Group) -> CheckGroup {
    match group {
        Group::Document => CheckGroup::Document,
        Group::Face => CheckGroup::Face,
        Group::Liveness => CheckGroup::Liveness,
        Group::Data => CheckGroup::Data,
    }
}
