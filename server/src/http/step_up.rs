//! Step-up: before an act for which the policy asks it, whoever acts proves anew who she is, in the same popup as when she signed in.
//!
//! The act is refused as RFC 9470 has it; the widget opens the popup, bound to the running sign-in, and repeats the act. What counts is what
//! the identity provider vouches for afterwards. The proof is for that person, that act and that object, once and for a few minutes, and is
//! taken in the transaction of the act itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kyc_wire::ids::{Micros, SessionId, SignInId};
use kyc_wire::me::{NewStepUp, Place, Txn as TxnOut, TxnState};
use kyc_wire::photo::Photo;
use kyc_wire::session::Act;
use kyc_wire::sign_ins::Browser;
use tower_sessions::Session;

use super::error::ApiError;
use super::json::Body;
use super::leave;
use super::redeem::begin_session;
use super::request_id;
use super::sign_in::{idp, is_first, new_txn, opened};
use super::staff::Desk;
use crate::auth::demand::Demand;
use crate::auth::idp::{Identity, IdpError};
use crate::auth::{SIGN_IN, Staff, roles};
use crate::casework;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::state::App;
use crate::store::Tx;
use crate::store::sign_ins::{Purpose, StepUp, Txn, Vouched};

/// For how long a proof waits for its act.
const GRANT_SECONDS: i64 = 300;
/// More values and photos than a session has.
const MAX_PARTS: usize = 32;

/// What of a session an act is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// A value that is revealed.
    Value(Place),
    /// A photo that is looked at.
    Photo(Photo),
}

/// What an act is done to: the session, and of a reveal each value and each photo for itself.
fn object(session: SessionId, part: Part) -> String {
    match part {
        Part::Whole => session.to_string(),
        Part::Value(Place { field, origin }) => format!("{session} {} {}", origin.as_str(), field.as_str()),
        Part::Photo(photo) => format!("{session} photo {}", photo.as_str()),
    }
}

/// A proof that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    by: SignInId,
    act: Act,
    object: String,
    until: Micros,
}

/// Takes the proof that an act asks for, in the act's own transaction; none where none is asked for. The refusal tells what is asked.
pub async fn take(
    app: &App,
    tx: &mut dyn Tx,
    by: &Staff,
    (act, session, part): (Act, SessionId, Part),
) -> Result<Option<Proof>, ApiError> {
    let Some(asked) = app.config.policy.step_up.get(&act) else { return Ok(None) };
    let (by, object) = (by.sign_in_id(), object(session, part));
    match tx.delete_step_up(by, (act, &object), app.clock.now()).await? {
        Some(until) => Ok(Some(Proof { by, act, object, until })),
        None => Err(ApiError::Unproven(asked.clone())),
    }
}

/// Gives a proof back whose act did not happen after all. It lasts no longer for it.
pub async fn give_back(tx: &mut dyn Tx, proof: &Proof) -> Result<(), ApiError> {
    Ok(tx.upsert_step_up(proof.by, (proof.act, &proof.object), proof.until).await?)
}

/// The entry about a proof: of a reveal it names each field and each photo.
fn entry(of: &StepUp, action: Action) -> NewEntry {
    let fields: Vec<_> = of.values.iter().map(|value| value.field).collect();
    let photos = of.photos.iter().map(|photo| photo.as_str());
    let detail: Vec<_> = std::iter::once(of.act.as_str()).chain(photos).collect();
    let actor = Actor::Person { person: of.person, sign_in: of.sign_in };
    let entry = NewEntry::done(actor, action).on(of.session).about(&fields).with(detail.join(":"));
    entry.in_request(&request_id::current())
}

/// What was refused, and why.
pub(super) fn failed(of: &StepUp, code: &str) -> NewEntry {
    NewEntry {
        outcome: NewEntry::refused(Actor::Guest, Action::StepUpFailed, code).outcome,
        ..entry(of, Action::StepUpFailed)
    }
}

/// Opens the proof that an act asks for.
pub async fn open(
    State(app): State<Arc<App>>,
    by: Desk,
    Body(new): Body<NewStepUp>,
) -> Result<(StatusCode, Json<TxnOut>), ApiError> {
    if !app.config.policy.step_up.contains_key(&new.act) {
        return Err(ApiError::invalid("act", "asks for no proof"));
    }
    let parts = new.values.len() + new.photos.len();
    if (parts == 0) == (new.act == Act::Reveal) || parts > MAX_PARTS {
        return Err(ApiError::invalid("values", "and photos belong to a reveal, and to nothing else"));
    }
    let wanted = StepUp {
        sign_in: by.sign_in_id(),
        person: by.person(),
        act: new.act,
        session: new.session_id,
        values: new.values,
        photos: new.photos,
        opened_at: app.clock.now(),
    };
    let requested = entry(&wanted, Action::StepUpRequested);
    let (txn, ticket) = new_txn(&app, &by.sign_in().idp, &new.challenge, Purpose::StepUp(wanted))?;
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(new.session_id).await?;
    if !session.is_some_and(|session| casework::may_work_on(&by, &session)) {
        return Err(ApiError::not_found());
    }
    tx.insert_txn(&txn).await?;
    tx.record(requested).await?;
    tx.commit().await?;
    Ok(opened(&app, &txn, ticket, None))
}

