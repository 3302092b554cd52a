//! What goes wrong on the customer's page, as a page: what happened in her words, and what to do next.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kyc_wire::problem::ProblemCode;

use super::page;
use super::reader::Reader;
use crate::custody::CustodyError;
use crate::domain::audit::AuditError;
use crate::http::error::ApiError;
use crate::state::App;
use crate::store::StoreError;

/// Why she does not get what she asked for.
#[derive(Debug)]
pub enum Trouble {
    /// Her link opens nothing (any more).
    Link,
    /// We do not know her: no cookie, or an old one.
    Visit,
    /// A form that is not as we sent it out.
    Form,
    /// The check has moved on.
    NotNow,
    /// Anything else, as the rest of the server says it.
    Other(ApiError),
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<AuditError> for Trouble {
    fn from(error: AuditError) -> Self {
        Self::Other(error.into())
    }
}

impl From<CustodyError> for Trouble {
    fn from(error: CustodyError) -> Self {
        Self::Other(error.into())
    }
}

/// For the page's script, which reads what the rest of the API says.
impl From<Trouble> for ApiError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Other(error) => error,
            Trouble::Link | Trouble::Visit => Self::refused(ProblemCode::SignInRequired, "Open your link again."),
            Trouble::Form => {
                Self::refused(ProblemCode::CrossSite, "Refused: the request does not come from our own page.")
            }
            Trouble::NotNow => Self::refused(ProblemCode::InvalidTransition, "The check has moved on."),
        }
    }
}

/// What the page is made of, on its way to [`layer`].
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The part of the texts that tells it: its title has the same key and `_title`.
    pub key: &'static str,
    /// Whether the page is there to go back to.
    pub has_page: bool,
}

impl Trouble {
    const fn told(&self) -> Told {
        let (key, has_page) = match self {
            Self::Link => ("link", false),
            Self::Visit => ("visit", false),
            Self::Form => ("form", true),
            Self::NotNow => ("not_now", true),
            Self::Other(error) => match error.code() {
                ProblemCode::NotFound => ("link", false),
                ProblemCode::TooMany => ("busy", true),
                ProblemCode::InvalidTransition | ProblemCode::StaleVersion | ProblemCode::Incomplete => {
                    ("not_now", true)
                }
                ProblemCode::Internal | ProblemCode::Unavailable => ("ours", true),
                _ => ("form", true),
            },
        };
        Told { key, has_page }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let told = self.told();
        let mut response = match self {
            Self::Link => StatusCode::NOT_FOUND.into_response(),
            Self::Visit => StatusCode::UNAUTHORIZED.into_response(),
            Self::Form => StatusCode::BAD_REQUEST.into_response(),
            Self::NotNow => StatusCode::CONFLICT.into_response(),
            // The cause goes to the log there.
            Self::Other(error) => error.into_response(),
        };
        response.extensions_mut().insert(told);
        response
    }
}

/// Tells what went wrong in the language of whoever asked. What goes wrong before a handler is reached is told the same way.
pub async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let reader = Reader::of(&parts, &app);
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let told = response.extensions().get::<Told>().copied();
    let kind = response.headers().get(header::CONTENT_TYPE);
    // A handler that says itself what is wrong has made its page.
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_wrong = status.is_client_error() || status.is_server_error();
    if !is_wrong || is_page || status == StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let told = told.unwrap_or(Told { key: if status.is_server_error() { "ours" } else { "form" }, has_page: true });
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let mut page = page::trouble(&app, &reader, told);
    *page.status_mut() = status;
    if let Some(seconds) = retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page
}
