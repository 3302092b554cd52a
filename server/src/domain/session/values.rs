//! The values that were read from a document: of several results, those of the latest that has any are kept, whichever comes first.

use kyc_wire::ids::Micros;

use super::{ResultFacts, Session};

impl Session {
    /// Of which of the provider's decisions the values are that are kept, if any are.
    pub fn values_at(&self, are_kept: bool) -> Option<Micros> {
        // What was kept before this was written down was of the latest result.
        self.result.as_ref().and_then(|known| known.values_at.or_else(|| are_kept.then_some(known.decided_at)))
    }

    /// Whether values that were read for a decision of this time replace those that are kept: the latest count, whatever comes first and
    /// whether or not their result still does.
    pub fn takes_values(&self, decided_at: Micros, are_kept: bool) -> bool {
        !self.state.is_final() && self.values_at(are_kept).is_none_or(|kept| decided_at > kept)
    }

    /// Takes over what differs, where later values are kept now than before.
    pub(super) fn compare_anew(&mut self, result: &ResultFacts) {
        if let Some(known) = self.result.as_mut().filter(|known| result.values_at > known.values_at) {
            known.values_at = result.values_at;
            known.mismatches.clone_from(&result.mismatches);
            self.mismatches.clone_from(&result.mismatches);
        }
    }
}
