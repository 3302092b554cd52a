//! Showing something in clear text to one person: with a reason, once it was permitted and proven as the policy asks, after its entry was
//! committed, and once what records the conversation stands still. The one way for values and photos.
//!
//! Whoever may not see a thing pauses no recording by asking for it. Where a recording cannot be paused, nothing is shown: that is written
//! down too, it does not count, a proof that was given for it is as good as before, and the same request may be sent again.

use async_trait::async_trait;
use kyc_wire::ids::SessionId;
use kyc_wire::photo::seconds_shown;
use kyc_wire::session::Act;

use super::error::ApiError;
use super::on_conversation;
use super::step_up::{self, Part, Proof};
use crate::auth::Staff;
use crate::casework::{self, Once};
use crate::domain::audit::NewEntry;
use crate::domain::command::{Report, StaffCommand};
use crate::domain::session::Session;
use crate::pii::Grant;
use crate::state::App;
use crate::store::Tx;

/// Something of a session that is sealed.
#[async_trait]
pub trait Sealed: Sync {
    /// As it is shown.
    type Clear: Send;

    /// What of the session it is.
    fn part(&self) -> Part;

    /// Opens it against the grant.
    async fn open(&self, app: &App, tx: &mut dyn Tx, on: (SessionId, &Grant)) -> Result<Self::Clear, ApiError>;
}

/// A request to see something.
pub struct Asked<S> {
    /// What.
    pub what: S,
    /// Of which session.
    pub session: SessionId,
    /// The entry that it leaves, with the reason.
    pub entry: NewEntry,
    /// The request.
    pub once: Once,
}

impl<S: Sealed> Asked<S> {
    fn is_look(&self) -> bool {
        matches!(self.what.part(), Part::Photo(_))
    }

    /// For how long it is on the screen.
    fn seconds(&self, app: &App) -> u32 {
        let seconds = app.config.policy.reveal_seconds;
        if self.is_look() { seconds_shown(seconds) } else { seconds }
    }
}

/// What was opened, and is not handed out yet.
struct Opened<T> {
    session: Session,
    clear: T,
    /// Whether it counted as another reveal.
    has_counted: bool,
    /// The proof that was taken for it.
    proof: Option<Proof>,
}

/// Shows it. The entry is committed before anything leaves. Who asks again within the time of that entry is answered by it; later it is
/// another reveal.
pub async fn show<S: Sealed>(app: &App, by: &Staff, asked: Asked<S>) -> Result<S::Clear, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let is_repeated = asked.once.leave_mark(&mut *tx, now).await?.is_some();
    let reason = asked.entry.reason.as_deref().unwrap_or_default();
    if app.config.policy.reason(reason, Act::Reveal).is_none() {
        drop(tx);
        let error = ApiError::invalid("reason", "choose one from the list");
        return Err(casework::refused(app, asked.entry, error).await);
    }
    let repeated = if is_repeated { Grant::again(&mut *tx, &asked.entry, now).await? } else { None };
    let opened = match repeated {
        Some(grant) => shown_again(app, tx, by, (&asked, &grant)).await?,
        None => first_shown(app, tx, by, &asked).await?,
    };
    match on_conversation::pause_recording(app, &opened.session, asked.seconds(app)).await {
        Ok(()) => Ok(opened.clear),
        Err(error) => Err(take_back(app, by, (asked, opened), error).await),
    }
}

async fn first_shown<S: Sealed>(
    app: &App,
    tx: Box<dyn Tx>,
    by: &Staff,
    asked: &Asked<S>,
) -> Result<Opened<S::Clear>, ApiError> {
    let command = if asked.is_look() { StaffCommand::Look } else { StaffCommand::Reveal };
    let (id, entry) = (asked.session, &asked.entry);
    let mut changed = casework::permit(app, (tx, by), id, &command, entry.clone()).await?;
    let opened = async {
        let proof = step_up::take(app, changed.tx(), by, (Act::Reveal, id, asked.what.part())).await?;
        let grant = Grant::record(changed.tx(), entry.clone(), app.clock.now()).await?;
        Ok((proof, asked.what.open(app, changed.tx(), (id, &grant)).await?))
    };
    match opened.await {
        Ok((proof, clear)) => {
            let has_counted = changed.has_counted;
            Ok(Opened { session: changed.commit(app).await?, clear, has_counted, proof })
        }
        Err(error) => {
            drop(changed);
            Err(casework::refused(app, entry.clone(), error).await)
        }
    }
}

/// Answers a repetition by the entry that the first one left, if she still has the case.
async fn shown_again<S: Sealed>(
    app: &App,
    mut tx: Box<dyn Tx>,
    by: &Staff,
    (asked, grant): (&Asked<S>, &Grant),
) -> Result<Opened<S::Clear>, ApiError> {
    let opened = async {
        let session = casework::permit_again(app, &mut *tx, by, asked.session).await?;
        let clear = asked.what.open(app, &mut *tx, (asked.session, grant)).await?;
        Ok(Opened { session, clear, has_counted: false, proof: None })
    };
    match opened.await {
        Err(error) => {
            drop(tx);
            Err(casework::refused(app, asked.entry.clone(), error).await)
        }
        opened => opened,
    }
}

async fn take_back<S: Sealed>(
    app: &App,
    by: &Staff,
    (asked, opened): (Asked<S>, Opened<S::Clear>),
    error: ApiError,
) -> ApiError {
    let is_look = asked.is_look();
    let Opened { session, clear, has_counted, proof } = opened;
    drop(clear);
    let taken_back = async {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.delete_mark(&asked.once.key).await?;
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
        Ok(()) => casework::refused(app, asked.entry, error).await,
        Err(fault) => fault,
    }
}
