//! The calls of the API.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse as _, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::execution::Execution;
use super::guard::fail;
use super::{Station, lock};
use crate::secrets;

/// What Jumio takes as a reference.
const MAX_REFERENCE: usize = 100;
const MAX_URL: usize = 255;

#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    grant_type: String,
}

/// `POST auth…/oauth2/token`.
pub(super) async fn token(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(grant): Form<Grant>,
) -> Response {
    let config = station.config();
    let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", config.client_id, config.client_secret)));
    if headers.get(AUTHORIZATION).is_none_or(|given| given != expected.as_str()) {
        return fail(401, "Unauthorized", "The client is not known");
    }
    if grant.grant_type != "client_credentials" {
        return fail(400, "Bad Request", "grant_type must be client_credentials");
    }
    let (token, seconds) = (secrets::token(), config.token_lifetime.as_secs());
    let until = config.clock.unix() + i64::try_from(seconds).unwrap_or(i64::MAX);
    lock(&station.tokens).push((token.clone(), until));
    Json(json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer" })).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Start {
    customer_internal_reference: String,
    user_reference: Option<String>,
    workflow_definition: Definition,
    callback_url: Option<String>,
    token_lifetime: Option<String>,
    web: Option<Web>,
}

#[derive(Debug, Deserialize)]
struct Definition {
    key: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Web {
    success_url: Option<String>,
    error_url: Option<String>,
    locale: Option<String>,
}

impl Start {
    /// What Jumio refuses: anything that it does not know, references with marks or too long, addresses that it does not call.
    fn is_fine(&self, key: u32) -> bool {
        let is_reference = |text: &String| {
            (1..=MAX_REFERENCE).contains(&text.len())
                && !text.contains(['<', '>', '"', '/', ';', '`', '%', '{', '}', '|', '\\'])
        };
        let web = self.web.as_ref();
        let is_web = |url: Option<&String>| url.is_none_or(|url| url.len() <= MAX_URL && Url::parse(url).is_ok());
        is_reference(&self.customer_internal_reference)
            && self.user_reference.as_ref().is_none_or(is_reference)
            && (self.workflow_definition.key == json!(key) || self.workflow_definition.key == json!(key.to_string()))
            && self.callback_url.as_deref().is_none_or(is_callback)
            && self.token_lifetime.as_deref().is_none_or(is_lifetime)
            && is_web(web.and_then(|web| web.success_url.as_ref()))
            && is_web(web.and_then(|web| web.error_url.as_ref()))
            && web.and_then(|web| web.locale.as_ref()).is_none_or(|locale| locale.len() <= 5)
    }
}

/// https on a name, without port or fragment; except on this machine, where stand-ins call each other.
fn is_callback(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        _ => false,
    };
    let is_public = url.scheme() == "https" && url.domain().is_some() && url.port().is_none();
    text.len() <= MAX_URL && url.fragment().is_none() && (is_public || is_here)
}

/// `5m` to `60d`.
fn is_lifetime(text: &str) -> bool {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return false,
    };
    number.parse::<u64>().is_ok_and(|number| (300..=60 * 86_400).contains(&number.saturating_mul(seconds)))
}

/// `POST account…/api/v1/accounts`: a customer who is new.
pub(super) async fn create(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    begin(&station, None, &body)
}

/// `PUT account…/api/v1/accounts/{account}`: one who was there before.
pub(super) async fn update(State(station): State<Arc<Station>>, Path(account): Path<String>, body: Bytes) -> Response {
    if !station.executions().values().any(|execution| execution.account == account) {
        return fail(404, "Not Found", "The account is not known");
    }
    begin(&station, Some(account), &body)
}

fn begin(station: &Station, account: Option<String>, body: &[u8]) -> Response {
    let config = station.config();
    let start = serde_json::from_slice::<Start>(body).ok().filter(|start| start.is_fine(config.workflow_key));
    let Some(start) = start else { return fail(400, "Bad Request", "A parameter is missing or not allowed") };
    let execution = station.add(
        account,
        Execution {
            number: 0,
            id: secrets::uuid().to_string(),
            account: String::new(),
            token: secrets::token(),
            workflow_key: config.workflow_key,
            reference: start.customer_internal_reference,
            user_reference: start.user_reference,
            callback_url: start.callback_url,
            success_url: start.web.and_then(|web| web.success_url),
            created_at: config.stamp(),
            completed_at: String::new(),
            status: "INITIATED",
            details: None,
        },
    );
    // Whoever it is, the order of the executions decides and not the order of the questions.
    station.identity(&execution.reference);
    let credential = |category: &str| json!({ "id": secrets::uuid().to_string(), "category": category, "allowedChannels": ["WEB", "API", "SDK"] });
    Json(json!({
        "timestamp": execution.created_at,
        "account": { "id": execution.account },
        "web": { "href": format!("{}/web/v4/app/{}", station.base, execution.token) },
        "sdk": { "token": execution.token },
        "workflowExecution": { "id": execution.id, "credentials": [credential("ID"), credential("SELFIE")] },
    }))
    .into_response()
}

fn not_found() -> Response {
    fail(404, "Not Found", "The workflow execution is not known")
}

fn find(station: &Station, (account, id): &(String, String)) -> Option<Execution> {
    station.executions().get(id).filter(|execution| execution.account == *account).cloned()
}

/// `GET retrieval…/status`.
pub(super) async fn status(State(station): State<Arc<Station>>, Path(path): Path<(String, String)>) -> Response {
    let Some(execution) = find(&station, &path) else { return not_found() };
    Json(json!({
        "account": { "id": execution.account },
        "workflowExecution": { "id": execution.id, "status": execution.status },
    }))
    .into_response()
}

/// `GET retrieval…/workflow-executions/{id}`: there is nothing to read before the end.
pub(super) async fn details(State(station): State<Arc<Station>>, Path(path): Path<(String, String)>) -> Response {
    match find(&station, &path).and_then(|execution| execution.details) {
        Some(details) => Json(details).into_response(),
        None => not_found(),
    }
}

/// `DELETE retrieval…/accounts/{account}`: everything of this customer, for ever.
pub(super) async fn delete(State(station): State<Arc<Station>>, Path(account): Path<String>) -> Response {
    let mut executions = station.executions();
    let before = executions.len();
    executions.retain(|_, execution| execution.account != account);
    if executions.len() == before { not_found() } else { Json(json!({})).into_response() }
}

/// `GET status…`: how Jumio is.
pub(super) async fn health(State(station): State<Arc<Station>>) -> Response {
    let status = if *lock(&station.is_down) { "DOWN" } else { "UP" };
    Json(json!({ "status": status })).into_response()
}
