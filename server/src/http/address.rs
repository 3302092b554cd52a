//! What an address says: as axum reads it, but with our problems instead of its texts, and without ever repeating what was sent.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use kyc_wire::problem::ProblemCode;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// What is in the path. A path that names nothing possible is not there.
#[derive(Clone, Copy, Debug)]
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = Path::<T>::from_request_parts(parts, state).await;
        found.map(|Path(value)| Self(value)).map_err(|_| ApiError::not_found())
    }
}

/// What is in the query.
#[derive(Clone, Copy, Debug)]
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let refused =
            || ApiError::refused(ProblemCode::BadRequest, "The address has a parameter that does not fit this path.");
        let found = Query::<T>::from_request_parts(parts, state).await;
        found.map(|Query(value)| Self(value)).map_err(|_| refused())
    }
}
