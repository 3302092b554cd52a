//! The provider over HTTP: metadata, signing in by redirect and post, signing out by redirect.
//!
//! It refuses to know any password: choosing a person is signing in. A browser that has a sign-in here is not asked again.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, RawQuery, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::client::Client;
use super::message::{self, Request};
use super::{Algorithm, Draft, Parties, Signer, Signs, Wrapping, pages, sealed};
use crate::idp::{OpenerPolicy, Person, people};
use crate::listener::{self, Base};
use crate::{Clock, markup, secrets};

const COOKIE_NAME: &str = "sandbox_saml";
/// How a sign-in by choosing a person is called.
pub const CONTEXT_PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// How the provider is set up.
#[derive(Clone, Debug)]
pub struct SamlConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// The address by which others reach it, if something stands in front of it.
    pub address: Option<String>,
    /// What time it is.
    pub clock: Clock,
    /// Who can sign in.
    pub people: Vec<Person>,
    /// Whether `auto=mira` signs Mira in without a page. For tests only.
    pub allows_auto: bool,
    /// What it signs.
    pub signs: Signs,
    /// Whether assertions are encrypted.
    pub encrypts: bool,
    /// The pages' opener policy.
    pub opener_policy: OpenerPolicy,
}

impl SamlConfig {
    /// A provider that signs assertions, with the usual people, on a free port, without `auto`.
    pub fn new(clock: Clock) -> Self {
        Self {
            port: 0,
            address: None,
            clock,
            people: people(),
            allows_auto: false,
            signs: Signs::Assertion,
            encrypts: false,
            opener_policy: OpenerPolicy::Unset,
        }
    }
}

/// One browser's sign-in.
#[derive(Clone, Debug)]
struct SignIn {
    session: String,
    login: String,
    at: OffsetDateTime,
    context: String,
}

type Change = Box<dyn FnOnce(&mut Draft) + Send>;

#[derive(Default)]
struct Memory {
    client: Option<Client>,
    pending: HashMap<String, Request>,
    sign_ins: HashMap<String, SignIn>,
    changes: VecDeque<Change>,
}

struct Provider {
    base: String,
    config: Mutex<SamlConfig>,
    signer: Signer,
    memory: Mutex<Memory>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running provider; it stops when this is dropped.
pub struct SamlIdp {
    base: Base,
    provider: Arc<Provider>,
}

impl std::fmt::Debug for SamlIdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SamlIdp")
    }
}

impl SamlIdp {
    /// Starts a provider with a fresh key. It answers nobody until it knows its client.
    pub async fn start(config: SamlConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let base = config.address.clone().unwrap_or_else(|| format!("http://127.0.0.1:{}", bound.port()));
        let signer = Signer::fresh(2048, config.clock.now() + Duration::days(3650));
        let provider = Provider { base, config: Mutex::new(config), signer, memory: Mutex::default() };
        let provider = Arc::new(provider);
        let base = bound.serve(router(Arc::clone(&provider)));
        Ok(Self { base, provider })
    }

    /// The port that was bound.
    pub const fn port(&self) -> u16 {
        self.base.port()
    }

    /// Its entity id.
    pub fn issuer(&self) -> String {
        self.provider.issuer()
    }

    /// Its metadata, as an administrator would save it.
    pub fn metadata(&self) -> String {
        self.provider.metadata()
    }

    /// Its key.
    pub fn signer(&self) -> &Signer {
        &self.provider.signer
    }

    /// Imports the client's metadata; false if it cannot be used.
    pub fn trust(&self, metadata: &str) -> bool {
        let client = Client::read(metadata);
        let is_read = client.is_some();
        lock(&self.provider.memory).client = client;
        is_read
    }

    /// Changes the configuration while running.
    pub fn reconfigure(&self, change: impl FnOnce(&mut SamlConfig)) {
        change(&mut lock(&self.provider.config));
    }

    /// Changes the next response before it is signed. Several are used up in order.
    pub fn next_response_with(&self, change: impl FnOnce(&mut Draft) + Send + 'static) {
        lock(&self.provider.memory).changes.push_back(Box::new(change));
    }

