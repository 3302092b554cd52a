//! Jumio's Platform API v1 with one tenant: tokens, accounts, workflow executions, callbacks, and the page where a customer shows a document.
//! It follows Jumio's API guide and docs.jumio.com ("Callback", "Rate Limits", "Capabilities").
//!
//! It refuses what Jumio refuses: callers without a name, calls without a token, addresses that cannot be called back. Its hosts are the
//! first part of its paths. It takes no pictures; the person at the page chooses how the check ends.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::routing::{delete, get, post, put};
use axum::{Router, middleware};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::identities::Identity;
use crate::listener::{self, Base};
use crate::markup;

mod api;
mod capture;
mod config;
mod details;
mod execution;
mod faults;
mod guard;
mod media;
mod outbox;
#[cfg(test)]
mod tests;

pub use config::JumioConfig;
pub use details::Outcome;
pub use execution::{Step, Unknown};
pub use faults::{Call, CallbackFault, Fault};
pub use guard::SeenRequest;
pub use outbox::Delivery;

use execution::Execution;
use faults::Faults;
use outbox::Outbox;

/// Everything the handlers share.
#[derive(Debug)]
pub(crate) struct Station {
    base: String,
    config: Mutex<JumioConfig>,
    executions: Mutex<BTreeMap<String, Execution>>,
    people: Mutex<People>,
    /// Tokens, and until when they count.
    tokens: Mutex<Vec<(String, i64)>>,
    faults: Mutex<Faults>,
    is_down: Mutex<bool>,
    seen: Mutex<Vec<SeenRequest>>,
    /// Whether calls are carried out and not answered for now.
    is_silent: watch::Sender<bool>,
    outbox: Outbox,
}

impl Station {
    fn host(&self, part: &str) -> String {
        format!("{}/{part}", self.base)
    }

    fn assign(&self, reference: &str, identity: Identity) {
        lock(&self.people).known.insert(reference.to_owned(), identity);
    }

    fn config(&self) -> JumioConfig {
        lock(&self.config).clone()
    }

    fn executions(&self) -> MutexGuard<'_, BTreeMap<String, Execution>> {
        lock(&self.executions)
    }

    /// Who is behind a reference: whoever was assigned, else the next of the table in the order in which executions began.
    fn identity(&self, reference: &str) -> Identity {
        let mut people = lock(&self.people);
        if let Some(identity) = people.known.get(reference) {
            return identity.clone();
        }
        let table = self.config().identities;
        let identity = table[people.next % table.len()].clone();
        people.next += 1;
        people.known.insert(reference.to_owned(), identity.clone());
        identity
    }
}

/// Who is behind which reference.
#[derive(Debug, Default)]
struct People {
    known: HashMap<String, Identity>,
    next: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running stand-in; it stops when this is dropped.
#[derive(Debug)]
pub struct Jumio {
    _base: Base,
    station: Arc<Station>,
    sender: JoinHandle<()>,
}

impl Drop for Jumio {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Jumio {
    /// Starts the stand-in.
    pub async fn start(config: JumioConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let station = Arc::new(Station {
            base: format!("http://127.0.0.1:{}", bound.port()),
            config: Mutex::new(config),
            executions: Mutex::default(),
            people: Mutex::default(),
            tokens: Mutex::default(),
            faults: Mutex::default(),
            is_down: Mutex::default(),
            seen: Mutex::default(),
            is_silent: watch::Sender::new(false),
            outbox: Outbox::new()?,
        });
        let sender = tokio::spawn(outbox::send_all(Arc::clone(&station)));
        Ok(Self { _base: bound.serve(router(&station)), station, sender })
    }

    /// Below this are the hosts `auth`, `account`, `retrieval` and `status`.
    pub fn base_url(&self) -> &str {
        &self.station.base
    }

    /// Changes the configuration while running.
    pub fn reconfigure(&self, change: impl FnOnce(&mut JumioConfig)) {
        change(&mut lock(&self.station.config));
    }

    /// The table of customers.
    pub fn identities(&self) -> Vec<Identity> {
        self.station.config().identities
    }

    /// Decides who is behind a reference: whoever is at `index` of the table, counted round.
    pub fn assign(&self, reference: &str, index: usize) {
        let table = self.identities();
        self.station.assign(reference, table[index % table.len()].clone());
    }

    /// Ids of all executions with this `customerInternalReference`, oldest first.
    pub fn executions_of(&self, reference: &str) -> Vec<String> {
        self.of(reference, |execution| execution.id.clone())
    }

