//! How a check ends, and the workflow details that tell about it.

use serde_json::{Value, json};

use super::execution::Execution;
use crate::identities::Identity;

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// PASSED, with what the document says.
    Clean,
    /// PASSED, with another birth year on the document than in the table.
    OtherBirthYear,
    /// REJECTED: the document is a picture on a screen and the face another.
    ScreenCopy,
    /// REJECTED: the photo on the document was changed.
    Tampered,
    /// REJECTED: the face is another.
    OtherFace,
    /// WARNING: the face was seen before, with another document.
    RepeatedFace,
    /// REJECTED: the picture of the document cannot be used.
    Blurred,
    /// REJECTED: the picture of the face cannot be used.
    DarkFace,
    /// `NOT_EXECUTED`: Jumio failed.
    Technical,
    /// The customer never came.
    TokenExpired,
    /// The customer came and did not finish.
    SessionExpired,
}

/// What one capability came to: verdict and label.
type Verdict = (&'static str, &'static str);

const OK: Verdict = ("PASSED", "OK");
const SKIPPED: Verdict = ("NOT_EXECUTED", "PRECONDITION_NOT_FULFILLED");

impl Outcome {
    /// Whether the customer has handed anything in.
    pub(super) const fn has_document(self) -> bool {
        !matches!(self, Self::TokenExpired | Self::SessionExpired)
    }

    /// `workflow.status` at the end.
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::SessionExpired => "SESSION_EXPIRED",
            _ => "PROCESSED",
        }
    }

    /// The decision as a whole: verdict, label and score.
    const fn whole(self) -> (&'static str, &'static str, f64) {
        match self {
            Self::Clean | Self::OtherBirthYear => ("PASSED", "PASSED", 12.0),
            Self::RepeatedFace => ("WARNING", "WARNING", 50.0),
            Self::Technical => ("NOT_EXECUTED", "TECHNICAL_ERROR", -1.0),
            Self::TokenExpired => ("NOT_EXECUTED", "TOKEN_EXPIRED", -1.0),
            Self::SessionExpired => ("NOT_EXECUTED", "SESSION_EXPIRED", -1.0),
            _ => ("REJECTED", "REJECTED", 100.0),
        }
    }

    /// `usability` of the document and of the face, `imageChecks`, `extraction`, `dataChecks`, `similarity`, `liveness`.
    const fn capabilities(self) -> [Verdict; 7] {
        const MATCH: Verdict = ("PASSED", "MATCH");
        const OTHER: Verdict = ("REJECTED", "NO_MATCH");
        const FAILED: Verdict = ("NOT_EXECUTED", "TECHNICAL_ERROR");
        match self {
            Self::ScreenCopy => [OK, OK, ("REJECTED", "DIGITAL_COPY"), SKIPPED, SKIPPED, OTHER, OK],
            Self::Tampered => [OK, OK, ("REJECTED", "MANIPULATED_DOCUMENT_PHOTO"), OK, OK, MATCH, OK],
            Self::OtherFace => [OK, OK, OK, OK, OK, OTHER, OK],
            Self::RepeatedFace => [OK, OK, ("WARNING", "REPEATED_FACE"), OK, OK, ("WARNING", "NOT_POSSIBLE"), OK],
            Self::Blurred => [("REJECTED", "BLURRED"), OK, SKIPPED, SKIPPED, SKIPPED, SKIPPED, OK],
            Self::DarkFace => [OK, ("REJECTED", "BAD_QUALITY"), OK, OK, OK, SKIPPED, SKIPPED],
            Self::Technical => [OK, OK, FAILED, FAILED, FAILED, FAILED, FAILED],
            _ => [OK, OK, OK, OK, OK, MATCH, OK],
        }
    }
}

