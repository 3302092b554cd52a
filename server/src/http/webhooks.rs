//! Webhooks of providers: read raw, verify, dedupe, seal, plan, and answer. Everything else happens later.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kyc_wire::ids::InboxId;

use super::address::InPath;
use super::error::ApiError;
use super::limits::Sender;
use crate::measures;
use crate::providers::Unverified;
use crate::state::App;
use crate::store::work::StoredWebhook;

/// Accepts a webhook durably. A wrong signature is 401 without a word, counted, and leaves nothing behind.
pub async fn accept(
    State(app): State<Arc<App>>,
    InPath((provider, integration)): InPath<(String, String)>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let outbound = app.providers.get(&integration).filter(|outbound| outbound.provider.kind().as_str() == provider);
    let outbound = outbound.ok_or_else(ApiError::not_found)?;
    let now = app.clock.now();
    let verified = match outbound.provider.verify(Unverified::new(headers, body.to_vec(), now).sent_by(sender)) {
        Ok(verified) => verified,
        Err(refused) => {
            measures::webhook_refused(&integration, refused.as_str());
            return Ok(StatusCode::UNAUTHORIZED);
        }
    };
    let Ok(notice) = outbound.provider.parse(&verified) else {
        metrics::counter!("kyc_webhooks_total", "provider" => integration, "outcome" => "unreadable").increment(1);
        return Ok(StatusCode::BAD_REQUEST);
    };
    let day = app.clock.date_time().date().to_string();
    let key = app.inbox_key.of(&day, (&*app.store, &app.vault, &app.tenant)).await?;
    let webhook = StoredWebhook {
        id: InboxId::new(app.ids.next()),
        dedupe_key: notice.dedupe_key,
        received_at: now,
        key_scope: day,
        sealed: Some(key.seal_bytes(verified.body(), "webhook", &integration)),
        integration: integration.clone(),
    };
    let is_new = app.inbox.keep(webhook).await?;
    app.work.notify_one();
    let outcome = if is_new { "accepted" } else { "repeated" };
    metrics::counter!("kyc_webhooks_total", "provider" => integration, "outcome" => outcome).increment(1);
    Ok(StatusCode::OK)
}
