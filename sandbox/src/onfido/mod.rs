//! Onfido's API v3.6 with one account and one workflow: applicants, workflow runs and classic checks, their reports, webhooks, and the page
//! where a customer shows a document. It follows the vendor's `OpenAPI` document and the webhooks in the tests of the vendor's own clients.
//!
//! It refuses what Onfido refuses: calls without a token, applicants without a name, runs without an applicant. It takes no pictures; the
//! person at the page chooses how the check ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::routing::{delete, get, post};
use axum::{Router, middleware};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::identities::Identity;
use crate::listener::{self, Base};
use crate::markup;

mod api;
mod capture;
mod case;
mod config;
mod faults;
mod guard;
mod media;
mod outbox;
mod report;
#[cfg(test)]
mod tests;

pub use case::Unknown;
pub use config::OnfidoConfig;
pub use faults::{Call, Fault, WebhookFault};
pub use guard::SeenRequest;
pub use outbox::Delivery;
pub use report::Outcome;

use case::Case;
use faults::Faults;
use outbox::Outbox;

/// Everything the handlers share.
#[derive(Debug)]
pub(crate) struct Station {
    base: String,
    config: Mutex<OnfidoConfig>,
    applicants: Mutex<BTreeSet<String>>,
    cases: Mutex<BTreeMap<String, Case>>,
    assigned: Mutex<Assigned>,
    faults: Mutex<Faults>,
    seen: Mutex<Vec<SeenRequest>>,
    /// Access tokens and when they end.
    tokens: Mutex<HashMap<String, i64>>,
    /// Whether what was left unanswered is answered now.
    answers: watch::Sender<bool>,
    outbox: Outbox,
}

impl Station {
    fn assign(&self, reference: &str, identity: Identity) {
        lock(&self.assigned).people.insert(reference.to_owned(), identity);
    }

    fn config(&self) -> OnfidoConfig {
        lock(&self.config).clone()
    }

    fn cases(&self) -> MutexGuard<'_, BTreeMap<String, Case>> {
        lock(&self.cases)
    }

    /// Who is behind a reference: whoever was assigned, else the next of the table in the order in which cases were created.
    fn identity(&self, reference: &str) -> Identity {
        let mut assigned = lock(&self.assigned);
        if let Some(identity) = assigned.people.get(reference) {
            return identity.clone();
        }
        let table = self.config().identities;
        let identity = table[assigned.next % table.len()].clone();
        assigned.next += 1;
        assigned.people.insert(reference.to_owned(), identity.clone());
        identity
    }
}

/// Who is behind which reference.
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
pub struct Onfido {
    _base: Base,
    station: Arc<Station>,
    sender: JoinHandle<()>,
}

impl Drop for Onfido {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Onfido {
    /// Starts the stand-in.
    pub async fn start(config: OnfidoConfig) -> io::Result<Self> {
        let bound = listener::bind(config.port).await?;
        let station = Arc::new(Station {
            base: format!("http://127.0.0.1:{}", bound.port()),
            config: Mutex::new(config),
            applicants: Mutex::default(),
            cases: Mutex::default(),
            assigned: Mutex::default(),
            faults: Mutex::default(),
            seen: Mutex::default(),
            tokens: Mutex::default(),
            answers: watch::Sender::new(false),
            outbox: Outbox::new()?,
        });
        let sender = tokio::spawn(outbox::send_all(Arc::clone(&station)));
        Ok(Self { _base: bound.serve(router(&station)), station, sender })
    }

    /// The region's host, without `/v3.6`.
    pub fn base_url(&self) -> &str {
        &self.station.base
    }

    /// Changes the configuration while running, for instance once the webhooks' address is known.
    pub fn reconfigure(&self, change: impl FnOnce(&mut OnfidoConfig)) {
        change(&mut lock(&self.station.config));
    }

