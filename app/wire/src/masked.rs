//! Values about a person as they may be shown: masked, or revealed for a few seconds.
//!
//! [`Masked`] cannot hold a clear value: making one and reading one both apply the mask of its kind, and the masks are idempotent,
//! so the invariant never depends on who wrote the JSON. What a mask does not understand it hides entirely.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What anything becomes that a mask does not understand.
pub const HIDDEN: &str = "••••••••";

mod sealed {
    pub trait Sealed {}
}

/// A kind of personal data, with its mask.
pub trait Kind: sealed::Sealed + Send + Sync + 'static {
    /// The field this kind belongs to.
    const FIELD: Field;

    /// The mask: idempotent, and [`HIDDEN`] for what it does not understand.
    fn mask(clear: &str) -> String;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $mask:path;)+) => {
        /// A field of what is known about a person.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $name,)+ }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code, as on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }

        $($(#[$doc])* #[derive(Debug)] pub enum $name {}

        impl sealed::Sealed for $name {}

        impl Kind for $name {
            const FIELD: Field = Field::$name;

            fn mask(clear: &str) -> String {
                $mask(clear).unwrap_or_else(|| HIDDEN.to_owned())
            }
        })+

        /// A masked value of any kind, so that a list of fields can be walked.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(tag = "field", content = "text", rename_all = "snake_case")]
        pub enum MaskedValue {
            $($(#[$doc])* $name(Masked<$name>),)+
        }

        impl MaskedValue {
            /// Masks a value of a field.
            pub fn of(field: Field, clear: &str) -> Self {
                match field { $(Field::$name => Self::$name(Masked::of(clear)),)+ }
            }

            /// Which field it is.
            pub const fn field(&self) -> Field {
                match self { $(Self::$name(_) => Field::$name,)+ }
            }

            /// The masked text.
            pub fn text(&self) -> &str {
                match self { $(Self::$name(masked) => masked.as_str(),)+ }
            }
        }

        $(impl From<Masked<$name>> for MaskedValue {
            fn from(masked: Masked<$name>) -> Self {
                Self::$name(masked)
            }
        })+
    };
}

kinds! {
    /// The full name.
    FullName = "full_name", full_name;
    /// The date of birth, `YYYY-MM-DD`.
    BirthDate = "birth_date", birth_date;
    /// The number of an identity document.
    DocumentNumber = "document_number", document_number;
    /// A postal address in four lines: street, postcode, city, country.
    Address = "address", address;
    /// An e-mail address.
    Email = "email", email;
    /// A telephone number.
    Phone = "phone", phone;
    /// An IP address: hidden entirely.
    IpAddress = "ip_address", hidden;
    /// A payment card number: at most BIN and last four are shown (PCI DSS 4.0.1, 3.4.1).
    CardNumber = "card_number", card_number;
}

/// A value that is safe to show, store and log.
///
/// Clear text cannot get in:
///
/// ```
/// use kyc_wire::masked::{DocumentNumber, Masked};
///
/// let number = Masked::<DocumentNumber>::of("C01X0006H");
/// assert_eq!(number.as_str(), "•••••06H");
/// ```
///
/// ```compile_fail
/// use kyc_wire::masked::{DocumentNumber, Masked};
///
/// let number: Masked<DocumentNumber> = Masked { text: "C01X0006H".to_owned(), kind: Default::default() };
/// ```
pub struct Masked<K> {
    text: String,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Masked<K> {
    /// Masks a value.
    pub fn of(clear: &str) -> Self {
        Self { text: K::mask(clear), kind: PhantomData }
    }

    /// The masked text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K> Clone for Masked<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Masked<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Masked<K> {}

impl<K> Hash for Masked<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> fmt::Debug for Masked<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Display for Masked<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> Serialize for Masked<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Masked<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

/// As the description of the API shows a masked value.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(as = MaskedValue)]
#[expect(dead_code, reason = "only its schema is used")]
struct MaskedValueSchema {
    /// Which field it is.
    field: Field,
    /// The masked text.
    text: String,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for MaskedValue {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        MaskedValueSchema::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for MaskedValue {}

/// A clear value on its way to one person's eyes, for a few seconds. It cannot be cloned, and its `Debug` hides it.
///
/// ```compile_fail
/// fn twice(value: &kyc_wire::masked::RevealedValue) -> kyc_wire::masked::RevealedValue {
///     value.clone()
/// }
/// ```
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevealedValue {
    field: Field,
    text: String,
    seconds: u32,
}

impl RevealedValue {
    /// Wraps a clear value that may be shown for `seconds`.
    pub const fn new(field: Field, text: String, seconds: u32) -> Self {
        Self { field, text, seconds }
    }

    /// Which field it is.
    pub const fn field(&self) -> Field {
        self.field
    }

    /// The clear text. Show it, and forget it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// For how many seconds it may be shown.
    pub const fn seconds(&self) -> u32 {
        self.seconds
    }
}

impl fmt::Debug for RevealedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevealedValue({})", self.field.as_str())
    }
}

/// How two values of one field differ, as far as that can be said without saying them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// A letter or two: spelling, transliteration, a digit read as a letter.
    Spelling,
    /// The year of a date.
    Year,
    /// Day or month of a date.
    DayOrMonth,
    /// Part of it: one of the names, or the street of an address in the same city.
    Part,
    /// All of it.
    Whole,
}

/// Whether claim and document agree on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "agreement")]
pub enum Agreement {
    /// They do, apart from case, accents, order and the like.
    Agrees,
    /// They do not.
    Differs {
        /// How.
        difference: Difference,
    },
    /// Only the claim has it.
    OnlyClaimed,
    /// Only the document has it.
    OnlyOnDocument,
}

fn hidden(_: &str) -> Option<String> {
    None
}

/// First letters of the first and the last name, each followed by three dots whatever its length.
fn full_name(text: &str) -> Option<String> {
    let initial = |word: &str| word.chars().next().filter(|c| c.is_alphabetic()).map(|c| format!("{c}•••"));
    let mut words = text.split_whitespace();
    let first = initial(words.next()?)?;
    match words.next_back() {
        Some(last) => Some(format!("{first} {}", initial(last)?)),
        None => Some(first),
    }
}

/// The year, of a real date only.
fn birth_date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let within = |part: &str, most: u8| digits(part, 2) && part.parse::<u8>().is_ok_and(|n| (1..=most).contains(&n));
    let is_date = within(month, 12) && within(day, 31);
    let is_masked = || month == "••" && day == "••";
    (parts.next().is_none() && digits(year, 4) && (is_masked() || is_date)).then(|| format!("{year}-••-••"))
}

/// The last three of at least six.
fn document_number(text: &str) -> Option<String> {
    if let Some(tail) = text.strip_prefix("•••••") {
        return (tail.len() == 3 && tail.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| text.to_owned());
    }
    let plain = |c: char| c.is_ascii_alphanumeric();
    if !text.chars().all(|c| plain(c) || " -/.".contains(c)) {
        return None;
    }
    let kept: Vec<char> = text.chars().filter(|c| plain(*c)).collect();
    (kept.len() >= 6).then(|| format!("•••••{}", kept[kept.len() - 3..].iter().collect::<String>()))
}

/// City and country of a four-line address.
fn address(text: &str) -> Option<String> {
    let place = |text: &str| !text.is_empty() && !text.contains(['\n', '•', ',']) && text.trim() == text;
    if let Some(rest) = text.strip_prefix("•••, ") {
        let (city, country) = rest.split_once(", ")?;
        return (place(city) && place(country)).then(|| text.to_owned());
    }
    let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
    let [_, _, city, country] = lines[..] else { return None };
    (place(city) && place(country)).then(|| format!("•••, {city}, {country}"))
}

/// The first letter, and the domain.
fn email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let first = local.chars().next().filter(|c| c.is_alphanumeric())?;
    let is_domain = domain.contains('.') && domain.chars().all(|c| c.is_alphanumeric() || ".-".contains(c));
    is_domain.then(|| format!("{first}•••@{domain}"))
}

/// The last two digits.
fn phone(text: &str) -> Option<String> {
    if let Some(tail) = text.strip_prefix("•••••") {
        return (tail.len() == 2 && tail.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned());
    }
    if !text.chars().all(|c| c.is_ascii_digit() || " +-/().".contains(c)) {
        return None;
    }
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 6).then(|| format!("•••••{}", digits[digits.len() - 2..].iter().collect::<String>()))
}

