//! The bank's own system hands over what the applicant claimed. It is sealed on arrival and never passes through Genesys.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kyc_wire::ids::SessionId;
use kyc_wire::masked::{Address, BirthDate, DocumentNumber, Email, FullName, Kind, Phone};
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::address::InPath;
use super::clients::BankClient;
use super::error::ApiError;
use super::json::Body;
use crate::casework;
use crate::domain::audit::{Action, NewEntry};
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
