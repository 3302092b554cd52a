//! What Veriff read from the document, as personal data from here on.

use time::Date;
use time::macros::format_description;
use zeroize::Zeroizing;

use super::payload::{Address, Document, Person, Verification};
use crate::pii::Pii;
use crate::providers::lenient::Scalar;
use crate::providers::{DocumentType, Extracted};

/// Reads what agents compare.
pub(super) fn read(verification: &Verification) -> Extracted {
    let mut extracted = Extracted::default();
    if let Some(person) = &verification.person.0 {
        read_person(person, &mut extracted);
    }
    if let Some(document) = &verification.document.0 {
        read_document(document, &mut extracted);
    }
    extracted
}

fn read_person(person: &Person, extracted: &mut Extracted) {
    extracted.full_name = joined(" ", &[&person.first_name, &person.last_name]).map(|name| Pii::new(name.as_str()));
    extracted.birth_date = person.date_of_birth.text().map(Pii::new);
    extracted.address = person.addresses.0.as_ref().and_then(address).map(|address| Pii::new(address.as_str()));
}

fn read_document(document: &Document, extracted: &mut Extracted) {
    extracted.document_number = document.number.text().map(Pii::new);
    extracted.document_type = document.kind.text().map(document_type);
    extracted.country = document.country.text().and_then(country);
    extracted.valid_until = document.valid_until.text().and_then(date);
}

fn address(address: &Address) -> Option<Zeroizing<String>> {
    if let Some(line) = address.full_address.text() {
        return Some(Zeroizing::new(line.to_owned()));
    }
    let parts = address.parsed_address.0.as_ref()?;
    let street = joined(" ", &[&parts.street, &parts.house_number]);
    let town = joined(" ", &[&parts.postcode, &parts.city]);
    let lines = [street.as_ref().map(|s| s.as_str()), town.as_ref().map(|s| s.as_str()), parts.country.text()];
    let lines: Vec<&str> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| Zeroizing::new(lines.join(", ")))
}

fn joined(separator: &str, parts: &[&Scalar]) -> Option<Zeroizing<String>> {
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.text()).collect();
    (!parts.is_empty()).then(|| Zeroizing::new(parts.join(separator)))
}

fn document_type(kind: &str) -> DocumentType {
    match kind {
        "PASSPORT" => DocumentType::Passport,
        "ID_CARD" => DocumentType::IdCard,
        "RESIDENCE_PERMIT" => DocumentType::ResidencePermit,
        "DRIVERS_LICENSE" => DocumentType::DriversLicense,
        _ => DocumentType::Other,
    }
}

fn country(code: &str) -> Option<String> {
    let is_country = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_country.then(|| code.to_ascii_uppercase())
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
