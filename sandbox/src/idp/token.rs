//! The token and userinfo endpoints (OpenID Connect Core 1.0 sections 3.1.3 and 5.3, RFC 6749 section 5).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::Duration;

use super::{ACR_SECURITY_KEY, Grant, Part, Person, Provider, assertion, faults, lock};
use crate::secrets;

const TOKEN_LIFETIME: Duration = Duration::minutes(5);
pub(super) type Form = std::collections::HashMap<String, String>;

/// Trades a code for tokens, once.
pub(super) async fn exchange(State(provider): State<Arc<Provider>>, headers: HeaderMap, body: String) -> Response {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let count = pairs.len();
    let form: Form = pairs.into_iter().collect();
    if form.len() != count {
        return error(StatusCode::BAD_REQUEST, "invalid_request", "a parameter is given twice");
    }
    if let Some(refusal) = authenticate(&provider, &headers, &form) {
        return refusal;
    }
    if form.get("grant_type").map(String::as_str) != Some("authorization_code") {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only authorization_code is supported");
    }
    match spend(&provider, &form) {
        Ok((access_token, grant)) => tokens(&provider, &access_token, &grant),
        Err(why) => error(StatusCode::BAD_REQUEST, "invalid_grant", why),
    }
}

/// Tells about the person behind an access token.
pub(super) async fn userinfo(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let grant = given
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| provider.memory().access_tokens.get(token).cloned())
        .filter(|grant| grant.expires_at > provider.now());
    match grant.and_then(|grant| Some((provider.person(&grant.sign_in.login)?, grant))) {
        Some((person, grant)) => {
            Json(provider.behaviour.say(Part::Userinfo, about(&person, grant.request.wants_email))).into_response()
        }
        None => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")]).into_response(),
    }
}

/// The refusal, unless the client proves who it is in one way and no other (RFC 6749 section 2.3): `client_secret_basic`,
/// `client_secret_post` or `private_key_jwt`.
fn authenticate(provider: &Provider, headers: &HeaderMap, form: &Form) -> Option<Response> {
    let config = provider.config();
    let basic = headers.get(AUTHORIZATION).map(|value| basic(value.to_str().unwrap_or_default()));
    let posted = form.get("client_secret").map(|secret| (form.get("client_id").cloned(), secret.clone()));
    let asserted = form.get("client_assertion");
    let secrets = (config.client_id.clone(), config.client_secret.clone());
    let method = match (basic, posted, asserted) {
        (Some(basic), None, None) => (basic == Some(secrets)).then_some("client_secret_basic"),
        (None, Some((id, secret)), None) => {
            (id.map(|id| (id, secret)) == Some(secrets)).then_some("client_secret_post")
        }
        (None, None, Some(assertion)) => assertion::is_valid(provider, form, assertion).then_some("private_key_jwt"),
        (None, None, None) => None,
        _ => return Some(error(StatusCode::BAD_REQUEST, "invalid_request", "two client authentications")),
    };
    provider.memory().last_client_auth = method;
    if method.is_some() {
        return None;
    }
    let refusal = error(StatusCode::UNAUTHORIZED, "invalid_client", "the client is not known or its secret is wrong");
    Some(([(WWW_AUTHENTICATE, "Basic realm=\"token\"")], refusal).into_response())
}

/// Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, value)| value.into_owned())
}

/// Checks the code and gives it up. A second use ends the first one's token as well (RFC 9700 section 2.1.1).
fn spend(provider: &Provider, form: &Form) -> Result<(String, Grant), &'static str> {
    let now = provider.now();
    let mut memory = provider.memory();
    let code = memory.codes.get_mut(form.get("code").ok_or("no code")?).ok_or("the code is not known")?;
    if let Some(access_token) = code.spent_for.clone() {
        memory.access_tokens.remove(&access_token);
        return Err("the code was used before");
    }
    let access_token = secrets::token();
    code.spent_for = Some(access_token.clone());
    let mut grant = code.grant.clone();
    if grant.expires_at <= now {
        return Err("the code is too old");
    }
    if form.get("redirect_uri") != Some(&grant.request.redirect_uri) {
        return Err("redirect_uri is not the one of the request");
    }
    if !is_verifier(form.get("code_verifier").map_or("", String::as_str), &grant.request.challenge) {
        return Err("code_verifier does not fit the challenge");
    }
    grant.expires_at = now + TOKEN_LIFETIME;
    memory.access_tokens.insert(access_token.clone(), grant.clone());
    Ok((access_token, grant))
}

/// RFC 7636 sections 4.1 and 4.6.
pub(super) fn is_verifier(verifier: &str, challenge: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(is_unreserved)
        && URL_SAFE_NO_PAD.encode(secrets::sha256(verifier.as_bytes())) == challenge
}

fn tokens(provider: &Provider, access_token: &str, grant: &Grant) -> Response {
    let Some(person) = provider.person(&grant.sign_in.login) else {
        return error(StatusCode::BAD_REQUEST, "invalid_grant", "the person is gone");
    };
    let mut claims = about(&person, grant.request.wants_email);
    let (sign_in, request, now) = (&grant.sign_in, &grant.request, provider.now());
    let amr = if sign_in.acr == ACR_SECURITY_KEY { json!(["pwd", "hwk"]) } else { json!(["pwd"]) };
    let protocol = json!({
        "iss": provider.issuer(), "aud": request.client_id, "nonce": request.nonce, "sid": sign_in.sid, "acr": sign_in.acr,
        "amr": amr, "iat": now.unix_timestamp(), "exp": (now + TOKEN_LIFETIME).unix_timestamp(),
        "auth_time": sign_in.auth_time.unix_timestamp(), "at_hash": at_hash(access_token),
    });
    if let (Value::Object(claims), Value::Object(protocol)) = (&mut claims, protocol) {
        claims.extend(protocol);
    }
    let fault = lock(&provider.faults).pop_front();
    let id_token = faults::sign(&lock(&provider.keys), provider, claims, fault);
    let seconds = TOKEN_LIFETIME.whole_seconds();
    let body = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": seconds, "id_token": id_token,
        "scope": "openid profile",
    });
    ([(CACHE_CONTROL, "no-store")], Json(provider.behaviour.say(Part::TokenAnswer, body))).into_response()
}

/// The left half of the hash (OpenID Connect Core 1.0 section 3.1.3.6).
fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&secrets::sha256(access_token.as_bytes())[..16])
}

fn about(person: &Person, has_email: bool) -> Value {
    let mut claims = json!({ "sub": person.sub, "name": person.name, "roles": person.roles, "queues": person.queues });
    if has_email {
        claims["email"] = person.email().into();
        claims["email_verified"] = true.into();
    }
    claims
}

fn error(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