/// The details of an execution that ended.
pub(super) fn of(execution: &Execution, person: &Identity, outcome: Outcome, host: &str) -> Value {
    let (verdict, label, score) = outcome.whole();
    let account = format!("{host}/api/v1/accounts/{}", execution.account);
    let mut details = json!({
        "workflow": {
            "id": execution.id, "status": outcome.status(), "definitionKey": execution.workflow_key.to_string(),
            "userReference": execution.user_reference, "customerInternalReference": execution.reference,
        },
        "account": { "id": execution.account },
        "createdAt": execution.created_at,
        "decision": { "type": verdict, "details": { "label": label }, "risk": { "score": score } },
        "steps": { "href": format!("{account}/workflow-executions/{}/steps", execution.id) },
    });
    if outcome.has_document() {
        details["completedAt"] = json!(execution.completed_at);
        details["credentials"] = credentials(&account);
        details["capabilities"] = capabilities(person, outcome, &account);
    }
    details
}

fn credentials(account: &str) -> Value {
    let part =
        |classifier: &str| json!({ "classifier": classifier, "href": format!("{account}/elsewhere/{classifier}") });
    json!([
        { "id": "c-1", "category": "ID", "parts": [part("FRONT"), part("BACK")] },
        { "id": "c-2", "category": "SELFIE", "parts": [part("FACE")] },
        { "id": "c-3", "category": "FACEMAP", "parts": [{ "classifier": "FACEMAP" }, part("LIVENESS_1")] },
    ])
}

fn capabilities(person: &Identity, outcome: Outcome, account: &str) -> Value {
    let credential = |id: &str, category: &str| json!([{ "id": id, "category": category }]);
    let item = |(verdict, label): Verdict, credentials: &Value| json!({ "credentials": credentials, "decision": { "type": verdict, "details": { "label": label } } });
    let (id, selfie) = (credential("c-1", "ID"), credential("c-2", "SELFIE"));
    let [document, face, images, extraction, data, similarity, liveness] = outcome.capabilities();
    let mut read = item(extraction, &id);
    read["data"] = if extraction == OK { extracted(person, outcome) } else { json!({}) };
    let mut compared = item(similarity, &selfie);
    compared["data"] = json!({ "similarity": similarity.1 });
    let mut alive = item(liveness, &selfie);
    alive["data"] = json!({ "type": "JUMIO_STANDARD", "predictedAge": 36, "ageConfidenceRange": "29-43" });
    alive["validFaceMapForAuthentication"] = json!(format!("{account}/credentials/c-3/parts/FACEMAP"));
    json!({
        "usability": [item(document, &id), item(face, &selfie)],
        "imageChecks": [item(images, &id)],
        "extraction": [read],
        "dataChecks": [item(data, &id)],
        "similarity": [compared],
        "liveness": [alive],
    })
}

fn extracted(person: &Identity, outcome: Outcome) -> Value {
    let other = person.with_other_birth_year();
    let person = if outcome == Outcome::OtherBirthYear { &other } else { person };
    let kind = match person.kind.as_str() {
        "DRIVERS_LICENSE" => "DRIVING_LICENSE",
        "RESIDENCE_PERMIT" => "ID_CARD",
        other => other,
    };
    let street = format!("{} {}", person.street, person.house_number).to_uppercase();
    let (city, country) = (person.city.to_uppercase(), three_letters(&person.country));
    json!({
        "type": kind, "issuingCountry": country, "firstName": person.first_name.to_uppercase(),
        "lastName": person.last_name.to_uppercase(), "dateOfBirth": person.birth_date, "gender": person.gender,
        "nationality": three_letters(&person.nationality), "issuingDate": person.valid_from, "expiryDate": person.valid_until,
        "documentNumber": person.number, "placeOfBirth": city,
        "address": {
            "line1": street, "city": city, "postalCode": person.postcode, "country": country,
            "formattedAddress": format!("{street} {} {city} {country}", person.postcode),
        },
    })
}

/// The countries of the invented people, in three letters.
fn three_letters(country: &str) -> &'static str {
    match country {
        "AT" => "AUT",
        "DE" => "DEU",
        "DK" => "DNK",
        "EE" => "EST",
        "ES" => "ESP",
        "FR" => "FRA",
        "GR" => "GRC",
        "HR" => "HRV",
        "IT" => "ITA",
        "NL" => "NLD",
        "PL" => "POL",
        "SE" => "SWE",
        _ => "UNO",
    }
}
