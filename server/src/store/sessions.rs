//! Sessions: one row each, with the columns that lists are made of and the whole session as JSON. The row holds ids and codes only.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId, SignInId};
use kyc_wire::list::{Sort, View};
use kyc_wire::session::Status;

use super::StoreError;
use crate::domain::session::Session;

/// Which queues a person may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queues {
    /// Every queue.
    All,
    /// These.
    Only(Vec<String>),
}

impl Queues {
    /// From the names a role maps to; `*` is every queue.
    pub fn of(names: &[String]) -> Self {
        if names.iter().any(|name| name == "*") { Self::All } else { Self::Only(names.to_vec()) }
    }

    /// Whether `queue` is one of them.
    pub fn contains(&self, queue: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == queue),
        }
    }
}

/// Which sessions to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The saved view.
    pub view: View,
    /// Only this state.
    pub status: Option<Status>,
    /// Only these queues.
    pub queues: Queues,
    /// The beginning of a session id, a whole customer id or a whole conversation id.
    pub q: Option<String>,
    /// The person who asks.
    pub person: PersonId,
    /// The time now.
    pub now: Micros,
    /// Midnight in the bank's time zone.
    pub midnight: Micros,
    /// A session that entered its state before this has waited too long.
    pub waiting_before: Micros,
    /// One that entered final approval before this should have been approved.
    pub approval_before: Micros,
    /// A provider that has kept us waiting since before this is slow.
    pub slow_before: Micros,
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Whether the last row was flagged.
    pub is_flagged: bool,
    /// Its time, by which the list is sorted.
    pub at: Micros,
    /// Its id.
    pub id: SessionId,
}

/// Stores sessions.
#[async_trait]
pub trait Sessions: Send {
    /// Adds a session; [`StoreError::Conflict`] when its id is taken.
    async fn insert_session(&mut self, session: &Session, wakes_at: Option<Micros>) -> Result<(), StoreError>;

    /// The session with this id.
    async fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Sessions of a Genesys conversation, the latest first. Who may write keeps others from starting one for it meanwhile.
    async fn list_sessions_of_conversation(
        &mut self,
        conversation_id: &str,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// The session that has waited longest for an agent, in these queues. With a person, only one that belongs to no conversation or to one
    /// that she is known to be on.
    async fn find_next_waiting(
        &mut self,
        queues: &Queues,
        on_conversation: Option<PersonId>,
        now: Micros,
    ) -> Result<Option<Session>, StoreError>;

    /// A page of sessions.
    async fn list_sessions(
        &mut self,
        filter: &Filter,
        order: (Sort, Option<&Cursor>),
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// How many sessions a filter finds, counting to 1,000 at most.
    async fn count_sessions(&mut self, filter: &Filter) -> Result<u32, StoreError>;

    /// Sessions, open or ended, whose clock has something to change by now.
    async fn list_waking(&mut self, is_final: bool, now: Micros, limit: u32) -> Result<Vec<SessionId>, StoreError>;

    /// Sessions that have ended by then, in the order of their ids and after this one.
    async fn list_ended(
        &mut self,
        by: Micros,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// Replaces a session; [`StoreError::Conflict`] when it is no longer at `version`.
    async fn update_session(
        &mut self,
        session: &Session,
        version: u64,
        wakes_at: Option<Micros>,
    ) -> Result<(), StoreError>;

    /// Notes that a person looks at a session in one sign-in; true when she had not since `since`.
    async fn note_access(
        &mut self,
        session: SessionId,
        by: (PersonId, SignInId),
        at: Micros,
        since: Micros,
    ) -> Result<bool, StoreError>;

    /// Forgets looks from `before` or earlier, a bounded number of them. Gives how many.
    async fn delete_accesses(&mut self, before: Micros) -> Result<u64, StoreError>;
}
