//! Sign-ins that live, for administrators: who is signed in, and the end of one or of all of somebody's.
//!
//! What is shown of a browser is its family; where somebody sits is not kept and so cannot be shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kyc_wire::ids::{PersonId, SignInId};
use kyc_wire::session::Colleague;
use kyc_wire::sign_ins::{SignInList, SignInSummary};

use super::address::InPath;
use super::error::ApiError;
use super::logout;
use super::staff::Admin;
use crate::state::App;
use crate::store::sign_ins::SignIn;

/// More than a floor has people; a page that held more would not be looked through anyway.
const MOST: usize = 2000;

/// Those that live.
pub async fn list(State(app): State<Arc<App>>, by: Admin) -> Result<Json<SignInList>, ApiError> {
    let now = app.clock.now();
    let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
    let mut found = app.store.glance(&app.tenant).await?.list_sign_ins(active_since, now, MOST + 1).await?;
    let has_more = found.len() > MOST;
    found.truncate(MOST);
    let items = found.into_iter().map(|(sign_in, name)| summary(sign_in, name, by.sign_in_id())).collect();
    Ok(Json(SignInList { items, has_more, now }))
}

fn summary(of: SignIn, name: String, mine: SignInId) -> SignInSummary {
    SignInSummary {
        is_mine: of.id == mine,
        id: of.id,
        person: Colleague { id: of.vouched.person, name },
        roles: of.vouched.roles,
        idp: of.idp,
        browser: of.vouched.browser,
        created_at: of.created_at,
        last_activity_at: of.last_activity_at,
    }
}

/// Ends one.
pub async fn end(State(app): State<Arc<App>>, by: Admin, InPath(id): InPath<SignInId>) -> Result<StatusCode, ApiError> {
    end_those(&app, &by, &[id]).await
}

/// Ends all of a person. Who ends her own keeps the one in which she does.
pub async fn end_all(
    State(app): State<Arc<App>>,
    by: Admin,
    InPath(person): InPath<PersonId>,
) -> Result<StatusCode, ApiError> {
    let now = app.clock.now();
    let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
    let mut live = app.store.glance(&app.tenant).await?.list_live_sign_ins(person, active_since, now).await?;
    live.retain(|id| *id != by.sign_in_id());
    end_those(&app, &by, &live).await
}

/// In the database first, so that no cookie and no request under way outlives it; then every widget and every server hears of it. What
/// has ended already is not there any more.
async fn end_those(app: &App, by: &Admin, ids: &[SignInId]) -> Result<StatusCode, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let ended = logout::revoke(&mut *tx, ids, app.clock.now(), (&by.actor(), "ended_by_admin")).await?;
    if ended.is_empty() {
        return Err(ApiError::not_found());
    }
    tx.commit().await?;
    for id in ended {
        app.events.sign_in_ended(id);
    }
    Ok(StatusCode::NO_CONTENT)
}
