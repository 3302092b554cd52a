//! Changing a session: command or report, audit entry, and everything that follows from it, in one transaction. What others are told,
//! they are told after the commit.
//!
//! If the entry cannot be written, nothing happens. A refusal is written down too.

mod conversation;
pub mod link;
mod purge;

use kyc_wire::bank::SessionEvent;
use kyc_wire::flow::Reporter;
use kyc_wire::ids::{EventId, JobId, Micros, SessionId};
use kyc_wire::me::Role;
use kyc_wire::session::Origin;

pub use self::conversation::{Line, must_be_on};

use crate::auth::Staff;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::command::{Effect, Report, StaffCommand};
use crate::domain::idempotency::{Fingerprint, Key, Mark, Verdict, judge};
use crate::domain::policy::Family;
use crate::domain::session::{Session, State};
use crate::http::error::ApiError;
use crate::http::request_id;
use crate::state::App;
use crate::store::Tx;
use crate::store::personal::StoredRun;
use crate::store::work::{JobKind, StoredEvent};

/// The audit action of a command.
pub const fn action(command: &StaffCommand) -> Action {
    match command {
        StaffCommand::Take { reason: None } => Action::LeaseTaken,
        StaffCommand::Take { reason: Some(_) } => Action::LeaseTakenOver,
        StaffCommand::Renew => Action::LeaseRenewed,
        StaffCommand::Release => Action::LeaseReleased,
        StaffCommand::Reveal => Action::FieldRevealed,
        StaffCommand::Look => Action::DocumentViewed,
        StaffCommand::Mark { .. } => Action::ChecklistMarked,
        StaffCommand::Note => Action::NoteAdded,
        StaffCommand::SendLink => Action::LinkIssued,
        StaffCommand::Recapture { .. } => Action::RecaptureRequested,
        StaffCommand::Withdraw => Action::RecaptureWithdrawn,
        StaffCommand::PoorPicture => Action::QualityReported,
        StaffCommand::Escalate { .. } => Action::Escalated,
        StaffCommand::Unflag => Action::Unflagged,
        StaffCommand::Propose { .. } => Action::Proposed,
        StaffCommand::Reject { .. } => Action::Rejected,
        StaffCommand::CouldNotVerify { .. } => Action::CouldNotVerify,
        StaffCommand::Approve => Action::Approved,
        StaffCommand::Return { .. } => Action::Returned,
        StaffCommand::Reopen { .. } => Action::Reopened,
    }
}

fn detail(command: &StaffCommand) -> Option<String> {
    match command {
        StaffCommand::Mark { item, mark } => Some(format!("{item}:{mark:?}").to_lowercase()),
        StaffCommand::Recapture { item, .. } => Some(format!("{item:?}").to_lowercase()),
        StaffCommand::PoorPicture => Some(Reporter::Agent.as_str().to_owned()),
        _ => None,
    }
}

/// What the log keeps of a report: who measured what of the picture, why a flow gave up, and the reference that it was given.
fn detail_of_report(report: &Report) -> Option<String> {
    match report {
        Report::Quality(quality) => {
            let mut detail = quality.by.as_str().to_owned();
            for (name, value) in [("score", quality.score), ("loss", quality.loss)] {
                detail.extend(value.map(|share| format!(":{name}-{:.0}", share * 1000.0)));
            }
            detail.extend(quality.frame_height.map(|height| format!(":height-{height}")));
            detail.push_str(if quality.supports_video { "" } else { ":no-video" });
            Some(detail)
        }
        Report::Held(Some(hold)) => Some(format!("{}:until-{}", hold.reason, hold.until.0 / 1_000_000)),
        Report::HandedOver { trouble, error_ref } => Some(format!("{}:{error_ref}", trouble.as_str())),
        _ => None,
    }
}

/// The entry for a command of a member of staff.
pub fn entry(command: &StaffCommand, by: &Staff, session: SessionId) -> NewEntry {
    let mut entry = NewEntry::done(by.actor(), action(command))
        .on(session)
        .because(command.reason())
        .in_request(&request_id::current());
    entry.detail = detail(command);
    entry
}

/// What a request with an idempotency key was sent for.
#[derive(Clone, Debug)]
pub struct Once {
    /// The key with all it belongs to.
    pub key: Key,
    /// The hash of the body.
    pub fingerprint: Fingerprint,
}

