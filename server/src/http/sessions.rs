//! Sessions over HTTP: the list, one session, and what staff do with it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use kyc_wire::ids::{Micros, NoteId, SessionId};
use kyc_wire::list::{Floor, ListQuery, SessionPage, Sort, View, ViewCount};
use kyc_wire::masked::RevealedValue;
use kyc_wire::me::Place;
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::{
    Act, AskLink, CustomerLink, MarkItem, Plain, Recapture, Reveal, SessionDetail, StartForConversation, Status, Take,
    WithReason, WriteNote,
};
use serde::Deserialize;

use super::address::{InPath, InQuery};
use super::error::ApiError;
use super::json::Command;
use super::showing::{self, Asked, Sealed};
use super::staff::{Desk, Overseer, Reader, Supervisor};
use super::step_up::{self, Part};
use super::{on_conversation, request_id, view};
use crate::auth::Staff;
use crate::casework::{self, Changed, Once};
use crate::custody;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::command::StaffCommand;
use crate::domain::idempotency::{Fingerprint, Key};
use crate::domain::names::{ConversationId, CustomerId, Language, Queue};
use crate::domain::session::{Channel, NewSession, Session};
use crate::pii::Grant;
use crate::pii::vault::KeyScope;
use crate::state::App;
use crate::store::dossier::Dossier;
use crate::store::personal::StoredNote;
use crate::store::sessions::{Cursor, Filter, Queues};
use crate::store::{StoreError, Tx};

/// More sessions than one conversation ever has.
const OF_ONE_CONVERSATION: u32 = 100;
/// Longest note, in characters.
const NOTE_LENGTH: usize = 2000;

type Shown = Result<Json<SessionDetail>, ApiError>;

fn filter(app: &App, by: &Staff, query: &ListQuery) -> Result<Filter, ApiError> {
    let now = app.clock.now();
    let queues = match &query.queue {
        Some(queue) if by.queues().contains(queue) => Queues::Only(vec![queue.clone()]),
        Some(_) => return Err(ApiError::invalid("queue", "is not one of yours")),
        None => by.queues(),
    };
    let q = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    if q.is_some_and(|q| CustomerId::parse(q).is_err()) {
        return Err(ApiError::invalid(
            "q",
            "search by session, customer or conversation id; never by what is known about a person",
        ));
    }
    if query.status == Some(Status::Unknown) {
        return Err(ApiError::invalid("status", "there is none of this name"));
    }
    let slow = app.providers.values().map(|outbound| outbound.slow_after_seconds).min().unwrap_or(120);
    Ok(Filter {
        view: query.view.unwrap_or(View::Open),
        status: query.status,
        queues,
        q: q.map(str::to_owned),
        person: by.person(),
        now,
        midnight: midnight(app, now),
        waiting_before: now.plus_seconds(-i64::from(app.config.policy.agent_due_seconds)),
        approval_before: now.plus_seconds(-i64::from(app.config.policy.approval_due_seconds)),
        slow_before: now.plus_seconds(-i64::from(slow)),
    })
}

/// The last midnight in the bank's time zone.
fn midnight(app: &App, now: Micros) -> Micros {
    let zoned = jiff::Timestamp::from_microsecond(now.0).map(|at| at.to_zoned(app.config.time_zone.clone()));
    let start = zoned.and_then(|zoned| zoned.start_of_day());
    start.map_or(now, |start| Micros(start.timestamp().as_microsecond()))
}

