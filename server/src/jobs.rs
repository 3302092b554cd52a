//! Background work. A job may run twice: each looks at how things stand before it acts, and acts in one transaction.

use std::sync::Arc;
use std::time::Duration;

use kyc_wire::ids::{EventId, InboxId, JobId, Micros, SessionId};
use tokio::sync::watch;

use crate::casework;
use crate::custody;
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::{RunPhase, Session};
use crate::events;
use crate::http::error::ApiError;
use crate::intake;
use crate::measures;
use crate::outbound::Outbound;
use crate::pii::vault::KeyScope;
use crate::providers::{
    Call, Event, Fetched, Notice, ProviderError, ProviderRef, Retry, SessionReference, StartRequest, Verified, backoff,
};
use crate::state::App;
use crate::store::personal::StoredRun;
use crate::store::work::{Job, JobKind};

/// A job that is not done after this belongs to somebody else again.
const CLAIM_SECONDS: i64 = 120;
/// Jobs taken at once.
const BATCH: u32 = 16;
/// First wait before a provider is asked itself, in case its webhook got lost; doubles up to the longest.
const POLL_SECONDS: i64 = 60;
const LONGEST_POLL_SECONDS: i64 = 3600;
/// The bank is told for about three days.
const DELIVERIES: u32 = 40;
const LONGEST_DELIVERY_WAIT: Duration = Duration::from_hours(2);

/// How a job ended.
enum Done {
    /// For good.
    Yes,
    /// It must run again, after this time.
    Again(Duration),
    /// It will never work: an operator must look.
    Dead,
}

/// Runs everything that is due. Gives the number of jobs it ran.
pub async fn run_due(app: &App) -> Result<usize, ApiError> {
    tick(app).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let jobs = tx.claim_jobs(now, now.plus_seconds(CLAIM_SECONDS), BATCH).await?;
    tx.commit().await?;
    for (done, job) in jobs.iter().enumerate() {
        if *app.stopping.borrow() {
            hand_back(app, &jobs[done..]).await?;
            return Ok(done);
        }
        let outcome = run(app, job).await;
        settle(app, job, outcome).await?;
    }
    Ok(jobs.len())
}

/// Lets go of jobs that were claimed and not begun: whoever starts next runs them at once.
async fn hand_back(app: &App, jobs: &[Job]) -> Result<(), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    for job in jobs {
        tx.update_job_failed(job.id, Some(now)).await?;
    }
    Ok(tx.commit().await?)
}

