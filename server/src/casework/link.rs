//! Links that lead a customer to her page: for one session each, for a time, and taken back when another is issued.
//!
//! A token has 256 bits and is kept nowhere: it follows from the session's data key and a nonce, so the flow may ask for the link again,
//! and whoever has the database without the master key has none. What a shown token is looked up by is its hash.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::routes;
use url::Url;
use zeroize::Zeroizing;

use crate::auth::hashed;
use crate::clock::random;
use crate::custody;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::http::request_id;
use crate::pii::vault::{DataKey, KeyScope};
use crate::state::App;
use crate::store::Tx;
use crate::store::customers::StoredLink;

/// A link with less time than this is not handed out again: nobody can do anything by it.
const TOO_LATE_SECONDS: i64 = 10 * 60;

/// A link as it is handed out. Whoever has it is taken for the customer, so it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedLink {
    /// The address.
    pub url: String,
    /// When it ends.
    pub expires_at: Micros,
}

/// Where customers begin, with this token.
fn address(edge: &Url, token: &str) -> String {
    let path = routes::CUSTOMER_LINK.replace("{token}", token);
    format!("{}{path}", edge.origin().ascii_serialization())
}

/// The token that follows from a session's key and a nonce.
fn token(key: &DataKey, nonce: &[u8; 16]) -> Zeroizing<String> {
    Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*key.derive("customer_link", nonce)))
}

fn issued(app: &App, key: &DataKey, link: &StoredLink) -> IssuedLink {
    let token = token(key, &link.nonce);
    IssuedLink { url: address(&app.config.http.edge_url, &token), expires_at: link.expires_at }
}

/// The link in force, if the session has one.
pub async fn find(app: &App, tx: &mut dyn Tx, session: SessionId) -> Result<Option<IssuedLink>, ApiError> {
    let soon = app.clock.now().plus_seconds(TOO_LATE_SECONDS);
    let Some(link) = tx.find_latest_link(session).await?.filter(|link| link.is_open(soon)) else { return Ok(None) };
    let key = custody::existing_key(tx, &app.vault, &app.tenant, &KeyScope::Session(session)).await?;
    Ok(key.map(|key| issued(app, &key, &link)))
}

/// The link in force, issued when there is none, in a transaction that the caller commits. None when the session is out of the customer's
/// hands for good.
pub async fn offer(
    app: &App,
    tx: &mut dyn Tx,
    session: &Session,
    actor: Actor,
) -> Result<Option<IssuedLink>, ApiError> {
    if !session.state.can_be_held() {
        return Ok(None);
    }
    if let Some(found) = find(app, tx, session.id).await? {
        return Ok(Some(found));
    }
    let link = issue(app, tx, session.id).await?;
    let entry = NewEntry::done(actor, Action::LinkIssued).on(session.id).in_request(&request_id::current());
    tx.record(entry).await?;
    Ok(Some(link))
}

/// Takes every earlier link back and issues another, in a transaction that the caller commits together with its entry.
pub async fn renew(app: &App, tx: &mut dyn Tx, session: SessionId) -> Result<IssuedLink, ApiError> {
    tx.update_links_revoked(session, app.clock.now()).await?;
    issue(app, tx, session).await
}

async fn issue(app: &App, tx: &mut dyn Tx, session: SessionId) -> Result<IssuedLink, ApiError> {
    let now = app.clock.now();
    let key = custody::key(tx, &app.vault, &app.tenant, &KeyScope::Session(session)).await?;
    let nonce = random::<16>(&*app.rng);
    let hash = hashed(token(&key, &nonce).as_bytes());
    let expires_at = now.plus_seconds(app.config.customer.link_seconds.into());
    let link = StoredLink { hash, session_id: session, nonce, issued_at: now, expires_at, revoked_at: None };
    tx.insert_link(&link).await?;
    Ok(issued(app, &key, &link))
}
