//! Deleting what is known about a customer when its time is over. The entry in the log is the certificate: what went, how much of it, and
//! for how long a backup could bring it back.

use kyc_wire::ids::JobId;

use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::session::{DataClass, Session};
use crate::http::error::ApiError;
use crate::http::request_id;
use crate::pii::vault::KeyScope;
use crate::state::App;
use crate::store::Tx;
use crate::store::work::JobKind;

/// Deletes one class in the transaction that says so; what lies elsewhere is deleted by jobs that it plans.
pub(super) async fn follow(app: &App, tx: &mut dyn Tx, session: &Session, class: DataClass) -> Result<(), ApiError> {
    let (now, id) = (app.clock.now(), session.id);
    let what = match class {
        DataClass::Documents => {
            let photos = tx.delete_documents(id).await?;
            tx.upsert_job((JobId::new(app.ids.next()), JobKind::DeletePhotos, &id.to_string()), now).await?;
            format!("photos-{photos}")
        }
        DataClass::Interaction => "conversation".to_owned(),
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