/// Runs for ever: at once when there is news, else once a second. Ends when told to.
pub async fn run_forever(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let ran = run_due(&app).await.unwrap_or_else(|error| {
            tracing::error!(problem.code = error.code().as_str(), "background work could not be done");
            0
        });
        if ran == 0 {
            tokio::select! {
                () = app.work.notified() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// How long a request may be repeated and still act once.
const MARK_SECONDS: i64 = 24 * 3600;

/// Deletes what is over: marks of requests, tokens, browser sessions and sign-ins under way. What is over is never found again anyway;
/// this keeps the tables small.
pub async fn sweep(app: &App) -> Result<(), ApiError> {
    let now = app.clock.now();
    loop {
        // A batch at a time, so that nobody who writes waits for long.
        let mut tx = app.store.begin(&app.tenant).await?;
        let deleted = tx.delete_stale(now.plus_seconds(-MARK_SECONDS), now).await? + tx.delete_ended(now).await?;
        tx.commit().await?;
        if deleted == 0 {
            return Ok(());
        }
    }
}

async fn settle(app: &App, job: &Job, outcome: Result<Done, ApiError>) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let again = |wait: Duration| Some(later(app.clock.now(), wait));
    match outcome {
        Ok(Done::Yes) => tx.delete_job(job.id).await?,
        Ok(Done::Again(wait)) => tx.update_job_failed(job.id, again(wait)).await?,
        Ok(Done::Dead) => {
            metrics::counter!("kyc_jobs_dead_total", "kind" => job.kind.as_str()).increment(1);
            tracing::error!(job.kind = job.kind.as_str(), job.id = %job.id, "a job was given up");
            tx.update_job_failed(job.id, None).await?;
        }
        Err(error) => {
            tracing::warn!(
                job.kind = job.kind.as_str(),
                problem.code = error.code().as_str(),
                "a job failed and will run again"
            );
            tx.update_job_failed(job.id, again(backoff::delay(job.attempts, None, &*app.rng))).await?;
        }
    }
    Ok(tx.commit().await?)
}

fn later(now: Micros, wait: Duration) -> Micros {
    Micros(now.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}

async fn run(app: &App, job: &Job) -> Result<Done, ApiError> {
    match job.kind {
        JobKind::StartProvider => match job.subject.parse() {
            Ok(id) => start_provider(app, id, job.attempts).await,
            Err(_) => Ok(Done::Dead),
        },
        JobKind::PollProvider => match job.subject.parse() {
            Ok(id) => poll_provider(app, id, job.attempts).await,
            Err(_) => Ok(Done::Dead),
        },
        JobKind::ApplyWebhook => match job.subject.parse() {
            Ok(id) => apply_webhook(app, id).await,
            Err(_) => Ok(Done::Dead),
        },
        JobKind::DeliverEvent => match job.subject.parse() {
            Ok(id) => deliver_event(app, id, job.attempts).await,
            Err(_) => Ok(Done::Dead),
        },
    }
}

/// Lets time act on sessions whose clock has something to change.
async fn tick(app: &App) -> Result<(), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.read(&app.tenant).await?;
    let waking = tx.list_waking(now, 100).await?;
    drop(tx);
    for id in waking {
        // One that cannot be read must not keep the others asleep.
        if let Err(error) = wake(app, id, now).await {
            tracing::error!(session.id = %id, problem.code = error.code().as_str(), "the clock of a session was not applied");
        }
    }
    Ok(())
}

async fn wake(app: &App, id: SessionId, now: Micros) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else { return Ok(()) };
    let policy = &app.config.policy;
    let after = session.clone().report(Report::Tick, policy, now)?.session;
    if after == session {
        // The rules have changed since it was put to sleep.
        tx.update_session(&session, session.version, session.wakes_at(policy)).await?;
        return Ok(tx.commit().await?);
    }
    let action = if after.state.is_final() { Action::Expired } else { Action::ConnectionLost };
    casework::report(app, tx, session, Report::Tick, (Actor::System, action)).await?.commit(app).await?;
    Ok(())
}

async fn find(app: &App, id: SessionId) -> Result<Option<Session>, ApiError> {
    Ok(app.store.glance(&app.tenant).await?.find_session(id).await?)
}

/// Reports in a transaction of its own. A session that is over by now is left alone.
async fn report(app: &App, id: SessionId, report: Report, action: Action) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else { return Ok(()) };
    if session.state.is_final() {
        return Ok(());
    }
    casework::report(app, tx, session, report, (Actor::System, action)).await?.commit(app).await?;
    Ok(())
}

fn reference(id: SessionId) -> SessionReference {
    SessionReference::parse(id.to_string()).expect("a UUID is a reference")
}

/// Starts the provider. "A start was tried" is written down before the call: if the answer gets lost, a second start supersedes the first.
async fn start_provider(app: &App, id: SessionId, attempts: u32) -> Result<Done, ApiError> {
    let Some(session) = find(app, id).await? else { return Ok(Done::Yes) };
    let Some(outbound) = app.providers.get(&session.provider.integration) else { return Ok(Done::Dead) };
    if session.state.is_final() {
        return Ok(Done::Yes);
    }
    if let Err(wait) = outbound.ask(app.clock.now()) {
        return Ok(Done::Again(wait));
    }
    report(app, id, Report::ProviderStarting, Action::ProviderStarting).await?;
    let request =
        StartRequest { reference: reference(id), return_url: None, webhook_url: None, language: "en".to_owned() };
    match outbound.provider.start(&request).await {
        Ok(started) => {
            outbound.ended(Ok(()), app.clock.now());
            started_provider(app, id, started).await?;
            Ok(Done::Yes)
        }
        Err(error) => {
            outbound.ended(Err(&error), app.clock.now());
            tracing::warn!(session.id = %id, provider.error = error.as_str(), "the provider could not be started");
            report(app, id, Report::ProviderUnreachable, Action::ProviderUnreachable).await?;
            Ok(retry(app, &error, Call::Start, attempts))
        }
    }
}

