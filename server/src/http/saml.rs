//! What an identity provider that speaks SAML needs of us: our metadata, the address for its responses, and the one for signing out.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::address::InPath;
use super::error::ApiError;
use super::guest::Guest;
use super::logout;
use super::popup_pages::ended;
use super::sign_in::{idp, returned};
use crate::auth::idp::{IdentityProvider, IdpError, Returned};
use crate::auth::saml::{LogoutRequest, Posted, Saml};
use crate::domain::audit::Action;
use crate::state::App;
use crate::store::idp_logouts::IdpLogout;

fn saml<'a>(app: &'a App, name: &str) -> Result<&'a Saml, ApiError> {
    match idp(app, name)? {
        IdentityProvider::Saml(saml) => Ok(saml),
        IdentityProvider::Oidc(_) => Err(ApiError::not_found()),
    }
}

/// Who we are, for the identity provider's administrator.
pub async fn metadata(State(app): State<Arc<App>>, InPath(name): InPath<String>) -> Result<Response, ApiError> {
    let text = saml(&app, &name)?.metadata();
    Ok(([(header::CONTENT_TYPE, "application/samlmetadata+xml")], text).into_response())
}

/// The identity provider's page posts its response. A form that cannot be read is a response that says nothing.
pub async fn acs(
    State(app): State<Arc<App>>,
    InPath(name): InPath<String>,
    guest: Guest,
    headers: HeaderMap,
    form: Result<Form<Posted>, FormRejection>,
) -> Result<Response, ApiError> {
    saml(&app, &name)?;
    let posted = form.map(|Form(posted)| posted).unwrap_or_default();
    returned(&app, &guest, &name, &headers, &Returned::Response(posted)).await
}

/// The identity provider sends the browser of somebody who signs out there: what she has here by that ends, and she is sent back.
pub async fn slo(
    State(app): State<Arc<App>>,
    InPath(name): InPath<String>,
    guest: Guest,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let saml = saml(&app, &name)?;
    let request = match saml.logout_request(&query.unwrap_or_default()) {
        Ok(request) => request,
        Err(error) => return refuse(&app, &guest, &name, &headers, &error).await,
    };
    if !logout::end_told(&app, &told(&name, saml, &request), Action::SingleLogout).await? {
        return refuse(&app, &guest, &name, &headers, &IdpError::Refused("replayed")).await;
    }
    match saml.logout_answer(&request) {
        Some(answer) => Ok(Redirect::to(answer.as_str()).into_response()),
        None => Ok(ended(&headers, "signed_out", None)),
    }
}

/// One logout per session that is named; one for all of them when none is.
fn told(name: &str, saml: &Saml, request: &LogoutRequest) -> Vec<IdpLogout> {
    let sessions: Vec<Option<String>> = match request.sessions.as_slice() {
        [] => vec![None],
        sessions => sessions.iter().cloned().map(Some).collect(),
    };
    let one = |(index, session): (usize, Option<String>)| IdpLogout {
        idp: name.to_owned(),
        issuer: saml.issuer().to_owned(),
        id: format!("{}/{index}", request.id),
        subject: saml.subject_of(request),
        session,
        issued_at: request.issued_at,
        expires_at: request.issued_at.plus_seconds(logout::REMEMBERED_SECONDS),
    };
    sessions.into_iter().enumerate().map(one).collect()
}

async fn refuse(
    app: &App,
    guest: &Guest,
    name: &str,
    headers: &HeaderMap,
    error: &IdpError,
) -> Result<Response, ApiError> {
    logout::record_refused(app, guest, name, Action::SingleLogout, error).await?;
    Ok((StatusCode::BAD_REQUEST, ended(headers, "not_signed_out", None)).into_response())
}
