//! Pictures of documents and faces: where each lies; and uploads under way, with their parts. Nothing here can be read without the vault.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId, UploadId};
use kyc_wire::photo::Photo;
use kyc_wire::session::CaptureItem;

use super::StoreError;

/// A picture that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Which photo it is.
    pub photo: Photo,
    /// The name of the object in which it lies, sealed.
    pub object: String,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// When it arrived.
    pub received_at: Micros,
}

/// An upload under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUpload {
    /// Its id.
    pub id: UploadId,
    /// Of which session.
    pub session_id: SessionId,
    /// What it will show.
    pub item: CaptureItem,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that have arrived.
    pub received: u64,
    /// When it began.
    pub begun_at: Micros,
}

/// Stores documents and uploads.
#[async_trait]
pub trait Documents: Send {
    /// Keeps where a picture lies, in place of an earlier one of the same photo.
    async fn upsert_document(&mut self, session: SessionId, document: &StoredDocument) -> Result<(), StoreError>;

    /// The picture.
    async fn find_document(&mut self, session: SessionId, photo: Photo) -> Result<Option<StoredDocument>, StoreError>;

    /// Forgets where one picture lies.
    async fn delete_document(&mut self, session: SessionId, photo: Photo) -> Result<(), StoreError>;

    /// The names of the objects in which a session's pictures lie.
    async fn list_objects(&mut self, session: SessionId) -> Result<Vec<String>, StoreError>;

    /// Forgets where a session's pictures lie, and its uploads under way. Gives how many pictures there were.
    async fn delete_documents(&mut self, session: SessionId) -> Result<u64, StoreError>;

    /// Begins an upload, in place of an earlier one of the same item.
    async fn insert_upload(&mut self, upload: &StoredUpload) -> Result<(), StoreError>;

    /// An upload under way.
    async fn find_upload(&mut self, id: UploadId) -> Result<Option<StoredUpload>, StoreError>;

    /// Keeps a part that begins where the last one ended, and counts it.
    async fn insert_part(&mut self, upload: &StoredUpload, sealed: &[u8], received: u64) -> Result<(), StoreError>;

    /// The parts in their order: where each begins, and its envelope.
    async fn list_parts(&mut self, id: UploadId) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// Forgets an upload and its parts.
    async fn delete_upload(&mut self, id: UploadId) -> Result<(), StoreError>;

    /// Forgets uploads that began at `before` or earlier, and their parts, a bounded number of them. Gives how many rows.
    async fn delete_old_uploads(&mut self, before: Micros) -> Result<u64, StoreError>;
}
