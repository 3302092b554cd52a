//! Sign-in over HTTP.
//!
//! The widget sits in a frame of another site, so the identity provider is visited in a popup. The widget gives the popup a one-time
//! ticket while both are on our origin; afterwards the two never need to reach each other again: the widget redeems the finished sign-in
//! here, with a verifier that it alone holds. No secret ever travels from the popup to the frame, and none is in a URL.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_wire::ids::{Micros, PersonId, SignInId, TxnId};
use kyc_wire::me::{NewTxn, Redeem, RefusalCode, Txn as TxnOut, TxnState};
use kyc_wire::problem::ProblemCode;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tower_sessions::Session;
use utoipa::ToSchema;

use super::address::{InPath, InQuery};
use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::json::Body;
use super::{limits, logout};
use crate::auth::idp::{Identity, IdentityProvider, IdpError, Returned};
use crate::auth::oidc::Callback;
use crate::auth::{SIGN_IN, cookie, hashed, roles};
use crate::clock::random;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::genesys::UserHash;
use crate::rates::Limit;
use crate::state::App;
use crate::store::sign_ins::{Person, SignIn, Txn, TxnProgress, Vouched};

/// How long a sign-in may take.
const TXN_SECONDS: i64 = 300;
/// Redeeming is asked for about once a second.
const REDEEM_LIMIT: Limit = Limit { requests: 30, seconds: 10 };

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
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&new.challenge).ok();
    let challenge = bytes
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| ApiError::invalid("challenge", "must be 32 bytes in base64url"))?;
    let idp = new.idp.or_else(|| app.idps.keys().next().cloned());
    let idp = idp
        .filter(|name| app.idps.contains_key(name))
        .ok_or_else(|| ApiError::invalid("idp", "there is none of this name"))?;
    let now = app.clock.now();
    let ticket = secret(&app);
    let txn = Txn {
        id: TxnId::new(app.ids.opaque()),
        idp,
        challenge,
        ticket_hash: hashed(ticket.as_bytes()),
        expires_at: now.plus_seconds(TXN_SECONDS),
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_txn(&txn).await?;
    tx.commit().await?;
    guest::is_good(&app, Door::Ticket, ticket.as_bytes());
    guest::is_good(&app, Door::Redeem, txn.id.to_string().as_bytes());
    Ok((StatusCode::CREATED, Json(TxnOut { txn_id: txn.id, ticket })))
}

/// A page or file of the popup.
fn page(kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let mut response = body.into().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // The opener is needed for the ticket; this deviates from ASVS 5.0 item 3.4.8 on purpose.
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none"));
    response
}

/// The popup's page.
pub async fn popup() -> Response {
    page("text/html; charset=utf-8", include_str!("popup/popup.html"))
}

/// The popup's files.
pub async fn popup_file(InPath(file): InPath<String>) -> Result<Response, ApiError> {
    match file.as_str() {
        "popup.js" => Ok(page("text/javascript; charset=utf-8", include_str!("popup/popup.js"))),
        "result.js" => Ok(page("text/javascript; charset=utf-8", include_str!("popup/result.js"))),
        "popup.css" => Ok(page("text/css; charset=utf-8", include_str!("popup/popup.css"))),
        _ => Err(ApiError::not_found()),
    }
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
    let idp = idp(&app, &txn.idp)?;
    let location = match idp.begin(&handle).await {
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
        IdpError::Refused(_) => "refused",
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.update_txn_refused(txn.id, code).await?;
    let entry = NewEntry::refused(Actor::Guest, Action::SignInRefused, error.code()).with(txn.id.to_string());
    if matches!(error, IdpError::Refused("no_role" | "ended_at_idp")) {
        // Her identity provider has vouched for her: she is somebody, and each try counts.
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
    let outcome = match idp(app, name)?.finish(handle, with, begun_at).await {
        Ok(identity) => vouch(app, &txn, identity).await?,
        Err(error) => Err(error),
    };
    if let Err(error) = &outcome {
        refuse(app, guest, &txn, error).await?;
    }
    let result = match &outcome {
        Ok(_) => "ok",
        Err(IdpError::Refused("no_role")) => "no_role",
        Err(_) => "refused",
    };
    let response = ended(headers, result, outcome.ok().as_deref());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie::forget_login())]), response).into_response())
}

/// Maps roles and keeps the sign-in until the widget redeems it. Gives the person's name.
async fn vouch(app: &App, txn: &Txn, identity: Identity) -> Result<Result<String, IdpError>, ApiError> {
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
    if let Some(once) = &identity.once
        && !tx.insert_assertion(&person.issuer, &hashed(once.id.as_bytes()), once.expires_at).await?
    {
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
    };
    if !tx.update_txn_authenticated(txn.id, &vouched).await? {
        return Ok(Err(IdpError::Refused("replayed")));
    }
    tx.commit().await?;
    Ok(Ok(person.name))
}