impl Once {
    /// Leaves the mark, in the transaction of the act itself and before anything else is judged: who repeats a request that is under way
    /// waits here for its end. Gives the mark of an earlier one, which was carried out. A key that was used for another request is refused.
    pub async fn leave_mark(&self, tx: &mut dyn Tx, now: Micros) -> Result<Option<Mark>, ApiError> {
        let mark = tx.insert_mark(&self.key, self.fingerprint, now).await?;
        match judge(mark.map(|mark| mark.fingerprint), self.fingerprint) {
            Verdict::Act | Verdict::Done => Ok(mark),
            Verdict::Refuse => Err(ApiError::refused(
                kyc_wire::problem::ProblemCode::KeyReused,
                "This Idempotency-Key was used for another request.",
            )),
        }
    }
}

/// Whether the caller may see a session. What she may not see does not exist: another queue's, and for an agent whatever is out of the
/// agents' hands and never was in hers.
pub fn may_see(by: &Staff, session: &Session) -> bool {
    by.has(Role::Auditor) || may_work_on(by, session)
}

/// The session, if it may be worked on by this person, who is on its conversation where she must be.
async fn workable(app: &App, tx: &mut dyn Tx, by: &Staff, id: SessionId) -> Result<Session, ApiError> {
    let session = tx.find_session(id).await?;
    let session = session.filter(|session| may_work_on(by, session)).ok_or_else(ApiError::not_found)?;
    if conversation::is_on(app, tx, by, &session).await? { Ok(session) } else { Err(ApiError::not_found()) }
}

/// The run at the provider whose word counts, once it has been started: the latest, unless that was taken back.
pub async fn counting_run(tx: &mut dyn Tx, session: &Session) -> Result<Option<StoredRun>, ApiError> {
    Ok(tx.list_runs(session.id).await?.into_iter().rfind(|run| session.counts(run.run)))
}

/// Whether the caller may work on a session.
pub fn may_work_on(by: &Staff, session: &Session) -> bool {
    let queue = session.queue.as_str();
    by.has_in(Role::Supervisor, queue) || (by.has_in(Role::Agent, queue) && session.is_for_agent(by.person()))
}

/// A transaction in which a session was changed, not yet committed.
pub struct Changed {
    /// The session.
    pub session: Session,
    tx: Box<dyn Tx>,
    has_changed: bool,
    /// Whether it counted as another reveal.
    pub has_counted: bool,
}

impl Changed {
    /// A session that was added in this transaction.
    pub fn added(tx: Box<dyn Tx>, session: Session) -> Self {
        Self { session, tx, has_changed: true, has_counted: false }
    }

    /// For another change in the same transaction.
    pub fn into_parts(self) -> (Box<dyn Tx>, Session) {
        (self.tx, self.session)
    }

    /// The open transaction, for what belongs to the change.
    pub fn tx(&mut self) -> &mut dyn Tx {
        &mut *self.tx
    }

    /// Makes it last, then tells the open streams.
    pub async fn commit(self, app: &App) -> Result<Session, ApiError> {
        self.tx.commit().await?;
        if self.has_changed {
            app.events.changed(self.session.id, self.session.version, self.session.queue.as_str());
            app.work.notify_one();
        }
        Ok(self.session)
    }
}

/// Carries out a command in a transaction that the caller commits. A refusal is written down in one of its own.
pub async fn command(
    app: &App,
    (mut tx, by): (Box<dyn Tx>, &Staff),
    id: SessionId,
    (command, expected): (&StaffCommand, Option<u64>),
    entry: NewEntry,
) -> Result<Changed, ApiError> {
    match workable(app, &mut *tx, by, id).await {
        Ok(session) => carry_out(app, (tx, session), (command, by), expected, entry).await,
        Err(error) => {
            drop(tx);
            Err(refused(app, entry, error).await)
        }
    }
}

/// Lets the caller take a session that was found or added in this transaction.
pub async fn take(app: &App, tx: Box<dyn Tx>, session: Session, by: &Staff) -> Result<Changed, ApiError> {
    let command = StaffCommand::Take { reason: None };
    let entry = entry(&command, by, session.id);
    carry_out(app, (tx, session), (&command, by), None, entry).await
}

async fn carry_out(
    app: &App,
    (tx, session): (Box<dyn Tx>, Session),
    (command, by): (&StaffCommand, &Staff),
    expected: Option<u64>,
    entry: NewEntry,
) -> Result<Changed, ApiError> {
    let before = session.clone();
    match session.command(command, by.acting_in(before.queue.as_str()), expected, (&app.config.policy, app.clock.now()))
    {
        Ok(applied) => {
            // Taking, losing and giving back the lease are entries; keeping it is none.
            let entry = (!matches!(command, StaffCommand::Renew)).then_some(entry);
            save(app, tx, (&before, applied.session), applied.effects, entry).await
        }
        Err(refusal) => {
            drop(tx);
            Err(refused(app, entry, refusal.into()).await)
        }
    }
}

