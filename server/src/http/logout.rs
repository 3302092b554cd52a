//! The end of a sign-in: by the person herself, or by her identity provider.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kyc_wire::ids::{Micros, SignInId};
use kyc_wire::me::SignedOut;
use kyc_wire::problem::ProblemCode;
use serde::Deserialize;
use tower_sessions::Session;

use super::address::InPath;
use super::error::ApiError;
use super::guest::{Door, Guest};
use super::leave;
use super::request_id;
use super::sign_in::idp;
use crate::auth::Staff;
use crate::auth::idp::{IdentityProvider, IdpError};
use crate::auth::oidc::LogoutToken;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::state::App;
use crate::store::Tx;
use crate::store::idp_logouts::IdpLogout;

/// For how long a logout is remembered: longer than its token, or an ID token from before it, could still be shown.
pub(super) const REMEMBERED_SECONDS: i64 = 900;

/// Ends the sign-in: in the database first, so that no cookie and no open stream outlives it.
pub async fn by_person(
    State(app): State<Arc<App>>,
    staff: Staff,
    session: Session,
) -> Result<Json<SignedOut>, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.update_sign_in_revoked(staff.sign_in_id(), app.clock.now(), "signed_out").await?;
    tx.record(NewEntry::done(staff.actor(), Action::SignInEnded).in_request(&request_id::current())).await?;
    tx.commit().await?;
    app.events.sign_in_ended(staff.sign_in_id());
    session.flush().await.map_err(|error| ApiError::Fault(ProblemCode::Unavailable, Box::new(error)))?;
    // She is signed out, whatever becomes of the offer.
    let at_idp = leave::offer(&app, &staff).await.unwrap_or_else(|error| {
        tracing::warn!(problem.code = error.code().as_str(), "signing out at the identity provider cannot be offered");
        None
    });
    Ok(Json(SignedOut { at_idp }))
}

/// What an identity provider sends (OpenID Connect Back-Channel Logout 1.0 section 2.5).
#[derive(Deserialize)]
pub struct Told {
    logout_token: String,
}

/// An identity provider tells us that somebody has signed out there: everything she has here by that ends too.
pub async fn by_idp(
    State(app): State<Arc<App>>,
    InPath(name): InPath<String>,
    guest: Guest,
    told: Result<Form<Told>, FormRejection>,
) -> Result<Response, ApiError> {
    let IdentityProvider::Oidc(idp) = idp(&app, &name)? else { return Err(ApiError::not_found()) };
    let Ok(Form(told)) = told else { return refuse(&app, &guest, &name, &IdpError::Refused("no_logout_token")).await };
    // Looked at however much rubbish came from there: to refuse a true one would keep somebody signed in.
    let token = match idp.logout_token(&told.logout_token).await {
        Ok(token) => token,
        Err(error) => return refuse(&app, &guest, &name, &error).await,
    };
    let logout = remembered(&name, &idp.config().issuer, token);
    if end_told(&app, &[logout], Action::BackchannelLogout).await? {
        Ok(StatusCode::OK.into_response())
    } else {
        refuse(&app, &guest, &name, &IdpError::Refused("replayed")).await
    }
}

fn remembered(idp: &str, issuer: &str, token: LogoutToken) -> IdpLogout {
    let issued_at = Micros(token.issued_at.saturating_mul(1_000_000));
    IdpLogout {
        idp: idp.to_owned(),
        issuer: issuer.to_owned(),
        id: token.id,
        subject: token.subject,
        session: token.session,
        issued_at,
        expires_at: issued_at.plus_seconds(REMEMBERED_SECONDS),
    }
}

/// Ends what an identity provider has told of, all of it or nothing, and tells the widgets; false when it was told before.
///
/// First the sign-ins that wait to be redeemed, then those that live: one that is being redeemed meanwhile is among either.
pub(super) async fn end_told(app: &App, told: &[IdpLogout], action: Action) -> Result<bool, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let mut ended = Vec::new();
    for logout in told {
        if !tx.insert_idp_logout(logout).await? {
            return Ok(false);
        }
        tx.update_txns_ended(logout, now).await?;
        ended.extend(tx.list_sign_ins_of_idp(logout, now).await?);
    }
    ended.sort_unstable();
    ended.dedup();
    revoke(&mut *tx, &ended, now, (&Actor::System, "ended_at_idp")).await?;
    let idp = told.first().map(|logout| logout.idp.clone()).unwrap_or_default();
    tx.record(NewEntry::done(Actor::System, action).with(idp).in_request(&request_id::current())).await?;
    tx.commit().await?;
    for id in ended {
        app.events.sign_in_ended(id);
    }
    Ok(true)
}

/// Ends sign-ins and records it: first every row, then every entry, so that nobody waits for a row with the chain's head in hand. Gives
/// those that had not ended before.
pub(super) async fn revoke(
    tx: &mut dyn Tx,
    ids: &[SignInId],
    now: Micros,
    (actor, reason): (&Actor, &str),
) -> Result<Vec<SignInId>, ApiError> {
    let mut ended = Vec::new();
    for &id in ids {
        if tx.update_sign_in_revoked(id, now, reason).await? {
            ended.push(id);
        }
    }
    for id in &ended {
        let entry = NewEntry::done(actor.clone(), Action::SignInRevoked).with(id.to_string());
        tx.record(entry.in_request(&request_id::current())).await?;
    }
    Ok(ended)
}

/// Notes that nothing was ended, and why.
pub(super) async fn record_refused(
    app: &App,
    guest: &Guest,
    idp: &str,
    action: Action,
    error: &IdpError,
) -> Result<(), ApiError> {
    guest.count(app, Door::Logout)?;
    let entry = NewEntry::refused(Actor::Guest, action, error.code()).with(idp.to_owned());
    guest.was_refused(app, entry).await
}

/// Section 2.8: 400 when it was not done, with a code that says no more than that. An identity provider whose keys cannot be read is
/// asked to try again.
async fn refuse(app: &App, guest: &Guest, name: &str, error: &IdpError) -> Result<Response, ApiError> {
    record_refused(app, guest, name, Action::BackchannelLogout, error).await?;
    if let IdpError::Unreachable(_) = error {
        return Err(ApiError::Later(ProblemCode::Unavailable, 5));
    }
    let body = Json(serde_json::json!({ "error": "invalid_request" }));
    Ok((StatusCode::BAD_REQUEST, body).into_response())
}
