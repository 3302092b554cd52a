//! How the stand-in is set up.

use std::time::Duration;

use crate::Clock;
use crate::identities::{Identity, identities};

/// How the stand-in is set up.
#[derive(Clone, Debug)]
pub struct OnfidoConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What time it is.
    pub clock: Clock,
    /// By how many seconds Onfido's own clock is ahead of everybody else's.
    pub clock_skew_seconds: i64,
    /// The account's API token.
    pub api_token: String,
    /// An OAuth2 client of the account: id and secret.
    pub oauth_client: (String, String),
    /// The token of the registered webhook, by which it is signed.
    pub webhook_token: String,
    /// Where webhooks go; without it none are sent.
    pub webhook_url: Option<String>,
    /// The actions that the webhook is registered for; all of them when empty.
    pub events: Vec<String>,
    /// The one workflow of the account's Studio.
    pub workflow_id: String,
    /// How long the check takes after the customer has submitted at the page.
    pub decision_delay: Duration,
    /// How long to wait before each repetition of a webhook that was not answered with 20x.
    pub retry_delays: Vec<Duration>,
    /// Whether whoever posts the page's form may also say who the customer is: for the demo's script.
    pub allows_casting: bool,
    /// Who the customers are.
    pub identities: Vec<Identity>,
}

impl OnfidoConfig {
    /// One account on a free port that decides at once and repeats webhooks five times, as far as is known of Onfido.
    pub fn new(clock: Clock, api_token: &str, webhook_token: &str) -> Self {
        Self {
            port: 0,
            clock,
            clock_skew_seconds: 0,
            api_token: api_token.to_owned(),
            oauth_client: ("onfido-client".to_owned(), "onfido-client-secret".to_owned()),
            webhook_token: webhook_token.to_owned(),
            webhook_url: None,
            events: Vec::new(),
            workflow_id: "0f1d0000-0000-4000-8000-000000000001".to_owned(),
            decision_delay: Duration::ZERO,
            retry_delays: [30, 120, 900, 7200, 36_000].map(Duration::from_secs).to_vec(),
            allows_casting: false,
            identities: identities(),
        }
    }

    /// Now by Onfido's clock, as it writes it: UTC in whole seconds.
    pub(super) fn stamp(&self) -> String {
        use time::macros::format_description;
        let now = self.clock.now() + time::Duration::seconds(self.clock_skew_seconds);
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        now.format(format).expect("every date has these parts")
    }
}
