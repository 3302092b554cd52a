//! Lets time act on sessions whose clock has something to change.

use kyc_wire::ids::SessionId;

use crate::casework;
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::http::error::ApiError;
use crate::state::App;

/// Sessions that are woken at once.
const BATCH: u32 = 100;

/// Applies every clock that has run out.
pub async fn tick(app: &App) -> Result<(), ApiError> {
    let now = app.clock.now();
    // What ends for a customer comes before what is to be deleted about others, however much that is.
    let mut waking = app.store.glance(&app.tenant).await?.list_waking(false, now, BATCH).await?;
    waking.extend(app.store.glance(&app.tenant).await?.list_waking(true, now, BATCH).await?);
    for id in waking {
        // One that cannot be read must not keep the others asleep.
        if let Err(error) = wake(app, id).await {
            tracing::error!(session.id = %id, problem.code = error.code().as_str(), "the clock of a session was not applied");
        }
    }
    Ok(())
}

/// Applies the clocks of one session.
pub async fn wake(app: &App, id: SessionId) -> Result<(), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await? else { return Ok(()) };
    let policy = &app.config.policy;
    let after = session.clone().report(Report::Tick, policy, now)?.session;
    if after == session {
        // The rules have changed since it was put to sleep.
        tx.update_session(&session, session.version, session.wakes_at(policy)).await?;
        return Ok(tx.commit().await?);
    }
    if after.retention.gone != session.retention.gone {
        // What goes is written down class by class, as it goes.
        casework::report_unrecorded(app, tx, session, Report::Tick).await?.commit(app).await?;
        return Ok(());
    }
    let action = if after.state.is_final() { Action::Expired } else { Action::ConnectionLost };
    casework::report(app, tx, session, Report::Tick, (Actor::System, action)).await?.commit(app).await?;
    Ok(())
}
