//! What a provider's checks came to, in our own words.
//!
//! A [`Check`] holds codes only: the sentence an agent reads is found under [`Check::reason`] in the provider's table when the
//! case is shown. It never holds a value about the customer and never the provider's own free text.

use kyc_wire::ids::Micros;
use serde::{Deserialize, Serialize};

/// The four groups in which checks are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Is the document genuine, readable, valid?
    Document,
    /// Is the person the one on the document?
    Face,
    /// Is a living person in front of the camera?
    Liveness,
    /// Data, device and watchlist checks.
    Data,
}

impl Group {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Document, Self::Face, Self::Liveness, Self::Data];
}

/// What one check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing to object to.
    Passed,
    /// A person should look; also what any answer becomes that we do not know.
    Review,
    /// The provider objects.
    Failed,
    /// The capture was not good enough to say.
    NewCapture,
    /// No answer yet, or none because the customer did not finish.
    Pending,
}

/// One check of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Where it is shown.
    pub group: Group,
    /// What it came to.
    pub outcome: Outcome,
    /// The provider's own code, for those who look it up there.
    pub provider_code: Option<String>,
    /// Key into the provider's table of explanations.
    pub reason: String,
    /// When the provider decided; none when it did not say.
    pub at: Option<Micros>,
}