fn cursor(text: &str) -> Option<Cursor> {
    let mut parts = text.split('.');
    let cursor = Cursor {
        is_flagged: parts.next()? == "1",
        at: Micros(parts.next()?.parse().ok()?),
        id: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(cursor)
}

fn cursor_after(session: &Session, sort: Sort) -> String {
    let at = if sort == Sort::Urgency { session.state_since } else { session.created_at };
    format!("{}.{}.{}", u8::from(session.flag.is_some()), at.0, session.id)
}

/// A page of sessions.
pub async fn list(
    State(app): State<Arc<App>>,
    by: Reader,
    InQuery(query): InQuery<ListQuery>,
) -> Result<Json<SessionPage>, ApiError> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::invalid("limit", "must lie between 1 and 100"));
    }
    let after = query
        .cursor
        .as_deref()
        .map(|text| cursor(text).ok_or_else(|| ApiError::invalid("cursor", "is not one of ours")));
    let after = after.transpose()?;
    let sort = query.sort.unwrap_or_default();
    let filter = filter(&app, &by, &query)?;
    let mut tx = app.store.read(&app.tenant).await?;
    let mut found = tx.list_sessions(&filter, (sort, after.as_ref()), limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let people = view::holders(&app, &found).await?;
    Ok(Json(SessionPage {
        next_cursor: found.last().filter(|_| has_more).map(|last| cursor_after(last, sort)),
        items: found.iter().map(|session| view::summary(&app, session, &people, filter.now)).collect(),
    }))
}

/// Is my floor all right?
pub async fn floor(State(app): State<Arc<App>>, by: Overseer) -> Result<Json<Floor>, ApiError> {
    let mut tx = app.store.read(&app.tenant).await?;
    let mut floor = Floor::default();
    for view in View::ALL {
        let filter = filter(&app, &by, &ListQuery { view: Some(view), ..ListQuery::default() })?;
        floor.counts.push(ViewCount { view, count: tx.count_sessions(&filter).await? });
    }
    let now = app.clock.now();
    let oldest = tx.find_next_waiting(&by.queues(), None, now).await?;
    floor.oldest_wait_seconds =
        oldest.map(|session| u32::try_from(now.seconds_since(session.state_since)).unwrap_or(0));
    Ok(Json(floor))
}

/// What a launch may say besides the session. Hints, never credentials.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    customer_id: Option<String>,
}

/// One session. Opening it is an entry, once per person and sign-in and again after a quarter of an hour.
pub async fn show(
    State(app): State<Arc<App>>,
    by: Reader,
    InPath(id): InPath<SessionId>,
    InQuery(hint): InQuery<Hint>,
) -> Shown {
    let dossier = hers(&app, &by, id).await?;
    if hint.customer_id.is_some_and(|hint| hint != dossier.session.customer_id.as_str()) {
        return Err(other_customer(&app, &by, id).await);
    }
    opened(&app, &by, dossier).await
}

/// The dossier of a session that she may see; a try to see another is written down.
async fn hers(app: &App, by: &Staff, id: SessionId) -> Result<Dossier, ApiError> {
    match view::dossier(app, by, id).await {
        Err(error) => {
            let entry = NewEntry::done(by.actor(), Action::AccessRefused).on(id).in_request(&request_id::current());
            Err(casework::refused(app, entry, error).await)
        }
        found => found,
    }
}

async fn other_customer(app: &App, by: &Staff, id: SessionId) -> ApiError {
    let entry = NewEntry::done(by.actor(), Action::HintMismatch).on(id).in_request(&request_id::current());
    let error = "The customer does not belong to this session. Nothing was opened.";
    casework::refused(app, entry, ApiError::refused(ProblemCode::CustomerMismatch, error)).await
}

/// Shows a session that she may see, and writes down that she opened it.
async fn opened(app: &App, by: &Staff, mut dossier: Dossier) -> Shown {
    if !dossier.was_opened {
        let id = dossier.session.id;
        note_access(app, by, id).await?;
        dossier = view::dossier(app, by, id).await?;
    }
    Ok(Json(view::detail(app, dossier, by).await?))
}

async fn note_access(app: &App, by: &Staff, id: SessionId) -> Result<(), ApiError> {
    let since = view::opened_since(app.clock.now());
    let mut tx = app.store.begin(&app.tenant).await?;
    if tx.note_access(id, (by.person(), by.sign_in_id()), app.clock.now(), since).await? {
        tx.record(NewEntry::done(by.actor(), Action::SessionOpened).on(id).in_request(&request_id::current())).await?;
    }
    Ok(tx.commit().await?)
}

