//! What a provider came to, in our words.

use kyc_wire::ids::Micros;
use kyc_wire::masked::{Address, BirthDate, DocumentNumber, FullName};
use time::Date;

use crate::domain::check::Check;
use crate::domain::session::CaptureId;
use crate::pii::Pii;

/// The answer to "is there a result?".
#[derive(Debug)]
pub enum Fetched {
    /// Not yet.
    Pending(Phase),
    /// The provider has decided; whether for good says [`Outcome::is_terminal`].
    Decided(Box<ProviderResult>),
}

/// How far a session is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The customer has the link and has not finished.
    WaitingForCustomer,
    /// The provider has everything and works.
    Processing,
    /// The provider does not say which.
    Unknown,
}

/// What a session came to at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The provider vouches for the identity.
    Verified,
    /// The provider objects.
    Rejected,
    /// A person should decide; also what becomes of every answer that we do not know or that contradicts itself.
    Review,
    /// The capture was not good enough; the same session goes on.
    NewCapture,
    /// The capture was not good enough, and the provider's session is over: another run must be started.
    NewRun,
    /// The customer never came.
    Expired,
    /// The customer came and did not finish.
    Abandoned,
    /// The provider failed for technical reasons.
    Error,
    /// No decision yet.
    Pending,
}

impl Outcome {
    /// Whether the provider expects nothing more of the customer. It may still change its mind.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::NewCapture | Self::Pending)
    }

    /// The code, for rows, metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Rejected => "rejected",
            Self::Review => "review",
            Self::NewCapture => "new_capture",
            Self::NewRun => "new_run",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::Error => "error",
            Self::Pending => "pending",
        }
    }
}

/// One decision of a provider. A later one replaces it whole, reasons included.
#[derive(Debug)]
pub struct ProviderResult {
    /// When the provider decided, by its own clock: results are ordered by this, never by arrival. Where it gives no time (a session
    /// that expired), when we learned of it.
    pub decided_at: Micros,
    /// The decision.
    pub outcome: Outcome,
    /// What can be said about each group of checks.
    pub checks: Vec<Check>,
    /// What the provider read from the document.
    pub extracted: Extracted,
    /// Which of the customer's captures was decided on, where the provider tells them apart.
    pub capture: Option<CaptureId>,
}

impl ProviderResult {
    /// Whether this replaces a result that was decided at `known`. The same time again changes nothing.
    pub fn is_newer_than(&self, known: Option<Micros>) -> bool {
        known.is_none_or(|known| self.decided_at > known)
    }
}

/// What a provider read from the document. Only what agents compare: nationality, gender, personal numbers, addresses of devices
/// and the provider's comments are not even parsed.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Given and family names, in this order.
    pub full_name: Option<Pii<FullName>>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<Pii<BirthDate>>,
    /// Number of the document.
    pub document_number: Option<Pii<DocumentNumber>>,
    /// Address on the document, in four lines: street, postcode, city, country.
    pub address: Option<Pii<Address>>,
    /// What kind of document it is.
    pub document_type: Option<DocumentType>,
    /// Issuing country, upper case, two or three letters (ISO 3166) as the provider writes it.
    pub country: Option<String>,
    /// Last day of validity.
    pub valid_until: Option<Date>,
}

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentType {
    /// A passport.
    Passport,
    /// An identity card.
    IdCard,
    /// A residence permit.
    ResidencePermit,
    /// A driving licence.
    DriversLicense,
    /// Something else.
    Other,
}

impl DocumentType {
    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::IdCard => "id_card",
            Self::ResidencePermit => "residence_permit",
            Self::DriversLicense => "drivers_license",
            Self::Other => "other",
        }
    }
}
