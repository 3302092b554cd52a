//! Sign-in over HTTP.
//!
//! The widget sits in a frame of another site, so the identity provider is visited in a popup. The widget gives the popup a one-time
//! ticket while both are on our origin; afterwards the two never need to reach each other again: the widget redeems the finished sign-in
//! here, with a verifier that it alone holds. No secret ever travels from the popup to the frame, and none is in a URL.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_wire::ids::{Micros, PersonId, TxnId};
use kyc_wire::me::{NewTxn, Txn as TxnOut};
use kyc_wire::problem::ProblemCode;
use kyc_wire::sign_ins::Browser;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::{InPath, InQuery};
use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::json::Body;
use super::popup_pages::ended;
use super::step_up;
use crate::auth::browser::family;
use crate::auth::idp::{Identity, IdentityProvider, IdpError, Once, Returned};
use crate::auth::oidc::Callback;
use crate::auth::{cookie, hashed, roles};
use crate::clock::random;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::genesys::UserHash;
use crate::state::App;
use crate::store::Tx;
use crate::store::sign_ins::{Person, Purpose, Txn, Vouched};

/// How long a sign-in may take.
const TXN_SECONDS: i64 = 300;

fn secret(app: &App) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random::<32>(&*app.rng))
}

/// Opens a sign-in. No entry: anybody may, and what comes of it is one.
pub async fn open(
    State(app): State<Arc<App>>,
    guest: Guest,
    Body(new): Body<NewTxn>,
) -> Result<(StatusCode, Json<TxnOut>), ApiError> {
    guest.count(&app, Door::SignIn)?;
    let idp = new.idp.or_else(|| app.idps.keys().next().cloned());
    let idp = idp
        .filter(|name| app.idps.contains_key(name))
        .ok_or_else(|| ApiError::invalid("idp", "there is none of this name"))?;
    let (txn, ticket) = new_txn(&app, &idp, &new.challenge, Purpose::SignIn)?;
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_txn(&txn).await?;
    tx.commit().await?;
    Ok(opened(&app, &txn, ticket))
}

/// What the widget is told of a popup's transaction. Whoever shows these two later is known to have them from here.
pub(super) fn opened(app: &App, txn: &Txn, ticket: String) -> (StatusCode, Json<TxnOut>) {
    guest::is_good(app, Door::Ticket, ticket.as_bytes());
    guest::is_good(app, Door::Redeem, txn.id.to_string().as_bytes());
    (StatusCode::CREATED, Json(TxnOut { txn_id: txn.id, ticket }))
}

/// A popup's transaction, for whoever holds the verifier behind this challenge, and its ticket.
pub(super) fn new_txn(app: &App, idp: &str, challenge: &str, purpose: Purpose) -> Result<(Txn, String), ApiError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(challenge).ok();
    let challenge = bytes
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| ApiError::invalid("challenge", "must be 32 bytes in base64url"))?;
    let ticket = secret(app);
    let txn = Txn {
        id: TxnId::new(app.ids.opaque()),
        idp: idp.to_owned(),
        purpose,
        challenge,
        ticket_hash: hashed(ticket.as_bytes()),
        expires_at: app.clock.now().plus_seconds(TXN_SECONDS),
    };
    Ok((txn, ticket))
}

/// A ticket, from the popup.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    ticket: String,
}

/// Where the popup goes next.
#[derive(Serialize, ToSchema)]
pub struct Begun {
    location: String,
}

/// Uses up the ticket, binds the sign-in to the popup's browser and gives the address of the identity provider.
pub async fn begin(
    State(app): State<Arc<App>>,
    guest: Guest,
    Body(ticket): Body<Ticket>,
) -> Result<Response, ApiError> {
    guest.show(&app, Door::Ticket, ticket.ticket.as_bytes())?;
    let handle = secret(&app);
    let mut tx = app.store.begin(&app.tenant).await?;
    let begun =
        tx.update_txn_begun(&hashed(ticket.ticket.as_bytes()), &hashed(handle.as_bytes()), app.clock.now()).await?;
    let txn = begun.ok_or_else(|| {
        guest.showed_nothing(&app, Door::Ticket, ticket.ticket.as_bytes());
        tracing::warn!(reason = "bad_ticket", "a sign-in was refused");
        ApiError::invalid("ticket", "is not valid any more")
    })?;
    tx.commit().await?;
    guest::is_good(&app, Door::Callback, handle.as_bytes());
    let demand = step_up::demand(&app, &txn.purpose)?;
    let idp = idp(&app, &txn.idp)?;
    let location = match idp.begin(&handle, demand.as_ref()).await {
        Ok(location) => location,
        Err(error) => {
            refuse(&app, &guest, &txn, &error).await?;
            return Err(ApiError::Later(ProblemCode::Unavailable, 5));
        }
    };
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie::login(&handle, idp.posts_back()))]);
    Ok((cookie, Json(Begun { location: location.into() })).into_response())
}

pub(super) fn idp<'a>(app: &'a App, name: &str) -> Result<&'a IdentityProvider, ApiError> {
    app.idps.get(name).ok_or_else(ApiError::not_found)
}

