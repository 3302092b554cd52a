//! JSON in: objects, with our problems where they are none, and without ever repeating what was sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use kyc_wire::problem::ProblemCode;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// A JSON object together with its bytes, for what depends on both: the marks that make a request act once.
#[derive(Clone, Debug)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    /// Its bytes.
    pub bytes: Bytes,
    /// The caller's idempotency key.
    pub key: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Command<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let key = idempotency_key(request.headers())?;
        let (body, bytes) = object(request, state).await?;
        Ok(Self { body, bytes, key })
    }
}

/// A JSON object that needs no key.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        object(request, state).await.map(|(body, _)| Self(body))
    }
}

async fn object<T: DeserializeOwned, S: Send + Sync>(request: Request, state: &S) -> Result<(T, Bytes), ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(ApiError::refused(ProblemCode::UnsupportedMediaType, "Send application/json."));
    }
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(|_| ApiError::refused(ProblemCode::TooLarge, "The body is too large."))?;
    let unfit = || ApiError::refused(ProblemCode::BadRequest, "The body is not the JSON that this path expects.");
    // A list would be read as the fields in their order, which nobody means.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(unfit());
    }
    let body = serde_json::from_slice(&bytes).map_err(|_| unfit())?;
    Ok((body, bytes))
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    match (keys.next().and_then(|key| key.to_str().ok()), keys.next()) {
        (Some(key), None) => Ok(key.to_owned()),
        _ => Err(ApiError::refused(ProblemCode::BadHeader, "Send one Idempotency-Key.")),
    }
}