fn retry(app: &App, error: &ProviderError, call: Call, attempts: u32) -> Done {
    match error.retry(call) {
        Retry::Later(asked) => {
            let asked = asked.map(|after| after.wait(app.clock.now()));
            Done::Again(backoff::delay(attempts, asked, &*app.rng))
        }
        // Nobody can ask whether the first start arrived: a second one supersedes it, and what the first reports is ignored.
        Retry::Ambiguous => Done::Again(backoff::CAP),
        Retry::Never => Done::Dead,
    }
}

async fn started_provider(app: &App, id: SessionId, started: crate::providers::Started) -> Result<(), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else { return Ok(()) };
    let key = custody::key(&mut *tx, &app.vault, &app.tenant, &KeyScope::Session(id)).await?;
    let run = StoredRun {
        integration: session.provider.integration.clone(),
        provider_ref: started.provider_ref.id().to_owned(),
        session_id: id,
        run: session.provider.run,
        capture_url: key.seal_bytes(exposed(&started.capture_url).as_bytes(), "capture_url", "provider_run"),
        started_at: now,
    };
    tx.insert_run(&run).await?;
    let poll = JobId::new(app.ids.next());
    tx.upsert_job((poll, JobKind::PollProvider, &id.to_string()), now.plus_seconds(POLL_SECONDS)).await?;
    if session.state.is_final() {
        tx.commit().await?;
        return Ok(());
    }
    let by = (Actor::System, Action::ProviderStarted);
    casework::report(app, tx, session, Report::ProviderStarted, by).await?.commit(app).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the link is sealed at once")]
fn exposed(secret: &secrecy::SecretString) -> &str {
    use secrecy::ExposeSecret;
    secret.expose_secret()
}

/// Asks the provider itself, in case its webhook got lost.
async fn poll_provider(app: &App, id: SessionId, attempts: u32) -> Result<Done, ApiError> {
    let Some(session) = find(app, id).await? else { return Ok(Done::Yes) };
    let run = app.store.glance(&app.tenant).await?.find_latest_run(id).await?;
    let Some(run) = run.filter(|_| !session.state.is_final() && session.provider.phase != RunPhase::Done) else {
        return Ok(Done::Yes);
    };
    let Some(outbound) = app.providers.get(&run.integration) else { return Ok(Done::Dead) };
    if let Err(wait) = outbound.ask(app.clock.now()) {
        return Ok(Done::Again(wait));
    }
    let Ok(provider_ref) = ProviderRef::parse(run.provider_ref.clone()) else { return Ok(Done::Dead) };
    let fetched = outbound.provider.result(&provider_ref, app.clock.now()).await;
    outbound.ended(fetched.as_ref().map(|_| ()), app.clock.now());
    let seconds = (POLL_SECONDS << attempts.min(10)).min(LONGEST_POLL_SECONDS);
    let next = Done::Again(Duration::from_secs(u64::try_from(seconds).unwrap_or(60)));
    match fetched {
        Ok(Fetched::Decided(result)) => {
            let is_terminal = result.outcome.is_terminal();
            apply(app, &run, Event::Decision(Some(result))).await?;
            Ok(if is_terminal { Done::Yes } else { next })
        }
        Ok(Fetched::Pending(_)) => Ok(next),
        Err(error) => Ok(match retry(app, &error, Call::Read, attempts) {
            Done::Dead => Done::Dead,
            _ => next,
        }),
    }
}

/// Applies an accepted webhook and forgets its body.
async fn apply_webhook(app: &App, id: InboxId) -> Result<Done, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(webhook) = tx.find_webhook(id).await? else { return Ok(Done::Yes) };
    let Some(sealed) = &webhook.sealed else { return Ok(Done::Yes) };
    let scope = KeyScope::InboxDay(webhook.key_scope.clone());
    let Some(key) = custody::existing_key(&mut *tx, &app.vault, &app.tenant, &scope).await? else {
        return Ok(Done::Dead);
    };
    let Ok(body) = key.open_bytes(sealed, "webhook", &webhook.integration) else { return Ok(Done::Dead) };
    drop(tx);
    let Some(outbound) = app.providers.get(&webhook.integration) else { return Ok(Done::Dead) };
    let verified = Verified::from_inbox(body.to_vec(), webhook.received_at);
    let Ok(notice) = outbound.provider.parse(&verified) else { return Ok(Done::Dead) };
    apply_notice(app, outbound, &webhook.integration, notice).await?;
    let mut tx = app.store.begin(&app.tenant).await?;
    let now = app.clock.now();
    tx.update_webhook_applied(id, now).await?;
    tx.commit().await?;
    measures::webhook_applied(&webhook.integration, webhook.received_at, now);
    Ok(Done::Yes)
}

