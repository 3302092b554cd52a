//! Handing out what is shown in clear text: after its entry was committed, and once what records the conversation stands still.
//!
//! Whoever may not see a thing pauses no recording by asking for it. Where a recording cannot be paused, nothing is shown: that is written
//! down too, it does not count, a proof that was given for it is as good as before, and the same request may be sent again.

use super::error::ApiError;
use super::on_conversation;
use super::step_up::{self, Proof};
use crate::auth::Staff;
use crate::casework::{self, Once};
use crate::domain::audit::NewEntry;
use crate::domain::command::Report;
use crate::domain::session::Session;
use crate::state::App;

/// What was recorded as shown, and is not yet.
pub struct Recorded {
    /// Its entry.
    pub entry: NewEntry,
    /// The request.
    pub once: Once,
    /// Whether it counted as another reveal.
    pub has_counted: bool,
    /// Whether it is a look at the photos.
    pub is_look: bool,
    /// The proof that was taken for it.
    pub proof: Option<Proof>,
}

/// Hands it out. It is on the screen for `seconds`.
pub async fn in_private<T>(
    app: &App,
    by: &Staff,
    (session, seconds): (&Session, u32),
    recorded: Recorded,
    shown: T,
) -> Result<T, ApiError> {
    match on_conversation::pause_recording(app, session, seconds).await {
        Ok(()) => Ok(shown),
        Err(error) => {
            drop(shown);
            Err(take_back(app, by, session, recorded, error).await)
        }
    }
}

async fn take_back(app: &App, by: &Staff, session: &Session, recorded: Recorded, error: ApiError) -> ApiError {
    let Recorded { entry, once, has_counted, is_look, proof } = recorded;
    let taken_back = async {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.delete_mark(&once.key).await?;
        if let Some(proof) = &proof {
            step_up::give_back(&mut *tx, proof).await?;
        }
        if has_counted && let Some(session) = tx.find_session(session.id).await? {
            let not_shown = Report::NotShown { to: by.person(), is_look };
            casework::report_unrecorded(app, tx, session, not_shown).await?.commit(app).await?;
        } else {
            tx.commit().await?;
        }
        Ok::<_, ApiError>(())
    };
    match taken_back.await {
        Ok(()) => casework::refused(app, entry, error).await,
        Err(fault) => fault,
    }
}
