//! For whoever operates the server: alive, ready, metrics. On a listener of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::domain::audit::Entry;
use crate::measures;
use crate::state::App;
use crate::store::StoreError;

/// How long the database may take to answer.
const LIMIT: Duration = Duration::from_secs(2);
/// From how much on our clock is wrong. Every clock that matters here (leases, sign-ins, tokens) is compared with times in the database.
const APART_MICROS: u64 = 2_000_000;

/// The process runs.
pub async fn healthz() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Requests will be served: the database answers, our clock agrees with it, and nobody has told us to stop. Else 503 and one word.
pub async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    let what = if *app.stopping.borrow() { Some("stopping") } else { trouble(&app).await };
    match what {
        None => (StatusCode::NO_CONTENT, ""),
        Some(what) => {
            tracing::error!(reason = what, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, what)
        }
    }
}

async fn trouble(app: &App) -> Option<&'static str> {
    match tokio::time::timeout(LIMIT, is_clock_wrong(app)).await {
        Ok(Ok(false)) => None,
        Ok(Ok(true)) => Some("clock"),
        Ok(Err(_)) | Err(_) => Some("database"),
    }
}

/// Several servers each compare with the one clock of their database, so that one that is wrong takes out itself only. An embedded database
/// has the clock of this machine: there, what tells that it was set back is the last entry of the audit log.
async fn is_clock_wrong(app: &App) -> Result<bool, StoreError> {
    let head = app.store.glance(&app.tenant).await?.find_head().await?;
    if let Some(time) = app.store.find_time().await? {
        return Ok(app.clock.now().0.abs_diff(time.0) >= APART_MICROS);
    }
    let last = app.store.glance(&app.tenant).await?.list_entries(head.seq.saturating_sub(1), 1).await?;
    let Some(last) = last.first() else { return Ok(false) };
    let corrupt = |_| StoreError::Corrupt { table: "audit_entry", column: "body" };
    let entry: Entry = serde_json::from_str(&last.json).map_err(corrupt)?;
    let now = app.clock.now();
    Ok(now < entry.at && now.0.abs_diff(entry.at.0) >= APART_MICROS)
}

/// Prometheus metrics.
pub async fn metrics(State((app, handle)): State<(Arc<App>, PrometheusHandle)>) -> String {
    measures::look(&app).await;
    handle.render()
}