/// BIN and last four, of what passes the Luhn check.
fn card_number(text: &str) -> Option<String> {
    if text.chars().count() == 16 && text.chars().skip(6).take(6).all(|c| c == '•') {
        let ends = text.chars().take(6).chain(text.chars().skip(12));
        return ends.clone().all(|c| c.is_ascii_digit()).then(|| text.to_owned());
    }
    if !text.chars().all(|c| c.is_ascii_digit() || " -".contains(c)) {
        return None;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let is_card = (13..=19).contains(&digits.len()) && luhn(&digits);
    let show = |part: &[u32]| part.iter().map(u32::to_string).collect::<String>();
    is_card.then(|| format!("{}••••••{}", show(&digits[..6]), show(&digits[digits.len() - 4..])))
}

/// ISO/IEC 7812-1 annex B.
pub(crate) fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { doubled(*digit) })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_shows_what_it_may() {
        type Case = (fn(&str) -> String, &'static str, &'static str);
        let masks: [Case; 16] = [
            (FullName::mask, "Mara Keller", "M••• K•••"),
            (FullName::mask, "Ana María de la Cruz", "A••• C•••"),
            (FullName::mask, "Sukarno", "S•••"),
            (FullName::mask, "4711", HIDDEN),
            (BirthDate::mask, "1979-04-30", "1979-••-••"),
            (BirthDate::mask, "30.04.1979", HIDDEN),
            (BirthDate::mask, "1979-13-01", HIDDEN),
            (DocumentNumber::mask, "C01X 0006H", "•••••06H"),
            (DocumentNumber::mask, "12345", HIDDEN),
            (Address::mask, "Lindenweg 4\n20095\nHamburg\nDE", "•••, Hamburg, DE"),
            (Address::mask, "Lindenweg 4, 20095 Hamburg", HIDDEN),
            (Email::mask, "mara@example.org", "m•••@example.org"),
            (Phone::mask, "+49 (40) 123 45-67", "•••••67"),
            (IpAddress::mask, "192.0.2.7", HIDDEN),
            (CardNumber::mask, "4111 1111 1111 1111", "411111••••••1111"),
            (CardNumber::mask, "4111111111111112", HIDDEN),
        ];
        for (mask, clear, expected) in masks {
            assert_eq!(mask(clear), expected);
        }
    }

    #[test]
    fn reading_masks_once_more() {
        let json = r#"{"field":"document_number","text":"C01X0006H"}"#;
        let value: MaskedValue = serde_json::from_str(json).unwrap();
        assert_eq!(value.text(), "•••••06H");
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"field":"document_number","text":"•••••06H"}"#);
    }

    #[test]
    fn a_revealed_value_is_not_printed() {
        let value = RevealedValue::new(Field::FullName, "Mara Keller".to_owned(), 20);
        assert_eq!(format!("{value:?}"), "RevealedValue(full_name)");
    }

    fn clear() -> impl Strategy<Value = String> {
        prop_oneof![
            ".{0,40}",
            "[A-Za-z]{1,12}( [A-Za-z]{1,12}){0,3}",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}",
            "[A-Z0-9 -]{0,14}",
            "[A-Za-z0-9 ]{1,9}\n[0-9]{5}\n[A-Za-z]{1,9}\n[A-Z]{2}",
            "[a-z]{1,9}@[a-z]{1,9}\\.[a-z]{2,3}",
            "[+0-9 ()-]{0,18}",
            "•{0,8}[A-Z0-9,@ •]{0,12}",
        ]
    }

    fn shown(text: &str) -> usize {
        text.chars().filter(|c| *c != '•').count()
    }

    proptest! {
        #[test]
        fn masks_are_idempotent(text in clear()) {
            for mask in [FullName::mask, BirthDate::mask, DocumentNumber::mask, Address::mask, Email::mask, Phone::mask, IpAddress::mask, CardNumber::mask] {
                let once = mask(&text);
                prop_assert_eq!(mask(&once), once);
            }
        }

        #[test]
        fn masks_show_no_more_than_they_may(text in clear()) {
            prop_assert!(shown(&FullName::mask(&text)) <= 3);
            prop_assert!(shown(&BirthDate::mask(&text)) <= 6);
            prop_assert!(shown(&DocumentNumber::mask(&text)) <= 3);
            prop_assert!(shown(&Phone::mask(&text)) <= 2);
            prop_assert!(shown(&CardNumber::mask(&text)) <= 10);
            prop_assert_eq!(shown(&IpAddress::mask(&text)), 0);
        }
    }
}
