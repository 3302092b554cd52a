//! The calls of the API that the product uses.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::case::{Case, Product, Stage};
use super::{Station, lock};
use crate::secrets;

/// How long an access token is good, in seconds.
const TOKEN_LIFETIME: i64 = 3600;
/// Signs that Onfido does not take in names.
const NOT_IN_NAMES: &str = "!#$%*=<>;{}\"";

/// Why a call is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    NotAuthorised,
    Invalid,
    NotFound,
    TooLarge,
    TooManyRequests,
    Planned(u16),
}

/// The error envelope.
pub(super) fn fail(failure: Failure) -> Response {
    let (status, kind, message) = match failure {
        Failure::NotAuthorised => (401, "authorization_error", "Authorization error: please re-check your credentials"),
        Failure::Invalid => (422, "validation_error", "There was a validation error on this request"),
        Failure::NotFound => (404, "resource_not_found", "Could not find the requested resource"),
        Failure::TooLarge => (413, "validation_error", "The request is too large"),
        Failure::TooManyRequests => (429, "rate_limit", "The rate limit has been reached. Please try again later."),
        Failure::Planned(status) => (status, "internal_server_error", "Something went wrong."),
    };
    let status = StatusCode::from_u16(status).expect("the table and the tests name HTTP statuses");
    (status, Json(json!({ "error": { "type": kind, "message": message, "fields": {} } }))).into_response()
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::Invalid)
}

fn answer(outcome: Result<(StatusCode, Value), Failure>) -> Response {
    outcome.map_or_else(fail, |(status, body)| (status, Json(body)).into_response())
}

/// `POST /oauth/token`.
pub(super) async fn token(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    let form: HashMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
    let given = form.get("client_id").cloned().zip(form.get("client_secret").cloned());
    let config = station.config();
    if given.as_ref() != Some(&config.oauth_client) {
        return fail(Failure::NotAuthorised);
    }
    let token = secrets::token();
    lock(&station.tokens).insert(token.clone(), config.clock.unix() + TOKEN_LIFETIME);
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME })).into_response()
}

/// `GET /ping`.
pub(super) async fn ping() -> &'static str {
    "OK"
}

#[derive(Deserialize)]
struct NewApplicant {
    first_name: String,
    last_name: String,
}

/// `POST /applicants`.
pub(super) async fn create_applicant(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    let new: NewApplicant = match read(&body) {
        Ok(new) => new,
        Err(failure) => return fail(failure),
    };
    let is_name = |name: &str| !name.trim().is_empty() && !name.contains(|c| NOT_IN_NAMES.contains(c));
    if !is_name(&new.first_name) || !is_name(&new.last_name) {
        return fail(Failure::Invalid);
    }
    let id = secrets::uuid().to_string();
    let body = json!({
        "id": id, "created_at": station.config().stamp(), "sandbox": true, "first_name": new.first_name,
        "last_name": new.last_name, "email": null, "dob": null, "delete_at": null,
        "href": format!("/v3.6/applicants/{id}"), "id_numbers": [],
    });
    lock(&station.applicants).insert(id);
    (StatusCode::CREATED, Json(body)).into_response()
}

