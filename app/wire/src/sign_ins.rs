//! Sign-ins that live, for whoever looks after them.

use serde::{Deserialize, Serialize};

use crate::ids::{Micros, SignInId};
use crate::me::Role;
use crate::session::Colleague;

/// The family of a browser: enough to tell a sign-in from another, and nothing that a person could be told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// Google Chrome, and what says it is.
    Chrome,
    /// Microsoft Edge.
    Edge,
    /// Mozilla Firefox.
    Firefox,
    /// Apple Safari.
    Safari,
    /// Another one, or nobody knows.
    #[default]
    #[serde(other)]
    Other,
}

impl Browser {
    /// The code, as on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Edge => "edge",
            Self::Firefox => "firefox",
            Self::Safari => "safari",
            Self::Other => "other",
        }
    }

    /// Reads the code; what is not known is another one.
    pub fn of_code(code: &str) -> Self {
        let known = [Self::Chrome, Self::Edge, Self::Firefox, Self::Safari];
        known.into_iter().find(|known| known.as_str() == code).unwrap_or_default()
    }
}

/// One sign-in that lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInSummary {
    /// Its id.
    pub id: SignInId,
    /// Who.
    pub person: Colleague,
    /// Her roles in it.
    pub roles: Vec<Role>,
    /// The configured identity provider by which she came.
    pub idp: String,
    /// In which browser.
    pub browser: Browser,
    /// Since when.
    pub created_at: Micros,
    /// Her last input.
    pub last_activity_at: Micros,
    /// Whether it is the one that asks.
    pub is_mine: bool,
}

/// The sign-ins that live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInList {
    /// Each of them, the most recently active first.
    pub items: Vec<SignInSummary>,
    /// Whether there are more than are listed.
    pub has_more: bool,
    /// The server's time.
    pub now: Micros,
}
