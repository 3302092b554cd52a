//! What is known about customers: sealed values, notes, runs at providers. Nothing here can be read without the vault.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, NoteId, PersonId, SessionId};
use kyc_wire::masked::Field;
use kyc_wire::session::Origin;

use super::StoreError;

/// A data key, wrapped by the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Which master key wrapped it.
    pub master_key_id: String,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

/// A sealed value of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredField {
    /// Claimed, or read from the document.
    pub origin: Origin,
    /// Which field.
    pub field: Field,
    /// The envelope.
    pub sealed: Vec<u8>,
}

/// A sealed note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNote {
    /// The note.
    pub id: NoteId,
    /// Who wrote it.
    pub author: PersonId,
    /// When.
    pub at: Micros,
    /// The envelope.
    pub sealed: Vec<u8>,
}

/// A run at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// The configured integration.
    pub integration: String,
    /// The provider's own id.
    pub provider_ref: String,
    /// All that the provider calls it, as its client wrote it down; none for a run from before that was kept.
    pub provider_names: Option<String>,
    /// Our session.
    pub session_id: SessionId,
    /// Number of the run.
    pub run: u32,
    /// Sealed: whoever has the link can continue the capture.
    pub capture_url: Vec<u8>,
    /// When it was started.
    pub started_at: Micros,
}

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Sealed values.
    pub fields: u64,
    /// Notes.
    pub notes: u64,
}

/// Stores what is known about customers.
#[async_trait]
pub trait Personal: Send {
    /// The wrapped data key of a scope.
    async fn find_key(&mut self, scope: &str) -> Result<Option<StoredKey>, StoreError>;

    /// Keeps a new data key; [`StoreError::Conflict`] when the scope has one.
    async fn insert_key(&mut self, scope: &str, key: &StoredKey) -> Result<(), StoreError>;

    /// Keeps a sealed value, in place of an earlier one.
    async fn upsert_field(&mut self, session: SessionId, field: &StoredField) -> Result<(), StoreError>;

    /// All sealed values of a session.
    async fn list_fields(&mut self, session: SessionId) -> Result<Vec<StoredField>, StoreError>;

    /// Forgets the values of one origin.
    async fn delete_fields(&mut self, session: SessionId, origin: Origin) -> Result<(), StoreError>;

    /// Keeps a note.
    async fn insert_note(&mut self, session: SessionId, note: &StoredNote) -> Result<(), StoreError>;

    /// The notes of a session, oldest first.
    async fn list_notes(&mut self, session: SessionId) -> Result<Vec<StoredNote>, StoreError>;

    /// Keeps a run.
    async fn insert_run(&mut self, run: &StoredRun) -> Result<(), StoreError>;

    /// The run with this id at the provider.
    async fn find_run(&mut self, integration: &str, provider_ref: &str) -> Result<Option<StoredRun>, StoreError>;

    /// The runs of a session, the first one first.
    async fn list_runs(&mut self, session: SessionId) -> Result<Vec<StoredRun>, StoreError>;

    /// Forgets everything that is sealed about a customer, with the key that opens it.
    async fn delete_personal(&mut self, session: SessionId, scope: &str) -> Result<Erased, StoreError>;

    /// The latest run of a session.
    async fn find_latest_run(&mut self, session: SessionId) -> Result<Option<StoredRun>, StoreError>;
}
