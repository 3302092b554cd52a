//! Personal data on the server: a one-way valve.
//!
//! A value about a person is [`Pii`] from the moment it is parsed. It cannot be serialised, displayed, cloned, compared or bound to a
//! query. It can be masked, sealed, and compared for agreement without being seen. Clear text leaves by two doors only, and each wants
//! a proof that an audit entry was written first: [`Pii::reveal`] to one person's eyes, [`Pii::disclose`] to another system.
//!
//! No `Serialize`:
//!
//! ```compile_fail,E0277
//! use kyc_desk::pii::Pii;
//! use kyc_wire::masked::FullName;
//! fn send(name: &Pii<FullName>) -> String { serde_json::to_string(name).unwrap() }
//! ```
//!
//! No `Display`:
//!
//! ```compile_fail,E0277
//! use kyc_desk::pii::Pii;
//! use kyc_wire::masked::FullName;
//! fn show(name: &Pii<FullName>) -> String { format!("{name}") }
//! ```
//!
//! No comparing, which would be a way to guess it:
//!
//! ```compile_fail,E0369
//! use kyc_desk::pii::Pii;
//! use kyc_wire::masked::FullName;
//! fn guess(a: &Pii<FullName>, b: &Pii<FullName>) -> bool { a == b }
//! ```
//!
//! No copies:
//!
//! ```compile_fail,E0599
//! use kyc_desk::pii::Pii;
//! use kyc_wire::masked::FullName;
//! fn copy(name: &Pii<FullName>) -> Pii<FullName> { name.clone() }
//! ```
//!
//! No proof without an entry:
//!
//! ```compile_fail,E0451
//! use kyc_desk::pii::Grant;
//! use kyc_wire::ids::{Micros, SessionId};
//! fn forge(session: SessionId) -> Grant { Grant { session, fields: vec![], expires_at: Micros(i64::MAX) } }
//! ```

mod agreement;
mod grant;
mod picture;
pub mod scrub;
mod stream;
pub mod vault;

use std::fmt;
use std::marker::PhantomData;

use kyc_wire::masked::{Field, Kind, Masked};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

pub use grant::{Disclosure, Grant, GrantRefused};
pub use picture::Picture;

/// Longest value of any kind, in bytes.
const MAX_LEN: usize = 512;

/// Why a value was not accepted. It never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Empty or too long.
    #[error("must have 1 to {MAX_LEN} bytes")]
    Length,
    /// A control character.
    #[error("holds a control character")]
    Control,
    /// Not a calendar date.
    #[error("must be a date, YYYY-MM-DD")]
    Date,
    /// Not four lines.
    #[error("must name street, postcode, city and country")]
    Address,
}

/// A value about a person.
pub struct Pii<K> {
    clear: Zeroizing<String>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Pii<K> {
    /// Takes in a value. White space at the ends is dropped.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_LEN {
            return Err(Malformed::Length);
        }
        if text.chars().any(|c| c.is_control() && !(K::FIELD == Field::Address && c == '\n')) {
            return Err(Malformed::Control);
        }
        match K::FIELD {
            Field::BirthDate if !is_date(text) => return Err(Malformed::Date),
            Field::Address if text.split('\n').count() != 4 => return Err(Malformed::Address),
            _ => {}
        }
        Ok(Self { clear: Zeroizing::new(text.to_owned()), kind: PhantomData })
    }

    /// The value as it may be shown.
    pub fn mask(&self) -> Masked<K> {
        Masked::of(&self.clear)
    }

    /// The clear text, inside this module tree only.
    pub(in crate::pii) fn clear(&self) -> &str {
        &self.clear
    }
}

fn is_date(text: &str) -> bool {
    time::Date::parse(text, time::macros::format_description!("[year]-[month]-[day]")).is_ok()
}

impl<K: Kind> fmt::Debug for Pii<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pii({})", K::FIELD.as_str())
    }
}

impl<'de, K: Kind> Deserialize<'de> for Pii<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use kyc_wire::masked::{Address, BirthDate, FullName};

    use super::*;

    #[test]
    fn debug_names_the_kind_only() {
        assert_eq!(format!("{:?}", Pii::<FullName>::parse("Mara Keller").unwrap()), "Pii(full_name)");
    }

    #[test]
    fn what_is_malformed_is_refused_without_being_repeated() {
        assert_eq!(Pii::<BirthDate>::parse("1979-02-30").unwrap_err(), Malformed::Date);
        assert_eq!(Pii::<FullName>::parse("Mara\u{7}").unwrap_err(), Malformed::Control);
        assert_eq!(Pii::<FullName>::parse("  ").unwrap_err(), Malformed::Length);
        assert_eq!(Pii::<Address>::parse("Lindenweg 4, Hamburg").unwrap_err(), Malformed::Address);
        let error = serde_json::from_str::<Pii<BirthDate>>("\"canary\"").unwrap_err();
        assert!(!error.to_string().contains("canary"));
    }
}
