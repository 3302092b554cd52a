//! An OpenID Connect provider of a bank: authorization code with PKCE, one client, invented people.
//! It follows OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0, RFC 7636 and
//! RFC 9207, and is strict where RFC 9700 is: PKCE S256, state, nonce and an exactly equal redirect address are mandatory.
//!
//! It refuses implicit and hybrid flows, refresh tokens, and to know any password: choosing a person is signing in.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::HeaderValue;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router, middleware};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::listener::{self, Base};
use crate::markup;

mod assertion;
mod authorize;
mod config;
mod faults;
mod hostile;
mod keys;
mod logout;
mod pages;
mod people;
mod request;
#[cfg(test)]
mod tests;
mod token;

pub use config::{IdpConfig, OpenerPolicy};
pub use faults::Forgery;
pub use hostile::Part;
pub use people::{Person, people};

use faults::TokenFault;
use hostile::Behaviour;
use keys::Keys;
use request::Request;

/// `acr` of a sign-in by choosing a person.
pub const ACR_PASSWORD: &str = "urn:sandbox:acr:password";
/// `acr` of a sign-in that was confirmed with an imagined security key; given when `acr_values` asks for it.
pub const ACR_SECURITY_KEY: &str = "urn:sandbox:acr:security-key";

/// One browser's sign-in.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    sid: String,
    login: String,
    auth_time: OffsetDateTime,
    acr: &'static str,
}

/// What a code or an access token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    request: Request,
    sign_in: SignIn,
    expires_at: OffsetDateTime,
}

/// A code, and the access token it was traded for.
#[derive(Debug)]
pub(crate) struct Code {
    grant: Grant,
    spent_for: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pending: HashMap<String, Request>,
    sign_ins: HashMap<String, SignIn>,
    codes: HashMap<String, Code>,
    access_tokens: HashMap<String, Grant>,
    last_client_auth: Option<&'static str>,
    assertions: HashSet<String>,
}

/// Everything the handlers share.
#[derive(Debug)]
pub(crate) struct Provider {
    base: String,
    config: Mutex<IdpConfig>,
    keys: Mutex<Keys>,
    memory: Mutex<Memory>,
    http: reqwest::Client,
    faults: Mutex<VecDeque<TokenFault>>,
    behaviour: Behaviour,
}

impl Provider {
    fn issuer(&self) -> String {
        format!("{}{}", self.base, lock(&self.config).issuer_ending)
    }

    fn config(&self) -> IdpConfig {
        lock(&self.config).clone()
    }

    fn now(&self) -> OffsetDateTime {
        lock(&self.config).clock.now()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }

    fn person(&self, login: &str) -> Option<Person> {
        lock(&self.config).people.iter().find(|person| person.login == login).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running provider; it stops when this is dropped.
#[derive(Debug)]
pub struct Idp {
    base: Base,
    provider: Arc<Provider>,
}

impl Idp {
    /// Starts a provider with a fresh key.
    pub async fn start(config: IdpConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let provider = Arc::new(Provider {
            base: config.address.clone().unwrap_or_else(|| format!("http://127.0.0.1:{}", bound.port())),
            config: Mutex::new(config),
            keys: Mutex::new(Keys::fresh()),
            memory: Mutex::default(),
            faults: Mutex::default(),
            behaviour: Behaviour::default(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(5)).build().map_err(io::Error::other)?,
        });
        let base = bound.serve(router(Arc::clone(&provider)));
        Ok(Self { base, provider })
    }

    /// The base address, which is also the issuer unless [`IdpConfig::issuer_ending`] says otherwise.
    pub fn issuer(&self) -> &str {
        &self.provider.base
    }

    /// The port that was bound.
    pub const fn port(&self) -> u16 {
        self.base.port()
    }

    /// The people who can sign in.
    pub fn people(&self) -> Vec<Person> {
        self.provider.config().people
    }

    /// Changes the configuration while running, for instance once the client's own address is known.
    pub fn reconfigure(&self, change: impl FnOnce(&mut IdpConfig)) {
        change(&mut lock(&self.provider.config));
    }

    /// Signs with a new key from now on and withdraws the old one, as after a leak.
    pub fn rotate_key(&self) {
        lock(&self.provider.keys).rotate(false);
    }

    /// Signs with a new key from now on; the old one stays published, as in a planned change.
    pub fn rotate_key_keeping_old(&self) {
        lock(&self.provider.keys).rotate(true);
    }

    /// Signs by RSA from now on, with a new key.
    pub fn sign_by_rsa(&self) {
        *lock(&self.provider.keys) = Keys::fresh_rsa();
    }

    /// Changes the claims of the next ID token before it is signed. Several are used up in order.
    pub fn next_token_with(&self, change: impl FnOnce(&mut Map<String, Value>) + Send + 'static) {
        lock(&self.provider.faults).push_back(TokenFault::Claims(Box::new(change)));
    }

    /// Forges the signature of the next ID token.
    pub fn forge_next_token(&self, forgery: Forgery) {
        lock(&self.provider.faults).push_back(TokenFault::Signature(forgery));
    }

    /// Signs any claims with the current key: for tests that need a wrong token with a right signature.
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        lock(&self.provider.keys).sign(typ, claims)
    }

    /// The same with a signature that is forged.
    pub fn forge(&self, typ: &str, claims: &Value, forgery: Forgery) -> String {
        let secret = self.provider.config().client_secret;
        faults::forge(&lock(&self.provider.keys), (typ, claims), forgery, &secret)
    }

    /// How the client proved who it is when it last traded a code.
    pub fn last_client_auth(&self) -> Option<&'static str> {
        self.provider.memory().last_client_auth
    }

    /// Ends every sign-in of a person and tells the client by logout token. The status of the client's answer, if any
    /// sign-in existed and the client could be reached.
    pub async fn end_sign_ins_of(&self, login: &str) -> Option<u16> {
        logout::end_sign_ins_of(&self.provider, login).await
    }
}

fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize::begin).post(authorize::choose))
        .route("/token", axum::routing::post(token::exchange))
        .route("/userinfo", get(token::userinfo).post(token::userinfo))
        .route("/end_session", get(logout::end).post(logout::end))
        .route("/pages.css", get(markup::sheet))
        .layer(middleware::map_response_with_state(Arc::clone(&provider), opener_policy))
        .layer(middleware::from_fn_with_state(Arc::clone(&provider), hostile::attend))
        .with_state(provider)
}

async fn opener_policy(State(provider): State<Arc<Provider>>, mut response: Response) -> Response {
    let policy = lock(&provider.config).opener_policy;
    if let Some(value) = policy.header() {
        response.headers_mut().insert("cross-origin-opener-policy", HeaderValue::from_static(value));
    }
    response
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let at = |path: &str| format!("{}/{path}", provider.base);
    let metadata = json!({
        "issuer": provider.issuer(),
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end_session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "acr_values_supported": [ACR_PASSWORD, ACR_SECURITY_KEY],
        "prompt_values_supported": ["none", "login", "select_account"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "auth_time", "acr", "amr", "sid",
            "name", "roles", "queues"],
    });
    Json(provider.behaviour.say(Part::Metadata, metadata))
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let keys = lock(&provider.keys).published();
    Json(provider.behaviour.say(Part::Keys, keys))
}