/// As [`command`], but without its entry: for a reveal, whose entry is written by the grant. Only the refusal is written here.
pub async fn permit(
    app: &App,
    (mut tx, by): (Box<dyn Tx>, &Staff),
    id: SessionId,
    command: &StaffCommand,
    entry: NewEntry,
) -> Result<Changed, ApiError> {
    let found = workable(app, &mut *tx, by, id).await;
    let applied = found.and_then(|session| {
        let before = session.clone();
        let applied = session.command(
            command,
            by.acting_in(before.queue.as_str()),
            None,
            (&app.config.policy, app.clock.now()),
        )?;
        Ok((before, applied))
    });
    match applied {
        Ok((before, applied)) => save(app, tx, (&before, applied.session), applied.effects, None).await,
        Err(error) => {
            drop(tx);
            Err(refused(app, entry, error).await)
        }
    }
}

/// The session, if the caller may see now what she was shown of it a moment ago, for the repetition of a reveal.
pub async fn permit_again(app: &App, tx: &mut dyn Tx, by: &Staff, id: SessionId) -> Result<Session, ApiError> {
    let session = workable(app, tx, by, id).await?;
    let acting = by.acting_in(session.queue.as_str());
    session.check_reveal_again(acting, (&app.config.policy, app.clock.now()))?;
    Ok(session)
}

/// Writes a refusal down and hands it on. Where even that fails, the caller learns of the failure instead.
pub async fn refused(app: &App, mut entry: NewEntry, error: ApiError) -> ApiError {
    let code = error.code().as_str().to_owned();
    entry.outcome = crate::domain::audit::Outcome::Refused { code };
    // What was refused may have words where a code belongs, and the log is for ever.
    let policy = &app.config.policy;
    entry.reason = entry.reason.filter(|code| policy.reasons.iter().any(|reason| reason.code == *code));
    entry.detail = entry.detail.filter(|detail| is_code(detail));
    let written = async {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.record(entry).await?;
        Ok::<_, ApiError>(tx.commit().await?)
    };
    written.await.err().unwrap_or(error)
}

/// Whether a text can be one of our codes or ids: short, and without room for words.
pub fn is_code(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:-".contains(&byte))
}

/// Takes in a report in a transaction that is already open. `action` and `actor` say what the audit log calls it; a report that changes
/// nothing anybody looks at is not written down.
pub async fn report(
    app: &App,
    tx: Box<dyn Tx>,
    session: Session,
    report: Report,
    (actor, action): (Actor, Action),
) -> Result<Changed, ApiError> {
    let before = session.clone();
    let detail = detail_of_report(&report);
    let applied = session.report(report, &app.config.policy, app.clock.now())?;
    if applied.session == before {
        return Ok(Changed { session: before, tx, has_changed: false, has_counted: false });
    }
    let entry = (applied.session.version != before.version).then(|| {
        let entry = NewEntry::done(actor, action).on(before.id).in_request(&request_id::current());
        NewEntry { detail, ..entry }
    });
    save(app, tx, (&before, applied.session), applied.effects, entry).await
}

/// As [`report`], for a report whose entry says more than a code. It is written whatever comes of the report, with the state if that is
/// another one afterwards.
pub async fn report_as(
    app: &App,
    tx: Box<dyn Tx>,
    session: Session,
    report: Report,
    entry: NewEntry,
) -> Result<Changed, ApiError> {
    let before = session.clone();
    let applied = session.report(report, &app.config.policy, app.clock.now())?;
    save(app, tx, (&before, applied.session), applied.effects, Some(entry)).await
}

/// As [`report`], for a report that is itself no entry and changes no state: what follows from it is written down elsewhere. What time did to
/// the session meanwhile is an entry all the same.
pub async fn report_unrecorded(
    app: &App,
    tx: Box<dyn Tx>,
    session: Session,
    report: Report,
) -> Result<Changed, ApiError> {
    let before = session.clone();
    let applied = session.report(report, &app.config.policy, app.clock.now())?;
    let entry = (applied.session.status() != before.status())
        .then(|| NewEntry::done(Actor::System, Action::Expired).on(before.id).in_request(&request_id::current()));
    save(app, tx, (&before, applied.session), applied.effects, entry).await
}

