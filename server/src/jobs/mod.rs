//! Background work. A job may run twice: each looks at how things stand before it acts, and acts in one transaction.
//!
//! Each kind of job has a few places of its own, so that one other side that hangs keeps nobody else waiting. A job is claimed only when
//! there is a place for it, and broken off before its claim ends, so two servers never work on one job.

mod bank;
mod clocks;
mod genesys;
mod images;
mod provider;
mod purge;
mod sweep;
mod webhook;

pub use clocks::wake;
pub use sweep::sweep;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::problem::ProblemCode;
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tracing::Instrument;

use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::providers::backoff;
use crate::state::App;
use crate::store::work::{Job, JobKind};

/// A job that is not done after this belongs to somebody else again.
const CLAIM_SECONDS: i64 = 120;
/// A job is broken off after this: well before its claim ends, and longer than a call to a provider may take.
const LONGEST: Duration = Duration::from_secs(90);
/// How often a job may fail for a reason that lies in it; then an operator must look.
const TRIES: u32 = 20;
/// How often it is looked whether something is due of which nobody told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How a job ended.
#[derive(Debug)]
enum Outcome {
    /// For good.
    Done,
    /// It must run again, after this time.
    Again(Duration),
    /// It was not its turn: the same, but it was no try.
    NotYet(Duration),
    /// It will never work: an operator must look. Says why.
    Dead(&'static str),
}

/// How many jobs of a kind are worked on at once.
const fn places(kind: JobKind) -> usize {
    match kind {
        // A customer waits for her link.
        JobKind::StartProvider => 8,
        JobKind::PollProvider
        | JobKind::ApplyWebhook
        | JobKind::DeliverEvent
        | JobKind::WriteAttributes
        | JobKind::ResumeRecording => 4,
        // Fetching holds a picture in memory.
        JobKind::FetchImages | JobKind::WrapUp | JobKind::DeletePhotos | JobKind::DeleteAtProvider => 2,
    }
}

/// Runs what is due, one after the other. Gives the number of jobs it ran.
pub async fn run_due(app: &App) -> Result<usize, ApiError> {
    clocks::tick(app).await?;
    let jobs = claim(app, &[]).await?;
    for job in &jobs {
        run(app, job).await;
    }
    Ok(jobs.len())
}

/// Works until told to stop; what has begun by then is finished.
pub async fn run_forever(app: Arc<App>, stop: watch::Receiver<bool>) {
    tokio::join!(run_clocks(&app, stop.clone()), run_jobs(&app, stop));
}

async fn run_clocks(app: &App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = clocks::tick(app).await {
            tracing::error!(problem.code = error.code().as_str(), "the clocks of the sessions could not be looked at");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn run_jobs(app: &Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    let mut kinds: HashMap<task::Id, JobKind> = HashMap::new();
    while !*stop.borrow() {
        let jobs = claim(app, &kinds.values().copied().collect::<Vec<_>>()).await.unwrap_or_else(|error| {
            tracing::error!(problem.code = error.code().as_str(), "background work could not be claimed");
            Vec::new()
        });
        for job in jobs {
            let (app, kind) = (Arc::clone(app), job.kind);
            kinds.insert(running.spawn(async move { run(&app, &job).await }).id(), kind);
        }
        tokio::select! {
            Some(ended) = running.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                kinds.remove(&id);
            }
            () = app.work.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Claims due jobs, of each kind as many as there are free places.
async fn claim(app: &App, busy: &[JobKind]) -> Result<Vec<Job>, ApiError> {
    let now = app.clock.now();
    let free = |kind: &JobKind| places(*kind).saturating_sub(busy.iter().filter(|busy| *busy == kind).count());
    // Looked at first, so that a server with nothing to do writes nothing.
    let mut due = app.store.glance(&app.tenant).await?.list_due_kinds(now).await?;
    due.retain(|kind| free(kind) > 0);
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut jobs = Vec::new();
    let mut tx = app.store.begin(&app.tenant).await?;
    for kind in due {
        let free = u32::try_from(free(&kind)).unwrap_or(u32::MAX);
        jobs.extend(tx.claim_jobs(kind, now, now.plus_seconds(CLAIM_SECONDS), free).await?);
    }
    tx.commit().await?;
    Ok(jobs)
}

/// Runs one job and writes down how it ended. Where that cannot be written, it runs again when its claim has ended.
async fn run(app: &App, job: &Job) {
    let span =
        tracing::info_span!("job", otel.name = job.kind.as_str(), job.kind = job.kind.as_str(), job.id = %job.id);
    run_in(app, job).instrument(span).await;
}

async fn run_in(app: &App, job: &Job) {
    let outcome = match tokio::time::timeout(LONGEST, begin(app, job)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => failed(app, job, &error),
        Err(_) => {
            tracing::warn!(job.kind = job.kind.as_str(), "a job took too long and was broken off");
            Outcome::Again(backoff::delay(job.attempts + 1, None, &*app.rng))
        }
    };
    if let Err(error) = settle(app, job, outcome).await {
        tracing::error!(
            job.kind = job.kind.as_str(),
            problem.code = error.code().as_str(),
            "how a job ended could not be written down"
        );
    }
}

fn failed(app: &App, job: &Job, error: &ApiError) -> Outcome {
    let kind = job.kind.as_str();
    tracing::warn!(job.kind = kind, problem.code = error.code().as_str(), "a job failed and will run again");
    // What is down comes back by itself, however long that takes.
    let is_down = matches!(error.code(), ProblemCode::Unavailable | ProblemCode::StaleVersion);
    if !is_down && job.attempts + 1 >= TRIES {
        return Outcome::Dead("it failed too often");
    }
    Outcome::Again(backoff::delay(job.attempts + 1, None, &*app.rng))
}

async fn begin(app: &App, job: &Job) -> Result<Outcome, ApiError> {
    const NO_ID: Result<Outcome, ApiError> = Ok(Outcome::Dead("its subject is no id"));
    let subject = &job.subject;
    match job.kind {
        JobKind::StartProvider => match subject.parse() {
            Ok(id) => provider::start(app, job, id).await,
            Err(_) => NO_ID,
        },
        JobKind::PollProvider => match subject.parse() {
            Ok(id) => Box::pin(provider::poll(app, id, job.attempts)).await,
            Err(_) => NO_ID,
        },
        JobKind::ApplyWebhook => match subject.parse() {
            Ok(id) => Box::pin(webhook::apply_accepted(app, id, job.attempts)).await,
            Err(_) => NO_ID,
        },
        JobKind::DeliverEvent => match subject.parse() {
            Ok(id) => bank::deliver(app, id, job.attempts).await,
            Err(_) => NO_ID,
        },
        JobKind::WriteAttributes => match subject.parse() {
            Ok(id) => genesys::write_attributes(app, id, job.attempts).await,
            Err(_) => NO_ID,
        },
        JobKind::WrapUp => match subject.parse() {
            Ok(id) => genesys::wrap_up(app, id, job.attempts).await,
            Err(_) => NO_ID,
        },
        JobKind::DeletePhotos => match subject.parse() {
            Ok(id) => purge::delete_photos(app, id).await,
            Err(_) => NO_ID,
        },
        JobKind::FetchImages => images::fetch(app, subject, job.attempts).await,
        JobKind::DeleteAtProvider => purge::delete_at_provider(app, subject, job.attempts).await,
        JobKind::ResumeRecording => genesys::resume_recording(app, job).await,
    }
}

async fn settle(app: &App, job: &Job, outcome: Outcome) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    match outcome {
        Outcome::Done => drop(tx.delete_job(job).await?),
        Outcome::Again(wait) => tx.update_job_due(job, later(app.clock.now(), wait), job.attempts + 1).await?,
        Outcome::NotYet(wait) => tx.update_job_due(job, later(app.clock.now(), wait), job.attempts).await?,
        Outcome::Dead(why) => {
            metrics::counter!("kyc_jobs_dead_total", "kind" => job.kind.as_str()).increment(1);
            tracing::error!(job.kind = job.kind.as_str(), job.id = %job.id, job.subject = job.subject, why, "a job was given up");
            tx.update_job_dead(job).await?;
        }
    }
    Ok(tx.commit().await?)
}

fn later(now: Micros, wait: Duration) -> Micros {
    Micros(now.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}

async fn find(app: &App, id: SessionId) -> Result<Option<Session>, ApiError> {
    Ok(app.store.glance(&app.tenant).await?.find_session(id).await?)
}
