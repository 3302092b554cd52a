//! An id for every request: in the log, in the audit log, and in every problem, so that the three can be laid side by side.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::state::App;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being handled; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives each request an id of ours. One from outside is not believed.
pub async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = app.ids.next().to_string();
    let span = tracing::info_span!("request", request.id = id, http.method = %request.method());
    let mut response = CURRENT.scope(id.clone(), next.run(request)).instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
