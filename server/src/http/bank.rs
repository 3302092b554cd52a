//! The bank's own system hands over what the applicant claimed, and holds what would be deleted. Claims are sealed on arrival and never
//! pass through Genesys.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::{Address, BirthDate, DocumentNumber, Email, FullName, Kind, Phone};
use kyc_wire::problem::ProblemCode;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::address::InPath;
use super::clients::{BankClient, HoldClient};
use super::error::ApiError;
use super::json::Body;
use crate::casework;
use crate::domain::audit::{Action, NewEntry};
use crate::domain::command::Report;
use crate::domain::session::Hold;
use crate::intake::{self, Claims};
use crate::pii::Pii;
use crate::state::App;

/// A postal address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressIn {
    #[schema(value_type = String)]
    street: Zeroizing<String>,
    #[schema(value_type = String)]
    postcode: Zeroizing<String>,
    #[schema(value_type = String)]
    city: Zeroizing<String>,
    #[schema(value_type = String)]
    country: Zeroizing<String>,
}

/// What the applicant claimed. Every field may be absent; what is there must be well-formed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimsIn {
    #[schema(value_type = Option<String>)]
    full_name: Option<Zeroizing<String>>,
    /// As in ISO 8601: `1986-11-02`.
    #[schema(value_type = Option<String>)]
    birth_date: Option<Zeroizing<String>>,
    #[schema(value_type = Option<String>)]
    document_number: Option<Zeroizing<String>>,
    #[schema(value_type = Option<String>)]
    email: Option<Zeroizing<String>>,
    #[schema(value_type = Option<String>)]
    phone: Option<Zeroizing<String>>,
    address: Option<AddressIn>,
}

fn field<K: Kind>(value: Option<Zeroizing<String>>) -> Result<Option<Pii<K>>, ApiError> {
    let parse =
        |text: Zeroizing<String>| Pii::parse(&text).map_err(|error| ApiError::invalid(K::FIELD.as_str(), error));
    value.map(parse).transpose()
}

fn address(address: Option<AddressIn>) -> Result<Option<Pii<Address>>, ApiError> {
    let Some(AddressIn { street, postcode, city, country }) = address else { return Ok(None) };
    let parts = [street, postcode, city, country];
    if parts.iter().any(|part| part.trim().is_empty() || part.contains('\n')) {
        return Err(ApiError::invalid("address", "names street, postcode, city and country, each in one line"));
    }
    let [street, postcode, city, country] = &parts;
    field(Some(Zeroizing::new(format!("{}\n{}\n{}\n{}", street.trim(), postcode.trim(), city.trim(), country.trim()))))
}

/// Takes in the claims, in place of earlier ones.
pub async fn claims(
    State(app): State<Arc<App>>,
    client: BankClient,
    InPath(id): InPath<SessionId>,
    Body(sent): Body<ClaimsIn>,
) -> Result<StatusCode, ApiError> {
    let entry = NewEntry::done(client.actor(), Action::ClaimsReceived).on(id).in_request(&super::request_id::current());
    let claims = Claims {
        full_name: field::<FullName>(sent.full_name)?,
        birth_date: field::<BirthDate>(sent.birth_date)?,
        document_number: field::<DocumentNumber>(sent.document_number)?,
        address: address(sent.address)?,
        email: field::<Email>(sent.email)?,
        phone: field::<Phone>(sent.phone)?,
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else {
        drop(tx);
        return Err(casework::refused(&app, entry, ApiError::not_found()).await);
    };
    if claims.is_empty() {
        return Err(ApiError::invalid("full_name", "nothing was claimed: at least one field must be there"));
    }
    intake::claims(&app, tx, session, claims, client.actor()).await?.commit(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A legal hold: until then nothing of the session is deleted because its time is over. While the session is open, what is handed in anew
/// still takes the place of what it replaces. One hold at a time: another takes its place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldIn {
    /// The bank's own reference for why: 1 to 64 lower-case letters, digits, `_`, `:` and `-`. It is kept in the audit log.
    reason: String,
    /// As in RFC 3339: `2031-12-31T23:59:59Z`.
    until: String,
}

/// Holds a session, in place of an earlier hold.
pub async fn hold(
    State(app): State<Arc<App>>,
    client: HoldClient,
    InPath(id): InPath<SessionId>,
    Body(sent): Body<HoldIn>,
) -> Result<StatusCode, ApiError> {
    let read = |now| {
        if sent.reason.is_empty() || !casework::is_code(&sent.reason) {
            return Err(ApiError::invalid("reason", "is no code of lower-case letters, digits, _, : and -"));
        }
        let until = sent.until.parse::<jiff::Timestamp>();
        let until = until.map_err(|_| ApiError::invalid("until", "is no time such as 2031-12-31T23:59:59Z"))?;
        let until = Micros(until.as_microsecond());
        if until <= now {
            return Err(ApiError::invalid("until", "is over"));
        }
        Ok(Some(Hold { by: client.id().to_owned(), reason: sent.reason, until }))
    };
    change_hold(&app, &client, id, (read, Action::HoldPlaced)).await
}

/// Lifts the hold of a session. Without one, nothing happens.
pub async fn lift_hold(
    State(app): State<Arc<App>>,
    client: HoldClient,
    InPath(id): InPath<SessionId>,
) -> Result<StatusCode, ApiError> {
    change_hold(&app, &client, id, (|_| Ok(None), Action::HoldLifted)).await
}

async fn change_hold(
    app: &App,
    client: &HoldClient,
    id: SessionId,
    (read, action): (impl FnOnce(Micros) -> Result<Option<Hold>, ApiError>, Action),
) -> Result<StatusCode, ApiError> {
    let entry = NewEntry::done(client.actor(), action).on(id).in_request(&super::request_id::current());
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else {
        drop(tx);
        return Err(casework::refused(app, entry, ApiError::not_found()).await);
    };
    if session.is_purged() {
        drop(tx);
        let gone = ApiError::refused(ProblemCode::InvalidTransition, "It has been deleted already.");
        return Err(casework::refused(app, entry, gone).await);
    }
    let hold = read(app.clock.now())?;
    casework::report(app, tx, session, Report::Held(hold), (client.actor(), action)).await?.commit(app).await?;
    Ok(StatusCode::NO_CONTENT)
}
