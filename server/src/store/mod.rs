//! What is kept, and how it is asked for.
//!
//! [`Store::begin`] gives a [`Tx`]; nothing lasts until [`Tx::commit`], and dropping it rolls back. A transaction belongs to one
//! tenant, whose id begins every key. Each aggregate has a file with its types and its trait; `sql` implements the traits in files of
//! the same names, for both databases. The store never sees a clear value about a person: what it is given is sealed.

pub mod assertions;
pub mod audit;
pub mod confirm_codes;
pub mod conversations;
pub mod customers;
pub mod documents;
pub mod dossier;
pub mod idp_logouts;
pub mod personal;
pub mod postgres;
pub mod sessions;
pub mod sign_ins;
mod sql;
pub mod sqlite;
pub mod step_ups;
pub mod work;

use async_trait::async_trait;
use kyc_wire::ids::{InboxId, Micros};

use self::work::StoredWebhook;
use crate::domain::audit::AuditSink;
use crate::events::Events;

/// What can go wrong when storing. Absence is not an error: `find_*` gives an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this key exists, or the row changed since it was read. The transaction is over: it can only be dropped.
    #[error("the row exists already or has changed")]
    Conflict,
    /// A stored value cannot be read back.
    #[error("corrupt value in {table}.{column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The database refused or could not be reached.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Conflict,
            _ => Self::Driver(error),
        }
    }
}

/// The id of a tenant; `default` while there is only one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(String);

impl TenantId {
    /// Wraps a tenant's id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction that may write.
    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError>;

    /// Opens a transaction that only reads; a write in it fails.
    async fn read(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError>;

    /// For one statement that only reads, and is of one moment by itself: spares the two that begin and end a transaction.
    async fn glance(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError>;

    /// Keeps webhooks in one statement, which lasts when this returns; gives those that are new, as [`Work::insert_webhooks`] does.
    ///
    /// [`Work::insert_webhooks`]: work::Work::insert_webhooks
    async fn keep_webhooks(&self, tenant: &TenantId, webhooks: &[StoredWebhook]) -> Result<Vec<InboxId>, StoreError>;

    /// How many may write at the same time to some use.
    fn writers(&self) -> usize;

    /// The time of the database's own clock; none where it has the clock of this machine.
    async fn find_time(&self) -> Result<Option<Micros>, StoreError>;

    /// Hands on what other servers on the same database change, for ever.
    async fn listen(&self, tenant: &TenantId, events: &Events);
}

/// One transaction of one tenant.
#[async_trait]
pub trait Tx:
    AuditSink
    + audit::AuditLog
    + conversations::Conversations
    + customers::Customers
    + documents::Documents
    + dossier::Dossiers
    + assertions::Assertions
    + confirm_codes::ConfirmCodes
    + idp_logouts::IdpLogouts
    + personal::Personal
    + sessions::Sessions
    + sign_ins::SignIns
    + step_ups::StepUps
    + work::Work
{
    /// Makes everything last, or nothing.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
