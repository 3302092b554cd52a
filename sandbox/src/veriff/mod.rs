//! Veriff's Public API v1 with one integration: sessions, decisions, webhooks, and the page where a customer shows a document.
//! It follows devdocs.veriff.com ("HMAC authentication", "Decision webhook", "Event webhook", "Status and decision codes").
//!
//! It refuses what Veriff refuses: calls without the key, reads without a signature over the id. It takes no pictures (those
//! it hands out are drawn); the person at the page chooses how the check ends. Error codes inside the envelope are not published in full, so nobody should
//! decide on them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::identities::Identity;
use crate::listener::{self, Base};
use crate::markup;

mod api;
mod capture;
mod config;
mod decision;
mod faults;
mod guard;
mod media;
mod outbox;
mod session;
#[cfg(test)]
mod tests;

pub use config::VeriffConfig;
pub use decision::Outcome;
pub use faults::{Call, Fault, WebhookFault};
pub use guard::SeenRequest;
pub use outbox::{Delivery, WebhookKind};
pub use session::{Step, Unknown};

use faults::Faults;
use outbox::Outbox;
use session::Session;

/// Everything the handlers share.
#[derive(Debug)]
pub(crate) struct Station {
    base: String,
    config: Mutex<VeriffConfig>,
    sessions: Mutex<BTreeMap<String, Session>>,
    assigned: Mutex<Assigned>,
    faults: Mutex<Faults>,
    seen: Mutex<Vec<SeenRequest>>,
    deletions: Mutex<Vec<i64>>,
    /// Whether calls are carried out and not answered for now.
    is_silent: watch::Sender<bool>,
    outbox: Outbox,
}

impl Station {
    fn assign(&self, vendor_data: &str, identity: Identity) {
        lock(&self.assigned).people.insert(vendor_data.to_owned(), identity);
    }

    fn config(&self) -> VeriffConfig {
        lock(&self.config).clone()
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        lock(&self.sessions)
    }

    /// Who is behind a token: whoever was assigned, else the next of the table in the order in which sessions were created.
    fn identity(&self, vendor_data: &str) -> Identity {
        let mut assigned = lock(&self.assigned);
        if let Some(identity) = assigned.people.get(vendor_data) {
            return identity.clone();
        }
        let table = self.config().identities;
        let identity = table[assigned.next % table.len()].clone();
        assigned.next += 1;
        assigned.people.insert(vendor_data.to_owned(), identity.clone());
        identity
    }
}

/// Who is behind which token.
#[derive(Debug, Default)]
struct Assigned {
    people: HashMap<String, Identity>,
    next: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running stand-in; it stops when this is dropped.
#[derive(Debug)]
pub struct Veriff {
    _base: Base,
    station: Arc<Station>,
    sender: JoinHandle<()>,
}

impl Drop for Veriff {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Veriff {
    /// Starts the stand-in.
    pub async fn start(config: VeriffConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let station = Arc::new(Station {
            base: format!("http://127.0.0.1:{}", bound.port()),
            config: Mutex::new(config),
            sessions: Mutex::default(),
            assigned: Mutex::default(),
            faults: Mutex::default(),
            seen: Mutex::default(),
            deletions: Mutex::default(),
            is_silent: watch::Sender::new(false),
            outbox: Outbox::new()?,
        });
        let sender = tokio::spawn(outbox::send_all(Arc::clone(&station)));
        Ok(Self { _base: bound.serve(router(&station)), station, sender })
    }

    /// The integration's `baseURL`, without `/v1`.
    pub fn base_url(&self) -> &str {
        &self.station.base
    }

    /// Changes the configuration while running, for instance once the webhooks' address is known.
    pub fn reconfigure(&self, change: impl FnOnce(&mut VeriffConfig)) {
        change(&mut lock(&self.station.config));
    }

    /// Where both webhooks go from now on.
    pub fn set_webhook_url(&self, url: &str) {
        self.reconfigure(|config| {
            config.event_url = Some(url.to_owned());
            config.decision_url = Some(url.to_owned());
        });
    }

    /// The table of customers.
    pub fn identities(&self) -> Vec<Identity> {
        self.station.config().identities
    }

    /// Decides who is behind a `vendorData` token: whoever is at `index` of the table, counted round.
    pub fn assign(&self, vendor_data: &str, index: usize) {
        let table = self.identities();
        self.station.assign(vendor_data, table[index % table.len()].clone());
    }