/// What a request with a key of this person was sent for.
pub fn once<T>(by: &Staff, path: &OriginalUri, command: &Command<T>) -> Result<Once, ApiError> {
    let key = Key::parse(&by.person().to_string(), "POST", path.path(), &command.key)
        .map_err(|error| ApiError::refused(ProblemCode::BadHeader, error.to_string()))?;
    Ok(Once { key, fingerprint: Fingerprint::of(&command.bytes) })
}

/// The session as it is now: the answer to a command, and to its repetition.
async fn shown(app: &Arc<App>, by: &Staff, id: SessionId) -> Shown {
    Ok(Json(view::detail(app, view::dossier(app, by, id).await?, by).await?))
}

/// Carries a command out once, and shows the session.
async fn act(
    app: &Arc<App>,
    by: &Staff,
    id: SessionId,
    once: Once,
    (command, expected): (StaffCommand, Option<u64>),
) -> Shown {
    {
        let mut tx = app.store.begin(&app.tenant).await?;
        if once.leave_mark(&mut *tx, app.clock.now()).await?.is_none() {
            let entry = casework::entry(&command, by, id);
            let changed = casework::command(app, (tx, by), id, (&command, expected), entry.clone()).await?;
            proven(app, (changed, by), (command.act(), Part::Whole), entry).await?.commit(app).await?;
        }
    }
    shown(app, by, id).await
}

/// Goes on if who acts has proven anew who she is, where the policy asks it. What was refused was not done.
async fn proven(
    app: &App,
    (mut changed, by): (Changed, &Staff),
    (act, part): (Act, Part),
    entry: NewEntry,
) -> Result<Changed, ApiError> {
    let id = changed.session.id;
    match step_up::take(app, changed.tx(), by, (act, id, part)).await {
        Ok(_) => Ok(changed),
        Err(error) => {
            drop(changed);
            Err(casework::refused(app, entry, error).await)
        }
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident($role:ident, $body:ty) = |$sent:ident| $command:expr;)+) => {
        $($(#[$doc])*
        pub async fn $name(
            State(app): State<Arc<App>>,
            by: $role,
            InPath(id): InPath<SessionId>,
            path: OriginalUri,
            command: Command<$body>,
        ) -> Shown {
            let once = once(&by, &path, &command)?;
            let $sent = command.body;
            let expected = Some($sent.expected_version);
            act(&app, &by, id, once, ($command, expected)).await
        })+
    };
}

acts! {
    /// Take a session, or take it over with a reason.
    take(Desk, Take) = |sent| StaffCommand::Take { reason: sent.reason };
    /// Give it back.
    release(Desk, Plain) = |sent| { let _ = &sent; StaffCommand::Release };
    /// Mark a line of the checklist.
    mark(Desk, MarkItem) = |sent| StaffCommand::Mark { item: sent.item, mark: sent.mark };
    /// Ask for a new capture.
    recapture(Desk, Recapture) = |sent| StaffCommand::Recapture { item: sent.item, reason: sent.reason };
    /// Take back what was asked for again.
    withdraw(Desk, Plain) = |sent| { let _ = &sent; StaffCommand::Withdraw };
    /// Report that the picture is too poor.
    poor_picture(Desk, Plain) = |sent| { let _ = &sent; StaffCommand::PoorPicture };
    /// Call a supervisor.
    escalate(Desk, WithReason) = |sent| StaffCommand::Escalate { reason: sent.reason };
    /// Take the flag off.
    unflag(Supervisor, Plain) = |sent| { let _ = &sent; StaffCommand::Unflag };
    /// Send to final approval.
    propose(Desk, Take) = |sent| StaffCommand::Propose { reason: sent.reason };
    /// Refuse.
    reject(Desk, WithReason) = |sent| StaffCommand::Reject { reason: sent.reason };
    /// End for technical reasons.
    could_not_verify(Desk, WithReason) = |sent| StaffCommand::CouldNotVerify { reason: sent.reason };
    /// Second approval.
    approve(Supervisor, Plain) = |sent| { let _ = &sent; StaffCommand::Approve };
    /// Back to the agent.
    send_back(Supervisor, WithReason) = |sent| StaffCommand::Return { reason: sent.reason };
    /// Open again.
    reopen(Supervisor, WithReason) = |sent| StaffCommand::Reopen { reason: sent.reason };
}

