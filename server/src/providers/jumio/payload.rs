//! Jumio's JSON as it arrives. Only the members that are used are named, so that nothing else is ever in memory as a value: not the
//! addresses of pictures, not an estimated age, not the personal numbers that some documents have.
//!
//! Shapes: Jumio's API guide, "Callback parameters", "Get workflow details" and "Account creation", and docs.jumio.com, "Capabilities".

use serde::{Deserialize, Serialize};

use crate::providers::lenient::{Entries, List, Object, Scalar};

/// A callback. It has no result and is not signed.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Callback {
    /// When Jumio sent it.
    pub(super) callback_sent_at: Scalar,
    /// What we gave with the start: our reference with our own code.
    pub(super) user_reference: Scalar,
    /// The workflow execution.
    pub(super) workflow_execution: Object<Workflow>,
    /// The account.
    pub(super) account: Object<Named>,
}

/// A workflow execution.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Workflow {
    /// Its id.
    pub(super) id: Scalar,
    /// How far it is.
    pub(super) status: Scalar,
}

/// Something with an id.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    /// The id.
    pub(super) id: Scalar,
}

/// The answer to a start.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Created {
    /// The account.
    pub(super) account: Object<Named>,
    /// The workflow execution.
    pub(super) workflow_execution: Object<Named>,
    /// Where the customer goes.
    pub(super) web: Object<Web>,
}

/// The web client.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Web {
    /// Its address; missing when no domain name prefix is set in Jumio's portal.
    pub(super) href: Scalar,
}

/// The answer to `…/status`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status {
    /// The workflow execution.
    pub(super) workflow_execution: Object<Workflow>,
}

/// The health of a data centre.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Health {
    /// `UP`, `DEGRADED` or `DOWN`.
    pub(super) status: Scalar,
}

/// An access token.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AccessToken {
    /// The token: it may be longer than any other text.
    pub(super) access_token: Option<String>,
    /// Seconds.
    pub(super) expires_in: Scalar,
    /// `Bearer`.
    pub(super) token_type: Scalar,
}

/// Workflow details.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Details {
    /// The workflow execution.
    pub(super) workflow: Object<Workflow>,
    /// The account.
    pub(super) account: Object<Named>,
    /// When it was completed: the time of the decision.
    pub(super) completed_at: Scalar,
    /// The decision as a whole.
    pub(super) decision: Object<Decision>,
    /// What each capability came to, by name.
    pub(super) capabilities: Entries<List<Object<Item>>>,
}

/// A decision, on the whole or on one capability. The risk score is not read: its bands are the tenant's own, and `type` already says them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Decision {
    /// `PASSED`, `WARNING`, `REJECTED` or `NOT_EXECUTED`.
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    /// Why.
    pub(super) details: Object<Label>,
}

/// A reason.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Label {
    /// Its code.
    pub(super) label: Scalar,
}

/// What one capability came to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    /// What it looked at.
    pub(super) credentials: List<Object<Credential>>,
    /// What it came to.
    pub(super) decision: Object<Decision>,
    /// What it found.
    pub(super) data: Object<Data>,
}

/// What the customer handed in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Credential {
    /// `ID`, `DOCUMENT`, `SELFIE`, `FACEMAP` or `DATA`.
    pub(super) category: Scalar,
}

/// What the extraction read, as far as it is compared.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Data {
    /// `PASSPORT`, `DRIVING_LICENSE`, `ID_CARD`, `VISA` or `UNSUPPORTED`.
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    /// ISO 3166 alpha-3.
    pub(super) issuing_country: Scalar,
    /// Given names, or `N/A`.
    pub(super) first_name: Scalar,
    /// Family names, or `N/A`.
    pub(super) last_name: Scalar,
    /// `YYYY-MM-DD`.
    pub(super) date_of_birth: Scalar,
    /// Last day of validity, `YYYY-MM-DD`.
    pub(super) expiry_date: Scalar,
    /// Number of the document.
    pub(super) document_number: Scalar,
    /// Address on the document.
    pub(super) address: Object<Address>,
}

/// An address.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address {
    /// Street and number.
    pub(super) line1: Scalar,
    /// More of it.
    pub(super) line2: Scalar,
    /// Postal code.
    pub(super) postal_code: Scalar,
    /// Town.
    pub(super) city: Scalar,
    /// ISO 3166 alpha-3.
    pub(super) country: Scalar,
}

/// Any refusal: `title`, `status`, `detail`. Only the status as a code is read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal {
    /// Once more the status, or a code of Jumio's own.
    pub(super) status: Scalar,
}

/// What we send to begin a workflow: nothing about the person.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start<'a> {
    /// Our reference.
    pub(super) customer_internal_reference: &'a str,
    /// The same with our own code; comes back in callbacks.
    pub(super) user_reference: &'a str,
    /// Which workflow.
    pub(super) workflow_definition: Definition,
    /// Where callbacks go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callback_url: Option<&'a str>,
    /// For how long the customer's link works.
    pub(super) token_lifetime: String,
    /// How the capture pages behave.
    #[serde(skip_serializing_if = "StartWeb::is_empty")]
    pub(super) web: StartWeb<'a>,
}

/// Which workflow.
#[derive(Serialize)]
pub(super) struct Definition {
    /// Its key, which is the tenant's own.
    pub(super) key: u32,
}

/// How the capture pages behave.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartWeb<'a> {
    /// Where the browser goes when the pictures were accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) success_url: Option<&'a str>,
    /// And when they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_url: Option<&'a str>,
    /// The language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) locale: Option<&'a str>,
}

impl StartWeb<'_> {
    const fn is_empty(&self) -> bool {
        matches!(self, Self { success_url: None, error_url: None, locale: None })
    }
}