/// `DELETE /applicants/{id}`: with all that belongs to it.
pub(super) async fn delete_applicant(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    if !lock(&station.applicants).remove(&id) {
        return fail(Failure::NotFound);
    }
    station.cases().retain(|_, case| case.applicant_id != id);
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
struct NewRun {
    applicant_id: String,
    workflow_id: String,
    customer_user_id: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    link: NewLink,
}

#[derive(Default, Deserialize)]
struct NewLink {
    completed_redirect_url: Option<String>,
    language: Option<String>,
}

/// `POST /workflow_runs`.
pub(super) async fn create_run(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    answer(read::<NewRun>(&body).and_then(|new| {
        if new.workflow_id != station.config().workflow_id || new.tags.len() > 30 {
            return Err(Failure::Invalid);
        }
        let mut case = station.new_case(Product::Run, new.applicant_id)?;
        case.reference = new.customer_user_id;
        case.tags = new.tags;
        case.return_url = new.link.completed_redirect_url;
        case.language = new.link.language;
        case.report_names = vec![new.workflow_id];
        Ok((StatusCode::CREATED, station.keep(case)))
    }))
}

#[derive(Deserialize)]
struct NewCheck {
    applicant_id: String,
    report_names: Vec<String>,
    #[serde(default)]
    applicant_provides_data: bool,
    #[serde(default)]
    suppress_form_emails: bool,
    redirect_uri: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

/// `POST /checks`. Only with a form: nobody here uploads documents by the API. An applicant without an address cannot be sent one by mail.
pub(super) async fn create_check(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    answer(read::<NewCheck>(&body).and_then(|new| {
        if !new.applicant_provides_data || !new.suppress_form_emails || new.report_names.is_empty() {
            return Err(Failure::Invalid);
        }
        let mut case = station.new_case(Product::Check, new.applicant_id)?;
        case.reference = new.tags.first().cloned();
        case.tags = new.tags;
        case.return_url = new.redirect_uri;
        case.report_names = new.report_names;
        Ok((StatusCode::CREATED, station.keep(case)))
    }))
}

impl Station {
    fn new_case(&self, product: Product, applicant_id: String) -> Result<Case, Failure> {
        if !lock(&self.applicants).contains(&applicant_id) {
            return Err(Failure::Invalid);
        }
        let at = self.config().stamp();
        Ok(Case {
            number: self.cases().values().map(|case| case.number + 1).max().unwrap_or_default(),
            id: secrets::uuid().to_string(),
            product,
            applicant_id,
            reference: None,
            tags: Vec::new(),
            return_url: None,
            language: None,
            report_names: Vec::new(),
            created_at: at.clone(),
            updated_at: at,
            stage: Stage::Awaited,
            told: None,
            reports: Vec::new(),
        })
    }

    fn keep(&self, case: Case) -> Value {
        let shown = case.shown(&self.base);
        let who = case.reference.clone().unwrap_or_else(|| case.id.clone());
        self.cases().insert(case.id.clone(), case);
        // Whoever it is, the order of the cases decides and not the order of the questions.
        self.identity(&who);
        shown
    }

    fn find(&self, id: &str, product: Product) -> Result<Case, Failure> {
        self.cases().get(id).filter(|case| case.product == product).cloned().ok_or(Failure::NotFound)
    }
}

/// What lists are searched by.
#[derive(Deserialize)]
pub(super) struct Search {
    applicant_id: Option<String>,
    tags: Option<String>,
    sort: Option<String>,
    check_id: Option<String>,
}

impl Search {
    fn found(&self, station: &Station, product: Product) -> Vec<Case> {
        let is_of = |case: &&Case| self.applicant_id.as_ref().is_none_or(|id| *id == case.applicant_id);
        let has_tag = |case: &&Case| {
            self.tags.as_ref().is_none_or(|tags| tags.split(',').all(|tag| case.tags.iter().any(|own| own == tag)))
        };
        let cases = station.cases();
        let found = cases.values().filter(|case| case.product == product).filter(is_of).filter(has_tag);
        let mut found: Vec<Case> = found.cloned().collect();
        found.sort_by_key(|case| case.number);
        if self.sort.as_deref() != Some("asc") {
            found.reverse();
        }
        found
    }
}

/// `GET /workflow_runs`.
pub(super) async fn list_runs(State(station): State<Arc<Station>>, Query(search): Query<Search>) -> Response {
    let found = search.found(&station, Product::Run);
    Json(found.iter().map(|case| case.shown(&station.base)).collect::<Vec<_>>()).into_response()
}

/// `GET /checks`.
pub(super) async fn list_checks(State(station): State<Arc<Station>>, Query(search): Query<Search>) -> Response {
    if search.applicant_id.is_none() {
        return fail(Failure::Invalid);
    }
    let found = search.found(&station, Product::Check);
    let checks: Vec<Value> = found.iter().map(|case| case.shown(&station.base)).collect();
    Json(json!({ "checks": checks })).into_response()
}

/// `GET /workflow_runs/{id}`.
pub(super) async fn show_run(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    answer(station.find(&id, Product::Run).map(|case| (StatusCode::OK, case.shown(&station.base))))
}

/// `GET /checks/{id}`.
pub(super) async fn show_check(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    answer(station.find(&id, Product::Check).map(|case| (StatusCode::OK, case.shown(&station.base))))
}

/// `GET /workflow_runs/{id}/tasks`.
pub(super) async fn list_tasks(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    answer(station.find(&id, Product::Run).map(|case| (StatusCode::OK, Value::Array(case.tasks()))))
}

/// `GET /workflow_runs/{id}/tasks/{task}`.
pub(super) async fn show_task(
    State(station): State<Arc<Station>>,
    Path((id, task)): Path<(String, String)>,
) -> Response {
    let found = station.find(&id, Product::Run).and_then(|case| case.whole_task(&task).ok_or(Failure::NotFound));
    answer(found.map(|task| (StatusCode::OK, task)))
}

/// `GET /reports`.
pub(super) async fn list_reports(State(station): State<Arc<Station>>, Query(search): Query<Search>) -> Response {
    let found = search.check_id.ok_or(Failure::Invalid).and_then(|id| station.find(&id, Product::Check));
    answer(found.map(|case| {
        let reports: Vec<Value> = case.reports.iter().map(|report| case.report(report)).collect();
        (StatusCode::OK, json!({ "reports": reports }))
    }))
}
