//! What Onfido read from the document, as personal data from here on.

use kyc_wire::masked::Kind;
use time::Date;
use time::macros::format_description;
use zeroize::Zeroizing;

use super::payload::{AddressLines, Properties};
use crate::pii::Pii;
use crate::providers::country::two_letters;
use crate::providers::lenient::Scalar;
use crate::providers::{DocumentType, Extracted};

/// Reads what agents compare.
pub(super) fn read(properties: &Properties) -> Extracted {
    let number = properties.document_numbers.0.as_ref().and_then(|number| number.value.text());
    Extracted {
        full_name: joined(&[&properties.first_name, &properties.last_name]).and_then(|name| pii(&name)),
        birth_date: properties.date_of_birth.text().and_then(pii),
        document_number: number.and_then(pii),
        address: properties.address_lines.0.as_ref().and_then(address).and_then(|address| pii(&address)),
        document_type: properties.document_type.text().map(document_type),
        country: properties.issuing_country.text().and_then(country),
        valid_until: properties.date_of_expiry.text().and_then(date),
    }
}

/// What is not of the kind's shape is no value: comparing it would show a difference that is none.
fn pii<K: Kind>(text: &str) -> Option<Pii<K>> {
    Pii::parse(text).ok()
}

/// The four lines in which addresses are compared. One that Onfido did not take apart is not guessed at.
fn address(parts: &AddressLines) -> Option<Zeroizing<String>> {
    let code = parts.country_code.text().or_else(|| parts.country.text())?;
    let land = country(code).unwrap_or_else(|| code.to_owned());
    let lines = [parts.street_address.text()?, parts.postal_code.text()?, parts.city.text()?, &land];
    Some(Zeroizing::new(lines.join("\n")))
}

fn joined(parts: &[&Scalar]) -> Option<Zeroizing<String>> {
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.text()).collect();
    (!parts.is_empty()).then(|| Zeroizing::new(parts.join(" ")))
}

fn document_type(kind: &str) -> DocumentType {
    match kind {
        "passport" => DocumentType::Passport,
        "national_identity_card" => DocumentType::IdCard,
        "residence_permit" => DocumentType::ResidencePermit,
        "driving_licence" => DocumentType::DriversLicense,
        _ => DocumentType::Other,
    }
}

/// By two letters where it is a country's three.
fn country(code: &str) -> Option<String> {
    if let Some(two) = two_letters(code) {
        return Some(two.to_owned());
    }
    let is_country = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_country.then(|| code.to_ascii_uppercase())
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
