//! The authorization endpoint: who is it, and may the client know?

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::Duration;
use url::Url;

use super::request::{Prompt, Refusal, Request, answer};
use super::{Code, Grant, Part, Person, Provider, SignIn, pages};
use crate::{markup, secrets};

/// The provider's cookie. Cookies ignore ports, so its name must not be anybody else's on localhost.
const COOKIE_NAME: &str = "sandbox_idp";
const CODE_LIFETIME: Duration = Duration::seconds(60);

/// What the page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    handle: String,
    #[serde(default)]
    login: String,
}

/// GET: answers at once if it can, else shows a page.
pub(super) async fn begin(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let request = match Request::parse(pairs, &provider.config()) {
        Ok(request) => request,
        Err(refusal) => return refuse(&provider, refusal),
    };
    let current = current(&provider, &headers);
    let sufficient = current.clone().filter(|sign_in| !request.needs_new_sign_in(sign_in, provider.now()));
    let automatic = request.auto.as_deref().and_then(|login| provider.person(login));
    match (request.prompt, sufficient, automatic) {
        (Some(Prompt::None), Some(sign_in), _) => grant(&provider, &request, sign_in),
        (Some(Prompt::None), None, _) => {
            let params = [("error", "login_required"), ("error_description", "nobody is signed in")];
            tell(&provider, &request, &params)
        }
        (_, Some(sign_in), Some(person)) if sign_in.login == person.login => grant(&provider, &request, sign_in),
        (_, _, Some(person)) => sign_in(&provider, &request, &person),
        (_, sufficient, None) => ask(&provider, request, sufficient, current),
    }
}

/// POST: the person has chosen.
pub(super) async fn choose(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(request) = provider.memory().pending.remove(&choice.handle) else {
        let main =
            pages::sorry("This page was used already or is too old. Go back to the application and start again.");
        return markup::page(StatusCode::BAD_REQUEST, "Page expired", &main, None);
    };
    if choice.login.is_empty() {
        let params = [("error", "access_denied"), ("error_description", "the person did not sign in")];
        return tell(&provider, &request, &params);
    }
    let Some(person) = provider.person(&choice.login) else {
        return refuse(&provider, Refusal::Page("This person is not known here."));
    };
    match current(&provider, &headers) {
        Some(sign_in) if sign_in.login == person.login && !request.needs_new_sign_in(&sign_in, provider.now()) => {
            grant(&provider, &request, sign_in)
        }
        _ => sign_in(&provider, &request, &person),
    }
}

/// The sign-in that the browser's cookie names.
pub(super) fn current(provider: &Provider, headers: &HeaderMap) -> Option<SignIn> {
    let key = cookie(headers)?;
    provider.memory().sign_ins.get(&key).cloned()
}

/// Forgets the sign-in that the browser's cookie names.
pub(super) fn forget(provider: &Provider, headers: &HeaderMap) -> Option<SignIn> {
    let key = cookie(headers)?;
    provider.memory().sign_ins.remove(&key)
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=').map(str::to_owned))
}

fn ask(provider: &Provider, request: Request, sufficient: Option<SignIn>, current: Option<SignIn>) -> Response {
    let handle = secrets::token();
    let origin = request.redirect_origin();
    let person = |sign_in: Option<SignIn>| sign_in.and_then(|sign_in| provider.person(&sign_in.login));
    let main = match person(sufficient).filter(|_| request.prompt != Some(Prompt::SelectAccount)) {
        Some(person) => pages::welcome_back(&handle, &person, &provider.config().people),
        None => pages::choice(&handle, &provider.config().people, &request, person(current).as_ref()),
    };
    provider.memory().pending.insert(handle, request);
    markup::page(StatusCode::OK, "Sign in", &main, origin.as_deref())
}

fn sign_in(provider: &Provider, request: &Request, person: &Person) -> Response {
    let sign_in = SignIn {
        sid: secrets::uuid().to_string(),
        login: person.login.clone(),
        auth_time: provider.now(),
        acr: request.acr(),
    };
    let key = secrets::token();
    provider.memory().sign_ins.insert(key.clone(), sign_in.clone());
    let cookie = format!("{COOKIE_NAME}={key}; Path=/; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, cookie)], grant(provider, request, sign_in)).into_response()
}

fn grant(provider: &Provider, request: &Request, sign_in: SignIn) -> Response {
    let code = secrets::token();
    let expires_at = provider.now() + CODE_LIFETIME;
    let grant = Grant { request: request.clone(), sign_in, expires_at };
    provider.memory().codes.insert(code.clone(), Code { grant, spent_for: None });
    tell(provider, request, &[("code", &code)])
}

/// Sends the browser back with an answer: `state` and `iss` are always part of it (RFC 9207).
fn tell(provider: &Provider, request: &Request, params: &[(&str, &str)]) -> Response {
    let mut all: Map<String, Value> = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    all.insert("state".to_owned(), json!(request.state));
    all.insert("iss".to_owned(), json!(provider.issuer()));
    let all = provider.behaviour.say(Part::Answer, Value::Object(all));
    let pairs =
        all.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let mut url = Url::parse(&request.redirect_uri).expect("only registered addresses are answered");
    url.query_pairs_mut().extend_pairs(pairs);
    Redirect::to(url.as_str()).into_response()
}

fn refuse(provider: &Provider, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Page(why) => markup::page(StatusCode::BAD_REQUEST, "Sign-in refused", &pages::sorry(why), None),
        Refusal::Redirect { redirect_uri, state, error, description } => {
            let params = [("error", error), ("error_description", description)];
            Redirect::to(&answer(&redirect_uri, state.as_deref(), &provider.issuer(), &params)).into_response()
        }
    }
}
