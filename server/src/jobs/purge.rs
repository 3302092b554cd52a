//! Deleting what lies outside the database: photos in the store of documents, and what a provider keeps.

use kyc_wire::ids::SessionId;

use super::Outcome;
use super::provider::{NO_INTEGRATION, names_of, retry};
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::http::error::ApiError;
use crate::outbound::Urgency;
use crate::providers::Call;
use crate::state::App;

/// Deletes the photos of a session that no row names any more. Those that have just been written may be about to be named.
pub async fn delete_photos(app: &App, id: SessionId) -> Result<Outcome, ApiError> {
    app.documents.forget_unnamed(app, id).await?;
    Ok(Outcome::Done)
}

/// Has the provider delete a run: `subject` is the session's id, a colon, and the run's number.
pub async fn delete_at_provider(app: &App, subject: &str, attempts: u32) -> Result<Outcome, ApiError> {
    let parts = subject.split_once(':').and_then(|(id, run)| Some((id.parse().ok()?, run.parse::<u32>().ok()?)));
    let Some((id, number)) = parts else { return Ok(Outcome::Dead("its subject is no run")) };
    let runs = app.store.glance(&app.tenant).await?.list_runs(id).await?;
    let Some(run) = runs.into_iter().find(|run| run.run == number) else { return Ok(Outcome::Done) };
    let Some(outbound) = app.providers.get(&run.integration) else { return Ok(NO_INTEGRATION) };
    let Some(provider_ref) = names_of(&run) else { return Ok(Outcome::Dead("the run's reference cannot be read")) };
    let pass = match outbound.deletions.pass(Urgency::Someone) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Outcome::NotYet(wait)),
    };
    let answer = outbound.delete(&provider_ref).await;
    pass.ended((&answer).into());
    if let Err(error) = answer {
        tracing::warn!(session.id = %id, provider.error = error.as_str(), "the provider has not deleted a run");
        return Ok(retry(app, &error, Call::Delete, attempts));
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let mut entry = NewEntry::done(Actor::System, Action::ProviderPurged).on(id);
    entry.detail = Some(format!("{}:run-{number}", run.integration));
    tx.record(entry).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
