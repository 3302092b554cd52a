//! Why a check came out as it did, in plain words.

use kyc_wire::session::CaptureItem;
use kyc_wire::text::Localised;

use super::{Kind, jumio, onfido, veriff};

/// What staff read beside a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The reason.
    pub text: Localised,
    /// What the agent should look at.
    pub look_at: Option<Localised>,
    /// What the customer should capture again, when the capture was the problem.
    pub recapture: Option<CaptureItem>,
}

/// A sentence in English and German.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub &'static str, pub &'static str);

impl Words {
    /// As the wire carries it.
    pub(super) fn localised(self) -> Localised {
        Localised::new(self.0, self.1)
    }
}

/// Looks up the reason of a [`Check`](crate::domain::check::Check). A key that is no longer in the table (a case from before an
/// upgrade) gets a sentence that says so.
pub fn explain(kind: Kind, reason: &str) -> Explanation {
    match kind {
        Kind::Onfido => onfido::explain(reason),
        Kind::Veriff => veriff::explain(reason),
        Kind::Jumio => jumio::explain(reason),
    }
}
