//! One session and everything about it that a person is shown, read by one statement: what is read together is of one moment, and a database on
//! another machine is asked once.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId, SignInId};

use super::StoreError;
use super::personal::{StoredField, StoredKey, StoredNote};
use crate::domain::audit::Entry;
use crate::domain::session::Session;

/// Who looks at a dossier.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The person.
    pub person: PersonId,
    /// Her sign-in.
    pub sign_in: SignInId,
    /// Since when an earlier look of hers counts.
    pub since: Micros,
}

/// A session and what is kept about it.
#[derive(Debug)]
pub struct Dossier {
    /// The session itself.
    pub session: Session,
    /// Whether the reader has opened it lately.
    pub was_opened: bool,
    /// The sealed values.
    pub fields: Vec<StoredField>,
    /// The data key that opens them and the notes.
    pub key: Option<StoredKey>,
    /// The notes, oldest first.
    pub notes: Vec<StoredNote>,
    /// Its last audit entries, oldest first.
    pub entries: Vec<Entry>,
    /// The run at a provider that counts, or the latest: the integration, and the provider's id.
    pub run: Option<(String, String)>,
}

/// Reads dossiers.
#[async_trait]
pub trait Dossiers: Send {
    /// The dossier of a session, with so many audit entries at most. `scope` names the data key.
    async fn find_dossier(
        &mut self,
        session: SessionId,
        scope: &str,
        reader: Reader,
        entries: u32,
    ) -> Result<Option<Dossier>, StoreError>;
}
