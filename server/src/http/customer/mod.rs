//! The customer's page: plain HTML that works in any browser, with or without scripts.
//!
//! Her link is looked at as often as one likes and consumes nothing: mail scanners and curious phones follow links too. Only its button
//! trades the token for a cookie, so the token stays in no address bar, and later requests prove themselves by the cookie alone.

mod again_page;
pub mod capture;
mod capture_page;
pub mod files;
mod page;
mod reader;
pub mod script;
pub mod trouble;
pub mod upload;
mod visit;

use std::sync::Arc;

use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_wire::routes as at;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use self::reader::Reader;
use self::trouble::Trouble;
use self::visit::Visitor;
use super::address::InPath;
use super::guest::{self, Door, Guest};
use super::request_id;
use crate::auth::{cookie, hashed};
use crate::casework;
use crate::clock::random;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::command::Report;
use crate::domain::session::{Consent, Session};
use crate::state::App;
use crate::store::customers::StoredLink;

type Answer = Result<Response, Trouble>;

/// 43 signs of base64url are the 256 bits of a token.
fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The link with this token, while it is open.
async fn opened(app: &App, guest: &Guest, token: &str) -> Result<StoredLink, Trouble> {
    guest.show(app, Door::Link, token.as_bytes())?;
    let now = app.clock.now();
    let found = if is_token(token) {
        app.store.glance(&app.tenant).await?.find_link(&hashed(token.as_bytes())).await?
    } else {
        None
    };
    let session = found.as_ref().map(|link| link.session_id);
    if let Some(link) = found.filter(|link| link.is_open(now)) {
        guest::is_good(app, Door::Link, token.as_bytes());
        visit::ask(app, guest, &link)?;
        return Ok(link);
    }
    guest.showed_nothing(app, Door::Link, token.as_bytes());
    let mut entry = NewEntry::refused(Actor::Guest, Action::LinkRefused, "not_found");
    entry.session = session;
    guest.was_refused(app, entry).await?;
    Err(Trouble::Link)
}

/// What the link is for, with a button. Consumes nothing.
pub async fn show_link(
    State(app): State<Arc<App>>,
    guest: Guest,
    reader: Reader,
    InPath(token): InPath<String>,
) -> Answer {
    opened(&app, &guest, &token).await?;
    let action = at::CUSTOMER_LINK.replace("{token}", &token);
    Ok(page::start(&app, &reader, &action))
}

/// Trades the token for the cookie of a visit.
pub async fn begin(
    State(app): State<Arc<App>>,
    guest: Guest,
    reader: Reader,
    headers: HeaderMap,
    InPath(token): InPath<String>,
) -> Answer {
    visit::check_own_page(&app, &headers)?;
    let link = opened(&app, &guest, &token).await?;
    let secret = BASE64_URL_SAFE_NO_PAD.encode(random::<32>(&*app.rng));
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_visit(&hashed(secret.as_bytes()), &link.hash, link.expires_at).await?;
    let entry = NewEntry::done(Actor::Customer, Action::LinkOpened).on(link.session_id);
    tx.record(entry.in_request(&request_id::current())).await?;
    tx.commit().await?;
    guest::is_good(&app, Door::Visit, secret.as_bytes());
    let left = link.expires_at.seconds_since(app.clock.now());
    let mut response = see_page(&reader);
    let cookie = HeaderValue::try_from(cookie::visit(&secret, left)).map_err(|_| Trouble::Form)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Back to the page, by GET: going back or reloading sends nothing twice.
fn see_page(reader: &Reader) -> Response {
    let to = HeaderValue::try_from(reader.at(at::CUSTOMER_PAGE)).expect("a path of letters");
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// Where she is, and the one thing to do next.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, reader: Reader) -> Answer {
    let session = visitor.session(&app).await?;
    Ok(page::of(&app, &reader, &visitor, &session))
}

/// A form of ours: it holds what only the page that was shown to this visitor knows.
#[derive(Debug, Deserialize)]
struct Plain {
    form: String,
}

/// Whether a form was on a page that was shown to this visitor.
fn check_form(visitor: &Visitor, shown: &str) -> Result<(), Trouble> {
    let is_ours = bool::from(visitor.form().as_bytes().ct_eq(shown.as_bytes()));
    if is_ours { Ok(()) } else { Err(Trouble::Form) }
}

/// She consents to the text as it was shown: its hash, version and language are kept.
pub async fn consent(State(app): State<Arc<App>>, visitor: Visitor, reader: Reader, request: Request) -> Answer {
    let Form(sent) = Form::<Plain>::from_request(request, &app).await.map_err(|_| Trouble::Form)?;
    check_form(&visitor, &sent.form)?;
    let consent = Consent {
        hash: reader.words.consent_hash(),
        version: reader.words.say("consent.version").to_owned(),
        language: reader.words.code().to_owned(),
        at: app.clock.now(),
    };
    take_consent(&app, &visitor, consent).await?;
    Ok(see_page(&reader))
}

async fn take_consent(app: &App, visitor: &Visitor, consent: Consent) -> Result<Session, Trouble> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(visitor.session_id()).await?.ok_or(Trouble::Link)?;
    if session.consent.as_ref().is_some_and(|given| given.hash == consent.hash) {
        return Ok(session);
    }
    let code = consent.code();
    let report = Report::Consented(consent);
    let entry = NewEntry::done(Actor::Customer, Action::ConsentGiven).on(visitor.session_id()).with(code);
    let entry = entry.in_request(&request_id::current());
    Ok(casework::report_as(app, tx, session, report, entry).await?.commit(app).await?)
}