/// What the identity provider must prove for it, by the policy in force.
pub(super) fn demand(app: &App, purpose: &Purpose) -> Result<Option<Demand>, ApiError> {
    let Purpose::StepUp(wanted) = purpose else { return Ok(None) };
    let proof = app.config.policy.step_up.get(&wanted.act).cloned().ok_or_else(ApiError::not_found)?;
    Ok(Some(Demand { proof, since: wanted.opened_at }))
}

/// Checks what the identity provider vouches for, and keeps it until the widget redeems it. Gives the person's name.
pub(super) async fn vouch(
    app: &App,
    txn: &Txn,
    (wanted, demand): (&StepUp, &Demand),
    identity: Identity,
) -> Result<Result<String, IdpError>, ApiError> {
    let refused = |code| Ok(Err(IdpError::Refused(code)));
    let mut tx = app.store.begin(&app.tenant).await?;
    if tx.find_person(&identity.issuer, &identity.subject).await? != Some(wanted.person) {
        return refused("other_person");
    }
    if let Err(code) = demand.check(identity.auth_time, &identity.reached) {
        return refused(code);
    }
    let (roles, queues) = roles::map(idp(app, &txn.idp)?.roles(), &identity.claims);
    if roles.is_empty() {
        return refused("no_role");
    }
    let since = Micros(identity.issued_at.saturating_mul(1_000_000));
    let by = (identity.issuer.as_str(), identity.subject.as_str(), identity.session.as_deref());
    if tx.find_idp_logout(by, since).await?.is_some() {
        return refused("ended_at_idp");
    }
    if !is_first(&mut *tx, &identity.issuer, identity.once.as_ref()).await? {
        return refused("replayed");
    }
    let id_token = leave::sealed(app, &mut *tx, wanted.person, identity.id_token.as_ref()).await?;
    let vouched = Vouched {
        person: wanted.person,
        idp_session: identity.session,
        session_ends_at: identity.session_ends_at,
        auth_time: identity.auth_time,
        acr: identity.acr,
        roles,
        queues,
        browser: Browser::default(),
        id_token,
    };
    if !tx.update_txn_authenticated(txn.id, &vouched).await? {
        return refused("replayed");
    }
    tx.commit().await?;
    Ok(Ok(identity.name))
}

/// Trades the finished proof for what it is good for, in the sign-in in which it was asked for and in no other. The browser session gets a
/// new id; the old one is dead.
pub(super) async fn redeem(
    app: &App,
    mut tx: Box<dyn Tx>,
    (txn, wanted, vouched): (&Txn, &StepUp, &Vouched),
    session: &Session,
) -> Result<Json<TxnState>, ApiError> {
    let now = app.clock.now();
    let fault = |error| ApiError::Fault(kyc_wire::problem::ProblemCode::Unavailable, Box::new(error));
    let running = session.get(SIGN_IN).await.map_err(fault)?;
    let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
    let is_hers =
        running == Some(wanted.sign_in) && Staff::find(&mut *tx, wanted.sign_in, active_since, now).await?.is_some();
    if !is_hers {
        tx.record(failed(wanted, "other_sign_in")).await?;
        tx.commit().await?;
        return Err(ApiError::not_found());
    }
    if !tx.update_txn_redeemed(txn.id).await? || !tx.update_sign_in_vouched(wanted.sign_in, vouched).await? {
        return Err(ApiError::not_found());
    }
    let until = now.plus_seconds(GRANT_SECONDS);
    let values = wanted.values.iter().copied().map(Part::Value);
    let mut parts: Vec<Part> = values.chain(wanted.photos.iter().copied().map(Part::Photo)).collect();
    if parts.is_empty() {
        parts.push(Part::Whole);
    }
    for part in parts {
        tx.upsert_step_up(wanted.sign_in, (wanted.act, &object(wanted.session, part)), until).await?;
    }
    tx.record(entry(wanted, Action::StepUpSucceeded)).await?;
    tx.commit().await?;
    begin_session(app, session, wanted.sign_in).await?;
    Ok(Json(TxnState::Redeemed))
}
