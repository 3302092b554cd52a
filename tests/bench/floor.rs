//! What could at best be had: the same database with nothing around it.

use std::path::Path;
use std::str::FromStr;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp, postgres};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::load::per_second;

/// Bare connections of one kind.
#[derive(Clone)]
pub enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

fn sqlite(url: &str) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::from_str(url).unwrap().create_if_missing(true);
    options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
}

impl Bare {
    /// To the database of an installation, for reading.
    pub async fn beside(app: &TestApp) -> Self {
        match app.database.kind {
            Kind::Sqlite => {
                let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
                Self::Sqlite(pool.connect_with(sqlite(&app.database.url)).await.unwrap())
            }
            Kind::Postgres => Self::Postgres(
                PgPoolOptions::new()
                    .max_connections(16)
                    .test_before_acquire(false)
                    .connect(&app.database.url)
                    .await
                    .unwrap(),
            ),
        }
    }

    /// To a new database with one table, for writing.
    pub async fn empty(kind: Kind, folder: &Path) -> Self {
        let create = "CREATE TABLE floor (id TEXT PRIMARY KEY, body TEXT NOT NULL)";
        match kind {
            Kind::Sqlite => {
                let url = format!("sqlite:{}", folder.join("floor.db").display());
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .test_before_acquire(false)
                    .connect_with(sqlite(&url))
                    .await
                    .unwrap();
                sqlx::query(create).execute(&pool).await.unwrap();
                Self::Sqlite(pool)
            }
            Kind::Postgres => {
                let url = postgres::durable_database().await;
                let pool =
                    PgPoolOptions::new().max_connections(64).test_before_acquire(false).connect(&url).await.unwrap();
                sqlx::query(create).execute(&pool).await.unwrap();
                Self::Postgres(pool)
            }
        }
    }

    async fn insert(&self, id: String, body: &str) {
        let sql = "INSERT INTO floor (id, body) VALUES ($1, $2)";
        match self {
            Self::Sqlite(pool) => drop(sqlx::query(sql).bind(id).bind(body).execute(pool).await.unwrap()),
            Self::Postgres(pool) => drop(sqlx::query(sql).bind(id).bind(body).execute(pool).await.unwrap()),
        }
    }

    async fn row(&self, id: &str) -> String {
        let sql = "SELECT body FROM session WHERE tenant_id = 'default' AND id = $1";
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.unwrap(),
        }
    }

    /// Transactions of one row of this size per second: each durable before the next of its connection begins.
    pub async fn commits(&self, connections: usize, size: usize, run: usize) -> f64 {
        let body = "x".repeat(size);
        per_second(connections, |numbers| {
            let (bare, body) = (self.clone(), body.clone());
            async move {
                while let Some(number) = numbers.next() {
                    bare.insert(format!("{run}-{connections}-{number}"), &body).await;
                    numbers.done();
                }
            }
        })
        .await
    }
}

/// One handler that reads one row and sends it.
pub fn one_row(bare: Bare, id: &str) -> Router {
    let id = id.to_owned();
    let handler = async move |State(bare): State<Bare>| {
        ([(header::CONTENT_TYPE, "application/json")], bare.row(&id).await).into_response()
    };
    Router::new().route("/", get(handler)).with_state(bare)
}

/// An installation that asks nobody to wait, on a database that keeps what it has said it keeps.
pub async fn installation(kind: Kind) -> TestApp {
    let http = "guest_requests_per_minute = 1000000000\nclient_requests_per_minute = 1000000000\n\
                staff_requests_per_minute = 1000000000";
    TestApp::with(Setup { database: kind, is_durable: true, http, ..Setup::default() }).await
}