/// Gives the customer another link: the earlier ones end. Or the one in force, where that is asked for: what she has begun by it goes on. Who
/// asks again with the same key gets the link that is in force.
pub async fn link(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(id): InPath<SessionId>,
    path: OriginalUri,
    command: Command<AskLink>,
) -> Result<Json<CustomerLink>, ApiError> {
    let once = once(&by, &path, &command)?;
    let act = (StaffCommand::SendLink, Some(command.body.expected_version));
    let entry = casework::entry(&act.0, &by, id);
    let mut tx = app.store.begin(&app.tenant).await?;
    if once.leave_mark(&mut *tx, app.clock.now()).await?.is_some() {
        if let Err(error) = casework::permit_again(&app, &mut *tx, &by, id).await {
            drop(tx);
            return Err(casework::refused(&app, entry, error).await);
        }
        let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
        let link = casework::link::find(&app, &mut *tx, id).await?.ok_or_else(ApiError::not_found)?;
        return Ok(Json(view::link(&app, &session, link)));
    }
    let mut changed = casework::command(&app, (tx, &by), id, (&act.0, act.1), entry).await?;
    let in_force = if command.body.in_force { casework::link::find(&app, changed.tx(), id).await? } else { None };
    let link = match in_force {
        Some(link) => link,
        None => casework::link::renew(&app, changed.tx(), id).await?,
    };
    let session = changed.commit(&app).await?;
    Ok(Json(view::link(&app, &session, link)))
}

