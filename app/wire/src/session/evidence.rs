//! What is known of a customer and her document: the checks, what differs, and how far the provider is.

use serde::{Deserialize, Serialize};

use crate::ids::Micros;
use crate::masked::{Agreement, Field, MaskedValue};
use crate::text::Localised;

/// One thing that needs a person's eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Attention {
    /// A flag was raised.
    Flagged,
    /// A check failed.
    CheckFailed(CheckGroup),
    /// Claim and document differ.
    Mismatch(Field),
    /// A check wants a human look.
    CheckReview(CheckGroup),
    /// The provider asks for another capture.
    NewCapture(CheckGroup),
    /// The provider has not answered in the usual time.
    ProviderSlow,
    /// The provider cannot be reached.
    ProviderDown,
    /// The bank has not sent what the applicant claimed.
    NoClaims,
}

/// The four groups in which checks are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckGroup {
    /// Is the document genuine, readable, valid?
    Document,
    /// Is the person the one on the document?
    Face,
    /// Is a living person in front of the camera?
    Liveness,
    /// Data, device and watchlist checks.
    Data,
}

impl CheckGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Document, Self::Face, Self::Liveness, Self::Data];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Face => "face",
            Self::Liveness => "liveness",
            Self::Data => "data",
        }
    }
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing to object to.
    Passed,
    /// A person should look; also what any unknown answer of a provider becomes.
    Review,
    /// The provider objects.
    Failed,
    /// The capture was not good enough to say.
    NewCapture,
    /// No answer yet.
    Pending,
}

/// One check of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// Where it is shown.
    pub group: CheckGroup,
    /// What it came to.
    pub outcome: CheckOutcome,
    /// The provider's own code, for those who look.
    pub provider_code: Option<String>,
    /// The reason in plain words.
    pub explanation: Localised,
    /// What the agent should look at, if anything.
    pub look_at: Option<Localised>,
    /// When the provider decided.
    pub at: Option<Micros>,
}

/// One field: what the applicant claimed beside what the document says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldComparison {
    /// Which field.
    pub field: Field,
    /// The claim, masked.
    pub claim: Option<MaskedValue>,
    /// The document's value, masked.
    pub document: Option<MaskedValue>,
    /// Whether they agree; compared on the server in clear text.
    pub agreement: Agreement,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// What the applicant told the bank.
    Claim,
    /// What the provider read from the document.
    Document,
}

impl Origin {
    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Document => "document",
        }
    }
}

/// Facts about the document that are not personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentFacts {
    /// `passport`, `id_card`, `residence_permit`, `drivers_license` or `other`.
    pub document_type: Option<String>,
    /// Issuing country, as the provider writes it (ISO 3166).
    pub country: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// Whether that day is past, in the bank's time zone.
    pub is_expired: bool,
}

/// How far the provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProviderPhase {
    /// Waits to be started.
    NotStarted,
    /// Started; the customer has the link.
    WaitingForCustomer,
    /// The provider has everything and works.
    Processing,
    /// It has answered.
    Done,
    /// It takes longer than usual.
    Slow,
    /// It cannot be reached; retries go on.
    Down,
}

/// The provider's side of the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderView {
    /// `veriff`, `onfido` or `jumio`.
    pub name: String,
    /// How far it is.
    pub phase: ProviderPhase,
    /// Since when.
    pub since: Micros,
    /// Link to the session in the provider's own console, for those with an account there.
    pub console_url: Option<String>,
}
