//! What is kept about conversations of the contact centre: who was on which, and what its participants' attributes are to say.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId};

use super::StoreError;

/// What the attributes of a conversation are to say of a session: ids and codes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttributes {
    /// The conversation.
    pub conversation_id: String,
    /// The attributes, as a JSON object.
    pub body: String,
    /// Counts changes.
    pub revision: i64,
    /// The last change that was delivered, or given up.
    pub delivered: i64,
}

/// Stores what belongs to conversations.
#[async_trait]
pub trait Conversations: Send {
    /// Keeps by which hash a person is known in the contact centre; none when her identity provider does not say.
    async fn upsert_genesys_user(&mut self, person: PersonId, hash: Option<&[u8; 32]>) -> Result<(), StoreError>;

    /// By which hash she is known there.
    async fn find_genesys_user(&mut self, person: PersonId) -> Result<Option<[u8; 32]>, StoreError>;

    /// Keeps that a person is, or was, an agent on a conversation.
    async fn upsert_on_conversation(
        &mut self,
        conversation_id: &str,
        person: PersonId,
        at: Micros,
    ) -> Result<(), StoreError>;

    /// Whether that is known.
    async fn find_on_conversation(&mut self, conversation_id: &str, person: PersonId) -> Result<bool, StoreError>;

    /// Keeps what the attributes are to say; false when they are to say that already.
    async fn upsert_attributes(
        &mut self,
        session: SessionId,
        (conversation_id, body): (&str, &str),
        at: Micros,
    ) -> Result<bool, StoreError>;

    /// What they are to say.
    async fn find_attributes(&mut self, session: SessionId) -> Result<Option<StoredAttributes>, StoreError>;

    /// Forgets what they are to say, delivered or not.
    async fn delete_attributes(&mut self, session: SessionId) -> Result<(), StoreError>;

    /// Forgets who was on a conversation and that its recording is to go on, unless a session belongs to it still.
    async fn delete_conversation(&mut self, conversation_id: &str) -> Result<(), StoreError>;

    /// Notes that a change was delivered or given up; false when there is a later one.
    async fn update_attributes_delivered(
        &mut self,
        session: SessionId,
        revision: i64,
        at: Micros,
    ) -> Result<bool, StoreError>;

    /// Forgets who was on a conversation at `before` or earlier, and attributes that were delivered by then, a bounded number of them. Gives
    /// how many.
    async fn delete_conversations(&mut self, before: Micros) -> Result<u64, StoreError>;
}
