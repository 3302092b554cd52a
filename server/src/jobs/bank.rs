//! Tells the bank what became of its sessions, signed as Standard Webhooks describes.

use std::time::Duration;

use kyc_wire::ids::EventId;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use tracing::Instrument;

use super::Outcome;
use crate::events;
use crate::http::error::ApiError;
use crate::outbound::{Ended, Urgency};
use crate::providers::backoff::{LONGEST_RETRY_AFTER, RetryAfter};
use crate::state::App;
use crate::store::work::StoredEvent;

/// The first wait after a failure; doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_hours(2);
/// An event is offered for about three days; then an operator must look.
const OFFERS: u32 = 40;
/// An event that nobody can be told waits: the configuration of the bank may come back.
const NO_BANK: Duration = Duration::from_hours(1);

/// Delivers an event.
pub async fn deliver(app: &App, id: EventId, attempts: u32) -> Result<Outcome, ApiError> {
    let Some(event) = app.store.glance(&app.tenant).await?.find_event(id).await? else { return Ok(Outcome::Done) };
    if app.config.bank.is_none() {
        tracing::warn!(event.id = %id, "an event is kept, because no [bank] is configured");
        return Ok(Outcome::NotYet(NO_BANK));
    }
    let pass = match app.bank.pass(Urgency::Nobody) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Outcome::NotYet(wait)),
    };
    let Some(sent) = send(app, event).await else { return Ok(Outcome::Dead("the bank's secret is no signing key")) };
    let (ended, asked) = match &sent {
        Err(_) => (Ended::Outage, None),
        Ok(answer) if answer.status().is_server_error() => (Ended::Outage, retry_after(answer.headers())),
        Ok(answer) if answer.status() == 429 => (Ended::TooMany, retry_after(answer.headers())),
        Ok(_) => (Ended::Answered, None),
    };
    pass.ended(ended);
    let now = app.clock.now();
    if sent.is_ok_and(|answer| answer.status().is_success()) {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.update_event_delivered(id, now).await?;
        tx.commit().await?;
        return Ok(Outcome::Done);
    }
    tracing::warn!(event.id = %id, attempts, "the bank did not take an event");
    if attempts + 1 >= OFFERS {
        return Ok(Outcome::Dead("the bank did not take it"));
    }
    let wait = FIRST_WAIT.saturating_mul(2_u32.pow(attempts.min(12))).min(LONGEST_WAIT);
    let asked = asked.map_or(Duration::ZERO, |asked| asked.wait(now).min(LONGEST_RETRY_AFTER));
    Ok(Outcome::Again(wait.max(asked)))
}

/// Sends it; nothing when the secret cannot sign.
async fn send(app: &App, event: StoredEvent) -> Option<reqwest::Result<reqwest::Response>> {
    let bank = app.config.bank.as_ref()?;
    let key = events::signing_key(&bank.secret.get()).ok()?;
    let id = event.id.to_string();
    let timestamp = app.clock.now().0.div_euclid(1_000_000);
    let request = app
        .http
        .post(bank.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", events::signature(&key, &id, timestamp, &event.body))
        .body(event.body);
    let span = tracing::info_span!("bank", otel.name = "event", otel.kind = "client", event.id = id);
    Some(request.send().instrument(span).await)
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    RetryAfter::parse(headers.get(RETRY_AFTER)?.to_str().ok()?)
}