async fn apply_notice(app: &App, outbound: &Outbound, integration: &str, notice: Notice) -> Result<(), ApiError> {
    let run = app.store.glance(&app.tenant).await?.find_run(integration, notice.provider_ref.id()).await?;
    let run = match run {
        run @ Some(_) => run,
        None => early(app, integration, &notice).await?,
    };
    let Some(run) = run else {
        tracing::info!(provider.name = integration, "a webhook about a session that is not ours was ignored");
        return Ok(());
    };
    if notice.our_reference.is_some_and(|echoed| echoed != reference(run.session_id)) {
        tracing::error!(session.id = %run.session_id, "a webhook names another session than the one it belongs to");
        return Ok(());
    }
    let event = match notice.event {
        Event::WakeUp | Event::Decision(None) => {
            match outbound.provider.result(&notice.provider_ref, app.clock.now()).await {
                Ok(Fetched::Decided(result)) => Event::Decision(Some(result)),
                Ok(Fetched::Pending(_)) => return Ok(()),
                Err(error) => {
                    return Err(ApiError::Fault(kyc_wire::problem::ProblemCode::Unavailable, Box::new(error)));
                }
            }
        }
        event => event,
    };
    apply(app, &run, event).await
}

/// A webhook that overtook the answer to our start call: the session is known by our own reference, and the job comes back to it.
async fn early(app: &App, integration: &str, notice: &Notice) -> Result<Option<StoredRun>, ApiError> {
    let Some(id) = notice.our_reference.as_ref().and_then(|reference| reference.as_str().parse().ok()) else {
        return Ok(None);
    };
    let session = find(app, id).await?;
    match session {
        Some(session)
            if session.provider.phase == RunPhase::Starting && session.provider.integration == integration =>
        {
            Err(ApiError::Later(kyc_wire::problem::ProblemCode::Unavailable, 1))
        }
        _ => Ok(None),
    }
}

/// Applies what a provider says about a run, unless a later run has superseded it.
async fn apply(app: &App, run: &StoredRun, event: Event) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    // The session first: whoever starts another run holds it meanwhile.
    let Some(session) = tx.find_session(run.session_id).await? else { return Ok(()) };
    let latest = tx.find_latest_run(run.session_id).await?;
    if latest.is_none_or(|latest| latest.provider_ref != run.provider_ref) {
        return Ok(());
    }
    let by = Actor::Provider { integration: run.integration.clone() };
    let changed = match event {
        Event::Decision(Some(result)) => intake::result(app, tx, session, *result).await?,
        Event::Submitted => {
            casework::report(app, tx, session, Report::Submitted, (by, Action::DocumentSubmitted)).await?
        }
        Event::Started | Event::WakeUp | Event::Decision(None) => return Ok(()),
    };
    changed.commit(app).await?;
    Ok(())
}

/// Tells the bank, signed as Standard Webhooks describes.
async fn deliver_event(app: &App, id: EventId, attempts: u32) -> Result<Done, ApiError> {
    let event = app.store.glance(&app.tenant).await?.find_event(id).await?;
    let (Some(event), Some(bank)) = (event, &app.config.bank) else { return Ok(Done::Yes) };
    let Ok(key) = events::signing_key(&bank.secret.get()) else { return Ok(Done::Dead) };
    let now = app.clock.now();
    let timestamp = now.0.div_euclid(1_000_000);
    let sent = app
        .http
        .post(bank.url.clone())
        .header("content-type", "application/json")
        .header("webhook-id", id.to_string())
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", events::signature(&key, &id.to_string(), timestamp, &event.body))
        .body(event.body)
        .send()
        .await;
    if sent.is_ok_and(|answer| answer.status().is_success()) {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.update_event_delivered(id, now).await?;
        tx.commit().await?;
        return Ok(Done::Yes);
    }
    tracing::warn!(event.id = %id, attempts, "the bank did not take an event");
    if attempts >= DELIVERIES {
        return Ok(Done::Dead);
    }
    let wait = Duration::from_secs(5) * 2_u32.pow(attempts.min(12));
    Ok(Done::Again(wait.min(LONGEST_DELIVERY_WAIT)))
}
