//! Signing out at the identity provider too (OpenID Connect RP-Initiated Logout 1.0): offered to whoever has signed out here, and to
//! nobody else. What idles out or is ended by an administrator leaves the session there as it is.
//!
//! It takes the popup's way: a one-time ticket, a cookie in the popup's own jar, and an answer that counts in that browser only. The ID
//! token that names the session there is kept sealed, goes from here to the identity provider in one redirect, and no script sees it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kyc_wire::me::Txn as TxnOut;
use kyc_wire::routes as at;
use serde::Deserialize;

use super::address::{InPath, InQuery};
use super::error::ApiError;
use super::guest::{Door, Guest};
use super::popup_pages::ended;
use super::request_id;
use super::sign_in::{idp, opened, txn_of};
use crate::auth::idp::{IdToken, IdpError};
use crate::auth::{Staff, cookie, hashed};
use crate::clock::random;
use crate::custody::{self, CustodyError};
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::pii::vault::{KeyScope, Unsealable};
use crate::state::App;
use crate::store::Tx;
use crate::store::sign_ins::{Leave, Purpose, Txn};
use kyc_wire::ids::PersonId;

/// What a sealed token is bound to, beside its person.
const KIND: &str = "id_token";

/// Where the popup goes for it: from there the server sends it on.
pub(super) const ADDRESS: &str = at::LEAVE;

/// Seals the token by which the identity provider knows its session, where it gave one.
pub(super) async fn sealed(
    app: &App,
    tx: &mut dyn Tx,
    person: PersonId,
    token: Option<&IdToken>,
) -> Result<Option<String>, CustodyError> {
    let Some(token) = token else { return Ok(None) };
    let key = custody::key(tx, &app.vault, &app.tenant, &KeyScope::SignIns).await?;
    let sealed = key.seal_bytes(token.as_str().as_bytes(), KIND, &person.to_string());
    Ok(Some(BASE64_STANDARD.encode(sealed)))
}

async fn unsealed(app: &App, of: &Leave) -> Result<IdToken, ApiError> {
    let mut tx = app.store.glance(&app.tenant).await?;
    let key = custody::existing_key(&mut *tx, &app.vault, &app.tenant, &KeyScope::SignIns).await?;
    let bytes = BASE64_STANDARD.decode(&of.id_token).map_err(|_| CustodyError::from(Unsealable))?;
    let key = key.ok_or_else(|| CustodyError::from(Unsealable))?;
    let clear = key.open_bytes(&bytes, KIND, &of.person.to_string()).map_err(CustodyError::from)?;
    let text = String::from_utf8(clear.to_vec()).map_err(|_| CustodyError::from(Unsealable))?;
    Ok(IdToken::new(text))
}

/// The ticket with which she who has just signed out here may do so there too; none where the identity provider cannot be asked.
pub(super) async fn offer(app: &App, by: &Staff) -> Result<Option<TxnOut>, ApiError> {
    let sign_in = by.sign_in();
    let Some(id_token) = sign_in.vouched.id_token.clone() else { return Ok(None) };
    if !idp(app, &sign_in.idp)?.can_end_sessions().await {
        return Ok(None);
    }
    let leave = Leave { sign_in: sign_in.id, person: by.person(), id_token };
    let (txn, ticket) = txn_of(app, &sign_in.idp, random::<32>(&*app.rng), Purpose::Leave(leave));
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_txn(&txn).await?;
    tx.commit().await?;
    let (_, axum::Json(offered)) = opened(app, &txn, ticket, None);
    Ok(Some(offered))
}

/// Who leaves in the browser that these headers are of.
async fn leaving(app: &App, guest: &Guest, headers: &HeaderMap) -> Result<Option<(Txn, Leave, String)>, ApiError> {
    let handle = cookie::find(headers, cookie::LOGIN_COOKIE).unwrap_or_default();
    guest.show(app, Door::Callback, handle.as_bytes())?;
    let found =
        app.store.glance(&app.tenant).await?.find_txn_begun(&hashed(handle.as_bytes()), app.clock.now()).await?;
    match found.map(|txn| (txn.purpose.clone(), txn)) {
        Some((Purpose::Leave(leave), txn)) if !handle.is_empty() => Ok(Some((txn, leave, handle.to_owned()))),
        _ => {
            guest.showed_nothing(app, Door::Callback, handle.as_bytes());
            let entry = NewEntry::refused(Actor::Guest, Action::SignedOutAtIdp, "no_login_cookie");
            guest.was_refused(app, entry).await?;
            Ok(None)
        }
    }
}

/// Sends the popup on to the identity provider.
pub async fn go(State(app): State<Arc<App>>, guest: Guest, headers: HeaderMap) -> Result<Response, ApiError> {
    let Some((txn, leave, handle)) = leaving(&app, &guest, &headers).await? else {
        return Ok(ended(&headers, "not_left", None));
    };
    let token = unsealed(&app, &leave).await?;
    match idp(&app, &txn.idp)?.end_session(&handle, &token).await {
        Ok(location) => Ok(Redirect::to(location.as_str()).into_response()),
        Err(error) => over(&app, (&txn, &leave), &headers, Err(error)).await,
    }
}

/// What the identity provider sends back.
#[derive(Deserialize)]
pub struct Left {
    state: Option<String>,
}

/// The popup comes back.
pub async fn left(
    State(app): State<Arc<App>>,
    InPath(name): InPath<String>,
    guest: Guest,
    headers: HeaderMap,
    InQuery(left): InQuery<Left>,
) -> Result<Response, ApiError> {
    let found = leaving(&app, &guest, &headers).await?;
    let Some((txn, leave, handle)) = found.filter(|(txn, ..)| txn.idp == name) else {
        return Ok(ended(&headers, "not_left", None));
    };
    let outcome = idp(&app, &name)?.has_left(&handle, left.state.as_deref());
    over(&app, (&txn, &leave), &headers, outcome).await
}

/// Whatever came of it, it was tried once.
async fn over(
    app: &App,
    (txn, of): (&Txn, &Leave),
    headers: &HeaderMap,
    outcome: Result<(), IdpError>,
) -> Result<Response, ApiError> {
    let actor = Actor::Person { person: of.person, sign_in: of.sign_in };
    let (entry, page) = match &outcome {
        Ok(()) => (NewEntry::done(actor, Action::SignedOutAtIdp), "left"),
        Err(error) => (NewEntry::refused(actor, Action::SignedOutAtIdp, error.code()), "not_left"),
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    if tx.delete_txn(txn.id).await? {
        tx.record(entry.with(txn.idp.clone()).in_request(&request_id::current())).await?;
    }
    tx.commit().await?;
    let forget = AppendHeaders([(header::SET_COOKIE, cookie::forget_login())]);
    Ok((forget, ended(headers, page, None)).into_response())
}