    /// Where the browser of a person is sent when she signs out here, for the sign-in that she has; none without one.
    pub fn logout_address_of(&self, login: &str, relay_state: Option<&str>) -> Option<Url> {
        let sign_in = lock(&self.provider.memory).sign_ins.values().find(|one| one.login == login).cloned()?;
        self.provider.logout_address(&sign_in, relay_state)
    }
}

impl Provider {
    fn issuer(&self) -> String {
        format!("{}/metadata", self.base)
    }

    fn now(&self) -> OffsetDateTime {
        lock(&self.config).clock.now()
    }

    fn person(&self, login: &str) -> Option<Person> {
        lock(&self.config).people.iter().find(|person| person.login == login).cloned()
    }

    fn metadata(&self) -> String {
        let binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
        let certificate: String =
            self.signer.certificate_pem().lines().filter(|line| !line.starts_with("-----")).collect();
        format!(
            "<?xml version=\"1.0\"?>\n<!-- Bank staff sign-in -->\n\
             <EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\
             <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor use=\"signing\">\
             <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{certificate}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>\
             <SingleLogoutService Binding=\"{binding}\" Location=\"{base}/slo\"/>\
             <SingleSignOnService Binding=\"{binding}\" Location=\"{base}/sso\"/></IDPSSODescriptor></EntityDescriptor>\n",
            self.issuer(),
            base = self.base,
        )
    }

    fn logout_address(&self, sign_in: &SignIn, relay_state: Option<&str>) -> Option<Url> {
        let to = lock(&self.memory).client.as_ref()?.slo.clone()?;
        let sub = self.person(&sign_in.login)?.sub;
        let id = format!("_{}", secrets::uuid());
        let who = (sub.as_str(), Some(sign_in.session.as_str()));
        let xml = Signer::logout_request(&id, to.as_str(), &self.issuer(), who, self.now());
        Some(message::signed(&self.signer, &to, ("SAMLRequest", &xml), relay_state))
    }

    /// The response about somebody, in base64.
    fn response(&self, client: &Client, request: &Request, sign_in: &SignIn, person: &Person) -> String {
        let issuer = self.issuer();
        let parties = Parties {
            issuer: &issuer,
            audience: &client.entity,
            acs: client.acs.as_str(),
            request: &request.id,
            now: self.now(),
        };
        let mut draft = Draft::new(&secrets::uuid().to_string(), &parties, &person.sub);
        draft.assertion.authn_instant = super::instant(sign_in.at);
        draft.assertion.session_index = Some(sign_in.session.clone());
        draft.assertion.context = Some(sign_in.context.clone());
        draft.assertion.attributes = vec![
            ("displayName".to_owned(), vec![person.name.clone()]),
            ("roles".to_owned(), person.roles.clone()),
            ("queues".to_owned(), person.queues.clone()),
        ];
        let change = lock(&self.memory).changes.pop_front();
        if let Some(change) = change {
            change(&mut draft);
        }
        let (signs, encrypts) = {
            let config = lock(&self.config);
            (config.signs, config.encrypts)
        };
        let (is_assertion, is_response) =
            (matches!(signs, Signs::Assertion | Signs::Both), matches!(signs, Signs::Response | Signs::Both));
        let body = self.signer.assertion(&draft, is_assertion, Algorithm::Sha256);
        let body = match &client.key {
            Some(key) if encrypts => sealed(&body, key, Wrapping::Oaep),
            _ => body,
        };
        let xml = self.signer.response(&draft, &body, is_response, Algorithm::Sha256);
        STANDARD.encode(xml)
    }
}

fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/metadata", get(metadata))
        .route("/sso", get(begin).post(choose))
        .route("/logout", get(leave))
        .route("/slo", get(left))
        .route("/pages.css", get(markup::sheet))
        .route("/post.js", get(pages::script))
        .layer(middleware::map_response_with_state(Arc::clone(&provider), opener_policy))
        .with_state(provider)
}

async fn opener_policy(State(provider): State<Arc<Provider>>, mut response: Response) -> Response {
    let policy = lock(&provider.config).opener_policy;
    if let Some(value) = policy.header() {
        let value = axum::http::HeaderValue::from_static(value);
        response.headers_mut().insert("cross-origin-opener-policy", value);
    }
    response
}

async fn metadata(State(provider): State<Arc<Provider>>) -> Response {
    ([("content-type", "application/samlmetadata+xml")], provider.metadata()).into_response()
}

