//! No request is waited for without end, however slowly its body comes.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kyc_wire::problem::ProblemCode;
use kyc_wire::routes;

use super::error::ApiError;

/// Longer than anything takes that is going well, and shorter than what a stop waits for. An answer that has begun, such as an event
/// stream or an export, takes as long as it takes.
const LONGEST: Duration = Duration::from_secs(30);

/// For a photo by a plain form, which cannot be gone on with: 10 MB over a slow line.
const UPLOAD: Duration = Duration::from_mins(4);

/// Gives a request up. What it had begun to change is rolled back.
pub async fn layer(request: Request, next: Next) -> Response {
    let longest = if request.uri().path() == routes::CUSTOMER_PHOTO { UPLOAD } else { LONGEST };
    tokio::time::timeout(longest, next.run(request)).await.unwrap_or_else(|_| {
        metrics::counter!("kyc_requests_given_up_total").increment(1);
        ApiError::Later(ProblemCode::Unavailable, 1).into_response()
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tokio_stream::StreamExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_byte_by_byte_is_given_up() {
        let router = Router::new().route("/", post(async |_: Bytes| "taken")).layer(from_fn(layer));
        let send = async |bytes: u64| {
            let drips = tokio_stream::iter((0..bytes).map(|_| Ok::<_, Infallible>("x")));
            let body = Body::from_stream(drips.throttle(Duration::from_secs(1)));
            router.clone().oneshot(Request::post("/").body(body).unwrap()).await.unwrap().status()
        };
        assert_eq!(send(25).await, StatusCode::OK);
        assert_eq!(send(1_000_000).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