/// Keep the lease. Whatever else changed meanwhile does not matter.
pub async fn renew(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(id): InPath<SessionId>,
) -> Result<StatusCode, ApiError> {
    let entry = casework::entry(&StaffCommand::Renew, &by, id);
    let tx = app.store.begin(&app.tenant).await?;
    casework::command(&app, (tx, &by), id, (&StaffCommand::Renew, None), entry).await?.commit(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands out the session that has waited longest, in one step: two agents who ask at once get two sessions, one who asks again gets the
/// same one.
pub async fn next(
    State(app): State<Arc<App>>,
    by: Desk,
    path: OriginalUri,
    command: Command<serde_json::Map<String, serde_json::Value>>,
) -> Result<Json<Option<SessionDetail>>, ApiError> {
    let once = once(&by, &path, &command)?;
    match hand_out(&app, &by, &once).await? {
        Some(id) => Ok(Json(Some(shown(&app, &by, id).await?.0))),
        None => Ok(Json(None)),
    }
}

async fn hand_out(app: &App, by: &Staff, once: &Once) -> Result<Option<SessionId>, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    if let Some(mark) = once.leave_mark(&mut *tx, now).await? {
        return Ok(mark.session);
    }
    let Some(session) = tx.find_next_waiting(&by.working_queues(), on_conversation::only_hers(app, by), now).await?
    else {
        tx.commit().await?;
        return Ok(None);
    };
    tx.update_mark(&once.key, session.id, false).await?;
    Ok(Some(casework::take(app, tx, session, by).await?.commit(app).await?.id))
}

/// Shows one field in clear text, for a few seconds and a reason.
pub async fn reveal(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(session): InPath<SessionId>,
    path: OriginalUri,
    command: Command<Reveal>,
) -> Result<Json<RevealedValue>, ApiError> {
    let once = once(&by, &path, &command)?;
    let reveal = command.body;
    let entry = casework::entry(&StaffCommand::Reveal, &by, session)
        .about(&[reveal.field])
        .because(Some(&reveal.reason))
        .with(reveal.origin.as_str());
    let what = Value(Place { field: reveal.field, origin: reveal.origin });
    Ok(Json(Box::pin(showing::show(&app, &by, Asked { what, session, entry, once })).await?))
}

/// A value, if it is there.
struct Value(Place);

#[async_trait]
impl Sealed for Value {
    type Clear = RevealedValue;

    fn part(&self) -> Part {
        Part::Value(self.0)
    }

    async fn open(
        &self,
        app: &App,
        tx: &mut dyn Tx,
        (id, grant): (SessionId, &Grant),
    ) -> Result<RevealedValue, ApiError> {
        let holdings = custody::holdings(tx, &app.vault, &app.tenant, id).await?;
        let held = holdings.find(self.0.origin, self.0.field).ok_or_else(ApiError::not_found)?;
        let shown = held.reveal(grant, id, app.config.policy.reveal_seconds, app.clock.now());
        Ok(shown.map_err(custody::CustodyError::from)?)
    }
}

/// Writes a note. The masking rules run before it is sealed.
pub async fn note(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(id): InPath<SessionId>,
    path: OriginalUri,
    command: Command<WriteNote>,
) -> Shown {
    let text = command.body.text.trim();
    if text.is_empty() || text.chars().count() > NOTE_LENGTH {
        return Err(ApiError::invalid("text", format!("must have 1 to {NOTE_LENGTH} characters")));
    }
    let once = once(&by, &path, &command)?;
    {
        let mut tx = app.store.begin(&app.tenant).await?;
        if once.leave_mark(&mut *tx, app.clock.now()).await?.is_none() {
            let entry = casework::entry(&StaffCommand::Note, &by, id);
            let mut changed = casework::command(&app, (tx, &by), id, (&StaffCommand::Note, None), entry).await?;
            keep_note(&app, &mut changed, &by, &app.config.privacy.scrub.scrub(text)).await?;
            changed.commit(&app).await?;
        }
    }
    shown(&app, &by, id).await
}

async fn keep_note(app: &App, changed: &mut Changed, by: &Staff, text: &str) -> Result<(), ApiError> {
    let id = changed.session.id;
    let key = custody::key(changed.tx(), &app.vault, &app.tenant, &KeyScope::Session(id)).await?;
    let sealed = key.seal_bytes(text.as_bytes(), "note", "note");
    let note = StoredNote { id: NoteId::new(app.ids.next()), author: by.person(), at: app.clock.now(), sealed };
    Ok(changed.tx().insert_note(id, &note).await?)
}

fn conversation(id: &str) -> Result<ConversationId, ApiError> {
    ConversationId::parse(id).map_err(|error| ApiError::invalid("conversation_id", error))
}

/// The session of a Genesys conversation: the newest that she may see. Where there are only others, they do not exist for her, and the try is
/// written down as one by id is; a conversation without any is nothing to write down.
pub async fn of_conversation(State(app): State<Arc<App>>, by: Reader, InPath(id): InPath<String>) -> Shown {
    let id = conversation(&id)?;
    let mut tx = app.store.glance(&app.tenant).await?;
    let sessions = tx.list_sessions_of_conversation(id.as_str(), OF_ONE_CONVERSATION).await?;
    drop(tx);
    if let Some(session) = sessions.iter().find(|session| casework::may_see(&by, session)) {
        return opened(&app, &by, hers(&app, &by, session.id).await?).await;
    }
    let Some(hidden) = sessions.first() else { return Err(ApiError::not_found()) };
    let entry = NewEntry::done(by.actor(), Action::AccessRefused).on(hidden.id).in_request(&request_id::current());
    Err(casework::refused(&app, entry, ApiError::not_found()).await)
}

/// Starts a session for a conversation whose flow failed. The agent who starts it holds it. Where one is open that she may work on, she is
/// given that one, and holds it unless a colleague does.
pub async fn start_for_conversation(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(id): InPath<String>,
    path: OriginalUri,
    command: Command<StartForConversation>,
) -> Result<(StatusCode, Json<SessionDetail>), ApiError> {
    let once = once(&by, &path, &command)?;
    let conversation = conversation(&id)?;
    let new = new_session(&app, &by, conversation.clone(), &command.body)?;
    on_conversation::must_be_on(&app, &by, new.queue.as_str(), &conversation).await?;
    let (id, has_created) = started(&app, &by, new, &once).await?;
    if has_created {
        return Ok((StatusCode::CREATED, shown(&app, &by, id).await?));
    }
    Ok((StatusCode::OK, opened(&app, &by, view::dossier(&app, &by, id).await?).await?))
}

/// The session that is open or was started, and whether it was. One that she may not work on does not exist for her, so it keeps nobody
/// from starting another: a refusal would tell her of it, and leave the customer on her line without a session.
async fn started(app: &App, by: &Staff, new: NewSession, once: &Once) -> Result<(SessionId, bool), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    if let Some(mark) = once.leave_mark(&mut *tx, now).await? {
        return Ok((mark.session.ok_or_else(ApiError::not_found)?, mark.has_created));
    }
    let conversation = new.conversation_id.as_ref().map(ConversationId::as_str).unwrap_or_default();
    let sessions = tx.list_sessions_of_conversation(conversation, OF_ONE_CONVERSATION).await?;
    let open = sessions.into_iter().find(|found| !found.state.is_final() && casework::may_work_on(by, found));
    let Some(session) = open else {
        tx.update_mark(&once.key, new.id, true).await?;
        let (tx, session) = create(app, tx, new, by.actor()).await?.into_parts();
        return Ok((casework::take(app, tx, session, by).await?.commit(app).await?.id, true));
    };
    if session.customer_id != new.customer_id {
        drop(tx);
        return Err(other_customer(app, by, session.id).await);
    }
    tx.update_mark(&once.key, session.id, false).await?;
    let id = session.id;
    if session.state.can_be_held() && session.holder(now).is_none() {
        casework::take(app, tx, session, by).await?.commit(app).await?;
    } else {
        tx.commit().await?;
    }
    Ok((id, false))
}

