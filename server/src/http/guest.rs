//! Whoever is nobody yet: known by the network that a request comes from, and by nothing else.
//!
//! What a guest shows (a ticket, a cookie, a token) is looked up in the database, and one network may make us look in vain so often. What
//! this server gave out itself, or found good before, is looked up all the same: whoever works or signs in behind an address from which
//! rubbish is thrown is not held up by it. A guest cannot fill the audit log either: what she is refused is counted and logged each time,
//! and is an entry the first time in an hour, by network and kind, and sixty times in all.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::error::ApiError;
use super::{limits, request_id};
use crate::domain::audit::{Actor, NewEntry, Outcome};
use crate::rates::Limit;
use crate::state::App;

/// Where guests knock. Each door has a count of its own, so that rubbish at one closes no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Beginning a sign-in.
    SignIn,
    /// The popup's ticket.
    Ticket,
    /// A code in place of a ticket.
    Code,
    /// The popup's cookie.
    Callback,
    /// A sign-in that is to be redeemed.
    Redeem,
    /// The cookie of a sign-in.
    Cookie,
    /// A logout token.
    Logout,
    /// A client's secret.
    Secret,
    /// A client's token.
    Token,
    /// A customer's link.
    Link,
    /// The cookie of a customer's visit.
    Visit,
}

impl Door {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Ticket => "ticket",
            Self::Code => "code",
            Self::Callback => "callback",
            Self::Redeem => "redeem",
            Self::Cookie => "cookie",
            Self::Logout => "logout",
            Self::Secret => "secret",
            Self::Token => "token",
            Self::Link => "link",
            Self::Visit => "visit",
        }
    }
}

/// Somebody who is nobody yet.
#[derive(Clone, Debug)]
pub struct Guest {
    network: String,
}

impl FromRequestParts<Arc<App>> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

impl Guest {
    /// Whoever sends this request.
    pub fn of(parts: &Parts, app: &App) -> Self {
        Self { network: limits::network_of(parts, &app.config.http.trusted_proxies) }
    }

    /// Where she is: an address, or the part of one that a household or office shares.
    pub fn network(&self) -> &str {
        &self.network
    }

    fn limit(app: &App) -> Limit {
        Limit::a_minute(app.config.http.guest_requests_per_minute)
    }

    /// Counts a request that cannot be told from rubbish, or that was found to be it.
    pub fn count(&self, app: &App, door: Door) -> Result<(), ApiError> {
        limits::ask(app, door.as_str(), &self.network, Self::limit(app))
    }

    /// Before something is looked up: refuses who has shown too much that was nothing, unless this was good before.
    pub fn show(&self, app: &App, door: Door, what: &[u8]) -> Result<(), ApiError> {
        if app.rates.remembers((door.as_str(), what)) {
            return Ok(());
        }
        let looked = app.rates.look((door.as_str(), &self.network), Self::limit(app), app.clock.now());
        looked.map_err(|seconds| limits::too_many(door.as_str(), seconds))
    }

    /// What was shown is nothing, or no more.
    pub fn showed_nothing(&self, app: &App, door: Door, what: &[u8]) {
        app.rates.forget((door.as_str(), what));
        // It was looked up already; who shows the next is refused.
        drop(self.count(app, door));
    }

    /// Notes that she was refused.
    pub async fn was_refused(&self, app: &App, entry: NewEntry) -> Result<(), ApiError> {
        let (action, actor) = (entry.action.as_str(), &entry.actor);
        let Outcome::Refused { code } = &entry.outcome else { return Ok(()) };
        metrics::counter!("kyc_guests_refused_total", "action" => action, "code" => code.clone()).increment(1);
        tracing::warn!(audit.action = action, reason = code, "a guest was refused");
        let client = if let Actor::Client { client } = actor { client } else { "" };
        let kind = format!("{} {action} {code} {client}", self.network);
        if app.rates.is_worth_telling(kind, app.clock.now()) {
            let mut tx = app.store.begin(&app.tenant).await?;
            tx.record(entry.in_request(&request_id::current())).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What this server gives out, or has found good, is looked up whoever else shows rubbish.
pub fn is_good(app: &App, door: Door, what: &[u8]) {
    app.rates.remember((door.as_str(), what));
}
