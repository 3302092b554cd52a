//! How identity providers are asked: no redirects, time-outs, and never more of an answer than is needed.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};

/// Longest answer of an identity provider that is read.
const MAX_ANSWER: usize = 256 * 1024;

/// What goes wrong when asking the identity provider.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the identity provider cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer is no HTTP")]
    Build(#[from] axum::http::Error),
}

/// Sends a request of the library.
pub(super) async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, SendError> {
    let mut answer = client.execute(reqwest::Request::try_from(request)?).await?;
    let mut builder = axum::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        builder = builder.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(SendError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(builder.body(body)?)
}

/// A client for identity providers: no redirects (a provider could send us anywhere), and time-outs. Where certificates are given, it
/// trusts these alone, and none of the machine's own.
pub fn http_client(roots: &[reqwest::Certificate]) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10));
    let builder = if roots.is_empty() { builder } else { builder.tls_built_in_root_certs(false) };
    roots.iter().fold(builder, |builder, root| builder.add_root_certificate(root.clone())).build()
}
