//! How a check ends, and the object that tells about it: the decision webhook and `GET …/decision` carry the same.

use serde_json::{Value, json};

use super::session::Session;
use crate::identities::Identity;

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 9001, with what the document says.
    Clean,
    /// 9001, with another birth year on the document than in the table.
    OtherBirthYear,
    /// 9102 with a reason code such as 102, suspected tampering.
    Declined(u16),
    /// 9103 with a reason code such as 204, poor image quality. The session stays open.
    Resubmission(u16),
    /// 9121: a specialist at Veriff looks at it.
    Review,
    /// 9104: the customer never began.
    Expired,
    /// 9104: the customer began and never finished.
    Abandoned,
}

impl Outcome {
    /// `status` and `code`.
    pub(super) const fn status(self) -> (&'static str, u16) {
        match self {
            Self::Clean | Self::OtherBirthYear => ("approved", 9001),
            Self::Declined(_) => ("declined", 9102),
            Self::Resubmission(_) => ("resubmission_requested", 9103),
            Self::Review => ("review", 9121),
            Self::Expired => ("expired", 9104),
            Self::Abandoned => ("abandoned", 9104),
        }
    }

    const fn reason_code(self) -> Option<u16> {
        match self {
            Self::Declined(code) | Self::Resubmission(code) => Some(code),
            _ => None,
        }
    }

    /// Whether the customer has shown anything.
    pub(super) const fn has_document(self) -> bool {
        !matches!(self, Self::Expired | Self::Abandoned)
    }
}

/// Veriff's sentence for a reason code; codes without one here get a neutral sentence, as new ones would.
const fn reason(code: u16) -> &'static str {
    match code {
        101 => "Physical document not used",
        102 => "Suspected document tampering",
        103 => "Person showing the document does not appear to match document photo",
        105 => "Suspicious behaviour",
        106 => "Known fraud",
        201 => "Video and/or photos missing",
        202 => "Face not clearly visible",
        203 => "Full document not visible",
        204 => "Poor image quality",
        205 => "Document damaged",
        206 => "Document type not supported",
        207 | 511 => "Document expired",
        539 => "Resubmission limit exceeded",
        _ => "Other",
    }
}

/// The body of the decision webhook for a decided session.
pub(super) fn body(session: &Session, identity: &Identity, outcome: Outcome, decided_at: &str) -> Value {
    let (status, code) = outcome.status();
    let shown = match outcome {
        Outcome::OtherBirthYear => identity.with_other_birth_year(),
        _ => identity.clone(),
    };
    let reason_code = outcome.reason_code();
    json!({
        "status": "success",
        "verification": {
            "id": session.id,
            "attemptId": session.attempt_id,
            "code": code,
            "status": status,
            "reason": reason_code.map(reason),
            "reasonCode": reason_code.map(|code| code.to_string()),
            "vendorData": session.vendor_data,
            "endUserId": session.end_user_id,
            "acceptanceTime": session.accepted_at,
            "decisionTime": decided_at,
            "comments": [],
            "person": outcome.has_document().then(|| person(&shown)),
            "document": outcome.has_document().then(|| document(&shown)),
            "additionalVerifiedData": {},
            "riskLabels": risk_labels(outcome),
        },
        "technicalData": { "ip": "203.0.113.24" },
    })
}

fn person(identity: &Identity) -> Value {
    let Identity { street, house_number, postcode, city, country, .. } = identity;
    json!({
        "firstName": identity.first_name.to_uppercase(),
        "lastName": identity.last_name.to_uppercase(),
        "dateOfBirth": identity.birth_date,
        "yearOfBirth": &identity.birth_date[..4],
        "gender": identity.gender,
        "idNumber": null,
        "nationality": identity.nationality,
        "citizenship": null,
        "placeOfBirth": null,
        "pepSanctionMatch": null,
        "addresses": [{
            "fullAddress": format!("{street} {house_number}, {postcode} {city}"),
            "parsedAddress": {
                "city": city, "unit": null, "state": null, "street": street, "country": country, "postcode": postcode,
                "houseNumber": house_number,
            },
        }],
    })
}

fn document(identity: &Identity) -> Value {
    json!({
        "type": identity.kind,
        "number": identity.number,
        "country": identity.country,
        "state": null,
        "validFrom": identity.valid_from,
        "validUntil": identity.valid_until,
        "placeOfIssue": null,
        "firstIssue": null,
        "issueNumber": null,
        "issuedBy": null,
    })
}

fn risk_labels(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Declined(102 | 106) => json!([{
            "label": "document_integration_level_crosslinked_with_fraud",
            "category": "document",
            "sessionIds": ["5a000000-0000-4000-8000-000000000001"],
        }]),
        _ => json!([]),
    }
}
