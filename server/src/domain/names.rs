//! Names that come from outside and end up in rows, logs and URLs: they must be opaque.

use serde::{Deserialize, Serialize};

/// Why a name is refused. The message never repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Empty, or longer than allowed.
    #[error("must have 1 to {0} characters")]
    Length(usize),
    /// A character that an opaque id has no need for.
    #[error("may hold letters, digits, dot, dash, underscore and colon only")]
    Character,
    /// It looks like an e-mail address.
    #[error("looks like an e-mail address; send an opaque id")]
    Email,
    /// It looks like a card number.
    #[error("looks like a card number; send an opaque id")]
    Card,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an opaque name, or says why it is not one.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                opaque(text, $max).map(Self)
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// The bank's opaque id of a customer.
    CustomerId, 64
}
name! {
    /// A Genesys conversation.
    ConversationId, 64
}
name! {
    /// A Genesys queue, by name or id.
    Queue, 64
}

/// A language: the primary subtag of a tag (RFC 5646 section 2.1), in lower case. English where nobody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl Language {
    /// Takes a tag in any of the shapes in which Genesys writes them (`de`, `de-DE`, `de_DE`, `en-us`).
    pub fn parse(tag: &str) -> Result<Self, BadName> {
        if !(1..=35).contains(&tag.len()) {
            return Err(BadName::Length(35));
        }
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let is_subtag = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_tag = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if is_subtag && is_tag { Ok(Self(primary.to_ascii_lowercase())) } else { Err(BadName::Character) }
    }

    /// The subtag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn opaque(text: &str, max: usize) -> Result<String, BadName> {
    if text.contains('@') {
        return Err(BadName::Email);
    }
    if text.is_empty() || text.len() > max {
        return Err(BadName::Length(max));
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(&b)) {
        return Err(BadName::Character);
    }
    if looks_like_card(text) {
        return Err(BadName::Card);
    }
    Ok(text.to_owned())
}

/// 13 to 19 digits, with or without dashes between, that pass the Luhn check (ISO/IEC 7812-1 annex B).
fn looks_like_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if text.chars().any(|c| !c.is_ascii_digit() && c != '-') || !(13..=19).contains(&digits.len()) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_something_about_a_person_is_refused() {
        assert_eq!(CustomerId::parse("mara@example.org"), Err(BadName::Email));
        assert_eq!(CustomerId::parse("4111 1111 1111 1111"), Err(BadName::Character));
        assert_eq!(CustomerId::parse("4111111111111111"), Err(BadName::Card));
        assert_eq!(CustomerId::parse("4111-1111-1111-1111"), Err(BadName::Card));
        assert_eq!(CustomerId::parse("Mara Keller"), Err(BadName::Character));
        assert_eq!(CustomerId::parse(""), Err(BadName::Length(64)));
        assert_eq!(CustomerId::parse(&"a".repeat(65)), Err(BadName::Length(64)));
    }

    #[test]
    fn a_language_comes_in_several_shapes_and_is_one() {
        for tag in ["de", "de-DE", "de_DE", "DE-at"] {
            assert_eq!(Language::parse(tag).unwrap().as_str(), "de", "{tag}");
        }
        for tag in ["", "d", "german", "{{gcLangTag}}", "de DE", "d1"] {
            assert!(Language::parse(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn an_opaque_id_is_taken_as_it_is() {
        assert!(CustomerId::parse("C-4F2A-0093").is_ok());
        assert!(CustomerId::parse("4111111111111112").is_ok(), "not a valid card number");
    }
}
