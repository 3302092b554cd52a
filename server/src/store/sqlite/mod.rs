//! `SQLite`: embedded, the default. WAL, synchronous FULL: what was committed survives a power cut.
//!
//! One connection writes, so that a transaction never meets a busy database; a small pool reads.

mod audit;
mod personal;
mod sessions;
mod sign_ins;
mod work;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, Sqlite, Transaction};

use super::{Store, StoreError, TenantId, Tx};
use crate::clock::Clock;

/// How long a transaction waits for the one writing connection before the request is refused as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A `SQLite` database.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens (and creates, if need be) the database and brings it up to date.
    pub async fn open(options: SqliteConnectOptions, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE_TIMEOUT);
        let pool = || SqlitePoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await.map_err(|error| StoreError::Driver(error.into()))?;
        let readers = pool().max_connections(4).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self { writer, readers, clock })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Box::new(SqliteTx { tx, tenant: tenant.clone(), clock: Arc::clone(&self.clock) }))
    }

    async fn read(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let tx = self.readers.begin().await?;
        Ok(Box::new(SqliteTx { tx, tenant: tenant.clone(), clock: Arc::clone(&self.clock) }))
    }
}

/// One transaction.
pub struct SqliteTx {
    tx: Transaction<'static, Sqlite>,
    tenant: TenantId,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Tx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

/// Reads an id from a column.
fn id<T: FromStr>(row: &SqliteRow, table: &'static str, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column)?.parse().map_err(|_| StoreError::Corrupt { table, column })
}
