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
/// How far our clock may be behind what the audit log has seen. Every clock that matters here (leases, sign-ins, tokens) is compared with
/// times in the database.
const BEHIND_SECONDS: i64 = 2;

/// The process runs.
pub async fn healthz() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Requests will be served: the database answers, our clock is not behind it, and nobody has told us to stop. Else 503 and one word.
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
    match tokio::time::timeout(LIMIT, is_clock_behind(app)).await {
        Ok(Ok(false)) => None,
        Ok(Ok(true)) => Some("clock"),
        Ok(Err(_)) | Err(_) => Some("database"),
    }
}

/// The last entry of the audit log was written by a clock that all servers of this database agree with. Comparing with it needs no
/// question to the database's own clock, which an embedded one does not have.
async fn is_clock_behind(app: &App) -> Result<bool, StoreError> {
    let mut tx = app.store.read(&app.tenant).await?;
    let head = tx.find_head().await?;
    let last = tx.list_entries(head.seq.saturating_sub(1), 1).await?;
    let Some(last) = last.first() else { return Ok(false) };
    let corrupt = |_| StoreError::Corrupt { table: "audit_entry", column: "body" };
    let entry: Entry = serde_json::from_str(&last.json).map_err(corrupt)?;
    Ok(app.clock.now().seconds_since(entry.at) < -BEHIND_SECONDS)
}

/// Prometheus metrics.
pub async fn metrics(State((app, handle)): State<(Arc<App>, PrometheusHandle)>) -> String {
    measures::look(&app).await;
    handle.render()
}
