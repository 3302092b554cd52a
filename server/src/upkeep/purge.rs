//! Going through all that has ended, for an operator: what is due to be deleted as the rules are now, and deleting it.

use crate::domain::session::{DataClass, Session};
use crate::http::error::ApiError;
use crate::jobs;
use crate::state::App;

/// Sessions that are looked at together.
const BATCH: u32 = 500;

/// Tells `found` of everything that is due, and deletes it unless this is only a look. The server does the same by itself, session by session,
/// when the time of each is over.
///
/// # Errors
///
/// When the database fails; what was told until then is deleted, except the last.
pub async fn purge(app: &App, is_dry: bool, mut found: impl FnMut(&Session, DataClass)) -> Result<(), ApiError> {
    let (policy, now) = (&app.config.policy, app.clock.now());
    let soonest = now.plus_seconds(-i64::from(policy.retention.documents_days) * 24 * 3600);
    let mut after = None;
    loop {
        let ended = app.store.glance(&app.tenant).await?.list_ended(soonest, after, BATCH).await?;
        let Some(last) = ended.last() else { return Ok(()) };
        after = Some(last.id);
        for session in &ended {
            let due = session.purges(policy).into_iter().filter(|(_, at)| at.is_some_and(|at| at <= now));
            let due: Vec<_> = due.map(|(class, _)| class).collect();
            for class in &due {
                found(session, *class);
            }
            if !is_dry && !due.is_empty() {
                jobs::wake(app, session.id).await?;
            }
        }
    }
}
