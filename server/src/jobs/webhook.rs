//! Applies what providers reported.

use std::time::Duration;

use kyc_wire::ids::{InboxId, Micros};

use super::provider::{names_of, reference, retry};
use super::{Outcome, find};
use crate::casework;
use crate::custody;
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::RunPhase;
use crate::http::error::ApiError;
use crate::intake;
use crate::measures;
use crate::outbound::{Outbound, Urgency};
use crate::pii::vault::KeyScope;
use crate::providers::{Call, Event, Fetched, Notice, Phase, Verified, backoff};
use crate::state::App;
use crate::store::personal::StoredRun;

/// Applies an accepted webhook and forgets its body.
pub async fn apply_accepted(app: &App, id: InboxId, attempts: u32) -> Result<Outcome, ApiError> {
    let mut tx = app.store.glance(&app.tenant).await?;
    let Some(webhook) = tx.find_webhook(id).await? else { return Ok(Outcome::Done) };
    let Some(sealed) = &webhook.sealed else { return Ok(Outcome::Done) };
    let scope = KeyScope::InboxDay(webhook.key_scope.clone());
    let Some(key) = custody::existing_key(&mut *tx, &app.vault, &app.tenant, &scope).await? else {
        return Ok(Outcome::Dead("the key of its day is gone"));
    };
    drop(tx);
    let Ok(body) = key.open_bytes(sealed, "webhook", &webhook.integration) else {
        return Ok(Outcome::Dead("it cannot be opened"));
    };
    let Some(outbound) = app.providers.get(&webhook.integration) else {
        return Ok(Outcome::Dead("no such provider is configured"));
    };
    let verified = Verified::from_inbox(body.to_vec(), webhook.received_at);
    let Ok(notice) = outbound.provider.parse(&verified) else { return Ok(Outcome::Dead("it cannot be read")) };
    let at = (attempts, webhook.received_at);
    if let Some(later) = take_in(app, outbound, &webhook.integration, notice, at).await? {
        return Ok(later);
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let now = app.clock.now();
    tx.update_webhook_applied(id, now).await?;
    tx.commit().await?;
    measures::webhook_applied(&webhook.integration, webhook.received_at, now);
    Ok(Outcome::Done)
}

/// Takes a notice in, or says when to try again.
async fn take_in(
    app: &App,
    outbound: &Outbound,
    integration: &str,
    notice: Notice,
    (attempts, received_at): (u32, Micros),
) -> Result<Option<Outcome>, ApiError> {
    let run = app.store.glance(&app.tenant).await?.find_run(integration, notice.provider_ref.id()).await?;
    let Some(run) = run else {
        if has_overtaken(app, integration, &notice).await? || may_have_overtaken(&notice, attempts) {
            return Ok(Some(Outcome::Again(backoff::delay(attempts + 1, None, &*app.rng))));
        }
        tracing::info!(provider.name = integration, "a webhook about a session that is not ours was ignored");
        return Ok(None);
    };
    if notice.our_reference.is_some_and(|echoed| echoed != reference(run.session_id)) {
        tracing::error!(session.id = %run.session_id, "a webhook names another session than the one it belongs to");
        return Ok(None);
    }
    let again = match &notice.event {
        Event::Announced(times) => next_time(times, received_at, app.clock.now()),
        _ => None,
    };
    match notice.event {
        Event::WakeUp | Event::Decision(None) | Event::Announced(_) => {
            ask(app, outbound, &run, (attempts, again)).await
        }
        event => apply(app, &run, event).await.map(|()| None),
    }
}

/// How long until the next of these times after the notice; none when the last has passed.
fn next_time(times: &[Duration], received_at: Micros, now: Micros) -> Option<Duration> {
    let passed = Duration::from_micros(u64::try_from(now.0.saturating_sub(received_at.0)).unwrap_or(0));
    times.iter().filter_map(|time| time.checked_sub(passed)).find(|wait| !wait.is_zero())
}

/// Asks for what a notice does not bring itself. Says when to ask again, if the result was announced and is not there.
async fn ask(
    app: &App,
    outbound: &Outbound,
    run: &StoredRun,
    (attempts, again): (u32, Option<Duration>),
) -> Result<Option<Outcome>, ApiError> {
    let Some(provider_ref) = names_of(run) else {
        return Ok(Some(Outcome::Dead("the run's reference cannot be read")));
    };
    let pass = match outbound.gate.pass(Urgency::Someone) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Some(Outcome::NotYet(wait))),
    };
    let fetched = outbound.result(&provider_ref, app.clock.now()).await;
    pass.ended((&fetched).into());
    match fetched {
        Ok(Fetched::Decided(result)) => apply(app, run, Event::Decision(Some(result))).await.map(|()| None),
        Ok(Fetched::Pending(phase)) => {
            progressed(app, run, phase).await?;
            Ok(again.map(Outcome::NotYet))
        }
        Err(error) => Ok(Some(retry(app, &error, Call::Read, attempts))),
    }
}

/// Applies how far a provider is that has not decided.
pub async fn progressed(app: &App, run: &StoredRun, phase: Phase) -> Result<(), ApiError> {
    match phase {
        Phase::Processing => apply(app, run, Event::Submitted(None)).await,
        Phase::WaitingForCustomer | Phase::Unknown => Ok(()),
    }
}

/// Whether a webhook has overtaken the answer to our start call: the session is known by our own reference.
async fn has_overtaken(app: &App, integration: &str, notice: &Notice) -> Result<bool, ApiError> {
    let Some(id) = notice.our_reference.as_ref().and_then(|reference| reference.as_str().parse().ok()) else {
        return Ok(false);
    };
    let session = find(app, id).await?;
    Ok(session.is_some_and(|session| {
        session.provider.phase == RunPhase::Starting && session.provider.integration == integration
    }))
}

/// The same for a notice of a decision that does not name our reference (Onfido's of a classic check): it is looked at again for about a
/// minute, in which every start has its answer.
const fn may_have_overtaken(notice: &Notice, attempts: u32) -> bool {
    matches!(notice.event, Event::Decision(None)) && notice.our_reference.is_none() && attempts < 6
}

/// Applies what a provider says about a run, unless a later one has superseded it or was asked for.
pub async fn apply(app: &App, run: &StoredRun, event: Event) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(run.session_id).await? else { return Ok(()) };
    if !session.counts(run.run) {
        return Ok(());
    }
    let by = Actor::Provider { integration: run.integration.clone() };
    let changed = match event {
        Event::Decision(Some(result)) => intake::result(app, tx, session, *result).await?,
        Event::Submitted(capture) => {
            casework::report(app, tx, session, Report::Submitted(capture), (by, Action::DocumentSubmitted)).await?
        }
        Event::Started | Event::WakeUp | Event::Announced(_) | Event::Decision(None) => return Ok(()),
    };
    changed.commit(app).await?;
    Ok(())
}
