//! `PostgreSQL`: for several servers on one database.
//!
//! Rows that a transaction will change are locked when they are read, so every rule that holds with one writer holds with many. What was
//! committed is announced to every server by NOTIFY, from triggers: no code path can forget it.

use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kyc_wire::ids::{InboxId, Micros, SessionId, SignInId};
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Executor, Row, Transaction};
use uuid::Uuid;

use super::sql::{self, Dialect, SqlTx};
use super::work::{StoredWebhook, Work};
use super::{Store, StoreError, TenantId, Tx};
use crate::clock::Clock;
use crate::events::{Events, Message};

/// How long a request waits for a connection before it is refused as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections of one server; `PostgreSQL` allows a hundred by default, for all servers together.
const CONNECTIONS: u32 = 16;
/// No statement, lock or forgotten transaction holds others up for longer than this.
const LIMITS: &str =
    "SET statement_timeout = '15s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s'";
/// What a connection is told that brings the database up to date: building an index over all there is, or waiting for another server that
/// does, takes as long as it takes.
pub const UNLIMITED: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";
/// How many write webhooks at the same time: while one waits for the disk, the other sends what has arrived since.
const WRITERS: usize = 2;
/// The channels of the triggers.
const CHANNELS: [&str; 2] = ["kyc_session", "kyc_sign_in"];
/// How long to wait before listening is tried again.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// A `PostgreSQL` database.
pub struct PostgresStore {
    pool: AnyPool,
    options: PgConnectOptions,
    clock: Arc<dyn Clock>,
    /// By which this server knows its own announcements.
    name: String,
    connector: Connector,
    /// Connections that keep webhooks and nothing else: nobody asks whether they are there, neither before nor after each use.
    keepers: Mutex<Vec<AnyConnection>>,
}

/// How connections are made.
#[derive(Clone)]
struct Connector {
    options: AnyConnectOptions,
    /// What each is told first.
    first: String,
}

impl Connector {
    /// A connection beside the pool.
    async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            connection.execute(self.first.as_str()).await?;
            Ok(connection)
        };
        tokio::time::timeout(ACQUIRE_TIMEOUT, connecting).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}

impl PostgresStore {
    /// Opens the database at an address such as `postgres://kyc@db.bank.example/kyc?sslmode=verify-full`, and brings it up to date.
    #[expect(clippy::disallowed_methods, reason = "the address holds the password")]
    pub async fn open(url: &SecretString, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let name = format!("kyc-desk-{}", Uuid::new_v4().simple());
        let options = PgConnectOptions::from_str(url.expose_secret())?.application_name(&name);
        // From the address itself: an address made of the options has lost some of them.
        let any: AnyConnectOptions = url.expose_secret().parse()?;
        migrate(&any).await?;
        let first = format!("{LIMITS}; SET application_name = '{name}'");
        let connector = Connector { options: any.clone(), first };
        let first = connector.first.clone();
        let pool = AnyPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.after_connect(move |connection, _| {
            let first = first.clone();
            Box::pin(async move { connection.execute(first.as_str()).await.map(drop) })
        });
        // The first statement of a transaction is the test.
        let pool = pool.test_before_acquire(false);
        let pool = pool.connect_with(any).await?;
        Ok(Self { pool, options, clock, name, connector, keepers: Mutex::default() })
    }
}

/// Brings the database up to date, on a connection of its own.
async fn migrate(options: &AnyConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    connection.execute(UNLIMITED).await?;
    let done = sqlx::migrate!("migrations/postgres").run(&mut connection).await;
    done.map_err(|error| StoreError::Driver(error.into()))?;
    Ok(connection.close().await?)
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let tx = self.begin_with("BEGIN").await?;
        Ok(Box::new(SqlTx::writing(tx, tenant, &self.clock, Dialect::Postgres)))
    }

    async fn read(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        // One snapshot for all reads of the transaction, as the other database gives.
        let tx = self.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(Box::new(SqlTx::reading(tx, tenant, &self.clock, Dialect::Postgres)))
    }

    async fn glance(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, StoreError> {
        let connection = self.tested().await?;
        Ok(Box::new(SqlTx::single(connection, tenant, &self.clock, Dialect::Postgres)))
    }

    async fn keep_webhooks(&self, tenant: &TenantId, webhooks: &[StoredWebhook]) -> Result<Vec<InboxId>, StoreError> {
        let idle = self.keepers().pop();
        if let Some(connection) = idle {
            match self.keep_on(connection, tenant, webhooks).await {
                // It had ended meanwhile. What may have been kept already is not kept twice.
                Err(StoreError::Driver(error)) if has_ended(&error) => self.keepers().clear(),
                result => return result,
            }
        }
        self.keep_on(self.connector.connect().await?, tenant, webhooks).await
    }

    fn writers(&self) -> usize {
        WRITERS
    }

    async fn find_time(&self) -> Result<Option<Micros>, StoreError> {
        let sql = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT AS now";
        let now: i64 = sqlx::query(sql).fetch_one(&self.pool).await?.try_get("now")?;
        Ok(Some(Micros(now)))
    }

    /// Hands on what other servers announce, for ever. After every interruption streams are told to begin anew: what was announced
    /// meanwhile is lost.
    async fn listen(&self, tenant: &TenantId, events: &Events) {
        loop {
            if let Err(error) = self.listen_once(tenant, events).await {
                let error = error.to_string();
                tracing::warn!(error, "what other servers change is not heard; trying again");
            }
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    }
}

/// Whether a connection has ended: by itself, or because an administrator ended it (`PostgreSQL`, appendix A: class 57, operator
/// intervention).
fn has_ended(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P01" || code == "57P02"),
        _ => false,
    }
}