    /// Their accounts.
    pub fn accounts_of(&self, reference: &str) -> Vec<String> {
        self.of(reference, |execution| execution.account.clone())
    }

    fn of(&self, reference: &str, read: impl Fn(&Execution) -> String) -> Vec<String> {
        let executions = self.station.executions();
        let mut found: Vec<_> = executions.values().filter(|execution| execution.reference == reference).collect();
        found.sort_by_key(|execution| execution.number);
        found.into_iter().map(read).collect()
    }

    /// The customer opens the page, or hands in the pictures too. Returns once the callbacks were tried.
    pub async fn event(&self, execution: &str, step: Step) -> Result<(), Unknown> {
        self.station.reach(execution, step)?;
        self.settle().await;
        Ok(())
    }

    /// Ends an execution, with what is missing before it. Again: Jumio changed its mind. Returns once the callbacks were tried.
    pub async fn decide(&self, execution: &str, outcome: Outcome) -> Result<(), Unknown> {
        self.station.decide(execution, outcome)?;
        self.settle().await;
        Ok(())
    }

    /// Lets the next `times` calls of one kind fail.
    pub fn fail_next(&self, times: usize, call: Call, fault: Fault) {
        lock(&self.station.faults).plan(call, fault, times);
    }

    /// An outage: from now on every call is answered with 503, until this is taken back.
    pub fn be_down(&self, is_down: bool) {
        *lock(&self.station.is_down) = is_down;
    }

    /// From now on calls are carried out, and not answered until this is taken back.
    pub fn be_silent(&self, is_silent: bool) {
        self.station.is_silent.send_replace(is_silent);
    }

    /// No token that was given out counts any more.
    pub fn revoke_tokens(&self) {
        lock(&self.station.tokens).clear();
    }

    /// Lets the next callback go wrong.
    pub fn spoil_next_callback(&self, fault: CallbackFault) {
        self.station.outbox.spoil_next(fault);
    }

    /// Keeps callbacks back from now on.
    pub fn hold_callbacks(&self) {
        self.station.outbox.hold();
    }

    /// Sends what was kept back, in order or newest first, and everything from now on.
    pub fn release_callbacks(&self, newest_first: bool) {
        self.station.outbox.release(newest_first);
    }

    /// Takes what was kept back, which is then never sent: the bodies.
    pub fn take_held_callbacks(&self) -> Vec<String> {
        self.station.outbox.take_held()
    }

    /// Ends an execution with details that somebody else has written, under its own ids. Returns once the callbacks were tried.
    pub async fn tell(&self, execution: &str, details: serde_json::Value) -> Result<(), Unknown> {
        self.station.tell_as_written(execution, details)?;
        self.settle().await;
        Ok(())
    }

    /// Delivers once more, to this address, what was delivered before: by its places in [`Self::deliveries`], in this order.
    pub async fn replay(&self, order: &[usize], url: &str) {
        self.station.outbox.replay(order, url);
        self.settle().await;
    }

    /// Waits until every callback that is not kept back was tried once.
    pub async fn settle(&self) {
        self.station.outbox.settle().await;
    }

    /// Every attempt to deliver a callback so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.station.outbox.deliveries()
    }

    /// Every call so far, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.station.seen).clone()
    }
}

fn router(station: &Arc<Station>) -> Router {
    let execution = "/retrieval/api/v1/accounts/{account}/workflow-executions/{id}";
    let api = Router::new()
        .route("/auth/oauth2/token", post(api::token))
        .route("/account/api/v1/accounts", post(api::create))
        .route("/account/api/v1/accounts/{account}", put(api::update))
        .route(execution, get(api::details))
        .route(&format!("{execution}/status"), get(api::status))
        .route("/retrieval/api/v1/accounts/{account}/credentials/{id}/parts/{part}", get(media::part))
        .route("/retrieval/api/v1/accounts/{account}/elsewhere/{part}", get(media::elsewhere))
        .route("/retrieval/api/v1/accounts/{account}", delete(api::delete))
        .route("/status", get(api::health))
        .layer(middleware::from_fn_with_state(Arc::clone(station), guard::guard));
    Router::new()
        .merge(api)
        .route("/web/v4/app/{token}", get(capture::show).post(capture::submit))
        .route("/pages.css", get(markup::sheet))
        .with_state(Arc::clone(station))
}
