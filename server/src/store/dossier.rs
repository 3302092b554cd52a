//! Everything about one session that a person is shown, read by one statement: what is read together is of one moment, and a database on
//! another machine is asked once.

use async_trait::async_trait;
use kyc_wire::ids::SessionId;

use super::StoreError;
use super::personal::{StoredField, StoredKey, StoredNote};
use crate::domain::audit::Entry;

/// What is kept about a session beside its own row.
#[derive(Debug, Default)]
pub struct Dossier {
    /// The sealed values.
    pub fields: Vec<StoredField>,
    /// The data key that opens them and the notes.
    pub key: Option<StoredKey>,
    /// The notes, oldest first.
    pub notes: Vec<StoredNote>,
    /// Its last audit entries, oldest first.
    pub entries: Vec<Entry>,
    /// The latest run at a provider: the integration, and the provider's id.
    pub run: Option<(String, String)>,
}

/// Reads dossiers.
#[async_trait]
pub trait Dossiers: Send {
    /// The dossier of a session, with so many audit entries at most. `scope` names the data key.
    async fn find_dossier(&mut self, session: SessionId, scope: &str, entries: u32) -> Result<Dossier, StoreError>;
}