/// The popup's last page.
pub(super) fn ended(headers: &HeaderMap, result: &str, name: Option<&str>) -> Response {
    let is_german =
        headers.get(header::ACCEPT_LANGUAGE).is_some_and(|languages| languages.as_bytes().starts_with(b"de"));
    let name = escaped(name.unwrap_or_default());
    let (title, detail) = match (result, is_german) {
        ("ok", false) => (format!("Signed in as {name}"), "You can close this window."),
        ("ok", true) => (format!("Angemeldet als {name}"), "Sie können dieses Fenster schließen."),
        ("no_role", false) => (
            "No access".to_owned(),
            "You are signed in at your bank, but have no role in this application. Your administrator can give you one.",
        ),
        ("no_role", true) => (
            "Kein Zugang".to_owned(),
            "Sie sind bei Ihrer Bank angemeldet, haben hier aber keine Rolle. Ihre Administration kann Ihnen eine geben.",
        ),
        ("signed_out", false) => ("Signed out".to_owned(), "You can close this window."),
        ("signed_out", true) => ("Abgemeldet".to_owned(), "Sie können dieses Fenster schließen."),
        ("not_signed_out", false) => (
            "Still signed in here".to_owned(),
            "Signing out here did not work. Please sign out in the application itself.",
        ),
        ("not_signed_out", true) => (
            "Hier noch angemeldet".to_owned(),
            "Das Abmelden hat hier nicht geklappt. Bitte melden Sie sich in der Anwendung selbst ab.",
        ),
        (_, false) => {
            ("Sign-in was refused".to_owned(), "Please close this window and try again from the application.")
        }
        (_, true) => (
            "Anmeldung abgelehnt".to_owned(),
            "Bitte schließen Sie dieses Fenster und versuchen Sie es in der Anwendung noch einmal.",
        ),
    };
    let html = include_str!("popup/result.html")
        .replace("{{title}}", &title)
        .replace("{{detail}}", detail)
        .replace("{{result}}", result);
    let html = if is_german { html.replace("lang=\"en\"", "lang=\"de\"") } else { html };
    page("text/html; charset=utf-8", html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('{', "&#123;")
}

/// Redeems a finished sign-in: only with the verifier, only once. The browser session begins here and has a new id.
///
/// It is asked for until the sign-in is finished, so it looks first, and writes only when there is something to redeem.
pub async fn redeem(
    State(app): State<Arc<App>>,
    guest: Guest,
    InPath(id): InPath<TxnId>,
    session: Session,
    Body(redeem): Body<Redeem>,
) -> Result<Json<TxnState>, ApiError> {
    let now = app.clock.now();
    let (txn, progress) = hers(&app, &guest, id, &redeem).await?;
    let vouched = match progress {
        TxnProgress::Pending | TxnProgress::Begun => return Ok(Json(TxnState::Pending)),
        TxnProgress::Refused(code) => return Ok(Json(TxnState::Refused { code })),
        TxnProgress::Redeemed => return Ok(Json(TxnState::Refused { code: RefusalCode::Refused })),
        TxnProgress::Authenticated(vouched) => vouched,
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    if !tx.update_txn_redeemed(id).await? {
        return Err(ApiError::not_found());
    }
    let sign_in = new_sign_in(&app, txn.idp, vouched, now);
    tx.insert_sign_in(&sign_in).await?;
    let ended = end_surplus(&app, &mut *tx, &sign_in).await?;
    let actor = Actor::Person { person: sign_in.vouched.person, sign_in: sign_in.id };
    tx.record(
        NewEntry::done(actor, Action::SignInSucceeded).with(id.to_string()).in_request(&super::request_id::current()),
    )
    .await?;
    tx.commit().await?;
    for id in ended {
        app.events.sign_in_ended(id);
    }
    begin_session(&app, &session, sign_in.id).await?;
    Ok(Json(TxnState::Redeemed))
}

/// A sign-in that lasts as long as the configuration allows, and no longer than the session it came from.
fn new_sign_in(app: &App, idp: String, vouched: Vouched, now: Micros) -> SignIn {
    let deadline = now.plus_seconds(app.config.auth.absolute_seconds);
    SignIn {
        id: SignInId::new(app.ids.next()),
        idp,
        absolute_deadline: vouched.session_ends_at.map_or(deadline, |end| end.min(deadline)),
        vouched,
        created_at: now,
        last_activity_at: now,
    }
}

/// The sign-in under way, for whoever has its verifier.
async fn hers(app: &App, guest: &Guest, id: TxnId, redeem: &Redeem) -> Result<(Txn, TxnProgress), ApiError> {
    let shown = id.to_string();
    guest.show(app, Door::Redeem, shown.as_bytes())?;
    limits::ask(app, "redeem", &shown, REDEEM_LIMIT)?;
    let found = app.store.glance(&app.tenant).await?.find_txn(id, app.clock.now()).await?;
    let is_hers = |txn: &Txn| bool::from(hashed(redeem.verifier.as_bytes()).ct_eq(&txn.challenge));
    found.filter(|(txn, _)| is_hers(txn)).ok_or_else(|| {
        guest.showed_nothing(app, Door::Redeem, shown.as_bytes());
        tracing::warn!(reason = "bad_verifier", txn.id = %id, "a sign-in was refused");
        ApiError::not_found()
    })
}

async fn begin_session(app: &App, session: &Session, id: SignInId) -> Result<(), ApiError> {
    let fault = |error| ApiError::Fault(ProblemCode::Unavailable, Box::new(error));
    session.cycle_id().await.map_err(fault)?;
    session.clear().await;
    session.insert(SIGN_IN, id).await.map_err(fault)?;
    // Saved now, so that its cookie is known before it is shown for the first time.
    session.save().await.map_err(fault)?;
    if let Some(id) = session.id() {
        guest::is_good(app, Door::Cookie, id.to_string().as_bytes());
    }
    Ok(())
}

/// Ends a person's oldest sign-ins beyond the allowed number, and says which.
async fn end_surplus(app: &App, tx: &mut dyn crate::store::Tx, newest: &SignIn) -> Result<Vec<SignInId>, ApiError> {
    let now = app.clock.now();
    let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
    let live = tx.list_live_sign_ins(newest.vouched.person, active_since, now).await?;
    let others = live.into_iter().filter(|id| *id != newest.id);
    let surplus: Vec<SignInId> = others.skip(app.config.auth.max_sign_ins - 1).collect();
    logout::revoke(tx, &surplus, now, "too_many").await?;
    Ok(surplus)
}
