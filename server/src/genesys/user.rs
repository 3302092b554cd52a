//! Who somebody is in the contact centre, as a hash: by it she is recognised, and her address is kept nowhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kyc_wire::ids::Micros;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::config::genesys::UserBy;

/// For how long a user's address is believed.
const KNOWN_SECONDS: i64 = 600;
/// More users than ever work at once.
const MOST: usize = 10_000;

/// The hash of a user's id or e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct UserHash([u8; 32]);

impl std::fmt::Debug for UserHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserHash")
    }
}

#[derive(Deserialize)]
struct User {
    id: String,
    email: Option<String>,
    state: Option<String>,
}

impl UserHash {
    /// Of an id or an address; upper and lower case are one, as in Genesys.
    pub fn of(name: &str) -> Self {
        let name = name.trim().to_lowercase();
        Self(Sha256::new().chain_update(b"kyc-desk/genesys-user\x01").chain_update(name).finalize().into())
    }

    /// As it was kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it is kept.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From what an identity provider vouches for: the first of the claims `names` that it gives, if it gives one value. An address that it
    /// says is not verified is nobody's.
    pub fn claimed(claims: &Value, (names, by): (&[String], UserBy)) -> Option<Self> {
        let found = names.iter().find_map(|name| match claims.get(name)? {
            Value::String(text) => Some((name, text.as_str())),
            Value::Array(values) => match values.as_slice() {
                [Value::String(text)] => Some((name, text.as_str())),
                _ => None,
            },
            _ => None,
        });
        let (name, value) = found.filter(|(_, value)| !value.trim().is_empty())?;
        let is_unverified = matches!(claims.get("email_verified"), Some(Value::Bool(false)));
        let is_string_unverified = claims.get("email_verified").and_then(Value::as_str) == Some("false");
        let is_refused = by == UserBy::Email && name == "email" && (is_unverified || is_string_unverified);
        (!is_refused).then(|| Self::of(value))
    }

    /// From the description of the user with this id. A user who is not active is nobody.
    pub(super) fn read(body: &[u8], id: &str) -> Result<Option<Self>, &'static str> {
        let user: User = serde_json::from_slice(body).map_err(|_| "the user")?;
        if user.id != id {
            return Err("the user's id");
        }
        let is_active = user.state.is_none_or(|state| state.eq_ignore_ascii_case("active"));
        Ok(user.email.filter(|email| is_active && !email.trim().is_empty()).map(|email| Self::of(&email)))
    }
}

/// Users that were asked for lately.
#[derive(Default)]
pub(super) struct Users(Mutex<HashMap<String, (Micros, UserHash)>>);

impl Users {
    pub(super) fn find(&self, id: &str, now: Micros) -> Option<UserHash> {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, hash) = users.get(id)?;
        (0..KNOWN_SECONDS).contains(&now.seconds_since(*at)).then(|| hash.clone())
    }

    pub(super) fn keep(&self, id: &str, hash: UserHash, now: Micros) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= MOST {
            users.clear();
        }
        users.insert(id.to_owned(), (now, hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spaces_make_nobody_another() {
        assert_eq!(UserHash::of("Mira@Bank.example "), UserHash::of("mira@bank.example"));
        assert_ne!(UserHash::of("mira@bank.example"), UserHash::of("mira@bank.example.evil.example"));
        assert!(!format!("{:?}", UserHash::of("mira@bank.example")).contains("mira"));
    }

    #[test]
    fn an_identity_provider_says_who_somebody_is_or_it_does_not() {
        use serde_json::json;
        let names = ["email".to_owned(), "urn:mail".to_owned()];
        let claimed = |claims: Value| UserHash::claimed(&claims, (&names, UserBy::Email));
        let mira = Some(UserHash::of("mira@bank.example"));
        assert_eq!(claimed(json!({ "email": "Mira@bank.example" })), mira);
        assert_eq!(claimed(json!({ "email": "mira@bank.example", "email_verified": true })), mira);
        assert_eq!(claimed(json!({ "urn:mail": ["mira@bank.example"] })), mira);
        for nobody in [
            json!({}),
            json!({ "email": "" }),
            json!({ "email": 7 }),
            json!({ "email": "mira@bank.example", "email_verified": false }),
            json!({ "email": "mira@bank.example", "email_verified": "false" }),
            json!({ "urn:mail": ["mira@bank.example", "jo@bank.example"] }),
            json!({ "preferred_username": "mira@bank.example" }),
        ] {
            assert_eq!(claimed(nobody.clone()), None, "{nobody}");
        }
    }

    #[test]
    fn a_users_address_is_believed_for_ten_minutes() {
        let (users, at) = (Users::default(), |seconds: i64| Micros(0).plus_seconds(1_000 + seconds));
        users.keep("u1", UserHash::of("mira@bank.example"), at(0));
        assert!(users.find("u1", at(599)).is_some());
        for (id, seconds) in [("u1", 600), ("u1", -1), ("u2", 0)] {
            assert!(users.find(id, at(seconds)).is_none(), "{id} after {seconds}");
        }
    }

    #[test]
    fn only_an_active_user_with_an_address_is_somebody() {
        let read = |body: &str| UserHash::read(body.as_bytes(), "u1");
        let mira = UserHash::of("mira@bank.example");
        assert_eq!(read(r#"{"id":"u1","email":"Mira@bank.example","state":"active"}"#), Ok(Some(mira)));
        assert_eq!(read(r#"{"id":"u1","email":"mira@bank.example","state":"deleted"}"#), Ok(None));
        assert_eq!(read(r#"{"id":"u1","email":" "}"#), Ok(None));
        assert!(read(r#"{"id":"u2","email":"mira@bank.example"}"#).is_err(), "another user than was asked for");
        assert!(read("<html>").is_err());
    }
}
