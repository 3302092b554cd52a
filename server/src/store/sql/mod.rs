//! The traits of the store, written once in the SQL that both databases speak. What differs between them is named by [`Dialect`].

mod assertions;
mod audit;
mod confirm_codes;
mod conversations;
mod customers;
mod documents;
mod dossier;
mod idp_logouts;
mod personal;
mod sessions;
mod sign_ins;
mod statement;
mod step_ups;
mod work;

use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use kyc_wire::ids::Micros;
use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Row, Transaction};

use super::{StoreError, TenantId, Tx};
use crate::clock::Clock;

/// Rows deleted at once when they are over, so that nobody waits long behind it.
const BATCH: i64 = 500;

/// Where the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// One transaction writes at a time: what it has read stays as it is.
    Sqlite,
    /// Many write at a time: what is read in order to be changed is locked first.
    Postgres,
}

impl Dialect {
    /// The name of a row's own address.
    const fn row_address(self) -> &'static str {
        match self {
            Self::Sqlite => "rowid",
            Self::Postgres => "ctid",
        }
    }
}

/// The connection of one transaction, or of single statements.
enum Held {
    Transaction(Transaction<'static, Any>),
    Single(PoolConnection<Any>),
    Apart(AnyConnection),
}

impl Deref for Held {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::Single(connection) => connection,
            Self::Apart(connection) => connection,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::Single(connection) => connection,
            Self::Apart(connection) => connection,
        }
    }
}

/// Begins a transaction, in a task of its own: the future of a caller who hangs up is dropped at any point, and one that is dropped between
/// the beginning and hearing of it would leave the connection to the next one in a transaction that nobody ends.
pub(super) async fn begin(pool: &AnyPool, sql: &'static str) -> Result<Transaction<'static, Any>, sqlx::Error> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(sql).await });
    begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// One transaction.
pub(super) struct SqlTx {
    tx: Held,
    tenant: TenantId,
    clock: Arc<dyn Clock>,
    dialect: Dialect,
    may_write: bool,
}

impl SqlTx {
    /// A transaction that has begun and may write.
    pub(super) fn writing(
        tx: Transaction<'static, Any>,
        tenant: &TenantId,
        clock: &Arc<dyn Clock>,
        dialect: Dialect,
    ) -> Self {
        Self::of(Held::Transaction(tx), tenant, clock, dialect)
    }

    fn of(tx: Held, tenant: &TenantId, clock: &Arc<dyn Clock>, dialect: Dialect) -> Self {
        Self { tx, tenant: tenant.clone(), clock: Arc::clone(clock), dialect, may_write: true }
    }

    /// A transaction that has begun and only reads.
    pub(super) fn reading(
        tx: Transaction<'static, Any>,
        tenant: &TenantId,
        clock: &Arc<dyn Clock>,
        dialect: Dialect,
    ) -> Self {
        Self { may_write: false, ..Self::writing(tx, tenant, clock, dialect) }
    }

    /// A connection for one statement, which locks nothing for another.
    pub(super) fn single(
        connection: PoolConnection<Any>,
        tenant: &TenantId,
        clock: &Arc<dyn Clock>,
        dialect: Dialect,
    ) -> Self {
        Self { may_write: false, ..Self::of(Held::Single(connection), tenant, clock, dialect) }
    }

    /// A connection that is in no pool, for single statements.
    pub(super) fn apart(
        connection: AnyConnection,
        tenant: &TenantId,
        clock: &Arc<dyn Clock>,
        dialect: Dialect,
    ) -> Self {
        Self { may_write: false, ..Self::of(Held::Apart(connection), tenant, clock, dialect) }
    }

    /// The connection that is in no pool, for the next statement.
    pub(super) fn into_apart(self) -> Option<AnyConnection> {
        if let Held::Apart(connection) = self.tx { Some(connection) } else { None }
    }

    /// Whether what is read must be locked, because others may change it before this transaction does.
    const fn must_lock(&self) -> bool {
        self.may_write && matches!(self.dialect, Dialect::Postgres)
    }

    /// What to put behind a query whose row this transaction is going to change.
    const fn for_update(&self) -> &'static str {
        if self.must_lock() { " FOR UPDATE" } else { "" }
    }

    /// The same where somebody else's row is passed over.
    const fn for_update_if_free(&self) -> &'static str {
        if self.must_lock() { " FOR UPDATE SKIP LOCKED" } else { "" }
    }

    /// Lets only one transaction at a time go on with `what`, for rows that do not exist yet and so cannot be locked.
    async fn alone(&mut self, what: &str) -> Result<(), StoreError> {
        if self.must_lock() {
            let name = format!("{}\n{what}", self.tenant.as_str());
            sqlx::query("SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS locked")
                .bind(name)
                .fetch_one(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// Deletes a batch of rows whose time is over. Gives how many.
    async fn delete_before(&mut self, table: &str, column: &str, before: Micros) -> Result<u64, StoreError> {
        let address = self.dialect.row_address();
        let sql = format!(
            "DELETE FROM {table} WHERE {address} IN (SELECT {address} FROM {table} WHERE tenant_id = $1 AND {column} <= $2 LIMIT $3)"
        );
        let done = sqlx::query(&sql).bind(self.tenant.as_str()).bind(before.0).bind(BATCH);
        Ok(done.execute(&mut *self.tx).await?.rows_affected())
    }
}

#[async_trait]
impl Tx for SqlTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        match self.tx {
            Held::Transaction(transaction) => Ok(transaction.commit().await?),
            Held::Single(_) | Held::Apart(_) => Ok(()),
        }
    }
}

/// Reads an id from a column.
fn id<T: FromStr>(row: &AnyRow, table: &'static str, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column)?.parse().map_err(|_| StoreError::Corrupt { table, column })
}
