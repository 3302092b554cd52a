//! Invented customers: what their document says, and what they told the bank. For some the two differ, on purpose.
//!
//! Nobody here exists: document numbers are mostly zeros, streets are named after the word for "example" or "test", mail
//! addresses are at example.com (RFC 2606).

use serde::Deserialize;
use serde_json::{Value, json};

/// How the application differs from the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Not at all.
    #[default]
    None,
    /// The application names a birth year three years earlier.
    BirthYear,
    /// The application writes the family name without accents, as many web forms do.
    NameSpelling,
    /// The application names another house in the same street.
    Street,
}

/// An invented customer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// Short name for the demo.
    pub key: String,
    /// Given names on the document.
    pub first_name: String,
    /// Family name on the document.
    pub last_name: String,
    /// `M` or `F`.
    pub gender: String,
    /// `YYYY-MM-DD` on the document.
    pub birth_date: String,
    /// ISO 3166-1 alpha-2.
    pub nationality: String,
    /// `PASSPORT`, `ID_CARD`, `DRIVERS_LICENSE` or `RESIDENCE_PERMIT`, as Veriff writes it.
    pub kind: String,
    /// Number of the document.
    pub number: String,
    /// First day of validity.
    pub valid_from: String,
    /// Last day of validity.
    pub valid_until: String,
    /// Street without the house number.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postal code.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Country of the document and of the address, ISO 3166-1 alpha-2.
    pub country: String,
    /// Mail address in the application.
    pub email: String,
    /// Phone number in the application.
    pub phone: String,
    /// How the application differs.
    #[serde(default)]
    pub difference: Difference,
}

impl Identity {
    /// What the customer told the bank: the body for `PUT /bank/v1/sessions/{id}/claims`.
    pub fn claims(&self) -> Value {
        let mut last_name = self.last_name.clone();
        let mut birth_date = self.birth_date.clone();
        let mut house_number = self.house_number.clone();
        match self.difference {
            Difference::None => {}
            Difference::BirthYear => birth_date = shift_year(&birth_date, -3),
            Difference::NameSpelling => last_name = without_accents(&last_name),
            Difference::Street => house_number.push_str(" bis"),
        }
        json!({
            "full_name": format!("{} {last_name}", self.first_name),
            "birth_date": birth_date,
            "document_number": self.number,
            "email": self.email,
            "phone": self.phone,
            "address": {
                "street": format!("{} {house_number}", self.street),
                "postcode": self.postcode,
                "city": self.city,
                "country": self.country,
            },
        })
    }

    /// The same person with another birth year on the document. Two years later, so that it never equals the application,
    /// which may be three years earlier.
    pub(crate) fn with_other_birth_year(&self) -> Self {
        Self { birth_date: shift_year(&self.birth_date, 2), ..self.clone() }
    }
}

/// The usual dozen.
#[expect(clippy::missing_panics_doc, reason = "the file is compiled in, and a test reads it")]
pub fn identities() -> Vec<Identity> {
    serde_json::from_str(include_str!("identities.json"))
        .expect("the file that is compiled in is right; a test reads it")
}

/// A date with its year moved. No one here is born on 29 February, so the result is a date as well.
fn shift_year(date: &str, by: i32) -> String {
    let (year, rest) = date.split_at(4);
    let year: i32 = year.parse().expect("dates begin with the year");
    format!("{:04}{rest}", year + by)
}

fn without_accents(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ę' => 'e',
            'ó' | 'ö' => 'o',
            'ł' => 'l',
            'ć' => 'c',
            'á' => 'a',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Difference, identities};

    #[test]
    fn a_dozen_people_with_distinct_documents_are_known() {
        let people = identities();
        let numbers: HashSet<&str> = people.iter().map(|person| person.number.as_str()).collect();
        let keys: HashSet<&str> = people.iter().map(|person| person.key.as_str()).collect();
        assert_eq!((people.len(), numbers.len(), keys.len()), (12, 12, 12));
    }

    #[test]
    fn an_application_differs_from_the_document_exactly_as_intended() {
        for person in identities() {
            let claims = person.claims();
            let differs = [
                (Difference::BirthYear, claims["birth_date"] != person.birth_date.as_str()),
                (
                    Difference::NameSpelling,
                    claims["full_name"] != format!("{} {}", person.first_name, person.last_name),
                ),
                (
                    Difference::Street,
                    claims["address"]["street"] != format!("{} {}", person.street, person.house_number),
                ),
            ];
            for (difference, is_different) in differs {
                assert_eq!(is_different, person.difference == difference, "{} {difference:?}", person.key);
            }
        }
    }

    #[test]
    fn another_birth_year_on_the_document_never_agrees_with_the_application() {
        for person in identities() {
            assert_ne!(person.claims()["birth_date"], person.with_other_birth_year().birth_date.as_str());
        }
    }
}
