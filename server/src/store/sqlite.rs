//! `SQLite`: embedded, the default. WAL, synchronous FULL: what was committed survives a power cut.
//!
//! One connection writes, so that a transaction never meets a busy database; a small pool reads.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_wire::ids::{InboxId, Micros};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyPool, Executor};

use super::sql::{self, Dialect, SqlTx};
use super::work::{StoredWebhook, Work};
use super::{Store, StoreError, TenantId, Tx};
use crate::clock::Clock;
use crate::events::Events;

/// How long a transaction waits for the one writing connection before the request is refused as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// What every connection is told first. What is deleted is overwritten: a key that is erased must not be left in a free page. The log is
/// carried over after 16 MB and not after 4: most commits write the same few pages again, and those are carried over once.
const WRITING: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; \
     PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000";
/// And what those are told that only read.
const READING: &str = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON";

/// A `SQLite` database.
pub struct SqliteStore {
    writer: AnyPool,
    readers: AnyPool,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens (and creates, if need be) the database at an address such as `sqlite:/var/lib/kyc-desk/kyc.db`, and brings it up to date.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        create_for_us_alone(SqliteConnectOptions::from_str(url)?.get_filename())?;
        let mode = if url.contains('?') { "&mode=rwc" } else { "?mode=rwc" };
        let options: AnyConnectOptions = format!("{url}{mode}").parse()?;
        let writer = pool(1, WRITING).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await.map_err(|error| StoreError::Driver(error.into()))?;
        // Says how the rows are spread, so that the right index is chosen. Without it, on a full disk, everything still works.
        if let Err(error) = writer.execute("PRAGMA optimize = 0x10002").await {
            tracing::warn!(error = %error, "the database could not count its rows");
        }
        let readers = pool(4, READING).connect_with(options).await?;
        Ok(Self { writer, readers, clock })
    }
}

/// Makes the file so that nobody else on this machine can read it; the files beside it get the same permissions from the database itself.
fn create_for_us_alone(file: &Path) -> Result<(), StoreError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match created {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::Driver(error.into())),
        _ => Ok(()),
    }
}

fn pool(connections: u32, first: &'static str) -> AnyPoolOptions {
    let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    // A file does not hang up.
    let options = options.test_before_acquire(false);
    options.after_connect(move |connection, _| Box::pin(async move { connection.execute(first).await.map(drop) }))
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let tx = sql::begin(&self.writer, "BEGIN IMMEDIATE").await?;
        Ok(Box::new(SqlTx::writing(tx, tenant, &self.clock, Dialect::Sqlite)))
    }

    async fn read(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let tx = sql::begin(&self.readers, "BEGIN").await?;
        Ok(Box::new(SqlTx::reading(tx, tenant, &self.clock, Dialect::Sqlite)))
    }

    async fn glance(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let connection = self.readers.acquire().await?;
        Ok(Box::new(SqlTx::single(connection, tenant, &self.clock, Dialect::Sqlite)))
    }

    async fn keep_webhooks(&self, tenant: &TenantId, webhooks: &[StoredWebhook]) -> Result<Vec<InboxId>, StoreError> {
        let connection = self.writer.acquire().await?;
        SqlTx::single(connection, tenant, &self.clock, Dialect::Sqlite).insert_webhooks(webhooks).await
    }

    fn writers(&self) -> usize {
        1
    }

    async fn find_time(&self) -> Result<Option<Micros>, StoreError> {
        Ok(None)
    }

    async fn listen(&self, _: &TenantId, _: &Events) {
        // One server has the file for itself.
        std::future::pending::<()>().await;
    }
}
