//! The platform API of Genesys Cloud, as far as the product needs it: tokens by client credentials, conversations with their participants,
//! attributes, recording state and wrap-up, and users. Paths, fields and error envelope follow the public platform SDKs.
//!
//! It refuses what Genesys refuses: other clients, ended tokens, more calls a minute than a token may make, unknown conversations. Its
//! answers hold invented names and numbers as the real ones do, so that a test can show that nobody reads them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::routing::{get, patch, post, put};
use axum::{Router, middleware};

use crate::Clock;
use crate::listener::{self, Base};

mod api;
mod conversation;
mod guard;
#[cfg(test)]
mod tests;

pub use conversation::{Conversation, WrapUp};
pub use guard::{Fault, SeenRequest};

/// The invented name of every customer, as conversations give it.
pub const CUSTOMER_NAME: &str = "Wilhelmine Beispielsen";
/// The invented number she calls from.
pub const CUSTOMER_NUMBER: &str = "tel:+4930901820077";

/// A user of the contact centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// `active`, `inactive` or `deleted`.
    pub state: String,
}

impl User {
    /// An active user.
    pub fn new(id: &str, email: &str) -> Self {
        Self { id: id.to_owned(), email: email.to_owned(), state: "active".to_owned() }
    }
}

/// How the stand-in is set up.
#[derive(Clone, Debug)]
pub struct GenesysConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Time.
    pub clock: Clock,
    /// The OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// For how many seconds a token is taken.
    pub token_seconds: i64,
    /// Calls a token may make in a minute.
    pub calls_a_minute: usize,
    /// The users there are.
    pub users: Vec<User>,
    /// Whether a conversation that nobody added is there all the same, with every user as its agent: for the demo.
    pub has_every_conversation: bool,
}

impl GenesysConfig {
    /// As Genesys is set up, with the invented people of the bank as its users.
    pub fn new(clock: Clock, client_id: &str, client_secret: &str) -> Self {
        let user = |person: crate::idp::Person| User::new(&format!("user-{}", person.sub), &person.email());
        Self {
            port: 0,
            clock,
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            token_seconds: 86_400,
            calls_a_minute: 300,
            users: crate::idp::people().into_iter().map(user).collect(),
            has_every_conversation: false,
        }
    }
}

/// Everything the handlers share.
#[derive(Debug)]
pub(crate) struct Centre {
    config: Mutex<GenesysConfig>,
    conversations: Mutex<BTreeMap<String, Conversation>>,
    tokens: Mutex<HashMap<String, guard::Token>>,
    faults: Mutex<Vec<Fault>>,
    is_down: Mutex<bool>,
    gate: guard::Gate,
    seen: Mutex<Vec<SeenRequest>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Centre {
    fn config(&self) -> GenesysConfig {
        lock(&self.config).clone()
    }

    /// Does something to a conversation, if it is there.
    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Conversation) -> T) -> Option<T> {
        let mut conversations = lock(&self.conversations);
        let config = lock(&self.config);
        if config.has_every_conversation && !conversations.contains_key(id) {
            let mut made = Conversation::default();
            config.users.iter().for_each(|user| made.join(&user.id));
            conversations.insert(id.to_owned(), made);
        }
        conversations.get_mut(id).map(act)
    }
}

/// A running stand-in; it stops when this is dropped.
#[derive(Debug)]
pub struct GenesysApi {
    base: Base,
    centre: Arc<Centre>,
}

impl GenesysApi {
    /// Starts the stand-in.
    pub async fn start(config: GenesysConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let centre = Arc::new(Centre {
            config: Mutex::new(config),
            conversations: Mutex::default(),
            tokens: Mutex::default(),
            faults: Mutex::default(),
            is_down: Mutex::default(),
            gate: guard::Gate::default(),
            seen: Mutex::default(),
        });
        Ok(Self { base: bound.serve(router(&centre)), centre })
    }

    /// Where both tokens and the API are.
    pub fn url(&self) -> String {
        self.base.loopback()
    }

    /// Changes the configuration while running: another secret, another user.
    pub fn reconfigure(&self, change: impl FnOnce(&mut GenesysConfig)) {
        change(&mut lock(&self.centre.config));
    }

    /// A conversation begins: the customer, a queue, and these users as agents.
    pub fn begin(&self, id: &str, agents: &[&str]) {
        let mut conversation = Conversation::default();
        for agent in agents {
            conversation.join(agent);
        }
        lock(&self.centre.conversations).insert(id.to_owned(), conversation);
    }

    /// The id of the user with this short name of the bank's people.
    pub fn user(&self, login: &str) -> String {
        let users = lock(&self.centre.config).users.clone();
        let found = users.into_iter().find(|user| user.email.starts_with(&format!("{login}@")));
        found.map(|user| user.id).unwrap_or_default()
    }

    /// A conversation as it stands.
    pub fn conversation(&self, id: &str) -> Option<Conversation> {
        lock(&self.centre.conversations).get(id).cloned()
    }

    /// Another agent is brought in.
    pub fn join(&self, id: &str, agent: &str) {
        self.centre.with(id, |conversation| conversation.join(agent));
    }

    /// Everybody hangs up.
    pub fn end(&self, id: &str) {
        self.centre.with(id, Conversation::end);
    }

    /// Lets the next calls go wrong, one for each fault.
    pub fn fail_next(&self, faults: &[Fault]) {
        lock(&self.centre.faults).extend_from_slice(faults);
    }

    /// Waits until a call has arrived that is to be held.
    pub async fn wait_until_held(&self) {
        self.centre.gate.wait().await;
    }

    /// Lets a held call go on.
    pub fn let_go(&self) {
        self.centre.gate.release();
    }

    /// From now on connections are reset, until this is taken back.
    pub fn be_down(&self, is_down: bool) {
        *lock(&self.centre.is_down) = is_down;
    }

    /// Ends every token, as when the client is changed.
    pub fn end_tokens(&self) {
        lock(&self.centre.tokens).clear();
    }

    /// Every call so far, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.centre.seen).clone()
    }
}

fn router(centre: &Arc<Centre>) -> Router {
    let api = Router::new()
        .route("/api/v2/tokens/me", get(api::token))
        .route("/api/v2/users/{id}", get(api::user))
        .route("/api/v2/conversations/{id}", get(api::conversation))
        .route("/api/v2/conversations/{id}/participants/{participant}/attributes", patch(api::attributes))
        .route("/api/v2/conversations/{media}/{id}/recordingstate", put(api::recording))
        .route(
            "/api/v2/conversations/{media}/{id}/participants/{participant}/communications/{line}/wrapup",
            post(api::wrap_up),
        )
        .layer(middleware::from_fn_with_state(Arc::clone(centre), guard::has_token));
    Router::new()
        .route("/oauth/token", post(guard::issue))
        .merge(api)
        .layer(middleware::from_fn_with_state(Arc::clone(centre), guard::guard))
        .with_state(Arc::clone(centre))
}
