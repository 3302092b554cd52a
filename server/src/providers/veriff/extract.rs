//! What Veriff read from the document, as personal data from here on.

use kyc_wire::masked::Kind;
use time::Date;
use time::macros::format_description;
use zeroize::Zeroizing;

use super::payload::{Document, ParsedAddress, Person, Verification};
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
    extracted.full_name = joined(" ", &[&person.first_name, &person.last_name]).and_then(|name| pii(&name));
    extracted.birth_date = person.date_of_birth.text().and_then(pii);
    let parts = person.addresses.0.as_ref().and_then(|address| address.parsed_address.0.as_ref());
    extracted.address = parts.and_then(address).and_then(|address| pii(&address));
}

fn read_document(document: &Document, extracted: &mut Extracted) {
    extracted.document_number = document.number.text().and_then(pii);
    extracted.document_type = document.kind.text().map(document_type);
    extracted.country = document.country.text().and_then(country);
    extracted.valid_until = document.valid_until.text().and_then(date);
}

/// What is not of the kind's shape is no value: comparing it would show a difference that is none.
fn pii<K: Kind>(text: &str) -> Option<Pii<K>> {
    Pii::parse(text).ok()
}

/// The four lines in which addresses are compared. One that Veriff could not take apart is not guessed at.
fn address(parts: &ParsedAddress) -> Option<Zeroizing<String>> {
    let street = joined(" ", &[&parts.street, &parts.house_number])?;
    let lines = [street.as_str(), parts.postcode.text()?, parts.city.text()?, parts.country.text()?];
    Some(Zeroizing::new(lines.join("\n")))
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
