//! For whoever operates the server: alive, ready, metrics. On a listener of its own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::state::App;

/// The process runs.
pub async fn healthz() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The database answers: requests will be served.
pub async fn readyz(State(app): State<Arc<App>>) -> StatusCode {
    match app.store.read(&app.tenant).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::error!(error = %error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Prometheus metrics.
pub async fn metrics(State(handle): State<PrometheusHandle>) -> String {
    handle.render()
}
