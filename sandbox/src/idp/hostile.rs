//! A provider that is broken or hostile on demand: each thing it says can be rewritten on its way out, so that every check of a client
//! can be seen to work. What it signs is wrong by [`super::Forgery`].

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::{Idp, Provider, lock};

/// Something that the provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Its metadata (OpenID Connect Discovery 1.0 section 4.2).
    Metadata,
    /// Its keys (RFC 7517).
    Keys,
    /// The parameters of the authorization response.
    Answer,
    /// The JOSE header of an ID token.
    TokenHeader,
    /// The answer of the token endpoint.
    TokenAnswer,
    /// The answer of the userinfo endpoint.
    Userinfo,
}

type Rewrite = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What is rewritten, who was asked how often, and whether anybody is there at all.
#[derive(Default)]
pub(super) struct Behaviour {
    rewrites: Mutex<HashMap<Part, Rewrite>>,
    asked: Mutex<HashMap<String, usize>>,
    is_down: Mutex<bool>,
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Behaviour({:?})", lock(&self.rewrites).keys())
    }
}

impl Behaviour {
    /// What is said instead.
    pub(super) fn say(&self, part: Part, mut value: Value) -> Value {
        let rewrite = lock(&self.rewrites).get(&part).cloned();
        if let Some(rewrite) = rewrite {
            rewrite(&mut value);
        }
        value
    }
}

impl Idp {
    /// From now on this part is changed before it is sent.
    pub fn rewrite(&self, part: Part, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        lock(&self.provider.behaviour.rewrites).insert(part, Arc::new(change));
    }

    /// Behaves again.
    pub fn behave(&self) {
        lock(&self.provider.behaviour.rewrites).clear();
        *lock(&self.provider.behaviour.is_down) = false;
    }

    /// Answers everything with 503 until it behaves again.
    pub fn go_down(&self) {
        *lock(&self.provider.behaviour.is_down) = true;
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        lock(&self.provider.behaviour.asked).get(path).copied().unwrap_or_default()
    }
}

/// Counts every request, and refuses it while the provider is down.
pub(super) async fn attend(State(provider): State<Arc<Provider>>, request: Request, next: Next) -> Response {
    *lock(&provider.behaviour.asked).entry(request.uri().path().to_owned()).or_default() += 1;
    let is_down = *lock(&provider.behaviour.is_down);
    if is_down { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
}
