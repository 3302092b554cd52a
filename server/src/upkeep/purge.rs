//! Going through all that has ended, for an operator: what is due to be deleted as the rules are now, and deleting it.

use crate::domain::session::{DataClass, Session};
use crate::http::error::ApiError;
use crate::jobs;
use crate::state::App;

/// Sessions that are looked at together.
const BATCH: u32 = 500;

/// Tells `found` of everything that is due, and deletes it unless this is only a look. The server does the same by itself, session by session,
/// when the time of each is over. Gives the number of sessions of which nothing could be deleted.
///
/// # Errors
///
/// When the database fails.
pub async fn purge(app: &App, is_dry: bool, mut found: impl FnMut(&Session, DataClass)) -> Result<u64, ApiError> {
    let (policy, now) = (&app.config.policy, app.clock.now());
    let retention = &policy.retention;
    let days = retention.documents_days.min(retention.interaction_days).min(retention.results_days);
    let soonest = now.plus_seconds(-i64::from(days) * 24 * 3600);
    let (mut after, mut failed) = (None, 0);
    loop {
        let ended = app.store.glance(&app.tenant).await?.list_ended(soonest, after, BATCH).await?;
        let Some(last) = ended.last() else { return Ok(failed) };
        after = Some(last.id);
        for session in &ended {
            let due = session.purges(policy).into_iter().filter(|(_, at)| at.is_some_and(|at| at <= now));
            let due: Vec<_> = due.map(|(class, _)| class).collect();
            for class in &due {
                found(session, *class);
            }
            if !is_dry && !due.is_empty() {
                // One that cannot be deleted must not keep the others.
                failed += u64::from(jobs::wake(app, session.id).await.is_err());
            }
        }
    }
}
