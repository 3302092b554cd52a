//! The names of a session: ours for the provider, and the provider's for us.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that does not fit the alphabet that all providers, paths and consoles take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {0} letters, digits, '-' or '_'")]
pub struct ReferenceRefused(usize);

/// What we call a session towards a provider: an opaque token.
///
/// Its alphabet is the common ground of Veriff's `vendorData`, Onfido's tags and names, and Jumio's `customerInternalReference`;
/// it leaves no room for an e-mail address or a name with a space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionReference(String);

impl SessionReference {
    /// The longest one: Jumio allows 100 characters and its client adds a time and a code of its own.
    pub const MAX: usize = 64;

    /// Takes a token.
    pub fn parse(token: impl Into<String>) -> Result<Self, ReferenceRefused> {
        checked(token.into(), Self::MAX).map(Self)
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SessionReference {
    type Error = ReferenceRefused;

    fn try_from(token: String) -> Result<Self, Self::Error> {
        Self::parse(token)
    }
}

impl From<SessionReference> for String {
    fn from(reference: SessionReference) -> Self {
        reference.0
    }
}

/// What a provider calls a session: the id under which its webhooks come, and whatever else its calls need (Jumio: the account
/// of a workflow execution; Onfido: the applicant of a workflow run).
///
/// Ids go into the paths of our calls, so they are checked when taken: a provider's answer cannot lead a call elsewhere.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct ProviderRef {
    id: String,
    extra: BTreeMap<String, String>,
}

impl ProviderRef {
    /// The longest id.
    pub const MAX: usize = 128;

    /// Takes an id.
    pub fn parse(id: impl Into<String>) -> Result<Self, ReferenceRefused> {
        Ok(Self { id: checked(id.into(), Self::MAX)?, extra: BTreeMap::new() })
    }

    /// Adds another id under a name that the provider's client chose.
    pub fn with(mut self, name: &'static str, id: impl Into<String>) -> Result<Self, ReferenceRefused> {
        self.extra.insert(name.to_owned(), checked(id.into(), Self::MAX)?);
        Ok(self)
    }

    /// The id under which webhooks come; look sessions up by this alone.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// One of the other ids.
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extra.get(name).map(String::as_str)
    }
}

impl fmt::Debug for ProviderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderRef({})", self.id)
    }
}

#[derive(Serialize, Deserialize)]
struct Parts {
    id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    extra: BTreeMap<String, String>,
}

impl TryFrom<Parts> for ProviderRef {
    type Error = ReferenceRefused;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let extra =
            parts.extra.into_iter().map(|(name, id)| Ok((name, checked(id, Self::MAX)?))).collect::<Result<_, _>>()?;
        Ok(Self { id: checked(parts.id, Self::MAX)?, extra })
    }
}

impl From<ProviderRef> for Parts {
    fn from(reference: ProviderRef) -> Self {
        Self { id: reference.id, extra: reference.extra }
    }
}

fn checked(token: String, max: usize) -> Result<String, ReferenceRefused> {
    let is_fine =
        (1..=max).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_fine { Ok(token) } else { Err(ReferenceRefused(max)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_cannot_carry_an_address_a_name_or_a_path() {
        for bad in ["", "mara@example.org", "Mara Kask", "../..", "a/b", "a%2fb", "ä", "a.b", &"x".repeat(65)] {
            assert!(SessionReference::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(SessionReference::parse("vks_7Qm2Zr-1").unwrap().as_str(), "vks_7Qm2Zr-1");
    }

    #[test]
    fn a_stored_reference_comes_back_whole_and_is_checked_again() {
        let reference = ProviderRef::parse("run-1").unwrap().with("applicant", "app-1").unwrap();
        let json = serde_json::to_string(&reference).unwrap();
        assert_eq!(json, r#"{"id":"run-1","extra":{"applicant":"app-1"}}"#);
        assert_eq!(serde_json::from_str::<ProviderRef>(&json).unwrap(), reference);
        assert!(serde_json::from_str::<ProviderRef>(r#"{"id":"../x"}"#).is_err());
        assert!(serde_json::from_str::<ProviderRef>(r#"{"id":"a","extra":{"b":"/"}}"#).is_err());
    }
}