impl PostgresStore {
    /// Begins a transaction. Connections that have ended meanwhile are passed over, until a new one is made.
    async fn begin_with(&self, statement: &'static str) -> Result<Transaction<'static, Any>, sqlx::Error> {
        for _ in 0..CONNECTIONS {
            match sql::begin(&self.pool, statement).await {
                Err(error) if has_ended(&error) => {}
                result => return result,
            }
        }
        sql::begin(&self.pool, statement).await
    }

    /// A connection that is there.
    async fn tested(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        for _ in 0..CONNECTIONS {
            let mut connection = self.pool.acquire().await?;
            if connection.ping().await.is_ok() {
                return Ok(connection);
            }
        }
        self.pool.acquire().await
    }

    /// Keeps webhooks on this connection, which is kept too unless something went wrong on it.
    async fn keep_on(
        &self,
        connection: AnyConnection,
        tenant: &TenantId,
        webhooks: &[StoredWebhook],
    ) -> Result<Vec<InboxId>, StoreError> {
        let mut tx = SqlTx::apart(connection, tenant, &self.clock, Dialect::Postgres);
        let new = tx.insert_webhooks(webhooks).await?;
        self.keepers().extend(tx.into_apart());
        Ok(new)
    }

    fn keepers(&self) -> MutexGuard<'_, Vec<AnyConnection>> {
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn listen_once(&self, tenant: &TenantId, events: &Events) -> Result<(), sqlx::Error> {
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
        let mut listener = PgListener::connect_with(&pool.connect_with(self.options.clone()).await?).await?;
        listener.listen_all(CHANNELS).await?;
        events.begin_anew();
        // None: the connection was lost, and with it whatever was announced meanwhile.
        while let Some(notification) = listener.try_recv().await? {
            let message = parse(notification.channel(), notification.payload(), (&self.name, tenant));
            if let Some(message) = message {
                events.send(message);
            }
        }
        Ok(())
    }
}

/// What an announcement says, unless it is this server's own or another tenant's.
fn parse(channel: &str, payload: &str, (own, tenant): (&str, &TenantId)) -> Option<Message> {
    let (sender, rest) = payload.split_once(' ')?;
    let (of_tenant, rest) = rest.split_once(' ')?;
    if sender == own || of_tenant != tenant.as_str() {
        return None;
    }
    if channel == "kyc_sign_in" {
        return rest.parse::<SignInId>().ok().map(Message::SignInEnded);
    }
    let mut parts = rest.splitn(3, ' ');
    let session: SessionId = parts.next()?.parse().ok()?;
    let version = parts.next()?.parse().ok()?;
    Some(Message::Changed { session, version, queue: parts.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "0198c5a0-0000-7000-8000-00000000000f";

    fn heard(channel: &str, payload: &str) -> Option<Message> {
        parse(channel, payload, ("kyc-desk-me", &TenantId::default()))
    }

    #[test]
    fn what_another_server_changed_is_understood() {
        let found = heard("kyc_session", &format!("kyc-desk-other default {SESSION} 7 Retail DE"));
        let Some(Message::Changed { session, version, queue }) = found else { panic!("{found:?}") };
        assert_eq!((session.to_string().as_str(), version, queue.as_str()), (SESSION, 7, "Retail DE"));
        let found = heard("kyc_sign_in", &format!("kyc-desk-other default {SESSION}"));
        assert!(matches!(found, Some(Message::SignInEnded(id)) if id.to_string() == SESSION), "{found:?}");
    }

    #[test]
    fn ones_own_words_other_tenants_and_nonsense_are_passed_over() {
        for payload in [
            format!("kyc-desk-me default {SESSION} 7 q"),
            format!("kyc-desk-other another {SESSION} 7 q"),
            format!("kyc-desk-other default {SESSION} seven q"),
            format!("kyc-desk-other default {SESSION}"),
            "kyc-desk-other default nonsense 7 q".to_owned(),
            String::new(),
        ] {
            assert!(heard("kyc_session", &payload).is_none(), "{payload}");
        }
    }
}
