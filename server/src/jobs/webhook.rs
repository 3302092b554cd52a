//! Applies what providers reported.

use kyc_wire::ids::InboxId;

use super::provider::{reference, retry};
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
use crate::providers::{Call, Event, Fetched, Notice, ProviderRef, ProviderResult, Verified, backoff};
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
    if let Some(later) = take_in(app, outbound, &webhook.integration, notice, attempts).await? {
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
    attempts: u32,
) -> Result<Option<Outcome>, ApiError> {
    let run = app.store.glance(&app.tenant).await?.find_run(integration, notice.provider_ref.id()).await?;
    let Some(run) = run else {
        if has_overtaken(app, integration, &notice).await? {
            return Ok(Some(Outcome::Again(backoff::delay(attempts + 1, None, &*app.rng))));
        }
        tracing::info!(provider.name = integration, "a webhook about a session that is not ours was ignored");
        return Ok(None);
    };
    if notice.our_reference.is_some_and(|echoed| echoed != reference(run.session_id)) {
        tracing::error!(session.id = %run.session_id, "a webhook names another session than the one it belongs to");
        return Ok(None);
    }
    let event = match notice.event {
        Event::WakeUp | Event::Decision(None) => match announced(app, outbound, &notice.provider_ref, attempts).await {
            Ok(Some(result)) => Event::Decision(Some(result)),
            Ok(None) => return Ok(None),
            Err(later) => return Ok(Some(later)),
        },
        event => event,
    };
    apply(app, &run, event).await?;
    Ok(None)
}

/// The result that a provider announced, if there is one by now; else what becomes of the job.
async fn announced(
    app: &App,
    outbound: &Outbound,
    provider_ref: &ProviderRef,
    attempts: u32,
) -> Result<Option<Box<ProviderResult>>, Outcome> {
    let pass = outbound.gate.pass(Urgency::Someone).map_err(Outcome::NotYet)?;
    let fetched = outbound.result(provider_ref, app.clock.now()).await;
    pass.ended((&fetched).into());
    match fetched {
        Ok(Fetched::Decided(result)) => Ok(Some(result)),
        Ok(Fetched::Pending(_)) => Ok(None),
        Err(error) => Err(retry(app, &error, Call::Read, attempts)),
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
        Event::Submitted => {
            casework::report(app, tx, session, Report::Submitted, (by, Action::DocumentSubmitted)).await?
        }
        Event::Started | Event::WakeUp | Event::Decision(None) => return Ok(()),
    };
    changed.commit(app).await?;
    Ok(())
}
