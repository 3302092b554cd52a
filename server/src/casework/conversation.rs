//! A session and its conversation in the contact centre: whether who works on it is on the line, and what the conversation is told of it.

use kyc_wire::ids::JobId;
use kyc_wire::me::Role;

use crate::auth::Staff;
use crate::domain::command::Effect;
use crate::domain::names::ConversationId;
use crate::domain::session::Session;
use crate::genesys::attributes;
use crate::http::error::ApiError;
use crate::state::App;
use crate::store::Tx;
use crate::store::work::JobKind;

/// What must hold of a person before she may open or work on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Nothing: she oversees the queue, reads everything, the session never belonged to a conversation, or agents are not checked here.
    Any,
    /// She is an agent on this conversation.
    On(&'a ConversationId),
    /// Nobody is: which conversation it was is deleted.
    Forgotten,
}

/// What is asked of this person for this session.
pub fn must_be_on<'a>(app: &App, by: &Staff, session: &'a Session) -> Line<'a> {
    let is_asked = app.genesys.as_ref().is_some_and(|genesys| genesys.settings().check_agent);
    let is_free = by.has(Role::Auditor) || by.has_in(Role::Supervisor, session.queue.as_str());
    match &session.conversation_id {
        _ if !is_asked || is_free => Line::Any,
        Some(conversation) => Line::On(conversation),
        None if session.is_of_forgotten_conversation() => Line::Forgotten,
        None => Line::Any,
    }
}

/// Whether she may go on as far as the conversation is concerned. Genesys is not asked here, within a transaction: it was when she opened
/// the session, and who never did is not known to be on the line.
pub(super) async fn is_on(app: &App, tx: &mut dyn Tx, by: &Staff, session: &Session) -> Result<bool, ApiError> {
    match must_be_on(app, by, session) {
        Line::On(conversation) => Ok(tx.find_on_conversation(conversation.as_str(), by.person()).await?),
        Line::Any => Ok(true),
        Line::Forgotten => Ok(false),
    }
}

/// Plans what the conversation is told, in the transaction of the change itself.
pub(super) async fn tell(app: &App, tx: &mut dyn Tx, session: &Session, effects: &[Effect]) -> Result<(), ApiError> {
    let (Some(genesys), Some(conversation)) = (&app.genesys, &session.conversation_id) else { return Ok(()) };
    let (now, subject) = (app.clock.now(), session.id.to_string());
    let body = attributes::of(session).to_string();
    if tx.upsert_attributes(session.id, (conversation.as_str(), &body), now).await? {
        tx.upsert_job((JobId::new(app.ids.next()), JobKind::WriteAttributes, &subject), now).await?;
    }
    let is_new_state = effects.iter().any(|effect| matches!(effect, Effect::StatusChanged { .. }));
    if is_new_state && genesys.settings().wrapup_codes.contains_key(&session.status()) {
        tx.upsert_job((JobId::new(app.ids.next()), JobKind::WrapUp, &subject), now).await?;
    }
    Ok(())
}
