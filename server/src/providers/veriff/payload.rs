//! Veriff's JSON as it arrives. Only the members that are used are named, so that nothing else is ever in memory as a value:
//! not the customer's address on the network, not comments, not the provider's own words.
//!
//! Shapes: devdocs.veriff.com, "Decision webhook", "Event webhook", `GET /v1/sessions/{id}/decision` and `POST /v1/sessions`.

use serde::{Deserialize, Serialize};

use crate::providers::lenient::{Object, Scalar};

/// Any body that Veriff sends: a decision has `verification`, an event has `action`, an error has `code`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    /// `success` or `fail`.
    pub(super) status: Scalar,
    /// The decision, or the session that was created.
    pub(super) verification: Object<Verification>,
    /// Of an event: the session.
    pub(super) id: Scalar,
    /// Of other messages (watchlist, full auto): the session.
    pub(super) session_id: Scalar,
    /// Of an event 7001 or 7002; of an error its code.
    pub(super) code: Scalar,
    /// Of an event: `started` or `submitted`.
    pub(super) action: Scalar,
    /// Of an event: our reference.
    pub(super) vendor_data: Scalar,
    /// Of an event: the attempt.
    pub(super) attempt_id: Scalar,
}

/// A session with its decision.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Verification {
    /// Veriff's id of the session.
    pub(super) id: Scalar,
    /// The attempt that was decided on, of those of the session.
    pub(super) attempt_id: Scalar,
    /// The status, which decides.
    pub(super) status: Scalar,
    /// The status once more as a number, which must agree.
    pub(super) code: Scalar,
    /// Code of the reason; null when approved.
    pub(super) reason_code: Scalar,
    /// Our reference.
    pub(super) vendor_data: Scalar,
    /// When it was decided.
    pub(super) decision_time: Scalar,
    /// Of a session just created: where the customer goes.
    pub(super) url: Scalar,
    /// What was read about the person.
    pub(super) person: Object<Person>,
    /// What was read about the document.
    pub(super) document: Object<Document>,
    /// Signs of risk.
    pub(super) risk_labels: Object<RiskLabel>,
}

/// The person, as far as it is compared.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Person {
    /// Given names.
    pub(super) first_name: Scalar,
    /// Family names.
    pub(super) last_name: Scalar,
    /// `YYYY-MM-DD`.
    pub(super) date_of_birth: Scalar,
    /// Addresses; the first counts.
    pub(super) addresses: Object<Address>,
    /// Whether a watchlist was hit.
    pub(super) pep_sanction_match: Scalar,
}

/// An address.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address {
    /// In parts.
    pub(super) parsed_address: Object<ParsedAddress>,
}

/// An address in parts.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ParsedAddress {
    /// Street.
    pub(super) street: Scalar,
    /// Number of the house.
    pub(super) house_number: Scalar,
    /// Postal code.
    pub(super) postcode: Scalar,
    /// Town.
    pub(super) city: Scalar,
    /// Country.
    pub(super) country: Scalar,
}

/// The document.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    /// `PASSPORT`, `ID_CARD`, `DRIVERS_LICENSE`, `RESIDENCE_PERMIT` or others by plan.
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    /// Its number.
    pub(super) number: Scalar,
    /// Issuing country, ISO 3166 alpha-2.
    pub(super) country: Scalar,
    /// Last day of validity, `YYYY-MM-DD`.
    pub(super) valid_until: Scalar,
}

/// A sign of risk.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RiskLabel {
    /// Its code.
    pub(super) label: Scalar,
}

/// What we send to begin a session: nothing about the person.
#[derive(Serialize)]
pub(super) struct NewSession<'a> {
    /// Veriff wraps everything in this.
    pub(super) verification: NewVerification<'a>,
}

/// The inside of [`NewSession`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewVerification<'a> {
    /// Our reference.
    pub(super) vendor_data: &'a str,
    /// Where the browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callback: Option<&'a str>,
    /// Language of the capture pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lang: Option<&'a str>,
}
