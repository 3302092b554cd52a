//! How the provider is set up.

use super::{Person, people};
use crate::Clock;

/// What `Cross-Origin-Opener-Policy` the pages carry. Real providers differ, and it decides whether a popup keeps its opener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenerPolicy {
    /// No header: the opener stays.
    #[default]
    Unset,
    /// `same-origin`: the opener is gone for good.
    SameOrigin,
    /// `same-origin-allow-popups`.
    SameOriginAllowPopups,
}

impl OpenerPolicy {
    /// The header's value, if it is sent.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Unset => None,
            Self::SameOrigin => Some("same-origin"),
            Self::SameOriginAllowPopups => Some("same-origin-allow-popups"),
        }
    }
}

/// How the provider is set up.
#[derive(Clone, Debug)]
pub struct IdpConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// The address by which others reach it, if something stands in front of it.
    pub address: Option<String>,
    /// What the issuer ends with behind the address: nothing, or a slash as some providers have it.
    pub issuer_ending: String,
    /// What time it is.
    pub clock: Clock,
    /// The one client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The public half of its key, for `private_key_jwt`.
    pub client_key: Option<p256::ecdsa::VerifyingKey>,
    /// The id of that key.
    pub client_key_id: String,
    /// Where it may be answered, compared character by character.
    pub redirect_uris: Vec<String>,
    /// Where a person may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens go.
    pub backchannel_logout_uri: Option<String>,
    /// Whether `auto=mira` signs Mira in without a page. For tests only.
    pub allows_auto: bool,
    /// The pages' opener policy.
    pub opener_policy: OpenerPolicy,
    /// Who can sign in.
    pub people: Vec<Person>,
}

impl IdpConfig {
    /// A provider for one client with the usual people, on a free port, without `auto`.
    pub fn new(clock: Clock, client_id: &str, client_secret: &str) -> Self {
        Self {
            port: 0,
            address: None,
            issuer_ending: String::new(),
            clock,
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            client_key: None,
            client_key_id: String::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            allows_auto: false,
            opener_policy: OpenerPolicy::Unset,
            people: people(),
        }
    }
}