    /// Where webhooks go from now on.
    pub fn set_webhook_url(&self, url: &str) {
        self.reconfigure(|config| config.webhook_url = Some(url.to_owned()));
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

    /// Ids of all runs and checks with this reference, oldest first.
    pub fn runs_of(&self, reference: &str) -> Vec<String> {
        let cases = self.station.cases();
        let mut found: Vec<&Case> =
            cases.values().filter(|case| case.reference.as_deref() == Some(reference)).collect();
        found.sort_by_key(|case| case.number);
        found.into_iter().map(|case| case.id.clone()).collect()
    }

    /// How many runs and checks there are.
    pub fn count(&self) -> usize {
        self.station.cases().len()
    }

    /// How many applicants there are.
    pub fn applicants(&self) -> usize {
        lock(&self.station.applicants).len()
    }

    /// The customer hands in the pictures. Returns once the webhooks were tried.
    pub async fn submit(&self, id: &str) -> Result<(), Unknown> {
        self.station.submit(id)?;
        self.settle().await;
        Ok(())
    }

    /// Ends a run or check, with what is missing before it. Again on one that has ended: Onfido changed its mind. Returns once the webhooks
    /// were tried.
    pub async fn decide(&self, id: &str, outcome: Outcome) -> Result<(), Unknown> {
        self.station.decide(id, outcome)?;
        self.settle().await;
        Ok(())
    }

    /// Lets the next `times` calls of one kind fail.
    pub fn fail_next_call(&self, times: usize, call: Call, fault: Fault) {
        lock(&self.station.faults).plan(call, fault, times);
    }

    /// An outage: until so many seconds from now have passed by the stand-in's clock, every call ends with a reset.
    pub fn be_down_for(&self, seconds: i64) {
        let until = self.station.config().clock.unix() + seconds;
        lock(&self.station.faults).be_down(until);
    }

    /// Answers what [`Fault::Unanswered`] left unanswered.
    pub fn answer_now(&self) {
        self.station.answers.send_replace(true);
    }

    /// From now on answers about a run or check with these bodies, which say that it is over: the thing itself, then the document report
    /// and the one about the face. Ids are replaced by its own.
    pub fn tell(&self, id: &str, mut shown: Value, reports: [Value; 2]) -> Result<(), Unknown> {
        let mut cases = self.station.cases();
        let case = cases.get_mut(id).ok_or(Unknown)?;
        let own = case.shown(&self.station.base);
        for name in ["id", "applicant_id", "customer_user_id", "tags"] {
            shown[name] = own[name].clone();
        }
        let [document, face] = reports;
        case.reports =
            vec![(case.id.clone(), "document_check", document), (case.applicant_id.clone(), "face_check", face)];
        case.told = Some(shown);
        Ok(())
    }

    /// Lets the next webhook go wrong.
    pub fn spoil_next_webhook(&self, fault: WebhookFault) {
        self.station.outbox.spoil_next(fault);
    }

    /// Keeps webhooks back from now on.
    pub fn hold_webhooks(&self) {
        self.station.outbox.hold();
    }

    /// Sends what was kept back, in the order that `arrange` brings their places into, and everything from now on.
    pub fn release_webhooks(&self, arrange: impl FnOnce(&mut [usize])) {
        self.station.outbox.release(arrange);
    }

    /// Forgets what was kept back, as if the network had lost it; the count.
    pub fn lose_held_webhooks(&self) -> usize {
        self.station.outbox.lose_held()
    }

    /// Sends a body once more, rightly signed.
    pub async fn replay(&self, body: &str) {
        self.station.outbox.replay(body);
        self.settle().await;
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
}

fn router(station: &Arc<Station>) -> Router {
    let api = Router::new()
        .route("/oauth/token", post(api::token))
        .route("/ping", get(api::ping))
        .route("/applicants", post(api::create_applicant))
        .route("/applicants/{id}", delete(api::delete_applicant))
        .route("/workflow_runs", post(api::create_run).get(api::list_runs))
        .route("/workflow_runs/{id}", get(api::show_run))
        .route("/workflow_runs/{id}/tasks", get(api::list_tasks))
        .route("/workflow_runs/{id}/tasks/{task}", get(api::show_task))
        .route("/checks", post(api::create_check).get(api::list_checks))
        .route("/checks/{id}", get(api::show_check))
        .route("/reports", get(api::list_reports))
        .route("/documents", get(media::documents))
        .route("/documents/{id}/download", get(media::document))
        .route("/live_photos", get(media::live_photos))
        .route("/live_photos/{id}/download", get(media::live_photo))
        .route("/elsewhere/{id}", get(media::live_photo));
    let guarded =
        Router::new().nest("/v3.6", api).layer(middleware::from_fn_with_state(Arc::clone(station), guard::guard));
    Router::new()
        .merge(guarded)
        .route("/l/{id}", get(capture::show).post(capture::submit))
        .route("/pages.css", get(markup::sheet))
        .with_state(Arc::clone(station))
}
