//! Onfido's JSON as it arrives and as we send it. Only the members that are used are named, so that nothing else is ever in memory as a value: no
//! device, no network address, no machine-readable zone, not the links that let a bearer in.
//!
//! Shapes: the vendor's `OpenAPI` document for API v3.6 (onfido/onfido-openapi-spec). Every optional member may be null, whatever that document says.

use serde::{Deserialize, Serialize};

use crate::providers::lenient::{Entries, List, Object, Scalar};

/// What both webhooks and errors are wrapped in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    /// Of a webhook.
    pub(super) payload: Object<Payload>,
    /// Of a refusal.
    pub(super) error: Object<Failure>,
}

/// The inside of a webhook.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    /// What happened, such as `workflow_run.completed`.
    pub(super) action: Scalar,
    /// To what.
    pub(super) object: Object<Happened>,
    /// The thing itself, in some versions. Only references are read from it: results are asked for.
    pub(super) resource: Object<Resource>,
}

/// What something happened to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Happened {
    /// Its id.
    pub(super) id: Scalar,
    /// Of a task: its run.
    pub(super) workflow_run_id: Scalar,
    /// When it was completed.
    pub(super) completed_at_iso8601: Scalar,
    /// When it was started.
    pub(super) started_at_iso8601: Scalar,
}

/// The references in a webhook's resource.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    /// Of a run: our reference.
    pub(super) customer_user_id: Scalar,
    /// Of a check: our reference, and perhaps others.
    pub(super) tags: List<Scalar>,
    /// Of a report: its check.
    pub(super) check_id: Scalar,
}

/// An error's code.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    /// Such as `validation_error`.
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
}

/// An access token (OAuth2 client credentials).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AccessToken {
    /// The token.
    pub(super) access_token: Scalar,
    /// For how many seconds it is good.
    pub(super) expires_in: Scalar,
}

/// An applicant that was created.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Applicant {
    /// Its id.
    pub(super) id: Scalar,
}

/// A workflow run.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Run {
    /// Its id.
    pub(super) id: Scalar,
    /// The applicant it is about.
    pub(super) applicant_id: Scalar,
    /// The status, which decides.
    pub(super) status: Scalar,
    /// Our reference.
    pub(super) customer_user_id: Scalar,
    /// Our reference once more.
    pub(super) tags: List<Scalar>,
    /// Where the customer goes.
    pub(super) link: Object<Link>,
    /// Why it failed, when it did.
    pub(super) error: Object<Failure>,
    /// When it changed last.
    pub(super) updated_at: Scalar,
}

/// Where the customer goes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    /// The address.
    pub(super) url: Scalar,
}

/// A task of a run.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Task {
    /// Its id within the run.
    pub(super) id: Scalar,
    /// Which task of the workflow's definition.
    pub(super) task_def_id: Scalar,
    /// What it came to: a report has the report's members.
    pub(super) output: Object<Report>,
}

/// A classic check.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Check {
    /// Its id.
    pub(super) id: Scalar,
    /// The applicant it is about.
    pub(super) applicant_id: Scalar,
    /// How far it is.
    pub(super) status: Scalar,
    /// What it came to.
    pub(super) result: Scalar,
    /// Our reference.
    pub(super) tags: List<Scalar>,
    /// Where the customer goes.
    pub(super) form_uri: Scalar,
}

/// The checks of an applicant.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Checks {
    /// All of them.
    pub(super) checks: List<Check>,
}

/// The reports of a check.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reports {
    /// All of them.
    pub(super) reports: List<Report>,
}

/// One report: of a classic check, or the output of a task.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    /// Such as `document`; the output of a task has none.
    pub(super) name: Scalar,
    /// How far it is.
    pub(super) status: Scalar,
    /// What it came to.
    pub(super) result: Scalar,
    /// The same in more detail, for documents.
    pub(super) sub_result: Scalar,
    /// Why, part by part.
    pub(super) breakdown: Entries<Object<Part>>,
    /// What was read from the document.
    pub(super) properties: Object<Properties>,
}

/// A part of a report's reasons.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    /// What it came to; null when it was not looked at.
    pub(super) result: Scalar,
    /// Its own parts.
    pub(super) breakdown: Entries<Object<Detail>>,
}

/// The innermost part.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    /// What it came to.
    pub(super) result: Scalar,
    /// Reasons by name. Their texts are Onfido's and are not read.
    pub(super) properties: Entries<serde::de::IgnoredAny>,
}

/// What was read from the document, as far as it is compared.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Properties {
    /// Given names.
    pub(super) first_name: Scalar,
    /// Family names.
    pub(super) last_name: Scalar,
    /// `YYYY-MM-DD`.
    pub(super) date_of_birth: Scalar,
    /// Last day of validity, `YYYY-MM-DD`.
    pub(super) date_of_expiry: Scalar,
    /// Its numbers; the first counts.
    pub(super) document_numbers: Object<Number>,
    /// `passport`, `driving_licence`, `national_identity_card`, `residence_permit` or others.
    pub(super) document_type: Scalar,
    /// ISO 3166 alpha-3.
    pub(super) issuing_country: Scalar,
    /// The address in parts.
    pub(super) address_lines: Object<AddressLines>,
}

/// A number of a document.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Number {
    /// The number.
    pub(super) value: Scalar,
}

/// An address in parts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AddressLines {
    /// Street with the number of the house.
    pub(super) street_address: Scalar,
    /// Postal code.
    pub(super) postal_code: Scalar,
    /// Town.
    pub(super) city: Scalar,
    /// Country, as a code.
    pub(super) country_code: Scalar,
    /// Country, as a name.
    pub(super) country: Scalar,
}

/// An applicant as we create it. Onfido insists on names, so it is given ones that are none.
#[derive(Serialize)]
pub(super) struct NewApplicant<'a> {
    /// A word that says what it is.
    pub(super) first_name: &'a str,
    /// Our reference.
    pub(super) last_name: &'a str,
}

/// A workflow run as we create it.
#[derive(Serialize)]
pub(super) struct NewRun<'a> {
    /// The placeholder.
    pub(super) applicant_id: &'a str,
    /// The workflow made in Onfido's Studio.
    pub(super) workflow_id: &'a str,
    /// Our reference.
    pub(super) customer_user_id: &'a str,
    /// Our reference once more, by which runs can be listed.
    pub(super) tags: [&'a str; 1],
    /// How the capture pages behave.
    pub(super) link: NewLink<'a>,
}

/// How the capture pages behave.
#[derive(Serialize)]
pub(super) struct NewLink<'a> {
    /// Where the browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completed_redirect_url: Option<&'a str>,
    /// Their language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'a str>,
}

/// A classic check as we create it: the customer hands everything in on Onfido's form.
#[derive(Serialize)]
pub(super) struct NewCheck<'a> {
    /// The placeholder.
    pub(super) applicant_id: &'a str,
    /// Which reports.
    pub(super) report_names: &'a [String],
    /// Always true: there is a form.
    pub(super) applicant_provides_data: bool,
    /// Always true: the placeholder has no address, and the link goes through the bank.
    pub(super) suppress_form_emails: bool,
    /// Where the browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect_uri: Option<&'a str>,
    /// Our reference.
    pub(super) tags: [&'a str; 1],
}
