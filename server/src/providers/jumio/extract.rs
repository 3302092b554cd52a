//! What Jumio read from the document, as personal data from here on.

use kyc_wire::masked::Kind;
use time::Date;
use time::macros::format_description;
use zeroize::Zeroizing;

use super::payload::{Address, Data, Details};
use crate::pii::Pii;
use crate::providers::lenient::Scalar;
use crate::providers::{DocumentType, Extracted, country};

/// Reads what agents compare, from the first document.
pub(super) fn read(details: &Details) -> Extracted {
    let items = details.capabilities.0.iter().filter(|(name, _)| name == "extraction").flat_map(|(_, items)| &items.0);
    let mut read = items.filter_map(|item| item.0.as_ref()?.data.0.as_ref());
    read.next().map(from).unwrap_or_default()
}

fn from(data: &Data) -> Extracted {
    Extracted {
        full_name: joined(" ", &[&data.first_name, &data.last_name]).and_then(|name| pii(&name)),
        birth_date: text(&data.date_of_birth).and_then(pii),
        document_number: text(&data.document_number).and_then(pii),
        address: data.address.0.as_ref().and_then(address).and_then(|address| pii(&address)),
        document_type: text(&data.kind).map(document_type),
        country: text(&data.issuing_country).and_then(issuer),
        valid_until: text(&data.expiry_date).and_then(date),
    }
}

/// Jumio writes `N/A` where a document has no such name.
fn text(scalar: &Scalar) -> Option<&str> {
    scalar.text().filter(|text| !text.eq_ignore_ascii_case("N/A"))
}

/// What is not of the kind's shape is no value: comparing it would show a difference that is none.
fn pii<K: Kind>(text: &str) -> Option<Pii<K>> {
    Pii::parse(text).ok()
}

/// The four lines in which addresses are compared. One that Jumio could not take apart is not guessed at.
fn address(parts: &Address) -> Option<Zeroizing<String>> {
    let street = joined(" ", &[&parts.line1, &parts.line2])?;
    let country = country::two_letters(text(&parts.country)?)?;
    let lines = [street.as_str(), text(&parts.postal_code)?, text(&parts.city)?, country];
    Some(Zeroizing::new(lines.join("\n")))
}

fn joined(separator: &str, parts: &[&Scalar]) -> Option<Zeroizing<String>> {
    let parts: Vec<&str> = parts.iter().filter_map(|part| text(part)).collect();
    (!parts.is_empty()).then(|| Zeroizing::new(parts.join(separator)))
}

fn document_type(kind: &str) -> DocumentType {
    match kind {
        "PASSPORT" => DocumentType::Passport,
        "ID_CARD" => DocumentType::IdCard,
        "DRIVING_LICENSE" => DocumentType::DriversLicense,
        _ => DocumentType::Other,
    }
}

/// Two letters where the code is a country's; what else stands in passports (`UNO`) stays as it is.
fn issuer(code: &str) -> Option<String> {
    let is_code = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| country::two_letters(code).map_or_else(|| code.to_ascii_uppercase(), str::to_owned))
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
