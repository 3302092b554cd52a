//! The widget trades a finished sign-in, or a finished proof, for what it is good for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kyc_wire::ids::{Micros, SignInId, TxnId};
use kyc_wire::me::{Redeem, RefusalCode, TxnState};
use kyc_wire::problem::ProblemCode;
use subtle::ConstantTimeEq;
use tower_sessions::Session;

use super::address::InPath;
use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::json::Body;
use super::{limits, logout, step_up};
use crate::auth::{SIGN_IN, hashed};
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::rates::Limit;
use crate::state::App;
use crate::store::Tx;
use crate::store::sign_ins::{Purpose, SignIn, Txn, TxnProgress, Vouched};

/// Redeeming is asked for about once a second.
const REDEEM_LIMIT: Limit = Limit { requests: 30, seconds: 10 };

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
    if let Purpose::StepUp(wanted) = &txn.purpose {
        return step_up::redeem(&app, tx, (&txn, wanted, &vouched), &session).await;
    }
    if matches!(txn.purpose, Purpose::Leave(_)) || !tx.update_txn_redeemed(id).await? {
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

/// Begins the browser session anew: its id changes, and what it was before is dead.
pub(super) async fn begin_session(app: &App, session: &Session, id: SignInId) -> Result<(), ApiError> {
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
async fn end_surplus(app: &App, tx: &mut dyn Tx, newest: &SignIn) -> Result<Vec<SignInId>, ApiError> {
    let now = app.clock.now();
    let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
    let live = tx.list_live_sign_ins(newest.vouched.person, active_since, now).await?;
    let others = live.into_iter().filter(|id| *id != newest.id);
    let surplus: Vec<SignInId> = others.skip(app.config.auth.max_sign_ins - 1).collect();
    logout::revoke(tx, &surplus, now, (&Actor::System, "too_many")).await
}
