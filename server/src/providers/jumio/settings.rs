//! What a Jumio integration is configured with.

use secrecy::SecretString;
use url::Url;

use super::Source;
use crate::live::Live;
use crate::providers::{ConsoleLink, Keys};

/// What a Jumio integration is configured with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the integration in the configuration.
    pub name: String,
    /// Where Jumio is.
    pub hosts: Hosts,
    /// Names the bank and this program, as Jumio demands of every call: `Example Bank KYC-Desk/0.1.0`.
    pub user_agent: String,
    /// Key of the workflow, from Jumio's portal.
    pub workflow_key: u32,
    /// For how long the customer's link works, in minutes.
    pub link_minutes: u32,
    /// Where callbacks come from.
    pub sources: Vec<Source>,
    /// What the two sides know each other by.
    pub credentials: Live<Credentials>,
    /// Where staff find a session in Jumio's portal, if the portal has such addresses.
    pub console: Option<ConsoleLink>,
}

/// The hosts of a data centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// Gives tokens.
    pub auth: Url,
    /// Takes starts.
    pub account: Url,
    /// Gives results, and deletes.
    pub retrieval: Url,
    /// Says how Jumio is.
    pub status: Url,
}

/// Client and secrets of an integration: replaced together.
#[derive(Debug)]
pub struct Credentials {
    /// Id of the OAuth2 client, which is a name and no secret.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Our own keys, under which callbacks are known; the newest first.
    pub keys: Keys,
}
