//! How the stand-in is set up.

use std::time::Duration;

use crate::Clock;
use crate::identities::{Identity, identities};

/// How the stand-in is set up.
#[derive(Clone, Debug)]
pub struct VeriffConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What time it is.
    pub clock: Clock,
    /// The integration's API key.
    pub api_key: String,
    /// The integration's shared secret.
    pub shared_secret: String,
    /// The integration's id, sent as `vrf-integration-id`.
    pub integration_id: String,
    /// Where event webhooks go; without it none are sent.
    pub event_url: Option<String>,
    /// Where decision webhooks go; without it none are sent.
    pub decision_url: Option<String>,
    /// How long the check takes after the customer has submitted at the page.
    pub decision_delay: Duration,
    /// How long to wait before each repetition of a webhook that was not answered with 200.
    pub retry_delays: Vec<Duration>,
    /// Whether sessions may be deleted; Veriff has this off by default.
    pub allows_delete: bool,
    /// Whether whoever posts the page's form may also say who the customer is: for the demo's script.
    pub allows_casting: bool,
    /// Who the customers are.
    pub identities: Vec<Identity>,
}

impl VeriffConfig {
    /// One integration on a free port that decides at once and, as Veriff does, repeats webhooks hourly for a week.
    pub fn new(clock: Clock, api_key: &str, shared_secret: &str) -> Self {
        Self {
            port: 0,
            clock,
            api_key: api_key.to_owned(),
            shared_secret: shared_secret.to_owned(),
            integration_id: "5a4d0b0c-0000-4000-8000-000000000001".to_owned(),
            event_url: None,
            decision_url: None,
            decision_delay: Duration::ZERO,
            retry_delays: vec![Duration::from_hours(1); 7 * 24],
            allows_delete: true,
            allows_casting: false,
            identities: identities(),
        }
    }
}
