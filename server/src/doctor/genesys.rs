//! The contact centre: whether it answers and knows our client, and whether what is configured around it fits.

use std::sync::Arc;

use super::{Finding, limited};
use crate::clock::{Clock, FixedClock};
use crate::config::Config;
use crate::config::auth::Configured;
use crate::config::genesys::{Genesys as Settings, UserBy};
use crate::genesys::{Genesys, GenesysError};
use crate::providers::{ProviderError, Transport};

const SUBJECT: &str = "Genesys";

pub(super) async fn examine(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    let Some(settings) = &config.genesys else { return Vec::new() };
    let mut found = vec![limited(SUBJECT, answers(settings, clock)).await];
    found.extend(framed(config, settings));
    found.extend(addresses(config, settings));
    found
}

async fn answers(settings: &Settings, clock: &dyn Clock) -> Finding {
    let Ok(transport) = Transport::new(reqwest::Client::builder()) else {
        return Finding::bad(SUBJECT, "no HTTP client can be made", "look at the machine's roots of trust");
    };
    let clock = Arc::new(FixedClock::at(clock.now()));
    match Genesys::new(settings.clone(), transport, clock).health().await {
        Ok(()) => Finding::good(SUBJECT, "answers, and knows our client (no conversation was looked at)"),
        Err(error) => {
            let advice = match &error {
                GenesysError::Call(ProviderError::Refused { .. }) => {
                    "compare genesys.client_id and client_secret with the OAuth client in Genesys (grant: client credentials)"
                }
                GenesysError::Call(ProviderError::NotSent(_) | ProviderError::NoAnswer(_)) => {
                    "open the way to the login and api hosts of genesys.region (firewall, proxy, name, certificate)"
                }
                _ => "Genesys has trouble, or genesys.region is not that of your organisation",
            };
            let found = match &error {
                GenesysError::Call(cause) => format!("does not answer as it should: {}", cause.as_str()),
                GenesysError::Wait(_) => "was asked too often".to_owned(),
            };
            Finding::bad(SUBJECT, found, advice)
        }
    }
}

/// What frames the widget is the region's own page, unless a CRM does.
fn framed(config: &Config, settings: &Settings) -> Option<Finding> {
    let origin = settings.apps_origin.as_ref()?;
    (!config.http.frame_ancestors.contains(origin)).then(|| {
        let found = format!("its pages come from {origin}, which may not frame the widget");
        Finding::warning(SUBJECT, found, "add it to http.frame_ancestors, or correct genesys.region")
    })
}

/// Without the scope an identity provider gives no address, and nobody would be found among the agents.
fn addresses(config: &Config, settings: &Settings) -> Vec<Finding> {
    let wants_email = settings.check_agent
        && settings.user_by == UserBy::Email
        && settings.user_claims.iter().any(|claim| claim == "email");
    let lacks = |(name, idp): (&String, &Configured)| {
        let idp = idp.oidc().filter(|idp| wants_email && !idp.scopes.iter().any(|scope| scope == "email"))?;
        let found = format!("identity provider {name} ({}) is not asked for e-mail addresses", idp.issuer);
        let advice =
            "add \"email\" to its scopes, or name in genesys.user_claims what it gives: agents open nothing without";
        Some(Finding::warning(SUBJECT, found, advice))
    };
    config.auth.idps.iter().filter_map(lacks).collect()
}