fn sorry(why: &str) -> Response {
    markup::page(StatusCode::BAD_REQUEST, "That did not work", &pages::sorry(why), None)
}

fn current(provider: &Provider, headers: &HeaderMap) -> Option<(String, SignIn)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let key = lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=').map(str::to_owned))?;
    let sign_in = lock(&provider.memory).sign_ins.get(&key).cloned()?;
    Some((key, sign_in))
}

/// GET: answers at once if it can, else shows a page.
async fn begin(State(provider): State<Arc<Provider>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let client = lock(&provider.memory).client.clone();
    let (Some(client), Some(request)) = (client, Request::read(&query)) else {
        return sorry("The application did not ask as it should, or is not known here.");
    };
    if request.issuer != client.entity || request.acs.as_deref().is_some_and(|acs| acs != client.acs.as_str()) {
        return sorry("This application is not known here.");
    }
    if client.signs && !client.has_signed(&query) {
        return sorry("The application's signature does not hold.");
    }
    let automatic = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "auto");
    let automatic = automatic.filter(|_| lock(&provider.config).allows_auto);
    match (automatic, current(&provider, &headers)) {
        (Some((_, login)), _) => match provider.person(&login) {
            Some(person) => sign_in(&provider, &client, &request, &person),
            None => sorry("This person is not known here."),
        },
        (None, Some((_, known))) if request.is_met_by(&known.context) => answer(&provider, &client, &request, &known),
        _ => {
            let handle = secrets::token();
            let main = pages::choice(&handle, &lock(&provider.config).people);
            lock(&provider.memory).pending.insert(handle, request);
            markup::page(StatusCode::OK, "Sign in", &main, Some(&client.acs.origin().ascii_serialization()))
        }
    }
}

#[derive(Deserialize)]
struct Choice {
    handle: String,
    login: String,
}

/// POST: the person has chosen.
async fn choose(State(provider): State<Arc<Provider>>, Form(choice): Form<Choice>) -> Response {
    let (request, client) = {
        let mut memory = lock(&provider.memory);
        (memory.pending.remove(&choice.handle), memory.client.clone())
    };
    match (request, client, provider.person(&choice.login)) {
        (Some(request), Some(client), Some(person)) => sign_in(&provider, &client, &request, &person),
        _ => sorry("This page was used already or is too old. Go back to the application and start again."),
    }
}

fn sign_in(provider: &Provider, client: &Client, request: &Request, person: &Person) -> Response {
    let sign_in = SignIn {
        session: format!("_{}", secrets::uuid()),
        login: person.login.clone(),
        at: provider.now(),
        context: request.contexts.first().cloned().unwrap_or_else(|| CONTEXT_PASSWORD.to_owned()),
    };
    let key = secrets::token();
    lock(&provider.memory).sign_ins.insert(key.clone(), sign_in.clone());
    let cookie = format!("{COOKIE_NAME}={key}; Path=/; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, cookie)], answer(provider, client, request, &sign_in)).into_response()
}

fn answer(provider: &Provider, client: &Client, request: &Request, sign_in: &SignIn) -> Response {
    let Some(person) = provider.person(&sign_in.login) else { return sorry("This person is not known here.") };
    let response = provider.response(client, request, sign_in, &person);
    let mut fields = String::new();
    for (name, value) in [("SAMLResponse", &response), ("RelayState", &request.relay_state)] {
        let value = markup::escape(value);
        let _: Result<(), _> = writeln!(fields, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    pages::posting(&client.acs, &fields)
}

/// The person signs out here; her browser goes round by the client.
async fn leave(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let Some((key, sign_in)) = current(&provider, &headers) else { return pages::signed_out() };
    let address = provider.logout_address(&sign_in, None);
    lock(&provider.memory).sign_ins.remove(&key);
    address.map_or_else(pages::signed_out, |address| Redirect::to(address.as_str()).into_response())
}

/// The client says that it is done there.
async fn left(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let client = lock(&provider.memory).client.clone();
    let is_answer = message::unpacked(&query, "SAMLResponse").is_some_and(|xml| xml.contains("status:Success"));
    match client {
        Some(client) if is_answer && client.has_signed(&query) => pages::signed_out(),
        _ => sorry("The application's answer does not hold."),
    }
}
