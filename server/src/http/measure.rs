//! Counts and times requests, by the template of the route: never by what a caller put into the address.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Measures one request of this listener. The time is until the answer's headers: an event stream counts when it is opened.
pub async fn layer(State(listener): State<&'static str>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = match response.status().as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    let labels = [
        ("listener", listener.to_owned()),
        ("route", route),
        ("method", method.to_owned()),
        ("status", status.to_owned()),
    ];
    metrics::counter!("kyc_http_requests_total", &labels).increment(1);
    metrics::histogram!("kyc_http_request_duration_seconds", &labels).record(start.elapsed());
    response
}

/// A caller may invent methods; labels may not grow by that.
pub fn method(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        _ => "other",
    }
}
