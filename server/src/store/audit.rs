//! The audit chain as it is kept: entries are added through the transaction's [`AuditSink`](crate::domain::audit::AuditSink) and read here.

use async_trait::async_trait;
use kyc_wire::ids::SessionId;

use super::StoreError;
use crate::domain::audit::Entry;
use crate::domain::audit::chain::Head;

/// An entry as it is kept: the JSON is byte for byte what was hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The JSON.
    pub json: String,
    /// The hash.
    pub hash: [u8; 32],
}

/// Reads the chain.
#[async_trait]
pub trait AuditLog: Send {
    /// The end of the chain.
    async fn find_head(&mut self) -> Result<Head, StoreError>;

    /// The head as it was after entry `seq`.
    async fn find_head_at(&mut self, seq: u64) -> Result<Option<Head>, StoreError>;

    /// Entries after `seq`, in order.
    async fn list_entries(&mut self, after: u64, limit: u32) -> Result<Vec<StoredEntry>, StoreError>;

    /// The latest entries about one session, oldest first.
    async fn list_session_entries(&mut self, session: SessionId, limit: u32) -> Result<Vec<Entry>, StoreError>;
}
