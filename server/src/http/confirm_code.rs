//! Sign-in by a code, where a panel and its window cannot reach each other: the panel shows the code, the agent types it into the window.
//!
//! It is off unless `auth.confirm_code` is set. It refuses a code that is late, used, tried too often, or typed in another network than it was
//! given to; every use is an entry, and so is every refusal.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use kyc_wire::ids::{Micros, TxnId};
use kyc_wire::me::{IdpChoice, SignInOptions};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::json::Body;
use super::sign_in::secret;
use crate::auth::confirm_code::{Code, SECONDS, TRIES, browser_of};
use crate::auth::hashed;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::state::App;
use crate::store::Tx;
use crate::store::confirm_codes::ConfirmCode;

/// How often another code is made when one begins like a code that is kept.
const ATTEMPTS: usize = 8;

/// By whom one can sign in, and whether a code may stand for a window that cannot be reached.
pub async fn options(State(app): State<Arc<App>>) -> Json<SignInOptions> {
    let choice = |(name, idp): (&String, &crate::config::auth::Configured)| IdpChoice {
        name: name.clone(),
        label: idp.label().to_owned(),
    };
    Json(SignInOptions {
        idps: app.config.auth.idps.iter().map(choice).collect(),
        by_code: app.config.auth.confirm_code,
    })
}

/// Makes the code of a panel that opens a sign-in.
pub(super) async fn issue(
    app: &App,
    tx: &mut dyn Tx,
    txn: TxnId,
    guest: &Guest,
    headers: &HeaderMap,
) -> Result<String, ApiError> {
    if !app.config.auth.confirm_code {
        return Err(ApiError::invalid("by_code", "is switched off"));
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let now = app.clock.now();
    for _ in 0..ATTEMPTS {
        let code = Code::new(&*app.rng);
        let kept = ConfirmCode {
            txn,
            selector: code.selector().to_owned(),
            hash: hashed(code.as_str().as_bytes()),
            network_hash: of_network(&code, guest),
            browser: browser_of(agent),
            opened_at: now,
            tries_left: TRIES,
            expires_at: now.plus_seconds(SECONDS),
        };
        if tx.insert_confirm_code(&kept).await? {
            return Ok(code.as_str().to_owned());
        }
    }
    Err(ApiError::Later(kyc_wire::problem::ProblemCode::Unavailable, 5))
}

fn of_network(code: &Code, guest: &Guest) -> [u8; 32] {
    hashed(format!("{} {}", code.as_str(), guest.network()).as_bytes())
}

/// A code, from the window.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedCode {
    code: String,
}

/// The panel that a code stands for, for the agent to recognise, and the ticket that it would have handed over.
#[derive(Serialize, ToSchema)]
pub struct Confirmed {
    ticket: String,
    /// When the panel began to wait.
    waits_since: Micros,
    /// Its browser and system; empty when unknown.
    browser: String,
    /// Its network, which is the window's too.
    network: String,
}

/// Uses up a code.
pub async fn confirm(
    State(app): State<Arc<App>>,
    guest: Guest,
    Body(typed): Body<TypedCode>,
) -> Result<Json<Confirmed>, ApiError> {
    if !app.config.auth.confirm_code {
        return Err(ApiError::not_found());
    }
    guest.show(&app, Door::Code, typed.code.as_bytes())?;
    let ticket = secret(&app);
    let found = match Code::parse(&typed.code) {
        Some(code) => used(&app, &guest, &code, &ticket).await?,
        None => Err("no_such_code"),
    };
    let code = match found {
        Ok(code) => code,
        Err(why) => {
            guest.showed_nothing(&app, Door::Code, typed.code.as_bytes());
            guest.was_refused(&app, NewEntry::refused(Actor::Guest, Action::SignInConfirmCodeUsed, why)).await?;
            return Err(ApiError::invalid("code", "is not valid, or not any more"));
        }
    };
    guest::is_good(&app, Door::Ticket, ticket.as_bytes());
    let network = guest.network().to_owned();
    Ok(Json(Confirmed { ticket, waits_since: code.opened_at, browser: code.browser, network }))
}

/// Takes one try of the code; if it is right, it is gone, and the sign-in that it stands for has this ticket.
async fn used(
    app: &App,
    guest: &Guest,
    code: &Code,
    ticket: &str,
) -> Result<Result<ConfirmCode, &'static str>, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(kept) = tx.update_confirm_code_tried(code.selector(), now).await? else {
        return Ok(Err("no_such_code"));
    };
    if !bool::from(kept.hash.ct_eq(&hashed(code.as_str().as_bytes()))) {
        tx.commit().await?;
        return Ok(Err("wrong_code"));
    }
    // Right once is enough, wherever it was typed: a code that somebody else knows is worth nothing any more.
    let is_first = tx.delete_confirm_code(kept.txn).await?;
    if !bool::from(kept.network_hash.ct_eq(&of_network(code, guest))) {
        tx.commit().await?;
        return Ok(Err("other_network"));
    }
    if !is_first || !tx.update_txn_ticket(kept.txn, &hashed(ticket.as_bytes()), now).await? {
        return Ok(Err("no_such_code"));
    }
    let entry = NewEntry::done(Actor::Guest, Action::SignInConfirmCodeUsed).with(kept.txn.to_string());
    tx.record(entry.in_request(&super::request_id::current())).await?;
    tx.commit().await?;
    Ok(Ok(kept))
}
