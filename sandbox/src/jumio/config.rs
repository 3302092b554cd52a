//! How the stand-in is set up.

use std::time::Duration;

use crate::Clock;
use crate::identities::{Identity, identities};

/// How the stand-in is set up.
#[derive(Clone, Debug)]
pub struct JumioConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What time it is.
    pub clock: Clock,
    /// How far Jumio's clock goes wrong.
    pub clock_skew: time::Duration,
    /// Id of the OAuth2 client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The workflow that the tenant has.
    pub workflow_key: u32,
    /// For how long a token counts.
    pub token_lifetime: Duration,
    /// How long the check takes after the customer has handed in her pictures at the page.
    pub decision_delay: Duration,
    /// How long to wait before each repetition of a callback that was not answered with 200.
    pub retry_delays: Vec<Duration>,
    /// Whether whoever posts the page's form may also say who the customer is: for the demo's script.
    pub allows_casting: bool,
    /// Who the customers are.
    pub identities: Vec<Identity>,
}

impl JumioConfig {
    /// One tenant on a free port that decides at once. How often Jumio repeats callbacks is not published; here it is once.
    pub fn new(clock: Clock, client_id: &str, client_secret: &str, workflow_key: u32) -> Self {
        Self {
            port: 0,
            clock,
            clock_skew: time::Duration::ZERO,
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            workflow_key,
            token_lifetime: Duration::from_hours(1),
            decision_delay: Duration::ZERO,
            retry_delays: vec![Duration::from_mins(1)],
            allows_casting: false,
            identities: identities(),
        }
    }

    /// Now, by Jumio's clock.
    pub(super) fn stamp(&self) -> String {
        let (clock, skew) = (self.clock.clone(), self.clock_skew);
        Clock::new(move || clock.now() + skew).stamp()
    }
}
