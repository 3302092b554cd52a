//! How a check ends, and the reports that tell about it: outputs of a run's tasks, or the reports of a classic check.

use serde_json::{Map, Value, json};

use crate::identities::Identity;

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is clear.
    Clear,
    /// Clear, with another birth year on the document than in the table.
    OtherBirthYear,
    /// Declined: the document was photographed from a screen.
    Screen,
    /// Declined: the face is somebody else's.
    OtherFace,
    /// For a person: the picture of the document is blurred.
    Blurred,
    /// For a person: minor doubts.
    Doubts,
    /// The customer never finished. A classic check is withdrawn.
    Abandoned,
    /// Onfido failed. A classic check is withdrawn.
    Error,
}

impl Outcome {
    /// Status of a workflow run that ends like this.
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Clear | Self::OtherBirthYear => "approved",
            Self::Screen | Self::OtherFace => "declined",
            Self::Blurred | Self::Doubts => "review",
            Self::Abandoned => "abandoned",
            Self::Error => "error",
        }
    }

    /// Result of a classic check that ends like this; without one it was withdrawn.
    pub(super) const fn result(self) -> Option<&'static str> {
        match self {
            Self::Clear | Self::OtherBirthYear => Some("clear"),
            Self::Screen | Self::OtherFace | Self::Blurred | Self::Doubts => Some("consider"),
            Self::Abandoned | Self::Error => None,
        }
    }

    /// Whether the customer has shown anything.
    pub(super) const fn has_document(self) -> bool {
        !matches!(self, Self::Abandoned | Self::Error)
    }
}

/// The parts of a document report's breakdown and what each looks at.
const DOCUMENT: [(&str, &[&str]); 8] = [
    ("data_comparison", &["date_of_birth", "document_numbers"]),
    ("data_validation", &["document_expiration", "expiry_date", "mrz", "document_numbers", "date_of_birth", "gender"]),
    ("image_integrity", &["image_quality", "conclusive_document_quality", "supported_document", "colour_picture"]),
    (
        "visual_authenticity",
        &[
            "original_document_present",
            "digital_tampering",
            "picture_face_integrity",
            "fonts",
            "template",
            "security_features",
            "face_detection",
            "other",
        ],
    ),
    ("data_consistency", &["date_of_birth", "last_name", "document_numbers"]),
    ("compromised_document", &["document_database", "repeat_attempts"]),
    ("police_record", &[]),
    ("age_validation", &["minimum_accepted_age"]),
];

/// An objection: part, detail, its value, and named reasons.
type Objection = (&'static str, &'static str, &'static str, Value);

/// The document report, without what only a classic check's has.
pub(super) fn document(identity: &Identity, outcome: Outcome) -> Value {
    let (sub_result, objections): (&str, Vec<Objection>) = match outcome {
        Outcome::Screen => (
            "suspected",
            vec![(
                "visual_authenticity",
                "original_document_present",
                "consider",
                json!({ "photo_of_screen": "Document photographed from a screen" }),
            )],
        ),
        Outcome::Blurred => (
            "rejected",
            vec![("image_integrity", "image_quality", "unidentified", json!({ "blurred_photo": "Photo is blurred" }))],
        ),
        Outcome::Doubts => ("caution", vec![("visual_authenticity", "fonts", "consider", json!({}))]),
        _ => ("clear", Vec::new()),
    };
    let result = if objections.is_empty() { "clear" } else { "consider" };
    let shown = if outcome == Outcome::OtherBirthYear { identity.with_other_birth_year() } else { identity.clone() };
    json!({
        "status": "complete",
        "result": result,
        "sub_result": sub_result,
        "breakdown": breakdown(&DOCUMENT, &objections),
        "properties": properties(&shown),
    })
}

/// The report about the face.
pub(super) fn face(outcome: Outcome) -> Value {
    let parts: [(&str, &[&str]); 2] =
        [("image_integrity", &["face_detected", "source_integrity"]), ("visual_authenticity", &["spoofing_detection"])];
    let (result, score) = if outcome == Outcome::OtherFace { ("consider", 0.21) } else { ("clear", 0.93) };
    let mut breakdown = breakdown(&parts, &[]);
    breakdown["face_comparison"] = json!({ "result": result, "breakdown": { "face_match": { "result": result, "properties": { "score": score } } } });
    json!({ "status": "complete", "result": result, "breakdown": breakdown, "properties": { "score": score } })
}

fn breakdown(parts: &[(&str, &[&str])], objections: &[Objection]) -> Value {
    let mut whole = Map::new();
    for (part, details) in parts {
        let mut inner = Map::new();
        for detail in *details {
            let found = objections.iter().find(|(in_part, at, ..)| in_part == part && at == detail);
            let (result, properties) = found.map_or(("clear", json!({})), |found| (found.2, found.3.clone()));
            inner.insert((*detail).to_owned(), json!({ "result": result, "properties": properties }));
        }
        let is_clear = !objections.iter().any(|(in_part, ..)| in_part == part);
        let mut about = json!({ "result": if is_clear { "clear" } else { "consider" } });
        if !inner.is_empty() {
            about["breakdown"] = Value::Object(inner);
        }
        whole.insert((*part).to_owned(), about);
    }
    Value::Object(whole)
}

fn properties(identity: &Identity) -> Value {
    let Identity { street, house_number, postcode, city, country, .. } = identity;
    json!({
        "document_type": document_type(&identity.kind),
        "issuing_country": alpha3(country),
        "nationality": alpha3(&identity.nationality),
        "first_name": identity.first_name,
        "last_name": identity.last_name,
        "gender": if identity.gender == "F" { "Female" } else { "Male" },
        "date_of_birth": identity.birth_date,
        "date_of_expiry": identity.valid_until,
        "document_numbers": [{ "type": "document_number", "value": identity.number }],
        "mrz_line1": format!("P<{}{}<<{}", alpha3(country), identity.last_name.to_uppercase(), identity.first_name.to_uppercase()),
        "address_lines": {
            "street_address": format!("{street} {house_number}"), "postal_code": postcode, "city": city,
            "country_code": country,
        },
    })
}

fn document_type(kind: &str) -> &'static str {
    match kind {
        "PASSPORT" => "passport",
        "DRIVERS_LICENSE" => "driving_licence",
        "RESIDENCE_PERMIT" => "residence_permit",
        _ => "national_identity_card",
    }
}

/// ISO 3166-1 alpha-3 of the countries that occur in the table of customers.
fn alpha3(country: &str) -> &'static str {
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
        _ => "XXX",
    }
}