fn new_session(
    app: &App,
    by: &Staff,
    conversation: ConversationId,
    start: &StartForConversation,
) -> Result<NewSession, ApiError> {
    let customer_id = CustomerId::parse(&start.customer_id).map_err(|error| ApiError::invalid("customer_id", error))?;
    let queue = Queue::parse(&start.queue).map_err(|error| ApiError::invalid("queue", error))?;
    if !by.working_queues().contains(queue.as_str()) {
        return Err(ApiError::invalid("queue", "is not one of yours"));
    }
    let language = start.language.as_deref().map(Language::parse).transpose();
    let integration = app.config.providers.first().map(|(name, _)| name.clone());
    Ok(NewSession {
        id: SessionId::new(app.ids.next()),
        queue,
        customer_id,
        conversation_id: Some(conversation),
        channel: Channel::Video,
        integration: integration.ok_or(ApiError::Later(ProblemCode::Unavailable, 60))?,
        language: language.map_err(|error| ApiError::invalid("language", error))?.unwrap_or_default(),
    })
}

/// Opens a session: row, entry and the provider's start in one transaction, which the caller commits.
pub async fn create(app: &App, mut tx: Box<dyn Tx>, new: NewSession, actor: Actor) -> Result<Changed, ApiError> {
    let policy = &app.config.policy;
    let applied = Session::open(new, policy, app.clock.now());
    let session = applied.session;
    match tx.insert_session(&session, session.wakes_at(policy)).await {
        Err(StoreError::Conflict) => {
            return Err(ApiError::refused(ProblemCode::AlreadyExists, "A session with this id exists already."));
        }
        other => other?,
    }
    let mut entry = NewEntry::done(actor, Action::SessionCreated).on(session.id).in_request(&request_id::current());
    entry.status = Some(session.status());
    entry.detail = Some(session.rules.together());
    tx.record(entry).await?;
    casework::begin(app, &mut *tx, &session, &applied.effects).await?;
    Ok(Changed::added(tx, session))
}
