//! Forgets what is over, so that no table grows for ever. The audit log keeps that it happened.

use kyc_wire::ids::Micros;

use crate::http::error::ApiError;
use crate::state::App;
use crate::store::work::{JobKind, Unapplied};

/// How long a request may be repeated and still act once.
const MARK_SECONDS: i64 = 24 * 3600;
/// For how long it is known that somebody has looked at a session: far longer than looking again goes without an entry.
const ACCESS_SECONDS: i64 = 24 * 3600;
/// For how long what was done is kept. A provider may send a webhook again within this time and it is known; an operator may look up what
/// the bank was told, and by which sign-in somebody acted.
const DONE_SECONDS: i64 = 30 * 24 * 3600;

/// For how long an upload may be gone on with.
const UPLOAD_SECONDS: i64 = 24 * 3600;

fn date(at: Micros) -> jiff::civil::Date {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Deletes what is over: marks of requests, tokens, browser sessions, sign-ins, looks, delivered events, applied webhooks, who was on which
/// conversation, and customers' links and unfinished uploads. An event or an attribute that was not delivered is kept for as long as its
/// session keeps what it says. A webhook that was not applied goes when results do, and not without a word.
pub async fn sweep(app: &App) -> Result<(), ApiError> {
    let now = app.clock.now();
    let done = now.plus_seconds(-DONE_SECONDS);
    // A webhook that was never applied holds what is known about a customer, too.
    let results = now.plus_seconds(-i64::from(app.config.policy.retention.results_days) * 24 * 3600);
    let day = date(results).to_string();
    loop {
        // A batch at a time, so that nobody who writes waits for long.
        let mut tx = app.store.begin(&app.tenant).await?;
        let mut deleted = tx.delete_stale(now.plus_seconds(-MARK_SECONDS), now).await?;
        deleted += tx.delete_ended(now, done).await?;
        deleted += tx.delete_accesses(now.plus_seconds(-ACCESS_SECONDS)).await?;
        deleted += tx.delete_done(done).await?;
        deleted += tx.delete_inbox_keys(&day).await?;
        let unapplied = tx.delete_old_webhooks(results).await?;
        deleted += unapplied.webhooks.len() as u64;
        deleted += tx.delete_conversations(done).await?;
        deleted += tx.delete_ended_links(now).await?;
        deleted += tx.delete_old_uploads(now.plus_seconds(-UPLOAD_SECONDS)).await?;
        tx.commit().await?;
        tell(&unapplied);
        if deleted == 0 {
            return Ok(());
        }
    }
}

/// What was accepted and is gone without ever having been applied is somebody's business: its job is among those that were given up, until
/// it is let run again and finds nothing to do.
fn tell(unapplied: &Unapplied) {
    for (id, integration) in &unapplied.webhooks {
        let labels = [("provider", integration.clone()), ("outcome", "never_applied".to_owned())];
        metrics::counter!("kyc_webhooks_total", &labels).increment(1);
        tracing::error!(webhook.id = %id, provider.name = integration, "a webhook was deleted that was never applied: its time was over");
    }
    let kind = JobKind::ApplyWebhook.as_str();
    metrics::counter!("kyc_jobs_dead_total", "kind" => kind).increment(unapplied.given_up);
}
