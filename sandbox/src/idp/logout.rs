//! Signing out: started by the client (RP-Initiated Logout 1.0) or told to it (Back-Channel Logout 1.0).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::json;
use url::Url;

use super::{Provider, SignIn, authorize, lock, pages};
use crate::{markup, secrets};

/// Ends the browser's sign-in. A wrong return address keeps the person here.
pub(super) async fn end(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let sent = if body.is_empty() { query.unwrap_or_default() } else { body };
    let params: HashMap<String, String> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
    if let Some(sign_in) = authorize::forget(&provider, &headers) {
        tell(&provider, &sign_in).await;
    }
    let config = provider.config();
    let target = params.get("post_logout_redirect_uri").filter(|uri| config.post_logout_redirect_uris.contains(uri));
    let answer = match target.and_then(|uri| Url::parse(uri).ok()) {
        Some(mut url) => {
            if let Some(state) = params.get("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            Redirect::to(url.as_str()).into_response()
        }
        None => markup::page(StatusCode::OK, "Signed out", &pages::signed_out(), None),
    };
    ([(SET_COOKIE, "sandbox_idp=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")], answer).into_response()
}

/// Ends every sign-in of a person; the status of the client's last answer.
pub(super) async fn end_sign_ins_of(provider: &Provider, login: &str) -> Option<u16> {
    let ended: Vec<SignIn> = {
        let mut memory = provider.memory();
        memory.sign_ins.extract_if(|_, sign_in| sign_in.login == login).map(|(_, sign_in)| sign_in).collect()
    };
    let mut last = None;
    for sign_in in &ended {
        last = tell(provider, sign_in).await;
    }
    last
}

async fn tell(provider: &Provider, sign_in: &SignIn) -> Option<u16> {
    let config = provider.config();
    let uri = config.backchannel_logout_uri?;
    let now = config.clock.unix();
    let claims = json!({
        "iss": provider.issuer(), "aud": config.client_id, "iat": now, "exp": now + 120, "jti": secrets::uuid(),
        "sub": provider.person(&sign_in.login)?.sub, "sid": sign_in.sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let token = lock(&provider.keys).sign("logout+jwt", &claims);
    let answer = provider.http.post(uri).form(&[("logout_token", token)]).send().await.ok()?;
    Some(answer.status().as_u16())
}
