//! Which database an installation stands on, and a way to look at it from outside.

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Connection, Executor};
use tempfile::TempDir;

use crate::postgres;

/// The kinds there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// What every test stands on that does not say otherwise: `KYC_TEST_DATABASE=postgres` runs them all on the other one.
    #[expect(clippy::disallowed_methods, reason = "the one choice of whoever runs the tests")]
    pub fn usual() -> Self {
        match std::env::var("KYC_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres,
            Ok("sqlite") | Err(_) => Self::Sqlite,
            Ok(other) => panic!("KYC_TEST_DATABASE is {other}; it can be sqlite or postgres"),
        }
    }
}

/// A database of its own for one test.
#[derive(Debug)]
pub struct Database {
    /// Which kind.
    pub kind: Kind,
    /// Its address.
    pub url: String,
}

impl Database {
    /// An empty one. A file lies in `directory`.
    pub async fn fresh(kind: Kind, directory: &TempDir) -> Self {
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}", directory.path().join("kyc.db").display()),
            Kind::Postgres => postgres::fresh_database().await,
        };
        Self { kind, url }
    }

    /// Connections that know nothing of tenants and rules.
    pub async fn raw(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        AnyPoolOptions::new().max_connections(1).connect(&self.url).await.unwrap()
    }

    /// The names of its tables.
    pub async fn tables(&self) -> Vec<String> {
        let sql = match self.kind {
            Kind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Kind::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'"
            }
        };
        let mut tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&self.raw().await).await.unwrap();
        tables.retain(|table| !table.starts_with("_sqlx"));
        tables
    }

    /// Tells the server something about this database, whose name stands for `{name}`.
    pub async fn tell_server(&self, sql: &str) {
        let (server, name) = self.url.rsplit_once('/').unwrap();
        let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
        connection.execute(sql.replace("{name}", name).as_str()).await.unwrap();
    }

    /// Ends every connection to this database.
    pub async fn end_connections(&self) {
        self.tell_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'").await;
    }

    /// From now on no audit entry can be written.
    pub async fn refuse_entries(&self) {
        let sql = match self.kind {
            Kind::Sqlite => {
                "CREATE TRIGGER disk_is_full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            }
            Kind::Postgres => {
                "CREATE OR REPLACE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk is full'; END $$; \
                 CREATE TRIGGER disk_is_full BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION disk_is_full()"
            }
        };
        self.raw().await.execute(sql).await.unwrap();
    }

    /// Entries can be written again.
    pub async fn take_entries(&self) {
        let sql = match self.kind {
            Kind::Sqlite => "DROP TRIGGER disk_is_full",
            Kind::Postgres => "DROP TRIGGER disk_is_full ON audit_entry",
        };
        self.raw().await.execute(sql).await.unwrap();
    }
}