    /// Who is behind a `vendorData` token.
    pub fn identity_of(&self, vendor_data: &str) -> Identity {
        self.station.identity(vendor_data)
    }

    /// All sessions, oldest first: the id and its `vendorData`.
    pub fn sessions(&self) -> Vec<(String, Option<String>)> {
        self.select(|_| true)
    }

    /// Ids of all sessions with this `vendorData`, oldest first.
    pub fn sessions_of(&self, vendor_data: &str) -> Vec<String> {
        let found = self.select(|session| session.vendor_data.as_deref() == Some(vendor_data));
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// Where the customer captures in this session, if there is one.
    pub fn capture_url(&self, session_id: &str) -> Option<String> {
        let sessions = self.station.sessions();
        sessions.get(session_id).map(|session| format!("{}/v/{}", self.station.base, session.token))
    }

    /// The customer opens the page, or hands in the pictures too. Returns once the webhooks were tried.
    pub async fn event(&self, session_id: &str, step: Step) -> Result<(), Unknown> {
        match step {
            Step::Started => self.station.open(session_id)?,
            Step::Submitted => self.station.submit(session_id)?,
        }
        self.settle().await;
        Ok(())
    }

    /// Ends the running attempt, with the events that are missing before it. Again on a decided session: Veriff changed its
    /// mind. Returns once the webhooks were tried.
    pub async fn decide(&self, session_id: &str, outcome: Outcome) -> Result<(), Unknown> {
        self.station.decide(session_id, outcome)?;
        self.settle().await;
        Ok(())
    }

    /// Lets the next `times` calls fail, whichever they are.
    pub fn fail_next(&self, times: usize, fault: Fault) {
        self.fail_next_call(times, Call::Any, fault);
    }

    /// Lets the next `times` calls of one kind fail.
    pub fn fail_next_call(&self, times: usize, call: Call, fault: Fault) {
        lock(&self.station.faults).plan(call, fault, times);
    }

    /// From now on calls are carried out, and not answered until this is taken back.
    pub fn be_silent(&self, is_silent: bool) {
        self.station.is_silent.send_replace(is_silent);
    }

    /// Lets the next webhook go wrong.
    pub fn spoil_next_webhook(&self, fault: WebhookFault) {
        self.station.outbox.spoil_next(fault);
    }

    /// Keeps webhooks back from now on.
    pub fn hold_webhooks(&self) {
        self.station.outbox.hold();
    }

    /// Sends what was kept back, in order, and everything from now on.
    pub fn release_webhooks(&self) {
        self.station.outbox.release(false);
    }

    /// Sends what was kept back, newest first, and everything from now on.
    pub fn release_webhooks_reversed(&self) {
        self.station.outbox.release(true);
    }

    /// Forgets what was kept back, as if the network had lost it; the count.
    pub fn lose_held_webhooks(&self) -> usize {
        self.station.outbox.lose_held()
    }

    /// Waits until every webhook that is not kept back was tried once.
    pub async fn settle(&self) {
        self.station.outbox.settle().await;
    }

    /// Every attempt to deliver a webhook so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.station.outbox.deliveries()
    }

    /// Every API call so far, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.station.seen).clone()
    }

    fn select(&self, is_wanted: impl Fn(&Session) -> bool) -> Vec<(String, Option<String>)> {
        let sessions = self.station.sessions();
        let mut found: Vec<&Session> = sessions.values().filter(|session| is_wanted(session)).collect();
        found.sort_by_key(|session| session.number);
        found.into_iter().map(|session| (session.id.clone(), session.vendor_data.clone())).collect()
    }
}

fn router(station: &Arc<Station>) -> Router {
    let api = Router::new()
        .route("/v1/sessions", post(api::create))
        .route("/v1/sessions/{id}/decision", get(api::decision))
        .route("/v1/sessions/{id}/media", get(media::of_session))
        .route("/v1/attempts/{id}/media", get(media::of_attempt))
        .route("/v1/media/{id}", get(media::one))
        .route("/v1/elsewhere/{id}", get(media::one))
        .route("/v1/sessions/{id}", axum::routing::delete(api::delete))
        .layer(middleware::from_fn_with_state(Arc::clone(station), guard::guard));
    Router::new()
        .merge(api)
        .route("/v/{token}", get(capture::show).post(capture::submit))
        .route("/pages.css", get(markup::sheet))
        .with_state(Arc::clone(station))
}
