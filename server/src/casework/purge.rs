//! Deleting what is known about a customer when its time is over. The entry in the log is the certificate: what went, how much of it, and
//! for how long a backup could bring it back.

use std::collections::BTreeSet;

use kyc_wire::ids::JobId;

use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::names::ConversationId;
use crate::domain::session::{DataClass, Session};
use crate::http::error::ApiError;
use crate::http::request_id;
use crate::pii::vault::KeyScope;
use crate::state::App;
use crate::store::Tx;
use crate::store::work::JobKind;

/// Deletes one class in the transaction that says so; what lies elsewhere is deleted by jobs that it plans.
pub(super) async fn follow(
    app: &App,
    tx: &mut dyn Tx,
    (before, session): (&Session, &Session),
    class: DataClass,
) -> Result<(), ApiError> {
    let (now, id) = (app.clock.now(), session.id);
    let what = match class {
        DataClass::Documents => {
            let photos = tx.delete_documents(id).await?;
            tx.upsert_job((JobId::new(app.ids.next()), JobKind::DeletePhotos, &id.to_string()), now).await?;
            format!("photos-{photos}")
        }
        DataClass::Interaction => {
            forget_conversation(tx, before).await?;
            "conversation".to_owned()
        }
        DataClass::Results => {
            let erased = tx.delete_personal(id, &KeyScope::Session(id).code()).await?;
            let mut runs = 0;
            for run in tx.list_runs(id).await? {
                if !app.config.policy.retention.kept_by.contains(&run.integration) {
                    let subject = format!("{id}:{}", run.run);
                    tx.upsert_job((JobId::new(app.ids.next()), JobKind::DeleteAtProvider, &subject), now).await?;
                    runs += 1;
                }
            }
            format!("fields-{}:notes-{}:runs-{runs}", erased.fields, erased.notes)
        }
    };
    let mut entry = NewEntry::done(Actor::System, Action::Purged).on(id).in_request(&request_id::current());
    entry.detail = Some(format!("{}:{what}:backups-{}d", class.as_str(), app.config.policy.retention.backups_days));
    tx.record(entry).await?;
    Ok(())
}

/// Forgets which conversation it was, wherever that is kept: what the conversation was to be told, also where it never was; what the bank was
/// told of it, or will be; and who was on it, unless another session belongs to it still. A session may have been in an earlier one too.
async fn forget_conversation(tx: &mut dyn Tx, session: &Session) -> Result<(), ApiError> {
    let mut names: BTreeSet<String> =
        session.conversation_id.iter().map(ConversationId::as_str).map(str::to_owned).collect();
    names.extend(tx.find_attributes(session.id).await?.map(|attributes| attributes.conversation_id));
    tx.delete_attributes(session.id).await?;
    for event in tx.list_events(session.id).await? {
        if let Some((name, body)) = without_conversation(&event.body) {
            names.insert(name);
            tx.update_event_body(event.id, &body).await?;
        }
    }
    for name in names {
        tx.delete_conversation(&name).await?;
    }
    Ok(())
}

/// The conversation that an event for the bank names, and the event without it.
fn without_conversation(body: &str) -> Option<(String, String)> {
    let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).ok()?;
    let name = event.remove("conversation_id")?;
    Some((name.as_str().unwrap_or_default().to_owned(), serde_json::Value::Object(event).to_string()))
}
