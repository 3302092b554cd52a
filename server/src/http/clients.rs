//! Clients of the flow and bank APIs: tokens by client credentials (RFC 6749 section 4.4), and the extractors that are the permission.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Form, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use kyc_wire::flow::{TokenRequest, TokenResponse};
use kyc_wire::ids::SessionId;
use kyc_wire::problem::ProblemCode;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::address::InPath;
use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::limits;
use super::request_id;
use crate::auth::hashed;
use crate::clock::random;
use crate::config::{Client, Scope};
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::rates::Limit;
use crate::state::App;
use crate::store::work::StoredToken;

/// Lifetime of a token, in seconds.
const TOKEN_SECONDS: u32 = 3600;

/// An error of the token endpoint (RFC 6749 section 5.2).
fn refused(status: StatusCode, error: &'static str) -> Response {
    let body = Json(serde_json::json!({ "error": error }));
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Basic realm=\"kyc-desk\""));
    }
    response
}

/// Issues a token. The secret comes by HTTP Basic only (RFC 6749 section 2.3.1), so that it is in no body and no log of bodies.
pub async fn token(
    State(app): State<Arc<App>>,
    guest: Guest,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, axum::extract::rejection::FormRejection>,
) -> Result<Response, ApiError> {
    let Ok(Form(request)) = form else { return Ok(refused(StatusCode::BAD_REQUEST, "invalid_request")) };
    let Some((id, secret)) = basic(&headers) else { return Ok(refused(StatusCode::UNAUTHORIZED, "invalid_client")) };
    // A right secret from where too many were guessed is refused too: it might be the next guess.
    guest.show(&app, Door::Secret, &[])?;
    let now = app.clock.now();
    let scopes = granted(&app, &id, &secret, request.scope.as_deref());
    let actor =
        if app.config.clients.get().contains_key(&id) { Actor::Client { client: id.clone() } } else { Actor::Guest };
    let Some((scopes, secret)) = scopes.filter(|_| request.grant_type == "client_credentials") else {
        guest.showed_nothing(&app, Door::Secret, &[]);
        guest.was_refused(&app, NewEntry::refused(actor, Action::TokenRefused, "invalid_client")).await?;
        return Ok(refused(StatusCode::UNAUTHORIZED, "invalid_client"));
    };
    let access_token = BASE64_URL_SAFE_NO_PAD.encode(random::<32>(&*app.rng));
    let stored = StoredToken {
        hash: hashed(access_token.as_bytes()),
        client_id: id,
        scopes: scopes.clone(),
        secret_tag: Some(secret_tag(&access_token, &secret)),
        expires_at: now.plus_seconds(TOKEN_SECONDS.into()),
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_token(&stored).await?;
    tx.record(NewEntry::done(actor, Action::TokenIssued).in_request(&request_id::current())).await?;
    tx.commit().await?;
    guest::is_good(&app, Door::Token, access_token.as_bytes());
    let answer =
        TokenResponse { access_token, token_type: "Bearer".to_owned(), expires_in: TOKEN_SECONDS, scope: scopes };
    Ok(Json(answer).into_response())
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let text = String::from_utf8(BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The scopes a client gets, and the secret it proved; none when it is not who it says, or asks for more than it may have.
#[expect(clippy::disallowed_methods, reason = "the client's secrets are compared, in constant time")]
fn granted(app: &App, id: &str, secret: &str, asked: Option<&str>) -> Option<(String, SecretString)> {
    let clients = app.config.clients.get();
    let client = clients.get(id)?;
    let given = hashed(secret.as_bytes());
    let is_given = |ours: &&SecretString| bool::from(given.ct_eq(&hashed(ours.expose_secret().as_bytes())));
    let all: Vec<&str> = client.scopes.iter().map(|scope| scope.as_str()).collect();
    let asked: Vec<&str> = asked.map_or_else(|| all.clone(), |asked| asked.split_whitespace().collect());
    let is_allowed = !asked.is_empty() && asked.iter().all(|scope| all.contains(scope));
    let proven = client.secrets.iter().find(is_given)?.clone();
    is_allowed.then(|| (asked.join(" "), proven))
}

/// What ties a token to a secret. Keyed by the token, which only its owner has: whoever reads the database can try out no secrets.
#[expect(clippy::disallowed_methods, reason = "the secret is hashed under the token")]
fn secret_tag(token: &str, secret: &SecretString) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"kyc-desk/client-secret\x01");
    mac.update(secret.expose_secret().as_bytes());
    mac.finalize().into_bytes().into()
}

/// Whether the secret that a token was issued under is still configured.
fn has_live_secret(client: &Client, token: &str, tag: Option<[u8; 32]>) -> bool {
    let is_of = |secret: &SecretString, tag: &[u8; 32]| bool::from(secret_tag(token, secret).ct_eq(tag));
    tag.is_some_and(|tag| client.secrets.iter().any(|secret| is_of(secret, &tag)))
}

async fn authorised(parts: &Parts, app: &App, scope: Scope) -> Result<String, ApiError> {
    let refused = || ApiError::refused(ProblemCode::SignInRequired, "Send a valid bearer token.");
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(refused)?;
    let guest = Guest::of(parts, app);
    guest.show(app, Door::Token, token.as_bytes())?;
    let nothing = || {
        guest.showed_nothing(app, Door::Token, token.as_bytes());
        refused()
    };
    let mut tx = app.store.glance(&app.tenant).await?;
    let stored = tx.find_token(&hashed(token.as_bytes()), app.clock.now()).await?.ok_or_else(nothing)?;
    let clients = app.config.clients.get();
    let client = clients.get(&stored.client_id);
    if client.is_some_and(|client| !has_live_secret(client, token, stored.secret_tag)) {
        return Err(nothing());
    }
    guest::is_good(app, Door::Token, token.as_bytes());
    limits::ask(app, "clients", &stored.client_id, Limit::a_minute(app.config.http.client_requests_per_minute))?;
    if stored.scopes.split(' ').any(|granted| granted == scope.as_str())
        && client.is_some_and(|client| client.scopes.contains(&scope))
    {
        Ok(stored.client_id)
    } else {
        Err(ApiError::refused(ProblemCode::Forbidden, "The token lacks the scope for this."))
    }
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident = $scope:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(String);

        impl $name {
            /// As the audit log knows it.
            pub fn actor(&self) -> Actor {
                Actor::Client { client: self.0.clone() }
            }
        }

        impl FromRequestParts<Arc<App>> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
                authorised(parts, app, Scope::$scope).await.map(Self)
            }
        }
    };
}

client! {
    /// A client that may use the flow API.
    FlowClient = Flow
}
impl FlowClient {
    /// The client's id.
    pub fn id(&self) -> &str {
        &self.0
    }
}

client! {
    /// A client that may hand over claims.
    BankClient = ClaimsWrite
}

client! {
    /// A client that may hold what would be deleted.
    HoldClient = HoldsWrite
}
impl HoldClient {
    /// The client's id.
    pub fn id(&self) -> &str {
        &self.0
    }
}

/// The session that a flow speaks of: the header must name the same as the path, so that a mixed-up flow changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct SameSession(pub SessionId);

impl FromRequestParts<Arc<App>> for SameSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let path = InPath::<SessionId>::from_request_parts(parts, app).await?;
        let mut headers = parts.headers.get_all("x-session-id").iter();
        let header = headers.next().and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        if header == Some(path.0) && headers.next().is_none() {
            Ok(Self(path.0))
        } else {
            Err(ApiError::refused(ProblemCode::BadHeader, "X-Session-ID must be the id in the path."))
        }
    }
}