/// Notes that a sign-in was refused, for the widget that waits and for the auditor.
async fn refuse(app: &App, guest: &Guest, txn: &Txn, error: &IdpError) -> Result<(), ApiError> {
    let code = match error {
        IdpError::Unreachable(_) => "unreachable",
        IdpError::Refused("no_role") => "no_role",
        IdpError::Refused("other_person") => "other_person",
        IdpError::Refused("auth_time_missing" | "auth_time_too_old" | "acr_not_accepted") => "not_proven",
        IdpError::Refused(_) => "refused",
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.update_txn_refused(txn.id, code).await?;
    let entry = match &txn.purpose {
        Purpose::SignIn => {
            NewEntry::refused(Actor::Guest, Action::SignInRefused, error.code()).with(txn.id.to_string())
        }
        Purpose::StepUp(wanted) => step_up::failed(wanted, error.code()),
    };
    if txn.purpose != Purpose::SignIn || matches!(error, IdpError::Refused("no_role" | "ended_at_idp")) {
        // She is signed in, or her identity provider has vouched for her: she is somebody, and each try counts.
        tx.record(entry.in_request(&super::request_id::current())).await?;
        return Ok(tx.commit().await?);
    }
    tx.commit().await?;
    guest.was_refused(app, entry).await
}

/// Where the identity provider sends the popup back to.
pub async fn callback(
    State(app): State<Arc<App>>,
    InPath(name): InPath<String>,
    guest: Guest,
    headers: HeaderMap,
    InQuery(callback): InQuery<Callback>,
) -> Result<Response, ApiError> {
    returned(&app, &guest, &name, &headers, &Returned::Code(callback)).await
}

/// The popup is back from the identity provider: is that the browser that began, and whom does it bring?
pub(super) async fn returned(
    app: &App,
    guest: &Guest,
    name: &str,
    headers: &HeaderMap,
    with: &Returned,
) -> Result<Response, ApiError> {
    let handle = cookie::find(headers, cookie::LOGIN_COOKIE).unwrap_or_default();
    guest.show(app, Door::Callback, handle.as_bytes())?;
    let mut tx = app.store.glance(&app.tenant).await?;
    let begun = tx.find_txn_begun(&hashed(handle.as_bytes()), app.clock.now()).await?;
    drop(tx);
    let Some(txn) = begun.filter(|txn| txn.idp == name && !handle.is_empty()) else {
        guest.showed_nothing(app, Door::Callback, handle.as_bytes());
        let entry = NewEntry::refused(Actor::Guest, Action::SignInRefused, "no_login_cookie");
        guest.was_refused(app, entry).await?;
        return Ok(ended(headers, "refused", None));
    };
    let begun_at = txn.expires_at.plus_seconds(-TXN_SECONDS);
    let demand = step_up::demand(app, &txn.purpose)?;
    let outcome = match idp(app, name)?.finish((handle, with), demand.as_ref(), begun_at).await {
        Err(error) => Err(error),
        Ok(identity) => match (&txn.purpose, &demand) {
            (Purpose::StepUp(wanted), Some(demand)) => step_up::vouch(app, &txn, (wanted, demand), identity).await?,
            _ => vouch(app, &txn, (identity, family(headers))).await?,
        },
    };
    if let Err(error) = &outcome {
        refuse(app, guest, &txn, error).await?;
    }
    let result = match &outcome {
        Ok(_) if demand.is_some() => "proven",
        Ok(_) => "ok",
        Err(IdpError::Refused("no_role")) => "no_role",
        Err(_) => "refused",
    };
    let response = ended(headers, result, outcome.ok().as_deref());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie::forget_login())]), response).into_response())
}

/// Whether what proves it is shown for the first time, where it could be shown twice. From now on it was.
pub(super) async fn is_first(tx: &mut dyn Tx, issuer: &str, once: Option<&Once>) -> Result<bool, ApiError> {
    let Some(once) = once else { return Ok(true) };
    Ok(tx.insert_assertion(issuer, &hashed(once.id.as_bytes()), once.expires_at).await?)
}

/// Maps roles and keeps the sign-in until the widget redeems it. Gives the person's name.
async fn vouch(
    app: &App,
    txn: &Txn,
    (identity, browser): (Identity, Browser),
) -> Result<Result<String, IdpError>, ApiError> {
    let (roles, queues) = roles::map(idp(app, &txn.idp)?.roles(), &identity.claims);
    if roles.is_empty() {
        return Ok(Err(IdpError::Refused("no_role")));
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let person = Person {
        id: PersonId::new(app.ids.next()),
        idp: txn.idp.clone(),
        issuer: identity.issuer,
        subject: identity.subject,
        name: identity.name,
    };
    let id = tx.upsert_person(&person).await?;
    if let Some(genesys) = &app.genesys {
        let settings = genesys.settings();
        let user = UserHash::claimed(&identity.claims, (&settings.user_claims, settings.user_by));
        tx.upsert_genesys_user(id, user.as_ref().map(UserHash::as_bytes)).await?;
    }
    let since = Micros(identity.issued_at.saturating_mul(1_000_000));
    let by = (person.issuer.as_str(), person.subject.as_str(), identity.session.as_deref());
    if tx.find_idp_logout(by, since).await?.is_some() {
        return Ok(Err(IdpError::Refused("ended_at_idp")));
    }
    if !is_first(&mut *tx, &person.issuer, identity.once.as_ref()).await? {
        return Ok(Err(IdpError::Refused("replayed")));
    }
    let vouched = Vouched {
        person: id,
        idp_session: identity.session,
        session_ends_at: identity.session_ends_at,
        auth_time: identity.auth_time,
        acr: identity.acr,
        roles,
        queues,
        browser,
    };
    if !tx.update_txn_authenticated(txn.id, &vouched).await? {
        return Ok(Err(IdpError::Refused("replayed")));
    }
    tx.commit().await?;
    Ok(Ok(person.name))
}