async fn save(
    app: &App,
    mut tx: Box<dyn Tx>,
    (before, session): (&Session, Session),
    effects: Vec<Effect>,
    entry: Option<NewEntry>,
) -> Result<Changed, ApiError> {
    if let Some(mut entry) = entry {
        let is_new_state = effects.iter().any(|effect| matches!(effect, Effect::StatusChanged { .. }));
        entry.status = is_new_state.then(|| session.status());
        if let Some(decision) = session.decisions.get(before.decisions.len()) {
            entry.detail = Some(decision.rules.together());
        }
        tx.record(entry).await?;
    }
    let has_changed = session.version != before.version;
    if session != *before {
        tx.update_session(&session, before.version, session.wakes_at(&app.config.policy)).await?;
    }
    if has_changed {
        conversation::tell(app, &mut *tx, &session, &effects).await?;
    }
    follow(app, &mut *tx, (before, &session), &effects).await?;
    let has_counted = session.reveals != before.reveals;
    Ok(Changed { session, tx, has_changed, has_counted })
}

/// Plans what must happen outside because a session was opened.
pub async fn begin(app: &App, tx: &mut dyn Tx, session: &Session, effects: &[Effect]) -> Result<(), ApiError> {
    conversation::tell(app, tx, session, effects).await?;
    // Its id may be one that the bank has never seen, and claims are handed over by it.
    tell_bank(app, tx, session, CREATED).await?;
    follow(app, tx, (session, session), effects).await
}

/// Plans what must happen outside.
async fn follow(
    app: &App,
    tx: &mut dyn Tx,
    (before, session): (&Session, &Session),
    effects: &[Effect],
) -> Result<(), ApiError> {
    let now = app.clock.now();
    for effect in effects {
        match effect {
            Effect::StartProvider => {
                let job = JobId::new(app.ids.next());
                tx.upsert_job((job, JobKind::StartProvider, &session.id.to_string()), now).await?;
            }
            Effect::AskProvider => {
                let job = JobId::new(app.ids.next());
                tx.upsert_job((job, JobKind::PollProvider, &session.id.to_string()), now).await?;
            }
            Effect::FetchImages => fetch_images(app, tx, session).await?,
            Effect::Purge(class) => purge::follow(app, tx, (before, session), *class).await?,
            Effect::ForgetDocument => tx.delete_fields(session.id, Origin::Document).await?,
            Effect::StatusChanged { .. } => tell_bank(app, tx, session, STATUS_CHANGED).await?,
            Effect::ProviderChangedItsMind => {
                metrics::counter!("kyc_provider_changed_its_mind_total").increment(1);
                tracing::error!(session.id = %session.id, "a provider changed its mind after a decision");
            }
        }
    }
    Ok(())
}

/// Plans fetching the pictures of the latest result, where the bank wants them.
async fn fetch_images(app: &App, tx: &mut dyn Tx, session: &Session) -> Result<(), ApiError> {
    let is_wanted = app.providers.get(&session.provider.integration).is_some_and(|outbound| outbound.fetches_images);
    if let Some(result) = session.result.as_ref().filter(|_| is_wanted) {
        let subject = format!("{}:{}", session.id, result.version);
        tx.upsert_job((JobId::new(app.ids.next()), JobKind::FetchImages, &subject), app.clock.now()).await?;
    }
    Ok(())
}

const CREATED: &str = "session.created";
const STATUS_CHANGED: &str = "session.status_changed";

async fn tell_bank(app: &App, tx: &mut dyn Tx, session: &Session, what: &str) -> Result<(), ApiError> {
    if app.config.bank.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    let event = SessionEvent {
        id: EventId::new(app.ids.next()),
        r#type: what.to_owned(),
        at: now,
        session_id: session.id,
        customer_id: session.customer_id.as_str().to_owned(),
        conversation_id: session.conversation_id.as_ref().filter(|_| what == CREATED).map(|id| id.as_str().to_owned()),
        status: session.status(),
        version: session.version,
        reason: reason_for_bank(app, &session.state),
    };
    let body = serde_json::to_string(&event).expect("an event is plain data");
    tx.insert_event(&StoredEvent { id: event.id, session_id: session.id, body, created_at: now }).await?;
    tx.upsert_job((JobId::new(app.ids.next()), JobKind::DeliverEvent, &event.id.to_string()), now).await?;
    Ok(())
}

/// The reason of an end. What is suspected is not told further: one word for the whole family.
fn reason_for_bank(app: &App, state: &State) -> Option<String> {
    let (State::Rejected { reason } | State::CouldNotVerify { reason }) = state else { return None };
    let found = app.config.policy.reasons.iter().find(|known| known.code == *reason);
    let is_suspicion = found.is_some_and(|known| known.family == Family::Suspicion);
    Some(if is_suspicion { "suspicion".to_owned() } else { reason.clone() })
}
