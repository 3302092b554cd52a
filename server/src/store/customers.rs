//! How customers reach their page: links, and the visits that links have begun.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId};

use super::StoreError;

/// A link. Its token is not here: only what it follows from together with the session's data key, and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The one session it leads to.
    pub session_id: SessionId,
    /// What the token follows from, together with the session's data key.
    pub nonce: [u8; 16],
    /// When it was issued.
    pub issued_at: Micros,
    /// When it ends by itself.
    pub expires_at: Micros,
    /// When it was taken back.
    pub revoked_at: Option<Micros>,
}

impl StoredLink {
    /// Whether it opens anything.
    pub fn is_open(&self, now: Micros) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Stores links and visits.
#[async_trait]
pub trait Customers: Send {
    /// Keeps a link.
    async fn insert_link(&mut self, link: &StoredLink) -> Result<(), StoreError>;

    /// The link whose token has this hash.
    async fn find_link(&mut self, hash: &[u8; 32]) -> Result<Option<StoredLink>, StoreError>;

    /// The latest link of a session.
    async fn find_latest_link(&mut self, session: SessionId) -> Result<Option<StoredLink>, StoreError>;

    /// Takes back every link of a session that is still open. Gives how many there were.
    async fn update_links_revoked(&mut self, session: SessionId, now: Micros) -> Result<u64, StoreError>;

    /// Keeps a visit that a link has begun, under the hash of its cookie.
    async fn insert_visit(&mut self, hash: &[u8; 32], link: &[u8; 32], expires_at: Micros) -> Result<(), StoreError>;

    /// The link by which the visit with this hash began, while the visit lasts. Whether the link is still open is for the caller to ask.
    async fn find_visited_link(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<StoredLink>, StoreError>;

    /// Forgets links and visits that ended at `before` or earlier, a bounded number of them. Gives how many.
    async fn delete_ended_links(&mut self, before: Micros) -> Result<u64, StoreError>;
}
