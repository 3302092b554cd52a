//! The way to the provider, which checks her document and her face. Its link is for her alone: it stands on no page, and is opened at the
//! moment she goes there, so that she always gets the newest run's.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use zeroize::Zeroizing;

use super::reader::Reader;
use super::visit::Visitor;
use super::{Answer, see_page};
use crate::casework;
use crate::custody;
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::pii::vault::KeyScope;
use crate::state::App;
use crate::store::Tx;

/// Leads her to the newest run, or back to the page where there is none for her to do. In the same window: on a phone she comes back by
/// the provider's own way, to the page and not here, and our pages tell nobody where she came from.
pub async fn go(State(app): State<Arc<App>>, visitor: Visitor, reader: Reader, headers: HeaderMap) -> Answer {
    if !is_her_going(&headers) {
        return Ok(see_page(&reader));
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(visitor.session_id()).await?;
    let session = session.filter(Session::takes_capture);
    let Some(session) = session else { return Ok(see_page(&reader)) };
    let entry = (Actor::Customer, Action::Connected);
    let changed = casework::report(&app, tx, session, Report::SentToCapture, entry).await;
    let mut changed = match changed {
        Ok(changed) => changed,
        // Time has ended it meanwhile; the page says so.
        Err(ApiError::Refused(..)) => return Ok(see_page(&reader)),
        Err(error) => return Err(error.into()),
    };
    let session = changed.session.clone();
    let url = address(&app, changed.tx(), &session).await?;
    changed.commit(&app).await?;
    let to = url.and_then(|url| HeaderValue::try_from(url.as_str()).ok());
    let Some(mut to) = to else { return Ok(see_page(&reader)) };
    to.set_sensitive(true);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// Whether she goes there herself, from our page. It is a sign of life and may begin a run that is paid for, and her cookie comes along too
/// when another site leads her browser here, or lets it fetch ahead. Old browsers say nothing of either.
fn is_her_going(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let is_from_here = text("sec-fetch-site").is_none_or(|site| site == b"same-origin" || site == b"none");
    let is_ahead = ["sec-purpose", "purpose"].into_iter().filter_map(text).any(|why| why.starts_with(b"prefetch"));
    is_from_here && !is_ahead
}

/// Where the newest run is done, while it is hers to do.
async fn address(app: &App, tx: &mut dyn Tx, session: &Session) -> Result<Option<Zeroizing<String>>, ApiError> {
    let run = casework::counting_run(tx, session).await?.filter(|_| session.takes_capture());
    let key = custody::existing_key(tx, &app.vault, &app.tenant, &KeyScope::Session(session.id)).await?;
    Ok(run.zip(key).and_then(|(run, key)| {
        let clear = key.open_bytes(&run.capture_url, "capture_url", "provider_run").ok()?;
        String::from_utf8(clear.to_vec()).ok().map(Zeroizing::new)
    }))
}
